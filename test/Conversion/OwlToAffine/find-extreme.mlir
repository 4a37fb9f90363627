// RUN: owl-opt %s --convert-owl-to-affine=vector-bits=512 | FileCheck %s

// Which lane holds an extreme is looked for once, in all strips of a row: no index
// is carried from half to half.
// CHECK-LABEL: func @argmax_of_odd_rows(
// CHECK: affine.for
// CHECK: %[[WIDE:.*]] = vector.reduction <maximumf>, %{{.*}} : vector<16xf32> into f32
// CHECK: %[[MAX:.*]] = arith.maximumf {{.*}}%[[WIDE]]
// CHECK-COUNT-2: vector.broadcast %[[MAX]]
// CHECK-NOT: arith.cmpi slt
// CHECK: vector.reduction <minsi>, %{{.*}} : vector<16xi32> into i32
// CHECK: arith.minsi
// CHECK: return
func.func @argmax_of_odd_rows(%x: memref<100x49xf32>, %y: memref<100xi64>) {
  owl.reduce <argmax> %x into %y axes = [1] : memref<100x49xf32> -> memref<100xi64>
  return
}

// Here each strip of the axis that counts in fives comes before the next of the one
// that counts in ones: of the first of equals, neither comes first.
// CHECK-LABEL: func @argmin_in_another_order(
// CHECK: affine.for %{{.*}} = 0 to 5
// CHECK: affine.for %{{.*}} = 0 to 3
// CHECK: %[[INDEX:.*]] = vector.reduction <minsi>, %{{.*}} : vector<16xi32> into i32
// CHECK: %[[BEFORE:.*]] = affine.load {{.*}} : memref<3xi32>
// CHECK: arith.cmpi slt, %[[INDEX]], %[[BEFORE]]
// CHECK: affine.for %{{.*}} = 16 to 25
func.func @argmin_in_another_order(%x: memref<3x5x25xi8>, %y: memref<3xi64>, %z: memref<9xi64>) {
  owl.group ins(%x : memref<3x5x25xi8>) outs(%y, %z : memref<3xi64>, memref<9xi64>) {
  ^bb0(%a: tensor<3x5x25xi8>):
    %e = tensor.empty() : tensor<25x5x3xi8>
    %t = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (k, j, i)>, affine_map<(i, j, k) -> (i, j, k)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%a : tensor<3x5x25xi8>) outs(%e : tensor<25x5x3xi8>) {
    ^bb0(%in: i8, %out: i8):
      linalg.yield %in : i8
    } -> tensor<25x5x3xi8>
    %m = owl.reduce <argmin> %t axes = [0, 1] : tensor<25x5x3xi8> -> tensor<3xi64>
    %r = owl.repeat %m by [3] : tensor<3xi64> -> tensor<9xi64>
    %v = owl.reduce <variance> %r axes = [] : tensor<9xi64> -> tensor<9xi64>
    owl.yield %m, %v : tensor<3xi64>, tensor<9xi64>
  }
  return
}
