// Rows whose length is no power of 2 are carried through loops in whole registers:
// of vectors of such a length, LLVM makes scalars between blocks, 49 of them here.
// Conversions to another width are split with them.
// RUN: owl-translate %s --target=x86_64 --mcpu=x86-64-v4 --emit=llvm-ir -o - | FileCheck %s
// RUN: owl-translate %s --target=aarch64 --emit=llvm-ir -o - | FileCheck %s
// RUN: owl-translate %s --target=wasm32 --emit=llvm-ir -o - | FileCheck %s

// CHECK-LABEL: @owl_sum(
// CHECK: phi <{{4|8|16}} x float>
// CHECK-NOT: phi <49 x
// CHECK-NOT: to <49 x
// CHECK: ret
func.func @sum(%x: tensor<256x83x49xf32>) -> tensor<256x49xf32> {
  %0 = owl.reduce <sum> %x axes = [1] : tensor<256x83x49xf32> -> tensor<256x49xf32>
  return %0 : tensor<256x49xf32>
}

// CHECK-LABEL: @owl_sum_of_bytes(
// CHECK: phi <{{4|16}} x i32>
// CHECK-NOT: phi <49 x
// CHECK: ret
func.func @sum_of_bytes(%x: tensor<64x83x49xi8>) -> tensor<64x49xi32> {
  %c = arith.extsi %x : tensor<64x83x49xi8> to tensor<64x83x49xi32>
  %0 = owl.reduce <sum> %c axes = [1] : tensor<64x83x49xi32> -> tensor<64x49xi32>
  return %0 : tensor<64x49xi32>
}
