// Which of the groups that are alike a device gets, and which ones stay.
// RUN: owl-opt %s -split-input-file --owl-assign-devices=slack=1 | FileCheck %s

// Two chains of groups that are alike: each device gets one of them, although
// they are every other group.
owl.device @left {target = "aarch64"}
owl.device @right {target = "aarch64"}
owl.link @left, @right {bandwidth = 1.0e12, latency = 1.0e-9}
// CHECK-LABEL: func @chains
// CHECK: %[[A:.*]] = owl.group ins(%arg0 : {{.*}}device = @[[FIRST:left|right]]}
// CHECK: %[[B:.*]] = owl.group ins(%arg1 : {{.*}}device = @[[SECOND:left|right]]}
// CHECK: owl.group ins(%[[A]] : {{.*}}device = @[[FIRST]]}
// CHECK-NOT: device = @[[FIRST]]
// CHECK: owl.group ins(%[[B]] : {{.*}}device = @[[SECOND]]}
func.func @chains(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>) {
  %e = tensor.empty() : tensor<512x512xf32>
  %a0 = owl.group ins(%x : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    owl.yield %p2 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %b0 = owl.group ins(%y : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    owl.yield %p2 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %a1 = owl.group ins(%a0 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    owl.yield %p2 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %b1 = owl.group ins(%b0 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    owl.yield %p2 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  return %a1, %b1 : tensor<512x512xf32>, tensor<512x512xf32>
}

// -----

// Nobody gains by a group of one op, which stays at home.
owl.device @near {target = "aarch64"}
owl.device @far {target = "x86_64"}
owl.link @near, @far {bandwidth = 1.0e9, latency = 1.0e-6}
// CHECK-LABEL: func @stays
// CHECK: device = @near
// CHECK: device = @near
// CHECK: device = @near
func.func @stays(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>, tensor<512x512xf32>) attributes {owl.home = @near} {
  %e = tensor.empty() : tensor<512x512xf32>
  %a = owl.group ins(%x : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = math.exp %p1 : tensor<512x512xf32>
    owl.yield %p2 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %b = owl.group ins(%y : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = arith.negf %p : tensor<512x512xf32>
    owl.yield %p1 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %c = owl.group ins(%y : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = arith.negf %p : tensor<512x512xf32>
    owl.yield %p1 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  return %a, %b, %c : tensor<512x512xf32>, tensor<512x512xf32>, tensor<512x512xf32>
}

// -----

// Where no home is given, what nobody gains by stays with the caller: elsewhere
// it would only be received, and sent back.
owl.device @caller {target = "aarch64"}
owl.device @other {target = "aarch64"}
owl.link @caller, @other {bandwidth = 1.0e9, latency = 1.0e-6}
// CHECK-LABEL: func @small
// CHECK: owl.group {{.*}}tensor<64x64xf32>) attributes {device = @caller}
// CHECK: owl.group {{.*}}tensor<64x64xf32>) attributes {device = @caller}
func.func @small(%x: tensor<64x64xf32>, %y: tensor<512x512xf32>, %z: tensor<512x512xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<512x512xf32>, tensor<512x512xf32>) {
  %a = math.absf %x : tensor<64x64xf32>
  %s = tensor.extract_slice %a[0, 0] [64, 64] [1, 1] : tensor<64x64xf32> to tensor<64x64xf32>
  %n = arith.negf %s : tensor<64x64xf32>
  %y0 = math.absf %y : tensor<512x512xf32>
  %y1 = arith.negf %y0 : tensor<512x512xf32>
  %y2 = tensor.extract_slice %y1[0, 0] [512, 512] [1, 1] : tensor<512x512xf32> to tensor<512x512xf32>
  %z0 = math.absf %z : tensor<512x512xf32>
  %z1 = arith.negf %z0 : tensor<512x512xf32>
  return %a, %n, %y2, %z1 : tensor<64x64xf32>, tensor<64x64xf32>, tensor<512x512xf32>, tensor<512x512xf32>
}
