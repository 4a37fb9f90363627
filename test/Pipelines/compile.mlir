// RUN: owl-translate %s --target=x86_64 --emit=obj -o %t.o
// RUN: owl-translate %s --target=wasm32 --emit=module -o %t.wasm
// RUN: owl-opt %s --owl-to-affine | FileCheck %s

// What the pipeline learns of sizes on the way may make new element-wise ops,
// or zeros beside dynamic sizes: it has to get through with both.

// The count is known after the shapes are resolved; sum(repeat) then becomes a
// product on tensors.
// CHECK-LABEL: func.func @owl_sum_of_repeat
func.func @sum_of_repeat(%a: tensor<?xui8>, %b: tensor<2xui8>) -> tensor<ui8> {
  %c0 = arith.constant 0 : index
  %d0 = tensor.dim %b, %c0 : tensor<2xui8>
  %0 = owl.repeat %b by [%d0] : tensor<2xui8> -> tensor<?xui8>
  %1 = tensor.concat dim(0) %0, %0 : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  %d1 = tensor.dim %1, %c0 : tensor<?xui8>
  %2 = owl.repeat %a by [%d1] : tensor<?xui8> -> tensor<?xui8>
  %3 = owl.reduce <sum> %2 axes = [0] : tensor<?xui8> -> tensor<ui8>
  return %3 : tensor<ui8>
}

// CHECK-LABEL: func.func @owl_late_zero
func.func @late_zero(%a: tensor<10x?x?x?xui64>) -> tensor<?x?x?xui64> {
  %0 = owl.repeat %a by [1, 1, 2, 0] : tensor<10x?x?x?xui64> -> tensor<10x?x?x?xui64>
  %1 = tensor.concat dim(1) %0, %0 : (tensor<10x?x?x?xui64>, tensor<10x?x?x?xui64>) -> tensor<10x?x?x?xui64>
  %2 = owl.reduce <logsum> %1 axes = [0] : tensor<10x?x?x?xui64> -> tensor<?x?x?xui64>
  return %2 : tensor<?x?x?xui64>
}

// Slices have strides, which reshapes of them keep.
// CHECK-LABEL: func.func @owl_strided
func.func @strided(%a: tensor<?x8x?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %d0 = tensor.dim %a, %c0 : tensor<?x8x?xf32>
  %0 = tensor.extract_slice %a[0, 0, 0] [%d0, 4, 2] [1, 1, 1] : tensor<?x8x?xf32> to tensor<?x4x2xf32>
  %1 = owl.reduce <sum> %0 axes = [1, 2] : tensor<?x4x2xf32> -> tensor<?xf32>
  return %1 : tensor<?xf32>
}

// A tensor that the region of a fold reads.
// CHECK-LABEL: func.func @owl_captured
func.func @captured(%x: tensor<4xf32>, %t: tensor<f32>, %z: f32) -> tensor<f32> {
  %r = owl.fold %x init %z axes = [0] {
  ^bb0(%e: f32, %a: f32):
    %k = tensor.extract %t[] : tensor<f32>
    %s = arith.addf %k, %a : f32
    owl.yield %s : f32
  } : tensor<4xf32>, f32 -> tensor<f32>
  return %r : tensor<f32>
}

// A size that affine arithmetic gives, as tiling makes it.
// CHECK-LABEL: func.func @owl_affine_size
func.func @affine_size(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %n = affine.apply affine_map<()[s0] -> (s0 * 2 + 1)>()[%d]
  %r = owl.tile %x by [%n] : tensor<?xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// What an index takes is for the target to say: no prefetching of such.
// CHECK-LABEL: func.func @owl_index_tensor
func.func @index_tensor(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<[1, 2, 3, 4, 5, 6, 7, 8]> : tensor<8xindex>
  %m = arith.addi %c, %c : tensor<8xindex>
  %k = arith.index_cast %m : tensor<8xindex> to tensor<8xi32>
  %q = arith.sitofp %k : tensor<8xi32> to tensor<8xf32>
  %r = arith.addf %q, %x : tensor<8xf32>
  return %r : tensor<8xf32>
}
