// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions | FileCheck %s
// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions --owl-fuse=max-ops=2 | FileCheck %s --check-prefix=FUSED
// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions --owl-fuse | FileCheck %s --check-prefix=GROUP

// The last axis of the result is innermost: %b and the result lie along it.
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

// By more than one: its input is read at sums of indices.
// CHECK-LABEL: func @window
// CHECK-NOT: owl.reduce
// CHECK: return
func.func @window(%x: tensor<1x5x6x7xf32>, %w: tensor<9x3x3x7xf32>, %b: tensor<1x3x4x9xf32>) -> tensor<1x3x4x9xf32> {
  %r = linalg.conv_2d_nhwc_fhwc ins(%x, %w : tensor<1x5x6x7xf32>, tensor<9x3x3x7xf32>) outs(%b : tensor<1x3x4x9xf32>) -> tensor<1x3x4x9xf32>
  return %r : tensor<1x3x4x9xf32>
}

// Element [i, k] and [j, k] of one tensor.
// CHECK-LABEL: func @gram
// CHECK-NOT: owl.reduce
// CHECK: return
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

// A body that asks where it is goes on counting the same loop; of one that is left
// out it is at the first.
// CHECK-LABEL: func @weighted
// CHECK: linalg.generic
// CHECK: linalg.index 1 : index
// CHECK-NOT: linalg.index
// CHECK: owl.reduce <sum> %{{.*}} axes = [1]
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
