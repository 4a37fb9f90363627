//===- FuseElementwise.cpp - Element-wise neighbours become one -----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's patterns, with a limit on the work of one loop. A loop that does
// enough does not wait for memory any more, and the time that LLVM takes grows
// faster than the body of a loop.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// How much one element of `op`'s result costs, in additions.
static unsigned getCost(Operation *op) {
  return isa<linalg::LinalgOp>(op) ? Costs::getBody(op).getAdditions() : 0;
}

namespace {
struct FuseElementwise
    : public owl::impl::FuseElementwiseBase<FuseElementwise> {
  using FuseElementwiseBase::FuseElementwiseBase;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    auto hasOneUse = [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return producer && producer->hasOneUse();
    };
    // Fused into more loops, an op that reads its destination would read what
    // it has written.
    auto readsDestination = [](OpOperand *operand) {
      auto producer =
          dyn_cast_or_null<linalg::LinalgOp>(operand->get().getDefiningOp());
      return producer && llvm::any_of(producer.getRegionOutputArgs(),
                                      [](BlockArgument argument) {
                                        return !argument.use_empty();
                                      });
    };
    // A product of matrices needs each element of an operand many times.
    auto repeatsFunctions = [](OpOperand *operand) {
      auto consumer = cast<linalg::GenericOp>(operand->getOwner());
      return consumer.getNumReductionLoops() > 0 &&
             consumer.getMatchingIndexingMap(operand).getNumResults() <
                 consumer.getNumLoops() &&
             getCost(operand->get().getDefiningOp()) >= kFunctionAdditions;
    };
    auto isWorthIt = [&](OpOperand *operand) {
      return hasOneUse(operand) && !readsDestination(operand) &&
             !repeatsFunctions(operand) &&
             getCost(operand->get().getDefiningOp()) +
                     getCost(operand->getOwner()) <=
                 maxCost;
    };
    RewritePatternSet patterns(context);
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthIt);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, hasOneUse);
    linalg::populateConstantFoldLinalgOperations(patterns, hasOneUse);
    tensor::populateBubbleUpExpandShapePatterns(patterns);
    affine::AffineApplyOp::getCanonicalizationPatterns(patterns, context);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    context->getLoadedDialect<linalg::LinalgDialect>()
        ->getCanonicalizationPatterns(patterns);
    // Stopping early leaves a valid program.
    (void)applyPatternsGreedily(getOperation(), std::move(patterns),
                                GreedyRewriteConfig().setUseTopDownTraversal());
  }
};
} // namespace
