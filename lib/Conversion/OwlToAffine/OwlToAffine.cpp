//===- OwlToAffine.cpp - owl ops on buffers become affine loops -----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: it applies the patterns and leaves no owl op behind.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "owl/Conversion/Passes.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {
#define GEN_PASS_DEF_CONVERTOWLTOAFFINE
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
struct ConvertOwlToAffine
    : public owl::impl::ConvertOwlToAffineBase<ConvertOwlToAffine> {
  using ConvertOwlToAffineBase::ConvertOwlToAffineBase;

  void runOnOperation() override {
    if (vectorBits < 64 || !llvm::isPowerOf2_32(vectorBits)) {
      emitError(getOperation()->getLoc(),
                "expected vector-bits to be a power of 2 from 64 on, got ")
          << vectorBits.getValue();
      return signalPassFailure();
    }
    RewritePatternSet patterns(&getContext());
    populateReduceToAffinePatterns(patterns, vectorBits);
    populateRepetitionToAffinePatterns(patterns, vectorBits);
    walkAndApplyPatterns(getOperation(), std::move(patterns));

    WalkResult left = getOperation()->walk([](Operation *op) {
      if (!isa<ReduceOp, FoldOp, RepeatOp, TileOp>(op))
        return WalkResult::advance();
      op->emitOpError("expects buffers here: bufferize before this pass");
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
