// What is fetched ahead.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine='prefetch-bytes=4096 non-temporal-bytes=33554432' | FileCheck %s

// Large inputs are fetched ahead, each line once.
// CHECK-LABEL: func @fetch(
// CHECK-COUNT-4: memref.prefetch {{.*}}read, locality<3>
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @fetch(%x: memref<1024x512xf32>, %y: memref<1024xf32>) {
  owl.reduce <sum> %x into %y axes = [1] : memref<1024x512xf32> -> memref<1024xf32>
  return
}

// -----

// What no cache holds is fetched into the second one, 2 KB ahead.
// CHECK: #[[$FAR:.*]] = affine_map<(d0) -> (d0 + 512)>
// CHECK-LABEL: func @fetch_far(
// CHECK: affine.apply #[[$FAR]]
// CHECK: memref.prefetch {{.*}} read, locality<2>
// CHECK: return
func.func @fetch_far(%x: memref<16384x512xf32>, %y: memref<16384xf32>) {
  owl.reduce <sum> %x into %y axes = [1] : memref<16384x512xf32> -> memref<16384xf32>
  return
}

// -----

// Farther where results are written past the caches beside.
// CHECK: #[[$STREAMED:.*]] = affine_map<(d0) -> (d0 + 2048)>
// CHECK-LABEL: func @fetch_beside_stores(
// CHECK: affine.apply #[[$STREAMED]]
// CHECK: memref.prefetch {{.*}} read, locality<2>
// CHECK: return
func.func @fetch_beside_stores(%x: memref<16384x512xf32>, %y: memref<16384x512xf32>) {
  owl.group ins(%x : memref<16384x512xf32>) outs(%y : memref<16384x512xf32>) {
  ^bb0(%a: tensor<16384x512xf32>):
    %r = arith.negf %a : tensor<16384x512xf32>
    owl.yield %r : tensor<16384x512xf32>
  }
  return
}

// -----

// The last phase that reads a row fetches the next one: the third row, where rows
// are of 4 KB.
// CHECK: #[[$NEXT:.*]] = affine_map<(d0) -> (d0 + 2048)>
// CHECK-LABEL: func @fetch_rows(
// CHECK: affine.for
// CHECK-NOT: memref.prefetch
// CHECK: arith.divf
// CHECK: affine.for
// CHECK: affine.apply #[[$NEXT]]
// CHECK: memref.prefetch
// CHECK: arith.mulf
// CHECK: return
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

// Beside as many stores, what a cache holds is not.
// CHECK-LABEL: func @copy_near(
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @copy_near(%x: memref<1024x512xf32>, %y: memref<1024x512xf32>) {
  owl.group ins(%x : memref<1024x512xf32>) outs(%y : memref<1024x512xf32>) {
  ^bb0(%a: tensor<1024x512xf32>):
    owl.yield %a : tensor<1024x512xf32>
  }
  return
}

// -----

// Of elements that are apart, what lies between them comes with them: 32 of them
// are in four lines.
// CHECK-LABEL: func @fetch_every_second(
// CHECK: affine.for %{{.*}} = 0 to 1024 step 32
// CHECK-COUNT-4: memref.prefetch
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @fetch_every_second(%x: memref<1024x1024xf32, strided<[2048, 2]>>, %y: memref<1024xf32>) {
  owl.reduce <max> %x into %y axes = [1] : memref<1024x1024xf32, strided<[2048, 2]>> -> memref<1024xf32>
  return
}

// -----

// Rows of indices, of a size that depends on the target, are not.
// CHECK-LABEL: func @index_rows(
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @index_rows(%x: memref<8x1000xindex>, %y: memref<8x1000xf32>) {
  owl.group ins(%x : memref<8x1000xindex>) outs(%y : memref<8x1000xf32>) {
  ^bb0(%a: tensor<8x1000xindex>):
    %i = arith.index_cast %a : tensor<8x1000xindex> to tensor<8x1000xi32>
    %f = arith.sitofp %i : tensor<8x1000xi32> to tensor<8x1000xf32>
    %m = owl.reduce <max> %f axes = [1] keep_dims : tensor<8x1000xf32> -> tensor<8x1xf32>
    %b = owl.repeat %m by [1, 1000] : tensor<8x1xf32> -> tensor<8x1000xf32>
    %d = arith.subf %f, %b : tensor<8x1000xf32>
    owl.yield %d : tensor<8x1000xf32>
  }
  return
}
