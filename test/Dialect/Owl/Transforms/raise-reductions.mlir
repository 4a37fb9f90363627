// Reductions of linalg become owl's, broadcasts that are reduced too.
// RUN: owl-opt %s --owl-simplify=merge-axes=false | FileCheck %s
// RUN: owl-opt %s --owl-simplify="merge-axes=false checked" | FileCheck %s --check-prefix=CHECKED

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>

// CHECK-LABEL: func @generic_sum
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>
// CHECK-NEXT: %[[R:.*]] = owl.reduce <sum> %[[X]] axes = [0] : tensor<4x8xf32> -> tensor<8xf32>
// CHECK-NEXT: return %[[R]]
func.func @generic_sum(%x: tensor<4x8xf32>) -> tensor<8xf32> {
  %zero = arith.constant dense<0.0> : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%zero : tensor<8xf32>) {
  ^bb0(%e: f32, %acc: f32):
    %n = arith.addf %acc, %e : f32
    linalg.yield %n : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @named_max
// CHECK-SAME: %[[X:.*]]: tensor<4x8x3xf32>
// CHECK-NEXT: %[[R:.*]] = owl.reduce <max> %[[X]] axes = [0, 2] : tensor<4x8x3xf32> -> tensor<8xf32>
// CHECK-NEXT: return %[[R]]
func.func @named_max(%x: tensor<4x8x3xf32>) -> tensor<8xf32> {
  %least = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<8xf32>
  %f = linalg.fill ins(%least : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %r = linalg.reduce { arith.maximumf } ins(%x : tensor<4x8x3xf32>) outs(%f : tensor<8xf32>) dimensions = [0, 2]
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @unsigned_min
// CHECK: owl.reduce <min> %{{.*}} axes = [1] unsigned : tensor<4x8xi8> -> tensor<4xi8>
func.func @unsigned_min(%x: tensor<4x8xi8>) -> tensor<4xi8> {
  %most = arith.constant dense<-1> : tensor<4xi8>
  %r = linalg.reduce { arith.minui } ins(%x : tensor<4x8xi8>) outs(%most : tensor<4xi8>) dimensions = [1]
  return %r : tensor<4xi8>
}

// CHECK-LABEL: func @all
// CHECK: owl.reduce <all> %{{.*}} axes = [1] : tensor<4x8xi1> -> tensor<4xi1>
func.func @all(%x: tensor<4x8xi1>) -> tensor<4xi1> {
  %true = arith.constant dense<true> : tensor<4xi1>
  %r = linalg.reduce { arith.andi } ins(%x : tensor<4x8xi1>) outs(%true : tensor<4xi1>) dimensions = [1]
  return %r : tensor<4xi1>
}

// An accumulator that starts elsewhere is combined with afterwards.
// CHECK-LABEL: func @other_init
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>, %[[Y:.*]]: tensor<4xf32>
// CHECK: %[[R:.*]] = owl.reduce <max> %[[X]] axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
// CHECK: linalg.generic {{.*}} ins(%[[Y]], %[[R]] : tensor<4xf32>, tensor<4xf32>)
// CHECK: arith.maximumf
func.func @other_init(%x: tensor<4x8xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.reduce { arith.maximumf } ins(%x : tensor<4x8xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @init_of_several_constants
// CHECK-DAG: %[[I:.*]] = arith.constant dense<[0.000000e+00, 1.000000e+00]>
// CHECK-DAG: %[[R:.*]] = owl.reduce <max> %{{.*}} axes = [1] : tensor<2x8xf32> -> tensor<2xf32>
// CHECK: linalg.generic {{.*}} ins(%[[I]], %[[R]] :
func.func @init_of_several_constants(%x: tensor<2x8xf32>) -> tensor<2xf32> {
  %i = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %r = linalg.reduce { arith.maximumf } ins(%x : tensor<2x8xf32>) outs(%i : tensor<2xf32>) dimensions = [1]
  return %r : tensor<2xf32>
}

// What is computed for each element first is an op of its own.
// CHECK-LABEL: func @weighted
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf16>, %[[W:.*]]: tensor<8xf16>
// CHECK: %[[P:.*]] = linalg.generic {indexing_maps = {{.*}}, iterator_types = ["parallel", "parallel"]} ins(%[[X]], %[[W]]
// CHECK: arith.mulf
// CHECK: arith.extf
// CHECK: owl.reduce <sum> %[[P]] axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
func.func @weighted(%x: tensor<4x8xf16>, %w: tensor<8xf16>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %r = linalg.generic {indexing_maps = [#id, #column, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<4x8xf16>, tensor<8xf16>) outs(%zero : tensor<4xf32>) {
  ^bb0(%e: f16, %f: f16, %acc: f32):
    %p = arith.mulf %e, %f : f16
    %q = arith.extf %p : f16 to f32
    %n = arith.addf %acc, %q : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// The window is the whole image.
// CHECK-LABEL: func @global_pooling
// CHECK-SAME: %[[X:.*]]: tensor<1x7x5x16xf32>
// CHECK: owl.reduce <max> %[[X]] axes = [1, 2] keep_dims : tensor<1x7x5x16xf32> -> tensor<1x1x1x16xf32>
func.func @global_pooling(%x: tensor<1x7x5x16xf32>) -> tensor<1x1x1x16xf32> {
  %least = arith.constant dense<0xFF800000> : tensor<1x1x1x16xf32>
  %w = tensor.empty() : tensor<7x5xf32>
  %r = linalg.pooling_nhwc_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
      ins(%x, %w : tensor<1x7x5x16xf32>, tensor<7x5xf32>) outs(%least : tensor<1x1x1x16xf32>) -> tensor<1x1x1x16xf32>
  return %r : tensor<1x1x1x16xf32>
}

// CHECK-LABEL: func @pooling_of_a_part
// CHECK-NOT: owl.reduce
func.func @pooling_of_a_part(%x: tensor<1x7x5x16xf32>) -> tensor<1x1x1x16xf32> {
  %least = arith.constant dense<0xFF800000> : tensor<1x1x1x16xf32>
  %w = tensor.empty() : tensor<6x5xf32>
  %r = linalg.pooling_nhwc_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
      ins(%x, %w : tensor<1x7x5x16xf32>, tensor<6x5xf32>) outs(%least : tensor<1x1x1x16xf32>) -> tensor<1x1x1x16xf32>
  return %r : tensor<1x1x1x16xf32>
}

// CHECK-LABEL: func @pooling_with_gaps
// CHECK-NOT: owl.reduce
func.func @pooling_with_gaps(%x: tensor<1x5x5x16xf32>) -> tensor<1x1x1x16xf32> {
  %least = arith.constant dense<0xFF800000> : tensor<1x1x1x16xf32>
  %w = tensor.empty() : tensor<3x3xf32>
  %r = linalg.pooling_nhwc_max {dilations = dense<2> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
      ins(%x, %w : tensor<1x5x5x16xf32>, tensor<3x3xf32>) outs(%least : tensor<1x1x1x16xf32>) -> tensor<1x1x1x16xf32>
  return %r : tensor<1x1x1x16xf32>
}

// maxnumf drops NaNs.
// CHECK-LABEL: func @no_max_without_nans
// CHECK-NOT: owl.reduce
func.func @no_max_without_nans(%x: tensor<4x8xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.reduce { arith.maxnumf } ins(%x : tensor<4x8xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @no_difference
// CHECK-NOT: owl.reduce
func.func @no_difference(%x: tensor<4x8xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.reduce { arith.subf } ins(%x : tensor<4x8xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @no_product_of_matrices
// CHECK: linalg.matmul
// CHECK-NOT: owl.reduce
func.func @no_product_of_matrices(%x: tensor<4x8xf32>, %y: tensor<8x4xf32>, %z: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = linalg.matmul ins(%x, %y : tensor<4x8xf32>, tensor<8x4xf32>) outs(%z : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// The accumulator is used twice.
// CHECK-LABEL: func @no_recurrence
// CHECK-NOT: owl.reduce
func.func @no_recurrence(%x: tensor<4x8xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x8xf32>) outs(%y : tensor<4xf32>) {
  ^bb0(%e: f32, %acc: f32):
    %s = arith.mulf %e, %acc : f32
    %n = arith.addf %acc, %s : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// A maximum of nothing is an error in owl, and here it is what it starts from.
// CHECK-LABEL: func @max_of_nothing
// CHECK-NOT: owl.reduce
func.func @max_of_nothing(%x: tensor<4x0xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.reduce { arith.maximumf } ins(%x : tensor<4x0xf32>) outs(%y : tensor<4xf32>) dimensions = [1]
  return %r : tensor<4xf32>
}

// That %y has as many elements as %x has rows is for linalg's op to check.
// CHECK-LABEL: func @dynamic
// CHECK-NOT: owl.reduce
// CHECKED-LABEL: func @dynamic
// CHECKED: owl.reduce <sum> %{{.*}} axes = [1] : tensor<?x8xf32> -> tensor<?xf32>
func.func @dynamic(%x: tensor<?x8xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.reduce { arith.addf } ins(%x : tensor<?x8xf32>) outs(%y : tensor<?xf32>) dimensions = [1]
  return %r : tensor<?xf32>
}

// CHECK-LABEL: func @broadcast
// CHECK-SAME: %[[X:.*]]: tensor<4xi32>
// CHECK-DAG: %[[U:.*]] = tensor.expand_shape %[[X]] {{\[}}[0, 1]] output_shape [4, 1]
// CHECK-DAG: %[[R:.*]] = owl.reduce <sum> %[[U]] axes = [0, 1] : tensor<4x1xi32> -> tensor<i32>
// CHECK-DAG: %[[N:.*]] = arith.constant dense<10> : tensor<i32>
// CHECK: %[[Y:.*]] = arith.muli %[[R]], %[[N]]
// CHECK-NEXT: return %[[Y]]
func.func @broadcast(%x: tensor<4xi32>) -> tensor<i32> {
  %e = tensor.empty() : tensor<4x10xi32>
  %b = linalg.broadcast ins(%x : tensor<4xi32>) outs(%e : tensor<4x10xi32>) dimensions = [1]
  %r = owl.reduce <sum> %b axes = [0, 1] : tensor<4x10xi32> -> tensor<i32>
  return %r : tensor<i32>
}

// What nothing reduces stays an operand's map.
// CHECK-LABEL: func @broadcast_alone
// CHECK: linalg.broadcast
func.func @broadcast_alone(%x: tensor<4xi32>) -> tensor<4x10xi32> {
  %e = tensor.empty() : tensor<4x10xi32>
  %b = linalg.broadcast ins(%x : tensor<4xi32>) outs(%e : tensor<4x10xi32>) dimensions = [1]
  return %b : tensor<4x10xi32>
}

// CHECK-LABEL: func @no_repeat_of_a_transpose
// CHECK-NOT: owl.repeat
func.func @no_repeat_of_a_transpose(%x: tensor<4x5xi32>) -> tensor<5x3xi32> {
  %e = tensor.empty() : tensor<5x3x4xi32>
  %b = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (k, i)>, affine_map<(i, j, k) -> (i, j, k)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<4x5xi32>) outs(%e : tensor<5x3x4xi32>) {
  ^bb0(%a: i32, %o: i32):
    linalg.yield %a : i32
  } -> tensor<5x3x4xi32>
  %r = owl.reduce <sum> %b axes = [2] : tensor<5x3x4xi32> -> tensor<5x3xi32>
  return %r : tensor<5x3xi32>
}

// One window is the whole of %x, as the result says by its static 1; what it does
// not say of its other dimension, %x does.
// CHECKED-LABEL: func @window_of_unknown_rows
// CHECKED: %[[R:.*]] = owl.reduce <sum> %{{.*}} axes = [1] : tensor<5x3xi16> -> tensor<5xi16>
// CHECKED: tensor.expand_shape %[[R]] {{\[\[}}0, 1]] output_shape [1, 5] : tensor<5xi16> into tensor<1x5xi16>
// CHECKED: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<1x?xi16>, tensor<1x5xi16>)
func.func @window_of_unknown_rows(%x: tensor<5x3xi16>, %k: tensor<3xi16>, %i: tensor<1x?xi16>) -> tensor<1x?xi16> {
  %r = linalg.generic {
    indexing_maps = [affine_map<(h, a, i) -> (a, h + i)>, affine_map<(h, a, i) -> (i)>, affine_map<(h, a, i) -> (h, a)>],
    iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %k : tensor<5x3xi16>, tensor<3xi16>) outs(%i : tensor<1x?xi16>) {
  ^bb0(%e: i16, %s: i16, %acc: i16):
    %n = arith.addi %acc, %e : i16
    linalg.yield %n : i16
  } -> tensor<1x?xi16>
  return %r : tensor<1x?xi16>
}
