// LLVM's model of the Cortex-A72 has a pair of vectors loaded more slowly than one
// after the other. Who knows better may say so.
// RUN: owl-translate %s --target=aarch64 --mcpu=cortex-a72 --emit=asm -o - | FileCheck %s
// RUN: owl-translate %s --target=aarch64 --mcpu=cortex-a72 --mattr=-slow-paired-128 --emit=asm -o - | FileCheck %s --check-prefix=PAIRS

// CHECK-NOT: ldp {{.*}}q
// CHECK: ldr {{.*}}q
// CHECK-NOT: ldp {{.*}}q
// PAIRS: ldp {{.*}}q
func.func @negate(%x: tensor<1000x64xf32>) -> tensor<1000x64xf32> {
  %y = arith.negf %x : tensor<1000x64xf32>
  return %y : tensor<1000x64xf32>
}
