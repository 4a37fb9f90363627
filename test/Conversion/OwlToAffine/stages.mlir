// What is put together is decided once for a loop: a result that is aligned in its
// blocks is not put together in what they leave, where strips are narrower, and
// stages take no more of the stack than was set aside.
// RUN: owl-opt %s --convert-owl-to-affine='non-temporal-bytes=1 vector-bits=256' | FileCheck %s

// CHECK-LABEL: func.func @unaligned_rest
// CHECK-NOT: memref.alloca() {{.*}}xi32>
// CHECK: memref.alloca() {{.*}} : memref<112x68xi8>
// CHECK-NOT: memref.alloca() {{.*}}xi32>
// CHECK: return
#t = affine_map<(d0,d1,d2) -> (d1,d0,d2)>
#i = affine_map<(d0,d1,d2) -> (d0,d1,d2)>
func.func @unaligned_rest(%x: memref<200x4x68xi32>, %c: memref<200x68xi8>, %y0: memref<200x68xi8>, %y1: memref<200x68xi32>, %y2: memref<4x200x68xi32>) {
  owl.group ins(%x, %c : memref<200x4x68xi32>, memref<200x68xi8>) outs(%y0, %y1, %y2 : memref<200x68xi8>, memref<200x68xi32>, memref<4x200x68xi32>) {
  ^bb0(%a: tensor<200x4x68xi32>, %c0: tensor<200x68xi8>):
    %m = owl.reduce <max> %a axes = [1] : tensor<200x4x68xi32> -> tensor<200x68xi32>
    %s = arith.ori %c0, %c0 : tensor<200x68xi8>
    %e = tensor.empty() : tensor<4x200x68xi32>
    %u = linalg.generic {indexing_maps = [#t, #i], iterator_types=["parallel","parallel","parallel"]} ins(%a : tensor<200x4x68xi32>) outs(%e : tensor<4x200x68xi32>) {
      ^bb0(%p: i32, %o: i32):
        linalg.yield %p : i32
    } -> tensor<4x200x68xi32>
    %ce = arith.extsi %c0 : tensor<200x68xi8> to tensor<200x68xi32>
    %mm = arith.addi %m, %ce : tensor<200x68xi32>
    owl.yield %s, %mm, %u : tensor<200x68xi8>, tensor<200x68xi32>, tensor<4x200x68xi32>
  }
  return
}
