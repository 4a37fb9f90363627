//===- LoopBuilder.h - Loops and accesses -----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the lowerings of all ops share: loops with carried values, accesses to
// elements and to vectors of them, and the types in which elements lie in
// memory.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_LOOPBUILDER_H
#define OWL_CONVERSION_OWLTOAFFINE_LOOPBUILDER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::owl {

/// Emits loops and accesses at the builder's insertion point: affine ones where
/// the affine dialect allows their bounds and indices (everywhere but below
/// loops of other dialects), else `scf` and `memref` ones.
class LoopBuilder {
public:
  /// Emits a loop's body for induction variable `iv` and carried `values`, and
  /// returns the values to carry on.
  using Body =
      function_ref<SmallVector<Value>(Value iv, ArrayRef<Value> values)>;

  LoopBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// A loop over [begin, end) with `step`; returns what it carried last.
  SmallVector<Value> loop(OpFoldResult begin, OpFoldResult end, int64_t step,
                          ArrayRef<Value> init, Body body);

  /// A nest of loops over [0, sizes[i]); `body` gets all induction variables.
  SmallVector<Value>
  nest(ArrayRef<OpFoldResult> sizes, ArrayRef<Value> init,
       function_ref<SmallVector<Value>(ArrayRef<Value> ivs,
                                       ArrayRef<Value> values)>
           body);

  /// The first index that full strips of `lanes` leave out.
  OpFoldResult stripsEnd(OpFoldResult size, int64_t lanes);

  /// Loads the element at `indices`, or a vector of `lanes` > 1 elements the
  /// first of which is there, and which are `step` apart along the last
  /// dimension.
  Value load(Value buffer, ArrayRef<Value> indices, int64_t lanes,
             int64_t step = 1);

  /// Stores an element or a vector at `indices`.
  void store(Value value, Value buffer, ArrayRef<Value> indices);

  /// Stores a vector at `indices`, where the address is a multiple of
  /// kStreamAlignment, past the caches.
  void storeNonTemporal(Value value, Value buffer, ArrayRef<Value> indices);
  static constexpr int64_t kStreamAlignment = 16;
  /// The bytes of a line of a cache.
  static constexpr int64_t kLineBytes = 64;

  OpBuilder &builder;
  Location loc;

private:
  Value loadSteps(Value buffer, ArrayRef<Value> indices, int64_t lanes,
                  int64_t step);
};

/// Views a buffer of i1 or of unsigned integers as one of signless bytes or
/// integers, which is how its elements lie in memory: a vector of i1 would be
/// packed.
Value viewAsStorage(OpBuilder &builder, Location loc, Value buffer);

/// A scalar or a vector as a buffer of viewAsStorage holds it: i1 as bytes.
Value toStorage(OpBuilder &builder, Location loc, Value x);

/// What such a buffer holds as elements of type `element`.
Value fromStorage(OpBuilder &builder, Location loc, Value x, Type element);

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_LOOPBUILDER_H
