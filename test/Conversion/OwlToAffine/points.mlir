// Accumulators in registers and in memory.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=vector-bits=128 | FileCheck %s

// Memory is read in order: accumulators for a tile of what is kept wait in memory
// while eight rows at a time are added in pairs before they join them. Few rows are
// one block, which f32 will do for. The first rows need no accumulators to be there,
// and the last row makes the result. The rest of the last tile comes by itself.
// CHECK-LABEL: func @outer_sum
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<3xf32>
// CHECK: %[[ACC:.*]] = memref.alloca() {alignment = 64 : i64} : memref<1024xf32>
// CHECK: %[[Y:.*]] = memref.reinterpret_cast %{{.*}} sizes: [2, 1024]
// CHECK: affine.for %[[K:.*]] = 0 to 2 {
// CHECK: affine.for %[[P:.*]] = 0 to 1024 step 4 {
// CHECK-COUNT-8: affine.vector_load {{.*}}vector<4xf32>
// CHECK-COUNT-6: arith.addf {{.*}} : vector<4xf32>
// CHECK-NEXT: %[[FIRST:.*]] = arith.addf
// CHECK-NEXT: affine.vector_store %[[FIRST]], %[[ACC]][%[[P]]]
// CHECK: affine.for %[[R:.*]] = 8 to 120 step 8 {
// CHECK: affine.for %[[P:.*]] = 0 to 1024 step 4 {
// CHECK-COUNT-8: affine.vector_load {{.*}}vector<4xf32>
// CHECK-COUNT-6: arith.addf {{.*}} : vector<4xf32>
// CHECK-NEXT: %[[NEXT:.*]] = arith.addf
// CHECK: %[[BEFORE:.*]] = affine.vector_load %[[ACC]][%[[P]]]
// CHECK: %[[AFTER:.*]] = arith.addf %[[BEFORE]], %[[NEXT]]
// CHECK: affine.vector_store %[[AFTER]], %[[ACC]][%[[P]]]
// CHECK: affine.for %[[P:.*]] = 0 to 1024 step 4 {
// CHECK: %[[BEFORE:.*]] = affine.vector_load %[[ACC]][%[[P]]]
// CHECK: %[[SUM:.*]] = arith.addf %[[BEFORE]]
// CHECK: %[[ROUNDED:.*]] = arith.truncf
// CHECK: %[[RESULT:.*]] = arith.addf %[[ROUNDED]], %{{.*}} : vector<4xf32>
// CHECK-NEXT: affine.vector_store %[[RESULT]], %[[Y]][%[[K]], %[[P]]]
// CHECK: affine.for %{{.*}} = 8 to 120 step 8 {
// CHECK: return
func.func @outer_sum(%x: memref<121x2051xf32>, %y: memref<2051xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<121x2051xf32> -> memref<2051xf32>
  return
}

// -----

// Of many rows each block is accumulated in f32, and all blocks in f64. What is left
// is a shorter block, and single rows, which join them directly.
// CHECK-LABEL: func @many_rows
// CHECK: %[[BLOCK:.*]] = memref.alloca() {alignment = 64 : i64} : memref<1024xf32>
// CHECK: %[[ACC:.*]] = memref.alloca() {alignment = 64 : i64} : memref<1024xf64>
// CHECK: affine.vector_store %{{.*}}, %[[ACC]]
// CHECK: affine.for %[[B:.*]] = 0 to 256 step 128 {
// CHECK: affine.for %{{.*}} = 0 to 8 step 8 {
// CHECK-NOT: vector_load %[[BLOCK]]
// CHECK: affine.vector_store %{{.*}}, %[[BLOCK]]
// CHECK: affine.for %{{.*}} = 8 to 120 step 8 {
// CHECK: affine.vector_load %[[BLOCK]]
// CHECK-NOT: %[[ACC]]
// CHECK: affine.vector_store %{{.*}}, %[[BLOCK]]
// CHECK: affine.for %{{.*}} = 120 to 128 step 8 {
// CHECK: %[[BEFORE:.*]] = affine.vector_load %[[BLOCK]]
// CHECK: %[[SUM:.*]] = arith.addf %[[BEFORE]]
// CHECK-NOT: %[[BLOCK]]
// CHECK: %[[WIDE:.*]] = arith.extf %[[SUM]]
// CHECK: %[[BEFORE:.*]] = affine.vector_load %[[ACC]]
// CHECK: %[[AFTER:.*]] = arith.addf %[[BEFORE]], %[[WIDE]]
// CHECK: affine.vector_store %[[AFTER]], %[[ACC]]
// CHECK-NOT: %[[BLOCK]]
// CHECK: affine.for %{{.*}} = 0 to 8 step 8 {
// CHECK: affine.for %{{.*}} = 8 to 32 step 8 {
// CHECK: affine.for %{{.*}} = 32 to 40 step 8 {
// CHECK: affine.vector_store %{{.*}}, %[[ACC]]
// CHECK-NOT: %[[BLOCK]]
// CHECK: affine.for %{{.*}} = 296 to 300 {
// CHECK: affine.vector_store %{{.*}}, %[[ACC]]
// CHECK: return
func.func @many_rows(%x: memref<300x2048xf32>, %y: memref<2048xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<300x2048xf32> -> memref<2048xf32>
  return
}

// -----

// What the L2 cache holds is read in any order: a strip of what is kept after the
// other.
// CHECK-LABEL: func @small_outer_sum
// CHECK-NOT: alloc
// CHECK: affine.for %{{.*}} = 0 to 2048 step 16 {
// CHECK: affine.for %{{.*}} = 0 to 26 step 2 iter_args({{.*}}) -> (vector<16xf32>)
// CHECK: return
func.func @small_outer_sum(%x: memref<26x2051xf32>, %y: memref<2051xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<26x2051xf32> -> memref<2051xf32>
  return
}

// -----

// What registers hold does not wait in memory. There are blocks as well, of rows that
// fill eight registers.
// CHECK-LABEL: func @few_columns
// CHECK-NOT: alloc
// CHECK: affine.for %{{.*}} = 0 to 960 step 64 iter_args(%[[BEFORE:.*]] = {{.*}}) -> (vector<8xf64>)
// CHECK: %[[SUM:.*]] = affine.for %{{.*}} = 0 to 64 step 4 iter_args({{.*}}) -> (vector<8xf32>)
// CHECK: %[[WIDE:.*]] = arith.extf %[[SUM]]
// CHECK: arith.addf %[[BEFORE]], %[[WIDE]]
// CHECK: affine.for %{{.*}} = 0 to 40 step 4 iter_args({{.*}}) -> (vector<8xf32>)
// CHECK: return
func.func @few_columns(%x: memref<1000x8xf32>, %y: memref<8xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<1000x8xf32> -> memref<8xf32>
  return
}

// -----

// Registers would hold all that is kept, but strips are along what is reduced:
// memory is read in its order, and the accumulators wait.
// CHECK-LABEL: func @kept_between
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<16xf64>
// CHECK: affine.for %[[R:.*]] = 0 to 10
// CHECK: affine.for %[[K:.*]] = 0 to 16
// CHECK: affine.vector_load %{{.*}}[%[[R]], %[[K]],
// CHECK: return
func.func @kept_between(%x: memref<10x16x128xf32>, %y: memref<16xf32>) {
  owl.reduce <sum> %x into %y axes = [0, 2] : memref<10x16x128xf32> -> memref<16xf32>
  return
}

// -----

// Sums of rows and of columns take one pass.
// CHECK-LABEL: func @both
// CHECK: affine.for %{{.*}} = 0 to 100 {
// CHECK: affine.vector_load %{{.*}} : memref<100x64xf32
// CHECK-NOT: memref<100x64xf32
// CHECK: return
func.func @both(%x: memref<100x64xf32>, %r: memref<100xf32>, %c: memref<64xf32>) {
  owl.group ins(%x : memref<100x64xf32>) outs(%r, %c : memref<100xf32>, memref<64xf32>) {
  ^bb0(%a: tensor<100x64xf32>):
    %s = owl.reduce <sum> %a axes = [1] : tensor<100x64xf32> -> tensor<100xf32>
    %t = owl.reduce <sum> %a axes = [0] : tensor<100x64xf32> -> tensor<64xf32>
    owl.yield %s, %t : tensor<100xf32>, tensor<64xf32>
  }
  return
}

// -----

// What waits in memory is finished and kept where a later phase needs all of it.
// CHECK-LABEL: func @finished
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<3x40xi8>
// CHECK: return
func.func @finished(%x: memref<9x3x999x40xi8>, %y: memref<40xi8>) {
  owl.group ins(%x : memref<9x3x999x40xi8>) outs(%y : memref<40xi8>) {
  ^bb0(%a: tensor<9x3x999x40xi8>):
    %s = owl.reduce <sum> %a axes = [0, 2] : tensor<9x3x999x40xi8> -> tensor<3x40xi8>
    %t = owl.reduce <logsumexp> %s axes = [0] : tensor<3x40xi8> -> tensor<40xi8>
    owl.yield %t : tensor<40xi8>
  }
  return
}

// -----

// What is kept fits neither in registers nor, because it is reduced as well, in
// tiles: strips of a few registers, each with all rows.
// CHECK-LABEL: func @wide
// CHECK: affine.for
// CHECK-NOT: vector<{{[0-9][0-9][0-9]+}}x
// CHECK: return
func.func @wide(%x: memref<64x4001xf32>, %r: memref<64xf32>, %c: memref<4001xf32>) {
  owl.group ins(%x : memref<64x4001xf32>) outs(%r, %c : memref<64xf32>, memref<4001xf32>) {
  ^bb0(%a: tensor<64x4001xf32>):
    %s = owl.reduce <sum> %a axes = [1] : tensor<64x4001xf32> -> tensor<64xf32>
    %t = owl.reduce <sum> %a axes = [0] : tensor<64x4001xf32> -> tensor<4001xf32>
    owl.yield %s, %t : tensor<64xf32>, tensor<4001xf32>
  }
  return
}

// -----

// The result for the minimum is kept with the last loop of its accumulators
// first, so that strips along that cannot store it.
#in = affine_map<(b, k, a, c) -> (a, b, c, k)>
#out = affine_map<(b, k, a, c) -> (b, k, a, c)>

// CHECK-LABEL: func @kept_in_another_order
// CHECK: %[[KEPT:.*]] = memref.alloc(%{{.*}}) : memref<5x?x?xf32>
// CHECK-NOT: vector_store %{{.*}}, %[[KEPT]]{{\[}}
// CHECK: memref.store %{{.*}}, %[[KEPT]][
// CHECK-NOT: vector_store %{{.*}}, %[[KEPT]]{{\[}}
// CHECK: return
func.func @kept_in_another_order(%x: memref<?x?x?x5xf32>, %d0: index, %d1: index, %d2: index, %s: memref<5xf32>, %m: memref<5xf32>) {
  owl.group ins(%x, %d0, %d1, %d2 : memref<?x?x?x5xf32>, index, index, index) outs(%s, %m : memref<5xf32>, memref<5xf32>) {
  ^bb0(%i: tensor<?x?x?x5xf32>, %a: index, %b: index, %c: index):
    %e = tensor.empty(%b, %a, %c) : tensor<?x5x?x?xf32>
    %t = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%i : tensor<?x?x?x5xf32>) outs(%e : tensor<?x5x?x?xf32>) {
    ^bb0(%in: f32, %o: f32):
      linalg.yield %in : f32
    } -> tensor<?x5x?x?xf32>
    %p = owl.reduce <logsumexp> %t axes = [3] : tensor<?x5x?x?xf32> -> tensor<?x5x?xf32>
    %q = owl.reduce <sum> %p axes = [0, 2] : tensor<?x5x?xf32> -> tensor<5xf32>
    %v = owl.reduce <logsumexp> %t axes = [0] : tensor<?x5x?x?xf32> -> tensor<5x?x?xf32>
    %w = owl.reduce <min> %v axes = [1, 2] : tensor<5x?x?xf32> -> tensor<5xf32>
    owl.yield %q, %w : tensor<5xf32>, tensor<5xf32>
  }
  return
}

// -----

// Long pieces follow one another, too: what registers have accumulated of one joins
// what waits in memory for all columns.
// CHECK-LABEL: func @long_pieces
// CHECK: %[[ACC:.*]] = memref.alloca() {alignment = 64 : i64} : memref<64x32xf32>
// CHECK: affine.for %{{.*}} = 0 to 8 {
// CHECK: affine.vector_store %{{.*}}, %[[ACC]]
// CHECK: scf.for
// CHECK-NEXT: affine.for %[[C:.*]] = 0 to 64 {
// CHECK: %[[ROWS:.*]] = affine.for %{{.*}} = 0 to 512 iter_args
// CHECK-NOT: %[[ACC]]
// CHECK: affine.yield
// CHECK: %[[BEFORE:.*]] = affine.vector_load %[[ACC]][%[[C]], 0]
// CHECK: %[[AFTER:.*]] = arith.maximumf %[[ROWS]], %[[BEFORE]]
// CHECK: affine.vector_store %[[AFTER]], %[[ACC]][%[[C]], 0]
// CHECK: return
func.func @long_pieces(%x: memref<8x64x512x32xf32>, %y: memref<64x32xf32>) {
  owl.reduce <max> %x into %y axes = [0, 2] : memref<8x64x512x32xf32> -> memref<64x32xf32>
  return
}

// -----

// So do whole images.
// CHECK-LABEL: func @images
// CHECK: %[[ACC:.*]] = memref.alloca() {alignment = 64 : i64} : memref<64xf32>
// CHECK: scf.for
// CHECK-NEXT: affine.for %[[C:.*]] = 0 to 64 {
// CHECK: affine.for
// CHECK: %[[BEFORE:.*]] = affine.load %[[ACC]][%[[C]]]
// CHECK: affine.store %{{.*}}, %[[ACC]][%[[C]]]
// CHECK: return
func.func @images(%x: memref<8x64x16384xf32>, %y: memref<64xf32>) {
  owl.reduce <max> %x into %y axes = [0, 2] : memref<8x64x16384xf32> -> memref<64xf32>
  return
}

// -----

// Of few images, channels are cut into tiles, for threads to share.
// CHECK-LABEL: func @few_images
// CHECK: affine.for %{{.*}} = 0 to 8 {
// CHECK: memref<8xf32>
// CHECK: affine.for %{{.*}} = 0 to 4 {
// CHECK-NEXT: affine.for %{{.*}} = 0 to 8 {
// CHECK: return
func.func @few_images(%x: memref<4x64x16384xf32>, %y: memref<64xf32>) {
  owl.reduce <max> %x into %y axes = [0, 2] : memref<4x64x16384xf32> -> memref<64xf32>
  return
}

// -----

// What comes with another reduction, or is read again after it, does so channel by
// channel: a channel is in a cache.
// CHECK-LABEL: func @batch_norm
// CHECK: affine.for %{{.*}} = 0 to 64 {
// CHECK-NOT: affine.store
// CHECK: affine.for %{{.*}} = 0 to 16 iter_args
// CHECK: math.rsqrt
// CHECK: affine.for %{{.*}} = 0 to 16 {
// CHECK: return
func.func @batch_norm(%x: memref<16x64x16384xf32>, %y: memref<16x64x16384xf32>) {
  owl.group ins(%x : memref<16x64x16384xf32>) outs(%y : memref<16x64x16384xf32>) {
  ^bb0(%a: tensor<16x64x16384xf32>):
    %s = owl.reduce <variance> %a axes = [0, 2] keep_dims : tensor<16x64x16384xf32> -> tensor<1x64x1xf32>
    %q = math.rsqrt %s : tensor<1x64x1xf32>
    %b = owl.repeat %q by [16, 1, 16384] : tensor<1x64x1xf32> -> tensor<16x64x16384xf32>
    %r = arith.mulf %a, %b : tensor<16x64x16384xf32>
    owl.yield %r : tensor<16x64x16384xf32>
  }
  return
}
