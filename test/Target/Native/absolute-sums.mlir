// RUN: owl-translate %s --target=aarch64 --emit=asm -o - | FileCheck %s

// A chain of sums of magnitudes that LLVM must not reassociate on AArch64.

// CHECK-LABEL: owl_l1:
func.func @l1(%x: tensor<13x7xi32>) -> tensor<7xi32> {
  %s = owl.reduce <l1> %x axes = [0] : tensor<13x7xi32> -> tensor<7xi32>
  return %s : tensor<7xi32>
}
