// RUN: owl-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expected machine to be the name of a target, got 'toaster'}}
owl.device @kitchen {target = "toaster"}

// -----

// expected-error @+1 {{attribute 'bandwidth' failed to satisfy constraint: 64-bit float attribute from 1 to 1e30}}
owl.device @a {target = "aarch64", bandwidth = 0.0}

// -----

// expected-error @+1 {{attribute 'flops' failed to satisfy constraint: 64-bit float attribute from 1 to 1e30}}
owl.device @a {target = "aarch64", flops = -1.0}

// -----

// expected-error @+1 {{attribute 'launch' failed to satisfy constraint: 64-bit float attribute from 1e-30 to 1e30}}
owl.device @a {target = "aarch64", launch = 0x7FF0000000000000 : f64}

// -----

// expected-error @+1 {{attribute 'weight' failed to satisfy constraint: 64-bit float attribute from 1e-30 to 1e30}}
owl.device @a {target = "aarch64", weight = 0x7FF8000000000000 : f64}

// -----

// expected-error @+1 {{attribute 'cache' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
owl.device @a {target = "aarch64", cache = 0}

// -----

// expected-error @+1 {{requires attribute 'target'}}
owl.device @a {memory = 1}

// -----

func.func @f() {
  // expected-error @+1 {{expects parent op 'builtin.module'}}
  owl.device @a {target = "aarch64"}
  return
}

// -----

// expected-note @+1 {{see existing symbol definition here}}
owl.device @a {target = "aarch64"}
// expected-error @+1 {{redefinition of symbol named 'a'}}
owl.device @a {target = "x86_64"}

// -----

owl.device @a {target = "aarch64"}
// expected-error @+1 {{expects an owl.device, got @b}}
owl.link @a, @b {bandwidth = 1.0, latency = 1.0}

// -----

owl.device @a {target = "aarch64"}
// expected-error @+1 {{expects two devices, got @a twice}}
owl.link @a, @a {bandwidth = 1.0, latency = 1.0}

// -----

owl.device @a {target = "aarch64"}
owl.device @b {target = "aarch64"}
owl.device @c {target = "aarch64"}
// expected-note @+1 {{there is this one already}}
owl.link @a, @b {bandwidth = 1.0, latency = 1.0}
owl.link @a, @c {bandwidth = 1.0, latency = 1.0}
// expected-error @+1 {{expects one link between @b and @a}}
owl.link @b, @a {bandwidth = 2.0, latency = 1.0}

// -----

owl.device @a {target = "aarch64"}
owl.device @b {target = "aarch64"}
// expected-error @+1 {{requires attribute 'latency'}}
owl.link @a, @b {bandwidth = 1.0}

// -----

owl.device @a {target = "aarch64"}
func.func private @b()
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects an owl.device, got @b}}
  %y = owl.transfer %x from @a to @b : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  // expected-error @+1 {{expects an owl.device, got @a}}
  %y = owl.group ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) attributes {device = @a} {
  ^bb0(%a: tensor<4xf32>):
    owl.yield %a : tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

// expected-error @+1 {{expects 'owl.home' to be an owl.device, got @a}}
func.func private @f() attributes {owl.home = @a}

// -----

// expected-error @+1 {{expects 'owl.home' to be the symbol of a device, on a function}}
func.func private @f() attributes {owl.home = "a"}

// -----

func.func private @g(tensor<4xf32>)
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a function of a module, got @g}}
  owl.call @g(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

module @a {
  func.func private @g(tensor<4xf32>)
}
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{expects to be of the type of @a::@g, which is '(tensor<4xf32>) -> ()'}}
  owl.call @a::@g(%x) : (tensor<8xf32>) -> ()
  return
}

// -----

owl.device @a {target = "aarch64"}
owl.device @b {target = "aarch64"}
// expected-error @+1 {{attribute 'bandwidth' failed to satisfy constraint: 64-bit float attribute from 1 to 1e30}}
owl.link @a, @b {bandwidth = 1.0e-310, latency = 1.0}

// -----

// expected-error @+1 {{'owl.device' op has no attribute "bandwith": expected "bandwidth", "cache",}}
owl.device @a {target = "aarch64", bandwith = 4.0e9}

// -----

owl.device @a {target = "aarch64"}
owl.device @b {target = "aarch64"}
// expected-error @+1 {{'owl.link' op has no attribute "delay": expected}}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-3, delay = 1.0}
