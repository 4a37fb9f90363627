//===- ShapeSlicer.h - Recomputing sizes elsewhere --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Clones the part of a function that computes a size from the function's
// dimensions, so that the size is known in another place.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_CINTERFACE_SHAPESLICER_H
#define OWL_CONVERSION_CINTERFACE_SHAPESLICER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::owl {

/// Computes values at the builder's insertion point from those that `map`
/// declares known there. What folds is folded, and what is computed in the same
/// way is one value.
class ShapeSlicer {
public:
  explicit ShapeSlicer(OpBuilder &builder) : builder(builder) {}

  void map(Value from, Value to) { mapping.map(from, to); }

  /// `value`, recomputed. Fails where that takes more than pure operations on
  /// known values: where a size depends on data.
  FailureOr<Value> compute(Value value);

  /// Whether `op` is reached, as far as that follows from known values: the
  /// conditions of branches and the bounds of loops around it. Null where
  /// nothing is known, or it always is.
  Value computeReached(Operation *op);

  /// An op of one result, of values that are known there.
  template <typename OpTy, typename... Args>
  Value create(Location loc, Args &&...args) {
    return simplify(OpTy::create(builder, loc, std::forward<Args>(args)...))
        .front();
  }

private:
  /// The results of `op`, which was created just now and may be erased.
  SmallVector<Value> simplify(Operation *op);
  /// A result of `op`: both branches are computed, and one is selected.
  FailureOr<Value> computeBranches(scf::IfOp op, unsigned result);
  Value computeEntered(Operation *op, Region *region);

  /// What makes two ops compute the same value.
  struct SameComputation : public DenseMapInfo<Operation *> {
    static unsigned getHashValue(const Operation *op);
    static bool isEqual(const Operation *lhs, const Operation *rhs);
  };

  OpBuilder &builder;
  IRMapping mapping;
  DenseSet<Operation *, SameComputation> computedOps;
};

/// Rewrites every `memref.dim` of `func` whose memref is made from sizes in the
/// function (views, reshapes, allocations, branches) into those sizes.
void resolveDims(func::FuncOp func);

} // namespace mlir::owl

#endif // OWL_CONVERSION_CINTERFACE_SHAPESLICER_H
