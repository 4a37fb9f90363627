// A strip of eight rows, each of which it covers whole, is kept as it is loaded:
// what is repeated within the rows does not come between them.
// RUN: owl-opt %s --owl-to-affine | FileCheck %s

// CHECK-LABEL: func.func @owl_f(
// CHECK: %[[KEPT:.*]] = memref.alloca() {{.*}} : memref<5x8x5xf32>
// CHECK: affine.vector_store %{{.*}}, %[[KEPT]][%{{.*}}, 0, 0] : memref<5x8x5xf32>, vector<40xf32>
// CHECK: affine.vector_load %[[KEPT]][%{{.*}}, 0, 0] : memref<5x8x5xf32>, vector<40xf32>
func.func @f(%x: tensor<16x5xf32>) -> (tensor<f32>, tensor<32x50xf32>) {
  %t = math.tanh %x : tensor<16x5xf32>
  %r = owl.repeat %t by [2, 5] : tensor<16x5xf32> -> tensor<32x25xf32>
  %y = owl.tile %r by [1, 2] : tensor<32x25xf32> -> tensor<32x50xf32>
  %z = owl.tile %r by [1, 3] : tensor<32x25xf32> -> tensor<32x75xf32>
  %s = owl.reduce <logsumexp> %z axes = [0, 1] : tensor<32x75xf32> -> tensor<f32>
  return %s, %y : tensor<f32>, tensor<32x50xf32>
}
