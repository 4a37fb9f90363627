// RUN: owl-translate %s --target=x86_64 --mcpu=skylake-avx512 --emit=llvm-ir -o - | FileCheck %s
// RUN: owl-translate %s --target=x86_64 --mcpu=skylake-avx512 --emit=asm -o - | FileCheck %s --check-prefix=ASM

// LLVM would store four bytes for the one element.

// CHECK-NOT: masked
// CHECK: %[[X:.*]] = extractelement <8 x i16> %{{.*}}, i64 1
// CHECK: store i16 %[[X]], ptr %{{.*}}, align 2
// ASM-LABEL: owl_f:
// ASM: movw %{{[a-z]+}}, 2(%rdx)
llvm.func @owl_f(%x: !llvm.ptr, %y: !llvm.ptr, %out: !llvm.ptr) {
  %a = llvm.load %x : !llvm.ptr -> vector<8xi32>
  %b = llvm.load %y : !llvm.ptr -> vector<8xi32>
  %m = llvm.intr.smin(%a, %b) : (vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  %t = llvm.trunc %m : vector<8xi32> to vector<8xi16>
  %mask = llvm.mlir.constant(dense<[false, true, false, false, false, false, false, false]> : vector<8xi1>) : vector<8xi1>
  llvm.intr.masked.store %t, %out, %mask {alignment = 2 : i32} : vector<8xi16>, vector<8xi1> into !llvm.ptr
  llvm.return
}
