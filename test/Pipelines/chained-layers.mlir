// RUN: owl-opt %s --owl-to-affine | FileCheck %s

// What one layer writes and the next reads are different buffers, though both are
// in the workspace: points of each layer are computed side by side.
// CHECK-LABEL: func @owl_layers
// CHECK: affine.for %{{.*}} = 0 to 24 step 4
// CHECK: affine.for %{{.*}} = 0 to 20 step 4
// CHECK: affine.for %{{.*}} = 0 to 16 step 4
// CHECK: return
func.func @layers(%x: tensor<1x28x28x16xf32>, %w: tensor<5x5x16x16xf32>) -> tensor<1x16x16x16xf32> {
  %z0 = arith.constant dense<0.0> : tensor<1x24x24x16xf32>
  %z1 = arith.constant dense<0.0> : tensor<1x20x20x16xf32>
  %z2 = arith.constant dense<0.0> : tensor<1x16x16x16xf32>
  %a = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x28x28x16xf32>, tensor<5x5x16x16xf32>) outs(%z0 : tensor<1x24x24x16xf32>) -> tensor<1x24x24x16xf32>
  %b = linalg.conv_2d_nhwc_hwcf ins(%a, %w : tensor<1x24x24x16xf32>, tensor<5x5x16x16xf32>) outs(%z1 : tensor<1x20x20x16xf32>) -> tensor<1x20x20x16xf32>
  %c = linalg.conv_2d_nhwc_hwcf ins(%b, %w : tensor<1x20x20x16xf32>, tensor<5x5x16x16xf32>) outs(%z2 : tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
  return %c : tensor<1x16x16x16xf32>
}
