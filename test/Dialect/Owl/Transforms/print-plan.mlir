// What a plan is worth, beside the bound and other ways.
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan -o %t | FileCheck %s
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan=table -o %t | FileCheck %s
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan=json -o %t | FileCheck %s --check-prefix=JSON
// RUN: owl-opt %s --owl-assign-devices --owl-print-plan=json -o %t | %python -m json.tool
// RUN: owl-opt %s --owl-assign-devices=slack=inf --owl-print-plan=slack=inf -o %t | FileCheck %s --check-prefix=INF
// INF: {{^}}limit{{ +}}inf{{$}}
// INF-NEXT: {{^}}bound - {{[-0-9.]+$}}
// RUN: not owl-opt %s --owl-print-plan -o %t 2>&1 | FileCheck %s --check-prefix=UNASSIGNED
// RUN: not owl-opt %s --owl-print-plan="json table" -o %t 2>&1 | FileCheck %s --check-prefix=BOTH

// Each of two devices that are alike gets one of two groups that are alike:
// nothing is fairer.
// CHECK: device {{.*}}utility {{.*}}gain {{.*}}seconds
// CHECK-NEXT: left {{.*}} 1
// CHECK-NEXT: right {{.*}} 1
// CHECK: category {{.*}}price
// CHECK-NEXT: group 0 {{.*}} 1 1
// CHECK: plan {{.*}}makespan {{.*}}Nash log {{.*}}Jain
// CHECK-NEXT: assigned {{.*}} 1.0000  yes
// CHECK-NEXT: round-robin {{.*}} 1.0000  yes
// CHECK: home {{.*}} -inf  0.5000  yes
// CHECK-NEXT: limit
// CHECK-NEXT: bound {{[0-9.e-]+}} -{{[0-9.]+$}}
// CHECK: The bound is that of the game in fractions of groups, without transfers.
// CHECK-NEXT: By it, no plan {{.*}}
// CHECK-NEXT: of the assigned one by more than a factor of 1.
// JSON: "name": "left"
// JSON: "allocation": [
// JSON-NEXT: 1
// JSON: "price":
// JSON-NEXT: "seconds": [
// JSON: "groups": [
// JSON: "values": [
// JSON: "transfers": [
// JSON: "certificate": {
// JSON: "factor": 1
// JSON: "least_makespan": 0.000
// JSON: "name": "home"
// JSON: "nash_log": null
// UNASSIGNED: error: 'owl.group' op expects a device: owl-assign-devices chooses one
// BOTH: error: expected either table or json, not both
owl.device @left {target = "aarch64"}
owl.device @right {target = "aarch64"}
owl.link @left, @right {bandwidth = 1.0e12, latency = 1.0e-9}
func.func @f(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>) -> (tensor<512x512xf32>, tensor<512x512xf32>) {
  %e = tensor.empty() : tensor<512x512xf32>
  %u = owl.group ins(%x : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %a = math.absf %p : tensor<512x512xf32>
    %n = arith.negf %a : tensor<512x512xf32>
    owl.yield %n : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  %v = owl.group ins(%y : tensor<512x512xf32>) outs(%e : tensor<512x512xf32>) {
  ^bb0(%p: tensor<512x512xf32>):
    %a = math.absf %p : tensor<512x512xf32>
    %n = arith.negf %a : tensor<512x512xf32>
    owl.yield %n : tensor<512x512xf32>
  } -> tensor<512x512xf32>
  return %u, %v : tensor<512x512xf32>, tensor<512x512xf32>
}
