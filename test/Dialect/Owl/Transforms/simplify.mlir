// Axes merge, unit axes vanish, element-wise work goes below repetition.
// RUN: owl-opt %s --owl-simplify --cse | FileCheck %s

// CHECK-LABEL: func @merge_reduced_axes
// CHECK-SAME: %[[X:.*]]: tensor<8x64x7x7xf32>
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0, 1], [2, 3]] : tensor<8x64x7x7xf32> into tensor<512x49xf32>
// CHECK: %[[R:.*]] = owl.reduce <max> %[[C]] axes = [1] : tensor<512x49xf32> -> tensor<512xf32>
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0, 1, 2, 3]] output_shape [8, 64, 1, 1] : tensor<512xf32> into tensor<8x64x1x1xf32>
func.func @merge_reduced_axes(%x: tensor<8x64x7x7xf32>) -> tensor<8x64x1x1xf32> {
  %m = owl.reduce <max> %x axes = [2, 3] keep_dims : tensor<8x64x7x7xf32> -> tensor<8x64x1x1xf32>
  return %m : tensor<8x64x1x1xf32>
}

// CHECK-LABEL: func @alternating_axes_stay
// CHECK-NEXT: owl.reduce <sum> %{{.*}} axes = [0, 2] : tensor<8x64x49xf32> -> tensor<64xf32>
// CHECK-NEXT: return
func.func @alternating_axes_stay(%x: tensor<8x64x49xf32>) -> tensor<64xf32> {
  %s = owl.reduce <sum> %x axes = [0, 2] : tensor<8x64x49xf32> -> tensor<64xf32>
  return %s : tensor<64xf32>
}

// CHECK-LABEL: func @merge_dynamic_axes
// CHECK-SAME: %[[X:.*]]: tensor<?x3x?x?xf32>
// CHECK: %[[D:.*]] = tensor.dim %[[X]]
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0, 1], [2, 3]] : tensor<?x3x?x?xf32> into tensor<?x?xf32>
// CHECK: %[[R:.*]] = owl.reduce <argmax> %[[C]] axes = [1] : tensor<?x?xf32> -> tensor<?xi64>
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0, 1]] output_shape [%[[D]], 3] : tensor<?xi64> into tensor<?x3xi64>
func.func @merge_dynamic_axes(%x: tensor<?x3x?x?xf32>) -> tensor<?x3xi64> {
  %i = owl.reduce <argmax> %x axes = [2, 3] : tensor<?x3x?x?xf32> -> tensor<?x3xi64>
  return %i : tensor<?x3xi64>
}

// CHECK-LABEL: func @unit_axes_vanish
// CHECK-SAME: %[[X:.*]]: tensor<1x4x1x5x1xf32>
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0, 1, 2], [3, 4]] : tensor<1x4x1x5x1xf32> into tensor<4x5xf32>
// CHECK: %[[R:.*]] = owl.reduce <sum> %[[C]] axes = [1] : tensor<4x5xf32> -> tensor<4xf32>
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0, 1, 2]] output_shape [4, 1, 1] : tensor<4xf32> into tensor<4x1x1xf32>
func.func @unit_axes_vanish(%x: tensor<1x4x1x5x1xf32>) -> tensor<4x1x1xf32> {
  %s = owl.reduce <sum> %x axes = [0, 3] : tensor<1x4x1x5x1xf32> -> tensor<4x1x1xf32>
  return %s : tensor<4x1x1xf32>
}

// CHECK-LABEL: func @only_unit_axes
// CHECK-SAME: %[[X:.*]]: tensor<1x4x1xf32>
// CHECK-NEXT: %[[C:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0, 1, 2]] : tensor<1x4x1xf32> into tensor<4xf32>
// CHECK-NEXT: return %[[C]]
func.func @only_unit_axes(%x: tensor<1x4x1xf32>) -> tensor<4xf32> {
  %s = owl.reduce <sum> %x axes = [0, 2] : tensor<1x4x1xf32> -> tensor<4xf32>
  return %s : tensor<4xf32>
}

// CHECK-LABEL: func @one_element
// CHECK: %[[C:.*]] = tensor.collapse_shape %{{.*}} [] : tensor<1x1xf32> into tensor<f32>
// CHECK: %[[R:.*]] = owl.reduce <l2> %[[C]] axes = [] : tensor<f32> -> tensor<f32>
// CHECK: tensor.expand_shape %[[R]] [] output_shape [1, 1] : tensor<f32> into tensor<1x1xf32>
func.func @one_element(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %s = owl.reduce <l2> %x axes = [1] keep_dims : tensor<1x1xf32> -> tensor<1x1xf32>
  return %s : tensor<1x1xf32>
}

// One reduction keeps what the other drops: without keep_dims they compose.
// CHECK-LABEL: func @reduce_of_kept_reduce
// CHECK: owl.reduce <max> %{{.*}} axes = [0] : tensor<20xf32> -> tensor<f32>
// CHECK-NOT: owl.reduce
func.func @reduce_of_kept_reduce(%x: tensor<4x5xf32>) -> tensor<1xf32> {
  %a = owl.reduce <max> %x axes = [1] keep_dims : tensor<4x5xf32> -> tensor<4x1xf32>
  %b = owl.reduce <max> %a axes = [0] : tensor<4x1xf32> -> tensor<1xf32>
  return %b : tensor<1xf32>
}

// 4 Ei x 4 Ei does not fit an index, though the tensor is empty.
// CHECK-LABEL: func @products_that_overflow
// CHECK-NOT: collapse_shape
func.func @products_that_overflow(%x: tensor<4611686018427387904x4611686018427387904x0xf32>) -> tensor<0xf32> {
  %s = owl.reduce <sum> %x axes = [0, 1] : tensor<4611686018427387904x4611686018427387904x0xf32> -> tensor<0xf32>
  return %s : tensor<0xf32>
}

// The elements of the merged axis come in the same order.
// CHECK-LABEL: func @merge_folded_axes
// CHECK: %[[C:.*]] = tensor.collapse_shape %{{.*}} {{\[}}[0], [1, 2]] : tensor<2x3x4xf32> into tensor<2x12xf32>
// CHECK: owl.fold %[[C]] init %{{.*}} axes = [1] {
func.func @merge_folded_axes(%x: tensor<2x3x4xf32>, %c: f32) -> tensor<2xf32> {
  %0 = owl.fold %x init %c axes = [1, 2] {
  ^bb0(%e: f32, %acc: f32):
    %n = arith.subf %acc, %e : f32
    owl.yield %n : f32
  } : tensor<2x3x4xf32>, f32 -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @merge_broadcast_axes
// CHECK: %[[C:.*]] = tensor.collapse_shape %{{.*}} {{\[}}[0], [1], [2, 3]] : tensor<1x64x1x1xf32> into tensor<1x64x1xf32>
// CHECK: %[[R:.*]] = owl.repeat %[[C]] by [8, 1, 49] : tensor<1x64x1xf32> -> tensor<8x64x49xf32>
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0], [1], [2, 3]] output_shape [8, 64, 7, 7]
func.func @merge_broadcast_axes(%x: tensor<1x64x1x1xf32>) -> tensor<8x64x7x7xf32> {
  %r = owl.repeat %x by [8, 1, 7, 7] : tensor<1x64x1x1xf32> -> tensor<8x64x7x7xf32>
  return %r : tensor<8x64x7x7xf32>
}

// CHECK-LABEL: func @merge_dynamic_broadcast_axes
// CHECK-SAME: %[[X:.*]]: tensor<?x1x1xf32>, %[[N:.*]]: index
// CHECK-DAG: %[[D:.*]] = tensor.dim %[[X]]
// CHECK-DAG: %[[N3:.*]] = arith.muli %[[N]], %{{.*}} : index
// CHECK: %[[R:.*]] = owl.repeat %{{.*}} by [1, %[[N3]]] : tensor<?x1xf32> -> tensor<?x?xf32>
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0], [1, 2]] output_shape [%[[D]], %[[N]], 3] : tensor<?x?xf32> into tensor<?x?x3xf32>
func.func @merge_dynamic_broadcast_axes(%x: tensor<?x1x1xf32>, %n: index) -> tensor<?x?x3xf32> {
  %r = owl.repeat %x by [1, %n, 3] : tensor<?x1x1xf32> -> tensor<?x?x3xf32>
  return %r : tensor<?x?x3xf32>
}

// Two counts below 0 would make one above it.
// CHECK-LABEL: func @keep_two_dynamic_counts
// CHECK: owl.repeat %{{.*}} by [%{{.*}}, %{{.*}}] : tensor<1x1xf32>
func.func @keep_two_dynamic_counts(%x: tensor<1x1xf32>, %n: index, %m: index) -> tensor<?x?xf32> {
  %r = owl.repeat %x by [%n, %m] : tensor<1x1xf32> -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK-LABEL: func @merge_kept_axes_of_tile
// CHECK: %[[R:.*]] = owl.tile %{{.*}} by [1, 2] : tensor<12x5xf32> -> tensor<12x10xf32>
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0, 1, 2], [3]] output_shape [3, 1, 4, 10]
func.func @merge_kept_axes_of_tile(%x: tensor<3x1x4x5xf32>) -> tensor<3x1x4x10xf32> {
  %r = owl.tile %x by [1, 1, 1, 2] : tensor<3x1x4x5xf32> -> tensor<3x1x4x10xf32>
  return %r : tensor<3x1x4x10xf32>
}

// CHECK-LABEL: func @repeated_axes_stay
// CHECK-NEXT: owl.repeat %{{.*}} by [2, 2] : tensor<3x4xf32> -> tensor<6x8xf32>
// CHECK-NEXT: return
func.func @repeated_axes_stay(%x: tensor<3x4xf32>) -> tensor<6x8xf32> {
  %r = owl.repeat %x by [2, 2] : tensor<3x4xf32> -> tensor<6x8xf32>
  return %r : tensor<6x8xf32>
}

// CHECK-LABEL: func @buffers_stay
// CHECK: owl.reduce <sum> %{{.*}} into %{{.*}} axes = [0, 1]
func.func @buffers_stay(%x: memref<3x4xf32>, %y: memref<f32>) {
  owl.reduce <sum> %x into %y axes = [0, 1] : memref<3x4xf32> -> memref<f32>
  return
}

// CHECK-LABEL: func @sink_elementwise
// CHECK-SAME: %[[X:.*]]: tensor<4x5xf32>, %[[Y:.*]]: tensor<4x5xf32>, %[[S:.*]]: f32
// CHECK: %[[TWO:.*]] = arith.constant dense<2.000000e+00> : tensor<4x5xf32>
// CHECK: %[[A:.*]] = arith.addf %[[X]], %[[Y]] : tensor<4x5xf32>
// CHECK: %[[B:.*]] = arith.mulf %[[A]], %[[TWO]] : tensor<4x5xf32>
// CHECK: %[[SPLAT:.*]] = tensor.splat %[[S]] : tensor<4x5xf32>
// CHECK: %[[C:.*]] = arith.cmpf olt, %[[B]], %[[SPLAT]] : tensor<4x5xf32>
// CHECK: %[[D:.*]] = arith.select %[[C]], %[[B]], %[[SPLAT]] : tensor<4x5xi1>, tensor<4x5xf32>
// CHECK: %[[E:.*]] = linalg.map { math.exp } ins(%[[D]] : tensor<4x5xf32>)
// CHECK: %[[F:.*]] = arith.truncf %[[E]] : tensor<4x5xf32> to tensor<4x5xf16>
// CHECK: %[[R:.*]] = owl.repeat %[[F]] by [2, 3] : tensor<4x5xf16> -> tensor<8x15xf16>
// CHECK: return %[[R]]
func.func @sink_elementwise(%x: tensor<4x5xf32>, %y: tensor<4x5xf32>, %s: f32) -> tensor<8x15xf16> {
  %r = owl.repeat %x by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %q = owl.repeat %y by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %two = arith.constant dense<2.0> : tensor<8x15xf32>
  %splat = tensor.splat %s : tensor<8x15xf32>
  %a = arith.addf %r, %q : tensor<8x15xf32>
  %b = arith.mulf %a, %two : tensor<8x15xf32>
  %c = arith.cmpf olt, %b, %splat : tensor<8x15xf32>
  %d = arith.select %c, %b, %splat : tensor<8x15xi1>, tensor<8x15xf32>
  %i = tensor.empty() : tensor<8x15xf32>
  %e = linalg.map { math.exp } ins(%d : tensor<8x15xf32>) outs(%i : tensor<8x15xf32>)
  %f = arith.truncf %e : tensor<8x15xf32> to tensor<8x15xf16>
  return %f : tensor<8x15xf16>
}

// CHECK-LABEL: func @sink_below_dynamic_tile
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>, %[[N:.*]]: index
// CHECK: %[[A:.*]] = math.absf %[[X]] : tensor<?x?xf32>
// CHECK: owl.tile %[[A]] by [1, %[[N]]]
func.func @sink_below_dynamic_tile(%x: tensor<?x?xf32>, %n: index) -> tensor<?x?xf32> {
  %t = owl.tile %x by [1, %n] : tensor<?x?xf32> -> tensor<?x?xf32>
  %a = math.absf %t : tensor<?x?xf32>
  return %a : tensor<?x?xf32>
}

// Other counts, another order, an operand that is not repeated, a division that
// may fail where there is no copy, and sizes that no copy would compare.
// CHECK-LABEL: func @no_sinking
// CHECK: owl.repeat
// CHECK: owl.tile
// CHECK: arith.addf
// CHECK: arith.mulf
// CHECK: owl.repeat
// CHECK: arith.divsi
// CHECK: owl.repeat
// CHECK: owl.repeat
// CHECK: arith.subf
func.func @no_sinking(%x: tensor<4x5xf32>, %y: tensor<8x5xf32>, %i: tensor<3xi32>,
                      %u: tensor<?xf32>, %v: tensor<?xf32>, %n: index)
    -> (tensor<8x5xf32>, tensor<?xi32>, tensor<?xf32>) {
  %r = owl.repeat %x by [2, 1] : tensor<4x5xf32> -> tensor<8x5xf32>
  %t = owl.tile %x by [2, 1] : tensor<4x5xf32> -> tensor<8x5xf32>
  %a = arith.addf %r, %t : tensor<8x5xf32>
  %b = arith.mulf %a, %y : tensor<8x5xf32>
  %j = owl.repeat %i by [%n] : tensor<3xi32> -> tensor<?xi32>
  %d = arith.divsi %j, %j : tensor<?xi32>
  %p = owl.repeat %u by [%n] : tensor<?xf32> -> tensor<?xf32>
  %q = owl.repeat %v by [%n] : tensor<?xf32> -> tensor<?xf32>
  %s = arith.subf %p, %q : tensor<?xf32>
  return %b, %d, %s : tensor<8x5xf32>, tensor<?xi32>, tensor<?xf32>
}

// A softmax keeps its shape: the reductions and broadcasts of a row.
// CHECK-LABEL: func @softmax
// CHECK: owl.reduce <max> %{{.*}} axes = [1] : tensor<64x1000xf32> -> tensor<64xf32>
// CHECK: owl.repeat %{{.*}} by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
// CHECK: arith.subf %{{.*}} : tensor<64x1000xf32>
// CHECK: math.exp %{{.*}} : tensor<64x1000xf32>
// CHECK: owl.reduce <sum> %{{.*}} axes = [1] : tensor<64x1000xf32> -> tensor<64xf32>
// CHECK: owl.repeat %{{.*}} by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
// CHECK: arith.divf %{{.*}} : tensor<64x1000xf32>
func.func @softmax(%x: tensor<64x1000xf32>) -> tensor<64x1000xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<64x1000xf32> -> tensor<64x1xf32>
  %mb = owl.repeat %m by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
  %d = arith.subf %x, %mb : tensor<64x1000xf32>
  %e = math.exp %d : tensor<64x1000xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1000xf32> -> tensor<64x1xf32>
  %sb = owl.repeat %s by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
  %y = arith.divf %e, %sb : tensor<64x1000xf32>
  return %y : tensor<64x1000xf32>
}

// Merged with a dynamic axis, the 0 that makes the tensor empty would be gone.
// CHECK-LABEL: func @hidden_zero
// CHECK-NOT: collapse_shape
func.func @hidden_zero(%x: tensor<4611686018427387904x4x?x0xf32>) -> tensor<?x0xf32> {
  %s = owl.reduce <max> %x axes = [0, 1] : tensor<4611686018427387904x4x?x0xf32> -> tensor<?x0xf32>
  return %s : tensor<?x0xf32>
}

// A stride over one element says nothing.
// CHECK-LABEL: func @unit_slices
// CHECK: tensor.extract_slice %{{.*}}[15, 1] [1, 1] [1, 1] : tensor<16x2xi16> to tensor<1xi16>
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[3, 0] [1, 1] [1, 1] : tensor<1xi16> into tensor<16x2xi16>
func.func @unit_slices(%x: tensor<16x2xi16>, %n: index) -> tensor<16x2xi16> {
  %s = tensor.extract_slice %x[15, 1] [1, 1] [2, 3] : tensor<16x2xi16> to tensor<1xi16>
  %r = tensor.insert_slice %s into %x[3, 0] [1, 1] [%n, 2] : tensor<1xi16> into tensor<16x2xi16>
  return %r : tensor<16x2xi16>
}
