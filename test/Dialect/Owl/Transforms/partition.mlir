// One module a device, and a schedule that says what goes where.
// RUN: owl-opt %s -split-input-file --owl-partition --owl-verify-partition | FileCheck %s
// RUN: owl-opt %s -split-input-file --owl-partition --owl-merge-devices --inline | FileCheck %s --check-prefix=MERGED
// MERGED-NOT: owl.device
// MERGED-NOT: owl.transfer
// MERGED-LABEL: func.func @hops
// MERGED-SAME: %[[X:.*]]: tensor<8xf32>
// MERGED: %[[Y:.*]] = owl.group ins(%[[X]] :
// MERGED: %[[Z:.*]] = owl.group ins(%[[Y]], %[[X]] :
// MERGED: return %[[Y]], %[[Z]]

// CHECK: owl.device @hub
owl.device @hub {target = "x86_64"}
// CHECK: module @a {
// CHECK-NEXT: owl.device @a
// CHECK-NEXT: func.func @hops_0(%{{.*}}: tensor<8xf32>) -> tensor<8xf32> {
// CHECK-NEXT: tensor.empty
// CHECK-NEXT: owl.group {{.*}} attributes {device = @a}
owl.device @a {target = "aarch64"}
// CHECK: module @b {
// CHECK-NEXT: owl.device @b
// CHECK-NEXT: func.func @hops_1(%{{.*}}: tensor<8xf32>, %{{.*}}: tensor<8xf32>) -> tensor<8xf32> {
owl.device @b {target = "wasm32"}
owl.link @hub, @a {bandwidth = 1.0e9, latency = 1.0e-4}
owl.link @hub, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: func.func @hops(%[[X:.*]]: tensor<8xf32>)
// CHECK-NEXT: %[[XA:.*]] = owl.transfer %[[X]] from @hub to @a
// CHECK-NEXT: %[[YA:.*]] = owl.call @a::@hops_0(%[[XA]])
// CHECK-NEXT: %[[YH:.*]] = owl.transfer %[[YA]] from @a to @hub
// CHECK-NEXT: %[[YB:.*]] = owl.transfer %[[YH]] from @hub to @b
// CHECK-NEXT: %[[XB:.*]] = owl.transfer %[[X]] from @hub to @b
// CHECK-NEXT: %[[ZB:.*]] = owl.call @b::@hops_1(%[[YB]], %[[XB]])
// CHECK-NEXT: %[[ZH:.*]] = owl.transfer %[[ZB]] from @b to @hub
// CHECK-NEXT: return %[[YH]], %[[ZH]]
func.func @hops(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @a} {
  ^bb0(%p: tensor<8xf32>):
    %n = arith.negf %p : tensor<8xf32>
    owl.yield %n : tensor<8xf32>
  } -> tensor<8xf32>
  %z = owl.group ins(%y, %x : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @b} {
  ^bb0(%p: tensor<8xf32>, %q: tensor<8xf32>):
    %n = arith.addf %p, %q : tensor<8xf32>
    owl.yield %n : tensor<8xf32>
  } -> tensor<8xf32>
  return %y, %z : tensor<8xf32>, tensor<8xf32>
}

// -----

// Sizes are the caller's, constants everybody's, and a slice goes with its
// source. A scalar that a device computes ends its run.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: func.func @mixed_0(%{{.*}}: tensor<?xf32>, %{{.*}}: index) -> (tensor<?xf32>, f32)
// CHECK-DAG: arith.constant dense
// CHECK-DAG: tensor.empty
// CHECK: owl.group
// CHECK: tensor.extract
// CHECK: func.func @mixed_1(%{{.*}}: tensor<?xf32>, %{{.*}}: f32) -> tensor<2xf32>
// CHECK: tensor.extract_slice
// CHECK-NEXT: tensor.insert
// CHECK-LABEL: func.func @mixed(
// CHECK-SAME: %[[X:.*]]: tensor<?xf32>) -> (tensor<2xf32>, tensor<4xf32>)
// CHECK: %[[C:.*]] = arith.constant dense<1.000000e+00>
// CHECK: %[[N:.*]] = tensor.dim %[[X]]
// CHECK: %[[T:.*]] = owl.transfer %[[X]] from @a to @b
// CHECK: %[[Y:.*]]:2 = owl.call @b::@mixed_0(%[[T]], %[[N]])
// CHECK: %[[F:.*]] = arith.negf %[[Y]]#1
// CHECK: %[[S:.*]] = owl.call @b::@mixed_1(%[[Y]]#0, %[[F]])
// CHECK: %[[R:.*]] = owl.transfer %[[S]] from @b to @a
// CHECK: return %[[R]], %[[C]]
func.func @mixed(%x: tensor<?xf32>) -> (tensor<2xf32>, tensor<4xf32>) {
  %zero = arith.constant 0 : index
  %c = arith.constant dense<1.0> : tensor<4xf32>
  %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %n = tensor.dim %x, %zero : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = owl.group ins(%x, %w : tensor<?xf32>, tensor<2xf32>) outs(%e : tensor<?xf32>) attributes {device = @b} {
  ^bb0(%p: tensor<?xf32>, %q: tensor<2xf32>):
    %m = arith.negf %p : tensor<?xf32>
    owl.yield %m : tensor<?xf32>
  } -> tensor<?xf32>
  %f = tensor.extract %y[%zero] : tensor<?xf32>
  %g = arith.negf %f : f32
  %s = tensor.extract_slice %y[0] [2] [1] : tensor<?xf32> to tensor<2xf32>
  %i = tensor.insert %g into %s[%zero] : tensor<2xf32>
  return %i, %c : tensor<2xf32>, tensor<4xf32>
}

// -----

// Windows are made where they are used: there is much more in them than in what
// they are seen through.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: func.func @windows_0(%{{.*}}: tensor<9xf32>) -> tensor<4xf32>
// CHECK: owl.window
// CHECK-LABEL: func.func @windows(
// CHECK-SAME: %[[X:.*]]: tensor<9xf32>)
// CHECK-NEXT: owl.transfer %[[X]] from @a to @b : tensor<9xf32>
func.func @windows(%x: tensor<9xf32>) -> tensor<4xf32> {
  %w = owl.window %x[4, 3] through affine_map<(i, j) -> (2 * i + j)> : tensor<9xf32> -> tensor<4x3xf32>
  %e = tensor.empty() : tensor<4xf32>
  %y = owl.group ins(%w : tensor<4x3xf32>) outs(%e : tensor<4xf32>) attributes {device = @b} {
  ^bb0(%p: tensor<4x3xf32>):
    %m = owl.reduce <max> %p axes = [1] : tensor<4x3xf32> -> tensor<4xf32>
    owl.yield %m : tensor<4xf32>
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// Without devices there is nothing to do.
// CHECK-LABEL: func.func @none
// CHECK-NEXT: arith.negf
func.func @none(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = arith.negf %x : tensor<8xf32>
  return %y : tensor<8xf32>
}
