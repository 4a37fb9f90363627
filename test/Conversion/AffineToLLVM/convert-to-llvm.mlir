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
