// One function for each canonical form of the dialect and of owl-simplify, to
// be run before and after. Numbers are compared by canonical-forms.py.
// RUN: owl-opt %s --canonicalize --owl-simplify --cse -o /dev/null

func.func @identity_reduce(%a0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = owl.reduce <sum> %a0 axes = [] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @identity_repetition(%a0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = owl.tile %a0 by [1, 1] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @mean_of_unit_axis(%a0: tensor<3x1xf16>) -> tensor<3xf16> {
  %0 = owl.reduce <mean> %a0 axes = [1] : tensor<3x1xf16> -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

func.func @argmax_of_unit_axis(%a0: tensor<3x1xf32>) -> tensor<3xi64> {
  %0 = owl.reduce <argmax> %a0 axes = [1] : tensor<3x1xf32> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

func.func @sum_of_nothing(%a0: tensor<3x0xf32>) -> tensor<3xf32> {
  %0 = owl.reduce <sum> %a0 axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

func.func @prod_of_nothing(%a0: tensor<3x0xi8>) -> tensor<3xi8> {
  %0 = owl.reduce <prod> %a0 axes = [1] : tensor<3x0xi8> -> tensor<3xi8>
  return %0 : tensor<3xi8>
}

func.func @mean_of_nothing(%a0: tensor<3x0xf32>) -> tensor<3xf32> {
  %0 = owl.reduce <mean> %a0 axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

func.func @all_of_nothing(%a0: tensor<3x0xf32>) -> tensor<3xi1> {
  %0 = owl.reduce <all> %a0 axes = [1] : tensor<3x0xf32> -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

func.func @sum_of_splat_i8(%a0: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>) {
  %c = arith.constant dense<100> : tensor<3x7xi8>
  %0 = owl.reduce <sum> %c axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  return %0, %a0 : tensor<3xi8>, tensor<3xi8>
}

func.func @prod_of_splat_i8(%a0: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>) {
  %c = arith.constant dense<3> : tensor<3x7xi8>
  %0 = owl.reduce <prod> %c axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  return %0, %a0 : tensor<3xi8>, tensor<3xi8>
}

func.func @sumsq_of_splat_i8(%a0: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>) {
  %c = arith.constant dense<-100> : tensor<3x7xi8>
  %0 = owl.reduce <sumsq> %c axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  return %0, %a0 : tensor<3xi8>, tensor<3xi8>
}

func.func @l1_of_splat_i8(%a0: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>) {
  %c = arith.constant dense<-100> : tensor<3x7xi8>
  %0 = owl.reduce <l1> %c axes = [1] : tensor<3x7xi8> -> tensor<3xi8>
  return %0, %a0 : tensor<3xi8>, tensor<3xi8>
}

func.func @sum_of_splat_f32(%a0: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %c = arith.constant dense<0.1> : tensor<3x7xf32>
  %0 = owl.reduce <sum> %c axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  return %0, %a0 : tensor<3xf32>, tensor<3xf32>
}

func.func @l2_of_splat_f32(%a0: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %c = arith.constant dense<-0.3> : tensor<3x7xf32>
  %0 = owl.reduce <l2> %c axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  return %0, %a0 : tensor<3xf32>, tensor<3xf32>
}

func.func @mean_of_splat_f16(%a0: tensor<3xf16>) -> (tensor<3xf16>, tensor<3xf16>) {
  %c = arith.constant dense<0.1> : tensor<3x7xf16>
  %0 = owl.reduce <mean> %c axes = [1] : tensor<3x7xf16> -> tensor<3xf16>
  return %0, %a0 : tensor<3xf16>, tensor<3xf16>
}

func.func @max_of_splat_f32(%a0: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %c = arith.constant dense<0x7FC00000> : tensor<3x7xf32>
  %0 = owl.reduce <max> %c axes = [1] : tensor<3x7xf32> -> tensor<3xf32>
  return %0, %a0 : tensor<3xf32>, tensor<3xf32>
}

func.func @any_of_splat_f32(%a0: tensor<3xf32>) -> (tensor<3xi1>, tensor<3xf32>) {
  %c = arith.constant dense<0.0> : tensor<3x7xf32>
  %0 = owl.reduce <any> %c axes = [1] : tensor<3x7xf32> -> tensor<3xi1>
  return %0, %a0 : tensor<3xi1>, tensor<3xf32>
}

func.func @argmin_of_splat_f32(%a0: tensor<3xf32>) -> (tensor<3xi64>, tensor<3xf32>) {
  %c = arith.constant dense<0.5> : tensor<3x7xf32>
  %0 = owl.reduce <argmin> %c axes = [1] : tensor<3x7xf32> -> tensor<3xi64>
  return %0, %a0 : tensor<3xi64>, tensor<3xf32>
}

func.func @repeat_of_splat(%a0: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %c = arith.constant dense<1.5> : tensor<3x4xf32>
  %r = owl.repeat %c by [2, 1] : tensor<3x4xf32> -> tensor<6x4xf32>
  %0 = arith.addf %a0, %r : tensor<6x4xf32>
  return %0 : tensor<6x4xf32>
}

func.func @sort_axes(%a0: tensor<2x3x4x5xf32>) -> tensor<3xi64> {
  %0 = owl.reduce <argmax> %a0 axes = [3, 0, 2] : tensor<2x3x4x5xf32> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

func.func @sum_of_sum(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <sum> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <sum> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @prod_of_prod(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <prod> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <prod> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @max_of_max(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <max> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <max> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @mean_of_mean(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <mean> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <mean> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @l1_of_l1(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <l1> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <l1> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @l2_of_l2(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <l2> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <l2> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @logsumexp_of_logsumexp(%a0: tensor<2x3x4x5xf32>) -> tensor<4xf32> {
  %r = owl.reduce <logsumexp> %a0 axes = [1] : tensor<2x3x4x5xf32> -> tensor<2x4x5xf32>
  %0 = owl.reduce <logsumexp> %r axes = [0, 2] : tensor<2x4x5xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @sum_of_sum_i8(%a0: tensor<?x?x?xi8>) -> tensor<?xi8> {
  %r = owl.reduce <sum> %a0 axes = [1] : tensor<?x?x?xi8> -> tensor<?x?xi8>
  %0 = owl.reduce <sum> %r axes = [0] : tensor<?x?xi8> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

func.func @min_of_min_keep_dims(%a0: tensor<?x?x?xf32>) -> tensor<1x1x?xf32> {
  %r = owl.reduce <min> %a0 axes = [1] keep_dims : tensor<?x?x?xf32> -> tensor<?x1x?xf32>
  %0 = owl.reduce <min> %r axes = [0] keep_dims : tensor<?x1x?xf32> -> tensor<1x1x?xf32>
  return %0 : tensor<1x1x?xf32>
}

func.func @max_of_kept_max(%a0: tensor<?x?xf32>) -> tensor<1xf32> {
  %r = owl.reduce <max> %a0 axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  %0 = owl.reduce <max> %r axes = [0] : tensor<?x1xf32> -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

func.func @sum_of_sumsq(%a0: tensor<?x?xf32>) -> tensor<f32> {
  %r = owl.reduce <sumsq> %a0 axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  %0 = owl.reduce <sum> %r axes = [0] : tensor<?xf32> -> tensor<f32>
  return %0 : tensor<f32>
}

func.func @logsum_of_sum(%a0: tensor<?x?xf32>) -> tensor<f32> {
  %r = owl.reduce <sum> %a0 axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  %0 = owl.reduce <logsum> %r axes = [0] : tensor<?xf32> -> tensor<f32>
  return %0 : tensor<f32>
}

func.func @any_of_any(%a0: tensor<?x?xf32>) -> tensor<i1> {
  %r = owl.reduce <any> %a0 axes = [1] : tensor<?x?xf32> -> tensor<?xi1>
  %0 = owl.reduce <any> %r axes = [0] : tensor<?xi1> -> tensor<i1>
  return %0 : tensor<i1>
}

func.func @repeat_of_repeat(%a0: tensor<4x5xf32>) -> tensor<24x15xf32> {
  %r = owl.repeat %a0 by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %0 = owl.repeat %r by [3, 1] : tensor<8x15xf32> -> tensor<24x15xf32>
  return %0 : tensor<24x15xf32>
}

func.func @repeat_of_repeat_dynamic(%a0: tensor<?x?xf32>, %a1: tensor<?xi8>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %r = owl.repeat %a0 by [2, %n] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.repeat %r by [%n, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @sum_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <sum> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @sum_of_repeat_i8(%a0: tensor<?x?xi8>) -> tensor<?xi8> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xi8> -> tensor<?x?xi8>
  %0 = owl.reduce <sum> %r axes = [1] : tensor<?x?xi8> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

func.func @sumsq_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <sumsq> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @l1_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <l1> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @max_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <max> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @min_of_repeat_i8(%a0: tensor<?x?xi8>) -> tensor<?xi8> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xi8> -> tensor<?x?xi8>
  %0 = owl.reduce <min> %r axes = [1] : tensor<?x?xi8> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

func.func @mean_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <mean> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @all_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xi1> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <all> %r axes = [1] : tensor<?x?xf32> -> tensor<?xi1>
  return %0 : tensor<?xi1>
}

func.func @any_of_repeat_f32(%a0: tensor<?x?xf32>) -> tensor<?xi1> {
  %r = owl.repeat %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <any> %r axes = [1] : tensor<?x?xf32> -> tensor<?xi1>
  return %0 : tensor<?xi1>
}

func.func @sum_of_repeat_keep_dims(%a0: tensor<?x?xf32>, %a1: tensor<?xi8>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %r = owl.repeat %a0 by [%n, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <sum> %r axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

func.func @argmax_of_kept_repeat(%a0: tensor<4x5xf32>) -> tensor<12xi64> {
  %r = owl.repeat %a0 by [3, 1] : tensor<4x5xf32> -> tensor<12x5xf32>
  %0 = owl.reduce <argmax> %r axes = [1] : tensor<12x5xf32> -> tensor<12xi64>
  return %0 : tensor<12xi64>
}

func.func @elementwise_of_repeat(%a0: tensor<4x5xf32>, %a1: tensor<4x5xf32>) -> tensor<8x15xf32> {
  %c = arith.constant dense<2.0> : tensor<8x15xf32>
  %r = owl.repeat %a0 by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %q = owl.repeat %a1 by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %s = arith.mulf %r, %c : tensor<8x15xf32>
  %0 = arith.subf %s, %q : tensor<8x15xf32>
  return %0 : tensor<8x15xf32>
}

func.func @elementwise_of_repeat_dynamic(%a0: tensor<?x?xf32>, %a1: tensor<?xi8>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %r = owl.repeat %a0 by [1, %n] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = arith.mulf %r, %r : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @merge_kept_axes_of_repeat(%a0: tensor<?x1x4x?xf32>) -> tensor<?x1x4x?xf32> {
  %0 = owl.repeat %a0 by [1, 1, 1, 2] : tensor<?x1x4x?xf32> -> tensor<?x1x4x?xf32>
  return %0 : tensor<?x1x4x?xf32>
}

func.func @merge_broadcast_axes_of_repeat(%a0: tensor<1x?x1x1xf32>, %a1: tensor<?xi8>) -> tensor<2x?x?x7xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %0 = owl.repeat %a0 by [2, 1, %n, 7] : tensor<1x?x1x1xf32> -> tensor<2x?x?x7xf32>
  return %0 : tensor<2x?x?x7xf32>
}

func.func @tile_of_tile(%a0: tensor<4x5xf32>) -> tensor<24x15xf32> {
  %r = owl.tile %a0 by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %0 = owl.tile %r by [3, 1] : tensor<8x15xf32> -> tensor<24x15xf32>
  return %0 : tensor<24x15xf32>
}

func.func @tile_of_tile_dynamic(%a0: tensor<?x?xf32>, %a1: tensor<?xi8>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %r = owl.tile %a0 by [2, %n] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.tile %r by [%n, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @sum_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <sum> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @sum_of_tile_i8(%a0: tensor<?x?xi8>) -> tensor<?xi8> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xi8> -> tensor<?x?xi8>
  %0 = owl.reduce <sum> %r axes = [1] : tensor<?x?xi8> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

func.func @sumsq_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <sumsq> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @l1_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <l1> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @max_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <max> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @min_of_tile_i8(%a0: tensor<?x?xi8>) -> tensor<?xi8> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xi8> -> tensor<?x?xi8>
  %0 = owl.reduce <min> %r axes = [1] : tensor<?x?xi8> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

func.func @mean_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <mean> %r axes = [1] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @all_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xi1> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <all> %r axes = [1] : tensor<?x?xf32> -> tensor<?xi1>
  return %0 : tensor<?xi1>
}

func.func @any_of_tile_f32(%a0: tensor<?x?xf32>) -> tensor<?xi1> {
  %r = owl.tile %a0 by [2, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <any> %r axes = [1] : tensor<?x?xf32> -> tensor<?xi1>
  return %0 : tensor<?xi1>
}

func.func @sum_of_tile_keep_dims(%a0: tensor<?x?xf32>, %a1: tensor<?xi8>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %r = owl.tile %a0 by [%n, 3] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = owl.reduce <sum> %r axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

func.func @argmax_of_kept_tile(%a0: tensor<4x5xf32>) -> tensor<12xi64> {
  %r = owl.tile %a0 by [3, 1] : tensor<4x5xf32> -> tensor<12x5xf32>
  %0 = owl.reduce <argmax> %r axes = [1] : tensor<12x5xf32> -> tensor<12xi64>
  return %0 : tensor<12xi64>
}

func.func @elementwise_of_tile(%a0: tensor<4x5xf32>, %a1: tensor<4x5xf32>) -> tensor<8x15xf32> {
  %c = arith.constant dense<2.0> : tensor<8x15xf32>
  %r = owl.tile %a0 by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %q = owl.tile %a1 by [2, 3] : tensor<4x5xf32> -> tensor<8x15xf32>
  %s = arith.mulf %r, %c : tensor<8x15xf32>
  %0 = arith.subf %s, %q : tensor<8x15xf32>
  return %0 : tensor<8x15xf32>
}

func.func @elementwise_of_tile_dynamic(%a0: tensor<?x?xf32>, %a1: tensor<?xi8>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %r = owl.tile %a0 by [1, %n] : tensor<?x?xf32> -> tensor<?x?xf32>
  %0 = arith.mulf %r, %r : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @merge_kept_axes_of_tile(%a0: tensor<?x1x4x?xf32>) -> tensor<?x1x4x?xf32> {
  %0 = owl.tile %a0 by [1, 1, 1, 2] : tensor<?x1x4x?xf32> -> tensor<?x1x4x?xf32>
  return %0 : tensor<?x1x4x?xf32>
}

func.func @merge_broadcast_axes_of_tile(%a0: tensor<1x?x1x1xf32>, %a1: tensor<?xi8>) -> tensor<2x?x?x7xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : tensor<?xi8>
  %0 = owl.tile %a0 by [2, 1, %n, 7] : tensor<1x?x1x1xf32> -> tensor<2x?x?x7xf32>
  return %0 : tensor<2x?x?x7xf32>
}

func.func @constant_counts(%a0: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c2 = arith.constant 2 : index
  %0 = owl.repeat %a0 by [%c2, %c2] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @casts(%a0: tensor<4x5xf32>) -> tensor<?xf32> {
  %c = tensor.cast %a0 : tensor<4x5xf32> to tensor<?x?xf32>
  %0 = owl.reduce <sum> %c axes = [0] : tensor<?x?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

func.func @merge_reduced_axes(%a0: tensor<?x3x?x?xf32>) -> tensor<?x3xf32> {
  %0 = owl.reduce <sum> %a0 axes = [2, 3] : tensor<?x3x?x?xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @merge_axes_of_argmin(%a0: tensor<2x?x?x3xf32>) -> tensor<2x1x1x3xi64> {
  %0 = owl.reduce <argmin> %a0 axes = [1, 2] keep_dims : tensor<2x?x?x3xf32> -> tensor<2x1x1x3xi64>
  return %0 : tensor<2x1x1x3xi64>
}

func.func @unit_axes_vanish(%a0: tensor<1x4x1x5x1xf32>) -> tensor<4x1x1xf32> {
  %0 = owl.reduce <mean> %a0 axes = [0, 3] : tensor<1x4x1x5x1xf32> -> tensor<4x1x1xf32>
  return %0 : tensor<4x1x1xf32>
}

func.func @merge_folded_axes(%a0: tensor<2x3x4xf32>) -> tensor<2xf32> {
  %c = arith.constant 0.5 : f32
  %0 = owl.fold %a0 init %c axes = [1, 2] {
  ^bb0(%e: f32, %acc: f32):
    %h = arith.mulf %acc, %c : f32
    %n = arith.subf %e, %h : f32
    owl.yield %n : f32
  } : tensor<2x3x4xf32>, f32 -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
