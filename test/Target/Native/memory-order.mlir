// Registers of a wide vector are loaded and stored in the order of memory, and the
// parts of a line that go past the caches one after the other.
// RUN: owl-translate %s --target=x86_64 --mcpu=znver5 --emit=asm -o - | FileCheck %s

// CHECK-LABEL: owl_sum:
// CHECK: vaddps [[#%d,FIRST:]]([[AT:.*]]), %zmm
// CHECK-NEXT: vaddps [[#FIRST+64]]([[AT]]), %zmm
// CHECK-NEXT: vaddps [[#FIRST+128]]([[AT]]), %zmm
// CHECK-NEXT: vaddps [[#FIRST+192]]([[AT]]), %zmm
// CHECK: retq
func.func @sum(%x: tensor<64x128x128xf32>) -> tensor<64x128xf32> {
  %s = owl.reduce <sum> %x axes = [1] : tensor<64x128x128xf32> -> tensor<64x128xf32>
  return %s : tensor<64x128xf32>
}

// CHECK-LABEL: owl_double:
// CHECK: vmovntps %xmm{{.*}}, [[#%d,FIRST:]]([[AT:%.*]])
// CHECK-NOT: vmovnt
// CHECK: vmovntps %xmm{{.*}}, [[#FIRST+16]]([[AT]])
// CHECK-NOT: vmovnt
// CHECK: vmovntps %xmm{{.*}}, [[#FIRST+32]]([[AT]])
// CHECK-NOT: vmovnt
// CHECK: vmovntps %xmm{{.*}}, [[#FIRST+48]]([[AT]])
// CHECK: retq
func.func @double(%x: tensor<8388608xf32>) -> tensor<8388608xf32> {
  %y = arith.addf %x, %x : tensor<8388608xf32>
  return %y : tensor<8388608xf32>
}
