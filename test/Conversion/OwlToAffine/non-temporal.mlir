// What goes past the caches.
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=non-temporal-bytes=65536 | FileCheck %s

// Large results go past the caches.
// CHECK-LABEL: func @stream
// CHECK: vector.store %{{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK: llvm.fence seq_cst
func.func @stream(%x: memref<16384xf32>, %y: memref<16384xf32>) {
  owl.group ins(%x : memref<16384xf32>) outs(%y : memref<16384xf32>) {
  ^bb0(%a: tensor<16384xf32>):
    %e = arith.addf %a, %a : tensor<16384xf32>
    owl.yield %e : tensor<16384xf32>
  }
  return
}

// -----

// A loop of one iteration is none: LLVM would move its store out of it, and
// forget that it is non-temporal. A strip may begin where its elements do not.
// CHECK-LABEL: func @stream_strips
// CHECK: affine.for %{{.*}} = 0 to 64
// CHECK-NEXT: affine.for %{{.*}} = 0 to 128
// CHECK-NOT: affine.for
// CHECK: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
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
// CHECK-LABEL: func @stream_dynamic
// CHECK: %[[SIZE:.*]] = arith.cmpi sge, %{{.*}}, %c16384
// CHECK: %[[REST:.*]] = arith.remui %{{.*}}, %c16
// CHECK: %[[FITS:.*]] = arith.cmpi eq, %[[REST]], %c0
// CHECK: %[[LARGE:.*]] = arith.andi %[[SIZE]], %[[FITS]]
// CHECK: scf.if %[[LARGE]] {
// CHECK: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK: llvm.fence seq_cst
// CHECK: } else {
// CHECK: vector.store
// CHECK-NOT: nontemporal = true
// CHECK: return
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

// A truth value takes a byte.
// CHECK-LABEL: func @flags
// CHECK: vector.store {{.*}}nontemporal = true{{.*}} : memref<65536xi8
// CHECK: return
func.func @flags(%x: memref<65536xi8>, %y: memref<65536xi1>) {
  owl.group ins(%x : memref<65536xi8>) outs(%y : memref<65536xi1>) {
  ^bb0(%a: tensor<65536xi8>):
    %f = arith.trunci %a : tensor<65536xi8> to tensor<65536xi1>
    owl.yield %f : tensor<65536xi1>
  }
  return
}
