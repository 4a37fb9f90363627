// Who looks at no memory shares two groups between two devices one of which has
// room for none, and where they are at first it has no room for them either.
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan -o %t | FileCheck %s
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan=json -o %t | FileCheck %s --check-prefix=JSON

// CHECK: rational  in time  in memory
// CHECK-NEXT: {{^}}assigned {{.*}} yes yes yes{{$}}
// CHECK-NEXT: {{^}}round-robin {{.*}} yes yes no{{$}}
// CHECK-NEXT: {{^}}longest-first {{.*}} yes yes no{{$}}
// CHECK-NEXT: {{^}}heft {{.*}} yes yes no{{$}}
// CHECK-NEXT: {{^}}utilitarian {{.*}} yes yes yes{{$}}
// CHECK-NEXT: {{^}}max-min {{.*}} yes yes yes{{$}}
// CHECK-NEXT: {{^}}fastest {{.*}} yes yes yes{{$}}
// CHECK-NEXT: {{^}}home {{.*}} yes yes no{{$}}
// CHECK: The geometric mean of the gains of the assigned plan is 0.
// JSON: "factor": null
// JSON: "name": "assigned"
// JSON: "keeps_memory": true
// JSON: "name": "round-robin"
// JSON: "keeps_memory": false
owl.device @left {target = "aarch64", memory = 1024}
owl.device @right {target = "aarch64"}
owl.link @left, @right {bandwidth = 1.0e12, latency = 1.0e-9}
func.func @f(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>) {
  %a = math.absf %x : tensor<512x512xf32>
  %n = arith.negf %a : tensor<512x512xf32>
  %b = math.absf %y : tensor<512x512xf32>
  %m = arith.negf %b : tensor<512x512xf32>
  return %n, %m : tensor<512x512xf32>, tensor<512x512xf32>
}
