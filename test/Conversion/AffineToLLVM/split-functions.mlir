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

// Numbers of 16 bits are handed on as what they are made of. Of functions that are
// equal there is one.
// CHECK-LABEL: func.func @narrow
// CHECK: %[[BITS:.*]] = call @narrow_part_0({{.*}}) : ({{.*}}) -> i16
// CHECK: call @narrow_part_2({{.*}}i16
// CHECK: call @narrow_part_2({{.*}}i16
// CHECK: func.func private @narrow_part_0({{.*}}) -> i16
// CHECK: arith.bitcast %{{.*}} : bf16 to i16
// CHECK-NOT: @narrow_part_1
// CHECK: func.func private @narrow_part_2({{.*}}i16
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

// -----

// Where a buffer lies in the workspace is no part of a function, so the last two
// are equal. What one loop needs does not overlap.
// CHECK-LABEL: func.func @places(
// CHECK-SAME: %[[X:.*]]: memref<f32> {llvm.noalias}, %[[W:.*]]: memref<i8>
// CHECK: %[[A0:.*]] = memref.view %{{.*}}[%{{.*}}][] : memref<?xi8> to memref<f32>
// CHECK-NEXT: call @places_part_0(%[[X]], %[[N:.*]], %[[A0]])
// CHECK: %[[A1:.*]] = memref.view
// CHECK: %[[B1:.*]] = memref.view %{{.*}}[%[[OFFSET:.*]]][] : memref<?xi8> to memref<f32>
// CHECK-NEXT: call @places_part_2(%[[N]], %[[A1]], %[[B1]])
// CHECK: %[[B2:.*]] = memref.view %{{.*}}[%[[OFFSET]]]
// CHECK: %[[A2:.*]] = memref.view
// CHECK-NEXT: call @places_part_2(%[[N]], %[[B2]], %[[A2]])
// CHECK: func.func private @places_part_0(
// CHECK-NOT: @places_part_1
// CHECK: func.func private @places_part_2(%[[N:.*]]: index, %[[FROM:.*]]: memref<f32> {llvm.noalias}, %[[TO:.*]]: memref<f32> {llvm.noalias})
// CHECK-DAG: %[[SOURCE:.*]] = memref.reinterpret_cast %[[FROM]] to offset: [0], sizes: [%[[N]]]
// CHECK-DAG: %[[DEST:.*]] = memref.reinterpret_cast %[[TO]] to offset: [0], sizes: [%[[N]]]
// CHECK: affine.load %[[SOURCE]]
// CHECK: affine.store %{{.*}}, %[[DEST]]
func.func @places(%x: memref<f32> {llvm.noalias}, %w: memref<i8> {llvm.noalias},
                  %n: index, %size: index, %offset: index) {
  %c0 = arith.constant 0 : index
  %source = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %workspace = memref.reinterpret_cast %w to offset: [0], sizes: [%size], strides: [1] : memref<i8> to memref<?xi8>
  %a = memref.view %workspace[%c0][%n] : memref<?xi8> to memref<?xf32>
  %b = memref.view %workspace[%offset][%n] : memref<?xi8> to memref<?xf32>
  affine.for %i = 0 to %n {
    %v = affine.load %source[%i] : memref<?xf32>
    affine.store %v, %a[%i] : memref<?xf32>
  }
  affine.for %i = 0 to %n {
    %v = affine.load %a[%i] : memref<?xf32>
    affine.store %v, %b[%i] : memref<?xf32>
  }
  affine.for %i = 0 to %n {
    %v = affine.load %b[%i] : memref<?xf32>
    affine.store %v, %a[%i] : memref<?xf32>
  }
  return
}

// -----

// Of two places that no one loop needs nothing is known. A run is one loop with
// what follows it.
// CHECK-LABEL: func.func @apart(
// CHECK: func.func private @apart_part_0(%{{.*}}: index, %{{.*}}: memref<f32>, %{{.*}}: memref<f32>)
func.func @apart(%w: memref<100xi8>, %n: index) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %a = memref.view %w[%c0][%n] : memref<100xi8> to memref<?xf32>
  %b = memref.view %w[%n][%n] : memref<100xi8> to memref<?xf32>
  affine.for %i = 0 to %n {
    affine.store %zero, %a[%i] : memref<?xf32>
  }
  memref.store %zero, %b[%c0] : memref<?xf32>
  affine.for %i = 0 to %n {
    affine.store %zero, %b[%i] : memref<?xf32>
  }
  return
}

// -----

// So are vectors of them.
// CHECK-LABEL: func.func @narrow_vector
// CHECK: %[[BITS:.*]] = call @narrow_vector_part_0({{.*}}) : ({{.*}}) -> vector<8xi16>
// CHECK: call @narrow_vector_part_1({{.*}}vector<8xi16>
// CHECK: arith.bitcast %{{.*}} : vector<8xf16> to vector<8xi16>
// CHECK: arith.bitcast %{{.*}} : vector<8xi16> to vector<8xf16>
func.func @narrow_vector(%x: memref<64xf16>, %y: memref<64xf16>) {
  %zero = arith.constant dense<0.0> : vector<8xf16>
  %sum = affine.for %i = 0 to 64 step 8 iter_args(%a = %zero) -> vector<8xf16> {
    %v = affine.vector_load %x[%i] : memref<64xf16>, vector<8xf16>
    %n = arith.addf %a, %v : vector<8xf16>
    affine.yield %n : vector<8xf16>
  }
  affine.for %i = 0 to 64 step 8 {
    affine.vector_store %sum, %y[%i] : memref<64xf16>, vector<8xf16>
  }
  return
}
