// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=vector-bits=128 | FileCheck %s
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=non-temporal-bytes=65536 | FileCheck %s --check-prefix=STREAM
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=prefetch-bytes=4096 | FileCheck %s --check-prefix=FETCH

// The row is shared by all phases; the columns are walked in strips by each. The
// exponentials are kept, the differences computed twice.
// CHECK-LABEL: func @softmax
// CHECK: %[[ROW:.*]] = memref.alloca() {alignment = 64 : i64} : memref<64xf32>
// CHECK: affine.for %[[R:.*]] = 0 to 100 {
// CHECK: affine.for %{{.*}} = 0 to 64 step 16
// CHECK: affine.vector_load %{{.*}} : memref<100x64xf32{{.*}}>, vector<16xf32>
// CHECK: arith.maximumf %{{.*}} : vector<4xf32>
// CHECK: affine.for %[[C:.*]] = 0 to 64 step
// CHECK: math.exp
// CHECK: affine.vector_store %{{.*}}, %[[ROW]][%[[C]]]
// CHECK: arith.addf %{{.*}} : vector<{{.*}}xf64>
// CHECK: affine.for %[[D:.*]] = 0 to 64 step 16
// CHECK: affine.vector_load %[[ROW]][%[[D]]]
// CHECK-NOT: math.exp
// CHECK: return
func.func @softmax(%x: memref<100x64xf32>, %y: memref<100x64xf32>) {
  owl.group ins(%x : memref<100x64xf32>) outs(%y : memref<100x64xf32>) {
  ^bb0(%a: tensor<100x64xf32>):
    %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<100x64xf32> -> tensor<100x1xf32>
    %mb = owl.repeat %m by [1, 64] : tensor<100x1xf32> -> tensor<100x64xf32>
    %d = arith.subf %a, %mb : tensor<100x64xf32>
    %e = math.exp %d : tensor<100x64xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<100x64xf32> -> tensor<100x1xf32>
    %sb = owl.repeat %s by [1, 64] : tensor<100x1xf32> -> tensor<100x64xf32>
    %z = arith.divf %e, %sb : tensor<100x64xf32>
    owl.yield %z : tensor<100x64xf32>
  }
  return
}

// -----

// All axes are one where every tensor has them in one row. The rest of a static
// size is straight code.
// CHECK-LABEL: func @merged
// CHECK-NOT: affine.for
// CHECK: affine.vector_store {{.*}} vector<16xf32>
// CHECK: affine.vector_store {{.*}} vector<4xf32>
// CHECK: return
func.func @merged(%x: memref<4x5xf32>, %y: memref<4x5xf32>) {
  owl.group ins(%x : memref<4x5xf32>) outs(%y : memref<4x5xf32>) {
  ^bb0(%a: tensor<4x5xf32>):
    %e = arith.addf %a, %a : tensor<4x5xf32>
    owl.yield %e : tensor<4x5xf32>
  }
  return
}

// -----

// A repetition computes nothing: each element of the source is spread over the
// lanes of its copies.
// CHECK-LABEL: func @upsample
// CHECK: affine.for %{{.*}} = 0 to 4
// CHECK: affine.for %{{.*}} = 0 to 2
// CHECK: affine.for %{{.*}} = 0 to 32 step 8
// CHECK: %[[X:.*]] = affine.vector_load %{{.*}} : memref<4x32xf32{{.*}}>, vector<8xf32>
// CHECK: vector.shuffle %{{.*}}, %{{.*}} [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]
func.func @upsample(%x: memref<4x32xf32>, %z: memref<8x64xf32>, %y: memref<8x64xf32>) {
  owl.group ins(%x, %z : memref<4x32xf32>, memref<8x64xf32>) outs(%y : memref<8x64xf32>) {
  ^bb0(%a: tensor<4x32xf32>, %b: tensor<8x64xf32>):
    %r = owl.repeat %a by [2, 2] : tensor<4x32xf32> -> tensor<8x64xf32>
    %s = arith.addf %r, %b : tensor<8x64xf32>
    owl.yield %s : tensor<8x64xf32>
  }
  return
}

// -----

// What is dear is computed before the loop that would do so for each row.
// CHECK-LABEL: func @broadcast
// CHECK: math.exp
// CHECK: affine.for %{{.*}} = 0 to 100
// CHECK-NOT: math.exp
// CHECK: return
func.func @broadcast(%x: memref<100x64xf32>, %w: memref<64xf32>, %y: memref<100x64xf32>) {
  owl.group ins(%x, %w : memref<100x64xf32>, memref<64xf32>) outs(%y : memref<100x64xf32>) {
  ^bb0(%a: tensor<100x64xf32>, %b: tensor<64xf32>):
    %e = math.exp %b : tensor<64xf32>
    %c = tensor.expand_shape %e [[0, 1]] output_shape [1, 64] : tensor<64xf32> into tensor<1x64xf32>
    %r = owl.repeat %c by [100, 1] : tensor<1x64xf32> -> tensor<100x64xf32>
    %s = arith.mulf %a, %r : tensor<100x64xf32>
    owl.yield %s : tensor<100x64xf32>
  }
  return
}

// -----

// Large results go past the caches.
// STREAM-LABEL: func @stream
// STREAM: vector.store %{{.*}} {alignment = 16 : i64, nontemporal = true}
// STREAM: llvm.fence seq_cst
func.func @stream(%x: memref<16384xf32>, %y: memref<16384xf32>) {
  owl.group ins(%x : memref<16384xf32>) outs(%y : memref<16384xf32>) {
  ^bb0(%a: tensor<16384xf32>):
    %e = arith.addf %a, %a : tensor<16384xf32>
    owl.yield %e : tensor<16384xf32>
  }
  return
}

// -----

// A function has 16 KB of stack for all of its groups.
// CHECK-LABEL: func @stack
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<3000xf32>
// CHECK-NOT: memref.alloca()
// CHECK: memref.alloc() : memref<3000xf32>
// CHECK: return
func.func @stack(%x: memref<9x3000xf32>, %y: memref<9x3000xf32>, %z: memref<9x3000xf32>) {
  owl.group ins(%x : memref<9x3000xf32>) outs(%y : memref<9x3000xf32>) {
  ^bb0(%a: tensor<9x3000xf32>):
    %e = math.exp %a : tensor<9x3000xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<9x3000xf32> -> tensor<9x1xf32>
    %b = owl.repeat %s by [1, 3000] : tensor<9x1xf32> -> tensor<9x3000xf32>
    %r = arith.divf %e, %b : tensor<9x3000xf32>
    owl.yield %r : tensor<9x3000xf32>
  }
  owl.group ins(%y : memref<9x3000xf32>) outs(%z : memref<9x3000xf32>) {
  ^bb0(%a: tensor<9x3000xf32>):
    %e = math.exp %a : tensor<9x3000xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<9x3000xf32> -> tensor<9x1xf32>
    %b = owl.repeat %s by [1, 3000] : tensor<9x1xf32> -> tensor<9x3000xf32>
    %r = arith.divf %e, %b : tensor<9x3000xf32>
    owl.yield %r : tensor<9x3000xf32>
  }
  return
}

// -----

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
// CHECK: %[[RESULT:.*]] = arith.truncf
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

// Rows that are so short are reduced several at a time: each strip takes in four
// of them whole, in every phase, and the result fills registers.
// CHECK-LABEL: func @short_rows
// CHECK-NOT: alloc
// CHECK: affine.for %[[R:.*]] = 0 to 64 step 4 {
// CHECK-NOT: affine.for
// CHECK: affine.vector_load %{{.*}}[%[[R]], 0] : {{.*}}, vector<12xf32>
// CHECK: arith.addf {{.*}} : vector<4xf32>
// CHECK: arith.divf {{.*}} : vector<12xf32>
// CHECK: affine.vector_store {{.*}}[%[[R]], 0] : {{.*}}, vector<12xf32>
// CHECK: return
func.func @short_rows(%x: memref<64x3xf32>, %y: memref<64x3xf32>) {
  owl.group ins(%x : memref<64x3xf32>) outs(%y : memref<64x3xf32>) {
  ^bb0(%a: tensor<64x3xf32>):
    %s = owl.reduce <sum> %a axes = [1] keep_dims : tensor<64x3xf32> -> tensor<64x1xf32>
    %b = owl.repeat %s by [1, 3] : tensor<64x1xf32> -> tensor<64x3xf32>
    %r = arith.divf %a, %b : tensor<64x3xf32>
    owl.yield %r : tensor<64x3xf32>
  }
  return
}

// -----

// The rows of an empty array have no strips.
// CHECK-LABEL: func @empty_rows
// CHECK: return
func.func @empty_rows(%x: memref<64x0xf32>, %y: memref<64xf32>) {
  owl.reduce <sum> %x into %y axes = [1] : memref<64x0xf32> -> memref<64xf32>
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

// A copy is a group of nothing.
// CHECK-LABEL: func @copy
// CHECK: affine.vector_load
// CHECK-NEXT: affine.vector_store
// CHECK-NOT: memref.copy
func.func @copy(%x: memref<4x8xf32>, %y: memref<?x8xf32>) {
  memref.copy %x, %y : memref<4x8xf32> to memref<?x8xf32>
  return
}

// -----

// Nothing is copied onto itself; what has no element that groups know stays.
// CHECK-LABEL: func @copies
// CHECK-NOT: memref.copy
// CHECK: affine.vector_load {{.*}}index
// CHECK: affine.vector_store {{.*}}index
// CHECK: memref.copy {{.*}}complex<f32>
// CHECK: memref.copy {{.*}}memref<*xf32>
// CHECK: return
func.func @copies(%s: memref<4xf32>, %i: memref<8xindex>, %j: memref<8xindex>,
                  %c: memref<4xcomplex<f32>>, %d: memref<4xcomplex<f32>>,
                  %u: memref<*xf32>, %v: memref<*xf32>) {
  memref.copy %s, %s : memref<4xf32> to memref<4xf32>
  memref.copy %i, %j : memref<8xindex> to memref<8xindex>
  memref.copy %c, %d : memref<4xcomplex<f32>> to memref<4xcomplex<f32>>
  memref.copy %u, %v : memref<*xf32> to memref<*xf32>
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

// Large inputs are fetched ahead, each line once.
// FETCH-LABEL: func @fetch(
// FETCH-COUNT-2: memref.prefetch {{.*}}read
// FETCH-NOT: memref.prefetch
// FETCH: return
func.func @fetch(%x: memref<1024x512xf32>, %y: memref<1024xf32>) {
  owl.reduce <sum> %x into %y axes = [1] : memref<1024x512xf32> -> memref<1024xf32>
  return
}

// -----

// The last phase that reads a row fetches the next one: the third row, where rows
// are of 4 KB.
// FETCH: #[[$NEXT:.*]] = affine_map<(d0) -> (d0 + 2048)>
// FETCH-LABEL: func @fetch_rows(
// FETCH: affine.for
// FETCH-NOT: memref.prefetch
// FETCH: arith.divf
// FETCH: affine.for
// FETCH: affine.apply #[[$NEXT]]
// FETCH: memref.prefetch
// FETCH: arith.mulf
// FETCH: return
func.func @fetch_rows(%x: memref<1024x1024xf32>, %y: memref<1024x1024xf32>) {
  owl.group ins(%x : memref<1024x1024xf32>) outs(%y : memref<1024x1024xf32>) {
  ^bb0(%a: tensor<1024x1024xf32>):
    %m = owl.reduce <mean> %a axes = [1] keep_dims : tensor<1024x1024xf32> -> tensor<1024x1xf32>
    %b = owl.repeat %m by [1, 1024] : tensor<1024x1xf32> -> tensor<1024x1024xf32>
    %r = arith.mulf %a, %b : tensor<1024x1024xf32>
    owl.yield %r : tensor<1024x1024xf32>
  }
  return
}

// -----

// A loop of one iteration is none: LLVM would move its store out of it, and
// forget that it is non-temporal. A strip may begin where its elements do not.
// STREAM-LABEL: func @stream_strips
// STREAM: affine.for %{{.*}} = 0 to 64
// STREAM-NEXT: affine.for %{{.*}} = 0 to 128
// STREAM-NOT: affine.for
// STREAM: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
func.func @stream_strips(%x: memref<64x16xf32>, %y: memref<64x128x32xf32>) {
  owl.group ins(%x : memref<64x16xf32>) outs(%y : memref<64x128x32xf32>) {
  ^bb0(%a: tensor<64x16xf32>):
    %e = tensor.expand_shape %a [[0], [1, 2]] output_shape [64, 1, 16] : tensor<64x16xf32> into tensor<64x1x16xf32>
    %r = owl.repeat %e by [1, 128, 2] : tensor<64x1x16xf32> -> tensor<64x128x32xf32>
    owl.yield %r : tensor<64x128x32xf32>
  }
  return
}

// -----

// Whether a result of unknown size is large shows at run time, and so does whether
// its rows begin where non-temporal stores can.
// STREAM-LABEL: func @stream_dynamic
// STREAM: %[[SIZE:.*]] = arith.cmpi sge, %{{.*}}, %c16384
// STREAM: %[[REST:.*]] = arith.remui %{{.*}}, %c16
// STREAM: %[[FITS:.*]] = arith.cmpi eq, %[[REST]], %c0
// STREAM: %[[LARGE:.*]] = arith.andi %[[SIZE]], %[[FITS]]
// STREAM: scf.if %[[LARGE]] {
// STREAM: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
// STREAM: llvm.fence seq_cst
// STREAM: } else {
// STREAM: vector.store
// STREAM-NOT: nontemporal = true
// STREAM: return
func.func @stream_dynamic(%x: memref<?x?xf32>, %y: memref<?x?xf32>, %n: index) {
  owl.group ins(%x, %n : memref<?x?xf32>, index) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: tensor<?x?xf32>, %count: index):
    %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
    %b = owl.repeat %m by [1, %count] : tensor<?x1xf32> -> tensor<?x?xf32>
    %r = arith.subf %a, %b : tensor<?x?xf32>
    owl.yield %r : tensor<?x?xf32>
  }
  return
}

// -----

// Strips are as many registers of the widest type that is computed: sines of
// f32 are, in f64, and products of bf16 in f32.
// CHECK-LABEL: func @wide
// CHECK: affine.for %{{.*}} = 0 to 64 step 4
// CHECK: math.sin %{{.*}} : vector<4xf32>
// CHECK-LABEL: func @narrow
// CHECK: affine.for %{{.*}} = 0 to 64 step 16
// CHECK: arith.mulf %{{.*}} : vector<16xbf16>
func.func @wide(%x: memref<64xf32>, %y: memref<64xf32>) {
  owl.group ins(%x : memref<64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%a: tensor<64xf32>):
    %s = math.sin %a : tensor<64xf32>
    owl.yield %s : tensor<64xf32>
  }
  return
}
func.func @narrow(%x: memref<64xbf16>, %y: memref<64xbf16>) {
  owl.group ins(%x : memref<64xbf16>) outs(%y : memref<64xbf16>) {
  ^bb0(%a: tensor<64xbf16>):
    %p = arith.mulf %a, %a : tensor<64xbf16>
    owl.yield %p : tensor<64xbf16>
  }
  return
}

// -----

// All copies of a block are made while the L1 cache has it.
// CHECK-LABEL: func @copies_of_blocks
// CHECK: affine.for %[[N:.*]] = 0 to 3 {
// CHECK: affine.for %[[B:.*]] = 0 to 20 {
// CHECK: affine.for %[[C:.*]] = 0 to 2 {
// CHECK: affine.for %[[P:.*]] = 0 to 2048 step 16
// CHECK: affine.vector_load %{{.*}}[%[[N]], %[[B]], %[[P]]]
// CHECK: affine.vector_store %{{.*}}[%[[N]], %[[C]], %[[B]], %[[P]]]
func.func @copies_of_blocks(%x: memref<3x4x10240xf32>, %y: memref<3x8x10240xf32>) {
  owl.group ins(%x : memref<3x4x10240xf32>) outs(%y : memref<3x8x10240xf32>) {
  ^bb0(%a: tensor<3x4x10240xf32>):
    %t = owl.tile %a by [1, 2, 1] : tensor<3x4x10240xf32> -> tensor<3x8x10240xf32>
    owl.yield %t : tensor<3x8x10240xf32>
  }
  return
}

// -----

// Rows that are blocks are not cut, and what is short is copied as it lies.
// CHECK-LABEL: func @copies_of_rows
// CHECK: affine.for %[[R:.*]] = 0 to 10 {
// CHECK: affine.for %[[C:.*]] = 0 to 2 {
// CHECK: affine.for %[[D:.*]] = 0 to 3 {
// CHECK: affine.for %[[P:.*]] = 0 to 2048 step 16
// CHECK: affine.vector_store %{{.*}}[%[[C]], %[[R]], %[[D]], %[[P]]]
// CHECK: affine.for %[[C2:.*]] = 0 to 2 {
// CHECK: affine.for %{{.*}} = 0 to 4096 step 16
func.func @copies_of_rows(%x: memref<10x2048xf32>, %y: memref<20x6144xf32>, %v: memref<2x2048xf32>, %w: memref<4x2048xf32>) {
  owl.group ins(%x : memref<10x2048xf32>) outs(%y : memref<20x6144xf32>) {
  ^bb0(%a: tensor<10x2048xf32>):
    %t = owl.tile %a by [2, 3] : tensor<10x2048xf32> -> tensor<20x6144xf32>
    owl.yield %t : tensor<20x6144xf32>
  }
  owl.group ins(%v : memref<2x2048xf32>) outs(%w : memref<4x2048xf32>) {
  ^bb0(%a: tensor<2x2048xf32>):
    %t = owl.tile %a by [2, 1] : tensor<2x2048xf32> -> tensor<4x2048xf32>
    owl.yield %t : tensor<4x2048xf32>
  }
  return
}

// -----

// What is dear makes a strip shorter, but exp is not long enough for that.
// CHECK-LABEL: func @dear
// CHECK: math.exp %{{.*}} : vector<16xf32>
// CHECK: math.log %{{.*}} : vector<8xf32>
func.func @dear(%x: memref<8x64xf32>, %y: memref<8x64xf32>, %z: memref<8x64xf32>) {
  owl.group ins(%x : memref<8x64xf32>) outs(%y : memref<8x64xf32>) {
  ^bb0(%a: tensor<8x64xf32>):
    %e = math.exp %a : tensor<8x64xf32>
    owl.yield %e : tensor<8x64xf32>
  }
  owl.group ins(%x : memref<8x64xf32>) outs(%z : memref<8x64xf32>) {
  ^bb0(%a: tensor<8x64xf32>):
    %e = math.log %a : tensor<8x64xf32>
    owl.yield %e : tensor<8x64xf32>
  }
  return
}

// -----

// What is dear, or wide, but the same along a strip does not make it shorter.
// CHECK-LABEL: func @row_factor
// CHECK: affine.for %{{.*}} = 0 to 8 {
// CHECK: math.sin %{{.*}} : f32
// CHECK: affine.for %{{.*}} = 0 to 64 step 16
// CHECK: arith.mulf %{{.*}} : vector<16xf32>
func.func @row_factor(%x: memref<8x64xf32>, %w: memref<8x1xf32>, %y: memref<8x64xf32>) {
  owl.group ins(%x, %w : memref<8x64xf32>, memref<8x1xf32>) outs(%y : memref<8x64xf32>) {
  ^bb0(%a: tensor<8x64xf32>, %f: tensor<8x1xf32>):
    %s = math.sin %f : tensor<8x1xf32>
    %b = owl.repeat %s by [1, 64] : tensor<8x1xf32> -> tensor<8x64xf32>
    %p = arith.mulf %a, %b : tensor<8x64xf32>
    owl.yield %p : tensor<8x64xf32>
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
