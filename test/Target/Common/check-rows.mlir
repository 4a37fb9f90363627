// RUN: owl-translate %s --target=unikernel-x86_64 -o %t.o && owl-translate --check %t.o | FileCheck %s
// RUN: owl-translate %s --target=unikernel-aarch64 -o %t.o && owl-translate --check %t.o | FileCheck %s

// A row on the stack, of a model that checks first what depends on sizes.
// CHECK: unikernel-ready, deepest stack {{[0-9]+}} bytes in owl_f
func.func @f(%x: tensor<?x49xf32>) -> tensor<?x49xf32> {
  %e = math.exp %x : tensor<?x49xf32>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<?x49xf32> -> tensor<?x1xf32>
  %b = owl.repeat %s by [1, 49] : tensor<?x1xf32> -> tensor<?x49xf32>
  %y = arith.divf %e, %b : tensor<?x49xf32>
  return %y : tensor<?x49xf32>
}
