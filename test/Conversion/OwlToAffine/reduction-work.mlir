// What reductions do counts as work of their group, in which all that is kept or
// computed again has to pay for itself.
// RUN: owl-opt %s --owl-to-affine --remarks-filter='owl-fuse' 2>&1 >/dev/null | FileCheck %s

// One exp for each element, and three additions; and what is needed twice.
// CHECK: remark: [Passed] edge | {{.*}}recomputeBytes=5.242880e+05, recomputeCalls=6.553600e+04
func.func @logsumexp(%x: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %n = arith.mulf %x, %x : tensor<64x1024xf32>
  %s = owl.reduce <logsumexp> %n axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
  %b = owl.repeat %s by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
  %y = arith.subf %n, %b : tensor<64x1024xf32>
  return %y : tensor<64x1024xf32>
}

// Rows of 2 MB, that no cache holds, are read twice.
// CHECK: remark: [Passed] edge | {{.*}}recomputeBytes=8.388640e+06
func.func @variance(%x: tensor<2x262144xf64>) -> (tensor<2xf64>, tensor<2xf64>) {
  %v = owl.reduce <variance> %x axes = [1] : tensor<2x262144xf64> -> tensor<2xf64>
  %n = arith.negf %x : tensor<2x262144xf64>
  %s = owl.reduce <max> %n axes = [1] keep_dims : tensor<2x262144xf64> -> tensor<2x1xf64>
  %b = owl.repeat %s by [1, 262144] : tensor<2x1xf64> -> tensor<2x262144xf64>
  %d = arith.subf %n, %b : tensor<2x262144xf64>
  %l = owl.reduce <sum> %d axes = [1] : tensor<2x262144xf64> -> tensor<2xf64>
  return %v, %l : tensor<2xf64>, tensor<2xf64>
}
