// RUN: owl-opt %s --owl-resolve-dims | FileCheck %s

// CHECK-LABEL: @chain
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: index)
// CHECK: %[[D:.*]] = tensor.dim %[[X]], %{{.*}}
// CHECK: %[[P:.*]] = arith.muli %[[D]], %[[N]]
// CHECK-NOT: tensor.dim
// CHECK: return %[[P]]
func.func @chain(%x: tensor<?x4xf32>, %n: index) -> index {
  %c0 = arith.constant 0 : index
  %r = owl.repeat %x by [%n, 1] : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = linalg.map { math.exp } ins(%r : tensor<?x4xf32>) outs(%r : tensor<?x4xf32>)
  %s = owl.reduce <sum> %e axes = [1] : tensor<?x4xf32> -> tensor<?xf32>
  %d = tensor.dim %s, %c0 : tensor<?xf32>
  return %d : index
}

// What the size depends on may come from a branch, or the index from anywhere.
// CHECK-LABEL: @unknown
// CHECK-COUNT-2: tensor.dim
// CHECK: return
func.func @unknown(%x: tensor<?xf32>, %y: tensor<?xf32>, %p: i1, %i: index) -> (index, index) {
  %c0 = arith.constant 0 : index
  %b = scf.if %p -> tensor<?xf32> {
    scf.yield %x : tensor<?xf32>
  } else {
    scf.yield %y : tensor<?xf32>
  }
  %e = linalg.map { math.exp } ins(%b : tensor<?xf32>) outs(%b : tensor<?xf32>)
  %d = tensor.dim %e, %c0 : tensor<?xf32>
  %k = tensor.dim %e, %i : tensor<?xf32>
  return %d, %k : index, index
}

// CHECK-LABEL: @in_a_loop
// CHECK: scf.for
// CHECK-NOT: tensor.dim %{{.*}} : tensor<?xf64>
// CHECK: return
func.func @in_a_loop(%x: tensor<?xf32>, %n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0) -> index {
    %s = tensor.extract_slice %x[%c0] [%i] [1] : tensor<?xf32> to tensor<?xf32>
    %e = tensor.empty(%i) : tensor<?xf64>
    %d = tensor.dim %e, %c0 : tensor<?xf64>
    %b = arith.addi %a, %d : index
    scf.yield %b : index
  }
  return %r : index
}
