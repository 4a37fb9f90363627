// Along which loops strips are, and how long.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=vector-bits=128 | FileCheck %s

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

// Where rows of unknown number are of 128 elements each, strips leave nothing.
// CHECK-LABEL: func @multiple
// CHECK: affine.for
// CHECK: vector<16xf32>
// CHECK-NOT: affine.for
// CHECK: return
func.func @multiple(%x: memref<?x128xf32>, %y: memref<?x128xf32>) {
  owl.group ins(%x : memref<?x128xf32>) outs(%y : memref<?x128xf32>) {
  ^bb0(%a: tensor<?x128xf32>):
    %e = arith.addf %a, %a : tensor<?x128xf32>
    owl.yield %e : tensor<?x128xf32>
  }
  return
}

// -----

// Both passes of a variance of f64 take strips along what is kept.
// CHECK-LABEL: func @two_passes_of_rows(
// CHECK: vector<
// CHECK: return
func.func @two_passes_of_rows(%x: memref<13x7xf64>, %y: memref<7xf64>) {
  owl.reduce <variance> %x into %y axes = [0] : memref<13x7xf64> -> memref<7xf64>
  return
}

// -----

// Short rows that follow one another are reduced several at a time: the accumulators of
// as many as a register has lanes are whole registers, and are combined at the end.
// CHECK-LABEL: func @kept_short_rows
// CHECK: affine.for %{{.*}} = 0 to 6 {
// CHECK: affine.for %{{.*}} = 0 to {{.*}} step 4 iter_args(%[[ACC:.*]] = %{{.*}}) -> (vector<12xf32>)
// CHECK-NEXT: affine.vector_load {{.*}} vector<12xf32>
// CHECK-NOT: vector.shuffle
// CHECK: arith.maximumf {{.*}}%[[ACC]]
// CHECK-NEXT: affine.yield
// CHECK: affine.vector_store
// CHECK: return
func.func @kept_short_rows(%x: memref<6x100x3xf32>, %y: memref<6x3xf32>) {
  owl.reduce <max> %x into %y axes = [1] : memref<6x100x3xf32> -> memref<6x3xf32>
  return
}

// -----

// Where registers hold the accumulators of a whole row, of whatever length, each row is
// read once.
// CHECK-LABEL: func @odd_rows
// CHECK: affine.for
// CHECK-COUNT-2: affine.vector_load {{.*}} vector<19xf32>
// CHECK-NOT: vector_load
// CHECK: affine.vector_store {{.*}} vector<19xf32>
// CHECK-NOT: vector_load
// CHECK: return
func.func @odd_rows(%x: memref<100x19xf32>, %y: memref<19xf32>) {
  owl.reduce <max> %x into %y axes = [0] : memref<100x19xf32> -> memref<19xf32>
  return
}

// -----

// Parts of different widths are folded into one before lanes are reduced. Rows that a strip
// covers whole leave a rest of their own: 18 rows are four times 4, and 2.
// CHECK-LABEL: func @folded_parts
// CHECK: vector.reduction <maximumf>, %{{.*}} : vector<4xf32>
// CHECK-NOT: vector.reduction
// CHECK: return
func.func @folded_parts(%x: memref<10x28xf32>, %y: memref<10xf32>) {
  owl.reduce <max> %x into %y axes = [1] : memref<10x28xf32> -> memref<10xf32>
  return
}
// CHECK-LABEL: func @rest_of_rows
// CHECK: affine.for %{{.*}} = 0 to 16 step 4
// CHECK: affine.vector_load {{.*}} vector<12xf32>
// CHECK: affine.vector_load {{.*}} vector<6xf32>
// CHECK: return
func.func @rest_of_rows(%x: memref<18x3xf32>, %y: memref<18xf32>) {
  owl.group ins(%x : memref<18x3xf32>) outs(%y : memref<18xf32>) {
  ^bb0(%a: tensor<18x3xf32>):
    %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<18x3xf32> -> tensor<18x1xf32>
    %b = owl.repeat %m by [1, 3] : tensor<18x1xf32> -> tensor<18x3xf32>
    %d = arith.subf %a, %b : tensor<18x3xf32>
    %s = owl.reduce <sum> %d axes = [1] : tensor<18x3xf32> -> tensor<18xf32>
    owl.yield %s : tensor<18xf32>
  }
  return
}
