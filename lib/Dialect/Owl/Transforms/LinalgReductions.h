//===- LinalgReductions.h - What a linalg op reduces ------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bodies of linalg ops that combine what they compute with one accumulator.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_OWL_TRANSFORMS_LINALGREDUCTIONS_H
#define LIB_DIALECT_OWL_TRANSFORMS_LINALGREDUCTIONS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// What a linalg op reduces, and how.
struct LinalgReduction {
  /// The op at the end of the body, of whose operands one is the accumulator,
  /// which is used nowhere else.
  Operation *combiner;
  /// What it combines with the accumulator.
  Value element;
  ReduceKind kind;
  bool isUnsigned = false;
};

/// What `op`, which has one result, reduces, if it does what a kind of
/// reduction does. Of NaNs, only maximumf and minimumf do what max and min do.
std::optional<LinalgReduction> matchReduction(linalg::LinalgOp op);

/// Whether the dimensions of the result of `op` are its parallel loops, each
/// once, in any order; all others are reduced.
bool keepsParallelLoops(linalg::LinalgOp op);

/// Whether `combiner` changes nothing where it combines with `init`.
bool isIdentity(Operation *combiner, Value init);

/// Computes the element that `reduction` combines, as the body of `op` does,
/// from elements of the `inputs`. Loop i of `op` is `loops[i]`: one of those
/// around, or a constant.
Value cloneElement(OpBuilder &b, linalg::LinalgOp op,
                   const LinalgReduction &reduction, ValueRange inputs,
                   ArrayRef<AffineExpr> loops);

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_LINALGREDUCTIONS_H
