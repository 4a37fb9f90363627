// RUN: owl-opt %s --convert-owl-to-affine=vector-bits=512 | FileCheck %s

// Which lane holds an extreme is looked for once, in all strips of a row: no index
// is carried from half to half.
// CHECK-LABEL: func @argmax_of_odd_rows(
// CHECK: affine.for
// CHECK: %[[WIDE:.*]] = vector.reduction <maximumf>, %{{.*}} : vector<16xf32> into f32
// CHECK: %[[MAX:.*]] = arith.maximumf {{.*}}%[[WIDE]]
// CHECK-COUNT-2: vector.broadcast %[[MAX]]
// CHECK-NOT: arith.cmpi slt
// CHECK: vector.reduction <minsi>, %{{.*}} : vector<16xi32> into i32
// CHECK: arith.minsi
// CHECK: return
func.func @argmax_of_odd_rows(%x: memref<100x49xf32>, %y: memref<100xi64>) {
  owl.reduce <argmax> %x into %y axes = [1] : memref<100x49xf32> -> memref<100xi64>
  return
}
