// RUN: owl-opt %s --owl-strip-signedness | FileCheck %s

// The sign goes from the types into the ops that care.
// CHECK-LABEL: @ops
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>) -> (tensor<i8>, tensor<4xf32>, tensor<4xi16>, tensor<4xi1>)
// CHECK: owl.reduce <max> %[[X]] axes = [0] unsigned : tensor<4xi8> -> tensor<i8>
// CHECK: arith.uitofp %[[X]] : tensor<4xi8> to tensor<4xf32>
// CHECK: arith.extui %[[X]] : tensor<4xi8> to tensor<4xi16>
// CHECK: tosa.cast %[[X]] : (tensor<4xi8>) -> tensor<4xi1>
func.func @ops(%x: tensor<4xui8>) -> (tensor<ui8>, tensor<4xf32>, tensor<4xui16>, tensor<4xi1>) {
  %m = owl.reduce <max> %x axes = [0] : tensor<4xui8> -> tensor<ui8>
  %c = tosa.cast %x : (tensor<4xui8>) -> tensor<4xf32>
  %w = tosa.cast %x : (tensor<4xui8>) -> tensor<4xui16>
  %b = tosa.cast %x : (tensor<4xui8>) -> tensor<4xi1>
  return %m, %c, %w, %b : tensor<ui8>, tensor<4xf32>, tensor<4xui16>, tensor<4xi1>
}

// A cast to a type that promises a size keeps the promise apart.
// CHECK-LABEL: @sized
// CHECK: %[[F:.*]] = arith.uitofp %{{.*}} : tensor<?xi8> to tensor<?xf32>
// CHECK: tensor.cast %[[F]] : tensor<?xf32> to tensor<4xf32>
func.func @sized(%x: tensor<?xui8>) -> tensor<4xf32> {
  %c = tosa.cast %x : (tensor<?xui8>) -> tensor<4xf32>
  return %c : tensor<4xf32>
}

// Casts between signs vanish.
// CHECK-LABEL: @casts
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>, %[[S:.*]]: i32)
// CHECK-NEXT: return %[[X]], %[[S]] : tensor<4xi8>, i32
func.func @casts(%x: tensor<4xui8>, %s: i32) -> (tensor<4xi8>, ui32) {
  %b = tensor.bitcast %x : tensor<4xui8> to tensor<4xi8>
  %c = builtin.unrealized_conversion_cast %s : i32 to ui32
  return %b, %c : tensor<4xi8>, ui32
}

// CHECK-LABEL: @constant
// CHECK: arith.constant dense<[1, -56]> : tensor<2xi8>
func.func @constant() -> tensor<2xui8> {
  %c = arith.constant dense<[1, 200]> : tensor<2xui8>
  return %c : tensor<2xui8>
}
