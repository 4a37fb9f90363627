// Two devices exchange work that they have already, and each has more than at
// home. @plain, which is slow at transcendental functions, saves nothing by fusing
// those, and more than @quick by fusing others. Who only looks at the time takes
// from @plain what it has.
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan -o %t | FileCheck %s
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan=json -o %t | FileCheck %s --check-prefix=JSON
// RUN: sed 's/@plain {/@plain {weight = 1.0e15, /' %s | owl-opt --owl-assign-devices --owl-print-plan -o %t | FileCheck %s --check-prefix=NONE
// RUN: sed 's/@plain {/@plain {weight = 1.0e15, /' %s | owl-opt --owl-assign-devices --owl-print-plan=json -o %t | FileCheck %s --check-prefix=NONE-JSON

// CHECK: device {{.*}}utility  disagreement          gain
// CHECK-NEXT: {{^}}plain 0.00838901 0.0041951 0.0041939 {{.*}} 2{{$}}
// CHECK-NEXT: {{^}}quick 0.0041951 0.00209755 0.00209755 {{.*}} 3{{$}}
// CHECK: rational  in time  in memory
// CHECK-NEXT: {{^}}assigned {{.*}} yes yes yes{{$}}
// CHECK: {{^}}longest-first {{.*}} -inf {{.*}} no yes yes{{$}}
// CHECK: {{^}}heft {{.*}} -inf {{.*}} no yes yes{{$}}
// CHECK: {{^}}utilitarian {{.*}} yes yes yes{{$}}
// CHECK-NEXT: {{^}}max-min {{.*}} yes yes yes{{$}}
// CHECK-NEXT: {{^}}fastest {{.*}} -inf {{.*}} no yes yes{{$}}
// CHECK-NEXT: {{^}}home {{.*}} -inf {{.*}} yes no yes{{$}}
// JSON: "disagreement": 0.004
// JSON: "disagreement": 0.002
// JSON: "name": "assigned"
// JSON: "individually_rational": true
// JSON: "name": "fastest"
// JSON: "individually_rational": false

// With weights this far apart, a method of fractions does not come to an end.
// NONE: {{^}}utilitarian
// NONE-NEXT: {{^}}max-min none: the method does not converge{{$}}
// NONE-JSON: "name": "max-min",
// NONE-JSON-NEXT: "found": false
// NONE-JSON-NEXT: }
owl.device @plain {target = "aarch64", bandwidth = 1.0e9, flops = 4.0e9, transcendentals = 1.0e8, launch = 1.0e-7}
owl.device @quick {target = "aarch64", bandwidth = 4.0e9, flops = 4.0e9, transcendentals = 4.0e9, launch = 1.0e-7}
owl.link @plain, @quick {bandwidth = 1.0e10, latency = 1.0e-6}
func.func @f(%x0: tensor<512x512xf32>, %x1: tensor<512x512xf32>, %x2: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>, tensor<512x512xf32>) attributes {owl.home = @plain} {
  %e = tensor.empty() : tensor<512x512xf32>
  %y0 = owl.group ins(%x0 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    %p3 = arith.addf %p2, %p2 : tensor<512x512xf32>
    owl.yield %p3 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %y1 = owl.group ins(%x1 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.exp %p : tensor<512x512xf32>
    %p2 = math.exp %p1 : tensor<512x512xf32>
    %p3 = math.exp %p2 : tensor<512x512xf32>
    %p4 = math.exp %p3 : tensor<512x512xf32>
    owl.yield %p4 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %y2 = owl.group ins(%x2 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.exp %p : tensor<512x512xf32>
    %p2 = math.exp %p1 : tensor<512x512xf32>
    %p3 = math.exp %p2 : tensor<512x512xf32>
    %p4 = math.exp %p3 : tensor<512x512xf32>
    owl.yield %p4 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  return %y0, %y1, %y2 : tensor<512x512xf32>, tensor<512x512xf32>, tensor<512x512xf32>
}
func.func @g(%x0: tensor<512x512xf32>, %x1: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>) attributes {owl.home = @quick} {
  %e = tensor.empty() : tensor<512x512xf32>
  %y0 = owl.group ins(%x0 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    %p3 = arith.addf %p2, %p2 : tensor<512x512xf32>
    owl.yield %p3 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %y1 = owl.group ins(%x1 : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %p1 = math.absf %p : tensor<512x512xf32>
    %p2 = arith.negf %p1 : tensor<512x512xf32>
    %p3 = arith.addf %p2, %p2 : tensor<512x512xf32>
    owl.yield %p3 : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  return %y0, %y1 : tensor<512x512xf32>, tensor<512x512xf32>
}
