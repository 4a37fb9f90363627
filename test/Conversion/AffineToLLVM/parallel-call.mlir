// Calls of the hook: what tasks use is in a struct on the stack.
// RUN: owl-opt %s --owl-convert-to-llvm | FileCheck %s
// RUN: owl-opt %s --owl-convert-to-llvm=index-bits=32 | FileCheck %s --check-prefix=WASM

// CHECK: llvm.func @owl_parallel_for(!llvm.ptr, !llvm.ptr, i64)
// CHECK-LABEL: llvm.func internal @f.task.call
// CHECK-SAME: (%[[CONTEXT:.*]]: !llvm.ptr, %[[I:.*]]: i64)
// CHECK: %[[P0:.*]] = llvm.getelementptr %[[CONTEXT]][0, 0] : (!llvm.ptr) -> !llvm.ptr, !llvm.struct<(ptr, i64)>
// CHECK: %[[X:.*]] = llvm.load %[[P0]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[P1:.*]] = llvm.getelementptr %[[CONTEXT]][0, 1]
// CHECK: %[[N:.*]] = llvm.load %[[P1]] : !llvm.ptr -> i64
// CHECK: llvm.call @f.task(%[[I]], %[[X]], %[[N]])
// CHECK-LABEL: llvm.func @f
// CHECK-SAME: (%[[X:.*]]: !llvm.ptr, %[[N:.*]]: i64)
// CHECK: %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64)>
// CHECK: %[[P0:.*]] = llvm.getelementptr %[[CONTEXT]][0, 0]
// CHECK: llvm.store %{{.*}}, %[[P0]] : !llvm.ptr, !llvm.ptr
// CHECK: %[[P1:.*]] = llvm.getelementptr %[[CONTEXT]][0, 1]
// CHECK: llvm.store %[[N]], %[[P1]] : i64, !llvm.ptr
// CHECK: %[[TASK:.*]] = llvm.mlir.addressof @f.task.call
// CHECK: llvm.call @owl_parallel_for(%[[TASK]], %[[CONTEXT]], %[[N]])

// The hook counts in 64 bits everywhere.
// WASM-LABEL: llvm.func internal @f.task.call
// WASM-SAME: (%{{.*}}: !llvm.ptr, %[[I:.*]]: i64)
// WASM: llvm.trunc %[[I]] : i64 to i32
// WASM-LABEL: llvm.func @f
// WASM-SAME: (%{{.*}}: !llvm.ptr, %[[N:.*]]: i32
// WASM: %[[COUNT:.*]] = llvm.zext %[[N]] : i32 to i64
// WASM: llvm.call @owl_parallel_for(%{{.*}}, %{{.*}}, %[[COUNT]])
func.func private @f.task(%task: index, %x: memref<f32>, %n: index) {
  return
}
func.func @f(%x: memref<f32>, %n: index) {
  owl.parallel_call @f.task to %n(%x, %n) : memref<f32>, index
  return
}

// A task may be called from several places, which need not pass the same.
// CHECK-LABEL: llvm.func @twice
// CHECK: llvm.mlir.addressof @g.task.call :
// CHECK: llvm.mlir.addressof @g.task.call_0 :
func.func private @g.task(%task: index, %x: memref<f32>) {
  return
}
func.func @twice(%x: memref<f32>, %n: index) {
  owl.parallel_call @g.task to %n(%x) : memref<f32>
  owl.parallel_call @g.task to %n(%x) : memref<f32>
  return
}
