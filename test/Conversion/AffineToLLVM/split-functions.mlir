// RUN: owl-opt %s --owl-split-functions=max-loops=1 -split-input-file | FileCheck %s
// RUN: owl-opt %s --owl-split-functions=max-loops=3 -split-input-file | FileCheck %s --check-prefix=WHOLE

// WHOLE-NOT: call

// Views are made again, numbers are handed on in both directions, and what lies
// on the stack for one part lies there.
// CHECK-LABEL: func.func @runs(
// CHECK-SAME: %[[X:.*]]: memref<f32> {llvm.noalias}, %[[Y:.*]]: memref<f32> {llvm.noalias}, %[[N:.*]]: index)
// CHECK: %[[SIZE:.*]] = affine.apply
// CHECK: %[[ROOT:.*]] = call @runs_part_0(%[[X]], %[[SIZE]]) : (memref<f32>, index) -> f32
// CHECK-NEXT: %[[TWICE:.*]] = arith.addi %[[SIZE]], %[[SIZE]]
// CHECK-NEXT: call @runs_part_1(%[[ROOT]], %[[Y]], %[[SIZE]])
// CHECK-NEXT: call @runs_part_2(%[[Y]], %[[TWICE]])
// CHECK-NEXT: return

// CHECK-LABEL: func.func private @runs_part_0(
// CHECK-SAME: %[[X:.*]]: memref<f32> {llvm.noalias}, %[[SIZE:.*]]: index) -> f32
// CHECK-SAME: attributes {llvm.linkage = #llvm.linkage<internal>, passthrough = ["noinline"]}
// CHECK: %[[VIEW:.*]] = memref.reinterpret_cast %[[X]]
// CHECK: %[[SUM:.*]] = affine.for %{{.*}} = 0 to %[[SIZE]]
// CHECK: affine.load %[[VIEW]]
// CHECK: %[[ROOT:.*]] = math.sqrt %[[SUM]]
// CHECK: return %[[ROOT]]

// CHECK-LABEL: func.func private @runs_part_1(
// CHECK-NOT: memref.alloca
// CHECK: affine.for

// CHECK-LABEL: func.func private @runs_part_2(
// CHECK: %[[ROW:.*]] = memref.alloca
// CHECK: affine.for
// CHECK: affine.store %{{.*}}, %[[ROW]]
func.func @runs(%x: memref<f32> {llvm.noalias}, %y: memref<f32> {llvm.noalias}, %n: index) {
  %zero = arith.constant 0.0 : f32
  %row = memref.alloca() : memref<8xf32>
  %size = affine.apply affine_map<()[s0] -> (s0 * 2)>()[%n]
  %source = memref.reinterpret_cast %x to offset: [0], sizes: [%size], strides: [1] : memref<f32> to memref<?xf32, strided<[1]>>
  %dest = memref.reinterpret_cast %y to offset: [0], sizes: [%size], strides: [1] : memref<f32> to memref<?xf32, strided<[1]>>
  %sum = affine.for %i = 0 to %size iter_args(%before = %zero) -> f32 {
    %v = affine.load %source[%i] : memref<?xf32, strided<[1]>>
    %next = arith.addf %before, %v : f32
    affine.yield %next : f32
  }
  %root = math.sqrt %sum : f32
  %twice = arith.addi %size, %size : index
  affine.for %i = 0 to %size {
    affine.store %root, %dest[%i] : memref<?xf32, strided<[1]>>
  }
  affine.for %i = 0 to %twice {
    affine.store %zero, %row[%i] : memref<8xf32>
    %v = affine.load %row[%i] : memref<8xf32>
    memref.store %v, %y[] : memref<f32>
  }
  return
}

// -----

// A buffer that is no bare pointer cannot be handed on.
// CHECK-LABEL: func.func @descriptor
// CHECK-NOT: call
func.func @descriptor(%x: memref<f32>, %n: index, %c: i1) {
  %zero = arith.constant 0.0 : f32
  %view = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32, strided<[1]>>
  %chosen = scf.if %c -> memref<?xf32, strided<[1]>> {
    scf.yield %view : memref<?xf32, strided<[1]>>
  } else {
    scf.yield %view : memref<?xf32, strided<[1]>>
  }
  affine.for %i = 0 to %n {
    affine.store %zero, %chosen[%i] : memref<?xf32, strided<[1]>>
  }
  affine.for %i = 0 to %n {
    affine.store %zero, %chosen[%i] : memref<?xf32, strided<[1]>>
  }
  return
}

// -----

// Numbers of 16 bits are handed on as what they are made of.
// CHECK-LABEL: func.func @narrow
// CHECK: %[[BITS:.*]] = call @narrow_part_0({{.*}}) : ({{.*}}) -> i16
// CHECK: call @narrow_part_1({{.*}}i16
// CHECK: func.func private @narrow_part_0({{.*}}) -> i16
// CHECK: arith.bitcast %{{.*}} : bf16 to i16
// CHECK: func.func private @narrow_part_1({{.*}}i16
// CHECK: arith.bitcast %{{.*}} : i16 to bf16
func.func @narrow(%x: memref<8xbf16>, %y: memref<8xbf16>) {
  %zero = arith.constant 0.0 : bf16
  %sum = affine.for %i = 0 to 8 iter_args(%a = %zero) -> bf16 {
    %v = affine.load %x[%i] : memref<8xbf16>
    %n = arith.addf %a, %v : bf16
    affine.yield %n : bf16
  }
  affine.for %i = 0 to 8 {
    affine.store %sum, %y[%i] : memref<8xbf16>
  }
  affine.for %i = 0 to 8 {
    affine.store %sum, %y[%i] : memref<8xbf16>
  }
  return
}
