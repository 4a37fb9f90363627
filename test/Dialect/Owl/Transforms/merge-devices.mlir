// What is distributed over devices becomes a module for one, and compiles as such.
// RUN: owl-opt %s --owl-merge-devices | FileCheck %s --implicit-check-not="owl.{{[^gy]}}" --implicit-check-not="device" --implicit-check-not="module @"
// RUN: owl-opt %s --owl-to-llvm | FileCheck %s --check-prefix=LLVM --implicit-check-not="owl."
// RUN: owl-translate %s --emit=signature -o - | FileCheck %s --check-prefix=SIGNATURE

owl.device @pi {target = "aarch64"}
owl.link @pi, @kernel {bandwidth = 1.25e7, latency = 2.0e-3}

// A name that is taken.
// CHECK: func.func private @square_0(
// CHECK: arith.mulf
module @kernel {
  owl.device @kernel {target = "unikernel-aarch64"}
  func.func @square(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = arith.mulf %x, %x : tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// Functions of several devices that have the same names call their own.
// CHECK: func.func private @outer(
// CHECK-NEXT: call @inner(
// CHECK: func.func private @inner(
// CHECK-NEXT: arith.addf
module @one {
  owl.device @one {target = "x86_64"}
  func.func @outer(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = func.call @inner(%x) : (tensor<8xf32>) -> tensor<8xf32>
    return %y : tensor<8xf32>
  }
  func.func private @inner(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = arith.addf %x, %x : tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// CHECK: func.func private @outer_0(
// CHECK-NEXT: call @inner_0(
// CHECK: func.func private @inner_0(
// CHECK-NEXT: arith.mulf
module @two {
  owl.device @two {target = "x86_64"}
  func.func @outer(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = func.call @inner(%x) : (tensor<8xf32>) -> tensor<8xf32>
    return %y : tensor<8xf32>
  }
  func.func private @inner(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = arith.mulf %x, %x : tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// CHECK: func.func @square(%[[X:.*]]: tensor<8xf32>) -> tensor<8xf32> {
// CHECK-NEXT: %[[Y:.*]] = call @square_0(%[[X]])
// CHECK-NEXT: return %[[Y]]
// LLVM: llvm.func @owl_square(
// SIGNATURE: "owl_square"
// SIGNATURE-NOT: square_0
func.func @square(%x: tensor<8xf32>) -> tensor<8xf32> attributes {owl.home = @pi} {
  %t = owl.transfer %x from @pi to @kernel : tensor<8xf32>
  %y = owl.call @kernel::@square(%t) : (tensor<8xf32>) -> tensor<8xf32>
  %b = owl.transfer %y from @kernel to @pi : tensor<8xf32>
  return %b : tensor<8xf32>
}

// CHECK: func.func @grouped
// LLVM: llvm.func @owl_grouped(
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
func.func @grouped(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = owl.transfer %x from @pi to @kernel : tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %y = owl.group ins(%t : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @pi} {
  ^bb0(%a: tensor<8xf32>):
    %n = arith.negf %a : tensor<8xf32>
    owl.yield %n : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}
