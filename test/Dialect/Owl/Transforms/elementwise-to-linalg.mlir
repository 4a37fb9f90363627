// RUN: owl-opt %s --owl-elementwise-to-linalg | FileCheck %s

// Nothing folds, which would lose the size.
// CHECK-LABEL: @xor
// CHECK-SAME: (%[[X:.*]]: tensor<?xi32>)
// CHECK: %[[R:.*]] = linalg.generic
// CHECK-SAME: ins(%[[X]], %[[X]] : tensor<?xi32>, tensor<?xi32>)
// CHECK: arith.xori
// CHECK: return %[[R]]
func.func @xor(%x: tensor<?xi32>) -> tensor<?xi32> {
  %r = arith.xori %x, %x : tensor<?xi32>
  return %r : tensor<?xi32>
}

// CHECK-LABEL: @scalar
// CHECK-NOT: linalg.generic
// CHECK: math.exp %{{.*}} : f32
func.func @scalar(%x: f32) -> f32 {
  %r = math.exp %x : f32
  return %r : f32
}
