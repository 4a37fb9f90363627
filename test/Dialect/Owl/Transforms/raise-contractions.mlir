// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions | FileCheck %s
// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions --owl-fuse=max-ops=2 | FileCheck %s --check-prefix=FUSED
// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions --owl-fuse | FileCheck %s --check-prefix=GROUP

// The last axis of the result is innermost: %b and the result lie along it, in rows
// of any length.
// CHECK-DAG: #[[$WINDOWS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 * 2 + d3, d2 * 2 + d4 * 3, d5)>
// CHECK-DAG: #[[$LEFT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$RIGHT:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[A:.*]]: tensor<4x5xi8>, %[[B:.*]]: tensor<5x?xi8>, %[[C:.*]]: tensor<4x?xi32>)
// CHECK: %[[P:.*]] = linalg.generic
// CHECK-SAME: indexing_maps = [#[[$LEFT]], #[[$RIGHT]], #[[$ALL]]]
// CHECK-SAME: ins(%[[A]], %[[B]] : {{.*}}) outs(%{{.*}} : tensor<4x5x?xi32>)
// CHECK: arith.extsi
// CHECK: arith.extsi
// CHECK: arith.muli
// CHECK-NOT: arith.addi
// CHECK: %[[S:.*]] = owl.reduce <sum> %[[P]] axes = [1] : tensor<4x5x?xi32> -> tensor<4x?xi32>
// CHECK: %[[R:.*]] = arith.addi %[[C]], %[[S]]
// CHECK: return %[[R]]

// A product is never without its sum, whatever a group may hold.
// FUSED-LABEL: func @matmul
// FUSED: owl.group
// FUSED: linalg.generic
// FUSED: owl.reduce
// FUSED: owl.yield %{{.*}} : tensor<4x?xi32>
func.func @matmul(%a: tensor<4x5xi8>, %b: tensor<5x?xi8>, %c: tensor<4x?xi32>) -> tensor<4x?xi32> {
  %r = linalg.matmul ins(%a, %b : tensor<4x5xi8>, tensor<5x?xi8>) outs(%c : tensor<4x?xi32>) -> tensor<4x?xi32>
  return %r : tensor<4x?xi32>
}

// Rows by rows: both lie along what is reduced. Zeros are not added.
// CHECK-LABEL: func @transposed
// CHECK: linalg.generic
// CHECK-SAME: indexing_maps = [#[[$ROW]], #[[$RIGHT]], #[[$ALL]]]
// CHECK: %[[S:.*]] = owl.reduce <sum> %{{.*}} axes = [2] : tensor<4x6x5xf32> -> tensor<4x6xf32>
// CHECK-NOT: arith.addf
// CHECK: return %[[S]]
func.func @transposed(%a: tensor<4x5xf32>, %b: tensor<6x5xf32>) -> tensor<4x6xf32> {
  %zero = arith.constant dense<0.0> : tensor<4x6xf32>
  %r = linalg.generic {
    indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>],
    iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %b : tensor<4x5xf32>, tensor<6x5xf32>) outs(%zero : tensor<4x6xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}

// A convolution by one point is a matrix product.
// CHECK-LABEL: func @pointwise
// CHECK: owl.reduce <sum> %{{.*}} axes = [4] : tensor<1x5x6x9x7xf32> -> tensor<1x5x6x9xf32>
func.func @pointwise(%x: tensor<1x5x6x7xf32>, %w: tensor<9x1x1x7xf32>, %b: tensor<1x5x6x9xf32>) -> tensor<1x5x6x9xf32> {
  %r = linalg.conv_2d_nhwc_fhwc ins(%x, %w : tensor<1x5x6x7xf32>, tensor<9x1x1x7xf32>) outs(%b : tensor<1x5x6x9xf32>) -> tensor<1x5x6x9xf32>
  return %r : tensor<1x5x6x9xf32>
}

// By more than one: its input is seen through windows. Rows of 9 features are
// short, and each vector of them serves all points: the sum is inside.
// CHECK-LABEL: func @convolution
// CHECK-SAME: %[[X:.*]]: tensor<1x?x?x7xf32>, %[[W:.*]]: tensor<3x3x7x9xf32>, %[[B:.*]]: tensor<1x?x?x9xf32>
// CHECK: %[[V:.*]] = owl.window %[[X]][1, %{{.*}}, %{{.*}}, 3, 3, 7] through #[[$WINDOWS]] : tensor<1x?x?x7xf32> -> tensor<1x?x?x3x3x7xf32>
// CHECK: linalg.generic {{.*}} ins(%[[V]], %[[W]] : {{.*}}) outs(%{{.*}} : tensor<1x?x?x9x3x3x7xf32>)
// CHECK: arith.mulf %{{.*}}, %{{.*}} fastmath<contract>
// CHECK: %[[S:.*]] = owl.reduce <sum> %{{.*}} axes = [4, 5, 6]
// CHECK: arith.addf %[[B]], %[[S]]
func.func @convolution(%x: tensor<1x?x?x7xf32>, %w: tensor<3x3x7x9xf32>, %b: tensor<1x?x?x9xf32>) -> tensor<1x?x?x9xf32> {
  %r = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : vector<2xi64>, dilations = dense<[1, 3]> : vector<2xi64>}
    ins(%x, %w : tensor<1x?x?x7xf32>, tensor<3x3x7x9xf32>) outs(%b : tensor<1x?x?x9xf32>) -> tensor<1x?x?x9xf32>
  return %r : tensor<1x?x?x9xf32>
}

// Vectors are along the columns, which come last in the windows.
// CHECK-LABEL: func @channels_first
// CHECK: owl.window %{{.*}}[2, 5, 3, 7, 3, 6] through
// CHECK: owl.reduce <sum> %{{.*}} axes = [4, 5, 6] : tensor<2x4x5x6x3x7x3xf32> -> tensor<2x4x5x6xf32>
func.func @channels_first(%x: tensor<2x3x11x8xf32>, %w: tensor<4x3x7x3xf32>, %b: tensor<2x4x5x6xf32>) -> tensor<2x4x5x6xf32> {
  %r = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<2x3x11x8xf32>, tensor<4x3x7x3xf32>) outs(%b : tensor<2x4x5x6xf32>) -> tensor<2x4x5x6xf32>
  return %r : tensor<2x4x5x6xf32>
}

// Nothing is computed of what a pooling reads, and its window is a shape.
// CHECK-LABEL: func @pooling
// CHECK-SAME: %[[X:.*]]: tensor<1x8x8x4xi8>, %{{.*}}: tensor<2x2xi8>, %[[I:.*]]: tensor<1x4x4x4xi8>
// CHECK: %[[V:.*]] = owl.window %[[X]][1, 4, 4, 2, 2, 4]
// CHECK-NOT: linalg.generic
// CHECK: %[[M:.*]] = owl.reduce <max> %[[V]] axes = [3, 4] unsigned : tensor<1x4x4x2x2x4xi8> -> tensor<1x4x4x4xi8>
// CHECK: arith.maxui %[[I]], %[[M]]
func.func @pooling(%x: tensor<1x8x8x4xi8>, %k: tensor<2x2xi8>, %i: tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8> {
  %r = linalg.pooling_nhwc_max_unsigned {strides = dense<2> : vector<2xi64>}
    ins(%x, %k : tensor<1x8x8x4xi8>, tensor<2x2xi8>) outs(%i : tensor<1x4x4x4xi8>) -> tensor<1x4x4x4xi8>
  return %r : tensor<1x4x4x4xi8>
}

// The largest of a window of no points is what it starts from.
// CHECK-LABEL: func @unknown_window
// CHECK-NOT: owl.reduce
// CHECK: return
func.func @unknown_window(%x: tensor<1x8x4xf32>, %k: tensor<?xf32>, %i: tensor<1x?x4xf32>) -> tensor<1x?x4xf32> {
  %r = linalg.pooling_nwc_max ins(%x, %k : tensor<1x8x4xf32>, tensor<?xf32>) outs(%i : tensor<1x?x4xf32>) -> tensor<1x?x4xf32>
  return %r : tensor<1x?x4xf32>
}

// Element [i, k] and [j, k] of one tensor: it is seen twice.
// CHECK-LABEL: func @gram
// CHECK-SAME: %[[A:.*]]: tensor<4x5xf32>
// CHECK: %[[B:.*]] = owl.window %[[A]][4, 5]
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]] :
// CHECK: owl.reduce <sum>
func.func @gram(%a: tensor<4x5xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = linalg.generic {
    indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>],
    iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%a, %a : tensor<4x5xf32>, tensor<4x5xf32>) outs(%c : tensor<4x4xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// What comes after a convolution is in its group, whatever a group may hold.
// GROUP-LABEL: func @layer
// GROUP: owl.window
// GROUP: owl.group
// GROUP: arith.mulf
// GROUP: owl.reduce <sum>
// GROUP: arith.maximumf
// GROUP: owl.reduce <mean>
// GROUP: owl.yield
// GROUP-NOT: owl.group
// GROUP: return
func.func @layer(%x: tensor<1x6x6x8xf32>, %w: tensor<3x3x8xf32>, %b: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x8xf32>, tensor<1x8xf32>) {
  %zero = arith.constant dense<0.0> : tensor<1x4x4x8xf32>
  %r = linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : tensor<1x6x6x8xf32>, tensor<3x3x8xf32>) outs(%b : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %y = arith.maximumf %r, %zero : tensor<1x4x4x8xf32>
  %m = owl.reduce <mean> %y axes = [1, 2] : tensor<1x4x4x8xf32> -> tensor<1x8xf32>
  return %y, %m : tensor<1x4x4x8xf32>, tensor<1x8xf32>
}

// What comes after is in the group, and so is what comes before; but not a
// function of the left operand, which has no vectors there.
// GROUP-LABEL: func @neighbours
// GROUP: owl.group
// GROUP: math.exp
// GROUP: owl.yield
// GROUP: owl.group
// GROUP: owl.reduce <sum>
// GROUP: owl.reduce <max>
// GROUP: owl.yield
// GROUP-NOT: owl.group
// GROUP: return
func.func @neighbours(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4x6xf32>
  %e = math.exp %a : tensor<4x5xf32>
  %n = arith.negf %b : tensor<5x6xf32>
  %r = linalg.matmul ins(%e, %n : tensor<4x5xf32>, tensor<5x6xf32>) outs(%zero : tensor<4x6xf32>) -> tensor<4x6xf32>
  %m = owl.reduce <max> %r axes = [1] : tensor<4x6xf32> -> tensor<4xf32>
  return %m : tensor<4xf32>
}

// A division of integers takes as long as a function.
// GROUP-LABEL: func @quotients
// GROUP: owl.group
// GROUP: arith.divsi
// GROUP: owl.yield
// GROUP: owl.group
// GROUP: owl.reduce <sum>
// GROUP: return
func.func @quotients(%a: tensor<4x5xi32>, %d: tensor<4x5xi32>, %b: tensor<5x6xi32>) -> tensor<4x6xi32> {
  %zero = arith.constant dense<0> : tensor<4x6xi32>
  %q = arith.divsi %a, %d : tensor<4x5xi32>
  %r = linalg.matmul ins(%q, %b : tensor<4x5xi32>, tensor<5x6xi32>) outs(%zero : tensor<4x6xi32>) -> tensor<4x6xi32>
  return %r : tensor<4x6xi32>
}

// A body that asks where it is goes on counting the same loop; of one that is left
// out it is at the first.
// CHECK-LABEL: func @weighted
// CHECK: linalg.generic
// CHECK: linalg.index 2 : index
// CHECK-NOT: linalg.index
// CHECK: owl.reduce <sum> %{{.*}} axes = [2]
func.func @weighted(%a: tensor<3x5x1xf32>, %b: tensor<5x1x4xf32>) -> tensor<3x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<3x4xf32>
  %r = linalg.generic {
    indexing_maps = [affine_map<(m, n, k, l) -> (m, k, l)>, affine_map<(m, n, k, l) -> (k, l, n)>, affine_map<(m, n, k, l) -> (m, n)>],
    iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
    ins(%a, %b : tensor<3x5x1xf32>, tensor<5x1x4xf32>) outs(%zero : tensor<3x4xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %k = linalg.index 2 : index
    %l = linalg.index 3 : index
    %i = arith.addi %k, %l : index
    %j = arith.index_cast %i : index to i32
    %w = arith.sitofp %j : i32 to f32
    %p = arith.mulf %x, %y : f32
    %q = arith.mulf %p, %w : f32
    %s = arith.addf %z, %q : f32
    linalg.yield %s : f32
  } -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// What it starts from is not kept to tell how many rows there are.
// CHECK-LABEL: func @unknown_rows
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x6x5xf32>)
// CHECK-NOT: linalg.generic
// CHECK: return
// GROUP-LABEL: func @unknown_rows
// GROUP: owl.group
// GROUP-NOT: owl.group
// GROUP: return
func.func @unknown_rows(%a: tensor<?x5xf32>, %b: tensor<5x6xf32>) -> tensor<?x6xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %a, %c0 : tensor<?x5xf32>
  %e = tensor.empty(%n) : tensor<?x6xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x6xf32>) -> tensor<?x6xf32>
  %r = linalg.matmul ins(%a, %b : tensor<?x5xf32>, tensor<5x6xf32>) outs(%i : tensor<?x6xf32>) -> tensor<?x6xf32>
  return %r : tensor<?x6xf32>
}

// Nor how many windows, which nothing else tells.
// CHECK-LABEL: func @unknown_windows
// CHECK-SAME: %[[N:[^ ]*]]: index
// CHECK-NOT: linalg.generic
// CHECK: owl.window %{{.*}}[1, %[[N]], 2, 4]
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @unknown_windows(%x: tensor<1x?x4xf32>, %k: tensor<2xf32>, %n: index) -> tensor<1x?x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<1x?x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x?x4xf32>) -> tensor<1x?x4xf32>
  %r = linalg.pooling_nwc_sum ins(%x, %k : tensor<1x?x4xf32>, tensor<2xf32>) outs(%i : tensor<1x?x4xf32>) -> tensor<1x?x4xf32>
  return %r : tensor<1x?x4xf32>
}

// A window of one point along the only loop that makes it one: what is reduced is
// an argument.
// CHECK-LABEL: func @whole_argument
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>
// CHECK: owl.reduce <sum> %[[X]] axes = [1]
func.func @whole_argument(%x: tensor<4x8xf32>, %k: tensor<1xf32>, %c: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.generic {
    indexing_maps = [affine_map<(i, j, k) -> (i + j, k)>, affine_map<(i, j, k) -> (j)>, affine_map<(i, j, k) -> (i)>],
    iterator_types = ["parallel", "reduction", "reduction"]}
    ins(%x, %k : tensor<4x8xf32>, tensor<1xf32>) outs(%c : tensor<4xf32>) {
  ^bb0(%e: f32, %w: f32, %z: f32):
    %s = arith.addf %z, %e : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// A product that would be no tensor, since its bytes cannot be counted.
// CHECK-LABEL: func @uncountable
// CHECK-NOT: owl.reduce
// CHECK: return
func.func @uncountable(%a: tensor<2097152x2097152xf32>, %b: tensor<2097152x2097152xf32>, %c: tensor<2097152x2097152xf32>) -> tensor<2097152x2097152xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<2097152x2097152xf32>, tensor<2097152x2097152xf32>) outs(%c : tensor<2097152x2097152xf32>) -> tensor<2097152x2097152xf32>
  return %r : tensor<2097152x2097152xf32>
}

// Rows that wait for a reduction would each read all of %w again: they become a
// tensor, and several of them are multiplied side by side. A single row waits in a
// buffer.
// GROUP-LABEL: func @layers
// GROUP: owl.group
// GROUP: owl.reduce <sum>
// GROUP: math.absf
// GROUP: owl.yield
// GROUP: owl.group
// GROUP: owl.reduce <sum>
// GROUP: return
func.func @layers(%x: tensor<4x5xf32>, %v: tensor<5x6xf32>, %w: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %zero = arith.constant dense<0.0> : tensor<4x6xf32>
  %zeros = arith.constant dense<0.0> : tensor<4x7xf32>
  %p = linalg.matmul ins(%x, %v : tensor<4x5xf32>, tensor<5x6xf32>) outs(%zero : tensor<4x6xf32>) -> tensor<4x6xf32>
  %a = math.absf %p : tensor<4x6xf32>
  %r = linalg.matmul ins(%a, %w : tensor<4x6xf32>, tensor<6x7xf32>) outs(%zeros : tensor<4x7xf32>) -> tensor<4x7xf32>
  return %r : tensor<4x7xf32>
}

// GROUP-LABEL: func @layers_of_one_row
// GROUP: owl.group
// GROUP-NOT: owl.group
// GROUP: return
func.func @layers_of_one_row(%x: tensor<1x5xf32>, %v: tensor<5x6xf32>, %w: tensor<6x7xf32>) -> tensor<1x7xf32> {
  %zero = arith.constant dense<0.0> : tensor<1x6xf32>
  %zeros = arith.constant dense<0.0> : tensor<1x7xf32>
  %p = linalg.matmul ins(%x, %v : tensor<1x5xf32>, tensor<5x6xf32>) outs(%zero : tensor<1x6xf32>) -> tensor<1x6xf32>
  %a = math.absf %p : tensor<1x6xf32>
  %r = linalg.matmul ins(%a, %w : tensor<1x6xf32>, tensor<6x7xf32>) outs(%zeros : tensor<1x7xf32>) -> tensor<1x7xf32>
  return %r : tensor<1x7xf32>
}
