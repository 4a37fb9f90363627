// RUN: owl-opt %s --owl-jam-loops=factor=2 --cse | FileCheck %s
// RUN: owl-opt %s --owl-jam-loops=factor=3 --cse | FileCheck %s --check-prefix=THREE
// RUN: owl-opt %s --owl-jam-loops=factor=1 | FileCheck %s --check-prefix=ONE
// RUN: not owl-opt %s --owl-jam-loops=factor=0 2>&1 | FileCheck %s --check-prefix=ZERO

// ONE-NOT: step 2
// ZERO: error: expected a factor of 1 or more

// Two rows of %x share the vectors of %v.
// CHECK-LABEL: func @product
// CHECK: affine.for %[[I:.*]] = 0 to 8 step 2
// CHECK: affine.for %[[J:.*]] = 0 to 16 step 8
// CHECK: %[[S:.*]]:2 = affine.for %[[K:.*]] = 0 to 5 iter_args
// CHECK: affine.load %{{.*}}[%[[I]], %[[K]]]
// CHECK: affine.vector_load
// CHECK: affine.load
// CHECK-NOT: affine.vector_load
// CHECK: affine.yield
// CHECK: affine.vector_store %[[S]]#0, %{{.*}}[%[[I]], %[[J]]]
// CHECK: affine.vector_store %[[S]]#1
func.func @product(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<8x16xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%i, %j] : memref<8x16xf32>, vector<8xf32>
    }
  }
  return
}

// All write to one row.
// CHECK-LABEL: func @same_row
// CHECK: affine.for %{{.*}} = 0 to 8 {
func.func @same_row(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<16xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%j] : memref<16xf32>, vector<8xf32>
    }
  }
  return
}

// All write to some of the same elements, in another order.
// CHECK-LABEL: func @diagonals
// CHECK: affine.for %{{.*}} = 0 to 8 {
func.func @diagonals(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<24xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%i + %j] : memref<24xf32>, vector<8xf32>
    }
  }
  return
}

// Each row is written twice: the last one to do so has to stay the last.
// CHECK-LABEL: func @halves
// CHECK: affine.for %{{.*}} = 0 to 8 {
func.func @halves(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<4x16xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%i floordiv 2, %j] : memref<4x16xf32>, vector<8xf32>
    }
  }
  return
}

// Each writes over half of what the one before has written.
// CHECK-LABEL: func @overlaps
// CHECK: affine.for %{{.*}} = 0 to 8 {
func.func @overlaps(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<36xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%i * 4] : memref<36xf32>, vector<8xf32>
    }
  }
  return
}

// Each writes over a row that the one before has written.
// CHECK-LABEL: func @neighbours
// CHECK: affine.for %{{.*}} = 0 to 8 {
func.func @neighbours(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<9x16xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%i, %j] : memref<9x16xf32>, vector<8xf32>
      affine.vector_store %s, %y[%i + 1, %j] : memref<9x16xf32>, vector<8xf32>
    }
  }
  return
}

// Results that go past the caches.
// CHECK-LABEL: func @streamed
// CHECK: affine.for %{{.*}} = 0 to 8 step 2 {
func.func @streamed(%x: memref<8x5xf32>, %v: memref<5x16xf32>, %y: memref<8x16xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 5 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %x[%i, %k] : memref<8x5xf32>
        %w = affine.vector_load %v[%k, %j] : memref<5x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      vector.store %s, %y[%i, %j] {nontemporal = true} : memref<8x16xf32>, vector<8xf32>
    }
  }
  return
}

// The next row reads what this one has written.
// CHECK-LABEL: func @recurrence
// CHECK: affine.for %{{.*}} = 0 to 7 {
func.func @recurrence(%y: memref<8x16xf32>, %v: memref<16x16xf32>) {
  %zero = arith.constant dense<0.0> : vector<8xf32>
  affine.for %i = 0 to 7 {
    affine.for %j = 0 to 16 step 8 {
      %s = affine.for %k = 0 to 16 iter_args(%a = %zero) -> vector<8xf32> {
        %e = affine.load %y[%i, %k] : memref<8x16xf32>
        %w = affine.vector_load %v[%k, %j] : memref<16x16xf32>, vector<8xf32>
        %b = vector.broadcast %e : f32 to vector<8xf32>
        %p = arith.mulf %b, %w : vector<8xf32>
        %n = arith.addf %a, %p : vector<8xf32>
        affine.yield %n : vector<8xf32>
      }
      affine.vector_store %s, %y[%i + 1, %j] : memref<8x16xf32>, vector<8xf32>
    }
  }
  return
}

// Windows of three rows, and three vectors that all of them are multiplied by.
// CHECK-LABEL: func @window
// CHECK: affine.for %{{.*}} = 0 to 8 step 2
func.func @window(%x: memref<10x16xf32>, %v: memref<3x16xf32>, %y: memref<8x16xf32>) {
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %a0 = affine.vector_load %x[%i, %j] : memref<10x16xf32>, vector<8xf32>
      %a1 = affine.vector_load %x[%i + 1, %j] : memref<10x16xf32>, vector<8xf32>
      %a2 = affine.vector_load %x[%i + 2, %j] : memref<10x16xf32>, vector<8xf32>
      %b0 = affine.vector_load %v[0, %j] : memref<3x16xf32>, vector<8xf32>
      %b1 = affine.vector_load %v[1, %j] : memref<3x16xf32>, vector<8xf32>
      %b2 = affine.vector_load %v[2, %j] : memref<3x16xf32>, vector<8xf32>
      %p0 = arith.mulf %a0, %b0 : vector<8xf32>
      %p1 = arith.mulf %a1, %b1 : vector<8xf32>
      %p2 = arith.mulf %a2, %b2 : vector<8xf32>
      %s0 = arith.addf %p0, %p1 : vector<8xf32>
      %s1 = arith.addf %s0, %p2 : vector<8xf32>
      affine.vector_store %s1, %y[%i, %j] : memref<8x16xf32>, vector<8xf32>
    }
  }
  return
}

// A scale and a shift of rows are for the cache to hold: rows come from memory.
// CHECK-LABEL: func @scale
// CHECK: affine.for %{{.*}} = 0 to 8 {
func.func @scale(%x: memref<8x16xf32>, %v: memref<16xf32>, %y: memref<8x16xf32>) {
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 16 step 8 {
      %a = affine.vector_load %x[%i, %j] : memref<8x16xf32>, vector<8xf32>
      %b = affine.vector_load %v[%j] : memref<16xf32>, vector<8xf32>
      %p = arith.mulf %a, %b : vector<8xf32>
      affine.vector_store %p, %y[%i, %j] : memref<8x16xf32>, vector<8xf32>
    }
  }
  return
}

// Two rows side by side; what a phase stores for the next stays in registers.
// CHECK-LABEL: func @rows
// CHECK-NOT: memref.alloc
// CHECK: affine.for %[[I:.*]] = 0 to 8 step 2
// CHECK-NEXT: %[[NEXT:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK-NEXT: %[[X0:.*]] = affine.vector_load %{{.*}}[%[[I]], 0]
// CHECK-NEXT: %[[X1:.*]] = affine.vector_load %{{.*}}[%[[NEXT]], 0]
// CHECK-NEXT: %[[LOW:.*]] = vector.shuffle %[[X0]], %[[X1]] [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
// CHECK-NEXT: %[[HIGH:.*]] = vector.shuffle %[[X0]], %[[X1]] [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]
// CHECK-NEXT: arith.maximumf %[[LOW]], %[[HIGH]] : vector<16xf32>
// CHECK: %[[M:.*]] = arith.maximumf %{{.*}} : vector<2xf32>
// CHECK: vector.extract %[[M]][0]
// CHECK: vector.extract %[[M]][1]
// CHECK: %[[E0:.*]] = math.exp
// CHECK-NEXT: %[[E1:.*]] = math.exp
// CHECK: arith.divf %[[E0]]
// CHECK-NEXT: arith.divf %[[E1]]
// CHECK-NEXT: affine.vector_store %{{.*}}[%[[I]], 0]
// CHECK-NEXT: affine.vector_store %{{.*}}[%[[NEXT]], 0]
func.func @rows(%x: memref<8x16xf32>, %y: memref<8x16xf32>) {
  %row = memref.alloca() : memref<16xf32>
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    %b = vector.broadcast %m : f32 to vector<16xf32>
    %d = arith.subf %v, %b : vector<16xf32>
    %e = math.exp %d : vector<16xf32>
    affine.vector_store %e, %row[0] : memref<16xf32>, vector<16xf32>
    %s = vector.reduction <add>, %e : vector<16xf32> into f32
    %c = vector.broadcast %s : f32 to vector<16xf32>
    %k = affine.vector_load %row[0] : memref<16xf32>, vector<16xf32>
    %q = arith.divf %k, %c : vector<16xf32>
    affine.vector_store %q, %y[%i, 0] : memref<8x16xf32>, vector<16xf32>
  }
  return
}

// What combines lanes in halves is packed, and so are the scalars that are computed from
// that, with their operands: the tail of a row, its square, a constant, what is outside.
// CHECK-LABEL: func @packed
// CHECK-SAME: %{{.*}}, %{{.*}}, %[[N:.*]]: f32
// CHECK: affine.for %[[I:.*]] = 0 to 8 step 2
// CHECK: %[[V0:.*]] = affine.vector_load
// CHECK-NEXT: %[[V1:.*]] = affine.vector_load
// CHECK: %[[T0:.*]] = affine.load
// CHECK-NEXT: %[[T1:.*]] = affine.load
// CHECK-NEXT: %[[T:.*]] = vector.from_elements %[[T0]], %[[T1]]
// CHECK-NEXT: %[[SQUARES:.*]] = arith.mulf %[[T]], %[[T]] : vector<2xf32>
// CHECK: vector.shuffle %[[V0]], %[[V1]] [0, 1, 4, 5]
// CHECK-NEXT: vector.shuffle %[[V0]], %[[V1]] [2, 3, 6, 7]
// CHECK-NEXT: %[[H:.*]] = arith.addf %{{.*}} fastmath<contract> : vector<4xf32>
// CHECK-NEXT: vector.shuffle %[[H]], %[[H]] [0, 2]
// CHECK-NEXT: vector.shuffle %[[H]], %[[H]] [1, 3]
// CHECK-NEXT: %[[S:.*]] = arith.addf %{{.*}} : vector<2xf32>
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[S]], %[[SQUARES]] : vector<2xf32>
// CHECK-NEXT: %[[N2:.*]] = vector.broadcast %[[N]] : f32 to vector<2xf32>
// CHECK-NEXT: %[[MEAN:.*]] = arith.mulf %[[SUM]], %[[N2]]
// CHECK-NEXT: %[[M0:.*]] = vector.extract %[[MEAN]][0]
// CHECK-NEXT: %[[M1:.*]] = vector.extract %[[MEAN]][1]
// CHECK: arith.addf %[[MEAN]], %{{.*}} : vector<2xf32>
// CHECK: arith.cmpf olt, %{{.*}} : vector<2xf32>
// CHECK: %[[D:.*]] = arith.select %{{.*}} : vector<2xi1>, vector<2xf32>
// CHECK-NEXT: vector.extract %[[D]][0]
// CHECK-NEXT: vector.extract %[[D]][1]
// CHECK: vector.broadcast %[[M0]] : f32 to vector<4xf32>
// CHECK-NEXT: vector.broadcast %[[M1]] : f32 to vector<4xf32>
// Three of eight rows are packed in four elements, of which the last is there twice.
// THREE-LABEL: func @packed
// THREE: affine.for %{{.*}} = 0 to 6 step 3
// THREE: vector.from_elements %[[T0:.*]], %[[T1:.*]], %[[T2:.*]], %[[T2]] : vector<4xf32>
// THREE: affine.for %{{.*}} = 6 to 8
// THREE-NOT: vector.shuffle
// THREE: return
func.func @packed(%x: memref<8x5xf32>, %y: memref<8x5xf32>, %n: f32) {
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x5xf32>, vector<4xf32>
    %t = affine.load %x[%i, 4] : memref<8x5xf32>
    %square = arith.mulf %t, %t : f32
    %low = vector.extract_strided_slice %v {offsets = [0], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %high = vector.extract_strided_slice %v {offsets = [2], sizes = [2], strides = [1]} : vector<4xf32> to vector<2xf32>
    %pair = arith.addf %low, %high fastmath<contract> : vector<2xf32>
    %even = vector.extract_strided_slice %pair {offsets = [0], sizes = [1], strides = [1]} : vector<2xf32> to vector<1xf32>
    %odd = vector.extract_strided_slice %pair {offsets = [1], sizes = [1], strides = [1]} : vector<2xf32> to vector<1xf32>
    %one = arith.addf %even, %odd : vector<1xf32>
    %lanes = vector.extract %one[0] : f32 from vector<1xf32>
    %sum = arith.addf %lanes, %square : f32
    %mean = arith.mulf %sum, %n : f32
    %e = arith.constant 1.0 : f32
    %m = arith.addf %mean, %e : f32
    %less = arith.cmpf olt, %m, %t : f32
    %d = arith.select %less, %m, %t : f32
    affine.store %d, %y[%i, 4] : memref<8x5xf32>
    %b = vector.broadcast %mean : f32 to vector<4xf32>
    %f = arith.subf %v, %b : vector<4xf32>
    affine.vector_store %f, %y[%i, 0] : memref<8x5xf32>, vector<4xf32>
  }
  return
}

// A product that has other uses is fused into the sum of each row, or of none.
// CHECK-LABEL: func @fused
// CHECK: %[[P:.*]] = arith.mulf %{{.*}} fastmath<contract> : vector<2xf32>
// CHECK: vector.extract %[[P]][0]
// CHECK: vector.extract %[[P]][1]
// CHECK: arith.addf %{{.*}}, %[[P]] fastmath<contract> : vector<2xf32>
func.func @fused(%x: memref<8x4xf32>, %w: memref<8xf32>, %y: memref<8x4xf32>, %z: memref<8xf32>) {
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x4xf32>, vector<4xf32>
    %c = affine.load %w[%i] : memref<8xf32>
    %p = arith.mulf %c, %c fastmath<contract> : f32
    affine.store %p, %z[%i] : memref<8xf32>
    %m = vector.reduction <maximumf>, %v : vector<4xf32> into f32
    %q = arith.addf %m, %p fastmath<contract> : f32
    %b = vector.broadcast %q : f32 to vector<4xf32>
    %d = arith.subf %v, %b : vector<4xf32>
    affine.vector_store %d, %y[%i, 0] : memref<8x4xf32>, vector<4xf32>
  }
  return
}

// Lanes that are compared make no number.
// CHECK-LABEL: func @compared
// CHECK: affine.for %{{.*}} = 0 to 8 step 2
// CHECK-COUNT-2: arith.cmpf olt, %{{.*}} : vector<1xf32>
func.func @compared(%x: memref<8x2xf32>, %y: memref<8x2xf32>) {
  %zero = arith.constant 0.0 : f32
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x2xf32>, vector<2xf32>
    %low = vector.extract_strided_slice %v {offsets = [0], sizes = [1], strides = [1]} : vector<2xf32> to vector<1xf32>
    %high = vector.extract_strided_slice %v {offsets = [1], sizes = [1], strides = [1]} : vector<2xf32> to vector<1xf32>
    %c = arith.cmpf olt, %low, %high : vector<1xf32>
    %less = vector.extract %c[0] : i1 from vector<1xi1>
    %b = vector.broadcast %less : i1 to vector<2xi1>
    %z = vector.broadcast %zero : f32 to vector<2xf32>
    %d = arith.select %b, %v, %z : vector<2xi1>, vector<2xf32>
    affine.vector_store %d, %y[%i, 0] : memref<8x2xf32>, vector<2xf32>
  }
  return
}

// f16 is not packed, sums in an order of their own are not, nor is what has an
// accumulator.
// CHECK-LABEL: func @apart
// CHECK: affine.for %{{.*}} = 0 to 8 step 2
// CHECK-COUNT-2: vector.reduction <maximumf>, %{{.*}} : vector<4xf16>
// CHECK-COUNT-2: vector.reduction <add>, %{{.*}} : vector<4xf32> into f32
// CHECK-COUNT-2: vector.reduction <minsi>, %{{.*}}, %{{.*}} : vector<4xi32> into i32
func.func @apart(%x: memref<8x4xf16>, %y: memref<8x4xf32>, %z: memref<8x4xi32>, %n: i32,
                 %a: memref<8xf16>, %b: memref<8xf32>, %c: memref<8xi32>) {
  affine.for %i = 0 to 8 {
    %0 = affine.vector_load %x[%i, 0] : memref<8x4xf16>, vector<4xf16>
    %1 = vector.reduction <maximumf>, %0 : vector<4xf16> into f16
    affine.store %1, %a[%i] : memref<8xf16>
    %2 = affine.vector_load %y[%i, 0] : memref<8x4xf32>, vector<4xf32>
    %3 = vector.reduction <add>, %2 : vector<4xf32> into f32
    affine.store %3, %b[%i] : memref<8xf32>
    %4 = affine.vector_load %z[%i, 0] : memref<8x4xi32>, vector<4xi32>
    %5 = vector.reduction <minsi>, %4, %n : vector<4xi32> into i32
    affine.store %5, %c[%i] : memref<8xi32>
  }
  return
}

// Of five rows one remains, of an unknown number some.
// CHECK-LABEL: func @remainders
// CHECK: affine.for %{{.*}} = 0 to 4 step 2
// CHECK-NOT: vector.reduction
// CHECK: affine.for %{{.*}} = 0 to #{{.*}} step 2
// CHECK: affine.for
// CHECK-NOT: vector.reduction
// CHECK: return
func.func @remainders(%x: memref<?x16xf32>, %y: memref<?xf32>, %n: index) {
  affine.for %i = 0 to 5 {
    %v = affine.vector_load %x[%i, 0] : memref<?x16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    affine.store %m, %y[%i] : memref<?xf32>
  }
  affine.for %i = 0 to %n {
    %v = affine.vector_load %x[%i, 0] : memref<?x16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    affine.store %m, %y[%i] : memref<?xf32>
  }
  return
}

// A sum of a row waits once, a row that is stored over another one for that, and of
// three rows two are too much of the work.
// CHECK-LABEL: func @one_by_one
// CHECK-NOT: step 2
func.func @one_by_one(%x: memref<8x16xf32>, %y: memref<8xf32>, %z: memref<9x16xf32>) {
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x16xf32>, vector<16xf32>
    %s = vector.reduction <add>, %v : vector<16xf32> into f32
    affine.store %s, %y[%i] : memref<8xf32>
  }
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %z[%i, 0] : memref<9x16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    %b = vector.broadcast %m : f32 to vector<16xf32>
    affine.vector_store %b, %z[%i + 1, 0] : memref<9x16xf32>, vector<16xf32>
  }
  affine.for %i = 0 to 3 {
    %v = affine.vector_load %x[%i, 0] : memref<8x16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    affine.store %m, %y[%i] : memref<8xf32>
  }
  return
}

// Stores of other lengths, and of parts, are stores of their own.
// CHECK-LABEL: func @ranges
// CHECK: affine.vector_store %{{.*}} : memref<8x16xf32>, vector<16xf32>
// CHECK: affine.vector_store %{{.*}} : memref<8x16xf32>, vector<8xf32>
// CHECK: affine.vector_store %{{.*}}[0] : memref<24xf32>
// CHECK: affine.vector_store %{{.*}}[8] : memref<24xf32>
// CHECK: affine.vector_load %{{.*}}[0] : memref<24xf32>
func.func @ranges(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %z: memref<8x16xf32>) {
  %row = memref.alloca() : memref<24xf32>
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    %b = vector.broadcast %m : f32 to vector<16xf32>
    %h = vector.broadcast %m : f32 to vector<8xf32>
    %d = arith.subf %v, %b : vector<16xf32>
    affine.vector_store %d, %y[%i, 0] : memref<8x16xf32>, vector<16xf32>
    affine.vector_store %h, %y[%i, 0] : memref<8x16xf32>, vector<8xf32>
    affine.vector_store %d, %row[0] : memref<24xf32>, vector<16xf32>
    affine.vector_store %b, %row[8] : memref<24xf32>, vector<16xf32>
    %k = affine.vector_load %row[0] : memref<24xf32>, vector<16xf32>
    affine.vector_store %k, %z[%i, 0] : memref<8x16xf32>, vector<16xf32>
  }
  return
}

// What is loaded is what the last store before it stored: the second row has its own.
// CHECK-LABEL: func @stored_twice
// CHECK-NOT: memref.alloc
// CHECK: %[[V:.*]] = affine.vector_load
// CHECK-NEXT: %[[W:.*]] = affine.vector_load
// CHECK: %[[D:.*]] = arith.subf %[[V]]
// CHECK-NEXT: %[[E:.*]] = arith.subf %[[W]]
// CHECK: arith.mulf %[[V]], %[[D]]
// CHECK-NEXT: arith.mulf %[[W]], %[[E]]
func.func @stored_twice(%x: memref<8x16xf32>, %y: memref<8x16xf32>) {
  %row = memref.alloca() : memref<16xf32>
  affine.for %i = 0 to 8 {
    %v = affine.vector_load %x[%i, 0] : memref<8x16xf32>, vector<16xf32>
    affine.vector_store %v, %row[0] : memref<16xf32>, vector<16xf32>
    %m = vector.reduction <maximumf>, %v : vector<16xf32> into f32
    %b = vector.broadcast %m : f32 to vector<16xf32>
    %d = arith.subf %v, %b : vector<16xf32>
    %k = affine.vector_load %row[0] : memref<16xf32>, vector<16xf32>
    affine.vector_store %d, %row[0] : memref<16xf32>, vector<16xf32>
    %l = affine.vector_load %row[0] : memref<16xf32>, vector<16xf32>
    %p = arith.mulf %k, %l : vector<16xf32>
    affine.vector_store %p, %y[%i, 0] : memref<8x16xf32>, vector<16xf32>
  }
  return
}
