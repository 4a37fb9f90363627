// How far ahead rows are fetched that are worked on together.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine='vector-bits=512 prefetch-bytes=4096' | FileCheck %s

// Short rows are taken apart once for eight of them, and these are fetched as far
// ahead together as one would be: 512 bytes each.
// CHECK: #[[$NEAR:.*]] = affine_map<() -> (128)>
// CHECK-LABEL: func @fetch_rows_together(
// CHECK: affine.for %{{.*}} = 0 to 64 step 8
// CHECK: affine.for
// CHECK: affine.apply #[[$NEAR]]
// CHECK-COUNT-56: memref.prefetch
// CHECK-NOT: memref.prefetch
// CHECK-COUNT-7: vector.shuffle
// CHECK: return
func.func @fetch_rows_together(%x: memref<16x64x146x7xf32>, %y: memref<16x146xf32>) {
  owl.reduce <sum> %x into %y axes = [1, 3] : memref<16x64x146x7xf32> -> memref<16x146xf32>
  return
}

// -----

// What is fetched at the end of a piece is not what comes next: pieces of 4 KB are
// fetched for eight rows together, each 512 bytes ahead.
// CHECK-LABEL: func @fetch_pieces(
// CHECK: affine.for %{{.*}} = 0 to 64 {
// CHECK: memref.prefetch
// CHECK: return
func.func @fetch_pieces(%x: memref<64x65536xf32>, %y: memref<65536xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<64x65536xf32> -> memref<65536xf32>
  return
}

// -----

// Those for two rows, 2 KB ahead, are not.
// CHECK-LABEL: func @fetch_no_short_pieces(
// CHECK: affine.for %{{.*}} = 0 to 64 {
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @fetch_no_short_pieces(%x: memref<2x65536xf32>, %y: memref<65536xf32>) {
  owl.reduce <sum> %x into %y axes = [0] : memref<2x65536xf32> -> memref<65536xf32>
  return
}

// -----

// All of a row is fetched: two registers, one, and the last number lies where the
// next row begins.
// CHECK-LABEL: func @fetch_parts_of_rows(
// CHECK: affine.for %{{.*}} = 0 to 21248 {
// CHECK-COUNT-2: memref.prefetch
// CHECK: affine.vector_load {{.*}} vector<32xf32>
// CHECK: memref.prefetch
// CHECK: affine.vector_load {{.*}} vector<16xf32>
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @fetch_parts_of_rows(%x: memref<21248x49xf32>, %y: memref<21248xf32>) {
  owl.reduce <sum> %x into %y axes = [1] : memref<21248x49xf32> -> memref<21248xf32>
  return
}
