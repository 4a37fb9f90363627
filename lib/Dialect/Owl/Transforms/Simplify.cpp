//===- Simplify.cpp - Bring tensor programs into their simplest form ------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: canonical forms and the patterns of RaiseReductions.cpp,
// MergeAxes.cpp and SinkElementwise.cpp, together until none applies, then
// RecogniseReductions.cpp on what they have left.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_SIMPLIFY
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
struct Simplify : public owl::impl::SimplifyBase<Simplify> {
  using SimplifyBase::SimplifyBase;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet owned(context);
    for (RegisteredOperationName op : context->getRegisteredOperations())
      if (isa<OwlDialect, affine::AffineDialect, arith::ArithDialect,
              tensor::TensorDialect>(op.getDialect()))
        op.getCanonicalizationPatterns(owned, context);
    for (StringRef name : {"affine", "arith", "tensor"})
      if (Dialect *dialect = context->getLoadedDialect(name))
        dialect->getCanonicalizationPatterns(owned);
    populateRaiseReductionsPatterns(owned, checked);
    populateUnitSlicesPatterns(owned);
    if (mergeAxes) {
      populateMergeAxesPatterns(owned);
      tensor::populateReassociativeReshapeFoldingPatterns(owned);
    }
    populateSinkElementwisePatterns(owned);
    patterns = std::move(owned);
    return success();
  }

  void runOnOperation() override {
    Operation *root = getOperation();
    IRRewriter rewriter(root->getContext());
    auto eliminate = [&] {
      DominanceInfo dominance(root);
      eliminateCommonSubExpressions(rewriter, dominance, root);
    };
    // What is computed twice has two users, and looks like two things.
    eliminate();
    // Stopping early leaves a valid program, only not the simplest one.
    (void)applyPatternsGreedily(root, patterns,
                                GreedyRewriteConfig().setUseTopDownTraversal());
    eliminate();
    recogniseReductions(rewriter, root, onePassBytes);
    (void)runRegionDCE(rewriter, root->getRegions());
  }

  FrozenRewritePatternSet patterns;
};
} // namespace
