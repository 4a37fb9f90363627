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

// -----

// Rows that begin anywhere are put together on the stack, as many as make whole
// lines of memory; the last ones, which do not, end with ordinary stores.
// CHECK-LABEL: func @short_rows
// CHECK-DAG: %[[STAGE:.*]] = memref.alloca() {alignment = 64 : i64} : memref<32x49xf32>
// CHECK-DAG: %[[REST:.*]] = memref.alloca() {alignment = 64 : i64} : memref<9x49xf32>
// CHECK: affine.for %[[BLOCK:.*]] = 0 to 512 step 32
// CHECK-NEXT: affine.for %[[ROW:.*]] = 0 to 32
// CHECK: affine.vector_store %{{.*}}, %[[STAGE]][%[[ROW]], 0]
// CHECK: %[[FROM:.*]] = memref.reinterpret_cast %[[STAGE]]
// CHECK: affine.for %[[I:.*]] = 0 to 1568 step 16
// CHECK: affine.vector_load %[[FROM]][%[[I]]] : {{.*}}, vector<16xf32>
// CHECK: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true}
// CHECK: affine.for %[[ROW:.*]] = 0 to 9
// CHECK: affine.vector_store %{{.*}}, %[[REST]][%[[ROW]], 0]
// CHECK: affine.for %{{.*}} = 0 to 432 step 16
// CHECK: vector.store {{.*}}nontemporal = true
// CHECK: affine.for %{{.*}} = 432 to 440 step 4
// CHECK-NOT: nontemporal
// CHECK: affine.store
// CHECK: llvm.fence seq_cst
func.func @short_rows(%x: memref<521x1xf32>, %y: memref<521x49xf32>) {
  owl.group ins(%x : memref<521x1xf32>) outs(%y : memref<521x49xf32>) {
  ^bb0(%a: tensor<521x1xf32>):
    %r = owl.repeat %a by [1, 49] : tensor<521x1xf32> -> tensor<521x49xf32>
    owl.yield %r : tensor<521x49xf32>
  }
  return
}

// -----

// What is dear to compute would have to wait while rows are copied.
// CHECK-LABEL: func @dear_rows
// CHECK-NOT: memref.alloca
// CHECK-NOT: nontemporal
// CHECK: return
func.func @dear_rows(%x: memref<521x49xf32>, %y: memref<521x49xf32>, %b: memref<49xf32>) {
  owl.group ins(%x, %b : memref<521x49xf32>, memref<49xf32>) outs(%y : memref<521x49xf32>) {
  ^bb0(%a: tensor<521x49xf32>, %c: tensor<49xf32>):
    %v = tensor.expand_shape %c [[0, 1]] output_shape [1, 49] : tensor<49xf32> into tensor<1x49xf32>
    %r = owl.repeat %v by [521, 1] : tensor<1x49xf32> -> tensor<521x49xf32>
    %s = arith.addf %a, %r : tensor<521x49xf32>
    %e = math.exp %s : tensor<521x49xf32>
    owl.yield %e : tensor<521x49xf32>
  }
  return
}

// -----

// Strips of long rows begin where a line does.
// CHECK: #[[$AT:.*]] = affine_map<(d0, d1) -> (d0 + (d1 * -4099) mod 16)>
// CHECK-LABEL: func @long_rows
// CHECK: affine.for %[[ROW:.*]] = 0 to 7
// CHECK: scf.for {{.*}} step %c4
// CHECK: vector.store {{.*}} : {{.*}}, vector<4xf32>
// CHECK: scf.for {{.*}} step %c1
// CHECK: memref.store
// CHECK: scf.for %[[I:.*]] = {{.*}} step %c32
// CHECK: %[[BEGIN:.*]] = affine.apply #[[$AT]](%[[I]], %[[ROW]])
// CHECK: vector.store %{{.*}}[%[[ROW]], %[[BEGIN]]] {alignment = 16 : i64, nontemporal = true} : {{.*}}, vector<32xf32>
// CHECK: scf.for {{.*}} step %c16
// CHECK: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true} : {{.*}}, vector<16xf32>
// CHECK-NOT: nontemporal
// CHECK: return
func.func @long_rows(%x: memref<7x1x4099xf32>, %c: memref<7xf32>, %y: memref<7x4099xf32>) {
  owl.group ins(%x, %c : memref<7x1x4099xf32>, memref<7xf32>) outs(%y : memref<7x4099xf32>) {
  ^bb0(%a: tensor<7x1x4099xf32>, %b: tensor<7xf32>):
    %m = tensor.collapse_shape %a [[0, 1], [2]] : tensor<7x1x4099xf32> into tensor<7x4099xf32>
    %e = tensor.expand_shape %b [[0, 1]] output_shape [7, 1] : tensor<7xf32> into tensor<7x1xf32>
    %r = owl.repeat %e by [1, 4099] : tensor<7x1xf32> -> tensor<7x4099xf32>
    %s = arith.mulf %m, %r : tensor<7x4099xf32>
    owl.yield %s : tensor<7x4099xf32>
  }
  return
}

// -----

// A block that is less than its head and a line would be stored beyond its end.
// CHECK-LABEL: func @last_row
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<32x49xf32>
// CHECK-NOT: memref.alloca
// CHECK: affine.for %{{.*}} = 0 to 512 step 32
// CHECK: return
func.func @last_row(%x: memref<513x1xf32>, %y: memref<513x49xf32>) {
  owl.group ins(%x : memref<513x1xf32>) outs(%y : memref<513x49xf32>) {
  ^bb0(%a: tensor<513x1xf32>):
    %r = owl.repeat %a by [1, 49] : tensor<513x1xf32> -> tensor<513x49xf32>
    owl.yield %r : tensor<513x49xf32>
  }
  return
}

// -----

// Columns of a long row are put together where no strips run along them: in blocks
// that are as long as each other.
// CHECK-LABEL: func @transposed
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<1367xf32>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<1365xf32>
// CHECK: affine.for %{{.*}} = 0 to 9
// CHECK: vector.store {{.*}}nontemporal = true
// CHECK: return
func.func @transposed(%x: memref<9x4099xf32, strided<[1, 9]>>, %y: memref<9x4099xf32>) {
  owl.group ins(%x : memref<9x4099xf32, strided<[1, 9]>>) outs(%y : memref<9x4099xf32>) {
  ^bb0(%a: tensor<9x4099xf32>):
    %e = arith.addf %a, %a : tensor<9x4099xf32>
    owl.yield %e : tensor<9x4099xf32>
  }
  return
}

// -----

// The size of a buffer is known where the others' are, whatever its type says.
// CHECK-LABEL: func @small
// CHECK-NOT: nontemporal
// CHECK: return
func.func @small(%x: memref<9x4xf32>, %y: memref<?x?xf32>) {
  owl.group ins(%x : memref<9x4xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: tensor<9x4xf32>):
    %e = arith.addf %a, %a : tensor<9x4xf32>
    %c = tensor.cast %e : tensor<9x4xf32> to tensor<?x?xf32>
    owl.yield %c : tensor<?x?xf32>
  }
  return
}

// -----

// Two rows at once, for the sum, are no block in memory. One is.
// CHECK-LABEL: func @two_rows
// CHECK: %[[STAGE:.*]] = memref.alloca() {alignment = 64 : i64} : memref<136x7xi64>
// CHECK: affine.vector_store %{{.*}}, %{{.*}}[1, %{{.*}}, 0] : memref<3x401x7xi64
// CHECK: affine.for %{{.*}} = 0 to {{.*}} step 136
// CHECK: affine.vector_store %{{.*}}, %[[STAGE]]
// CHECK: return
func.func @two_rows(%x: memref<3x401x7xi16>, %y: memref<3x401x7xi64>, %z: memref<401xi16>) {
  owl.group ins(%x : memref<3x401x7xi16>) outs(%y, %z : memref<3x401x7xi64>, memref<401xi16>) {
  ^bb0(%a: tensor<3x401x7xi16>):
    %w = arith.extsi %a : tensor<3x401x7xi16> to tensor<3x401x7xi64>
    %s = owl.reduce <max> %a axes = [0, 2] : tensor<3x401x7xi16> -> tensor<401xi16>
    owl.yield %w, %s : tensor<3x401x7xi64>, tensor<401xi16>
  }
  return
}

