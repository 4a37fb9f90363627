// RUN: owl-opt %s --owl-narrow-floats-to-bits | FileCheck %s

// CHECK-LABEL: @bf16
// CHECK-SAME: (%[[M:.*]]: memref<8xbf16>, %[[I:.*]]: index)
// CHECK: %[[BITS:.*]] = builtin.unrealized_conversion_cast %[[M]] : memref<8xbf16> to memref<8xi16>
// CHECK: %[[B:.*]] = memref.load %[[BITS]][%[[I]]] : memref<8xi16>
// CHECK: %[[X:.*]] = arith.bitcast %[[B]] : i16 to bf16
// CHECK: %[[S:.*]] = arith.bitcast %[[X]] : bf16 to i16
// CHECK: memref.store %[[S]], %{{.*}}[%[[I]]] : memref<8xi16>
func.func @bf16(%m: memref<8xbf16>, %i: index) {
  %x = memref.load %m[%i] : memref<8xbf16>
  memref.store %x, %m[%i] : memref<8xbf16>
  return
}

// CHECK-LABEL: @f16_in_a_loop
// CHECK: affine.load %{{.*}} : memref<8xi16>
// CHECK: arith.bitcast %{{.*}} : i16 to f16
func.func @f16_in_a_loop(%m: memref<8xf16>, %n: memref<8xf32>) {
  affine.for %i = 0 to 8 {
    %x = affine.load %m[%i] : memref<8xf16>
    %y = arith.extf %x : f16 to f32
    affine.store %y, %n[%i] : memref<8xf32>
  }
  return
}

// CHECK-LABEL: @f32
// CHECK-NOT: i32
// CHECK: return
func.func @f32(%m: memref<8xf32>, %i: index) {
  %x = memref.load %m[%i] : memref<8xf32>
  memref.store %x, %m[%i] : memref<8xf32>
  return
}

// What only moves elements moves their bits.
// CHECK-LABEL: func.func @shuffled
// CHECK: %[[X:.*]] = vector.load {{.*}} : memref<8xi16>, vector<8xi16>
// CHECK: vector.shuffle {{.*}} : vector<8xi16>, vector<8xi16>
// CHECK-NOT: vector<4xbf16>,
// CHECK: vector.store {{.*}} : memref<8xi16>, vector<4xi16>
func.func @shuffled(%m: memref<8xbf16>, %i: index) {
  %x = vector.load %m[%i] : memref<8xbf16>, vector<8xbf16>
  %y = vector.shuffle %x, %x [0, 3, 6, 9] : vector<8xbf16>, vector<8xbf16>
  vector.store %y, %m[%i] : memref<8xbf16>, vector<4xbf16>
  return
}
