// Copies, and what is copied several times.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=vector-bits=128 | FileCheck %s

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
// CHECK: memref.copy {{.*}}memref<64xi24>
// CHECK: return
func.func @copies(%s: memref<4xf32>, %i: memref<8xindex>, %j: memref<8xindex>,
                  %c: memref<4xcomplex<f32>>, %d: memref<4xcomplex<f32>>,
                  %u: memref<*xf32>, %v: memref<*xf32>,
                  %o: memref<64xi24>, %p: memref<64xi24>) {
  memref.copy %s, %s : memref<4xf32> to memref<4xf32>
  memref.copy %i, %j : memref<8xindex> to memref<8xindex>
  memref.copy %c, %d : memref<4xcomplex<f32>> to memref<4xcomplex<f32>>
  memref.copy %u, %v : memref<*xf32> to memref<*xf32>
  memref.copy %o, %p : memref<64xi24> to memref<64xi24>
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

// Between the elements of nothing there is nothing, either.
// CHECK-LABEL: func @strided_nothing
// CHECK-NOT: memref.copy
// CHECK: return
func.func @strided_nothing(%x: memref<0xf32, strided<[2]>>, %y: memref<0xf32>) {
  memref.copy %x, %y : memref<0xf32, strided<[2]>> to memref<0xf32>
  return
}
