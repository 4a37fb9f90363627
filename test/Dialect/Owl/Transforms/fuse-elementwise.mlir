// RUN: owl-opt %s --owl-elementwise-to-linalg --owl-fuse-elementwise | FileCheck %s
// RUN: owl-opt %s --owl-elementwise-to-linalg --owl-fuse-elementwise=max-cost=40 | FileCheck %s --check-prefix=LIMIT

// One loop, unless that would do too much for each element.
// CHECK-LABEL: @chain
// CHECK-COUNT-1: linalg.generic
// CHECK: math.exp
// CHECK-NEXT: math.sin
// CHECK-NEXT: math.exp
// CHECK-NOT: linalg.generic
// CHECK: return

// LIMIT-LABEL: @chain
// LIMIT: linalg.generic
// LIMIT: math.exp
// LIMIT-NEXT: math.sin
// LIMIT: linalg.generic
// LIMIT: math.exp
// LIMIT: return
func.func @chain(%x: tensor<8xf32>) -> tensor<8xf32> {
  %a = math.exp %x : tensor<8xf32>
  %b = math.sin %a : tensor<8xf32>
  %c = math.exp %b : tensor<8xf32>
  return %c : tensor<8xf32>
}
