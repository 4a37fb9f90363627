// RUN: owl-opt %s --owl-protect-arguments | FileCheck %s

// CHECK: @f(%{{.*}}: tensor<?xi32> {bufferization.writable = false}, %{{.*}}: index, %{{.*}}: tensor<f32> {bufferization.writable = false})
func.func @f(%x: tensor<?xi32>, %n: index, %y: tensor<f32>) {
  return
}
