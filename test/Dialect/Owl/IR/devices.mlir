// Devices, links, transfers, calls and groups that are assigned survive text and bytecode.
// RUN: owl-opt %s --verify-roundtrip | FileCheck %s
// RUN: owl-opt %s --canonicalize | FileCheck %s --check-prefix=FOLDED

// CHECK: owl.device @rpi4 {bandwidth = 4.000000e+09 : f64, cache = 1048576 : i64, cpu = "cortex-a72", flops = 2.400000e+10 : f64, launch = 2.000000e-06 : f64, memory = 4294967296 : i64, target = "aarch64", transcendentals = 4.000000e+08 : f64}
owl.device @rpi4 {target = "aarch64", cpu = "cortex-a72", bandwidth = 4.0e9, flops = 2.4e10, transcendentals = 4.0e8, launch = 2.0e-6, cache = 1048576, memory = 4294967296}
// CHECK: owl.device @browser {target = "wasm32", weight = 2.000000e+00 : f64}
owl.device @browser {target = "wasm32", weight = 2.0}
// CHECK: owl.link @rpi4, @browser {bandwidth = 1.250000e+07 : f64, latency = 2.000000e-03 : f64}
owl.link @rpi4, @browser {bandwidth = 1.25e7, latency = 2.0e-3}

// CHECK: module @kernel {
// CHECK: owl.device @kernel
module @kernel {
  owl.device @kernel {target = "unikernel-aarch64"}
  func.func @square(%x: tensor<8xf32>) -> tensor<8xf32> {
    %e = tensor.empty() : tensor<8xf32>
    // CHECK: owl.group {{.*}} attributes {device = @kernel}
    %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @kernel} {
    ^bb0(%a: tensor<8xf32>):
      %m = arith.mulf %a, %a : tensor<8xf32>
      owl.yield %m : tensor<8xf32>
    } -> tensor<8xf32>
    return %y : tensor<8xf32>
  }
}

// CHECK: func.func @main({{.*}}) -> tensor<8xf32> attributes {owl.home = @rpi4}
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> attributes {owl.home = @rpi4} {
  // CHECK: %[[T:.*]] = owl.transfer %{{.*}} from @rpi4 to @kernel : tensor<8xf32>
  %t = owl.transfer %x from @rpi4 to @kernel : tensor<8xf32>
  // CHECK: owl.call @kernel::@square(%[[T]]) : (tensor<8xf32>) -> tensor<8xf32>
  %y = owl.call @kernel::@square(%t) : (tensor<8xf32>) -> tensor<8xf32>
  %b = owl.transfer %y from @kernel to @rpi4 : tensor<8xf32>
  return %b : tensor<8xf32>
}

// What has been sent somewhere and back is where it was.
// FOLDED-LABEL: func @back
// FOLDED-SAME: %[[X:.*]]: tensor<8xf32>, %[[Y:.*]]: tensor<8xf32>
func.func @back(%x: tensor<8xf32>, %y: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %0 = owl.transfer %x from @rpi4 to @browser : tensor<8xf32>
  %1 = owl.transfer %0 from @browser to @rpi4 : tensor<8xf32>
  %2 = owl.transfer %y from @rpi4 to @rpi4 : tensor<8xf32>
  // FOLDED-NEXT: %[[S:.*]] = owl.transfer %[[X]] from @rpi4 to @browser
  // FOLDED-NEXT: %[[T:.*]] = owl.transfer %[[S]] from @browser to @kernel
  %3 = owl.transfer %0 from @browser to @kernel : tensor<8xf32>
  // FOLDED-NEXT: return %[[X]], %[[Y]], %[[T]]
  return %1, %2, %3 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
