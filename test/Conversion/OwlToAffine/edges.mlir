// What becomes of a value that is needed more than once.
// RUN: owl-opt %s --owl-to-affine | FileCheck %s --check-prefixes=CHECK,BUFFER
// RUN: owl-opt %s --owl-to-affine=edges=buffer | FileCheck %s --check-prefixes=CHECK,BUFFER
// RUN: owl-opt %s --owl-to-affine=edges=recompute | FileCheck %s --check-prefixes=CHECK,RECOMPUTE
// RUN: owl-opt %s --owl-to-affine=edges=materialise | FileCheck %s --check-prefixes=CHECK,MATERIALISE
// RUN: owl-opt %s --owl-to-affine --remarks-filter='owl-fuse' 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: owl-opt %s --owl-fuse=edges=recompute | FileCheck %s --check-prefix=GROUP
// RUN: not owl-opt %s --owl-fuse=edges=some 2>&1 | FileCheck %s --check-prefix=CHOICE
// RUN: not owl-opt %s --convert-owl-to-affine=machine=some 2>&1 | FileCheck %s --check-prefix=MACHINE

// GROUP: owl.group ins({{.*}}) outs({{.*}}) attributes {edges = #owl.edges<recompute>}
// CHOICE: error: expected edges to be auto, recompute, buffer or materialise, got some
// MACHINE: error: expected machine to be the name of a target, got 'some'

// Two phases of a row need the exponentials.
// CHECK-LABEL: func.func @owl_softmax(
// BUFFER: %[[E:.*]] = memref.alloca() {{.*}} : memref<1024xf32>
// MATERIALISE: %[[E:.*]] = memref.view {{.*}} to memref<64x1024xf32>
// RECOMPUTE-NOT: memref.alloca
// CHECK: affine.for %[[ROW:.*]] = 0 to 64
// The maximum.
// CHECK: affine.for %{{.*}} = 0 to 1024
// CHECK-NOT: math.exp
// CHECK: affine.yield
// The sum.
// CHECK: affine.for %[[I:.*]] = 0 to 1024
// CHECK: math.exp
// BUFFER: affine.vector_store %{{.*}}, %[[E]][%[[I]]]
// MATERIALISE: affine.vector_store %{{.*}}, %[[E]][%[[ROW]], %[[I]]]
// CHECK: affine.yield
// The quotient.
// CHECK: affine.for %[[J:.*]] = 0 to 1024
// BUFFER: affine.vector_load %[[E]][%[[J]]]
// MATERIALISE: affine.vector_load %[[E]][%[[ROW]], %[[J]]]
// BUFFER-NOT: math.exp
// MATERIALISE-NOT: math.exp
// RECOMPUTE: math.exp
// CHECK: return

// For 64 rows of 1024: 512 KB are read and written, whatever is chosen; a second
// round of exponentials takes longer than two accesses for each.
// REMARK: edges.mlir:[[# @LINE + 8]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=buffer
// REMARK-SAME: Uses=2
// REMARK-SAME: bufferBytes=5.242880e+05, bufferCalls=6.553600e+04
// REMARK-SAME: recomputeBytes=5.242880e+05, recomputeCalls=1.310720e+05
func.func @softmax(%x: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
  %mb = owl.repeat %m by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
  %d = arith.subf %x, %mb : tensor<64x1024xf32>
  %e = math.exp %d : tensor<64x1024xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
  %sb = owl.repeat %s by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
  %y = arith.divf %e, %sb : tensor<64x1024xf32>
  return %y : tensor<64x1024xf32>
}

// Rows of 4 MB are in no cache. They go to memory and come back, which takes less
// time than the exponentials; the whole of them would take no less.
// REMARK: edges.mlir:[[# @LINE + 7]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=buffer
// REMARK-SAME: bufferBytes=3.355443e+07
// REMARK-SAME: recomputeBytes=1.677722e+07
func.func @long_rows(%x: tensor<2x1048576xf32>) -> tensor<2x1048576xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<2x1048576xf32> -> tensor<2x1xf32>
  %mb = owl.repeat %m by [1, 1048576] : tensor<2x1xf32> -> tensor<2x1048576xf32>
  %d = arith.subf %x, %mb : tensor<2x1048576xf32>
  %e = math.exp %d : tensor<2x1048576xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<2x1048576xf32> -> tensor<2x1xf32>
  %sb = owl.repeat %s by [1, 1048576] : tensor<2x1xf32> -> tensor<2x1048576xf32>
  %y = arith.divf %e, %sb : tensor<2x1048576xf32>
  return %y : tensor<2x1048576xf32>
}

// Integers are divided one after the other.
// REMARK: [[# @LINE + 2]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=buffer
func.func @remainders(%x: tensor<64x1024xi32>, %y: tensor<64x1024xi32>) -> tensor<64x1024xi32> {
  %e = arith.remui %x, %y : tensor<64x1024xi32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1024xi32> -> tensor<64x1xi32>
  %sb = owl.repeat %s by [1, 1024] : tensor<64x1xi32> -> tensor<64x1024xi32>
  %r = arith.subi %e, %sb : tensor<64x1024xi32>
  return %r : tensor<64x1024xi32>
}

// By a constant they are multiplied, which is not worth a buffer.
// REMARK: [[# @LINE + 3]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=recompute
func.func @digits(%x: tensor<64x1024xi32>) -> tensor<64x1024xi32> {
  %y = arith.constant dense<10> : tensor<64x1024xi32>
  %e = arith.remui %x, %y : tensor<64x1024xi32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1024xi32> -> tensor<64x1xi32>
  %sb = owl.repeat %s by [1, 1024] : tensor<64x1xi32> -> tensor<64x1024xi32>
  %r = arith.subi %e, %sb : tensor<64x1024xi32>
  return %r : tensor<64x1024xi32>
}

// Not every op of the math dialect is a function.
// REMARK: [[# @LINE + 2]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=recompute
func.func @multiply_add(%x: tensor<64x1024xf32>, %y: tensor<64x1024xf32>) -> tensor<64x1024xf32> {
  %e = math.fma %x, %y, %y : tensor<64x1024xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1024xf32> -> tensor<64x1xf32>
  %sb = owl.repeat %s by [1, 1024] : tensor<64x1xf32> -> tensor<64x1024xf32>
  %r = arith.subf %e, %sb : tensor<64x1024xf32>
  return %r : tensor<64x1024xf32>
}

// Each of two loops, the inner one in a strip and a rest, needs -%w again. That is
// said once.
// REMARK: [[# @LINE + 4]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=recompute
// REMARK-NOT: edge
func.func @nested(%x: tensor<5x7x33xf32>, %z: tensor<7xf32>, %w: tensor<33xf32>) -> (tensor<5x7x33xf32>, tensor<5x7x33xf32>) {
  %zero = arith.constant dense<0.0> : tensor<5x7x33xf32>
  %n = arith.negf %w : tensor<33xf32>
  %r = linalg.generic {
    indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (j)>,
                     affine_map<(i, j, k) -> (k)>, affine_map<(i, j, k) -> (i, j, k)>],
    iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x, %z, %n : tensor<5x7x33xf32>, tensor<7xf32>, tensor<33xf32>) outs(%zero : tensor<5x7x33xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    %t = arith.addf %s, %c : f32
    linalg.yield %t : f32
  } -> tensor<5x7x33xf32>
  %q = linalg.generic {
    indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k)>,
                     affine_map<(i, j, k) -> (i, j, k)>],
    iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x, %n : tensor<5x7x33xf32>, tensor<33xf32>) outs(%zero : tensor<5x7x33xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.mulf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<5x7x33xf32>
  return %r, %q : tensor<5x7x33xf32>, tensor<5x7x33xf32>
}

// No loop is around the phases of a softmax over everything.
// CHECK-LABEL: func.func @owl_all(
// MATERIALISE: %[[E:.*]] = memref.view {{.*}} to memref<4096xf32>
// MATERIALISE: affine.vector_store %{{.*}}, %[[E]]
// MATERIALISE: affine.vector_load %[[E]]
// CHECK: return
// REMARK: edges.mlir:[[# @LINE + 2]]:{{.*}}: remark: [Passed] edge | Category:owl-fuse | Remark=buffer
func.func @all(%x: tensor<4096xf32>) -> tensor<4096xf32> {
  %e = math.exp %x : tensor<4096xf32>
  %s = owl.reduce <sum> %e axes = [0] keep_dims : tensor<4096xf32> -> tensor<1xf32>
  %b = owl.repeat %s by [4096] : tensor<1xf32> -> tensor<4096xf32>
  %y = arith.divf %e, %b : tensor<4096xf32>
  return %y : tensor<4096xf32>
}
