// What fusion has decided, why, and what that is worth.
// RUN: owl-opt %s --linalg-generalize-named-ops --owl-raise-contractions --owl-fuse --remarks-filter=owl-fuse -o %t 2>&1 | FileCheck %s
// RUN: owl-opt %s --owl-fuse="machine=unikernel-aarch64 max-ops=2" --remarks-filter=owl-fuse -o %t 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: owl-opt %s --owl-fuse=max-cost=10 --remarks-filter=owl-fuse -o %t 2>&1 | FileCheck %s --check-prefix=CHEAP
// RUN: not owl-opt %s --owl-fuse=machine=some 2>&1 | FileCheck %s --check-prefix=MACHINE
// MACHINE: error: expected machine to be the name of a target, got 'some'

// The exponentials take 0.23 ms on x86. One by one the ops read and write 16 MB,
// which takes 0.42 ms.
// CHECK: fuse-remarks.mlir:[[# @LINE + 8]]:{{.*}}: remark: [Passed] fused | {{.*}}NumOps=2, {{.*}}Seconds=2.304{{.*}}e-04, SecondsApart=4.238{{.*}}e-04
// SMALL: fuse-remarks.mlir:[[# @LINE + 13]]:{{.*}}: remark: [Missed] apart
// SMALL-SAME: Bytes=2.097152e+06
// SMALL-SAME: Reason="more ops than max-ops"
// SMALL-SAME: Seconds=1.048576e-03
// CHEAP: fuse-remarks.mlir:[[# @LINE + 3]]:{{.*}}: remark: [Missed] apart | {{.*}}Reason="more arithmetic than max-cost"
func.func @chain(%x: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %a = math.absf %x : tensor<1024x1024xf32>
  %e = math.exp %a : tensor<1024x1024xf32>
  return %e : tensor<1024x1024xf32>
}
func.func @limits(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %a = math.absf %x : tensor<512x512xf32>
  %n = arith.negf %a : tensor<512x512xf32>
  %s = arith.addf %n, %n : tensor<512x512xf32>
  return %s : tensor<512x512xf32>
}

// An element is needed at two places.
// CHECK: fuse-remarks.mlir:[[# @LINE + 4]]:{{.*}}: remark: [Missed] apart | {{.*}}Reason="no loops in common"
func.func @symmetric(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %a = math.absf %x : tensor<64x64xf32>
  %o = tensor.empty() : tensor<64x64xf32>
  %s = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>) outs(%o : tensor<64x64xf32>) {
  ^bb0(%l: f32, %r: f32, %z: f32):
    %d = arith.addf %l, %r : f32
    linalg.yield %d : f32
  } -> tensor<64x64xf32>
  return %s : tensor<64x64xf32>
}

// The slice is not in a group.
// CHECK: fuse-remarks.mlir:[[# @LINE + 6]]:{{.*}}: remark: [Missed] apart | {{.*}}Reason="a value would leave the group and come back"
func.func @back(%x: tensor<4x8xf32>) -> tensor<4x4xf32> {
  %a = math.absf %x : tensor<4x8xf32>
  %s = tensor.extract_slice %a[0, 0] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<4x8xf32> -> tensor<4x1xf32>
  %r = owl.repeat %m by [1, 4] : tensor<4x1xf32> -> tensor<4x4xf32>
  %d = arith.subf %s, %r : tensor<4x4xf32>
  return %d : tensor<4x4xf32>
}

// CHECK: fuse-remarks.mlir:[[# @LINE + 4]]:{{.*}}: remark: [Missed] apart | {{.*}}Reason="functions would be called for one number at a time"
func.func @functions(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %i: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %t = math.tanh %x : tensor<64x64xf32>
  %u = math.exp %t : tensor<64x64xf32>
  %y = linalg.matmul ins(%u, %w : tensor<64x64xf32>, tensor<64x64xf32>) outs(%i : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}
