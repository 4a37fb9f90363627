// Every op, kind and form survives text and bytecode.
// RUN: owl-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func @sum
// CHECK: owl.reduce <sum> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <sum> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @sum(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <sum> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <sum> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @prod
// CHECK: owl.reduce <prod> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <prod> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @prod(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <prod> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <prod> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @max
// CHECK: owl.reduce <max> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <max> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @max(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <max> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <max> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @min
// CHECK: owl.reduce <min> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <min> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @min(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <min> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <min> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @mean
// CHECK: owl.reduce <mean> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <mean> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @mean(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <mean> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <mean> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @sumsq
// CHECK: owl.reduce <sumsq> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <sumsq> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @sumsq(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <sumsq> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <sumsq> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @l1
// CHECK: owl.reduce <l1> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <l1> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @l1(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <l1> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <l1> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @l2
// CHECK: owl.reduce <l2> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <l2> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @l2(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <l2> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <l2> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @logsum
// CHECK: owl.reduce <logsum> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <logsum> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @logsum(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <logsum> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <logsum> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @logsumexp
// CHECK: owl.reduce <logsumexp> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <logsumexp> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
func.func @logsumexp(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xf32>, tensor<?x1xf32>) {
  %0 = owl.reduce <logsumexp> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <logsumexp> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0, %1 : tensor<5xf32>, tensor<?x1xf32>
}

// CHECK-LABEL: func @any
// CHECK: owl.reduce <any> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi1>
// CHECK: owl.reduce <any> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi1>
func.func @any(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xi1>, tensor<?x1xi1>) {
  %0 = owl.reduce <any> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi1>
  %1 = owl.reduce <any> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi1>
  return %0, %1 : tensor<5xi1>, tensor<?x1xi1>
}

// CHECK-LABEL: func @all
// CHECK: owl.reduce <all> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi1>
// CHECK: owl.reduce <all> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi1>
func.func @all(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xi1>, tensor<?x1xi1>) {
  %0 = owl.reduce <all> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi1>
  %1 = owl.reduce <all> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi1>
  return %0, %1 : tensor<5xi1>, tensor<?x1xi1>
}

// CHECK-LABEL: func @argmax
// CHECK: owl.reduce <argmax> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi64>
// CHECK: owl.reduce <argmax> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi64>
func.func @argmax(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xi64>, tensor<?x1xi64>) {
  %0 = owl.reduce <argmax> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi64>
  %1 = owl.reduce <argmax> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi64>
  return %0, %1 : tensor<5xi64>, tensor<?x1xi64>
}

// CHECK-LABEL: func @variance
// CHECK: owl.reduce <variance> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
// CHECK: owl.reduce <variance> %{{.*}} axes = [1] keep_dims unsigned : tensor<?x?xi8> -> tensor<?x1xi8>
func.func @variance(%x: tensor<4x5x6xf32>, %y: tensor<?x?xi8>) -> (tensor<5xf32>, tensor<?x1xi8>) {
  %0 = owl.reduce <variance> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xf32>
  %1 = owl.reduce <variance> %y axes = [1] keep_dims unsigned : tensor<?x?xi8> -> tensor<?x1xi8>
  return %0, %1 : tensor<5xf32>, tensor<?x1xi8>
}

// CHECK-LABEL: func @argmin
// CHECK: owl.reduce <argmin> %{{.*}} axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi64>
// CHECK: owl.reduce <argmin> %{{.*}} axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi64>
func.func @argmin(%x: tensor<4x5x6xf32>, %y: tensor<?x?xf32>) -> (tensor<5xi64>, tensor<?x1xi64>) {
  %0 = owl.reduce <argmin> %x axes = [0, 2] : tensor<4x5x6xf32> -> tensor<5xi64>
  %1 = owl.reduce <argmin> %y axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xi64>
  return %0, %1 : tensor<5xi64>, tensor<?x1xi64>
}

// CHECK-LABEL: func @element_types
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xf16> -> tensor<f16>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xbf16> -> tensor<bf16>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xf32> -> tensor<f32>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xf64> -> tensor<f64>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xi1> -> tensor<i1>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xi8> -> tensor<i8>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xi16> -> tensor<i16>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xi32> -> tensor<i32>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xi64> -> tensor<i64>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xui8> -> tensor<ui8>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xui16> -> tensor<ui16>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xui32> -> tensor<ui32>
// CHECK: owl.reduce <sum> %{{.*}} axes = [0] : tensor<3xui64> -> tensor<ui64>
func.func @element_types(
    %f16: tensor<3xf16>,
    %bf16: tensor<3xbf16>,
    %f32: tensor<3xf32>,
    %f64: tensor<3xf64>,
    %i1: tensor<3xi1>,
    %i8: tensor<3xi8>,
    %i16: tensor<3xi16>,
    %i32: tensor<3xi32>,
    %i64: tensor<3xi64>,
    %ui8: tensor<3xui8>,
    %ui16: tensor<3xui16>,
    %ui32: tensor<3xui32>,
    %ui64: tensor<3xui64>) {
  %r_f16 = owl.reduce <sum> %f16 axes = [0] : tensor<3xf16> -> tensor<f16>
  %r_bf16 = owl.reduce <sum> %bf16 axes = [0] : tensor<3xbf16> -> tensor<bf16>
  %r_f32 = owl.reduce <sum> %f32 axes = [0] : tensor<3xf32> -> tensor<f32>
  %r_f64 = owl.reduce <sum> %f64 axes = [0] : tensor<3xf64> -> tensor<f64>
  %r_i1 = owl.reduce <sum> %i1 axes = [0] : tensor<3xi1> -> tensor<i1>
  %r_i8 = owl.reduce <sum> %i8 axes = [0] : tensor<3xi8> -> tensor<i8>
  %r_i16 = owl.reduce <sum> %i16 axes = [0] : tensor<3xi16> -> tensor<i16>
  %r_i32 = owl.reduce <sum> %i32 axes = [0] : tensor<3xi32> -> tensor<i32>
  %r_i64 = owl.reduce <sum> %i64 axes = [0] : tensor<3xi64> -> tensor<i64>
  %r_ui8 = owl.reduce <sum> %ui8 axes = [0] : tensor<3xui8> -> tensor<ui8>
  %r_ui16 = owl.reduce <sum> %ui16 axes = [0] : tensor<3xui16> -> tensor<ui16>
  %r_ui32 = owl.reduce <sum> %ui32 axes = [0] : tensor<3xui32> -> tensor<ui32>
  %r_ui64 = owl.reduce <sum> %ui64 axes = [0] : tensor<3xui64> -> tensor<ui64>
  return
}

// CHECK-LABEL: func @unsigned
// CHECK: owl.reduce <max> %{{.*}} axes = [0] unsigned : tensor<3xi8> -> tensor<i8>
// CHECK: owl.reduce <max> %{{.*}} axes = [0] keep_dims unsigned {note = "kept"} : tensor<3xi8> -> tensor<1xi8>
func.func @unsigned(%x: tensor<3xi8>) {
  %0 = owl.reduce <max> %x axes = [0] unsigned : tensor<3xi8> -> tensor<i8>
  %1 = owl.reduce <max> %x axes = [0] keep_dims unsigned {note = "kept"} : tensor<3xi8> -> tensor<1xi8>
  return
}

// CHECK-LABEL: func @ranks
// CHECK: owl.reduce <sum> %{{.*}} axes = [] : tensor<f32> -> tensor<f32>
// CHECK: owl.repeat %{{.*}} by [] : tensor<f32> -> tensor<f32>
// CHECK: owl.tile %{{.*}} by [] : tensor<f32> -> tensor<f32>
// CHECK: owl.reduce <sum> %{{.*}} axes = [8, 0, 4] : tensor<2x1x3x1x2x1x3x1x?xf32> -> tensor<1x3x1x1x3x1xf32>
// CHECK: owl.repeat %{{.*}} by [1, 2, 1, 2, 1, 2, 1, 2, 3] : tensor<2x1x3x1x2x1x3x1x?xf32> -> tensor<2x2x3x2x2x2x3x2x?xf32>
func.func @ranks(%x: tensor<f32>, %y: tensor<2x1x3x1x2x1x3x1x?xf32>) {
  %0 = owl.reduce <sum> %x axes = [] : tensor<f32> -> tensor<f32>
  %1 = owl.repeat %x by [] : tensor<f32> -> tensor<f32>
  %2 = owl.tile %x by [] : tensor<f32> -> tensor<f32>
  %3 = owl.reduce <sum> %y axes = [8, 0, 4] : tensor<2x1x3x1x2x1x3x1x?xf32> -> tensor<1x3x1x1x3x1xf32>
  %4 = owl.repeat %y by [1, 2, 1, 2, 1, 2, 1, 2, 3] : tensor<2x1x3x1x2x1x3x1x?xf32> -> tensor<2x2x3x2x2x2x3x2x?xf32>
  return
}

// CHECK-LABEL: func @fold
// CHECK: owl.fold %{{.*}} init %{{.*}} axes = [1] {
// CHECK: ^bb0(%[[E:.*]]: i8, %[[ACC:.*]]: i32):
// CHECK: owl.yield %{{.*}} : i32
// CHECK: } : tensor<4x9xi8>, i32 -> tensor<4xi32>
// CHECK: owl.fold %{{.*}} init %{{.*}} axes = [0, 1] keep_dims {
// CHECK: } : tensor<4x9xi8>, i32 -> tensor<1x1xi32>
func.func @fold(%x: tensor<4x9xi8>, %zero: i32) {
  %0 = owl.fold %x init %zero axes = [1] {
  ^bb0(%e: i8, %acc: i32):
    %w = arith.extsi %e : i8 to i32
    %n = arith.addi %acc, %w : i32
    owl.yield %n : i32
  } : tensor<4x9xi8>, i32 -> tensor<4xi32>
  %1 = owl.fold %x init %zero axes = [0, 1] keep_dims {
  ^bb0(%e: i8, %acc: i32):
    owl.yield %acc : i32
  } : tensor<4x9xi8>, i32 -> tensor<1x1xi32>
  return
}

// CHECK-LABEL: func @repetitions
// CHECK-SAME: %[[X:.*]]: tensor<3x4xf32>, %[[Y:.*]]: tensor<?x1xf32>, %[[N:.*]]: index
// CHECK: owl.repeat %[[X]] by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
// CHECK: owl.repeat %[[Y]] by [0, %[[N]]] : tensor<?x1xf32> -> tensor<0x?xf32>
// CHECK: owl.tile %[[X]] by [2, 1] : tensor<3x4xf32> -> tensor<6x4xf32>
// CHECK: owl.tile %[[Y]] by [%[[N]], %[[N]]] : tensor<?x1xf32> -> tensor<?x7xf32>
func.func @repetitions(%x: tensor<3x4xf32>, %y: tensor<?x1xf32>, %n: index) {
  %0 = owl.repeat %x by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
  %1 = owl.repeat %y by [0, %n] : tensor<?x1xf32> -> tensor<0x?xf32>
  %2 = owl.tile %x by [2, 1] : tensor<3x4xf32> -> tensor<6x4xf32>
  %3 = owl.tile %y by [%n, %n] : tensor<?x1xf32> -> tensor<?x7xf32>
  return
}

// CHECK-LABEL: func @buffers
// CHECK: owl.reduce <sum> %{{.*}} into %{{.*}} axes = [0] : memref<3x4xf32> -> memref<4xf32>
// CHECK: owl.fold %{{.*}} init %{{.*}} into %{{.*}} axes = [0] {
// CHECK: } : memref<3x4xf32>, f32 -> memref<4xf32>
// CHECK: owl.repeat %{{.*}} into %{{.*}} by [%{{.*}}] : memref<4xf32> -> memref<?xf32, strided<[1], offset: ?>>
// CHECK: owl.tile %{{.*}} into %{{.*}} by [%{{.*}}] : memref<4xf32> -> memref<?xf32, strided<[1], offset: ?>>
func.func @buffers(%x: memref<3x4xf32>, %y: memref<4xf32>,
                   %z: memref<?xf32, strided<[1], offset: ?>>, %c: f32,
                   %n: index) {
  owl.reduce <sum> %x into %y axes = [0] : memref<3x4xf32> -> memref<4xf32>
  owl.fold %x init %c into %y axes = [0] {
  ^bb0(%e: f32, %acc: f32):
    owl.yield %acc : f32
  } : memref<3x4xf32>, f32 -> memref<4xf32>
  owl.repeat %y into %z by [%n] : memref<4xf32> -> memref<?xf32, strided<[1], offset: ?>>
  owl.tile %y into %z by [%n] : memref<4xf32> -> memref<?xf32, strided<[1], offset: ?>>
  return
}

// A reduction of nothing may be the business of run time.
// CHECK-LABEL: func @empty
// CHECK-COUNT-4: owl.reduce
func.func @empty(%x: tensor<0x4xf32>, %y: tensor<0x?xf32>, %z: tensor<4x0xf32>) {
  %0 = owl.reduce <sum> %x axes = [0] : tensor<0x4xf32> -> tensor<4xf32>
  %1 = owl.reduce <max> %x axes = [1] : tensor<0x4xf32> -> tensor<0xf32>
  %2 = owl.reduce <max> %y axes = [0] : tensor<0x?xf32> -> tensor<?xf32>
  %3 = owl.reduce <argmin> %z axes = [0] : tensor<4x0xf32> -> tensor<0xi64>
  return
}

// CHECK-LABEL: func @group
// CHECK: %[[Y:.*]]:2 = owl.group ins(%{{.*}}, %{{.*}} : tensor<4xf32>, index) outs(%{{.*}}, %{{.*}} : tensor<4xf32>, tensor<?xf32>) {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<4xf32>, %[[N:.*]]: index):
// CHECK-NEXT: %[[R:.*]] = owl.repeat %[[A]] by [%[[N]]]
// CHECK-NEXT: owl.yield %[[A]], %[[R]] : tensor<4xf32>, tensor<?xf32>
// CHECK-NEXT: } -> tensor<4xf32>, tensor<?xf32>
// CHECK: owl.group outs(%{{.*}} : memref<4xf32>) {
func.func @group(%x: tensor<4xf32>, %n: index, %i: tensor<4xf32>, %j: tensor<?xf32>,
                 %b: memref<4xf32>) -> (tensor<4xf32>, tensor<?xf32>) {
  %y:2 = owl.group ins(%x, %n : tensor<4xf32>, index) outs(%i, %j : tensor<4xf32>, tensor<?xf32>) {
  ^bb0(%a: tensor<4xf32>, %m: index):
    %r = owl.repeat %a by [%m] : tensor<4xf32> -> tensor<?xf32>
    owl.yield %a, %r : tensor<4xf32>, tensor<?xf32>
  } -> tensor<4xf32>, tensor<?xf32>
  owl.group outs(%b : memref<4xf32>) {
    %c = arith.constant dense<1.0> : tensor<4xf32>
    owl.yield %c : tensor<4xf32>
  }
  return %y#0, %y#1 : tensor<4xf32>, tensor<?xf32>
}

// CHECK-LABEL: func.func @parallel
func.func @parallel(%count: index, %x: memref<?xf32>, %v: f32) {
  // CHECK: owl.parallel_for %{{.*}} {
  // CHECK-NEXT: ^bb0(%[[TASK:.*]]: index):
  // CHECK-NEXT: memref.store %{{.*}}, %{{.*}}[%[[TASK]]]
  // CHECK-NEXT: }
  owl.parallel_for %count {
  ^bb0(%task: index):
    memref.store %v, %x[%task] : memref<?xf32>
  }
  // CHECK: owl.parallel_call @task to %{{.*}}(%{{.*}}, %{{.*}}) : memref<?xf32>, f32
  owl.parallel_call @task to %count(%x, %v) : memref<?xf32>, f32
  // CHECK: owl.parallel_call @empty_task to %{{.*}}(){{$}}
  owl.parallel_call @empty_task to %count()
  return
}
func.func private @task(index, memref<?xf32>, f32)
func.func private @empty_task(index)

// CHECK-LABEL: func @window
// CHECK: owl.window %{{.*}}[4, %{{.*}}, 3, 3, 8] through #{{.*}} : tensor<9x?x8xf32> -> tensor<4x?x3x3x8xf32>
func.func @window(%x: tensor<9x?x8xf32>, %n: index) -> tensor<4x?x3x3x8xf32> {
  %w = owl.window %x[4, %n, 3, 3, 8] through affine_map<(h, w, i, j, c) -> (2 * h + i, w + 3 * j + 1, c)>
    : tensor<9x?x8xf32> -> tensor<4x?x3x3x8xf32>
  return %w : tensor<4x?x3x3x8xf32>
}
