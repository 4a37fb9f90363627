// RUN: owl-opt %s -split-input-file -verify-diagnostics --owl-verify-partition

owl.device @a {target = "x86_64"}
module @b {
  owl.device @b {target = "x86_64"}
  func.func @g(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
owl.link @a, @b {bandwidth = 1.0, latency = 1.0}
func.func @good(%x: tensor<8xf32>) -> (tensor<8xf32>, index) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<8xf32>
  %s = tensor.empty(%n) : tensor<?x0xi8>
  %t = owl.transfer %x from @a to @b : tensor<8xf32>
  %y = owl.call @b::@g(%t) : (tensor<8xf32>) -> tensor<8xf32>
  %u = owl.transfer %y from @b to @a : tensor<8xf32>
  return %u, %n : tensor<8xf32>, index
}

// -----

// A schedule computes nothing.
owl.device @a {target = "x86_64"}
func.func @f(%i: index) -> index {
  // expected-error @+1 {{expects to be in the module of a device}}
  %j = arith.addi %i, %i : index
  return %j : index
}

// -----

owl.device @a {target = "x86_64"}
func.func @f() -> index {
  // expected-error @+1 {{expects to be in the module of a device}}
  %c = arith.constant 1 : index
  return %c : index
}

// -----

owl.device @a {target = "x86_64"}
func.func @f(%x: tensor<8xf32>, %i: index) -> index {
  // expected-error @+1 {{expects a constant dimension of a ranked tensor in a schedule}}
  %n = tensor.dim %x, %i : tensor<8xf32>
  return %n : index
}

// -----

owl.device @a {target = "x86_64"}
func.func @f(%x: tensor<?xf32>) -> index {
  %c9 = arith.constant 9 : index
  // expected-error @+1 {{expects a constant dimension of a ranked tensor in a schedule}}
  %n = tensor.dim %x, %c9 : tensor<?xf32>
  return %n : index
}

// -----

// What does not come in by a transfer.
owl.device @a {target = "x86_64"}
module @b {
  owl.device @b {target = "x86_64"}
  func.func @g(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{expects tensors on @b, got one on @a}}
  %y = owl.call @b::@g(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

owl.device @a {target = "x86_64"}
module @b {
  owl.device @b {target = "x86_64"}
  func.func @g(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
owl.link @a, @b {bandwidth = 1.0, latency = 1.0}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = owl.transfer %x from @a to @b : tensor<8xf32>
  %y = owl.call @b::@g(%t) : (tensor<8xf32>) -> tensor<8xf32>
  // expected-error @+1 {{expects tensors on @a, got one on @b}}
  return %y : tensor<8xf32>
}

// -----

owl.device @a {target = "x86_64"}
owl.device @b {target = "x86_64"}
owl.link @a, @b {bandwidth = 1.0, latency = 1.0}
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{expects tensors on @b, got one on @a}}
  %t = owl.transfer %x from @b to @a : tensor<8xf32>
  return
}

// -----

owl.device @a {target = "x86_64"}
owl.device @b {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{expects a link between @a and @b}}
  %t = owl.transfer %x from @a to @b : tensor<8xf32>
  return
}

// -----

owl.device @a {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{expects to be in the module of a device}}
  %y = arith.negf %x : tensor<8xf32>
  return
}

// -----

owl.device @a {target = "x86_64"}
module @other {
  func.func @g() {
    return
  }
}
func.func @f() {
  // expected-error @+1 {{expects a function of the module of a device}}
  owl.call @other::@g() : () -> ()
  return
}

// -----

owl.device @b {target = "x86_64"}
module @a {
  owl.device @a {target = "x86_64"}
  // expected-error @+1 {{expects one call of @a::@never, got 0}}
  func.func @never() {
    return
  }
}

// -----

module @a {
  owl.device @a {target = "x86_64"}
  // expected-error @+1 {{expects one call of @a::@twice, got 2}}
  func.func @twice() {
    return
  }
}
func.func @f() {
  owl.call @a::@twice() : () -> ()
  owl.call @a::@twice() : () -> ()
  return
}

// -----

module @a {
  owl.device @a {target = "x86_64"}
  owl.device @c {target = "x86_64"}
  func.func @g(%x: tensor<8xf32>) -> tensor<8xf32> {
    %e = tensor.empty() : tensor<8xf32>
    // expected-error @+1 {{expects to be in the module of @c}}
    %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @c} {
    ^bb0(%p: tensor<8xf32>):
      owl.yield %p : tensor<8xf32>
    } -> tensor<8xf32>
    return %y : tensor<8xf32>
  }
}
func.func @f(%x: tensor<8xf32>) {
  %y = owl.call @a::@g(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

owl.device @a {target = "x86_64"}
module @b {
  owl.device @b {target = "x86_64"}
  owl.device @a {target = "x86_64"}
  func.func @g(%x: tensor<8xf32>) {
    // expected-error @+1 {{expects to be in a schedule}}
    %t = owl.transfer %x from @b to @a : tensor<8xf32>
    return
  }
}
func.func @f(%x: tensor<8xf32>) attributes {owl.home = @b} {
  owl.call @b::@g(%x) : (tensor<8xf32>) -> ()
  return
}
