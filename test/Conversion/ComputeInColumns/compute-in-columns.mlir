// RUN: owl-opt %s --owl-compute-in-columns=vector-bits=128 --split-input-file | FileCheck %s
// RUN: not owl-opt %s --owl-compute-in-columns=vector-bits=0 --split-input-file 2>&1 | FileCheck %s --check-prefix=BITS

// BITS: error: expected vector-bits to be a power of 2 from 64 on, got 0

// Nothing is spread over the rows again, and nothing taken apart twice.
// CHECK-LABEL: func @deviation
// CHECK-SAME: (%[[X:.*]]: vector<12xf32>, %[[MEAN:.*]]: vector<4xf32>)
// CHECK: %[[C0:.*]] = vector.shuffle %[[X]], %[[X]] [0, 3, 6, 9]
// CHECK: %[[C1:.*]] = vector.shuffle %[[X]], %[[X]] [1, 4, 7, 10]
// CHECK: %[[C2:.*]] = vector.shuffle %[[X]], %[[X]] [2, 5, 8, 11]
// CHECK-NOT: vector.shuffle
// CHECK: %[[D0:.*]] = arith.subf %[[C0]], %[[MEAN]] : vector<4xf32>
// CHECK: %[[D1:.*]] = arith.subf %[[C1]], %[[MEAN]]
// CHECK: %[[D2:.*]] = arith.subf %[[C2]], %[[MEAN]]
// CHECK: %[[S0:.*]] = arith.mulf %[[D0]], %[[D0]]
// CHECK: %[[S1:.*]] = arith.mulf %[[D1]], %[[D1]]
// CHECK: %[[S2:.*]] = arith.mulf %[[D2]], %[[D2]]
// CHECK: %[[SUM:.*]] = arith.addf %[[S0]], %[[S1]]
// CHECK: arith.addf %[[SUM]], %[[S2]]
func.func @deviation(%x: vector<12xf32>, %mean: vector<4xf32>) -> vector<4xf32> {
  %m = vector.shuffle %mean, %mean [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] : vector<4xf32>, vector<4xf32>
  %d = arith.subf %x, %m : vector<12xf32>
  %s = arith.mulf %d, %d : vector<12xf32>
  %s0 = vector.shuffle %s, %s [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  %s1 = vector.shuffle %s, %s [1, 4, 7, 10] : vector<12xf32>, vector<12xf32>
  %s2 = vector.shuffle %s, %s [2, 5, 8, 11] : vector<12xf32>, vector<12xf32>
  %0 = arith.addf %s0, %s1 : vector<4xf32>
  %1 = arith.addf %0, %s2 : vector<4xf32>
  return %1 : vector<4xf32>
}

// -----

// A difference is made in both forms: that is cheaper than to put columns together.
// CHECK-LABEL: func @both_forms
// CHECK-SAME: (%[[X:.*]]: vector<12xf32>,
// CHECK-COUNT-3: vector.shuffle %[[X]], %[[X]]
// CHECK-COUNT-3: arith.subf %{{.*}} : vector<4xf32>
// CHECK: %[[D:.*]] = arith.subf %[[X]], %{{.*}} : vector<12xf32>
// CHECK-COUNT-3: math.exp %{{.*}} : vector<4xf32>
// CHECK-NOT: vector.shuffle
// CHECK: return %{{.*}}, %[[D]]
func.func @both_forms(%x: vector<12xf32>, %max: vector<4xf32>) -> (vector<4xf32>, vector<12xf32>) {
  %x0 = vector.shuffle %x, %x [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  %m = vector.shuffle %max, %max [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] : vector<4xf32>, vector<4xf32>
  %d = arith.subf %x, %m : vector<12xf32>
  %e = math.exp %d : vector<12xf32>
  %e0 = vector.shuffle %e, %e [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  %e1 = vector.shuffle %e, %e [1, 4, 7, 10] : vector<12xf32>, vector<12xf32>
  %e2 = vector.shuffle %e, %e [2, 5, 8, 11] : vector<12xf32>, vector<12xf32>
  %0 = arith.addf %e0, %e1 : vector<4xf32>
  %1 = arith.addf %0, %e2 : vector<4xf32>
  %2 = arith.addf %1, %x0 : vector<4xf32>
  return %2, %d : vector<4xf32>, vector<12xf32>
}

// -----

// An exponential is not computed twice.
// CHECK-LABEL: func @dear
// CHECK: math.exp %{{.*}} : vector<12xf32>
// CHECK-NOT: math.exp
func.func @dear(%x: vector<12xf32>, %max: vector<4xf32>) -> (vector<4xf32>, vector<12xf32>) {
  %m = vector.shuffle %max, %max [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] : vector<4xf32>, vector<4xf32>
  %d = arith.subf %x, %m : vector<12xf32>
  %e = math.exp %d : vector<12xf32>
  %e0 = vector.shuffle %e, %e [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  %e1 = vector.shuffle %e, %e [1, 4, 7, 10] : vector<12xf32>, vector<12xf32>
  %e2 = vector.shuffle %e, %e [2, 5, 8, 11] : vector<12xf32>, vector<12xf32>
  %0 = arith.addf %e0, %e1 : vector<4xf32>
  %1 = arith.addf %0, %e2 : vector<4xf32>
  return %1, %e : vector<4xf32>, vector<12xf32>
}

// -----

// Rows that are all the same, constants and scalars, and a condition that is a
// scalar: columns of them take no shuffle in the loop.
// CHECK-LABEL: func @leaves
// CHECK-DAG: %[[K0:.*]] = arith.constant dense<[0, 3, 6, 9]> : vector<4xi32>
// CHECK-DAG: %[[K2:.*]] = arith.constant dense<[2, 5, 8, 11]> : vector<4xi32>
// CHECK-DAG: vector.shuffle %{{.*}}, %{{.*}} [1, 1, 1, 1] : vector<3xi32>, vector<3xi32>
// CHECK-DAG: vector.broadcast %{{.*}} : i32 to vector<4xi32>
// CHECK-DAG: %[[A0:.*]] = arith.addi %{{.*}}, %[[K0]] : vector<4xi32>
// CHECK-DAG: %[[A2:.*]] = arith.addi %{{.*}}, %[[K2]] : vector<4xi32>
// CHECK-COUNT-3: arith.select %{{.*}} : vector<4xi32>
func.func @leaves(%rows: vector<3xi32>, %y: i32, %c: i1, %max: vector<4xi32>) -> vector<4xi32> {
  %zero = arith.constant dense<0> : vector<4xi32>
  %k = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]> : vector<12xi32>
  %w = vector.shuffle %rows, %rows [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2] : vector<3xi32>, vector<3xi32>
  %b = vector.broadcast %y : i32 to vector<12xi32>
  %sum = affine.for %i = 0 to 8 iter_args(%acc = %zero) -> vector<4xi32> {
    %m = vector.shuffle %acc, %acc [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] : vector<4xi32>, vector<4xi32>
    %0 = arith.muli %m, %w : vector<12xi32>
    %1 = arith.addi %0, %k : vector<12xi32>
    %2 = arith.select %c, %1, %b : vector<12xi32>
    %s0 = vector.shuffle %2, %2 [0, 3, 6, 9] : vector<12xi32>, vector<12xi32>
    %s1 = vector.shuffle %2, %2 [1, 4, 7, 10] : vector<12xi32>, vector<12xi32>
    %s2 = vector.shuffle %2, %2 [2, 5, 8, 11] : vector<12xi32>, vector<12xi32>
    %3 = arith.addi %s0, %s1 : vector<4xi32>
    %4 = arith.addi %3, %s2 : vector<4xi32>
    affine.yield %4 : vector<4xi32>
  }
  return %sum : vector<4xi32>
}

// -----

// Not in f16, and not where a column would leave most of a register empty.
// CHECK-LABEL: func @rows
// CHECK: arith.subf %{{.*}} : vector<24xf16>
// CHECK: arith.subf %{{.*}} : vector<6xf32>
func.func @rows(%x: vector<24xf16>, %mean: vector<8xf16>, %y: vector<6xf32>, %low: vector<2xf32>) -> (vector<8xf16>, vector<2xf32>) {
  %m = vector.shuffle %mean, %mean [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7] : vector<8xf16>, vector<8xf16>
  %d = arith.subf %x, %m : vector<24xf16>
  %d0 = vector.shuffle %d, %d [0, 3, 6, 9, 12, 15, 18, 21] : vector<24xf16>, vector<24xf16>
  %l = vector.shuffle %low, %low [0, 0, 0, 1, 1, 1] : vector<2xf32>, vector<2xf32>
  %e = arith.subf %y, %l : vector<6xf32>
  %e0 = vector.shuffle %e, %e [0, 3] : vector<6xf32>, vector<6xf32>
  return %d0, %e0 : vector<8xf16>, vector<2xf32>
}

// -----

// Rows are added before they are taken apart, and widened after that.
// CHECK-LABEL: func @sum
// CHECK: %[[S:.*]] = arith.addf %{{.*}} : vector<12xf32>
// CHECK: %[[C0:.*]] = vector.shuffle %[[S]], %[[S]] [0, 3, 6, 9]
// CHECK: vector.shuffle %[[S]], %[[S]] [1, 4, 7, 10]
// CHECK: vector.shuffle %[[S]], %[[S]] [2, 5, 8, 11]
// CHECK: arith.extf %[[C0]] : vector<4xf32> to vector<4xf64>
// CHECK-NOT: vector.shuffle
func.func @sum(%x: vector<12xf32>, %y: vector<12xf32>) -> vector<4xf64> {
  %s = arith.addf %x, %y : vector<12xf32>
  %e = arith.extf %s : vector<12xf32> to vector<12xf64>
  %e0 = vector.shuffle %e, %e [0, 3, 6, 9] : vector<12xf64>, vector<12xf64>
  %e1 = vector.shuffle %e, %e [1, 4, 7, 10] : vector<12xf64>, vector<12xf64>
  %e2 = vector.shuffle %e, %e [2, 5, 8, 11] : vector<12xf64>, vector<12xf64>
  %0 = arith.addf %e0, %e1 : vector<4xf64>
  %1 = arith.addf %0, %e2 : vector<4xf64>
  return %1 : vector<4xf64>
}

// -----

// A column of another vector, of which only the second operand is in the web.
// CHECK-LABEL: func @two_operands
// CHECK-SAME: (%[[A:[^:]*]]: vector<12xf32>
// CHECK: %[[C:.*]] = vector.shuffle %[[A]], %{{.*}} [0, 3, 6, 9]
// CHECK: return %[[C]]
func.func @two_operands(%a: vector<12xf32>, %x: vector<12xf32>, %mean: vector<4xf32>) -> (vector<4xf32>, vector<4xf32>) {
  %m = vector.shuffle %mean, %mean [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] : vector<4xf32>, vector<4xf32>
  %s = arith.subf %x, %m : vector<12xf32>
  %s0 = vector.shuffle %a, %s [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  %s1 = vector.shuffle %s, %s [1, 4, 7, 10] : vector<12xf32>, vector<12xf32>
  return %s0, %s1 : vector<4xf32>, vector<4xf32>
}

// -----

// What is spread over rows is a column itself, and taken apart again.
// CHECK-LABEL: func @spread_column
// CHECK-SAME: (%[[X:[^:]*]]: vector<12xf32>
// CHECK: %[[C:.*]] = vector.shuffle %[[X]], %[[X]] [0, 3, 6, 9]
// CHECK: %[[D:.*]] = arith.subf %[[C]], %[[C]] : vector<4xf32>
// CHECK: return %[[D]], %[[C]]
func.func @spread_column(%x: vector<12xf32>) -> (vector<4xf32>, vector<4xf32>) {
  %c0 = vector.shuffle %x, %x [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  %m = vector.shuffle %c0, %c0 [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] : vector<4xf32>, vector<4xf32>
  %m1 = vector.shuffle %m, %m [1, 4, 7, 10] : vector<12xf32>, vector<12xf32>
  %d = arith.subf %x, %m : vector<12xf32>
  %s0 = vector.shuffle %d, %d [0, 3, 6, 9] : vector<12xf32>, vector<12xf32>
  return %s0, %m1 : vector<4xf32>, vector<4xf32>
}
