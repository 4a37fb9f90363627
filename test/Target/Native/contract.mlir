// A product and a sum stay two roundings, unless both say that they need not.
// RUN: owl-translate %s --target=aarch64 --emit=asm | FileCheck %s
// RUN: owl-translate %s --target=x86_64 --emit=asm | FileCheck %s --check-prefix=X86

// CHECK-LABEL: owl_apart:
// CHECK-NOT: fmla
// CHECK: fmul {{.*}}.4s
// CHECK-NOT: fmla
// X86-LABEL: owl_apart:
// X86-NOT: vfm
// X86: vmulps
// X86-NOT: vfm
func.func @apart(%x: tensor<64x64xf32>, %a: tensor<1x64xf32>, %b: tensor<1x64xf32>) -> tensor<64x64xf32> {
  %ar = owl.repeat %a by [64, 1] : tensor<1x64xf32> -> tensor<64x64xf32>
  %br = owl.repeat %b by [64, 1] : tensor<1x64xf32> -> tensor<64x64xf32>
  %p = arith.mulf %x, %ar : tensor<64x64xf32>
  %s = arith.addf %p, %br : tensor<64x64xf32>
  return %s : tensor<64x64xf32>
}

// CHECK-LABEL: owl_together:
// CHECK-NOT: fmul
// CHECK: fmla {{.*}}.4s
// CHECK-NOT: fmul
// CHECK: .size{{.*}}owl_together
// X86-LABEL: owl_together:
// X86-NOT: vmulps
// X86: vfm
// X86-NOT: vmulps
// X86: .size{{.*}}owl_together
func.func @together(%x: tensor<64x64xf32>, %a: tensor<1x64xf32>, %b: tensor<1x64xf32>) -> tensor<64x64xf32> {
  %ar = owl.repeat %a by [64, 1] : tensor<1x64xf32> -> tensor<64x64xf32>
  %br = owl.repeat %b by [64, 1] : tensor<1x64xf32> -> tensor<64x64xf32>
  %p = arith.mulf %x, %ar fastmath<contract> : tensor<64x64xf32>
  %s = arith.addf %p, %br fastmath<contract> : tensor<64x64xf32>
  return %s : tensor<64x64xf32>
}
