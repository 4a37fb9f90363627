// RUN: owl-opt %s --owl-lower-reshapes | FileCheck %s

// CHECK-LABEL: @expand
// CHECK-SAME: (%[[X:.*]]: memref<?xf32>, %[[N:.*]]: index)
// CHECK: memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[N]], 3], strides: [3, 1]
func.func @expand(%x: memref<?xf32>, %n: index) -> memref<?x3xf32> {
  %r = memref.expand_shape %x [[0, 1]] output_shape [%n, 3] : memref<?xf32> into memref<?x3xf32>
  return %r : memref<?x3xf32>
}

// CHECK-LABEL: @collapse
// CHECK-SAME: (%[[X:.*]]: memref<?x4xf32>)
// CHECK: %[[DIM:.*]] = memref.dim %[[X]]
// CHECK: %[[SIZE:.*]] = affine.apply #{{.*}}()[%[[DIM]]]
// CHECK: memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[SIZE]]], strides: [1]
func.func @collapse(%x: memref<?x4xf32>) -> memref<?xf32> {
  %r = memref.collapse_shape %x [[0, 1]] : memref<?x4xf32> into memref<?xf32>
  return %r : memref<?xf32>
}

// What upstream has no form for: a 0 beside a dynamic size.
// CHECK-LABEL: @nothing
// CHECK-NOT: memref.collapse_shape
// CHECK: memref.reinterpret_cast
func.func @nothing(%x: memref<?x0xf32>) -> memref<?xf32> {
  %r = memref.collapse_shape %x [[0, 1]] : memref<?x0xf32> into memref<?xf32>
  return %r : memref<?xf32>
}
