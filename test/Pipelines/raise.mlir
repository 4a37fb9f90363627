// What a model is written in becomes groups that devices can be assigned to.
// RUN: owl-opt %s --owl-raise --owl-assign-devices | FileCheck %s
owl.device @a {target = "x86_64"}

// CHECK-LABEL: func.func @tosa(
// CHECK: owl.group
// CHECK-NOT: tosa.
func.func @tosa(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %a = tosa.exp %x : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %b = tosa.reduce_sum %a {axis = 1 : i32} : (tensor<1x4x4x2xf32>) -> tensor<1x1x4x2xf32>
  %c = tosa.add %b, %x : (tensor<1x1x4x2xf32>, tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %c : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: func.func @softmax(
// CHECK: owl.group
// CHECK-NOT: linalg.softmax
// CHECK: return
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @matmul(
// CHECK: owl.group
// CHECK-NOT: linalg.matmul
// CHECK: return
func.func @matmul(%x: tensor<4x8xf32>, %y: tensor<8x2xf32>, %z: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %0 = linalg.matmul ins(%x, %y : tensor<4x8xf32>, tensor<8x2xf32>) outs(%z : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
