// Each verifier's error, said once and with what was expected.
// RUN: owl-opt %s --split-input-file --verify-diagnostics --mlir-print-op-on-diagnostic=false

func.func @negative_axis(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects each axis in [0, 2), got -1; did you mean 1?}}
  %0 = owl.reduce <sum> %x axes = [-1] : tensor<4x5xf32> -> tensor<4xf32>
  return
}

// -----

func.func @axis_below_rank(%x: tensor<4x5xf32>) {
  // expected-error-re @+1 {{expects each axis in [0, 2), got -3{{$}}}}
  %0 = owl.reduce <sum> %x axes = [-3] : tensor<4x5xf32> -> tensor<4xf32>
  return
}

// -----

func.func @axis_too_large(%x: tensor<4x5xf32>) {
  // expected-error-re @+1 {{expects each axis in [0, 2), got 2{{$}}}}
  %0 = owl.reduce <sum> %x axes = [0, 2] : tensor<4x5xf32> -> tensor<5xf32>
  return
}

// -----

func.func @axis_of_rank_0(%x: tensor<f32>) {
  // expected-error @+1 {{expects each axis in [0, 0), got 0}}
  %0 = owl.reduce <sum> %x axes = [0] : tensor<f32> -> tensor<f32>
  return
}

// -----

func.func @axis_twice(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects distinct axes, got 1 twice}}
  %0 = owl.reduce <sum> %x axes = [1, 0, 1] : tensor<4x5xf32> -> tensor<f32>
  return
}

// -----

func.func @shape(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects a result of type 'tensor<4xf32>', got 'tensor<5xf32>'}}
  %0 = owl.reduce <sum> %x axes = [1] : tensor<4x5xf32> -> tensor<5xf32>
  return
}

// -----

func.func @rank(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects a result of type 'tensor<4x1xf32>', got 'tensor<4xf32>'}}
  %0 = owl.reduce <sum> %x axes = [1] keep_dims : tensor<4x5xf32> -> tensor<4xf32>
  return
}

// -----

func.func @element_of_sum(%x: tensor<4xf16>) {
  // expected-error @+1 {{expects elements of type 'f16' in the result, got 'tensor<f32>'}}
  %0 = owl.reduce <sum> %x axes = [0] : tensor<4xf16> -> tensor<f32>
  return
}

// -----

func.func @element_of_argmax(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects elements of type 'i64' in the result, got 'tensor<i32>'}}
  %0 = owl.reduce <argmax> %x axes = [0] : tensor<4xf32> -> tensor<i32>
  return
}

// -----

func.func @element_of_any(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects elements of type 'i1' in the result, got 'tensor<f32>'}}
  %0 = owl.reduce <any> %x axes = [0] : tensor<4xf32> -> tensor<f32>
  return
}

// -----

func.func @element_type(%x: tensor<4xi4>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16, f32, f64, i1, i8, i16, i32, i64, ui8, ui16, ui32 or ui64 values}}
  %0 = owl.reduce <sum> %x axes = [0] : tensor<4xi4> -> tensor<i4>
  return
}

// -----

func.func @signed_type(%x: tensor<4xsi8>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16, f32}}
  %0 = owl.repeat %x by [2] : tensor<4xsi8> -> tensor<8xsi8>
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor}}
  %0 = owl.reduce <sum> %x axes = [] : tensor<*xf32> -> tensor<f32>
  return
}

// -----

func.func @scalar(%x: f32) {
  // expected-error @+1 {{operand #0 must be ranked tensor}}
  %0 = owl.tile %x by [] : f32 -> tensor<f32>
  return
}

// -----

func.func @unsigned_float(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects signless integers where 'unsigned' is given, got 'f32'}}
  %0 = owl.reduce <max> %x axes = [0] unsigned : tensor<4xf32> -> tensor<f32>
  return
}

// -----

func.func @unsigned_twice(%x: tensor<4xui8>) {
  // expected-error @+1 {{expects signless integers where 'unsigned' is given, got 'ui8'}}
  %0 = owl.reduce <max> %x axes = [0] unsigned : tensor<4xui8> -> tensor<ui8>
  return
}

// -----

func.func @max_of_nothing(%x: tensor<3x0xf32>) {
  // expected-error @+1 {{expects at least one element to reduce: max of an empty set has no value}}
  %0 = owl.reduce <max> %x axes = [1] : tensor<3x0xf32> -> tensor<3xf32>
  return
}

// -----

func.func @argmin_of_nothing(%x: tensor<?x0xf32>) {
  // expected-error @+1 {{expects at least one element to reduce: argmin of an empty set has no value}}
  %0 = owl.reduce <argmin> %x axes = [0, 1] : tensor<?x0xf32> -> tensor<i64>
  return
}

// -----

func.func @unknown_kind(%x: tensor<3xf32>) {
  // expected-error @+1 {{expected a kind of reduction, one of sum, prod, max, min, mean, sumsq, l1, l2, logsum, logsumexp, any, all, argmax, argmin, variance; got 'median'}}
  %0 = owl.reduce <median> %x axes = [0] : tensor<3xf32> -> tensor<f32>
  return
}

// -----

func.func @huge(%x: tensor<4611686018427387904x4xf32>) {
  // expected-error @+1 {{expects the size of a tensor in bytes to fit a 64-bit integer, got 'tensor<4611686018427387904x4xf32>'}}
  %0 = owl.reduce <sum> %x axes = [0] : tensor<4611686018427387904x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @mixed_forms(%x: tensor<4xf32>, %y: memref<f32>) {
  // expected-error @+1 {{expects a tensor and a result, or a buffer and a destination given by 'into'}}
  owl.reduce <sum> %x into %y axes = [0] : tensor<4xf32> -> memref<f32>
  return
}

// -----

func.func @buffer_with_result(%x: memref<4xf32>) {
  // expected-error @+1 {{expects a tensor and a result, or a buffer and a destination given by 'into'}}
  %0 = owl.repeat %x by [2] : memref<4xf32> -> tensor<8xf32>
  return
}

// -----

func.func @tensor_without_result(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a tensor and a result, or a buffer and a destination given by 'into'}}
  "owl.reduce"(%x) <{axes = array<i64: 0>, kind = #owl.reduce_kind<sum>}> : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @destination_shape(%x: memref<4xf32>, %y: memref<7xf32>) {
  // expected-error @+1 {{expects a result of type 'tensor<8xf32>', got 'memref<7xf32>'}}
  owl.repeat %x into %y by [2] : memref<4xf32> -> memref<7xf32>
  return
}

// -----

func.func @fold_axis(%x: tensor<4xf32>, %c: f32) {
  // expected-error @+1 {{expects each axis in [0, 1), got -1; did you mean 0?}}
  %0 = owl.fold %x init %c axes = [-1] {
  ^bb0(%e: f32, %acc: f32):
    owl.yield %acc : f32
  } : tensor<4xf32>, f32 -> tensor<f32>
  return
}

// -----

func.func @fold_shape(%x: tensor<4xf32>, %c: f32) {
  // expected-error @+1 {{expects a result of type 'tensor<f32>', got 'tensor<4xf32>'}}
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%e: f32, %acc: f32):
    owl.yield %acc : f32
  } : tensor<4xf32>, f32 -> tensor<4xf32>
  return
}

// -----

func.func @fold_element(%x: tensor<4xf32>, %c: f32) {
  // expected-error @+1 {{expects elements of type 'f32' in the result, got 'tensor<f64>'}}
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%e: f32, %acc: f32):
    owl.yield %acc : f32
  } : tensor<4xf32>, f32 -> tensor<f64>
  return
}

// -----

func.func @fold_arguments(%x: tensor<4xi8>, %c: i32) {
  // expected-error @+1 {{expects a region that takes an element and the accumulator, of types 'i8' and 'i32'}}
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%acc: i32, %e: i8):
    owl.yield %acc : i32
  } : tensor<4xi8>, i32 -> tensor<i32>
  return
}

// -----

func.func @fold_yield_type(%x: tensor<4xi8>, %c: i32) {
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%e: i8, %acc: i32):
    // expected-error @+1 {{expects a value of the accumulator's type 'i32', got 'i8'}}
    owl.yield %e : i8
  } : tensor<4xi8>, i32 -> tensor<i32>
  return
}

// -----

func.func @fold_terminator(%x: tensor<4xi32>, %c: i32) {
  // expected-error @+1 {{expects its region to end with 'owl.yield'}}
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%e: i32, %acc: i32):
    llvm.unreachable
  } : tensor<4xi32>, i32 -> tensor<i32>
  return
}

// -----

func.func @fold_empty_region(%x: tensor<4xi32>, %c: i32) {
  // expected-error @+1 {{expects a non-empty block}}
  %0 = owl.fold %x init %c axes = [0] {
  } : tensor<4xi32>, i32 -> tensor<i32>
  return
}

// -----

func.func @fold_effects(%x: tensor<4xi32>, %c: i32, %m: memref<i32>) {
  // expected-error @+1 {{expects a region without side effects}}
  %0 = owl.fold %x init %c axes = [0] {
  ^bb0(%e: i32, %acc: i32):
    // expected-note @+1 {{this op has or may have side effects}}
    memref.store %e, %m[] : memref<i32>
    owl.yield %acc : i32
  } : tensor<4xi32>, i32 -> tensor<i32>
  return
}

// -----

func.func @yield_outside_fold(%x: f32) {
  // expected-error @+1 {{expects parent op to be one of 'owl.fold, owl.group, owl.parallel_for'}}
  owl.yield %x : f32
}

// -----

func.func @too_few_counts(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects 2 counts, one for each dimension of the source, got 1}}
  %0 = owl.repeat %x by [2] : tensor<4x5xf32> -> tensor<8x5xf32>
  return
}

// -----

func.func @too_many_counts(%x: tensor<f32>) {
  // expected-error @+1 {{expects 0 counts, one for each dimension of the source, got 1}}
  %0 = owl.tile %x by [2] : tensor<f32> -> tensor<2xf32>
  return
}

// -----

func.func @negative_count(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects counts of 0 or more, got -2}}
  %0 = owl.tile %x by [1, -2] : tensor<4x5xf32> -> tensor<4x?xf32>
  return
}

// -----

func.func @count_without_operand(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects an operand for each dynamic count: 1, got 0}}
  %0 = "owl.repeat"(%x) <{static_counts = array<i64: -9223372036854775808>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<4xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @operand_without_count(%x: tensor<4xf32>, %n: index) {
  // expected-error @+1 {{expects an operand for each dynamic count: 0, got 1}}
  %0 = "owl.tile"(%x, %n) <{static_counts = array<i64: 2>, operandSegmentSizes = array<i32: 1, 0, 1>}> : (tensor<4xf32>, index) -> tensor<8xf32>
  return
}

// -----

func.func @repeated_shape(%x: tensor<4x5xf32>) {
  // expected-error @+1 {{expects a result of type 'tensor<8x15xf32>', got 'tensor<8x16xf32>'}}
  %0 = owl.repeat %x by [2, 3] : tensor<4x5xf32> -> tensor<8x16xf32>
  return
}

// -----

func.func @repeated_element(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects elements of type 'f32' in the result, got 'tensor<8xf64>'}}
  %0 = owl.tile %x by [2] : tensor<4xf32> -> tensor<8xf64>
  return
}

// -----

func.func @dimension_overflow(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects each dimension of the result to fit a 64-bit integer}}
  %0 = owl.repeat %x by [9223372036854775807] : tensor<4xf32> -> tensor<?xf32>
  return
}

// -----

func.func @size_overflow(%x: tensor<1x1xf32>) {
  // expected-error @+1 {{expects the size of a tensor in bytes to fit a 64-bit integer}}
  %0 = owl.tile %x by [4611686018427387904, 4] : tensor<1x1xf32> -> tensor<4611686018427387904x4xf32>
  return
}

// -----

func.func @group_argument(%x: tensor<4xf32>, %i: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expects an argument of the region of type 'tensor<4xf32>', got 'tensor<5xf32>'}}
  %y = owl.group ins(%x : tensor<4xf32>) outs(%i : tensor<4xf32>) {
  ^bb0(%a: tensor<5xf32>):
    %c = arith.constant dense<1.0> : tensor<4xf32>
    owl.yield %c : tensor<4xf32>
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @group_arguments(%x: tensor<4xf32>, %i: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expects an argument of the region for each input: 1, got 0}}
  %y = owl.group ins(%x : tensor<4xf32>) outs(%i : tensor<4xf32>) {
    %c = arith.constant dense<1.0> : tensor<4xf32>
    owl.yield %c : tensor<4xf32>
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @group_yield(%i: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expects a yielded value for each init: 1, got 0}}
  %y = owl.group outs(%i : tensor<4xf32>) {
    owl.yield
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @group_results(%i: tensor<4xf32>) {
  // expected-error @+1 {{expected the number of tensor results (0) to be equal to the number of output tensors (1)}}
  owl.group outs(%i : tensor<4xf32>) {
    %c = arith.constant dense<1.0> : tensor<4xf32>
    owl.yield %c : tensor<4xf32>
  }
  return
}

// -----

func.func @group_mixed(%x: memref<4xf32>, %i: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expects either tensors or buffers, not both}}
  %y = owl.group ins(%x : memref<4xf32>) outs(%i : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    owl.yield %a : tensor<4xf32>
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @group_capture(%x: tensor<4xf32>, %i: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note @+1 {{required by region isolation constraints}}
  %y = owl.group outs(%i : tensor<4xf32>) {
    // expected-error @+1 {{using value defined outside the region}}
    owl.yield %x : tensor<4xf32>
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @no_number(%count: index) {
  // expected-error @+1 {{expects a region of one index, the number of the task}}
  owl.parallel_for %count {
  }
  return
}

// -----

func.func @number_of_another_type(%count: index) {
  // expected-error @+1 {{expects a region of one index, the number of the task}}
  owl.parallel_for %count {
  ^bb0(%task: i64):
  }
  return
}

// -----

func.func @yields(%count: index) {
  // expected-error @+1 {{expects a region that yields nothing}}
  owl.parallel_for %count {
  ^bb0(%task: index):
    owl.yield %task : index
  }
  return
}

// -----

func.func @no_function(%count: index) {
  // expected-error @+1 {{expects a function, got @task}}
  owl.parallel_call @task to %count()
  return
}

// -----

func.func private @task(index)
func.func @other_captures(%count: index) {
  // expected-error @+1 {{expects a function of 'index', 'index' without results, got @task of 'index'}}
  owl.parallel_call @task to %count(%count) : index
  return
}

// -----

func.func @window_outside(%x: tensor<9xf32>) {
  // expected-error @+1 {{expects windows inside of the source: dimension 0 has 9 elements, and they reach number 9}}
  %w = owl.window %x[4, 4] through affine_map<(i, j) -> (2 * i + j)> : tensor<9xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @window_of_another_rank(%x: tensor<9xf32>) {
  // expected-error @+1 {{expects a map from 2 dimensions to 1, got affine_map<(d0) -> (d0)>}}
  %w = owl.window %x[4, 4] through affine_map<(i) -> (i)> : tensor<9xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @window_backwards(%x: tensor<9xf32>) {
  // expected-error @+1 {{expects a map that is linear in each dimension, with constants of 1 or more}}
  %w = owl.window %x[4, 4] through affine_map<(i, j) -> (i - j + 3)> : tensor<9xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @window_of_parts(%x: tensor<9xf32>) {
  // expected-error @+1 {{expects a map that is linear in each dimension, with constants of 1 or more}}
  %w = owl.window %x[4] through affine_map<(i) -> (i floordiv 2)> : tensor<9xf32> -> tensor<4xf32>
  return
}

// -----

func.func @window_repeats(%x: tensor<9xf32>) {
  // expected-error @+1 {{expects a map that is linear in each dimension, with constants of 1 or more}}
  %w = owl.window %x[4, 2] through affine_map<(i, j) -> (i)> : tensor<9xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @window_of_another_type(%x: tensor<9xf32>) {
  // expected-error @+2 {{are incompatible with return type(s)}}
  // expected-error @+1 {{failed to infer returned types}}
  %w = owl.window %x[4] through affine_map<(i) -> (i)> : tensor<9xf32> -> tensor<5xf32>
  return
}
