//===- Sizes.h - Arithmetic on sizes ----------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes and strides, which are constants where that is known.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_SIZES_H
#define OWL_CONVERSION_SIZES_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"

namespace mlir::owl {

/// The product of two sizes.
inline OpFoldResult multiply(OpBuilder &b, Location loc, OpFoldResult lhs,
                             OpFoldResult rhs) {
  AffineExpr product = b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1);
  return affine::makeComposedFoldedAffineApply(b, loc, product, {lhs, rhs});
}

} // namespace mlir::owl

#endif // OWL_CONVERSION_SIZES_H
