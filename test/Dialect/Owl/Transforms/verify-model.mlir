// What cannot be compiled is refused at the user's own op.
// RUN: owl-opt %s --owl-verify-model -split-input-file -verify-diagnostics

func.func @fine(%x: tensor<?xui8>) -> tensor<?xi8> {
  %a = tosa.add %x, %x : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  %b = tensor.bitcast %a : tensor<?xui8> to tensor<?xi8>
  return %b : tensor<?xi8>
}

// -----

// expected-error @below {{expects a model on tensors, got 'memref<4xf32>'}}
func.func @f(%x: memref<4xf32>) {
  cf.br ^bb1
^bb1:
  return
}

// -----

// expected-error @below {{expects a body of one block, without branches}}
func.func @f() {
  cf.br ^bb1
^bb1:
  return
}

// -----

func.func @f(%x: tensor<4xi7>) { // expected-error {{expects elements of type f16, bf16}}
  return
}

// -----

func.func @f(%x: tensor<4611686018427387904xindex>) { // expected-error {{to fit a 64-bit integer}}
  return
}

// -----

func.func @f(%x: tensor<4xui8>) -> tensor<4xi1> {
  // expected-error @below {{expects signed integers, which 'tosa.greater' takes all integers to be, got 'tensor<4xui8>'}}
  %r = tosa.greater %x, %x : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}

// -----

func.func @f(%x: tensor<4xi1>) -> tensor<4xi1> {
  // expected-error @below {{expects signed integers, which 'tosa.maximum' takes}}
  %r = tosa.maximum %x, %x : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}

// -----

func.func @f(%x: tensor<2x3xui8>) -> tensor<2x1xui8> {
  // expected-error @below {{expects signed integers, which 'tosa.reduce_max' takes}}
  %r = tosa.reduce_max %x {axis = 1 : i32} : (tensor<2x3xui8>) -> tensor<2x1xui8>
  return %r : tensor<2x1xui8>
}

// -----

func.func @f(%x: tensor<4xui8>) -> tensor<4xui8> {
  // expected-error @below {{expects signed integers, which 'tosa.clamp' takes}}
  %r = tosa.clamp %x {min_val = 1 : ui8, max_val = 200 : ui8} : (tensor<4xui8>) -> tensor<4xui8>
  return %r : tensor<4xui8>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xui8> {
  // expected-error @below {{expects a cast from floats to signed integers, got 'tensor<4xui8>'}}
  %r = tosa.cast %x : (tensor<4xf32>) -> tensor<4xui8>
  return %r : tensor<4xui8>
}

// -----

func.func @f(%x: tensor<4xf16>) -> tensor<4xbf16> {
  // expected-error @below {{expects a cast between f16 and bf16 by way of f32}}
  %r = tosa.cast %x : (tensor<4xf16>) -> tensor<4xbf16>
  return %r : tensor<4xbf16>
}

// -----

func.func @f(%x: tensor<4xi8>) -> tensor<4xi8> {
  // expected-error @below {{expects elements of a floating-point type for 'tosa.tanh', got 'tensor<4xi8>'}}
  %r = tosa.tanh %x : (tensor<4xi8>) -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// -----

func.func @f(%x: tensor<2x3x4xf32>, %i: tensor<2x2xi32>, %y: tensor<2x2x4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @below {{expects ops that Owl has loops for, which it has not for 'tosa.scatter'}}
  %r = tosa.scatter %x, %i, %y : (tensor<2x3x4xf32>, tensor<2x2xi32>, tensor<2x2x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

func.func @f(%x: tensor<6xf32>) -> tensor<3x2xf32> {
  %s = tosa.const_shape {values = dense<[3, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  // expected-error @below {{expects ops that Owl has loops for, which it has not for 'tosa.add_shape'}}
  %t = tosa.add_shape %s, %s : (!tosa.shape<2>, !tosa.shape<2>) -> !tosa.shape<2>
  %r = tosa.reshape %x, %t : (tensor<6xf32>, !tosa.shape<2>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}

// -----

func.func @f(%x: tensor<1x3x4xf32>, %y: tensor<1x4x5xf32>, %z: tensor<1xf32>) -> tensor<1x3x5xf32> {
  // expected-error @below {{expects constants as zero points and shifts of 'tosa.matmul'}}
  %r = tosa.matmul %x, %y, %z, %z : (tensor<1x3x4xf32>, tensor<1x4x5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x5xf32>
  return %r : tensor<1x3x5xf32>
}

// -----

func.func @f(%x: tensor<4xi32>) -> tensor<4xi8> {
  %m = "tosa.const"() <{values = dense<16384> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<15> : tensor<1xi8>}> : () -> tensor<1xi8>
  %i = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %o = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  // expected-error @below {{expects SINGLE_ROUND, or DOUBLE_ROUND with 'scale32', got DOUBLE_ROUND}}
  %r = tosa.rescale %x, %m, %s, %i, %o {scale32 = false, rounding_mode = DOUBLE_ROUND, per_channel = false, input_unsigned = false, output_unsigned = false} : (tensor<4xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// -----

func.func @f(%x: tensor<1x4x4x2xi8>) -> tensor<1x8x8x2xi8> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<0> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<2> : tensor<2xindex>} : () -> !tosa.shape<2>
  // expected-error @below {{expects wider integers in a bilinear result, got 'tensor<1x8x8x2xi8>'}}
  %r = tosa.resize %x, %s, %o, %b {mode = BILINEAR} : (tensor<1x4x4x2xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x8x8x2xi8>
  return %r : tensor<1x8x8x2xi8>
}

// -----

func.func @f(%x: tensor<2x3xi16>, %t: tensor<256xi8>) -> tensor<2x3xi8> {
  // expected-error @below {{expects a table of i8 that gives i8, or of i16 that gives i32}}
  %r = tosa.table %x, %t : (tensor<2x3xi16>, tensor<256xi8>) -> tensor<2x3xi8>
  return %r : tensor<2x3xi8>
}

// -----

func.func @f(%x: tensor<2x3x3x5xf32>, %y: tensor<6x6x5x2xf32>) -> tensor<6x6x5x2xf32> {
  // expected-error @below {{which it has not for 'linalg.winograd_filter_transform'}}
  %r = linalg.winograd_filter_transform fmr(F_4_3) ins(%x : tensor<2x3x3x5xf32>) outs(%y : tensor<6x6x5x2xf32>) -> tensor<6x6x5x2xf32>
  return %r : tensor<6x6x5x2xf32>
}

// -----

func.func @f(%x: tensor<2x3xi8>) -> tensor<2x3xi8> {
  // expected-error @below {{expects elements of a floating-point type for 'linalg.softmax'}}
  %r = linalg.softmax dimension(1) ins(%x : tensor<2x3xi8>) outs(%x : tensor<2x3xi8>) -> tensor<2x3xi8>
  return %r : tensor<2x3xi8>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xi32> {
  // expected-error @below {{which it has not for 'tensor.bitcast'}}
  %r = tensor.bitcast %x : tensor<4xf32> to tensor<4xi32>
  return %r : tensor<4xi32>
}

// -----

func.func @f(%x: i32) -> i8 {
  // expected-error @below {{expects ops of the dialects}}
  %r = builtin.unrealized_conversion_cast %x : i32 to i8
  return %r : i8
}

// -----

func.func @f(%x: tensor<6xf32>, %s: tensor<2xi32>) -> tensor<?x?xf32> {
  // expected-error @below {{expects a result of a static shape for 'tensor.reshape', got 'tensor<?x?xf32>'}}
  %r = tensor.reshape %x(%s) : (tensor<6xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func private @declared(i32) -> i32

func.func @f(%x: i32) -> i32 {
  // expected-error @below {{expects calls that can be inlined: 'declared' has no body}}
  %y = func.call @declared(%x) : (i32) -> i32
  return %y : i32
}

// -----

func.func @f(%x: i32) -> i32 {
  // expected-error @below {{expects calls that can be inlined: 'f' is recursive}}
  %y = func.call @f(%x) : (i32) -> i32
  return %y : i32
}

// -----

func.func private @even(%x: i32) -> i32 {
  %y = func.call @odd(%x) : (i32) -> i32
  return %y : i32
}

func.func private @odd(%x: i32) -> i32 {
  // expected-error @below {{expects calls that can be inlined: 'even' is recursive}}
  %y = func.call @even(%x) : (i32) -> i32
  return %y : i32
}

func.func @f(%x: i32) -> i32 {
  %y = func.call @even(%x) : (i32) -> i32
  return %y : i32
}

// -----

func.func @f(%n: index) {
  // expected-error @below {{expects a model to leave threads to --threads, got 'owl.parallel_for'}}
  owl.parallel_for %n {
  ^bb0(%task: index):
  }
  return
}

// -----

func.func private @task(index)

func.func @f(%n: index) {
  // expected-error @below {{expects a model to leave threads to --threads, got 'owl.parallel_call'}}
  owl.parallel_call @task to %n()
  return
}

// -----

func.func @f(%x: tensor<3x4xf32>) -> tensor<3x?xf32> {
  %c = arith.constant -2 : index
  // expected-error @below {{'owl.repeat' op expects counts of 0 or more, got -2}}
  %r = owl.repeat %x by [1, %c] : tensor<3x4xf32> -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}
