// What verifiers cannot know becomes an assert; what they can, none.
// RUN: owl-opt %s --generate-runtime-verification | FileCheck %s

// CHECK-LABEL: func @empty_reduction
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>
// CHECK-DAG: %[[REDUCED:.*]] = tensor.dim %[[X]], %c1
// CHECK-DAG: %[[SOME:.*]] = arith.cmpi ne, %[[REDUCED]], %c0{{.*}} : index
// CHECK-DAG: %[[KEPT:.*]] = tensor.dim %[[X]], %c0
// CHECK-DAG: %[[NONE:.*]] = arith.cmpi eq, %[[KEPT]], %c0{{.*}} : index
// CHECK: %[[OK:.*]] = arith.ori %[[SOME]], %[[NONE]] : i1
// CHECK: cf.assert %[[OK]], "empty reduction: expected at least one element for 'max'"
// CHECK: owl.reduce
func.func @empty_reduction(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %0 = owl.reduce <max> %x axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @two_reduced_axes
// CHECK: arith.cmpi ne
// CHECK: arith.cmpi ne
// CHECK: arith.andi
// CHECK-NOT: arith.ori
// CHECK: cf.assert %{{.*}}, "empty reduction: expected at least one element for 'argmin'"
func.func @two_reduced_axes(%x: tensor<?x4x?xf32>) -> tensor<4xi64> {
  %0 = owl.reduce <argmin> %x axes = [0, 2] : tensor<?x4x?xf32> -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// CHECK-LABEL: func @nothing_to_check
// CHECK-NOT: cf.assert
// CHECK: return
func.func @nothing_to_check(%x: tensor<?x?xf32>, %y: tensor<?x4xf32>, %z: tensor<0x?xf32>) {
  %0 = owl.reduce <sum> %x axes = [0, 1] : tensor<?x?xf32> -> tensor<f32>
  %1 = owl.reduce <min> %y axes = [1] : tensor<?x4xf32> -> tensor<?xf32>
  %2 = owl.reduce <min> %z axes = [1] : tensor<0x?xf32> -> tensor<0xf32>
  %3 = owl.repeat %y by [1, 3] : tensor<?x4xf32> -> tensor<?x12xf32>
  return
}

// CHECK-LABEL: func @static_result
// CHECK: cf.assert %{{.*}}, "bad shape: expected dimension 0 of the result to be 4"
// CHECK-NOT: cf.assert
// CHECK: owl.reduce
// CHECK: cf.assert %{{.*}}, "bad shape: expected dimension 1 of the result to be 6"
// CHECK-NOT: cf.assert
// CHECK: owl.fold
func.func @static_result(%x: tensor<?x?xf32>, %c: f32) {
  %0 = owl.reduce <sum> %x axes = [1] : tensor<?x?xf32> -> tensor<4xf32>
  %1 = owl.fold %x init %c axes = [0] keep_dims {
  ^bb0(%e: f32, %acc: f32):
    owl.yield %acc : f32
  } : tensor<?x?xf32>, f32 -> tensor<1x6xf32>
  return
}

// CHECK-LABEL: func @counts
// CHECK-SAME: %[[X:.*]]: tensor<?x3xf32>, %[[N:.*]]: index
// CHECK: cf.assert %{{.*}}, "bad shape: expected dimension 0 of the result to fit an index"
// CHECK: %[[OK:.*]] = arith.cmpi sge, %[[N]], %c0{{.*}} : index
// CHECK: cf.assert %[[OK]], "bad shape: expected the count of dimension 1 to be 0 or more"
// CHECK: cf.assert %{{.*}}, "bad shape: expected dimension 1 of the result to fit an index"
// CHECK: owl.repeat
// CHECK: cf.assert %{{.*}}, "bad shape: expected dimension 0 of the result to be 8"
// CHECK: cf.assert %{{.*}}, "bad shape: expected the count of dimension 1 to be 0 or more"
// CHECK: %[[P:.*]] = arith.muli %{{.*}}, %[[N]] : index
// CHECK: %[[EQ:.*]] = arith.cmpi eq, %[[P]], %c9
// CHECK: cf.assert %[[EQ]], "bad shape: expected dimension 1 of the result to be 9"
// CHECK: owl.tile
func.func @counts(%x: tensor<?x3xf32>, %n: index) {
  %0 = owl.repeat %x by [2, %n] : tensor<?x3xf32> -> tensor<?x?xf32>
  %1 = owl.tile %x by [2, %n] : tensor<?x3xf32> -> tensor<8x9xf32>
  return
}

// CHECK-LABEL: func @buffers
// CHECK: memref.dim
// CHECK: cf.assert %{{.*}}, "empty reduction: expected at least one element for 'max'"
// CHECK: owl.reduce <max> %{{.*}} into
func.func @buffers(%x: memref<?xf32>, %y: memref<f32>) {
  owl.reduce <max> %x into %y axes = [0] : memref<?xf32> -> memref<f32>
  return
}

// CHECK-LABEL: func @windows
// CHECK-SAME: %[[X:.*]]: tensor<?xf32>, %[[N:.*]]: index
// CHECK: arith.cmpi sge, %[[N]], %c0
// CHECK: cf.assert %{{.*}}, "bad shape: expected sizes of windows of 0 or more"
// CHECK: %[[E:.*]] = tensor.dim %[[X]]
// CHECK: cf.assert %{{.*}}, "bad shape: expected windows inside of their source"
// CHECK: arith.cmpi slt
// CHECK: cf.assert %{{.*}}, "bad shape: expected windows inside of their source"
// CHECK: owl.window
func.func @windows(%x: tensor<?xf32>, %n: index) {
  %0 = owl.window %x[%n, 3] through affine_map<(i, j) -> (2 * i + j)> : tensor<?xf32> -> tensor<?x3xf32>
  return
}
