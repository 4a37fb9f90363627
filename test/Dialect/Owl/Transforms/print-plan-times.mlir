// Times of plans are those with what is sent, each value once to a device.
// RUN: owl-opt %s --owl-print-plan -o %t | FileCheck %s

// A group takes the near device 2.2 s and the far one 0.5 s, and each tensor
// takes 1 s over the link. Both groups, which are far, need the one that the
// near device has, and it receives what they make.
// CHECK: near {{.*}} 2 0
// CHECK-NEXT: far {{.*}} 2 2
// CHECK: plan {{.*}}makespan {{.*}}total time
// CHECK-NEXT: assigned 2 4 -inf
// CHECK: heft 2 4 -inf
// CHECK: fastest 2 4 -inf
// CHECK-NEXT: home 4.4 4.4 -inf
// CHECK-NEXT: limit 2.2
owl.device @near {target = "x86_64", launch = 2.2}
owl.device @far {target = "x86_64", launch = 0.5}
owl.link @near, @far {bandwidth = 1.0e4, latency = 1.0e-9}
func.func @f(%x: tensor<2500xf32>) -> (tensor<2500xf32>, tensor<2500xf32>) {
  %e = tensor.empty() : tensor<2500xf32>
  %u = owl.group ins(%x : tensor<2500xf32>) outs(%e : tensor<2500xf32>) attributes {device = @far} {
  ^bb0(%p: tensor<2500xf32>):
    %a = math.absf %p : tensor<2500xf32>
    %n = arith.negf %a : tensor<2500xf32>
    owl.yield %n : tensor<2500xf32>
  } -> tensor<2500xf32>
  %v = owl.group ins(%x : tensor<2500xf32>) outs(%e : tensor<2500xf32>) attributes {device = @far} {
  ^bb0(%p: tensor<2500xf32>):
    %a = math.absf %p : tensor<2500xf32>
    %n = arith.negf %a : tensor<2500xf32>
    owl.yield %n : tensor<2500xf32>
  } -> tensor<2500xf32>
  return %u, %v : tensor<2500xf32>, tensor<2500xf32>
}
