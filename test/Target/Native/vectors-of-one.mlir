// Of a vector of an odd length, what is left over may be taken as a vector of one
// element. It was once a scalar instead, which crashed LLVM's code generator.
// RUN: owl-translate %s --target=x86_64 --emit=asm -o - | FileCheck %s

// CHECK-LABEL: owl_pooling:
// CHECK: retq
func.func @pooling(%a0: tensor<?x?x?x?xf16>, %a1: tensor<3x3xf16>, %a2: tensor<?x?x?x?xf16>) -> (tensor<?x?x?x?xf16>) {
  %r = linalg.pooling_nhwc_sum {strides = dense<1> : vector<2xi64>, dilations = dense<1> : vector<2xi64>} ins(%a0, %a1 : tensor<?x?x?x?xf16>, tensor<3x3xf16>) outs(%a2 : tensor<?x?x?x?xf16>) -> tensor<?x?x?x?xf16>
  return %r : tensor<?x?x?x?xf16>
}
