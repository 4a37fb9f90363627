// Loops that threads share, and loops that are cut into pieces for that.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine='threads=3 stack-bytes=1024' | FileCheck %s
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=stack-bytes=1024 | FileCheck %s --check-prefix=ALONE
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine='threads=3 task-bytes=2048' | FileCheck %s --check-prefix=SMALL
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine='threads=3 non-temporal-bytes=65536' | FileCheck %s --check-prefix=STREAM
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine='threads=3 task-bytes=65536' | FileCheck %s --check-prefix=FEW

// Three tasks of 2001 strips, but for the last one; what they leave is done by
// the caller. Stores past the caches are over before the task is.
// CHECK-LABEL: func @copy
// CHECK: %[[SIZE:.*]] = arith.constant 64032 : index
// CHECK: %[[COUNT:.*]] = arith.constant 3 : index
// CHECK-NEXT: owl.parallel_for %[[COUNT]] {
// CHECK-NEXT: ^bb0(%[[TASK:.*]]: index):
// CHECK-NEXT: %[[FIRST:.*]] = arith.muli %[[TASK]], %[[SIZE]]
// CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[FIRST]], %[[SIZE]]
// CHECK: %[[LAST:.*]] = arith.minui %[[NEXT]], %{{.*}}
// CHECK-NEXT: affine.for %[[I:.*]] = %[[FIRST]] to %[[LAST]] step 32 {
// CHECK: affine.vector_load %{{.*}}[%[[I]]] : memref<192033xf32{{.*}}>, vector<32xf32>
// CHECK-NOT: fence
// CHECK: }
// CHECK-NEXT: }
// CHECK: affine.load %{{.*}}[192032] : memref<192033xf32
// ALONE-LABEL: func @copy
// ALONE-NOT: owl.parallel_for
// STREAM-LABEL: func @copy
// STREAM: owl.parallel_for
// STREAM: nontemporal = true
// STREAM: llvm.fence seq_cst
// STREAM-NEXT: }
func.func @copy(%x: memref<192033xf32>, %y: memref<192033xf32>) {
  memref.copy %x, %y : memref<192033xf32> to memref<192033xf32>
  return
}

// -----

// Small work is not shared, unless that is asked for.
// CHECK-LABEL: func @small
// CHECK-NOT: owl.parallel_for
// SMALL-LABEL: func @small
// SMALL: arith.constant 512 : index
// SMALL: %[[COUNT:.*]] = arith.constant 2 : index
// SMALL-NEXT: owl.parallel_for %[[COUNT]]
func.func @small(%x: memref<512xf32>, %y: memref<512xf32>) {
  memref.copy %x, %y : memref<512xf32> to memref<512xf32>
  return
}

// -----

// As many tasks as the sizes are worth. A row that does not fit the stack is in
// memory, for each task.
// CHECK-LABEL: func @softmax
// CHECK: %[[WORK:.*]] = arith.maxui
// CHECK: %[[LEAST:.*]] = arith.ceildivui %{{.*}}, %[[WORK]]
// CHECK: arith.divui %[[N:.*]], %[[LEAST]]
// CHECK: arith.ceildivui %[[N]], %{{.*}}
// CHECK: %[[COUNT:.*]] = arith.ceildivui %[[N]], %{{.*}}
// CHECK-NEXT: %[[ROWS:.*]] = memref.alloc(%[[COUNT]], %{{.*}}) : memref<?x?xf32>
// CHECK-NEXT: owl.parallel_for %[[COUNT]] {
// CHECK-NEXT: ^bb0(%[[TASK:.*]]: index):
// CHECK: %[[ROW:.*]] = memref.subview %[[ROWS]][%[[TASK]], 0] [1, %{{.*}}] [1, 1]
// CHECK: affine.for %{{.*}} = %{{.*}} to %{{.*}} {
// CHECK: math.exp
// CHECK: affine.vector_store %{{.*}}, %[[ROW]]
// ALONE-LABEL: func @softmax
// ALONE: memref.alloc(%{{.*}}) : memref<?xf32>
func.func @softmax(%x: memref<?x?xf32>, %y: memref<?x?xf32>, %n: index) {
  owl.group ins(%x, %n : memref<?x?xf32>, index) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: tensor<?x?xf32>, %c: index):
    %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
    %mb = owl.repeat %m by [1, %c] : tensor<?x1xf32> -> tensor<?x?xf32>
    %d = arith.subf %a, %mb : tensor<?x?xf32>
    %e = math.exp %d : tensor<?x?xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
    %sb = owl.repeat %s by [1, %c] : tensor<?x1xf32> -> tensor<?x?xf32>
    %z = arith.divf %e, %sb : tensor<?x?xf32>
    owl.yield %z : tensor<?x?xf32>
  }
  return
}

// -----

// One that does is on that of the task.
// CHECK-LABEL: func @short_rows
// CHECK: owl.parallel_for
// CHECK-NEXT: ^bb0
// CHECK-NEXT: memref.alloca() {alignment = 64 : i64} : memref<64xf32>
func.func @short_rows(%x: memref<10000x64xf32>, %y: memref<10000x64xf32>) {
  owl.group ins(%x : memref<10000x64xf32>) outs(%y : memref<10000x64xf32>) {
  ^bb0(%a: tensor<10000x64xf32>):
    %e = math.exp %a : tensor<10000x64xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<10000x64xf32> -> tensor<10000x1xf32>
    %sb = owl.repeat %s by [1, 64] : tensor<10000x1xf32> -> tensor<10000x64xf32>
    %z = arith.divf %e, %sb : tensor<10000x64xf32>
    owl.yield %z : tensor<10000x64xf32>
  }
  return
}

// -----

// A sum of everything is a sum of sums of pieces, also on one thread: so it is
// the same on several.
// CHECK-LABEL: func @sum
// CHECK: %[[SUMS:.*]] = memref.alloc() : memref<8x4xf64>
// CHECK: owl.parallel_for
// CHECK: affine.for %[[PIECE:.*]] = %{{.*}} to %{{.*}} {
// CHECK: %[[SUM:.*]] = scf.for %{{.*}} iter_args(%{{.*}} = %{{.*}}) -> (vector<4xf64>)
// CHECK: affine.vector_store %[[SUM]], %[[SUMS]][%[[PIECE]], 0]
// CHECK: affine.for %[[PIECE:.*]] = 0 to 8 iter_args(%[[BEFORE:.*]] = %{{.*}}) -> (vector<4xf64>)
// CHECK: %[[SUM:.*]] = affine.vector_load %[[SUMS]][%[[PIECE]], 0]
// CHECK: arith.addf %[[BEFORE]], %[[SUM]]
// ALONE-LABEL: func @sum
// ALONE-NOT: memref.alloc
// ALONE: affine.for %{{.*}} = 0 to 8 iter_args(%[[BEFORE:.*]] = %{{.*}}) -> (vector<4xf64>)
// ALONE: %[[SUM:.*]] = scf.for
// ALONE: arith.addf %[[BEFORE]], %[[SUM]]
func.func @sum(%x: memref<262144xf32>, %y: memref<f32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<262144xf32> -> memref<f32>
  return
}

// -----

// What is accumulated in memory is so for each piece, of one block of rows here.
// CHECK-LABEL: func @columns
// CHECK: %[[SUMS:.*]] = memref.alloc() : memref<4x512xf64>
// CHECK: owl.parallel_for
// CHECK: affine.for %[[PIECE:.*]] = %{{.*}} to %{{.*}} {
// CHECK: %[[SUM:.*]] = memref.subview %[[SUMS]][%[[PIECE]], 0] [1, 512] [1, 1]
// CHECK: vector_store %{{.*}}, %[[SUM]]
// CHECK: affine.for %[[PIECE:.*]] = 0 to 4 {
// CHECK: %[[SUM:.*]] = memref.subview %[[SUMS]][%[[PIECE]], 0] [1, 512] [1, 1]
// CHECK: vector_load %[[SUM]]
// ALONE-LABEL: func @columns
// ALONE: memref.alloc() : memref<512xf64>
// ALONE: memref.alloc() : memref<512xf64>
// ALONE: affine.for %{{.*}} = 0 to 4 {
func.func @columns(%x: memref<512x512xf32>, %y: memref<512xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<512x512xf32> -> memref<512xf32>
  return
}

// -----

// What is left of the rows is a block that is no task's, and has its own buffer.
// CHECK-LABEL: func @columns_left
// CHECK: memref.alloc() : memref<301xf32>
// CHECK: memref.alloc() : memref<3x301xf32>
// CHECK: owl.parallel_for
// CHECK: return
func.func @columns_left(%x: memref<1201x301xf32>, %y: memref<301xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<1201x301xf32> -> memref<301xf32>
  return
}

// -----

// Nor is one of nothing.
// CHECK-LABEL: func @empty
// CHECK-NOT: owl.parallel_for
// CHECK: return
func.func @empty(%x: memref<?x?x0xf32>, %y: memref<?x0xf32>) {
  owl.reduce <max> %x into %y axes = [0] : memref<?x?x0xf32> -> memref<?x0xf32>
  return
}

// -----

// A small one is not cut.
// ALONE-LABEL: func @small_sum
// ALONE: affine.for
// ALONE-NOT: affine.for
// ALONE: return
func.func @small_sum(%x: memref<4096xf32>, %y: memref<f32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<4096xf32> -> memref<f32>
  return
}

// -----

// The first eight rows, which find no accumulators, move 64000 bytes: not those
// of all rows.
// SMALL-LABEL: func @rows
// SMALL: owl.parallel_for
// FEW-LABEL: func @rows
// FEW-NOT: owl.parallel_for
// FEW: return
func.func @rows(%x: memref<40x1000xf32>, %y: memref<1000xf32>) {
  owl.reduce <logsum> %x into %y axes = [0] : memref<40x1000xf32> -> memref<1000xf32>
  return
}
