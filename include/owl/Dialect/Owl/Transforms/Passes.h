//===- Passes.h - Passes over the owl dialect -------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes over tensor programs, and the interfaces that make upstream passes
// work on owl ops.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_TRANSFORMS_PASSES_H
#define OWL_DIALECT_OWL_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class Operation;
class RewritePatternSet;
class RewriterBase;
} // namespace mlir

namespace mlir::owl {

#define GEN_PASS_DECL
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"

/// Merges adjacent axes along which an op does the same, and drops axes of one
/// element, by reshapes of its operand and result. `keep_dims` disappears.
void populateMergeAxesPatterns(RewritePatternSet &patterns);

/// Moves element-wise ops from after a repeat or tile to before it.
void populateSinkElementwisePatterns(RewritePatternSet &patterns);

/// Takes the strides off slices of one element, where they say nothing.
void populateUnitSlicesPatterns(RewritePatternSet &patterns);

/// Turns reductions that linalg ops write out into `owl.reduce`, and broadcasts
/// that are reduced into `owl.repeat`. Where `isChecked`, shapes that only run
/// time knows are sure to fit together, which is for linalg ops to ask, and
/// nothing asks of an `owl.reduce` whether there is something to reduce.
void populateRaiseReductionsPatterns(RewritePatternSet &patterns,
                                     bool isChecked);

/// Replaces what is written out of reductions and element-wise ops by the one
/// reduction that computes it, below `root`. Of mean and variance, that is
/// where a second pass would read at least `onePassBytes` again.
void recogniseReductions(RewriterBase &rewriter, Operation *root,
                         uint64_t onePassBytes);

/// Lets One-Shot Bufferize turn owl ops on tensors into owl ops on buffers.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

/// Lets the tiling passes and transforms cut owl ops into tiles.
void registerTilingInterfaceExternalModels(DialectRegistry &registry);

/// Lets `--generate-runtime-verification` check what only run time knows: the
/// sizes of dynamic results and that max and min have something to reduce.
void registerRuntimeVerifiableOpInterfaceExternalModels(
    DialectRegistry &registry);

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_TRANSFORMS_PASSES_H
