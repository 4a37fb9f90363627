// RUN: owl-opt %s --owl-fuse | FileCheck %s
// RUN: owl-opt %s --owl-fuse --owl-dissolve-groups --cse --canonicalize | FileCheck %s --check-prefix=APART
// RUN: owl-opt %s --owl-fuse --remarks-filter="owl-fuse" 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: owl-opt %s --owl-fuse=max-ops=2 | FileCheck %s --check-prefix=SMALL

// APART-NOT: owl.group

// Reductions feeding broadcasts feeding reductions are one group.
// CHECK-LABEL: func @softmax
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>)
// CHECK: %[[INIT:.*]] = tensor.empty() : tensor<4x8xf32>
// CHECK: %[[Y:.*]] = owl.group ins(%[[X]] : tensor<4x8xf32>) outs(%[[INIT]] : tensor<4x8xf32>) {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<4x8xf32>):
// CHECK-NEXT: owl.reduce <max> %[[A]]
// CHECK: arith.divf
// CHECK-NEXT: owl.yield
// CHECK: return %[[Y]]
// REMARK: remark: [Passed] fused | Category:owl-fuse | NumOps=7, Remark="one loop nest"
// SMALL-LABEL: func @softmax
// SMALL-COUNT-3: owl.group
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<4x8xf32> -> tensor<4x1xf32>
  %mb = owl.repeat %m by [1, 8] : tensor<4x1xf32> -> tensor<4x8xf32>
  %d = arith.subf %x, %mb : tensor<4x8xf32>
  %e = math.exp %d : tensor<4x8xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<4x8xf32> -> tensor<4x1xf32>
  %sb = owl.repeat %s by [1, 8] : tensor<4x1xf32> -> tensor<4x8xf32>
  %y = arith.divf %e, %sb : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// What others need is a result too.
// CHECK-LABEL: func @several_results
// CHECK: %[[G:.*]]:2 = owl.group
// CHECK: owl.yield %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<f32>
// CHECK: return %[[G]]#0, %[[G]]#1
func.func @several_results(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<f32>) {
  %e = math.absf %x : tensor<8xf32>
  %s = owl.reduce <sum> %e axes = [0] : tensor<8xf32> -> tensor<f32>
  return %e, %s : tensor<8xf32>, tensor<f32>
}

// Two that read the same tensor are one, though neither needs the other.
// CHECK-LABEL: func @siblings
// CHECK: owl.group
// CHECK-NOT: owl.group
// CHECK: return
func.func @siblings(%x: tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
  %m = owl.reduce <max> %x axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
  return %s, %m : tensor<4xf32>, tensor<4xf32>
}

// A body may ask where it is.
// CHECK-LABEL: func @indexed
// CHECK: owl.group
// CHECK: linalg.index
// CHECK: owl.reduce
// CHECK: owl.yield
func.func @indexed(%x: tensor<4x8xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %v = linalg.generic {
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %j = linalg.index 1 : index
    %n = arith.index_cast %j : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.mulf %a, %f : f32
    linalg.yield %y : f32
  } -> tensor<4x8xf32>
  %s = owl.reduce <sum> %v axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
  return %s : tensor<4xf32>
}

// Nothing may leave a group and come back: what follows the call is another.
// CHECK-LABEL: func @convex
// CHECK: owl.group
// CHECK: arith.addf
// CHECK-NOT: arith.mulf
// CHECK: owl.yield
// CHECK: call @outside
// CHECK: owl.group
// CHECK: arith.mulf
func.func @convex(%x: tensor<8xf32>) -> tensor<8xf32> {
  %a = arith.addf %x, %x : tensor<8xf32>
  %b = call @outside(%a) : (tensor<8xf32>) -> tensor<8xf32>
  %c = arith.mulf %a, %b : tensor<8xf32>
  return %c : tensor<8xf32>
}
func.func private @outside(tensor<8xf32>) -> tensor<8xf32>

// x[i, j] + x[j, i] needs an element at two places at once.
// CHECK-LABEL: func @diagonal
// CHECK: owl.group
// CHECK: linalg.generic
// CHECK: owl.yield
// CHECK: owl.group
// CHECK: arith.addf
#transposed = affine_map<(i, j) -> (j, i)>
#plain = affine_map<(i, j) -> (i, j)>
func.func @diagonal(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %t = linalg.generic {indexing_maps = [#transposed, #plain],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<8x8xf32>
  %y = arith.addf %x, %t : tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// Sizes come from what goes in: that of the result from a count.
// CHECK-LABEL: func @dynamic
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>, %[[N:.*]]: index)
// CHECK: %[[DIM:.*]] = tensor.dim %[[X]]
// CHECK: %[[SIZE:.*]] = arith.muli %[[DIM]], %[[N]]
// CHECK: %[[INIT:.*]] = tensor.empty(%[[SIZE]])
// CHECK: owl.group ins({{.*}}%[[X]]{{.*}}) outs(%[[INIT]] : tensor<?xf32>)
func.func @dynamic(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %e = math.exp %x : tensor<?xf32>
  %r = owl.repeat %e by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// One owl op alone, and ops that only reshape, need no group.
// CHECK-LABEL: func @alone
// CHECK-NOT: owl.group
// CHECK: return
func.func @alone(%x: tensor<4x8xf32>) -> tensor<f32> {
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<4x8xf32> into tensor<32xf32>
  %s = owl.reduce <sum> %c axes = [0] : tensor<32xf32> -> tensor<f32>
  return %s : tensor<f32>
}

// Element [i, j] and [j, i], as rows of 8: no axes are the factors of both.
// CHECK-LABEL: func @flat_transpose
// CHECK: return
func.func @flat_transpose(%x: tensor<2x4xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<4x2xf32>
  %t = linalg.generic {
    indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<2x4xf32>) outs(%e : tensor<4x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<4x2xf32>
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
  %d = tensor.collapse_shape %t [[0, 1]] : tensor<4x2xf32> into tensor<8xf32>
  %y = arith.addf %c, %d : tensor<8xf32>
  return %y : tensor<8xf32>
}

// A group comes before all that uses it, wherever its ops have been.
// CHECK-LABEL: func @order
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>, %[[E:.*]]: tensor<1xf32>
// CHECK: %[[F:.*]] = tensor.insert_slice %[[E]] into %[[X]][0]
// CHECK: %[[A:.*]]:2 = owl.group
// CHECK: %[[G:.*]] = tensor.insert_slice %[[E]] into %[[A]]#{{[01]}}[1]
// CHECK: %[[H:.*]] = tensor.insert_slice %[[E]] into %[[X]][2]
// CHECK: return %[[F]], %[[G]], %[[H]]
func.func @order(%x: tensor<8xf32>, %e: tensor<1xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %f = tensor.insert_slice %e into %x[0] [1] [1] : tensor<1xf32> into tensor<8xf32>
  %a = math.absf %x : tensor<8xf32>
  %g = tensor.insert_slice %e into %a[1] [1] [1] : tensor<1xf32> into tensor<8xf32>
  %h = tensor.insert_slice %e into %x[2] [1] [1] : tensor<1xf32> into tensor<8xf32>
  %n = arith.negf %a : tensor<8xf32>
  return %f, %g, %h, %n : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}

// All that reads one tensor shares a group, however many there are.
// CHECK-LABEL: func @many_readers
// CHECK-COUNT-1: owl.group
// CHECK-NOT: owl.group
// CHECK: return
func.func @many_readers(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %c0 = arith.constant dense<0.5> : tensor<8xf32>
  %r0 = arith.addf %x, %c0 : tensor<8xf32>
  %c1 = arith.constant dense<1.5> : tensor<8xf32>
  %r1 = arith.addf %x, %c1 : tensor<8xf32>
  %c2 = arith.constant dense<2.5> : tensor<8xf32>
  %r2 = arith.addf %x, %c2 : tensor<8xf32>
  %c3 = arith.constant dense<3.5> : tensor<8xf32>
  %r3 = arith.addf %x, %c3 : tensor<8xf32>
  %c4 = arith.constant dense<4.5> : tensor<8xf32>
  %r4 = arith.addf %x, %c4 : tensor<8xf32>
  %c5 = arith.constant dense<5.5> : tensor<8xf32>
  %r5 = arith.addf %x, %c5 : tensor<8xf32>
  %c6 = arith.constant dense<6.5> : tensor<8xf32>
  %r6 = arith.addf %x, %c6 : tensor<8xf32>
  %c7 = arith.constant dense<7.5> : tensor<8xf32>
  %r7 = arith.addf %x, %c7 : tensor<8xf32>
  %c8 = arith.constant dense<8.5> : tensor<8xf32>
  %r8 = arith.addf %x, %c8 : tensor<8xf32>
  %c9 = arith.constant dense<9.5> : tensor<8xf32>
  %r9 = arith.addf %x, %c9 : tensor<8xf32>
  %c10 = arith.constant dense<10.5> : tensor<8xf32>
  %r10 = arith.addf %x, %c10 : tensor<8xf32>
  %c11 = arith.constant dense<11.5> : tensor<8xf32>
  %r11 = arith.addf %x, %c11 : tensor<8xf32>
  %c12 = arith.constant dense<12.5> : tensor<8xf32>
  %r12 = arith.addf %x, %c12 : tensor<8xf32>
  %c13 = arith.constant dense<13.5> : tensor<8xf32>
  %r13 = arith.addf %x, %c13 : tensor<8xf32>
  %c14 = arith.constant dense<14.5> : tensor<8xf32>
  %r14 = arith.addf %x, %c14 : tensor<8xf32>
  %c15 = arith.constant dense<15.5> : tensor<8xf32>
  %r15 = arith.addf %x, %c15 : tensor<8xf32>
  %c16 = arith.constant dense<16.5> : tensor<8xf32>
  %r16 = arith.addf %x, %c16 : tensor<8xf32>
  %c17 = arith.constant dense<17.5> : tensor<8xf32>
  %r17 = arith.addf %x, %c17 : tensor<8xf32>
  return %r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15, %r16, %r17 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
