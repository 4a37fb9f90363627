// Transposes go by squares of vectors.
// RUN: owl-opt %s --owl-lower-transposes=vector-bits=128 | FileCheck %s
// RUN: owl-opt %s --owl-lower-transposes="threads=4 task-bytes=25600" --canonicalize | FileCheck %s --check-prefix=TASKS

// 67 by 130 elements: blocks of 32, squares of 2 by 2 and a row that is left.
// CHECK-LABEL: func @squares
// CHECK-SAME: %[[X:.*]]: memref<67x130xf64>, %[[Y:.*]]: memref<130x67xf64>
// CHECK: affine.for %[[I:.*]] = 0 to 130 step 32
// CHECK: affine.for %[[J:.*]] = 0 to 66 step 32
// CHECK: scf.for %[[B:.*]] = %[[I]] to
// CHECK: scf.for %[[A:.*]] = %[[J]] to
// CHECK: %[[R0:.*]] = vector.load %[[X]][%{{.*}}, %[[B]]] : memref<67x130xf64>, vector<2xf64>
// CHECK: %[[R1:.*]] = vector.load %[[X]][%{{.*}}, %[[B]]]
// CHECK: %[[T0:.*]] = vector.shuffle %[[R0]], %[[R1]] [0, 2]
// CHECK: %[[T1:.*]] = vector.shuffle %[[R0]], %[[R1]] [1, 3]
// CHECK: vector.store %[[T0]], %[[Y]][%{{.*}}, %[[A]]]
// CHECK: vector.store %[[T1]], %[[Y]][%{{.*}}, %[[A]]]
// CHECK: affine.for %[[K:.*]] = 0 to 130
// CHECK: affine.for %[[L:.*]] = 66 to 67
// CHECK: affine.load %[[X]][%[[L]], %[[K]]]
// CHECK: affine.store %{{.*}}, %[[Y]][%[[K]], %[[L]]]
// CHECK-NOT: linalg
func.func @squares(%x: memref<67x130xf64>, %y: memref<130x67xf64>) {
  linalg.transpose ins(%x : memref<67x130xf64>) outs(%y : memref<130x67xf64>) permutation = [1, 0]
  return
}

// The dimension between those of the squares has a loop around them.
// CHECK-LABEL: func @dynamic
// CHECK: affine.for %[[M:.*]] = 0 to %{{.*}} {
// CHECK-COUNT-4: vector.load %{{.*}}[%{{.*}}, %[[M]], %{{.*}}] : memref<?x?x?xf32>, vector<4xf32>
// CHECK-COUNT-8: vector.shuffle
// CHECK-COUNT-4: vector.store %{{.*}}[%{{.*}}, %[[M]], %{{.*}}] : memref<?x?x?xf32>, vector<4xf32>
func.func @dynamic(%x: memref<?x?x?xf32>, %y: memref<?x?x?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(c, b, a) -> (a, b, c)>, affine_map<(c, b, a) -> (c, b, a)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : memref<?x?x?xf32>) outs(%y : memref<?x?x?xf32>) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  return
}

// A group does it too. Of 240 KB, four tasks have whole blocks.
// CHECK-LABEL: func @group
// CHECK: vector.shuffle
// TASKS-LABEL: func @group
// TASKS: owl.parallel_for %c4
// TASKS: ^bb0(%[[TASK:.*]]: index):
// TASKS: %[[BEGIN:.*]] = arith.muli %[[TASK]], %c64
// TASKS: %[[END:.*]] = arith.addi %[[BEGIN]], %c64
// TASKS: %[[LAST:.*]] = arith.minui %[[END]], %c200
// TASKS: vector.shuffle
func.func @group(%x: memref<150x200xf32>, %y: memref<200x150xf32>) {
  owl.group ins(%x : memref<150x200xf32>) outs(%y : memref<200x150xf32>) {
  ^bb0(%s: tensor<150x200xf32>):
    %e = tensor.empty() : tensor<200x150xf32>
    %t = linalg.transpose ins(%s : tensor<150x200xf32>) outs(%e : tensor<200x150xf32>) permutation = [1, 0]
    owl.yield %t : tensor<200x150xf32>
  }
  return
}

// Whole rows, vectors that would be packed, rows of less than a square, columns
// of another array, and what computes.
// CHECK-LABEL: func @others
// CHECK-COUNT-5: linalg
func.func @others(%x: memref<4x5x8xf32>, %y: memref<5x4x8xf32>, %b: memref<8x8xi1>, %c: memref<8x8xi1>,
                  %s: memref<3x8xf32>, %t: memref<8x3xf32>, %u: memref<8x8xf32, strided<[16, 2]>>,
                  %v: memref<8x8xf32>) {
  linalg.transpose ins(%x : memref<4x5x8xf32>) outs(%y : memref<5x4x8xf32>) permutation = [1, 0, 2]
  linalg.transpose ins(%b : memref<8x8xi1>) outs(%c : memref<8x8xi1>) permutation = [1, 0]
  linalg.transpose ins(%s : memref<3x8xf32>) outs(%t : memref<8x3xf32>) permutation = [1, 0]
  linalg.transpose ins(%u : memref<8x8xf32, strided<[16, 2]>>) outs(%v : memref<8x8xf32>) permutation = [1, 0]
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%u : memref<8x8xf32, strided<[16, 2]>>) outs(%v : memref<8x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  return
}

// Threads share rows where there is one image.
// TASKS-LABEL: func @image
// TASKS: owl.parallel_for %c4
// TASKS: return
func.func @image(%x: memref<1x512x1024xf32>, %y: memref<1x1024x512xf32>) {
  linalg.transpose ins(%x : memref<1x512x1024xf32>) outs(%y : memref<1x1024x512xf32>) permutation = [0, 2, 1]
  return
}
