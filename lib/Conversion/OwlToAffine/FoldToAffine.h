//===- FoldToAffine.h - Folds with a region of their own --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers `owl.fold` in buffer form.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_FOLDTOAFFINE_H
#define OWL_CONVERSION_OWLTOAFFINE_FOLDTOAFFINE_H

#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// Replaces `op`, which is in buffer form, by loops at the insertion point.
void convertFold(OpBuilder &b, FoldOp op);

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_FOLDTOAFFINE_H
