// Groups are given to devices, and what is in no group becomes one.
// RUN: owl-opt %s -split-input-file --owl-assign-devices | FileCheck %s
// RUN: owl-opt %s -split-input-file --owl-assign-devices --remarks-filter=owl-assign-devices -o %t 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: owl-opt %s -split-input-file --owl-assign-devices --remarks-filter=owl-assign-devices -o %t 2>&1 | grep -c Missed | FileCheck %s --check-prefix=ONCE
// RUN: owl-opt %s -split-input-file --owl-assign-devices=utility=saved-bytes | FileCheck %s --check-prefix=TOTAL
// RUN: owl-opt %s -split-input-file --owl-assign-devices=utility=diminishing | FileCheck %s --check-prefix=TOTAL
// RUN: owl-opt %s -split-input-file --owl-assign-devices=solver=subgradient | FileCheck %s --check-prefix=TOTAL
// RUN: owl-opt %s -split-input-file --owl-assign-devices=slack=inf | FileCheck %s --check-prefixes=TOTAL,TRADE
// TOTAL-LABEL: func @alike
// TOTAL-COUNT-4: attributes {device = @

// Two devices that are alike share four groups that are alike: each gets two
// that follow one another, for each uses what the one before makes.
owl.device @left {target = "aarch64"}
owl.device @right {target = "aarch64"}
owl.link @left, @right {bandwidth = 1.0e12, latency = 1.0e-9}
// CHECK-LABEL: func @alike
// CHECK: owl.group {{.*}} attributes {device = @[[FIRST:left|right]]}
// CHECK: owl.group {{.*}} attributes {device = @[[FIRST]]}
// CHECK: tensor.extract_slice
// CHECK: owl.group {{.*}} attributes {device = @[[SECOND:left|right]]}
// CHECK-NOT: device = @[[FIRST]]
// CHECK: owl.group {{.*}} attributes {device = @[[SECOND]]}
// REMARKS: remark: [Passed] assigned | Category:owl-assign-devices | Category=0, Remark=@{{left|right}}, Seconds={{.*}}, SecondsSaved={{.*}}, Variant=recompute
func.func @alike(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %m0 = owl.reduce <max> %x axes = [1] keep_dims : tensor<512x512xf32> -> tensor<512x1xf32>
  %r0 = owl.repeat %m0 by [1, 512] : tensor<512x1xf32> -> tensor<512x512xf32>
  %d0 = arith.subf %x, %r0 : tensor<512x512xf32>
  %s0 = tensor.extract_slice %d0[0, 0] [512, 512] [1, 1] : tensor<512x512xf32> to tensor<512x512xf32>
  %m1 = owl.reduce <max> %s0 axes = [1] keep_dims : tensor<512x512xf32> -> tensor<512x1xf32>
  %r1 = owl.repeat %m1 by [1, 512] : tensor<512x1xf32> -> tensor<512x512xf32>
  %d1 = arith.subf %s0, %r1 : tensor<512x512xf32>
  %s1 = tensor.extract_slice %d1[0, 0] [512, 512] [1, 1] : tensor<512x512xf32> to tensor<512x512xf32>
  %m2 = owl.reduce <max> %s1 axes = [1] keep_dims : tensor<512x512xf32> -> tensor<512x1xf32>
  %r2 = owl.repeat %m2 by [1, 512] : tensor<512x1xf32> -> tensor<512x512xf32>
  %d2 = arith.subf %s1, %r2 : tensor<512x512xf32>
  %s2 = tensor.extract_slice %d2[0, 0] [512, 512] [1, 1] : tensor<512x512xf32> to tensor<512x512xf32>
  %m3 = owl.reduce <max> %s2 axes = [1] keep_dims : tensor<512x512xf32> -> tensor<512x1xf32>
  %r3 = owl.repeat %m3 by [1, 512] : tensor<512x1xf32> -> tensor<512x512xf32>
  %d3 = arith.subf %s2, %r3 : tensor<512x512xf32>
  return %d3 : tensor<512x512xf32>
}

// -----

// One device gets all. A reduction is a group of its own; what cannot be in a
// group stays as it is, as do constants.
owl.device @only {target = "wasm32"}
// CHECK-LABEL: func @single
// CHECK: owl.group {{.*}} attributes {device = @only}
// CHECK-NEXT: ^bb0
// CHECK-NEXT: owl.reduce <sum>
// CHECK-NEXT: owl.yield
// CHECK: tensor.extract_slice
// CHECK: scf.for
// CHECK-NEXT: owl.reduce <max>
func.func @single(%x: tensor<4x8xf32>, %n: index) -> (tensor<4xf32>, tensor<2xf32>) {
  %s = owl.reduce <sum> %x axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
  %h = tensor.extract_slice %s[0] [2] [1] : tensor<4xf32> to tensor<2xf32>
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %l = scf.for %i = %zero to %n step %one iter_args(%a = %h) -> tensor<2xf32> {
    %m = owl.reduce <max> %a axes = [0] keep_dims : tensor<2xf32> -> tensor<1xf32>
    %r = owl.repeat %m by [2] : tensor<1xf32> -> tensor<2xf32>
    scf.yield %r : tensor<2xf32>
  }
  return %s, %l : tensor<4xf32>, tensor<2xf32>
}

// -----

// Who leaves home pays for it: over such a link nothing does.
owl.device @far {target = "x86_64"}
owl.device @near {target = "aarch64"}
owl.link @far, @near {bandwidth = 1.0e3, latency = 1.0}
// CHECK-LABEL: func @stays
// CHECK: device = @near
// CHECK-NOT: device = @far
func.func @stays(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>) attributes {owl.home = @near} {
  %m0 = owl.reduce <max> %x axes = [1] keep_dims : tensor<512x512xf32> -> tensor<512x1xf32>
  %r0 = owl.repeat %m0 by [1, 512] : tensor<512x1xf32> -> tensor<512x512xf32>
  %d0 = arith.subf %x, %r0 : tensor<512x512xf32>
  %a = math.absf %y : tensor<512x512xf32>
  %n = arith.negf %a : tensor<512x512xf32>
  return %d0, %n : tensor<512x512xf32>, tensor<512x512xf32>
}

// -----

// The pi would end later than it might, but does not give up what it has. This
// is said once.
// ONCE: {{^}}1{{$}}
owl.device @server {target = "x86_64"}
owl.device @pi {target = "aarch64"}
owl.link @server, @pi {bandwidth = 1.0e12, latency = 1.0e-9}
// REMARKS: remark: [Missed] deadline | {{.*}}Reason="the last device ends after 5.919e-04 s, later than the {{.*}} s that the slack allows after the fastest plan: there @pi would have less than at home"
// CHECK-LABEL: func @keeps
// CHECK: device = @pi
// CHECK: device = @pi
func.func @keeps(%x: tensor<512x512xf32>, %y: tensor<256x512xf32>) -> (tensor<512x512xf32>, tensor<256x512xf32>) attributes {owl.home = @pi} {
  %a = math.absf %x : tensor<512x512xf32>
  %b = arith.negf %a : tensor<512x512xf32>
  %c = math.absf %y : tensor<256x512xf32>
  %d = arith.negf %c : tensor<256x512xf32>
  return %b, %d : tensor<512x512xf32>, tensor<256x512xf32>
}

// -----

// Each has what is worth more to the other: they exchange it.
owl.device @narrow {target = "x86_64", bandwidth = 1.0e9, launch = 1.0e-9}
owl.device @slow {target = "x86_64", bandwidth = 1.0e12, launch = 1.0e-3}
owl.link @narrow, @slow {bandwidth = 1.0e12, latency = 1.0e-9}
// TRADE-LABEL: func @bytes
// TRADE: device = @narrow
func.func @bytes(%x: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> attributes {owl.home = @slow} {
  %a = math.absf %x : tensor<1024x1024xf32>
  %b = arith.negf %a : tensor<1024x1024xf32>
  return %b : tensor<1024x1024xf32>
}
// TRADE-LABEL: func @launches
// TRADE: device = @slow
func.func @launches(%x: tensor<4xf32>) -> tensor<4xf32> attributes {owl.home = @narrow} {
  %a = math.absf %x : tensor<4xf32>
  %b = arith.negf %a : tensor<4xf32>
  %c = arith.mulf %b, %b : tensor<4xf32>
  %d = arith.addf %c, %b : tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

// Nothing to do.
owl.device @idle {target = "x86_64"}
// CHECK-LABEL: func @nothing
func.func @nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
