// RUN: owl-opt %s --owl-partition | FileCheck %s

// The module of a device may have a function of that name.
// CHECK: module @a
// CHECK: func.func @named_0(%{{.*}}: tensor<8xf32>) -> tensor<8xf32>
// CHECK: func.func @named_0_0(%{{.*}}: tensor<8xf32>) -> tensor<8xf32>
// CHECK: owl.call @a::@named_0_0(
module @a {
  owl.device @a {target = "x86_64"}
  func.func @named_0(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
func.func @named(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = arith.negf %x : tensor<8xf32>
  return %y : tensor<8xf32>
}
