// RUN: owl-opt %s --owl-convert-to-llvm | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: owl-opt %s --owl-convert-to-llvm=index-bits=32 | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: not owl-opt %s --owl-convert-to-llvm=index-bits=31 2>&1 | FileCheck %s --check-prefix=BITS

// BITS: error: expected index-bits of 32 or 64, got 31

// Bare pointers, and indices as wide as the target's.
// CHECK-LABEL: llvm.func @f
// CHECK-SAME: (%{{.*}}: !llvm.ptr, %[[N:.*]]: i64)
// WIDE-SAME: -> i64
// NARROW-SAME: -> i32
// NARROW: llvm.trunc %[[N]] : i64 to i32
// CHECK: llvm.intr.sqrt
func.func @f(%p: memref<f32>, %n: i64) -> index {
  %i = arith.index_cast %n : i64 to index
  %v = memref.load %p[] : memref<f32>
  %s = math.sqrt %v : f32
  memref.store %s, %p[] : memref<f32>
  return %i : index
}

// Vectors that LLVM has no ops for.
// CHECK-LABEL: llvm.func @broadcast
// CHECK: llvm.shufflevector
func.func @broadcast(%x: f32) -> vector<8xf32> {
  %v = vector.broadcast %x : f32 to vector<8xf32>
  return %v : vector<8xf32>
}

// What has a constant size is part of the frame, wherever it is allocated.
// CHECK-LABEL: llvm.func @frame
// CHECK-SAME: (%{{.*}}: i1, %[[N:[^:]*]]: i{{32|64}}
// CHECK-NOT: ^bb
// CHECK: llvm.alloca %{{.*}} x f32
// CHECK-NOT: llvm.alloca
// CHECK: llvm.cond_br
// CHECK: llvm.alloca %[[N]] x f32
// CHECK-NOT: llvm.alloca
// CHECK: llvm.return
func.func @frame(%b: i1, %n: index, %p: memref<f32>) {
  cf.cond_br %b, ^rows, ^end
^rows:
  %row = memref.alloca() : memref<49xf32>
  %other = memref.alloca(%n) : memref<?xf32>
  %zero = arith.constant 0 : index
  %x = memref.load %row[%zero] : memref<49xf32>
  memref.store %x, %other[%zero] : memref<?xf32>
  %y = memref.load %other[%zero] : memref<?xf32>
  memref.store %y, %p[] : memref<f32>
  cf.br ^end
^end:
  return
}
