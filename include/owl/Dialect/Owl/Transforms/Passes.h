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
class RewritePatternSet;
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
