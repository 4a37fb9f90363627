// What loop nests take, by the machine model, of arrays in memory and in caches.
// RUN: owl-opt %s --owl-to-affine=machine=x86_64:bandwidth=1e10:flops=1e11:transcendentals=1e9:launch=1e-6:cache=1048576 --remarks-filter=owl-cost 2>&1 >/dev/null | FileCheck %s
// RUN: not owl-opt %s --owl-to-affine=machine=z80 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not owl-opt %s --owl-to-affine=machine=x86_64:speed=1 2>&1 | FileCheck %s --check-prefix=KEY
// RUN: not owl-opt %s --owl-fuse=machine=x86_64:flops=-1 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not owl-opt %s --owl-fuse=machine=x86_64:flops 2>&1 | FileCheck %s --check-prefix=NONE
// TARGET: error: expected machine to be the name of a target, got 'z80'
// KEY: error: expected a figure of owl.device for machine, got 'speed'
// VALUE: error: expected machine to have figures above 0, such as bandwidth=4e10, got 'flops=-1'
// NONE: error: expected machine to have figures above 0, such as bandwidth=4e10, got 'flops'

// 8 MB to and from memory, and the start.
// CHECK: cost.mlir:[[# @LINE + 2]]:{{.*}}: remark: [Passed] nest | {{.*}}Bytes=8.388608e+06, Calls=0.000000e+00, Flops=1.048576e+06, Launches=1, {{.*}}Seconds=8.398608e-04
func.func @memory(%x: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %y = math.absf %x : tensor<1024x1024xf32>
  return %y : tensor<1024x1024xf32>
}

// 512 KB: a cache moves 1.3 bytes in the time of an addition.
// CHECK: remark: [Passed] nest | {{.*}}Seconds=5.03{{[0-9]*}}e-06
func.func @cache(%x: tensor<65536xf32>) -> tensor<65536xf32> {
  %y = math.absf %x : tensor<65536xf32>
  return %y : tensor<65536xf32>
}

// 16 KB in the first one, so that the functions take longer.
// CHECK: remark: [Passed] nest | {{.*}}Seconds=3.048000e-06
func.func @functions(%x: tensor<2048xf32>) -> tensor<2048xf32> {
  %y = math.exp %x : tensor<2048xf32>
  return %y : tensor<2048xf32>
}

// A reduction alone is a nest as well; its result is small.
// CHECK: remark: [Passed] nest | {{.*}}Bytes=2.621480e+05, Calls=0.000000e+00, Flops=6.553600e+04
func.func @sum(%x: tensor<65536xf32>) -> tensor<f32> {
  %y = owl.reduce <sum> %x axes = [0] : tensor<65536xf32> -> tensor<f32>
  return %y : tensor<f32>
}
