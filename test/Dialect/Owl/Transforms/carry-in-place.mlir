// RUN: owl-opt %s --owl-carry-in-place | FileCheck %s

// CHECK-LABEL: func.func @loop
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}})
// CHECK: %[[Y:.*]] = owl.repeat
// CHECK-NEXT: %[[Z:.*]] = bufferization.materialize_in_destination %[[Y]] in %[[A]]
// CHECK-NEXT: scf.yield %[[Z]]
func.func @loop(%x: tensor<4xf32>, %c: tensor<1xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %y = owl.repeat %c by [4] : tensor<1xf32> -> tensor<4xf32>
    scf.yield %y : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// What is yielded as it was stays where it is.
// CHECK-LABEL: func.func @unchanged
// CHECK-NOT: materialize_in_destination
func.func @unchanged(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    scf.yield %a : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// %a is overwritten before it is copied to %b, so it is saved; %b is not.
// CHECK-LABEL: func.func @swap
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK-NEXT: %[[SAVED:.*]] = bufferization.alloc_tensor() copy(%[[A]])
// CHECK-NEXT: %[[NEW_A:.*]] = bufferization.materialize_in_destination %[[B]] in %[[A]]
// CHECK-NEXT: %[[NEW_B:.*]] = bufferization.materialize_in_destination %[[SAVED]] in %[[B]]
// CHECK-NEXT: scf.yield %[[NEW_A]], %[[NEW_B]]
func.func @swap(%x: tensor<4xf32>, %y: tensor<4xf32>, %n: index)
    -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y)
      -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @dynamic
// CHECK: scf.while (%[[A:.*]] = %{{.*}})
// CHECK: scf.condition(%{{.*}}) %[[A]]
// CHECK: ^bb0(%[[B:.*]]: tensor<?xf32>):
// CHECK: %[[Y:.*]] = owl.tile
// CHECK-DAG: %[[D:.*]] = tensor.dim %[[Y]]
// CHECK-DAG: %[[E:.*]] = tensor.dim %[[B]]
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[D]], %[[E]]
// CHECK: cf.assert %[[SAME]], "bad shape: expected a tensor that a loop carries to keep its shape"
// CHECK: materialize_in_destination %[[Y]] in %[[B]]
func.func @dynamic(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %r = scf.while (%a = %x) : (tensor<?xf32>) -> tensor<?xf32> {
    %v = tensor.extract %a[%c0] : tensor<?xf32>
    %k = arith.cmpf olt, %v, %v : f32
    scf.condition(%k) %a : tensor<?xf32>
  } do {
  ^bb0(%b: tensor<?xf32>):
    %y = owl.tile %b by [%n] : tensor<?xf32> -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// What an inner loop carries for the outer one is there already.
// CHECK-LABEL: func.func @nested
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}})
// CHECK: %[[Q:.*]] = scf.for {{.*}} iter_args(%[[B:.*]] = %[[A]])
// CHECK: %[[Z:.*]] = bufferization.materialize_in_destination %{{.*}} in %[[B]]
// CHECK-NEXT: scf.yield %[[Z]]
// CHECK: scf.yield %[[Q]]
func.func @nested(%x: tensor<4xf32>, %c: tensor<1xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %q = scf.for %j = %c0 to %n step %c1 iter_args(%b = %a) -> tensor<4xf32> {
      %y = owl.repeat %c by [4] : tensor<1xf32> -> tensor<4xf32>
      scf.yield %y : tensor<4xf32>
    }
    scf.yield %q : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// One new tensor is not carried in two buffers.
// CHECK-LABEL: func.func @twice
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK-NEXT: %[[Y:.*]] = owl.repeat
// CHECK-NEXT: %[[SAVED:.*]] = bufferization.alloc_tensor() copy(%[[Y]])
// CHECK-NEXT: bufferization.materialize_in_destination %[[Y]] in %[[A]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[SAVED]] in %[[B]]
func.func @twice(%x: tensor<4xf32>, %c: tensor<1xf32>, %n: index)
    -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x)
      -> (tensor<4xf32>, tensor<4xf32>) {
    %y = owl.repeat %c by [4] : tensor<1xf32> -> tensor<4xf32>
    scf.yield %y, %y : tensor<4xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}

// What is forwarded beside what is carried is saved.
// CHECK-LABEL: func.func @forwarded
// CHECK: scf.while (%[[A:.*]] = %{{.*}})
// CHECK: %[[Y:.*]] = owl.repeat
// CHECK: %[[SAVED:.*]] = bufferization.alloc_tensor() copy(%[[A]])
// CHECK-NEXT: %[[Z:.*]] = bufferization.materialize_in_destination %[[Y]] in %[[A]]
// CHECK-NEXT: scf.condition(%{{.*}}) %[[Z]], %[[SAVED]]
func.func @forwarded(%x: tensor<4xf32>, %c: tensor<1xf32>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %r:2 = scf.while (%a = %x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %v = tensor.extract %a[%c0] : tensor<4xf32>
    %k = arith.cmpf olt, %v, %v : f32
    %y = owl.repeat %c by [4] : tensor<1xf32> -> tensor<4xf32>
    scf.condition(%k) %y, %a : tensor<4xf32>, tensor<4xf32>
  } do {
  ^bb0(%p: tensor<4xf32>, %q: tensor<4xf32>):
    scf.yield %p : tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}
