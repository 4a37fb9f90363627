// Sums of what comes from memory fetch it into the cache that the processor does best
// with.
// RUN: owl-translate %s --target=x86_64 --mcpu=znver4 --emit=asm -o - | FileCheck %s --check-prefix=ZEN
// RUN: owl-translate %s --target=x86_64 --mcpu=emeraldrapids --emit=asm -o - | FileCheck %s --check-prefix=XEON
// ZEN-NOT: prefetcht0
// ZEN: prefetcht1
// XEON-NOT: prefetcht1
// XEON: prefetcht0
func.func @f(%x: tensor<4096x4096xf32>) -> tensor<4096xf32> {
  %y = owl.reduce <sum> %x axes = [1] : tensor<4096x4096xf32> -> tensor<4096xf32>
  return %y : tensor<4096xf32>
}
