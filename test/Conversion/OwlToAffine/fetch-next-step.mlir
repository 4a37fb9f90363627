// RUN: owl-opt %s --convert-owl-to-affine="vector-bits=256 prefetch-bytes=64" | FileCheck %s

// A step of a row of 128 elements does not fetch what it loads itself, even
// if that is further away than asked for.
// CHECK: #[[$NEXT:.*]] = affine_map<() -> (128)>
// CHECK-LABEL: func @fetch_next_step(
// CHECK: affine.apply #[[$NEXT]]()
// CHECK: memref.prefetch
func.func @fetch_next_step(%x: memref<64x64x128xf32>, %y: memref<64x128xf32>) {
  owl.reduce <max> %x into %y axes = [1] : memref<64x64x128xf32> -> memref<64x128xf32>
  return
}
