// What is kept in a group depends on the device that runs it.
// RUN: owl-opt %s --owl-bufferize --convert-owl-to-affine --remarks-filter=owl-fuse -o %t 2>&1 | FileCheck %s

// CHECK: device-edges.mlir:[[# @LINE + 11]]:{{.*}}: remark: [Passed] edge | {{.*}}Remark=buffer
// CHECK: device-edges.mlir:[[# @LINE + 25]]:{{.*}}: remark: [Passed] edge | {{.*}}Remark=recompute
owl.device @pi {target = "aarch64", transcendentals = 1.0e6}
owl.device @tuned {target = "aarch64", transcendentals = 1.0e15}
func.func @slow(%x: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %i = tensor.empty() : tensor<64x1024xf32>
  %y = owl.group ins(%x : tensor<64x1024xf32>) outs(%i : tensor<64x1024xf32>) attributes {device = @pi} {
  ^bb0(%a: tensor<64x1024xf32>):
    %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
    %mb = owl.repeat %m by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
    %d = arith.subf %a, %mb : tensor<64x1024xf32>
    %e = math.exp %d : tensor<64x1024xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
    %sb = owl.repeat %s by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
    %q = arith.divf %e, %sb : tensor<64x1024xf32>
    owl.yield %q : tensor<64x1024xf32>
  } -> tensor<64x1024xf32>
  return %y : tensor<64x1024xf32>
}
func.func @fast(%x: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %i = tensor.empty() : tensor<64x1024xf32>
  %y = owl.group ins(%x : tensor<64x1024xf32>) outs(%i : tensor<64x1024xf32>) attributes {device = @tuned} {
  ^bb0(%a: tensor<64x1024xf32>):
    %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
    %mb = owl.repeat %m by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
    %d = arith.subf %a, %mb : tensor<64x1024xf32>
    %e = math.exp %d : tensor<64x1024xf32>
    %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
    %sb = owl.repeat %s by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
    %q = arith.divf %e, %sb : tensor<64x1024xf32>
    owl.yield %q : tensor<64x1024xf32>
  } -> tensor<64x1024xf32>
  return %y : tensor<64x1024xf32>
}
