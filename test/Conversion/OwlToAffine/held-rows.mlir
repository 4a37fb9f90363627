// RUN: owl-opt %s --convert-owl-to-affine=vector-bits=512 | FileCheck %s

// Strips are whole rows where registers hold what is kept of them. What adds up
// their lanes, too, carries all 33: they do not come apart evenly.
// CHECK-LABEL: func @held_rows(
// CHECK: affine.for %{{.*}} = 0 to 4 iter_args({{.*}}) -> (vector<33xi32>)
// CHECK: affine.for %{{.*}} = 0 to 3 iter_args({{.*}}) -> (vector<33xi32>)
func.func @held_rows(%x: memref<4x3x2x2x33xi32, strided<[396, 33, 396, 33, 1]>>, %y: memref<i32>) {
  owl.group ins(%x : memref<4x3x2x2x33xi32, strided<[396, 33, 396, 33, 1]>>) outs(%y : memref<i32>) {
  ^bb0(%a: tensor<4x3x2x2x33xi32>):
    %m = owl.reduce <max> %a axes = [2, 3] : tensor<4x3x2x2x33xi32> -> tensor<4x3x33xi32>
    %s = owl.reduce <sum> %m axes = [0, 1, 2] : tensor<4x3x33xi32> -> tensor<i32>
    owl.yield %s : tensor<i32>
  }
  return
}
