// What people write out of reductions is one reduction.
// RUN: owl-opt %s --owl-simplify="merge-axes=false one-pass-bytes=0" | FileCheck %s
// RUN: owl-opt %s --owl-elementwise-to-linalg --owl-simplify="merge-axes=false one-pass-bytes=0" | FileCheck %s
// RUN: owl-opt %s --owl-simplify="merge-axes=false one-pass-bytes=0" --remarks-filter=owl-simplify 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: owl-opt %s --owl-simplify="merge-axes=false one-pass-bytes=4096" | FileCheck %s --check-prefix=CACHED

//===----------------------------------------------------------------------===//
// Mean
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @mean
// CHECK-SAME: %[[X:.*]]: tensor<4x10xf32>
// CHECK-NEXT: %[[M:.*]] = owl.reduce <mean> %[[X]] axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
// CHECK-NEXT: return %[[M]]
// REMARK: remark: [Passed] recognised | Category:owl-simplify | Remark=mean
func.func @mean(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %n = arith.constant dense<10.0> : tensor<4xf32>
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %m = arith.divf %s, %n : tensor<4xf32>
  return %m : tensor<4xf32>
}

// CHECK-LABEL: func @mean_by_inverse
// CHECK-NEXT: owl.reduce <mean>
// CHECK-NEXT: return
func.func @mean_by_inverse(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %n = arith.constant dense<0.1> : tensor<4xf32>
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %m = arith.mulf %n, %s : tensor<4xf32>
  return %m : tensor<4xf32>
}

// CHECK-LABEL: func @no_mean_of_another_count
// CHECK: owl.reduce <sum>
func.func @no_mean_of_another_count(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %n = arith.constant dense<9.0> : tensor<4xf32>
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %m = arith.divf %s, %n : tensor<4xf32>
  return %m : tensor<4xf32>
}

// CHECK-LABEL: func @no_mean_upside_down
// CHECK: owl.reduce <sum>
func.func @no_mean_upside_down(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %n = arith.constant dense<10.0> : tensor<4xf32>
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %m = arith.divf %n, %s : tensor<4xf32>
  return %m : tensor<4xf32>
}

// f16 rounds 2^16 to infinity, and 2^-26 to 0.
// CHECK-LABEL: func @no_mean_by_infinity
// CHECK: owl.reduce <sum>
func.func @no_mean_by_infinity(%x: tensor<65536xf16>) -> tensor<f16> {
  %n = arith.constant dense<0x7C00> : tensor<f16>
  %s = owl.reduce <sum> %x axes = [0] : tensor<65536xf16> -> tensor<f16>
  %m = arith.divf %s, %n : tensor<f16>
  return %m : tensor<f16>
}

// CHECK-LABEL: func @no_mean_by_zero
// CHECK: owl.reduce <sum>
func.func @no_mean_by_zero(%x: tensor<67108864xf16>) -> tensor<f16> {
  %n = arith.constant dense<0.0> : tensor<f16>
  %s = owl.reduce <sum> %x axes = [0] : tensor<67108864xf16> -> tensor<f16>
  %m = arith.mulf %s, %n : tensor<f16>
  return %m : tensor<f16>
}

// The sum would be computed as well.
// CHECK-LABEL: func @no_mean_beside_the_sum
// CHECK: owl.reduce <sum>
// CHECK-NOT: owl.reduce
func.func @no_mean_beside_the_sum(%x: tensor<4x10xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %n = arith.constant dense<10.0> : tensor<4xf32>
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %m = arith.divf %s, %n : tensor<4xf32>
  return %s, %m : tensor<4xf32>, tensor<4xf32>
}

// Sums of integers wrap, means do not.
// CHECK-LABEL: func @no_mean_of_integers
// CHECK: owl.reduce <sum>
func.func @no_mean_of_integers(%x: tensor<4x10xi32>) -> tensor<4xi32> {
  %n = arith.constant dense<10> : tensor<4xi32>
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xi32> -> tensor<4xi32>
  %m = arith.divsi %s, %n : tensor<4xi32>
  return %m : tensor<4xi32>
}

//===----------------------------------------------------------------------===//
// Variance
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @variance
// CHECK-SAME: %[[X:.*]]: tensor<4x1000xf32>
// CHECK-NEXT: %[[V:.*]] = owl.reduce <variance> %[[X]] axes = [1] : tensor<4x1000xf32> -> tensor<4xf32>
// CHECK-NEXT: return %[[V]]
// What a cache holds is read twice.
// CACHED-LABEL: func @variance
// CACHED: owl.reduce <mean>
// CACHED: owl.reduce <mean>
func.func @variance(%x: tensor<4x1000xf32>) -> tensor<4xf32> {
  %m = owl.reduce <mean> %x axes = [1] keep_dims : tensor<4x1000xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 1000] : tensor<4x1xf32> -> tensor<4x1000xf32>
  %d = arith.subf %x, %b : tensor<4x1000xf32>
  %q = arith.mulf %d, %d : tensor<4x1000xf32>
  %v = owl.reduce <mean> %q axes = [1] : tensor<4x1000xf32> -> tensor<4xf32>
  return %v : tensor<4xf32>
}

// Between two passes over the columns lies all of the array.
// CACHED-LABEL: func @variance_of_columns
// CACHED: owl.reduce <variance>
// CHECK-LABEL: func @variance_of_columns
// CHECK: owl.reduce <variance>
func.func @variance_of_columns(%x: tensor<4x1000xf32>) -> tensor<1000xf32> {
  %n = arith.constant dense<4.0> : tensor<1x1000xf32>
  %s = owl.reduce <sum> %x axes = [0] keep_dims : tensor<4x1000xf32> -> tensor<1x1000xf32>
  %m = arith.divf %s, %n : tensor<1x1000xf32>
  %b = owl.repeat %m by [4, 1] : tensor<1x1000xf32> -> tensor<4x1000xf32>
  %d = arith.subf %b, %x : tensor<4x1000xf32>
  %q = arith.mulf %d, %d : tensor<4x1000xf32>
  %v = owl.reduce <mean> %q axes = [0] : tensor<4x1000xf32> -> tensor<1000xf32>
  return %v : tensor<1000xf32>
}

// The mean stays for the normalisation, which is of what is added.
// CHECK-LABEL: func @layer_norm
// CHECK-DAG: %[[M:.*]] = owl.reduce <mean> %[[T:.*]] axes = [1] keep_dims
// CHECK-DAG: owl.reduce <variance> %[[T]] axes = [1] keep_dims
// CHECK-NOT: owl.reduce
// CHECK: math.rsqrt
func.func @layer_norm(%x: tensor<?x1000xf32>, %y: tensor<?x1000xf32>, %n: index) -> tensor<?x1000xf32> {
  %eps = arith.constant 1.0e-5 : f32
  %t = arith.addf %x, %y : tensor<?x1000xf32>
  %m = owl.reduce <mean> %t axes = [1] keep_dims : tensor<?x1000xf32> -> tensor<?x1xf32>
  %b = owl.repeat %m by [1, 1000] : tensor<?x1xf32> -> tensor<?x1000xf32>
  %d = arith.subf %t, %b : tensor<?x1000xf32>
  %q = arith.mulf %d, %d : tensor<?x1000xf32>
  %v = owl.reduce <mean> %q axes = [1] keep_dims : tensor<?x1000xf32> -> tensor<?x1xf32>
  %e = tensor.splat %eps[%n] : tensor<?x1xf32>
  %w = arith.addf %v, %e : tensor<?x1xf32>
  %r = math.rsqrt %w : tensor<?x1xf32>
  %rb = owl.repeat %r by [1, 1000] : tensor<?x1xf32> -> tensor<?x1000xf32>
  %z = arith.mulf %d, %rb : tensor<?x1000xf32>
  return %z : tensor<?x1000xf32>
}

// The sum of the squares is n times as much, whatever it is divided by.
// CHECK-LABEL: func @unbiased_variance
// CHECK-SAME: %[[X:.*]]: tensor<4x1000xf32>
// CHECK-DAG: %[[V:.*]] = owl.reduce <variance> %[[X]] axes = [1] : tensor<4x1000xf32> -> tensor<4xf32>
// CHECK-DAG: %[[N:.*]] = arith.constant dense<1.000000e+03> : tensor<4xf32>
// CHECK-DAG: arith.mulf %[[V]], %[[N]]
// CHECK-DAG: arith.constant dense<9.990000e+02>
func.func @unbiased_variance(%x: tensor<4x1000xf32>) -> tensor<4xf32> {
  %two = arith.constant dense<2.0> : tensor<4x1000xf32>
  %n = arith.constant dense<999.0> : tensor<4xf32>
  %m = owl.reduce <mean> %x axes = [1] keep_dims : tensor<4x1000xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 1000] : tensor<4x1xf32> -> tensor<4x1000xf32>
  %d = arith.subf %x, %b : tensor<4x1000xf32>
  %q = math.powf %d, %two : tensor<4x1000xf32>
  %s = owl.reduce <sum> %q axes = [1] : tensor<4x1000xf32> -> tensor<4xf32>
  %v = arith.divf %s, %n : tensor<4xf32>
  return %v : tensor<4xf32>
}

// 1001 is no bf16, and 65536 no f16.
// CHECK-LABEL: func @no_variance_of_a_rounded_count
// CHECK: owl.reduce <mean>
// CHECK: owl.reduce <sum{{(sq)?}}>
func.func @no_variance_of_a_rounded_count(%x: tensor<1001xbf16>) -> tensor<bf16> {
  %m = owl.reduce <mean> %x axes = [0] keep_dims : tensor<1001xbf16> -> tensor<1xbf16>
  %b = owl.repeat %m by [1001] : tensor<1xbf16> -> tensor<1001xbf16>
  %d = arith.subf %x, %b : tensor<1001xbf16>
  %q = arith.mulf %d, %d : tensor<1001xbf16>
  %s = owl.reduce <sum> %q axes = [0] : tensor<1001xbf16> -> tensor<bf16>
  return %s : tensor<bf16>
}

// CHECK-LABEL: func @no_variance_of_an_infinite_count
// CHECK: owl.reduce <mean>
// CHECK: owl.reduce <sumsq>
func.func @no_variance_of_an_infinite_count(%x: tensor<65536xf16>) -> tensor<f16> {
  %m = owl.reduce <mean> %x axes = [0] keep_dims : tensor<65536xf16> -> tensor<1xf16>
  %b = owl.repeat %m by [65536] : tensor<1xf16> -> tensor<65536xf16>
  %d = arith.subf %x, %b : tensor<65536xf16>
  %s = owl.reduce <sumsq> %d axes = [0] : tensor<65536xf16> -> tensor<f16>
  return %s : tensor<f16>
}

// This one cancels, in whatever it is computed.
// CHECK-LABEL: func @variance_from_moments
// CHECK-SAME: %[[X:.*]]: tensor<4x10xbf16>
// CHECK-NEXT: %[[V:.*]] = owl.reduce <variance> %[[X]] axes = [1] : tensor<4x10xbf16> -> tensor<4xbf16>
// CHECK-NEXT: return %[[V]]
func.func @variance_from_moments(%x: tensor<4x10xbf16>) -> tensor<4xbf16> {
  %m = owl.reduce <mean> %x axes = [1] : tensor<4x10xbf16> -> tensor<4xbf16>
  %mm = arith.mulf %m, %m : tensor<4xbf16>
  %q = arith.mulf %x, %x : tensor<4x10xbf16>
  %s = owl.reduce <mean> %q axes = [1] : tensor<4x10xbf16> -> tensor<4xbf16>
  %v = arith.subf %s, %mm : tensor<4xbf16>
  return %v : tensor<4xbf16>
}

// Of f64 no accumulator is wider.
// CHECK-LABEL: func @no_variance_of_f64
// CHECK-COUNT-2: owl.reduce <mean>
func.func @no_variance_of_f64(%x: tensor<4x1000xf64>) -> tensor<4xf64> {
  %m = owl.reduce <mean> %x axes = [1] keep_dims : tensor<4x1000xf64> -> tensor<4x1xf64>
  %b = owl.repeat %m by [1, 1000] : tensor<4x1xf64> -> tensor<4x1000xf64>
  %d = arith.subf %x, %b : tensor<4x1000xf64>
  %q = arith.mulf %d, %d : tensor<4x1000xf64>
  %v = owl.reduce <mean> %q axes = [1] : tensor<4x1000xf64> -> tensor<4xf64>
  return %v : tensor<4xf64>
}

// CHECK-LABEL: func @no_variance_from_another_mean
// CHECK-COUNT-2: owl.reduce <mean>
func.func @no_variance_from_another_mean(%x: tensor<4x1000xf32>, %y: tensor<4x1000xf32>) -> tensor<4xf32> {
  %m = owl.reduce <mean> %y axes = [1] keep_dims : tensor<4x1000xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 1000] : tensor<4x1xf32> -> tensor<4x1000xf32>
  %d = arith.subf %x, %b : tensor<4x1000xf32>
  %q = arith.mulf %d, %d : tensor<4x1000xf32>
  %v = owl.reduce <mean> %q axes = [1] : tensor<4x1000xf32> -> tensor<4xf32>
  return %v : tensor<4xf32>
}

// CHECK-LABEL: func @no_variance_along_other_axes
// CHECK-COUNT-2: owl.reduce <mean>
func.func @no_variance_along_other_axes(%x: tensor<4x1000xf32>) -> tensor<f32> {
  %m = owl.reduce <mean> %x axes = [1] keep_dims : tensor<4x1000xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 1000] : tensor<4x1xf32> -> tensor<4x1000xf32>
  %d = arith.subf %x, %b : tensor<4x1000xf32>
  %q = arith.mulf %d, %d : tensor<4x1000xf32>
  %v = owl.reduce <mean> %q axes = [0, 1] : tensor<4x1000xf32> -> tensor<f32>
  return %v : tensor<f32>
}

// Rows have the means of columns taken off.
#id = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
#row = affine_map<(i, j) -> (i)>
// CHECK-LABEL: func @no_variance_of_crossed_means
// CHECK-COUNT-2: owl.reduce <mean>
func.func @no_variance_of_crossed_means(%x: tensor<100x100xf32>) -> tensor<100xf32> {
  %m = owl.reduce <mean> %x axes = [1] : tensor<100x100xf32> -> tensor<100xf32>
  %e = tensor.empty() : tensor<100x100xf32>
  %q = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : tensor<100x100xf32>, tensor<100xf32>) outs(%e : tensor<100x100xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    %s = arith.mulf %d, %d : f32
    linalg.yield %s : f32
  } -> tensor<100x100xf32>
  %v = owl.reduce <mean> %q axes = [1] : tensor<100x100xf32> -> tensor<100xf32>
  return %v : tensor<100xf32>
}

// CHECK-LABEL: func @variance_in_a_body
// CHECK-NEXT: owl.reduce <variance>
// CHECK-NEXT: return
func.func @variance_in_a_body(%x: tensor<100x100xf32>) -> tensor<100xf32> {
  %m = owl.reduce <mean> %x axes = [1] : tensor<100x100xf32> -> tensor<100xf32>
  %e = tensor.empty() : tensor<100x100xf32>
  %q = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %m : tensor<100x100xf32>, tensor<100xf32>) outs(%e : tensor<100x100xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %d = arith.subf %a, %b : f32
    %s = arith.mulf %d, %d : f32
    linalg.yield %s : f32
  } -> tensor<100x100xf32>
  %v = owl.reduce <mean> %q axes = [1] : tensor<100x100xf32> -> tensor<100xf32>
  return %v : tensor<100xf32>
}

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @l1
// CHECK-NEXT: owl.reduce <l1>
// CHECK-NEXT: return
func.func @l1(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %a = math.absf %x : tensor<4x10xf32>
  %s = owl.reduce <sum> %a axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  return %s : tensor<4xf32>
}

// CHECK-LABEL: func @sumsq
// CHECK-NEXT: owl.reduce <sumsq>
// CHECK-NEXT: return
func.func @sumsq(%x: tensor<4x10xf16>) -> tensor<4xf16> {
  %a = arith.mulf %x, %x : tensor<4x10xf16>
  %s = owl.reduce <sum> %a axes = [1] : tensor<4x10xf16> -> tensor<4xf16>
  return %s : tensor<4xf16>
}

// CHECK-LABEL: func @l2
// CHECK-NEXT: owl.reduce <l2>
// CHECK-NEXT: return
// REMARK: Remark=l2
func.func @l2(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %a = arith.mulf %x, %x : tensor<4x10xf32>
  %s = owl.reduce <sum> %a axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %r = math.sqrt %s : tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @no_l2_of_a_product
// CHECK: owl.reduce <sum>
func.func @no_l2_of_a_product(%x: tensor<4x10xf32>, %y: tensor<4x10xf32>) -> tensor<4xf32> {
  %a = arith.mulf %x, %y : tensor<4x10xf32>
  %s = owl.reduce <sum> %a axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %r = math.sqrt %s : tensor<4xf32>
  return %r : tensor<4xf32>
}

//===----------------------------------------------------------------------===//
// Logarithms
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @logsum
// CHECK-NEXT: owl.reduce <logsum>
// CHECK-NEXT: return
func.func @logsum(%x: tensor<4x10xf16>) -> tensor<4xf16> {
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x10xf16> -> tensor<4xf16>
  %l = math.log %s : tensor<4xf16>
  return %l : tensor<4xf16>
}

// CHECK-LABEL: func @logsumexp
// CHECK-NEXT: owl.reduce <logsumexp>
// CHECK-NEXT: return
func.func @logsumexp(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %e = math.exp %x : tensor<4x10xf32>
  %s = owl.reduce <sum> %e axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %l = math.log %s : tensor<4xf32>
  return %l : tensor<4xf32>
}

// CHECK-LABEL: func @shifted_logsumexp
// CHECK-SAME: %[[X:.*]]: tensor<4x10xf32>
// CHECK-NEXT: %[[L:.*]] = owl.reduce <logsumexp> %[[X]] axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
// CHECK-NEXT: return %[[L]]
// REMARK: Remark=logsumexp
func.func @shifted_logsumexp(%x: tensor<4x10xf32>) -> tensor<4xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<4x10xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 10] : tensor<4x1xf32> -> tensor<4x10xf32>
  %d = arith.subf %x, %b : tensor<4x10xf32>
  %e = math.exp %d : tensor<4x10xf32>
  %s = owl.reduce <sum> %e axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %l = math.log %s : tensor<4xf32>
  %f = tensor.collapse_shape %m [[0, 1]] : tensor<4x1xf32> into tensor<4xf32>
  %r = arith.addf %f, %l : tensor<4xf32>
  return %r : tensor<4xf32>
}

// Nothing is added back: the maximum of what is left is 0, and not looked for.
// CHECK-LABEL: func @log_softmax
// CHECK: owl.reduce <max>
// CHECK: owl.reduce <sum>
// CHECK-NOT: owl.reduce
func.func @log_softmax(%x: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<4x10xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 10] : tensor<4x1xf32> -> tensor<4x10xf32>
  %d = arith.subf %x, %b : tensor<4x10xf32>
  %e = math.exp %d : tensor<4x10xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<4x10xf32> -> tensor<4x1xf32>
  %l = math.log %s : tensor<4x1xf32>
  %lb = owl.repeat %l by [1, 10] : tensor<4x1xf32> -> tensor<4x10xf32>
  %r = arith.subf %d, %lb : tensor<4x10xf32>
  return %r : tensor<4x10xf32>
}

// The exponentials are needed anyway.
// CHECK-LABEL: func @no_logsumexp_beside_a_softmax
// CHECK: math.exp
// CHECK: owl.reduce <sum>
func.func @no_logsumexp_beside_a_softmax(%x: tensor<4x10xf32>) -> (tensor<4xf32>, tensor<4x10xf32>) {
  %e = math.exp %x : tensor<4x10xf32>
  %s = owl.reduce <sum> %e axes = [1] : tensor<4x10xf32> -> tensor<4xf32>
  %l = math.log %s : tensor<4xf32>
  return %l, %e : tensor<4xf32>, tensor<4x10xf32>
}

// What is added is the minimum.
// What adds the two may know more of the shape than they do.
// CHECK-LABEL: func @no_logsumexp_of_another_type
// CHECK: owl.reduce <sum>
// CHECK: -> tensor<4xf32>
func.func @no_logsumexp_of_another_type(%x: tensor<?x10xf32>) -> tensor<4xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<?x10xf32> -> tensor<?x1xf32>
  %b = owl.repeat %m by [1, 10] : tensor<?x1xf32> -> tensor<?x10xf32>
  %d = arith.subf %x, %b : tensor<?x10xf32>
  %e = math.exp %d : tensor<?x10xf32>
  %s = owl.reduce <sum> %e axes = [1] : tensor<?x10xf32> -> tensor<?xf32>
  %l = math.log %s : tensor<?xf32>
  %f = tensor.collapse_shape %m [[0, 1]] : tensor<?x1xf32> into tensor<?xf32>
  %o = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%f, %l : tensor<?xf32>, tensor<?xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%a: f32, %c: f32, %unused: f32):
    %t = arith.addf %a, %c : f32
    linalg.yield %t : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @no_logsumexp_of_another_shift
// CHECK: owl.reduce <sum>
func.func @no_logsumexp_of_another_shift(%x: tensor<4x10xf32>) -> tensor<4x1xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<4x10xf32> -> tensor<4x1xf32>
  %n = owl.reduce <min> %x axes = [1] keep_dims : tensor<4x10xf32> -> tensor<4x1xf32>
  %b = owl.repeat %m by [1, 10] : tensor<4x1xf32> -> tensor<4x10xf32>
  %d = arith.subf %x, %b : tensor<4x10xf32>
  %e = math.exp %d : tensor<4x10xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<4x10xf32> -> tensor<4x1xf32>
  %l = math.log %s : tensor<4x1xf32>
  %r = arith.addf %l, %n : tensor<4x1xf32>
  return %r : tensor<4x1xf32>
}

// The product of x here and x there is no square.

// CHECK-LABEL: func @product_of_two_places
// CHECK-NOT: sumsq
// CHECK: return
func.func @product_of_two_places(%u: tensor<4xi32>) -> tensor<i32> {
  %t = owl.tile %u by [4] : tensor<4xi32> -> tensor<16xi32>
  %r = owl.repeat %u by [4] : tensor<4xi32> -> tensor<16xi32>
  %p = arith.muli %t, %r : tensor<16xi32>
  %s = owl.reduce <sum> %p axes = [0] : tensor<16xi32> -> tensor<i32>
  return %s : tensor<i32>
}

// CHECK-LABEL: func @product_with_the_transpose
// CHECK-NOT: sumsq
// CHECK: return
func.func @product_with_the_transpose(%u: tensor<4x4xi32>) -> tensor<4xi32> {
  %e = tensor.empty() : tensor<4x4xi32>
  %p = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    ins(%u, %u : tensor<4x4xi32>, tensor<4x4xi32>) outs(%e : tensor<4x4xi32>) {
  ^bb0(%a: i32, %b: i32, %o: i32):
    %m = arith.muli %a, %b : i32
    linalg.yield %m : i32
  } -> tensor<4x4xi32>
  %s = owl.reduce <sum> %p axes = [1] : tensor<4x4xi32> -> tensor<4xi32>
  return %s : tensor<4xi32>
}

//===----------------------------------------------------------------------===//
// Exponentials of what is not positive
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @exp_below_maximum
// CHECK: math.exp %{{.*}} {owl.nonpositive} :
func.func @exp_below_maximum(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<8x8xf32> -> tensor<8x1xf32>
  %b = owl.repeat %m by [1, 8] : tensor<8x1xf32> -> tensor<8x8xf32>
  %d = arith.subf %x, %b : tensor<8x8xf32>
  %e = math.exp %d : tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// The greatest term of the sum is 1.
// CHECK-LABEL: func @softmax_fraction
// CHECK: arith.divf %{{.*}} {owl.fraction} :
func.func @softmax_fraction(%x: tensor<8x?xf32>, %n: index) -> tensor<8x?xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<8x?xf32> -> tensor<8x1xf32>
  %b = owl.repeat %m by [1, %n] : tensor<8x1xf32> -> tensor<8x?xf32>
  %d = arith.subf %x, %b : tensor<8x?xf32>
  %e = math.exp %d : tensor<8x?xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<8x?xf32> -> tensor<8x1xf32>
  %c = owl.repeat %s by [1, %n] : tensor<8x1xf32> -> tensor<8x?xf32>
  %y = arith.divf %e, %c : tensor<8x?xf32>
  return %y : tensor<8x?xf32>
}

// A sum over part of what the maximum is of may have no such term.
// CHECK-LABEL: func @softmax_over_less
// CHECK: arith.divf
// CHECK-NOT: owl.fraction
// CHECK: return
func.func @softmax_over_less(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %x axes = [0, 1] keep_dims : tensor<8x8xf32> -> tensor<1x1xf32>
  %b = owl.repeat %m by [8, 8] : tensor<1x1xf32> -> tensor<8x8xf32>
  %d = arith.subf %x, %b : tensor<8x8xf32>
  %e = math.exp %d : tensor<8x8xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<8x8xf32> -> tensor<8x1xf32>
  %c = owl.repeat %s by [1, 8] : tensor<8x1xf32> -> tensor<8x8xf32>
  %y = arith.divf %e, %c : tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// A sum of f16 may be infinite.
// CHECK-LABEL: func @softmax_f16
// CHECK: arith.divf
// CHECK-NOT: owl.fraction
// CHECK: return
func.func @softmax_f16(%x: tensor<8x8xf16>) -> tensor<8x8xf16> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<8x8xf16> -> tensor<8x1xf16>
  %b = owl.repeat %m by [1, 8] : tensor<8x1xf16> -> tensor<8x8xf16>
  %d = arith.subf %x, %b : tensor<8x8xf16>
  %e = math.exp %d : tensor<8x8xf16>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<8x8xf16> -> tensor<8x1xf16>
  %c = owl.repeat %s by [1, 8] : tensor<8x1xf16> -> tensor<8x8xf16>
  %y = arith.divf %e, %c : tensor<8x8xf16>
  return %y : tensor<8x8xf16>
}

// CHECK-LABEL: func @exp_below_dynamic_maximum
// CHECK: math.exp %{{.*}} {owl.nonpositive} :
func.func @exp_below_dynamic_maximum(%x: tensor<?x?xf16>, %n: index) -> tensor<?x?xf16> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<?x?xf16> -> tensor<?x1xf16>
  %d = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x, %m : tensor<?x?xf16>, tensor<?x1xf16>) outs(%x : tensor<?x?xf16>) {
  ^bb0(%a: f16, %c: f16, %o: f16):
    %s = arith.subf %a, %c : f16
    linalg.yield %s : f16
  } -> tensor<?x?xf16>
  %e = math.exp %d : tensor<?x?xf16>
  return %e : tensor<?x?xf16>
}

// CHECK-LABEL: func @exp_below_maximum_in_one_body
// CHECK: math.exp %{{.*}} {owl.nonpositive} :
func.func @exp_below_maximum_in_one_body(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %x axes = [1] : tensor<8x8xf32> -> tensor<8xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x, %m : tensor<8x8xf32>, tensor<8xf32>) outs(%x : tensor<8x8xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %s = arith.subf %a, %c : f32
    %t = math.exp %s : f32
    linalg.yield %t : f32
  } -> tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// CHECK-LABEL: func @exp_of_a_part_below_the_maximum_of_all
// CHECK: math.exp %{{.*}} {owl.nonpositive} :
func.func @exp_of_a_part_below_the_maximum_of_all(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %x axes = [0, 1] keep_dims : tensor<8x8xf32> -> tensor<1x1xf32>
  %b = owl.repeat %m by [8, 8] : tensor<1x1xf32> -> tensor<8x8xf32>
  %d = arith.subf %x, %b : tensor<8x8xf32>
  %e = math.exp %d : tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// CHECK-LABEL: func @exp_below_the_maximum_of_another_row
// CHECK: math.exp %{{[^ ]*}} :
func.func @exp_below_the_maximum_of_another_row(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %x axes = [1] : tensor<8x8xf32> -> tensor<8xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x, %m : tensor<8x8xf32>, tensor<8xf32>) outs(%x : tensor<8x8xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %s = arith.subf %a, %c : f32
    %t = math.exp %s : f32
    linalg.yield %t : f32
  } -> tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// CHECK-LABEL: func @exp_below_the_maximum_of_another_tensor
// CHECK: math.exp %{{[^ ]*}} :
func.func @exp_below_the_maximum_of_another_tensor(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %y axes = [1] keep_dims : tensor<8x8xf32> -> tensor<8x1xf32>
  %b = owl.repeat %m by [1, 8] : tensor<8x1xf32> -> tensor<8x8xf32>
  %d = arith.subf %x, %b : tensor<8x8xf32>
  %e = math.exp %d : tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// CHECK-LABEL: func @exp_above_minimum
// CHECK: math.exp %{{[^ ]*}} :
func.func @exp_above_minimum(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <min> %x axes = [1] keep_dims : tensor<8x8xf32> -> tensor<8x1xf32>
  %b = owl.repeat %m by [1, 8] : tensor<8x1xf32> -> tensor<8x8xf32>
  %d = arith.subf %x, %b : tensor<8x8xf32>
  %e = math.exp %d : tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// CHECK-LABEL: func @exp_of_the_distance_to_the_maximum
// CHECK: math.exp %{{[^ ]*}} :
func.func @exp_of_the_distance_to_the_maximum(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %m = owl.reduce <max> %x axes = [1] keep_dims : tensor<8x8xf32> -> tensor<8x1xf32>
  %b = owl.repeat %m by [1, 8] : tensor<8x1xf32> -> tensor<8x8xf32>
  %d = arith.subf %b, %x : tensor<8x8xf32>
  %e = math.exp %d : tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}
