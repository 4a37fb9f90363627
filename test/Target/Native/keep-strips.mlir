// A loop over strips is several registers already: LLVM does not unroll it once
// more on x86, which would keep prefetchers from seeing what is read. A few strips
// that fit in registers are straight code.
// RUN: owl-translate %s --target=x86_64 --emit=asm | FileCheck %s

// CHECK-LABEL: owl_many:
// CHECK: .LBB{{.*}}:
// CHECK-COUNT-4: vxorps {{.*}}(%r
// CHECK-NOT: vxorps
// CHECK: jb .LBB
// CHECK-LABEL: owl_few:
// CHECK-NOT: jb .LBB
// CHECK: retq
func.func @many(%x: tensor<65536xf32>) -> tensor<65536xf32> {
  %y = arith.negf %x : tensor<65536xf32>
  return %y : tensor<65536xf32>
}
func.func @few(%x: tensor<96xf32>) -> tensor<96xf32> {
  %y = arith.negf %x : tensor<96xf32>
  return %y : tensor<96xf32>
}
