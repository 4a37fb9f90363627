// RUN: owl-opt %s -split-input-file -verify-diagnostics --owl-partition

owl.device @a {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  // expected-error @+1 {{expects a device: owl-assign-devices chooses one}}
  %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: tensor<8xf32>):
    owl.yield %p : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

owl.device @a {target = "x86_64"}
owl.device @b {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  // expected-error @+1 {{expects links over which @b can be reached from @a}}
  %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @b} {
  ^bb0(%p: tensor<8xf32>):
    owl.yield %p : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

owl.device @a {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %c1 step %c1 iter_args(%v = %x) -> tensor<8xf32> {
    %e = tensor.empty() : tensor<8xf32>
    // expected-error @+1 {{expects no device: what is in a region goes with the op around it}}
    %z = owl.group ins(%v : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @a} {
    ^bb0(%p: tensor<8xf32>):
      owl.yield %p : tensor<8xf32>
    } -> tensor<8xf32>
    scf.yield %z : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}
