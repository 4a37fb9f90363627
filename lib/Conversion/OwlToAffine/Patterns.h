//===- Patterns.h - The patterns of convert-owl-to-affine -------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One population function per family of ops.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_PATTERNS_H
#define OWL_CONVERSION_OWLTOAFFINE_PATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::owl {

/// owl.reduce and owl.fold in buffer form, for vector registers of
/// `vectorBits`.
void populateReduceToAffinePatterns(RewritePatternSet &patterns,
                                    unsigned vectorBits);

/// owl.repeat and owl.tile in buffer form.
void populateRepetitionToAffinePatterns(RewritePatternSet &patterns,
                                        unsigned vectorBits);

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_PATTERNS_H
