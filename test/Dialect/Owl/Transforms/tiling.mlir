// Every op in tiles, by upstream's transforms.
// RUN: owl-opt %s --split-input-file --transform-interpreter --canonicalize --cse | FileCheck %s

// The reduced axis is read whole; the last tile is smaller.
// CHECK-LABEL: func @reduce
// CHECK-SAME: %[[X:.*]]: tensor<10x7x6xf32>
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c10 step %c4
// CHECK: scf.for %[[J:[a-z0-9]+]] = %c0 to %c6 step %c3
// CHECK: %[[SIZE:.*]] = affine.min
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[X]][%[[I]], 0, %[[J]]] [%[[SIZE]], 7, 3] [1, 1, 1]
// CHECK: %[[TILE:.*]] = owl.reduce <argmax> %[[SLICE]] axes = [1] : tensor<?x7x3xf32> -> tensor<?x3xi64>
// CHECK: tensor.insert_slice %[[TILE]] into %{{.*}}[%[[I]], %[[J]]] [%[[SIZE]], 3] [1, 1]
func.func @reduce(%x: tensor<10x7x6xf32>) -> tensor<10x6xi64> {
  %0 = owl.reduce <argmax> %x axes = [1] : tensor<10x7x6xf32> -> tensor<10x6xi64>
  return %0 : tensor<10x6xi64>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["owl.reduce"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l:2 = transform.structured.tile_using_for %0 tile_sizes [4, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A kept dimension of 1 is one tile.
// CHECK-LABEL: func @reduce_keep_dims
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[X]][%[[I]], 0]
// CHECK: %[[TILE:.*]] = owl.reduce <logsumexp> %[[SLICE]] axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
// CHECK: tensor.insert_slice %[[TILE]] into %{{.*}}[%[[I]], 0] [%{{.*}}, 1] [1, 1]
func.func @reduce_keep_dims(%x: tensor<?x?xf32>) -> tensor<?x1xf32> {
  %0 = owl.reduce <logsumexp> %x axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["owl.reduce"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l:2 = transform.structured.tile_using_for %0 tile_sizes [4, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-LABEL: func @fold
// CHECK-SAME: %[[X:.*]]: tensor<8x6xi8>
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c6 step %c2
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[X]][0, %[[I]]] [8, 2] [1, 1]
// CHECK: owl.fold %[[SLICE]] init %{{.*}} axes = [0] {
// CHECK: } : tensor<8x2xi8>, i32 -> tensor<2xi32>
func.func @fold(%x: tensor<8x6xi8>, %c: i32) -> tensor<6xi32> {
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%e: i8, %acc: i32):
    %w = arith.extsi %e : i8 to i32
    %n = arith.addi %acc, %w : i32
    owl.yield %n : i32
  } : tensor<8x6xi8>, i32 -> tensor<6xi32>
  return %0 : tensor<6xi32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["owl.fold"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.tile_using_for %0 tile_sizes [2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The loops of repeat go over its source.
// CHECK-LABEL: func @repeat
// CHECK-SAME: %[[X:.*]]: tensor<8x6xf32>
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c8 step %c4
// CHECK: scf.for %[[J:[a-z0-9]+]] = %c0 to %c6 step %c2
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[X]][%[[I]], %[[J]]] [4, 2] [1, 1]
// CHECK: %[[TILE:.*]] = owl.repeat %[[SLICE]] by [1, 3] : tensor<4x2xf32> -> tensor<4x6xf32>
// CHECK: %[[AT:.*]] = affine.apply #{{.*}}(%[[J]])
// CHECK: tensor.insert_slice %[[TILE]] into %{{.*}}[%[[I]], %[[AT]]] [4, 6] [1, 1]
func.func @repeat(%x: tensor<8x6xf32>) -> tensor<8x18xf32> {
  %0 = owl.repeat %x by [1, 3] : tensor<8x6xf32> -> tensor<8x18xf32>
  return %0 : tensor<8x18xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["owl.repeat"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l:2 = transform.structured.tile_using_for %0 tile_sizes [4, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The loops of tile go over the source or, along the second axis, the copies.
// CHECK-LABEL: func @tile
// CHECK-SAME: %[[X:.*]]: tensor<8x6xf32>, %[[N:.*]]: index
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c8 step %c4
// CHECK: scf.for %[[J:[a-z0-9]+]] = %c0 to %[[N]] step %c2
// CHECK: %[[COPIES:.*]] = affine.min
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [4, 6] [1, 1]
// CHECK: %[[TILE:.*]] = owl.tile %[[SLICE]] by [1, %[[COPIES]]] : tensor<4x6xf32> -> tensor<4x?xf32>
// CHECK: tensor.insert_slice %[[TILE]] into
func.func @tile(%x: tensor<8x6xf32>, %n: index) -> tensor<8x?xf32> {
  %0 = owl.tile %x by [1, %n] : tensor<8x6xf32> -> tensor<8x?xf32>
  return %0 : tensor<8x?xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["owl.tile"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l:2 = transform.structured.tile_using_for %0 tile_sizes [4, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A row of a normalisation at a time: reduce and broadcast are fused.
// CHECK-LABEL: func @fuse_broadcast_and_reduce
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK: %[[SUM:.*]] = owl.reduce <sum> %{{.*}} axes = [1] keep_dims : tensor<4x16xf32> -> tensor<4x1xf32>
// CHECK: %[[B:.*]] = owl.repeat %[[SUM]] by [1, 16] : tensor<4x1xf32> -> tensor<4x16xf32>
// CHECK: linalg.div
func.func @fuse_broadcast_and_reduce(%x: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %s = owl.reduce <sum> %x axes = [1] keep_dims : tensor<8x16xf32> -> tensor<8x1xf32>
  %b = owl.repeat %s by [1, 16] : tensor<8x1xf32> -> tensor<8x16xf32>
  %i = tensor.empty() : tensor<8x16xf32>
  %d = linalg.div ins(%x, %b : tensor<8x16xf32>, tensor<8x16xf32>) outs(%i : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %d : tensor<8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["linalg.div"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.fuse %0 tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of 4 begins and ends among the 3 copies of an element: of the 2 or 3
// elements it touches, all copies are made and 4 are cut out.
// CHECK-LABEL: func @fuse_repeat_of_other_size
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %c24 step %c4
// CHECK: %[[FROM:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[X]][%[[FROM]]] [%{{.*}}] [1]
// CHECK: %[[R:.*]] = owl.repeat %[[SLICE]] by [3] : tensor<?xf32> -> tensor<?xf32>
// CHECK: tensor.extract_slice %[[R]][%{{.*}}] [4] [1] : tensor<?xf32> to tensor<4xf32>
// CHECK: linalg.exp
func.func @fuse_repeat_of_other_size(%x: tensor<8xf32>) -> tensor<24xf32> {
  %r = owl.repeat %x by [3] : tensor<8xf32> -> tensor<24xf32>
  %i = tensor.empty() : tensor<24xf32>
  %d = linalg.exp ins(%r : tensor<24xf32>) outs(%i : tensor<24xf32>) -> tensor<24xf32>
  return %d : tensor<24xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["linalg.exp"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.fuse %0 tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Pieces of copies would be made again for each tile: not fused.
// CHECK-LABEL: func @tile_is_not_fused
// CHECK: owl.tile %{{.*}} by [3] : tensor<8xf32> -> tensor<24xf32>
// CHECK: scf.for
// CHECK-NOT: owl.tile
// CHECK: linalg.exp
func.func @tile_is_not_fused(%x: tensor<8xf32>) -> tensor<24xf32> {
  %r = owl.tile %x by [3] : tensor<8xf32> -> tensor<24xf32>
  %i = tensor.empty() : tensor<24xf32>
  %d = linalg.exp ins(%r : tensor<24xf32>) outs(%i : tensor<24xf32>) -> tensor<24xf32>
  return %d : tensor<24xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%m: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["linalg.exp"]} in %m : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.fuse %0 tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
