// An image of a compiled model computes what NumPy computes. Names that the
// start-up code could use itself are the model's, whatever the prefix.
//
// RUN: owl-translate %s --target=unikernel-x86_64 --emit=image -o %t.x86_64
// RUN: %python %S/Inputs/image.py %t.x86_64 x86_64
// RUN: owl-translate %s --target=unikernel-aarch64 --emit=image -o %t.aarch64
// RUN: %python %S/Inputs/image.py %t.aarch64 aarch64
// RUN: owl-translate %s --target=unikernel-x86_64 --emit=image --symbol-prefix= -o %t.x86_64
// RUN: %python %S/Inputs/image.py %t.x86_64 x86_64
// RUN: owl-translate %s --target=unikernel-aarch64 --emit=image --symbol-prefix= -o %t.aarch64
// RUN: %python %S/Inputs/image.py %t.aarch64 aarch64
//
// Nothing of an image is left open, and nothing writable is code.
// RUN: llvm-nm -u %t.x86_64 | count 0
// RUN: llvm-nm -u %t.aarch64 | count 0
// RUN: llvm-readelf -lh %t.x86_64 | FileCheck %s --check-prefixes=IMAGE,X86
// RUN: llvm-readelf -lh %t.aarch64 | FileCheck %s --check-prefixes=IMAGE,ARM
// IMAGE: Type: {{ *}}EXEC
// X86: Entry point address: {{ *}}0x1{{.....$}}
// ARM: Entry point address: {{ *}}0x402{{.....$}}
// IMAGE-NOT: INTERP
// IMAGE-NOT: DYNAMIC
// IMAGE-NOT: RWE
// X86: NOTE

func.func @softmax(%x: tensor<8x100xf32>) -> tensor<8x100xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims
      : tensor<8x100xf32> -> tensor<8x1xf32>
  %mb = owl.repeat %m by [1, 100] : tensor<8x1xf32> -> tensor<8x100xf32>
  %d = arith.subf %x, %mb : tensor<8x100xf32>
  %e = math.exp %d : tensor<8x100xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims
      : tensor<8x100xf32> -> tensor<8x1xf32>
  %sb = owl.repeat %s by [1, 100] : tensor<8x1xf32> -> tensor<8x100xf32>
  %y = arith.divf %e, %sb : tensor<8x100xf32>
  return %y : tensor<8x100xf32>
}

// A constant of the model, and a dynamic shape.
func.func @start(%x: tensor<?x4xi32>) -> (tensor<4xi32>, tensor<?x8xi32>) {
  %weights = arith.constant dense<[1, -2, 3, -4]> : tensor<4xi32>
  %s = owl.reduce <sum> %x axes = [0] : tensor<?x4xi32> -> tensor<4xi32>
  %p = arith.muli %s, %weights : tensor<4xi32>
  %t = owl.tile %x by [1, 2] : tensor<?x4xi32> -> tensor<?x8xi32>
  return %p, %t : tensor<4xi32>, tensor<?x8xi32>
}

func.func @serve(%x: tensor<?xf64>) -> tensor<f64> {
  %m = owl.reduce <max> %x axes = [0] : tensor<?xf64> -> tensor<f64>
  return %m : tensor<f64>
}
