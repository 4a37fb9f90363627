//===- PackRows.h - Scalars of rows side by side, in one vector -*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows that go through straight code side by side combine their lanes at the
// same place, and compute the same with the scalars that they get:
//
//   a = sum(lanes of x), b = sum(lanes of y)     ab = sums of lanes of x and y
//   c = sqrt(a / n), d = sqrt(b / n)             cd = sqrt(ab / n)
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_JAMLOOPS_PACKROWS_H
#define OWL_CONVERSION_JAMLOOPS_PACKROWS_H

#include "mlir/IR/Operation.h"

namespace mlir::owl {

/// Combines lanes that `op` reduces as `packRows` does: of several NaNs, the
/// target may choose another.
void combineInHalves(Operation *op);

/// Packs the scalars of `rows`, which are the same ops in the same order, each
/// beside those of the other rows. Ops are erased.
void packRows(ArrayRef<SmallVector<Operation *>> rows);

} // namespace mlir::owl

#endif // OWL_CONVERSION_JAMLOOPS_PACKROWS_H
