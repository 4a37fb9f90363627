// The regions of parallel loops become functions.
// RUN: owl-opt %s --split-input-file --verify-diagnostics \
// RUN:     --mlir-print-op-on-diagnostic=false --owl-outline-tasks | FileCheck %s

// Pointers of the caller are passed as they are, and still do not overlap; views
// and constants are made again.
// CHECK-LABEL: func.func private @f.task
// CHECK-SAME: (%[[TASK:.*]]: index, %[[Y:.*]]: memref<f32> {llvm.noalias}, %[[N:.*]]: index, %[[X:.*]]: memref<f32> {llvm.noalias})
// CHECK-SAME: llvm.linkage = #llvm.linkage<internal>
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[A:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[N]]]
// CHECK-DAG: %[[B:.*]] = memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [%[[N]]]
// CHECK: %[[I:.*]] = arith.muli %[[TASK]], %[[C2]]
// CHECK: %[[V:.*]] = memref.load %[[A]][%[[I]]]
// CHECK: memref.store %[[V]], %[[B]][%[[I]]]
// CHECK: return
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[X:.*]]: memref<f32> {llvm.noalias}, %[[Y:.*]]: memref<f32> {llvm.noalias}, %[[N:.*]]: index, %[[COUNT:.*]]: index
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: %[[SEVERAL:.*]] = arith.cmpi ugt, %[[COUNT]], %[[ONE]]
// CHECK: scf.if %[[SEVERAL]] {
// CHECK: owl.parallel_call @f.task to %[[COUNT]](%[[Y]], %[[N]], %[[X]]) : memref<f32>, index, memref<f32>
// CHECK: } else {
// CHECK: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK: call @f.task(%[[ZERO]], %[[Y]], %[[N]], %[[X]])
func.func @f(%x: memref<f32> {llvm.noalias}, %y: memref<f32> {llvm.noalias},
             %n: index, %count: index) {
  %c2 = arith.constant 2 : index
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  owl.parallel_for %count {
  ^bb0(%task: index):
    %i = arith.muli %task, %c2 : index
    %v = memref.load %a[%i] : memref<?xf32>
    memref.store %v, %b[%i] : memref<?xf32>
  }
  return
}

// -----

// A count that is known asks for no decision. What is allocated on the stack of
// the caller is passed, on that of a task is its own.
// CHECK-LABEL: func.func private @f.task
// CHECK-SAME: memref<8xf32> {llvm.noalias}
// CHECK: memref.alloca() : memref<4xf32>
// CHECK-LABEL: func.func @f
// CHECK-NOT: scf.if
// CHECK: owl.parallel_call @f.task
func.func @f() {
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %shared = memref.alloca() : memref<8xf32>
  owl.parallel_for %c3 {
  ^bb0(%task: index):
    %own = memref.alloca() : memref<4xf32>
    memref.store %zero, %own[%task] : memref<4xf32>
    %v = memref.load %own[%task] : memref<4xf32>
    memref.store %v, %shared[%task] : memref<8xf32>
  }
  return
}

// -----

// Where branches choose a buffer, its parts are passed, and nothing is known of
// what overlaps. What loops inside use is found as well.
// CHECK-LABEL: func.func private @f.task
// CHECK-SAME: (%{{.*}}: index, %{{.*}}: memref<f32>, %{{.*}}: index, %[[BASE:.*]]: memref<f32>, %[[OFFSET:.*]]: index, %[[SIZE:.*]]: index) attributes
// CHECK: memref.reinterpret_cast %[[BASE]] to offset: [%[[OFFSET]]], sizes: [%[[SIZE]]], strides: [1]
// CHECK: scf.for
// CHECK-LABEL: func.func @f(
// CHECK: extract_strided_metadata
func.func @f(%c: i1, %x: memref<f32> {llvm.noalias}, %n: index, %count: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %b = memref.reinterpret_cast %x to offset: [4], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32, strided<[1], offset: 4>>
  %d = memref.cast %a : memref<?xf32> to memref<?xf32, strided<[1], offset: ?>>
  %e = memref.cast %b : memref<?xf32, strided<[1], offset: 4>> to memref<?xf32, strided<[1], offset: ?>>
  %m = scf.if %c -> memref<?xf32, strided<[1], offset: ?>> {
    scf.yield %d : memref<?xf32, strided<[1], offset: ?>>
  } else {
    scf.yield %e : memref<?xf32, strided<[1], offset: ?>>
  }
  owl.parallel_for %count {
  ^bb0(%task: index):
    scf.for %i = %c0 to %n step %c1 {
      %v = memref.load %m[%i] : memref<?xf32, strided<[1], offset: ?>>
      memref.store %v, %a[%task] : memref<?xf32>
    }
  }
  return
}

// -----

// What branches choose from is followed to where it comes from: nothing else
// points there.
// CHECK-LABEL: func.func private @f.task
// CHECK-SAME: (%{{.*}}: index, %{{.*}}: memref<f32> {llvm.noalias}, %{{.*}}: index, %{{.*}}: memref<f32> {llvm.noalias}, %{{.*}}: index)
func.func @f(%c: i1, %x: memref<f32> {llvm.noalias}, %y: memref<f32> {llvm.noalias},
             %z: memref<f32> {llvm.noalias}, %n: index, %count: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %d = memref.reinterpret_cast %z to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32>
  %m = scf.if %c -> memref<?xf32> {
    scf.yield %a : memref<?xf32>
  } else {
    scf.yield %b : memref<?xf32>
  }
  owl.parallel_for %count {
  ^bb0(%task: index):
    %v = memref.load %m[%task] : memref<?xf32>
    memref.store %v, %d[%task] : memref<?xf32>
  }
  return
}

// -----

// A constant is no argument; nor could one without elements be.
// CHECK-LABEL: func.func private @f.task
// CHECK-SAME: (%{{.*}}: index, %{{.*}}: memref<8xf32> {llvm.noalias})
// CHECK: memref.get_global @constant
// CHECK: memref.get_global @empty
memref.global "private" constant @constant : memref<8xf32> = dense<1.0>
memref.global "private" constant @empty : memref<3x0xf32> = dense<1.0>
func.func @f(%y: memref<8xf32> {llvm.noalias}, %count: index) {
  %x = memref.get_global @constant : memref<8xf32>
  %none = memref.get_global @empty : memref<3x0xf32>
  owl.parallel_for %count {
  ^bb0(%task: index):
    %v = memref.load %x[%task] : memref<8xf32>
    %w = memref.load %none[%task, %task] : memref<3x0xf32>
    %sum = arith.addf %v, %w : f32
    memref.store %sum, %y[%task] : memref<8xf32>
  }
  return
}

// -----

// An argument of which the caller promises nothing may overlap any other.
// CHECK-LABEL: func.func private @f.task
// CHECK-NOT: llvm.noalias
// CHECK: return
func.func @f(%x: memref<8xf32>, %y: memref<8xf32> {llvm.noalias}, %count: index) {
  owl.parallel_for %count {
  ^bb0(%task: index):
    %v = memref.load %x[%task] : memref<8xf32>
    memref.store %v, %y[%task] : memref<8xf32>
  }
  return
}

// -----

// Several loops of one function, and a name that is taken.
// CHECK-DAG: func.func private @f.task()
// CHECK-DAG: func.func private @f.task_0(%{{.*}}: index)
// CHECK-DAG: func.func private @f.task_1(%{{.*}}: index)
func.func private @f.task()
func.func @f(%count: index) {
  owl.parallel_for %count {
  ^bb0(%task: index):
  }
  owl.parallel_for %count {
  ^bb0(%task: index):
  }
  return
}

// -----

// expected-error @+1 {{expects another name for a function than that of the hook for threads, 'owl_parallel_for'}}
func.func @owl_parallel_for() {
  return
}
func.func @f(%count: index) {
  owl.parallel_for %count {
  ^bb0(%task: index):
  }
  return
}
