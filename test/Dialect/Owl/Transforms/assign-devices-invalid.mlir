// RUN: owl-opt %s -split-input-file -verify-diagnostics --owl-assign-devices
// RUN: not owl-opt %s --owl-assign-devices=solver=magic 2>&1 | FileCheck %s --check-prefix=NONE

// NONE: expects an owl.device to assign groups to
// expected-error @below {{expects an owl.device to assign groups to}}
module {
  func.func @no_device(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = math.exp %x : tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// -----

owl.device @a {target = "x86_64"}
// expected-error @+1 {{expects links over which it can be reached from @a}}
owl.device @island {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = math.exp %x : tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

owl.device @a {target = "x86_64"}
func.func private @g(tensor<8xf32>) -> tensor<8xf32>
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{expects calls to be inlined before groups are distributed}}
  %y = call @g(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

owl.device @a {target = "x86_64"}
// expected-error @+1 {{expects a function of one block, without branches, to distribute}}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<8xf32>
}

// -----

owl.device @a {target = "x86_64"}
// expected-error @+1 {{expects ranked tensors of numbers, got 'tensor<*xf32>'}}
func.func @f(%x: tensor<*xf32>) {
  return
}

// -----

owl.device @a {target = "x86_64"}
func.func @f() {
  // expected-error @+1 {{expects ranked tensors of numbers, got 'tensor<4xcomplex<f32>>'}}
  %e = tensor.empty() : tensor<4xcomplex<f32>>
  return
}

// -----

// A tensor of unknown size may fit.
owl.device @small {target = "x86_64", memory = 16}
func.func @may_fit(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %y = math.exp %x : tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// -----

// expected-error @below {{cannot distribute the groups: }}
module {
  owl.device @small {target = "x86_64", memory = 16}
  func.func @too_large(%x: tensor<8xf32>) -> tensor<8xf32> {
    %y = math.exp %x : tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// -----

module @a {
  owl.device @a {target = "x86_64"}
  func.func @g(%x: tensor<8xf32>) -> tensor<8xf32> {
    return %x : tensor<8xf32>
  }
}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @+1 {{expects a model that is not distributed yet}}
  %y = owl.call @a::@g(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// No group holds elements of 5 bits.
owl.device @a {target = "x86_64"}
func.func @i5(%x: tensor<4xi5>) -> tensor<4xi5> {
  %y = arith.addi %x, %x : tensor<4xi5>
  return %y : tensor<4xi5>
}
