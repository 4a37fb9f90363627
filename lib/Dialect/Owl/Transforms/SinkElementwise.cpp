//===- SinkElementwise.cpp - Element-wise work before repetition ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element-wise op does to each copy of an element what it does to the
// element. Doing it before the copies are made does it once.
//
//===----------------------------------------------------------------------===//

#include "ElementTrace.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::owl;

/// The one element that `value` holds everywhere, as a constant, or null.
static TypedAttr getConstantSplat(Value value) {
  SplatElementsAttr splat;
  if (!matchPattern(value, m_Constant(&splat)) ||
      llvm::is_contained(splat.getType().getShape(), 0))
    return {};
  return dyn_cast<TypedAttr>(splat.getSplatValue<Attribute>());
}

static bool isSplat(Value value) {
  return value.getDefiningOp<tensor::SplatOp>() || getConstantSplat(value);
}

/// The splat `value` in the shape of `source`.
static Value reshapeSplat(OpBuilder &builder, Location loc, Value value,
                          Value source) {
  if (TypedAttr constant = getConstantSplat(value))
    return createSplat(builder, loc, constant, source);
  Value element = value.getDefiningOp<tensor::SplatOp>().getInput();
  return createSplat(builder, loc, element, source);
}

/// Whether tensors of this shape that give the same shape when repeated by
/// `counts` are sure to be of the same size: a count of 0 would hide that.
static bool isDeterminedByResult(ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> counts) {
  return llvm::all_of(llvm::zip_equal(shape, counts), [](auto pair) {
    auto [size, count] = pair;
    return !ShapedType::isDynamic(size) || count > 0;
  });
}

/// The repetition that all tensors among `operands` are results of, apart from
/// splats; null if there is none.
template <typename RepetitionOp>
static RepetitionOp getCommonRepetition(ValueRange operands) {
  RepetitionOp common;
  for (Value operand : operands) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type || isSplat(operand))
      continue;
    auto repetition = operand.getDefiningOp<RepetitionOp>();
    if (!repetition || !repetition.hasTensorSemantics())
      return {};
    if (!common) {
      common = repetition;
      continue;
    }
    ArrayRef<int64_t> shape = common.getSourceType().getShape();
    if (repetition.getSourceType().getShape() != shape ||
        repetition.getMixedCounts() != common.getMixedCounts() ||
        (repetition.getSource() != common.getSource() &&
         !isDeterminedByResult(shape, common.getStaticCounts())))
      return {};
  }
  return common;
}

/// `operand` without the repetition: its source, or a splat in the shape of
/// `source`. Scalars remain.
template <typename RepetitionOp>
static Value stripRepetition(OpBuilder &builder, Location loc, Value operand,
                             Value source) {
  if (!isa<RankedTensorType>(operand.getType()))
    return operand;
  if (isSplat(operand))
    return reshapeSplat(builder, loc, operand, source);
  return operand.getDefiningOp<RepetitionOp>().getSource();
}

/// An op that could fail must not run where there were no copies to run it on.
template <typename RepetitionOp>
static bool mayRunOnce(Operation *op, RepetitionOp repetition) {
  if (!isMemoryEffectFree(op))
    return false;
  return isSpeculatable(op) ||
         llvm::all_of(repetition.getStaticCounts(),
                      [](int64_t count) { return count > 0; });
}

/// A repetition as `repetition` does it, of `source`, with a result of `type`.
template <typename RepetitionOp>
static Value repeatAgain(OpBuilder &builder, Location loc,
                         RepetitionOp repetition, Value source, Type type) {
  return RepetitionOp::create(builder, loc, type, source, /*dest=*/Value(),
                              repetition.getCounts(),
                              repetition.getStaticCounts())
      .getResult();
}

namespace {
/// Moves an `arith` or `math` op above the repetition of its operands:
///
///   %a = owl.repeat %x by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
///   %b = owl.repeat %y by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
///   %z = arith.addf %a, %b : tensor<3x8xf32>
///   // becomes
///   %s = arith.addf %x, %y : tensor<3x4xf32>
///   %z = owl.repeat %s by [1, 2] : tensor<3x4xf32> -> tensor<3x8xf32>
template <typename RepetitionOp>
struct SinkElementwiseOp : OpTraitRewritePattern<OpTrait::Elementwise> {
  using OpTraitRewritePattern::OpTraitRewritePattern;

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!OpTrait::hasElementwiseMappableTraits(op) || op->getNumRegions() ||
        op->getNumResults() != 1 ||
        !isa<RankedTensorType>(op->getResult(0).getType()))
      return rewriter.notifyMatchFailure(op, "not element-wise on tensors");
    auto repetition = getCommonRepetition<RepetitionOp>(op->getOperands());
    if (!repetition)
      return rewriter.notifyMatchFailure(
          op, "its operands are not all repeated in the same way");
    if (!mayRunOnce(op, repetition))
      return rewriter.notifyMatchFailure(op, "it may not run speculatively");

    Value source = repetition.getSource();
    auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
    if (resultType.getShape() !=
        cast<RankedTensorType>(repetition.getResult().getType()).getShape())
      return rewriter.notifyMatchFailure(op, "its result has another type");
    if (!isElementType(resultType.getElementType()))
      return rewriter.notifyMatchFailure(op, "its result cannot be repeated");
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(stripRepetition<RepetitionOp>(rewriter, op->getLoc(),
                                                       operand, source));
    Operation *once = rewriter.clone(*op);
    once->setOperands(operands);
    once->getResult(0).setType(
        resultType.clone(repetition.getSourceType().getShape()));
    rewriter.replaceOp(op, repeatAgain(rewriter, op->getLoc(), repetition,
                                       once->getResult(0), resultType));
    return success();
  }
};

/// The same for `linalg.map` and `linalg.generic` that do not read their
/// destination: that gives only the shape then.
template <typename OpTy, typename RepetitionOp>
struct SinkLinalg : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
        op.getNumLoops() != op.getNumParallelLoops())
      return rewriter.notifyMatchFailure(op, "not element-wise on tensors");
    for (OpOperand &operand : op->getOpOperands())
      if (isa<RankedTensorType>(operand.get().getType()) &&
          !op.getMatchingIndexingMap(&operand).isIdentity())
        return rewriter.notifyMatchFailure(op, "its operands differ in shape");
    if (!op.getRegionOutputArgs().front().use_empty())
      return rewriter.notifyMatchFailure(op, "it reads its destination");
    auto repetition = getCommonRepetition<RepetitionOp>(op.getInputs());
    if (!repetition)
      return rewriter.notifyMatchFailure(
          op, "its operands are not all repeated in the same way");
    bool readsIndex =
        op.getBlock()
            ->walk([](linalg::IndexOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    if (readsIndex || !mayRunOnce(op.getOperation(), repetition))
      return rewriter.notifyMatchFailure(op, "copies may differ or fail");
    Value destination = op.getDpsInitOperand(0)->get();
    auto resultType = dyn_cast<RankedTensorType>(destination.getType());
    if (!resultType ||
        resultType.getShape() !=
            cast<RankedTensorType>(repetition.getResult().getType())
                .getShape() ||
        !isElementType(resultType.getElementType()))
      return rewriter.notifyMatchFailure(op, "its result has another type");

    Location loc = op.getLoc();
    Value source = repetition.getSource();
    SmallVector<Value> operands;
    for (Value operand : op.getInputs())
      operands.push_back(
          stripRepetition<RepetitionOp>(rewriter, loc, operand, source));
    Value init = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, source),
        resultType.getElementType());
    operands.push_back(init);
    Operation *once = rewriter.clone(*op.getOperation());
    once->setOperands(operands);
    once->getResult(0).setType(init.getType());
    rewriter.replaceOp(op, repeatAgain(rewriter, loc, repetition,
                                       once->getResult(0), resultType));
    return success();
  }
};
} // namespace

void owl::populateSinkElementwisePatterns(RewritePatternSet &patterns) {
  patterns.add<SinkElementwiseOp<RepeatOp>, SinkElementwiseOp<TileOp>,
               SinkLinalg<linalg::MapOp, RepeatOp>,
               SinkLinalg<linalg::MapOp, TileOp>,
               SinkLinalg<linalg::GenericOp, RepeatOp>,
               SinkLinalg<linalg::GenericOp, TileOp>>(patterns.getContext());
}
