// RUN: owl-opt %s --owl-elementwise-to-linalg --owl-fuse-elementwise | FileCheck %s
// RUN: owl-opt %s --owl-elementwise-to-linalg --owl-fuse-elementwise=max-cost=40 | FileCheck %s --check-prefix=LIMIT

// One loop, unless that would do too much for each element.
// CHECK-LABEL: @chain
// CHECK-COUNT-1: linalg.generic
// CHECK: math.exp
// CHECK-NEXT: math.sin
// CHECK-NEXT: math.exp
// CHECK-NOT: linalg.generic
// CHECK: return

// LIMIT-LABEL: @chain
// LIMIT: linalg.generic
// LIMIT: math.exp
// LIMIT-NEXT: math.sin
// LIMIT: linalg.generic
// LIMIT: math.exp
// LIMIT: return
func.func @chain(%x: tensor<8xf32>) -> tensor<8xf32> {
  %a = math.exp %x : tensor<8xf32>
  %b = math.sin %a : tensor<8xf32>
  %c = math.exp %b : tensor<8xf32>
  return %c : tensor<8xf32>
}

// A product of matrices would call the function for each of its columns; what is
// cheap it may do again.
// CHECK-LABEL: @operand
// CHECK: linalg.generic
// CHECK-NEXT: ^bb0
// CHECK-NEXT: math.exp
// CHECK-NEXT: linalg.yield
// CHECK: linalg.generic
// CHECK: arith.negf
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @operand(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %e = math.exp %a : tensor<4x5xf32>
  %n = arith.negf %b : tensor<5x6xf32>
  %r = linalg.generic {
    indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
    iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%e, %n : tensor<4x5xf32>, tensor<5x6xf32>) outs(%c : tensor<4x6xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}
