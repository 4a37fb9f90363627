// What comes from memory is fetched as far ahead, and into the cache, as the
// options say.
// RUN: owl-opt %s --convert-owl-to-affine='prefetch-bytes=64 non-temporal-bytes=33554432 far-prefetch-bytes=1024 streamed-prefetch-bytes=512 far-prefetch-cache=1' | FileCheck %s

// CHECK-DAG: #[[$STREAMED:.*]] = affine_map<(d0) -> (d0 + 128)>
// CHECK-DAG: #[[$FAR:.*]] = affine_map<(d0) -> (d0 + 256)>

// CHECK-LABEL: func @far(
// CHECK: affine.apply #[[$FAR]]
// CHECK: memref.prefetch {{.*}} read, locality<3>
func.func @far(%x: memref<16384x512xf32>, %y: memref<16384xf32>) {
  owl.reduce <sum> %x into %y axes = [1] : memref<16384x512xf32> -> memref<16384xf32>
  return
}

// Beside stores that bypass the caches always into the second one.
// CHECK-LABEL: func @streamed(
// CHECK: affine.apply #[[$STREAMED]]
// CHECK: memref.prefetch {{.*}} read, locality<2>
func.func @streamed(%x: memref<16384x512xf32>, %y: memref<16384x512xf32>) {
  owl.group ins(%x : memref<16384x512xf32>) outs(%y : memref<16384x512xf32>) {
  ^bb0(%a: tensor<16384x512xf32>):
    %r = arith.negf %a : tensor<16384x512xf32>
    owl.yield %r : tensor<16384x512xf32>
  }
  return
}
