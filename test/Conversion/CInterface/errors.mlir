// RUN: owl-opt %s --owl-emit-c-interface=index-bits=32 -split-input-file -verify-diagnostics

// The previous iteration's is needed while this one's is made.
func.func @carried(%x: memref<16xf32>, %n: index) -> memref<16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the loop}}
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> memref<16xf32> {
    // expected-error @+1 {{expects no tensor to be allocated inside of the loop that carries it}}
    %0 = memref.alloc() : memref<16xf32>
    owl.tile %a into %0 by [1] : memref<16xf32> -> memref<16xf32>
    scf.yield %0 : memref<16xf32>
  }
  return %r : memref<16xf32>
}

// -----

func.func @per_element(%x: memref<16xf32>) -> memref<16xf32> {
  %r = memref.alloc() : memref<16xf32>
  linalg.map ins(%x : memref<16xf32>) outs(%r : memref<16xf32>)
    (%in: f32, %init: f32) {
      // expected-error @+1 {{expects no tensor to be allocated inside of 'linalg.map'}}
      %0 = memref.alloc() : memref<f32>
      memref.store %in, %0[] : memref<f32>
      %y = memref.load %0[] : memref<f32>
      linalg.yield %y : f32
    }
  return %r : memref<16xf32>
}

// -----

func.func @by_iteration(%x: memref<f32>, %n: index) -> memref<f32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = memref.alloc() : memref<f32>
  scf.for %i = %c0 to %n step %c1 {
    // expected-error @+1 {{expects the shapes of tensors to depend on the shapes of arguments alone}}
    %0 = memref.alloc(%i) : memref<?xf32>
    owl.reduce <sum> %0 into %r axes = [0] : memref<?xf32> -> memref<f32>
  }
  return %r : memref<f32>
}

// -----

// Each fits 31 bits, and so do two that share their memory, but not two at once.
func.func @shared(%x: memref<1500000000xi8>) -> memref<i8> {
  %r = memref.alloc() : memref<i8>
  %0 = memref.alloc() : memref<1500000000xi8>
  owl.tile %x into %0 by [1] : memref<1500000000xi8> -> memref<1500000000xi8>
  owl.reduce <sum> %0 into %r axes = [0] : memref<1500000000xi8> -> memref<i8>
  %1 = memref.alloc() : memref<1500000000xi8>
  owl.tile %x into %1 by [1] : memref<1500000000xi8> -> memref<1500000000xi8>
  owl.reduce <sum> %1 into %r axes = [0] : memref<1500000000xi8> -> memref<i8>
  return %r : memref<i8>
}

// -----

// expected-error @+1 {{expects the tensors between ops to fit the target's address space together}}
func.func @too_large(%x: memref<1500000000xi8>) -> memref<i8> {
  %r = memref.alloc() : memref<i8>
  %0 = memref.alloc() : memref<1500000000xi8>
  owl.tile %x into %0 by [1] : memref<1500000000xi8> -> memref<1500000000xi8>
  %1 = memref.alloc() : memref<1500000000xi8>
  owl.tile %0 into %1 by [1] : memref<1500000000xi8> -> memref<1500000000xi8>
  owl.reduce <sum> %1 into %r axes = [0] : memref<1500000000xi8> -> memref<i8>
  return %r : memref<i8>
}

// -----

// expected-error @+1 {{expects the size of a tensor in bytes to fit the target's address space, got 'tensor<3000000000xi8>'}}
func.func @too_large_argument(%x: memref<3000000000xi8>) {
  return
}

// -----

// expected-error @+1 {{expects a function on dense buffers, got 'tensor<4xf32>': bufferize before this pass}}
func.func @on_tensors(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
