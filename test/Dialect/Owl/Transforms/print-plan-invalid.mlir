// RUN: owl-opt %s -split-input-file -verify-diagnostics --owl-print-plan

owl.device @a {target = "x86_64"}
// expected-error @+1 {{expects links over which it can be reached from @a}}
owl.device @island {target = "x86_64"}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %y = owl.group ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {device = @a} {
  ^bb0(%p: tensor<8xf32>):
    %q = math.exp %p : tensor<8xf32>
    owl.yield %q : tensor<8xf32>
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}
