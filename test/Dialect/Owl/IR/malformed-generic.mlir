// Attributes that the custom syntax cannot spell are refused, not trusted.
// RUN: owl-opt %s --split-input-file --verify-diagnostics --mlir-print-op-on-diagnostic=false

func.func @no_attributes(%x: tensor<4xf32>) {
  // expected-error @+1 {{'owl.reduce' op requires attribute 'axes'}}
  %0 = "owl.reduce"(%x) : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @kind_of_another_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{kind}}
  %0 = "owl.reduce"(%x) <{axes = array<i64: 0>, kind = 3 : i32}> : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @axes_of_another_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{axes}}
  %0 = "owl.reduce"(%x) <{axes = array<i32: 0>, kind = #owl.reduce_kind<sum>}> : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @no_operand() {
  // expected-error @+1 {{'owl.reduce' op expected 1 or more operands, but found 0}}
  %0 = "owl.reduce"() <{axes = array<i64: 0>, kind = #owl.reduce_kind<sum>}> : () -> tensor<f32>
  return
}

// -----

func.func @two_results(%x: tensor<4xf32>) {
  // expected-error @+1 {{result group starting at #0 requires 0 or 1 element, but found 2}}
  %0:2 = "owl.reduce"(%x) <{axes = array<i64: 0>, kind = #owl.reduce_kind<sum>}> : (tensor<4xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

func.func @no_region(%x: tensor<4xf32>, %c: f32) {
  // expected-error @+1 {{requires one region}}
  %0 = "owl.fold"(%x, %c) <{axes = array<i64: 0>}> : (tensor<4xf32>, f32) -> tensor<f32>
  return
}

// -----

func.func @empty_region(%x: tensor<4xf32>, %c: f32) {
  // expected-error @+1 {{region #0 ('combiner') failed to verify constraint: region with 1 blocks}}
  %0 = "owl.fold"(%x, %c) <{axes = array<i64: 0>}> ({}) : (tensor<4xf32>, f32) -> tensor<f32>
  return
}

// -----

func.func @segments_do_not_add_up(%x: tensor<4xf32>) {
  // expected-error @+1 {{operand}}
  %0 = "owl.repeat"(%x) <{static_counts = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @segments_without_source(%n: index) {
  // expected-error @+1 {{expects one source, got 0}}
  %0 = "owl.repeat"(%n) <{static_counts = array<i64: 1>, operandSegmentSizes = array<i32: 0, 0, 1>}> : (index) -> tensor<4xf32>
  return
}

// -----

func.func @negative_segments(%x: tensor<4xf32>) {
  // expected-error @+1 {{operandSegmentSizes}}
  %0 = "owl.tile"(%x) <{static_counts = array<i64: 1>, operandSegmentSizes = array<i32: 1, -1, 1>}> : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @two_sources(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects one source, got 2}}
  %0 = "owl.repeat"(%x, %x) <{static_counts = array<i64: 1>, operandSegmentSizes = array<i32: 2, 0, 0>}> : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}
