// Within one module a transfer is the value itself, and a group keeps its device.
// RUN: owl-opt %s --owl-bufferize | FileCheck %s

owl.device @pi {target = "aarch64"}
owl.device @kernel {target = "unikernel-aarch64"}

// CHECK-LABEL: func.func @grouped
// CHECK-SAME: %[[X:.*]]: memref<8xf32
// CHECK: %[[Y:.*]] = memref.alloc()
// CHECK-NOT: owl.transfer
// CHECK: owl.group ins(%[[X]] : {{.*}}) outs(%[[Y]] : {{.*}}) attributes {device = @kernel}
// CHECK: return %[[Y]]
func.func @grouped(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = owl.transfer %x from @pi to @kernel : tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %y = owl.group ins(%t : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @kernel} {
  ^bb0(%a: tensor<8xf32>):
    %n = arith.negf %a : tensor<8xf32>
    owl.yield %n : tensor<8xf32>
  } -> tensor<8xf32>
  %b = owl.transfer %y from @kernel to @pi : tensor<8xf32>
  return %b : tensor<8xf32>
}

// A slice is not dense where its sizes are not known, whatever the casts that
// are made of it say.
// CHECK-LABEL: func.func @slice
// CHECK: %[[S:.*]] = memref.subview
// CHECK: %[[COPY:.*]] = memref.alloc(%{{.*}}) {{.*}}: memref<2x3x?xf32>
// CHECK: memref.copy %[[S]], %[[COPY]]
// CHECK: return %[[COPY]]
func.func @slice(%x: tensor<2x3x4xf32>, %n: index) -> tensor<2x3x?xf32> {
  %s = tensor.extract_slice %x[0, 0, 0] [2, 3, %n] [1, 1, 1] : tensor<2x3x4xf32> to tensor<2x3x?xf32>
  return %s : tensor<2x3x?xf32>
}
