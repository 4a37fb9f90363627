// RUN: owl-opt %s --owl-emit-c-interface --canonicalize --cse | FileCheck %s

// What loops and branches allocate lives as long as the op of the function that
// they are in.

// Both branches have a part of the workspace until the result is read.
// CHECK-LABEL: func.func @owl_branches(
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C64:.*]] = arith.constant 64 : index
// CHECK-DAG: %[[C128:.*]] = arith.constant 128 : index
// CHECK: scf.if
// CHECK: memref.view %{{.*}}[%[[C0]]]
// CHECK: else
// CHECK: memref.view %{{.*}}[%[[C64]]]
// CHECK: memref.view %{{.*}}[%[[C128]]]
// CHECK: memref.view %{{.*}}[%[[C0]]]
func.func @branches(%x: memref<16xf32>, %c: i1) -> memref<16xf32> {
  %r = scf.if %c -> memref<16xf32> {
    %0 = memref.alloc() : memref<16xf32>
    owl.tile %x into %0 by [1] : memref<16xf32> -> memref<16xf32>
    scf.yield %0 : memref<16xf32>
  } else {
    %0 = memref.alloc() : memref<16xf32>
    owl.repeat %x into %0 by [1] : memref<16xf32> -> memref<16xf32>
    scf.yield %0 : memref<16xf32>
  }
  %1 = memref.alloc() : memref<16xf32>
  owl.tile %r into %1 by [1] : memref<16xf32> -> memref<16xf32>
  %2 = memref.alloc() : memref<16xf32>
  owl.tile %1 into %2 by [1] : memref<16xf32> -> memref<16xf32>
  %3 = memref.alloc() : memref<16xf32>
  owl.tile %2 into %3 by [1] : memref<16xf32> -> memref<16xf32>
  return %3 : memref<16xf32>
}

// The size of the result is a select. A branch that is not taken needs nothing,
// and what is asserted in it need not hold.
// CHECK-LABEL: func.func @owl_sizes(
// CHECK-LABEL: func.func @owl_sizes_workspace_size(
// CHECK: %[[FEW:.*]] = arith.cmpi slt
// CHECK: arith.select %[[FEW]], %{{.*}}, %c0_i64 : i64
// CHECK: arith.select %{{.*}}, %{{.*}}, %c0_i64 : i64
// CHECK-LABEL: func.func @owl_sizes_out_shape(
// CHECK: arith.select
func.func @sizes(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %d = memref.dim %x, %c0 : memref<?xf32>
  %few = arith.cmpi slt, %d, %c5 : index
  %r = scf.if %few -> memref<?xf32> {
    %n = arith.muli %d, %c5 : index
    %0 = memref.alloc(%n) : memref<?xf32>
    owl.tile %x into %0 by [5] : memref<?xf32> -> memref<?xf32>
    scf.yield %0 : memref<?xf32>
  } else {
    %k = arith.subi %d, %c5 : index
    %positive = arith.cmpi sge, %k, %c0 : index
    cf.assert %positive, "bad shape"
    %n = arith.muli %d, %k : index
    %0 = memref.alloc(%n) : memref<?xf32>
    owl.tile %x into %0 by [%k] : memref<?xf32> -> memref<?xf32>
    scf.yield %0 : memref<?xf32>
  }
  return %r : memref<?xf32>
}

// One iteration's buffer is the next one's; what is written before the loop and
// read in it is kept over all of it.
// CHECK-LABEL: func.func @owl_loop(
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C64:.*]] = arith.constant 64 : index
// CHECK: memref.view %{{.*}}[%[[C0]]]
// CHECK: scf.for
// CHECK: memref.view %{{.*}}[%[[C64]]]
func.func @loop(%x: memref<16xf32>, %n: index) -> memref<16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = memref.alloc() : memref<16xf32>
  owl.tile %x into %0 by [1] : memref<16xf32> -> memref<16xf32>
  %1 = memref.alloc() : memref<16xf32>
  scf.for %i = %c0 to %n step %c1 {
    %2 = memref.alloc() : memref<16xf32>
    owl.tile %0 into %2 by [1] : memref<16xf32> -> memref<16xf32>
    owl.repeat %2 into %1 by [1] : memref<16xf32> -> memref<16xf32>
  }
  return %1 : memref<16xf32>
}
