// A loop over strips is several registers already: LLVM does not unroll it once
// more on x86, which would keep prefetchers from seeing what is read. A few strips
// that fit in registers are straight code. Short rows that are copied are few registers,
// and unrolled.
// RUN: owl-translate %s --target=x86_64 --emit=asm | FileCheck %s
// RUN: owl-translate %s --target=x86_64 --mcpu=znver4 --emit=asm | FileCheck %s --check-prefix=AVX512

// CHECK-LABEL: owl_many:
// CHECK: .LBB{{.*}}:
// CHECK-COUNT-4: vxorps {{.*}}(%r
// CHECK-NOT: vxorps
// CHECK: jb .LBB
// CHECK-LABEL: owl_few:
// CHECK-NOT: jb .LBB
// CHECK: retq
// AVX512-LABEL: owl_short:
// AVX512: .LBB{{.*}}:
// AVX512-COUNT-8: vmovups %zmm{{.*}}(%r
// AVX512: j{{n?[be]}} .LBB
func.func @many(%x: tensor<65536xf32>) -> tensor<65536xf32> {
  %y = arith.negf %x : tensor<65536xf32>
  return %y : tensor<65536xf32>
}
func.func @few(%x: tensor<96xf32>) -> tensor<96xf32> {
  %y = arith.negf %x : tensor<96xf32>
  return %y : tensor<96xf32>
}
func.func @short(%x: tensor<64x32x16xf32>) -> tensor<64x64x32xf32> {
  %y = owl.tile %x by [1, 2, 2] : tensor<64x32x16xf32> -> tensor<64x64x32xf32>
  return %y : tensor<64x64x32xf32>
}
