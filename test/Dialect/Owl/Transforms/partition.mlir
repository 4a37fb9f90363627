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

// Constants and scalars are everybody's, also what is returned, and a slice goes
// with its source.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: module @a
// CHECK: func.func @mixed_1() -> tensor<4xf32>
// CHECK-NEXT: arith.constant dense
// CHECK: module @b
// CHECK: func.func @mixed_0(%[[A:.*]]: tensor<?xf32>) -> tensor<2xf32>
// CHECK-DAG: arith.constant dense
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[A]]
// CHECK-DAG: tensor.empty(%[[N]])
// CHECK: owl.group
// CHECK: tensor.extract
// CHECK: arith.negf
// CHECK: tensor.extract_slice
// CHECK-NEXT: tensor.insert
// CHECK-LABEL: func.func @mixed(
// CHECK-SAME: %[[X:.*]]: tensor<?xf32>) -> (tensor<2xf32>, tensor<4xf32>)
// CHECK-NEXT: %[[T:.*]] = owl.transfer %[[X]] from @a to @b
// CHECK-NEXT: %[[S:.*]] = owl.call @b::@mixed_0(%[[T]])
// CHECK-NEXT: %[[C:.*]] = owl.call @a::@mixed_1()
// CHECK-NEXT: %[[R:.*]] = owl.transfer %[[S]] from @b to @a
// CHECK-NEXT: return %[[R]], %[[C]]
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

// A size of a tensor that stays elsewhere comes in as that of one without
// elements, a scalar of a device as it is; returned scalars are computed by the
// caller, returned sizes known.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: module @a
// CHECK: func.func @sizes_0(%{{.*}}: tensor<?x2xf32>) -> f32
// CHECK: tensor.extract
// CHECK: func.func @sizes_2(%[[S:.*]]: tensor<?x0xi8>) -> index
// CHECK: %[[N:.*]] = tensor.dim %[[S]]
// CHECK: arith.addi %[[N]], %[[N]]
// CHECK: module @b
// CHECK: func.func @sizes_1(%[[F:.*]]: f32, %[[S:.*]]: tensor<?x0xi8>) -> tensor<?xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[S]]
// CHECK: %[[E:.*]] = tensor.empty(%[[N]])
// CHECK: %[[T:.*]] = tensor.splat %[[F]][%[[N]]]
// CHECK: owl.group ins(%[[T]] : tensor<?xf32>) outs(%[[E]]
// CHECK-LABEL: func.func @sizes(
// CHECK-SAME: %[[X:.*]]: tensor<?x2xf32>)
// CHECK-NEXT: %[[F:.*]] = owl.call @a::@sizes_0(%[[X]])
// CHECK-NEXT: %[[C0:.*]] = arith.constant 0
// CHECK-NEXT: %[[N:.*]] = tensor.dim %[[X]], %[[C0]]
// CHECK-NEXT: %[[S:.*]] = tensor.empty(%[[N]]) : tensor<?x0xi8>
// CHECK-NEXT: %[[Y:.*]] = owl.call @b::@sizes_1(%[[F]], %[[S]])
// CHECK-NEXT: %[[M:.*]] = owl.call @a::@sizes_2(%[[S]])
// CHECK-NEXT: %[[R:.*]] = owl.transfer %[[Y]] from @b to @a
// CHECK-NEXT: return %[[R]], %[[N]], %[[M]]
func.func @sizes(%x: tensor<?x2xf32>) -> (tensor<?xf32>, index, index) {
  %zero = arith.constant 0 : index
  %f = tensor.extract %x[%zero, %zero] : tensor<?x2xf32>
  %n = tensor.dim %x, %zero : tensor<?x2xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %t = tensor.splat %f[%n] : tensor<?xf32>
  %y = owl.group ins(%t : tensor<?xf32>) outs(%e : tensor<?xf32>) attributes {device = @b} {
  ^bb0(%p: tensor<?xf32>):
    %m = arith.negf %p : tensor<?xf32>
    owl.yield %m : tensor<?xf32>
  } -> tensor<?xf32>
  %m = arith.addi %n, %n : index
  return %y, %n, %m : tensor<?xf32>, index, index
}

// -----

// Sizes of what a schedule does not have are those that it is made of, one that a
// type says is a constant, and one that only run time chooses is computed where the
// tensor is.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: func.func @derived_0(%[[X:.*]]: tensor<?xf32>, %[[I:.*]]: index) -> (index, index, index)
// CHECK-DAG: tensor.dim %[[X]], %[[I]]
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0
// CHECK-DAG: %[[N:.*]] = tensor.dim %[[X]], %[[ZERO]]
// CHECK-DAG: arith.addi %[[N]], %[[N]]
// CHECK-LABEL: func.func @derived(
// CHECK-SAME: %[[X:.*]]: tensor<?xf32>, %[[I:.*]]: index, %[[K:.*]]: index)
// CHECK-NEXT: %[[M:.*]]:3 = owl.call @a::@derived_0(%[[X]], %[[I]])
// CHECK-NEXT: %[[C0:.*]] = arith.constant 0
// CHECK-NEXT: %[[N:.*]] = tensor.dim %[[X]], %[[C0]]
// CHECK-NEXT: return %[[M]]#0, %[[M]]#1, %[[M]]#2, %[[N]], %[[K]]
func.func @derived(%x: tensor<?xf32>, %i: index, %k: index) -> (index, index, index, index, index) {
  %zero = arith.constant 0 : index
  %d = tensor.dim %x, %i : tensor<?xf32>
  %n = tensor.dim %x, %zero : tensor<?xf32>
  %s = arith.addi %n, %n : index
  %e = tensor.empty(%s) : tensor<?xf32>
  %m = tensor.dim %e, %zero : tensor<?xf32>
  %w = owl.window %x[%k, 3] through affine_map<(i, j) -> (i + j)> : tensor<?xf32> -> tensor<?x3xf32>
  %v = tensor.dim %w, %zero : tensor<?x3xf32>
  return %d, %zero, %m, %n, %v : index, index, index, index, index
}

// -----

// A long chain of scalars is computed once, not by each function that needs the end of
// it.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK-LABEL: func.func @chain(
// CHECK: %[[S:.*]] = owl.call @a::@chain_0(%{{.*}}) : (i64) -> i64
// CHECK: owl.call @b::@chain_1(%[[S]])
func.func @chain(%s: i64) -> tensor<8xi64> {
  %s0 = arith.muli %s, %s : i64
  %s1 = arith.muli %s0, %s : i64
  %s2 = arith.muli %s1, %s : i64
  %s3 = arith.muli %s2, %s : i64
  %s4 = arith.muli %s3, %s : i64
  %s5 = arith.muli %s4, %s : i64
  %s6 = arith.muli %s5, %s : i64
  %s7 = arith.muli %s6, %s : i64
  %s8 = arith.muli %s7, %s : i64
  %s9 = arith.muli %s8, %s : i64
  %s10 = arith.muli %s9, %s : i64
  %s11 = arith.muli %s10, %s : i64
  %s12 = arith.muli %s11, %s : i64
  %s13 = arith.muli %s12, %s : i64
  %s14 = arith.muli %s13, %s : i64
  %s15 = arith.muli %s14, %s : i64
  %s16 = arith.muli %s15, %s : i64
  %s17 = arith.muli %s16, %s : i64
  %s18 = arith.muli %s17, %s : i64
  %s19 = arith.muli %s18, %s : i64
  %s20 = arith.muli %s19, %s : i64
  %s21 = arith.muli %s20, %s : i64
  %s22 = arith.muli %s21, %s : i64
  %s23 = arith.muli %s22, %s : i64
  %s24 = arith.muli %s23, %s : i64
  %s25 = arith.muli %s24, %s : i64
  %s26 = arith.muli %s25, %s : i64
  %s27 = arith.muli %s26, %s : i64
  %s28 = arith.muli %s27, %s : i64
  %s29 = arith.muli %s28, %s : i64
  %s30 = arith.muli %s29, %s : i64
  %s31 = arith.muli %s30, %s : i64
  %s32 = arith.muli %s31, %s : i64
  %s33 = arith.muli %s32, %s : i64
  %s34 = arith.muli %s33, %s : i64
  %s35 = arith.muli %s34, %s : i64
  %s36 = arith.muli %s35, %s : i64
  %s37 = arith.muli %s36, %s : i64
  %s38 = arith.muli %s37, %s : i64
  %s39 = arith.muli %s38, %s : i64
  %s40 = arith.muli %s39, %s : i64
  %s41 = arith.muli %s40, %s : i64
  %s42 = arith.muli %s41, %s : i64
  %s43 = arith.muli %s42, %s : i64
  %s44 = arith.muli %s43, %s : i64
  %s45 = arith.muli %s44, %s : i64
  %s46 = arith.muli %s45, %s : i64
  %s47 = arith.muli %s46, %s : i64
  %s48 = arith.muli %s47, %s : i64
  %s49 = arith.muli %s48, %s : i64
  %s50 = arith.muli %s49, %s : i64
  %s51 = arith.muli %s50, %s : i64
  %s52 = arith.muli %s51, %s : i64
  %s53 = arith.muli %s52, %s : i64
  %s54 = arith.muli %s53, %s : i64
  %s55 = arith.muli %s54, %s : i64
  %s56 = arith.muli %s55, %s : i64
  %s57 = arith.muli %s56, %s : i64
  %s58 = arith.muli %s57, %s : i64
  %s59 = arith.muli %s58, %s : i64
  %s60 = arith.muli %s59, %s : i64
  %s61 = arith.muli %s60, %s : i64
  %s62 = arith.muli %s61, %s : i64
  %s63 = arith.muli %s62, %s : i64
  %s64 = arith.muli %s63, %s : i64
  %t = tensor.splat %s64 : tensor<8xi64>
  %e = tensor.empty() : tensor<8xi64>
  %y = owl.group ins(%t : tensor<8xi64>) outs(%e : tensor<8xi64>) attributes {device = @b} {
  ^bb0(%p: tensor<8xi64>):
    %m = arith.addi %p, %p : tensor<8xi64>
    owl.yield %m : tensor<8xi64>
  } -> tensor<8xi64>
  return %y : tensor<8xi64>
}

// -----

// A window that is returned is made by the caller.
owl.device @a {target = "aarch64"}
owl.device @b {target = "wasm32"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-4}
// CHECK: func.func @seen_1(%{{.*}}: tensor<9xf32>) -> tensor<4x3xf32>
// CHECK: func.func @seen_0(%{{.*}}: tensor<9xf32>) -> tensor<9xf32>
// CHECK-LABEL: func.func @seen(
// CHECK: return %{{.*}} : tensor<4x3xf32>
func.func @seen(%x: tensor<9xf32>) -> tensor<4x3xf32> {
  %e = tensor.empty() : tensor<9xf32>
  %y = owl.group ins(%x : tensor<9xf32>) outs(%e : tensor<9xf32>) attributes {device = @b} {
  ^bb0(%p: tensor<9xf32>):
    %m = arith.negf %p : tensor<9xf32>
    owl.yield %m : tensor<9xf32>
  } -> tensor<9xf32>
  %w = owl.window %y[4, 3] through affine_map<(i, j) -> (2 * i + j)> : tensor<9xf32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
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

// A device may have the name of the whole.
// CHECK: module @host
// CHECK-NEXT: module @host
// CHECK-NEXT: owl.device @host
// CHECK-NEXT: func.func @named_0
// CHECK: func.func @named(
// CHECK: owl.call @host::@named_0
module @host {
  owl.device @host {target = "aarch64"}
  func.func @named(%x: tensor<8xf32>) -> tensor<8xf32> {
    %e = tensor.empty() : tensor<8xf32>
    %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @host} {
    ^bb0(%p: tensor<8xf32>):
      %m = arith.negf %p : tensor<8xf32>
      owl.yield %m : tensor<8xf32>
    } -> tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// -----

// Without devices there is nothing to do.
// CHECK-LABEL: func.func @none
// CHECK-NEXT: arith.negf
func.func @none(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = arith.negf %x : tensor<8xf32>
  return %y : tensor<8xf32>
}
