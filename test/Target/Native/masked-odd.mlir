// Where there are masks, a row of seven elements is one load and two stores.
// RUN: owl-translate %s --target=x86_64 --mcpu=x86-64-v4 --emit=asm -o - | FileCheck %s
// RUN: owl-translate %s --target=x86_64 --mcpu=x86-64-v3 --emit=asm -o - | FileCheck %s --check-prefix=AVX

// CHECK-LABEL: owl_twice:
// CHECK: vmovups {{.*}}, %ymm{{[0-9]+}} {%k{{[0-7]}}} {z}
// CHECK: vpermps
// CHECK: vmovups %zmm{{[0-9]+}}, {{.*}} {%k{{[0-7]}}}
// AVX-LABEL: owl_twice:
// AVX-NOT: %k
// AVX: ret
func.func @twice(%x: tensor<100x7xf32>) -> tensor<100x28xf32> {
  %r = owl.repeat %x by [1, 2] : tensor<100x7xf32> -> tensor<100x14xf32>
  %t = owl.tile %r by [1, 2] : tensor<100x14xf32> -> tensor<100x28xf32>
  return %t : tensor<100x28xf32>
}
