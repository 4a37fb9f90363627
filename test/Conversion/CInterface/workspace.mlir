// RUN: owl-opt %s --owl-emit-c-interface --canonicalize --cse | FileCheck %s
// RUN: owl-opt %s --owl-emit-c-interface=index-bits=32 --canonicalize --cse | FileCheck %s --check-prefix=INDEX32

// Buffers share the workspace by lifetime.

// Two of a chain live at a time.
// CHECK-LABEL: func.func @owl_chain(
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C64:.*]] = arith.constant 64 : index
// CHECK: %[[A:.*]] = memref.view %{{.*}}[%[[C0]]][] : {{.*}} to memref<16xf32>
// CHECK: %[[B:.*]] = memref.view %{{.*}}[%[[C64]]][] : {{.*}} to memref<16xf32>
// CHECK: owl.tile %[[A]] into %[[B]]
// CHECK: owl.tile %[[B]] into %[[A]]
// CHECK: owl.tile %[[A]] into %[[B]]
// CHECK: owl.tile %[[B]] into
// CHECK-LABEL: func.func @owl_chain_workspace_size()
// CHECK: %[[SIZE:.*]] = arith.constant 128 : index
// CHECK: return %[[SIZE]]
func.func @chain(%x: memref<16xf32>) -> memref<16xf32> {
  %0 = memref.alloc() : memref<16xf32>
  owl.tile %x into %0 by [1] : memref<16xf32> -> memref<16xf32>
  %1 = memref.alloc() : memref<16xf32>
  owl.tile %0 into %1 by [1] : memref<16xf32> -> memref<16xf32>
  %2 = memref.alloc() : memref<16xf32>
  owl.tile %1 into %2 by [1] : memref<16xf32> -> memref<16xf32>
  %3 = memref.alloc() : memref<16xf32>
  owl.tile %2 into %3 by [1] : memref<16xf32> -> memref<16xf32>
  %4 = memref.alloc() : memref<16xf32>
  owl.tile %3 into %4 by [1] : memref<16xf32> -> memref<16xf32>
  return %4 : memref<16xf32>
}

// A view of a buffer keeps it, through any number of casts: the second may not
// lie where the first is.
// CHECK-LABEL: func.func @owl_view(
// CHECK-LABEL: func.func @owl_view_workspace_size()
// CHECK: arith.constant 256 : index
func.func @view(%x: memref<32xf32>) -> memref<16xf32> {
  %c0 = arith.constant 0 : index
  %0 = memref.alloc() : memref<32xf32>
  owl.tile %x into %0 by [1] : memref<32xf32> -> memref<32xf32>
  %part = memref.subview %0[16] [16] [1]
      : memref<32xf32> to memref<16xf32, strided<[1], offset: 16>>
  %cast = memref.cast %part : memref<16xf32, strided<[1], offset: 16>>
      to memref<?xf32, strided<[?], offset: ?>>
  %1 = memref.alloc() : memref<32xf32>
  owl.tile %x into %1 by [1] : memref<32xf32> -> memref<32xf32>
  %v = memref.load %1[%c0] : memref<32xf32>
  %2 = memref.alloc() : memref<16xf32>
  owl.tile %cast into %2 by [1]
      : memref<?xf32, strided<[?], offset: ?>> -> memref<16xf32>
  memref.store %v, %2[%c0] : memref<16xf32>
  return %2 : memref<16xf32>
}

// As many bytes as the dimension asks for, rounded up, twice: the third lies
// where the first is. The offset of the second is the size of the first.
// What is checked is that the end of each can be addressed.
// INDEX32-LABEL: func.func @owl_dynamic(
// INDEX32: %[[ROUNDED:.*]] = arith.andi %{{.*}}, %c-64
// INDEX32: %[[REST:.*]] = arith.subi %c2147483583{{.*}}, %[[ROUNDED]] : i64
// INDEX32: %[[FITS:.*]] = arith.cmpi sle, %{{.*}}, %[[REST]] : i64
// INDEX32: %[[BOTH:.*]] = arith.andi %{{.*}}, %[[FITS]]
// INDEX32: arith.select %[[BOTH]]
// CHECK-LABEL: func.func @owl_dynamic(
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK: %[[BYTES:.*]] = arith.andi %{{.*}}, %c-64
// CHECK: %[[SECOND:.*]] = arith.index_cast %[[BYTES]] : i64 to index
// CHECK: %[[A:.*]] = memref.view %{{.*}}[%[[C0]]][%[[D:.*]]] : {{.*}} to memref<?xf32>
// CHECK: %[[B:.*]] = memref.view %{{.*}}[%[[SECOND]]][%[[D]]] : {{.*}} to memref<?xf32>
// CHECK: owl.tile %[[A]] into %[[B]]
// CHECK: owl.tile %[[B]] into %[[A]]
// CHECK-LABEL: func.func @owl_dynamic_workspace_size(
// CHECK-SAME: %[[D0:.*]]: i64)
// CHECK: %[[BYTES:.*]] = arith.muli %[[D0]], %c4{{.*}} : i64
// CHECK: %[[ROUNDED:.*]] = arith.andi %{{.*}}, %c-64
// CHECK: %[[SIZE:.*]] = arith.addi %[[ROUNDED]], %[[ROUNDED]] : i64
// CHECK: %[[INDEX:.*]] = arith.index_cast %[[SIZE]]
// CHECK-NEXT: return %[[INDEX]]
func.func @dynamic(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %d = memref.dim %x, %c0 : memref<?xf32>
  %0 = memref.alloc(%d) : memref<?xf32>
  owl.tile %x into %0 by [1] : memref<?xf32> -> memref<?xf32>
  %1 = memref.alloc(%d) : memref<?xf32>
  owl.tile %0 into %1 by [1] : memref<?xf32> -> memref<?xf32>
  %2 = memref.alloc(%d) : memref<?xf32>
  owl.tile %1 into %2 by [1] : memref<?xf32> -> memref<?xf32>
  %3 = memref.alloc(%d) : memref<?xf32>
  owl.tile %2 into %3 by [1] : memref<?xf32> -> memref<?xf32>
  return %3 : memref<?xf32>
}

// Static buffers stay below dynamic ones, and only those that live at the same
// time as one of them are below it.
// CHECK-LABEL: func.func @owl_mixed(
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C128:.*]] = arith.constant 128 : index
// CHECK: memref.view %{{.*}}[%[[C0]]][] : {{.*}} to memref<32xf32>
// CHECK: memref.view %{{.*}}[%[[C128]]][%{{.*}}] : {{.*}} to memref<?xf32>
// CHECK: memref.view %{{.*}}[%[[C0]]][%{{.*}}] : {{.*}} to memref<?xf32>
func.func @mixed(%x: memref<32xf32>, %y: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %d = memref.dim %y, %c0 : memref<?xf32>
  %square = arith.muli %d, %d : index
  %0 = memref.alloc() : memref<32xf32>
  owl.tile %x into %0 by [1] : memref<32xf32> -> memref<32xf32>
  %1 = memref.alloc(%d) : memref<?xf32>
  owl.tile %y into %1 by [1] : memref<?xf32> -> memref<?xf32>
  %v = memref.load %0[%c0] : memref<32xf32>
  memref.store %v, %1[%c0] : memref<?xf32>
  %2 = memref.alloc(%square) : memref<?xf32>
  owl.tile %y into %2 by [%d] : memref<?xf32> -> memref<?xf32>
  %3 = memref.alloc(%d) : memref<?xf32>
  owl.tile %2 into %3 by [1] : memref<?xf32> -> memref<?xf32>
  return %3 : memref<?xf32>
}
