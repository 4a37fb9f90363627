// RUN: owl-opt %s --owl-fold-empty-tensors | FileCheck %s
// RUN: owl-opt %s --owl-to-affine | FileCheck %s --check-prefix=AFFINE

// All of them reach loops.
// AFFINE-COUNT-6: func.func @owl_{{[a-z]+}}(

// CHECK-LABEL: @collapse
// CHECK-SAME: (%[[A:.*]]: tensor<?x0x?xf32>)
// CHECK: %[[DIM:.*]] = tensor.dim %[[A]], %{{.*}}
// CHECK: %[[E:.*]] = tensor.empty(%{{.*}}) : tensor<?x0xf32>
// CHECK: %[[C:.*]] = tensor.cast %[[E]] : tensor<?x0xf32> to tensor<?x?xf32>
// CHECK: return %[[C]]
func.func @collapse(%a: tensor<?x0x?xf32>) -> tensor<?x?xf32> {
  %0 = tensor.collapse_shape %a [[0], [1, 2]] : tensor<?x0x?xf32> into tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// What folding finds to be empty.
// CHECK-LABEL: @tile
func.func @tile(%a: tensor<?x?xf32>) -> tensor<?xf32> {
  %0 = owl.tile %a by [0, 2] : tensor<?x?xf32> -> tensor<?x?xf32>
  %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  return %1 : tensor<?xf32>
}

// CHECK-LABEL: @insert
// CHECK-SAME: (%[[A:.*]]: tensor<2x?xf32>, %[[B:.*]]: tensor<2x0xf32>
// CHECK-NEXT: return %[[A]]
func.func @insert(%a: tensor<2x?xf32>, %b: tensor<2x0xf32>, %i: index) -> tensor<2x?xf32> {
  %0 = tensor.insert_slice %b into %a[0, %i] [2, 0] [1, 1] : tensor<2x0xf32> into tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: @static
// CHECK-NEXT: %[[E:.*]] = tensor.empty() : tensor<0x4xf32>
// CHECK-NEXT: return %[[E]]
func.func @static(%a: tensor<0x4xf32>) -> tensor<0x4xf32> {
  %0 = arith.addf %a, %a : tensor<0x4xf32>
  return %0 : tensor<0x4xf32>
}

// CHECK-LABEL: @concat
func.func @concat(%a: tensor<0x4xf32>, %b: tensor<0x4xf32>) -> tensor<0x8xf32> {
  %0 = tensor.concat dim(1) %a, %b : (tensor<0x4xf32>, tensor<0x4xf32>) -> tensor<0x8xf32>
  return %0 : tensor<0x8xf32>
}

// Not empty, or not known to be.
// CHECK-LABEL: @kept
// CHECK: tensor.collapse_shape
// CHECK: owl.reduce
func.func @kept(%a: tensor<?x?xf32>, %b: tensor<4x0xf32>) -> (tensor<?xf32>, tensor<4xf32>) {
  %0 = tensor.collapse_shape %a [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  %1 = owl.reduce <sum> %b axes = [1] : tensor<4x0xf32> -> tensor<4xf32>
  return %0, %1 : tensor<?xf32>, tensor<4xf32>
}
