// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=vector-bits=512 | FileCheck %s
// RUN: owl-opt %s --split-input-file --convert-owl-to-affine=vector-bits=256 | FileCheck %s --check-prefix=NARROW

// Where a register is as long as a line, rows of a copy begin and end with one
// that overlaps what is aligned between them.
// CHECK: #[[$BEGIN:.*]] = affine_map<(d0, d1, d2) -> (d0 - d1 * 980 - d2 * 490 - ((d1 * -490 - d2 * 245) floordiv 8) * 16)>
// CHECK-LABEL: func @rows
// CHECK: affine.for %[[I:.*]] = 0 to 3
// CHECK: affine.for %[[COPY:.*]] = 0 to 2
// CHECK: affine.vector_store %{{.*}}[%[[I]], %[[COPY]], 0] : {{.*}}, vector<16xf32>
// CHECK: scf.for %[[STRIP:.*]] = {{.*}} step %c64
// CHECK: %[[BEGIN:.*]] = affine.apply #[[$BEGIN]](%[[STRIP]], %[[I]], %[[COPY]])
// CHECK: vector.store %{{.*}}[%[[I]], %[[COPY]], %[[BEGIN]]] : {{.*}}, vector<64xf32>
// CHECK: scf.for {{.*}} step %c16
// CHECK: vector.store %{{.*}} : {{.*}}, vector<16xf32>
// CHECK: affine.vector_store %{{.*}}[%[[I]], %[[COPY]], 474] : {{.*}}, vector<16xf32>
// CHECK-NOT: store
// CHECK: return
// NARROW-LABEL: func @rows
// NARROW-NOT: scf.for
// NARROW: return
func.func @rows(%x: memref<3x490xf32>, %y: memref<3x2x490xf32>) {
  owl.group ins(%x : memref<3x490xf32>) outs(%y : memref<3x2x490xf32>) {
  ^bb0(%a: tensor<3x490xf32>):
    %e = tensor.expand_shape %a [[0, 1], [2]] output_shape [3, 1, 490] : tensor<3x490xf32> into tensor<3x1x490xf32>
    %r = owl.repeat %e by [1, 2, 1] : tensor<3x1x490xf32> -> tensor<3x2x490xf32>
    owl.yield %r : tensor<3x2x490xf32>
  }
  return
}

// -----

// Rows that begin with a line, short ones, and what takes arithmetic are as they
// were.
// CHECK-LABEL: func @others
// CHECK-NOT: scf.for
// CHECK: return
func.func @others(%x: memref<3x512xf32>, %y: memref<3x2x512xf32>, %s: memref<3x49xf32>,
                  %t: memref<3x2x49xf32>, %u: memref<3x490xf32>, %v: memref<3x2x490xf32>) {
  owl.group ins(%x : memref<3x512xf32>) outs(%y : memref<3x2x512xf32>) {
  ^bb0(%a: tensor<3x512xf32>):
    %e = tensor.expand_shape %a [[0, 1], [2]] output_shape [3, 1, 512] : tensor<3x512xf32> into tensor<3x1x512xf32>
    %r = owl.repeat %e by [1, 2, 1] : tensor<3x1x512xf32> -> tensor<3x2x512xf32>
    owl.yield %r : tensor<3x2x512xf32>
  }
  owl.group ins(%s : memref<3x49xf32>) outs(%t : memref<3x2x49xf32>) {
  ^bb0(%a: tensor<3x49xf32>):
    %e = tensor.expand_shape %a [[0, 1], [2]] output_shape [3, 1, 49] : tensor<3x49xf32> into tensor<3x1x49xf32>
    %r = owl.repeat %e by [1, 2, 1] : tensor<3x1x49xf32> -> tensor<3x2x49xf32>
    owl.yield %r : tensor<3x2x49xf32>
  }
  owl.group ins(%u : memref<3x490xf32>) outs(%v : memref<3x2x490xf32>) {
  ^bb0(%a: tensor<3x490xf32>):
    %n = arith.negf %a : tensor<3x490xf32>
    %e = tensor.expand_shape %n [[0, 1], [2]] output_shape [3, 1, 490] : tensor<3x490xf32> into tensor<3x1x490xf32>
    %r = owl.repeat %e by [1, 2, 1] : tensor<3x1x490xf32> -> tensor<3x2x490xf32>
    owl.yield %r : tensor<3x2x490xf32>
  }
  return
}

// -----

// What is copied twice might have been exchanged between.
// CHECK-LABEL: func @exchange
// CHECK-NOT: scf.for
// CHECK: return
func.func @exchange(%x: memref<3x490xf32>, %y: memref<3x490xf32>) {
  owl.group ins(%x, %y : memref<3x490xf32>, memref<3x490xf32>) outs(%y, %x : memref<3x490xf32>, memref<3x490xf32>) {
  ^bb0(%a: tensor<3x490xf32>, %b: tensor<3x490xf32>):
    owl.yield %a, %b : tensor<3x490xf32>, tensor<3x490xf32>
  }
  return
}
