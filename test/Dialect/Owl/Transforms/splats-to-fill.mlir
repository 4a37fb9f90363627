// RUN: owl-opt %s --owl-splats-to-fill | FileCheck %s

// More than 64 bytes as they are stored, which an i1 takes one of.
// CHECK-LABEL: @large
// CHECK-COUNT-3: linalg.fill
func.func @large() -> (tensor<65xi8>, tensor<65xi1>, tensor<17xf32>) {
  %a = arith.constant dense<1> : tensor<65xi8>
  %b = arith.constant dense<true> : tensor<65xi1>
  %c = arith.constant dense<1.0> : tensor<17xf32>
  return %a, %b, %c : tensor<65xi8>, tensor<65xi1>, tensor<17xf32>
}

// CHECK-LABEL: @small
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @small() -> (tensor<64xi8>, tensor<64xi1>, tensor<16xf32>) {
  %a = arith.constant dense<1> : tensor<64xi8>
  %b = arith.constant dense<true> : tensor<64xi1>
  %c = arith.constant dense<1.0> : tensor<16xf32>
  return %a, %b, %c : tensor<64xi8>, tensor<64xi1>, tensor<16xf32>
}

// CHECK-LABEL: @no_splat
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @no_splat() -> tensor<17xf32> {
  %a = arith.constant dense<[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<17xf32>
  return %a : tensor<17xf32>
}
