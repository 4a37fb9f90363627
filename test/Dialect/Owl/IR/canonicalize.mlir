// What an op and the producer of its operand say together.
// RUN: owl-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @identity_reduce
// CHECK-SAME: %[[X:.*]]: tensor<?x1xf32>, %[[B:.*]]: tensor<3xi1>
// CHECK-NEXT: return %[[X]], %[[X]], %[[X]], %[[B]]
func.func @identity_reduce(%x: tensor<?x1xf32>, %b: tensor<3xi1>)
    -> (tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<3xi1>) {
  %0 = owl.reduce <sum> %x axes = [] : tensor<?x1xf32> -> tensor<?x1xf32>
  %1 = owl.reduce <max> %x axes = [1] keep_dims : tensor<?x1xf32> -> tensor<?x1xf32>
  %2 = owl.reduce <mean> %x axes = [1] keep_dims : tensor<?x1xf32> -> tensor<?x1xf32>
  %3 = owl.reduce <any> %b axes = [] : tensor<3xi1> -> tensor<3xi1>
  return %0, %1, %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<3xi1>
}

// These kinds change even a single element; f64 does not hold every i64.
// CHECK-LABEL: func @no_identity_reduce
// CHECK-COUNT-4: owl.reduce
func.func @no_identity_reduce(%x: tensor<3xf32>, %i: tensor<3xi64>)
    -> (tensor<3xf32>, tensor<3xf32>, tensor<3xi1>, tensor<3xi64>) {
  %0 = owl.reduce <sumsq> %x axes = [] : tensor<3xf32> -> tensor<3xf32>
  %1 = owl.reduce <l1> %x axes = [] : tensor<3xf32> -> tensor<3xf32>
  %2 = owl.reduce <any> %x axes = [] : tensor<3xf32> -> tensor<3xi1>
  %3 = owl.reduce <mean> %i axes = [] : tensor<3xi64> -> tensor<3xi64>
  return %0, %1, %2, %3 : tensor<3xf32>, tensor<3xf32>, tensor<3xi1>, tensor<3xi64>
}

// CHECK-LABEL: func @identity_repetition
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK-NEXT: return %[[X]], %[[X]]
func.func @identity_repetition(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %c1 = arith.constant 1 : index
  %0 = owl.repeat %x by [1, %c1] : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = owl.tile %x by [1, 1] : tensor<?x4xf32> -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: func @first_extreme_of_one
// CHECK-NEXT: arith.constant dense<0> : tensor<3xi64>
// CHECK-NEXT: return
func.func @first_extreme_of_one(%x: tensor<3x1xf32>) -> tensor<3xi64> {
  %0 = owl.reduce <argmax> %x axes = [1] : tensor<3x1xf32> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @reduce_nothing
// CHECK-DAG: %[[SUM:.*]] = arith.constant dense<0.000000e+00> : tensor<3xf32>
// CHECK-DAG: %[[PROD:.*]] = arith.constant dense<1.000000e+00> : tensor<3xf32>
// CHECK-DAG: %[[MEAN:.*]] = arith.constant dense<0x7FC00000> : tensor<3xf32>
// CHECK-DAG: %[[LOG:.*]] = arith.constant dense<0xFF800000> : tensor<3xf32>
// CHECK-DAG: %[[ANY:.*]] = arith.constant dense<false> : tensor<3xi1>
// CHECK-DAG: %[[ALL:.*]] = arith.constant dense<true> : tensor<3xi1>
// CHECK: return %[[SUM]], %[[PROD]], %[[MEAN]], %[[LOG]], %[[ANY]], %[[ALL]]
func.func @reduce_nothing(%x: tensor<3x0xf32>)
    -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi1>, tensor<3xi1>) {
  %0 = owl.reduce <sum> %x axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  %1 = owl.reduce <prod> %x axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  %2 = owl.reduce <mean> %x axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  %3 = owl.reduce <logsum> %x axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  %4 = owl.reduce <any> %x axes = [1] : tensor<3x0xf32> -> tensor<3xi1>
  %5 = owl.reduce <all> %x axes = [1] : tensor<3x0xf32> -> tensor<3xi1>
  return %0, %1, %2, %3, %4, %5
      : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi1>, tensor<3xi1>
}

// 7 * 100 = 700 = -68 mod 256; 100^7 = 0 mod 256; (-100)^2 * 7 = 112 mod 256.
// CHECK-LABEL: func @integer_splats
// CHECK-DAG: %[[SUM:.*]] = arith.constant dense<-68> : tensor<3xi8>
// CHECK-DAG: %[[PROD:.*]] = arith.constant dense<0> : tensor<3xi8>
// CHECK-DAG: %[[SQ:.*]] = arith.constant dense<112> : tensor<3xi8>
// CHECK-DAG: %[[MEAN:.*]] = arith.constant dense<-100> : tensor<3xi8>
// CHECK-DAG: %[[ALL:.*]] = arith.constant dense<true> : tensor<3xi1>
// CHECK-DAG: %[[ARG:.*]] = arith.constant dense<0> : tensor<3xi64>
// CHECK: return %[[SUM]], %[[PROD]], %[[SQ]], %[[SUM]], %[[MEAN]], %[[MEAN]], %[[ALL]], %[[ARG]]
func.func @integer_splats() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
                                tensor<3xi8>, tensor<3xi1>, tensor<3xi64>) {
  %p = arith.constant dense<100> : tensor<3x7xi8>
  %n = arith.constant dense<-100> : tensor<3x7xi8>
  %0 = owl.reduce <sum> %p axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  %1 = owl.reduce <prod> %p axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  %2 = owl.reduce <sumsq> %n axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  %3 = owl.reduce <l1> %n axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  %4 = owl.reduce <mean> %n axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  %5 = owl.reduce <min> %n axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  %6 = owl.reduce <all> %n axes = [1] : tensor<3x7xi8> -> tensor<3xi1>
  %7 = owl.reduce <argmin> %n axes = [1] : tensor<3x7xi8> -> tensor<3xi64>
  return %0, %1, %2, %3, %4, %5, %6, %7
      : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi1>, tensor<3xi64>
}

// The unsigned magnitude of 200 is 200: 200 * 7 = 120 mod 256.
// CHECK-LABEL: func @unsigned_splat
// CHECK-NEXT: arith.constant dense<120> : tensor<3xi8>
// CHECK-NEXT: return
func.func @unsigned_splat() -> tensor<3xi8> {
  %p = arith.constant dense<200> : tensor<3x7xi8>
  %0 = owl.reduce <l1> %p axes = [1] unsigned : tensor<3x7xi8> -> tensor<3xi8>
  return %0 : tensor<3xi8>
}

// CHECK-LABEL: func @float_splats
// CHECK-DAG: %[[SUM:.*]] = arith.constant dense<-1.050000e+01> : tensor<3xf32>
// CHECK-DAG: %[[SQ:.*]] = arith.constant dense<9.000000e+00> : tensor<f16>
// CHECK-DAG: %[[L2:.*]] = arith.constant dense<3.000000e+00> : tensor<f16>
// CHECK-DAG: %[[L1:.*]] = arith.constant dense<1.050000e+01> : tensor<3xf32>
// CHECK-DAG: %[[NAN:.*]] = arith.constant dense<0x7FC00000> : tensor<3xf32>
// CHECK: return %[[SUM]], %[[SQ]], %[[L2]], %[[L1]], %[[NAN]], %[[NAN]]
func.func @float_splats() -> (tensor<3xf32>, tensor<f16>, tensor<f16>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %x = arith.constant dense<-1.5> : tensor<3x7xf32>
  %y = arith.constant dense<1.5> : tensor<4xf16>
  %n = arith.constant dense<0x7FC00000> : tensor<3x7xf32>
  %0 = owl.reduce <sum> %x axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  %1 = owl.reduce <sumsq> %y axes = [0] : tensor<4xf16> -> tensor<f16>
  %2 = owl.reduce <l2> %y axes = [0] : tensor<4xf16> -> tensor<f16>
  %3 = owl.reduce <l1> %x axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  %4 = owl.reduce <max> %n axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  %5 = owl.reduce <prod> %n axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  return %0, %1, %2, %3, %4, %5
      : tensor<3xf32>, tensor<f16>, tensor<f16>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// A sum that is zero is 0, as it is at run time.
// CHECK-LABEL: func @negative_zeros
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<3xf32>
// CHECK-DAG: %[[HALF:.*]] = arith.constant dense<0.000000e+00> : tensor<3xf16>
// CHECK: return %[[ZERO]], %[[ZERO]], %[[HALF]]
func.func @negative_zeros() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf16>) {
  %x = arith.constant dense<-0.0> : tensor<3x7xf32>
  %y = arith.constant dense<-0.0> : tensor<3x7xf16>
  %0 = owl.reduce <sum> %x axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  %1 = owl.reduce <mean> %x axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  %2 = owl.reduce <mean> %y axes = [1] : tensor<3x7xf16> -> tensor<3xf16>
  return %0, %1, %2 : tensor<3xf32>, tensor<3xf32>, tensor<3xf16>
}

// Powers and logarithms are left to the code that computes them at run time.
// CHECK-LABEL: func @inexact_splats
// CHECK-COUNT-2: owl.reduce
func.func @inexact_splats() -> (tensor<f32>, tensor<f32>) {
  %x = arith.constant dense<1.1> : tensor<7xf32>
  %0 = owl.reduce <prod> %x axes = [0] : tensor<7xf32> -> tensor<f32>
  %1 = owl.reduce <logsumexp> %x axes = [0] : tensor<7xf32> -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func @repeated_splat
// CHECK-NEXT: arith.constant dense<2.000000e+00> : tensor<6x4xf32>
// CHECK-NEXT: return
func.func @repeated_splat() -> (tensor<6x4xf32>, tensor<6x4xf32>) {
  %x = arith.constant dense<2.0> : tensor<3x4xf32>
  %0 = owl.repeat %x by [2, 1] : tensor<3x4xf32> -> tensor<6x4xf32>
  %1 = owl.tile %x by [2, 1] : tensor<3x4xf32> -> tensor<6x4xf32>
  return %0, %1 : tensor<6x4xf32>, tensor<6x4xf32>
}

// CHECK-LABEL: func @sort_axes
// CHECK: owl.reduce <argmax> %{{.*}} axes = [0, 1, 3]
func.func @sort_axes(%x: tensor<2x3x4x5xf32>) -> tensor<4xi64> {
  %0 = owl.reduce <argmax> %x axes = [3, 0, 1] : tensor<2x3x4x5xf32> -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// CHECK-LABEL: func @reduce_of_reduce
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4x5xf32>
// CHECK-DAG: owl.reduce <sum> %[[X]] axes = [0, 1, 3] : tensor<2x3x4x5xf32> -> tensor<4xf32>
// CHECK-DAG: owl.reduce <max> %[[X]] axes = [1, 3] keep_dims : tensor<2x3x4x5xf32> -> tensor<2x1x4x1xf32>
// CHECK-DAG: owl.reduce <mean> %[[X]] axes = [1, 2] : tensor<2x3x4x5xf32> -> tensor<2x5xf32>
// CHECK-DAG: owl.reduce <sumsq> %[[X]] axes = [0, 3] : tensor<2x3x4x5xf32> -> tensor<3x4xf32>
// CHECK-DAG: owl.reduce <logsum> %[[X]] axes = [0, 3] : tensor<2x3x4x5xf32> -> tensor<3x4xf32>
// CHECK-DAG: owl.reduce <any> %[[X]] axes = [0, 3] : tensor<2x3x4x5xf32> -> tensor<3x4xi1>
// CHECK-NOT: owl.reduce
func.func @reduce_of_reduce(%x: tensor<2x3x4x5xf32>)
    -> (tensor<4xf32>, tensor<2x1x4x1xf32>, tensor<2x5xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi1>) {
  %a = owl.reduce <sum> %x axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <sum> %a axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  %b = owl.reduce <max> %x axes = [1] keep_dims : tensor<2x3x4x5xf32> -> tensor<2x1x4x5xf32>
  %1 = owl.reduce <max> %b axes = [3] keep_dims : tensor<2x1x4x5xf32> -> tensor<2x1x4x1xf32>
  %c = owl.reduce <mean> %x axes = [1] keep_dims : tensor<2x3x4x5xf32> -> tensor<2x1x4x5xf32>
  %2 = owl.reduce <mean> %c axes = [1, 2] : tensor<2x1x4x5xf32> -> tensor<2x5xf32>
  %d = owl.reduce <sumsq> %x axes = [3] : tensor<2x3x4x5xf32> -> tensor<2x3x4xf32>
  %3 = owl.reduce <sum> %d axes = [0] : tensor<2x3x4xf32> -> tensor<3x4xf32>
  %e = owl.reduce <sum> %x axes = [3] : tensor<2x3x4x5xf32> -> tensor<2x3x4xf32>
  %4 = owl.reduce <logsum> %e axes = [0] : tensor<2x3x4xf32> -> tensor<3x4xf32>
  %f = owl.reduce <any> %x axes = [3] : tensor<2x3x4x5xf32> -> tensor<2x3x4xi1>
  %5 = owl.reduce <any> %f axes = [0] : tensor<2x3x4xi1> -> tensor<3x4xi1>
  return %0, %1, %2, %3, %4, %5
      : tensor<4xf32>, tensor<2x1x4x1xf32>, tensor<2x5xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi1>
}

// Means of integers round, wrapped squares lose their sign, other users need
// the inner value, and an inner axis that is kept cannot be dropped.
// CHECK-LABEL: func @no_reduce_of_reduce
// CHECK-COUNT-9: owl.reduce
func.func @no_reduce_of_reduce(%x: tensor<4x5xi32>, %y: tensor<4x5xf32>)
    -> (tensor<i32>, tensor<i32>, tensor<f32>, tensor<1xf32>) {
  %a = owl.reduce <mean> %x axes = [1] : tensor<4x5xi32> -> tensor<4xi32>
  %0 = owl.reduce <mean> %a axes = [0] : tensor<4xi32> -> tensor<i32>
  %b = owl.reduce <l1> %x axes = [1] : tensor<4x5xi32> -> tensor<4xi32>
  %1 = owl.reduce <l1> %b axes = [0] : tensor<4xi32> -> tensor<i32>
  %c = owl.reduce <sum> %y axes = [1] : tensor<4x5xf32> -> tensor<4xf32>
  %2 = owl.reduce <sum> %c axes = [0] : tensor<4xf32> -> tensor<f32>
  %d = owl.reduce <max> %c axes = [0] : tensor<4xf32> -> tensor<f32>
  %e = arith.addf %2, %d : tensor<f32>
  %f = owl.reduce <max> %y axes = [1] keep_dims : tensor<4x5xf32> -> tensor<4x1xf32>
  %3 = owl.reduce <max> %f axes = [0] : tensor<4x1xf32> -> tensor<1xf32>
  return %0, %1, %e, %3 : tensor<i32>, tensor<i32>, tensor<f32>, tensor<1xf32>
}

// CHECK-LABEL: func @repetition_of_repetition
// CHECK-SAME: %[[X:.*]]: tensor<2x?xf32>, %[[N:.*]]: index
// CHECK-DAG: %[[NM:.*]] = arith.muli %[[N]], %{{.*}} : index
// CHECK-DAG: owl.repeat %[[X]] by [6, %[[NM]]] : tensor<2x?xf32> -> tensor<12x?xf32>
// CHECK-DAG: owl.tile %[[X]] by [6, 0] : tensor<2x?xf32> -> tensor<12x0xf32>
func.func @repetition_of_repetition(%x: tensor<2x?xf32>, %n: index)
    -> (tensor<12x?xf32>, tensor<12x0xf32>) {
  %a = owl.repeat %x by [2, %n] : tensor<2x?xf32> -> tensor<4x?xf32>
  %0 = owl.repeat %a by [3, 7] : tensor<4x?xf32> -> tensor<12x?xf32>
  %b = owl.tile %x by [2, 5] : tensor<2x?xf32> -> tensor<4x?xf32>
  %1 = owl.tile %b by [3, 0] : tensor<4x?xf32> -> tensor<12x0xf32>
  return %0, %1 : tensor<12x?xf32>, tensor<12x0xf32>
}

// CHECK-LABEL: func @repeat_of_tile_stays
// CHECK: owl.tile
// CHECK: owl.repeat
func.func @repeat_of_tile_stays(%x: tensor<2x3xf32>) -> tensor<8x3xf32> {
  %a = owl.tile %x by [2, 1] : tensor<2x3xf32> -> tensor<4x3xf32>
  %0 = owl.repeat %a by [2, 1] : tensor<4x3xf32> -> tensor<8x3xf32>
  return %0 : tensor<8x3xf32>
}

// CHECK-LABEL: func @tile_of_units_is_repeat
// CHECK: owl.repeat %{{.*}} by [1, 5] : tensor<?x1xf32> -> tensor<?x5xf32>
func.func @tile_of_units_is_repeat(%x: tensor<?x1xf32>) -> tensor<?x5xf32> {
  %0 = owl.tile %x by [1, 5] : tensor<?x1xf32> -> tensor<?x5xf32>
  return %0 : tensor<?x5xf32>
}

// CHECK-LABEL: func @sum_of_repeat
// CHECK-SAME: %[[X:.*]]: tensor<4x5xf32>
// CHECK: %[[K:.*]] = arith.constant dense<4.000000e+00> : tensor<4xf32>
// CHECK: %[[S:.*]] = owl.reduce <sum> %[[X]] axes = [1] : tensor<4x5xf32> -> tensor<4xf32>
// CHECK: %[[P:.*]] = arith.mulf %[[S]], %[[K]] : tensor<4xf32>
// CHECK: owl.repeat %[[P]] by [2] : tensor<4xf32> -> tensor<8xf32>
func.func @sum_of_repeat(%x: tensor<4x5xf32>) -> tensor<8xf32> {
  %r = owl.repeat %x by [2, 4] : tensor<4x5xf32> -> tensor<8x20xf32>
  %s = owl.reduce <sum> %r axes = [1] : tensor<8x20xf32> -> tensor<8xf32>
  return %s : tensor<8xf32>
}

// CHECK-LABEL: func @sum_of_dynamic_tile
// CHECK-SAME: %[[X:.*]]: tensor<?x?xf32>, %[[N:.*]]: index
// CHECK: %[[S:.*]] = owl.reduce <sum> %[[X]] axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
// CHECK: %[[K:.*]] = tensor.splat %{{.*}} : tensor<?x1xf32>
// CHECK: %[[P:.*]] = arith.mulf %[[S]], %[[K]] : tensor<?x1xf32>
// CHECK: owl.tile %[[P]] by [%[[N]], 1] : tensor<?x1xf32> -> tensor<?x1xf32>
func.func @sum_of_dynamic_tile(%x: tensor<?x?xf32>, %n: index) -> tensor<?x1xf32> {
  %r = owl.tile %x by [%n, 2] : tensor<?x?xf32> -> tensor<?x?xf32>
  %s = owl.reduce <sum> %r axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %s : tensor<?x1xf32>
}

// 300 times is 44 times modulo 256.
// CHECK-LABEL: func @wrapped_sum_of_repeat
// CHECK: arith.constant dense<44> : tensor<i8>
// CHECK: arith.muli
func.func @wrapped_sum_of_repeat(%x: tensor<5xi8>) -> tensor<i8> {
  %r = owl.repeat %x by [300] : tensor<5xi8> -> tensor<1500xi8>
  %s = owl.reduce <sum> %r axes = [0] : tensor<1500xi8> -> tensor<i8>
  return %s : tensor<i8>
}

// 3 times a rounded sum is rounded again, a product is no multiple, and zero
// copies are nothing.
// CHECK-LABEL: func @no_sum_of_repeat
// CHECK-COUNT-3: owl.repeat
func.func @no_sum_of_repeat(%x: tensor<5xf16>, %n: index) -> (tensor<f16>, tensor<f16>, tensor<f16>) {
  %a = owl.repeat %x by [3] : tensor<5xf16> -> tensor<15xf16>
  %0 = owl.reduce <sum> %a axes = [0] : tensor<15xf16> -> tensor<f16>
  %b = owl.repeat %x by [2] : tensor<5xf16> -> tensor<10xf16>
  %1 = owl.reduce <prod> %b axes = [0] : tensor<10xf16> -> tensor<f16>
  %c = owl.repeat %x by [%n] : tensor<5xf16> -> tensor<?xf16>
  %2 = owl.reduce <max> %c axes = [0] : tensor<?xf16> -> tensor<f16>
  return %0, %1, %2 : tensor<f16>, tensor<f16>, tensor<f16>
}

// CHECK-LABEL: func @max_of_repeat
// CHECK-SAME: %[[X:.*]]: tensor<4x5xf32>
// CHECK-DAG: owl.reduce <max> %[[X]] axes = [1] : tensor<4x5xf32> -> tensor<4xf32>
// CHECK-DAG: owl.reduce <mean> %[[X]] axes = [0, 1] : tensor<4x5xf32> -> tensor<f32>
// CHECK-DAG: owl.reduce <all> %[[X]] axes = [0, 1] : tensor<4x5xf32> -> tensor<i1>
// CHECK-NOT: owl.repeat
func.func @max_of_repeat(%x: tensor<4x5xf32>) -> (tensor<4xf32>, tensor<f32>, tensor<i1>) {
  %r = owl.repeat %x by [1, 3] : tensor<4x5xf32> -> tensor<4x15xf32>
  %0 = owl.reduce <max> %r axes = [1] : tensor<4x15xf32> -> tensor<4xf32>
  %1 = owl.reduce <mean> %r axes = [0, 1] : tensor<4x15xf32> -> tensor<f32>
  %2 = owl.reduce <all> %r axes = [0, 1] : tensor<4x15xf32> -> tensor<i1>
  return %0, %1, %2 : tensor<4xf32>, tensor<f32>, tensor<i1>
}

// Copies along kept axes do not matter to any kind.
// CHECK-LABEL: func @argmax_of_repeat_of_kept
// CHECK: %[[A:.*]] = owl.reduce <argmax> %{{.*}} axes = [1] : tensor<4x5xf32> -> tensor<4xi64>
// CHECK: owl.repeat %[[A]] by [3] : tensor<4xi64> -> tensor<12xi64>
func.func @argmax_of_repeat_of_kept(%x: tensor<4x5xf32>) -> tensor<12xi64> {
  %r = owl.repeat %x by [3, 1] : tensor<4x5xf32> -> tensor<12x5xf32>
  %0 = owl.reduce <argmax> %r axes = [1] : tensor<12x5xf32> -> tensor<12xi64>
  return %0 : tensor<12xi64>
}

// The maximum of nothing has no value, but no copy of it is no error either.
// CHECK-LABEL: func @max_of_no_copies_of_nothing
// CHECK-COUNT-2: owl.repeat
func.func @max_of_no_copies_of_nothing(%x: tensor<4x?xf32>, %n: index) -> (tensor<0xf32>, tensor<?xf32>) {
  %a = owl.repeat %x by [0, 1] : tensor<4x?xf32> -> tensor<0x?xf32>
  %0 = owl.reduce <max> %a axes = [1] : tensor<0x?xf32> -> tensor<0xf32>
  %b = owl.repeat %x by [%n, 1] : tensor<4x?xf32> -> tensor<?x?xf32>
  %1 = owl.reduce <max> %b axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0, %1 : tensor<0xf32>, tensor<?xf32>
}

// CHECK-LABEL: func @constant_counts
// CHECK: %[[R:.*]] = owl.repeat %{{.*}} by [2, %{{.*}}] : tensor<3x?xf32> -> tensor<6x?xf32>
// CHECK: tensor.cast %[[R]] : tensor<6x?xf32> to tensor<?x?xf32>
func.func @constant_counts(%x: tensor<3x?xf32>, %n: index) -> tensor<?x?xf32> {
  %c2 = arith.constant 2 : index
  %0 = owl.repeat %x by [%c2, %n] : tensor<3x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// A wrong count stays for run time to report.
// CHECK-LABEL: func @invalid_constant_counts
// CHECK: owl.repeat %{{.*}} by [%{{.*}}] : tensor<3xf32> -> tensor<?xf32>
// CHECK: owl.repeat %{{.*}} by [%{{.*}}] : tensor<3xf32> -> tensor<?xf32>
// CHECK: owl.repeat %{{.*}} by [%{{.*}}] : tensor<3xf32> -> tensor<7xf32>
func.func @invalid_constant_counts(%x: tensor<3xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<7xf32>) {
  %c-2 = arith.constant -2 : index
  %huge = arith.constant 4611686018427387904 : index
  %c2 = arith.constant 2 : index
  %0 = owl.repeat %x by [%c-2] : tensor<3xf32> -> tensor<?xf32>
  %1 = owl.repeat %x by [%huge] : tensor<3xf32> -> tensor<?xf32>
  %2 = owl.repeat %x by [%c2] : tensor<3xf32> -> tensor<7xf32>
  return %0, %1, %2 : tensor<?xf32>, tensor<?xf32>, tensor<7xf32>
}

// CHECK-LABEL: func @casts
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>, %[[Y:.*]]: tensor<?x?xf32>
// CHECK-DAG: %[[S:.*]] = owl.reduce <sum> %[[X]] axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
// CHECK-DAG: tensor.cast %[[S]] : tensor<4xf32> to tensor<?xf32>
// CHECK-DAG: owl.reduce <prod> %[[Y]] axes = [1] : tensor<?x?xf32> -> tensor<4xf32>
// CHECK-DAG: owl.tile %[[X]] by [1, 2] : tensor<4x8xf32> -> tensor<4x16xf32>
func.func @casts(%x: tensor<4x8xf32>, %y: tensor<?x?xf32>)
    -> (tensor<?xf32>, tensor<4xf32>, tensor<?x?xf32>) {
  %c = tensor.cast %x : tensor<4x8xf32> to tensor<?x?xf32>
  %0 = owl.reduce <sum> %c axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  %p = owl.reduce <prod> %y axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  %1 = tensor.cast %p : tensor<?xf32> to tensor<4xf32>
  %2 = owl.tile %c by [1, 2] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0, %1, %2 : tensor<?xf32>, tensor<4xf32>, tensor<?x?xf32>
}

// An error of run time does not become an invalid program.
// CHECK-LABEL: func @casts_to_nothing
// CHECK: owl.reduce <max> %{{.*}} axes = [0] : tensor<?xf32> -> tensor<f32>
func.func @casts_to_nothing(%x: tensor<0xf32>) -> tensor<f32> {
  %c = tensor.cast %x : tensor<0xf32> to tensor<?xf32>
  %0 = owl.reduce <max> %c axes = [0] : tensor<?xf32> -> tensor<f32>
  return %0 : tensor<f32>
}

// The contradiction between 4 and 9 is hidden by a dynamic dimension.
// CHECK-LABEL: func @contradictions
// CHECK: tensor<9xf32>
func.func @contradictions(%x: tensor<4xf32>, %n: index) -> tensor<9xf32> {
  %0 = owl.repeat %x by [1] : tensor<4xf32> -> tensor<?xf32>
  %1 = owl.repeat %0 by [1] : tensor<?xf32> -> tensor<9xf32>
  return %1 : tensor<9xf32>
}

// CHECK-LABEL: func @fold_types
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>
// CHECK: owl.fold %[[X]] init %{{.*}} axes = [0, 1]
// CHECK: tensor<4x8xf32>, f32 -> tensor<f32>
func.func @fold_types(%x: tensor<4x8xf32>, %c: f32) -> tensor<f32> {
  %y = tensor.cast %x : tensor<4x8xf32> to tensor<?x?xf32>
  %0 = owl.fold %y init %c axes = [1, 0] {
  ^bb0(%e: f32, %acc: f32):
    %n = arith.subf %acc, %e : f32
    owl.yield %n : f32
  } : tensor<?x?xf32>, f32 -> tensor<f32>
  return %0 : tensor<f32>
}

// Unused, an op on tensors goes; on buffers it stays.
// CHECK-LABEL: func @unused
// CHECK-NEXT: owl.reduce <sum> %{{.*}} into
// CHECK-NEXT: return
func.func @unused(%x: tensor<?xf32>, %m: memref<4xf32>, %r: memref<f32>) {
  %0 = owl.reduce <max> %x axes = [0] : tensor<?xf32> -> tensor<f32>
  owl.reduce <sum> %m into %r axes = [0] : memref<4xf32> -> memref<f32>
  return
}

// Copies are as far from the mean as what is copied.
// CHECK-LABEL: func @variance_of_copies
// CHECK-SAME: %[[X:.*]]: tensor<4x5xf32>
// CHECK-NEXT: %[[V:.*]] = owl.reduce <variance> %[[X]] axes = [0, 1] : tensor<4x5xf32> -> tensor<f32>
// CHECK-NEXT: return %[[V]]
func.func @variance_of_copies(%x: tensor<4x5xf32>) -> tensor<f32> {
  %r = owl.repeat %x by [3, 7] : tensor<4x5xf32> -> tensor<12x35xf32>
  %v = owl.reduce <variance> %r axes = [0, 1] : tensor<12x35xf32> -> tensor<f32>
  return %v : tensor<f32>
}

// CHECK-LABEL: func @variance_of_splats
// CHECK-DAG: arith.constant dense<0.000000e+00> : tensor<2xf32>
// CHECK-DAG: arith.constant dense<0> : tensor<2xi8>
// CHECK-DAG: arith.constant dense<0x7FC00000> : tensor<2xf32>
// CHECK-NOT: owl.reduce
func.func @variance_of_splats() -> (tensor<2xf32>, tensor<2xi8>, tensor<2xf32>, tensor<2xf32>) {
  %a = arith.constant dense<0.1> : tensor<2x3xf32>
  %b = arith.constant dense<7> : tensor<2x3xi8>
  %c = arith.constant dense<0x7F800000> : tensor<2x3xf32>
  %d = arith.constant dense<0.1> : tensor<2x0xf32>
  %0 = owl.reduce <variance> %a axes = [1] : tensor<2x3xf32> -> tensor<2xf32>
  %1 = owl.reduce <variance> %b axes = [1] : tensor<2x3xi8> -> tensor<2xi8>
  %2 = owl.reduce <variance> %c axes = [1] : tensor<2x3xf32> -> tensor<2xf32>
  %3 = owl.reduce <variance> %d axes = [1] : tensor<2x0xf32> -> tensor<2xf32>
  return %0, %1, %2, %3 : tensor<2xf32>, tensor<2xi8>, tensor<2xf32>, tensor<2xf32>
}

// A window may be a part of its source, and of all of it one may be needed twice.
// CHECK-LABEL: func @windows
// CHECK-NEXT: owl.window %{{.*}}[%{{.*}}]
// CHECK-NEXT: owl.window %{{.*}}[4]
func.func @windows(%x: tensor<?xf32>, %y: tensor<4xf32>, %n: index) -> (tensor<?xf32>, tensor<4xf32>) {
  %0 = owl.window %x[%n] through affine_map<(i) -> (i)> : tensor<?xf32> -> tensor<?xf32>
  %1 = owl.window %y[4] through affine_map<(i) -> (i)> : tensor<4xf32> -> tensor<4xf32>
  return %0, %1 : tensor<?xf32>, tensor<4xf32>
}
