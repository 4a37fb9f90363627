// RUN: owl-opt %s --owl-expand-math | FileCheck %s --check-prefixes=CHECK,SOFT
// RUN: owl-opt %s --owl-expand-math="has-fma=true has-rounding=true has-f16-conversion=true has-extremes=true" | FileCheck %s --check-prefixes=CHECK,HARD

// A function becomes arithmetic of the operand's own shape, without f64 for
// those that softmax waits for, and without FMA where there is none.

// CHECK-LABEL: func.func @exp_of_a_vector_of_rank_2
// CHECK-NOT:   f64
// CHECK-NOT:   math.exp
// HARD:        math.fma {{.*}} : vector<2x4xf32>
// SOFT-NOT:    math.fma
// CHECK:       arith.mulf {{.*}} : vector<2x4xf32>
// CHECK:       return {{.*}} : vector<2x4xf32>
func.func @exp_of_a_vector_of_rank_2(%x: vector<2x4xf32>) -> vector<2x4xf32> {
  %y = math.exp %x : vector<2x4xf32>
  return %y : vector<2x4xf32>
}

// Nothing overflows, and one multiplication scales what underflows.
// CHECK-LABEL: func.func @exp_of_what_is_not_positive
// CHECK-NOT:   f64
// CHECK-NOT:   minimumf
// HARD:        arith.maximumf
// HARD-NOT:    arith.andi
// HARD:        %[[P:.*]] = arith.shli
// HARD:        %[[F:.*]] = arith.bitcast %[[P]]
// HARD:        %[[Y:.*]] = arith.mulf %{{.*}}, %[[F]]
// HARD:        return %[[Y]]
// SOFT-NOT:    arith.andi
// SOFT:        return
func.func @exp_of_what_is_not_positive(%x: vector<4xf32>) -> vector<4xf32> {
  %y = math.exp %x {owl.nonpositive} : vector<4xf32>
  return %y : vector<4xf32>
}

// One division of many numbers by one, but only with FMA.
// CHECK-LABEL: func.func @fraction
// HARD:        %[[R:.*]] = arith.divf %{{.*}} : f32
// HARD:        %[[B:.*]] = vector.broadcast %[[R]]
// HARD:        %[[Q:.*]] = arith.mulf %{{.*}}, %[[B]]
// HARD:        %[[L:.*]] = math.fma
// HARD:        math.fma %[[L]], %[[B]], %[[Q]]
// SOFT:        arith.divf %{{.*}} : vector<4xf32>
func.func @fraction(%x: vector<4xf32>, %s: f32) -> vector<4xf32> {
  %b = vector.broadcast %s : f32 to vector<4xf32>
  %y = arith.divf %x, %b {owl.fraction} : vector<4xf32>
  return %y : vector<4xf32>
}

// A division of a vector by a small odd number, but only with FMA.
// CHECK-LABEL: func.func @odd
// HARD-DAG:    %[[R:.*]] = arith.constant dense<0.142857149> : vector<4xf32>
// HARD:        %[[Q:.*]] = arith.mulf %{{.*}}, %[[R]]
// HARD:        %[[L:.*]] = math.fma
// HARD:        %[[S:.*]] = math.absf %[[L]]
// HARD:        %[[LACKS:.*]] = arith.cmpf ogt, %[[S]]
// HARD:        %[[F:.*]] = math.fma %[[L]], %[[R]], %[[Q]]
// HARD:        arith.select %[[LACKS]], %[[F]], %[[Q]]
// SOFT:        arith.divf %{{.*}} : vector<4xf32>
func.func @odd(%x: vector<4xf32>) -> vector<4xf32> {
  %n = arith.constant dense<7.0> : vector<4xf32>
  %y = arith.divf %x, %n : vector<4xf32>
  return %y : vector<4xf32>
}

// Quotients by an even number may be halfway; a large one lacks too much; one
// quotient is not worth it.
// CHECK-LABEL: func.func @not_odd
// CHECK-COUNT-5: arith.divf
// CHECK: return
func.func @not_odd(%x: vector<4xf32>, %y: f32)
    -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, f32) {
  %even = arith.constant dense<6.0> : vector<4xf32>
  %0 = arith.divf %x, %even : vector<4xf32>
  %large = arith.constant dense<524289.0> : vector<4xf32>
  %1 = arith.divf %x, %large : vector<4xf32>
  %part = arith.constant dense<7.5> : vector<4xf32>
  %2 = arith.divf %x, %part : vector<4xf32>
  %infinite = arith.constant dense<0x7F800000> : vector<4xf32>
  %3 = arith.divf %x, %infinite : vector<4xf32>
  %seven = arith.constant 7.0 : f32
  %4 = arith.divf %y, %seven : f32
  return %0, %1, %2, %3, %4 : vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, f32
}

// CHECK-LABEL: func.func @rounding
// HARD:        math.floor
// SOFT-NOT:    math.floor
// CHECK:       return
func.func @rounding(%x: f32) -> f32 {
  %y = math.floor %x : f32
  return %y : f32
}

// CHECK-LABEL: func.func @f16_is_computed_in_f32
// SOFT-NOT:    arith.extf
// SOFT-NOT:    arith.truncf
// HARD:        %[[A:.*]] = arith.extf %{{.*}} : vector<4xf16> to vector<4xf32>
// HARD:        %[[B:.*]] = arith.extf %{{.*}} : vector<4xf16> to vector<4xf32>
// HARD:        %[[C:.*]] = arith.addf %[[A]], %[[B]] : vector<4xf32>
// HARD:        arith.truncf %[[C]] : vector<4xf32> to vector<4xf16>
// CHECK:       return
func.func @f16_is_computed_in_f32(%x: vector<4xf16>, %y: vector<4xf16>) -> vector<4xf16> {
  %z = arith.addf %x, %y : vector<4xf16>
  return %z : vector<4xf16>
}

// No target converts bf16.

// CHECK-LABEL: func.func @bf16_conversions_are_integer_arithmetic
// CHECK-NOT:   arith.extf
// CHECK-NOT:   arith.truncf
// CHECK:       return
func.func @bf16_conversions_are_integer_arithmetic(%x: bf16) -> bf16 {
  %y = math.sqrt %x : bf16
  return %y : bf16
}

// f64 must not be rounded twice on its way to f16.

// CHECK-LABEL: func.func @f64_to_f16
// CHECK-NOT:   f64 to f16
// CHECK:       return
func.func @f64_to_f16(%x: f64) -> f16 {
  %y = arith.truncf %x : f64 to f16
  return %y : f16
}

// CHECK-LABEL: func.func @tensors_are_left_alone
// CHECK:       math.exp %{{.*}} : tensor<4xf32>
func.func @tensors_are_left_alone(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = math.exp %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// Of several numbers the extreme is taken by comparisons, and two are asked at once
// whether they are NaN. The last one stays if it is.

// CHECK-LABEL: func.func @maximum_of_five
// CHECK-SAME:  (%[[A:.*]]: vector<4xf32>, %[[B:.*]]: vector<4xf32>, %[[C:.*]]: vector<4xf32>, %[[D:.*]]: vector<4xf32>, %[[E:.*]]: vector<4xf32>)
// HARD-COUNT-4: arith.maximumf
// SOFT-NOT:    arith.maximumf
// SOFT:        %[[AB:.*]] = arith.cmpf ogt, %[[A]], %[[B]]
// SOFT:        arith.cmpf ogt, %[[C]], %[[D]]
// SOFT:        arith.cmpf ogt
// SOFT-NEXT:   %[[OTHERS:.*]] = arith.select
// SOFT-NEXT:   %[[WINS:.*]] = arith.cmpf ogt, %[[OTHERS]], %[[E]]
// SOFT-NEXT:   %[[MAX:.*]] = arith.select %[[WINS]], %[[OTHERS]], %[[E]]
// SOFT-DAG:    %[[ORD1:.*]] = arith.cmpf ord, %[[A]], %[[B]]
// SOFT-DAG:    %[[ORD2:.*]] = arith.cmpf ord, %[[C]], %[[D]]
// SOFT:        %[[ORD:.*]] = arith.andi %[[ORD1]], %[[ORD2]]
// SOFT:        arith.select %[[ORD]], %[[MAX]], %{{.*}}
// CHECK:       return
func.func @maximum_of_five(%a: vector<4xf32>, %b: vector<4xf32>, %c: vector<4xf32>, %d: vector<4xf32>, %e: vector<4xf32>) -> vector<4xf32> {
  %0 = arith.maximumf %a, %b fastmath<nsz> : vector<4xf32>
  %1 = arith.maximumf %c, %d fastmath<nsz> : vector<4xf32>
  %2 = arith.maximumf %0, %1 fastmath<nsz> : vector<4xf32>
  %3 = arith.maximumf %2, %e fastmath<nsz> : vector<4xf32>
  return %3 : vector<4xf32>
}

// Where the sign of zero matters comparisons would lose it.

// CHECK-LABEL: func.func @maximum_with_signed_zeros
// CHECK-COUNT-2: arith.maximumf
func.func @maximum_with_signed_zeros(%a: f32, %b: f32, %c: f32) -> f32 {
  %0 = arith.maximumf %a, %b : f32
  %1 = arith.maximumf %0, %c : f32
  return %1 : f32
}

// CHECK-LABEL: func.func @minimum_of_lanes
// HARD:        vector.reduction <minimumf>
// SOFT:        %[[ORD:.*]] = arith.cmpf ord, %{{.*}}, %{{.*}} : vector<4xf64>
// SOFT-NEXT:   vector.reduction <and>, %[[ORD]] : vector<4xi1> into i1
// SOFT-COUNT-2: arith.cmpf olt
// SOFT:        arith.select {{.*}} : f64
// CHECK:       return
func.func @minimum_of_lanes(%x: vector<4xf64>) -> f64 {
  %y = vector.reduction <minimumf>, %x fastmath<nsz> : vector<4xf64> into f64
  return %y : f64
}
