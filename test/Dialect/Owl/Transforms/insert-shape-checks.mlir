// RUN: owl-opt %s --owl-insert-shape-checks --canonicalize | FileCheck %s

// CHECK-LABEL: @equal
// CHECK: %[[EQ:.*]] = arith.cmpi eq
// CHECK: cf.assert %[[EQ]], "bad shape: dimensions that must be equal differ"
// CHECK: linalg.map
func.func @equal(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.map { arith.addf } ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%x : tensor<?xf32>)
  return %r : tensor<?xf32>
}

// Static shapes have been verified.
// CHECK-LABEL: @static
// CHECK-NOT: cf.assert
// CHECK: linalg.map
func.func @static(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.map { arith.addf } ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%x : tensor<4xf32>)
  return %r : tensor<4xf32>
}

// Sizes that multiply to the right one may be negative, or wrap.
// CHECK-LABEL: @expand
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>, %[[N:.*]]: index)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0
// CHECK-DAG: %[[C3:.*]] = arith.constant 3
// CHECK: %[[POSITIVE:.*]] = arith.cmpi sge, %[[N]], %[[C0]]
// CHECK: cf.assert %[[POSITIVE]]
// CHECK: %[[PRODUCT:.*]] = arith.muli %[[N]], %[[C3]]
// CHECK: %[[BACK:.*]] = arith.divsi %[[PRODUCT]], %[[C3]]
// CHECK: %[[FITS:.*]] = arith.cmpi eq, %[[BACK]], %[[N]]
// CHECK: cf.assert %[[FITS]]
// CHECK: %[[DIM:.*]] = tensor.dim %[[X]], %[[C0]]
// CHECK: arith.cmpi eq, %{{.*}}, %[[DIM]]
// CHECK: cf.assert {{.*}} "bad shape: expected the sizes of an expanded dimension to multiply to its own"
func.func @expand(%x: tensor<?xf32>, %n: index) -> tensor<?x3xf32> {
  %r = tensor.expand_shape %x [[0, 1]] output_shape [%n, 3] : tensor<?xf32> into tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// Where a slice lies in a loop, the loop knows.
// CHECK-LABEL: @loop
// CHECK-NOT: cf.assert
// CHECK: return
func.func @loop(%x: tensor<4x3xf32>, %y: tensor<4x3xf32>, %n: index) -> tensor<4x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %y) -> (tensor<4x3xf32>) {
    %s = tensor.extract_slice %x[%i, 0] [1, 3] [1, 1] : tensor<4x3xf32> to tensor<3xf32>
    %t = tensor.insert_slice %s into %a[%i, 0] [1, 3] [1, 1] : tensor<3xf32> into tensor<4x3xf32>
    scf.yield %t : tensor<4x3xf32>
  }
  return %r : tensor<4x3xf32>
}

// What sizes may be computed from divides by 1 for 0, in branches too.
// CHECK-LABEL: @division
// CHECK-SAME: (%{{.*}}: i1, %[[N:.*]]: index, %[[D:.*]]: index, %[[F:.*]]: f32)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK: scf.if
// CHECK: %[[ZERO:.*]] = arith.cmpi eq, %[[D]], %[[C0]]
// CHECK: %[[DIVISOR:.*]] = arith.select %[[ZERO]], %[[C1]], %[[D]]
// CHECK: arith.divui %[[N]], %[[DIVISOR]]
// CHECK: arith.divf %[[F]], %[[F]]
func.func @division(%p: i1, %n: index, %d: index, %f: f32) -> (index, f32) {
  %r = scf.if %p -> index {
    %q = arith.divui %n, %d : index
    scf.yield %q : index
  } else {
    scf.yield %n : index
  }
  %g = arith.divf %f, %f : f32
  return %r, %g : index, f32
}

// Or for -1, where the quotient of the least number would be too large.
// CHECK-LABEL: @signed_division
// CHECK-SAME: (%[[N:.*]]: index, %[[D:.*]]: index)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[M1:.*]] = arith.constant -1 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.cmpi eq, %[[D]], %[[C0]]
// CHECK-DAG: %[[MINUS_ONE:.*]] = arith.cmpi eq, %[[D]], %[[M1]]
// CHECK-DAG: %[[MINUS:.*]] = arith.subi %[[C0]], %[[N]]
// CHECK-DAG: %[[LEAST:.*]] = arith.cmpi eq, %[[N]], %[[MINUS]]
// CHECK: %[[LARGE:.*]] = arith.andi %[[MINUS_ONE]], %[[LEAST]]
// CHECK: %[[BAD:.*]] = arith.ori %[[ZERO]], %[[LARGE]]
// CHECK: %[[DIVISOR:.*]] = arith.select %[[BAD]], %[[C1]], %[[D]]
// CHECK: arith.divsi %[[N]], %[[DIVISOR]]
func.func @signed_division(%n: index, %d: index) -> index {
  %q = arith.divsi %n, %d : index
  return %q : index
}
