//===- RaiseReductions.cpp - Linalg's reductions become owl's -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linalg op with a body that combines what it computes with one accumulator
// is an element-wise op and a reduction. The latter is what Owl has fast loops
// for, and fuses with what is around it.
//
//===----------------------------------------------------------------------===//

#include "ElementTrace.h"
#include "LinalgReductions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

namespace {
/// Splits a reduction off a linalg op:
///
///   %r = linalg.generic {indexing_maps = [(i, j) -> (i, j), (i, j) -> (i)],
///                        iterator_types = ["parallel", "reduction"]}
///       ins(%x : tensor<4x8xf32>) outs(%zero : tensor<4xf32>) {
///   ^bb0(%e: f32, %acc: f32):
///     %a = math.absf %e : f32
///     %n = arith.addf %acc, %a : f32
///     linalg.yield %n : f32
///   } -> tensor<4xf32>
///   // becomes
///   %a = linalg.generic ... math.absf ... -> tensor<4x8xf32>
///   %r = owl.reduce <sum> %a axes = [1] : tensor<4x8xf32> -> tensor<4xf32>
///
/// Loops of one iteration may make windows: of a pooling whose window is the
/// whole image no more than the image is left.
struct RaiseReduction : OpInterfaceRewritePattern<linalg::LinalgOp> {
  RaiseReduction(MLIRContext *context, bool isChecked)
      : OpInterfaceRewritePattern(context), isChecked(isChecked) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
        op.getNumReductionLoops() == 0 ||
        op.getNumReductionLoops() + op.getNumParallelLoops() !=
            op.getNumLoops())
      return rewriter.notifyMatchFailure(op, "no reduction to one tensor");
    std::optional<LinalgReduction> reduction = matchReduction(op);
    if (!reduction)
      return rewriter.notifyMatchFailure(op, "no kind combines as it does");
    OpOperand *init = op.getDpsInitOperand(0);
    auto type = dyn_cast<RankedTensorType>(init->get().getType());
    if (!type || type != op->getResult(0).getType() ||
        !isElementType(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "its result is not supported");
    if (!keepsParallelLoops(op))
      return rewriter.notifyMatchFailure(op, "its result is not what it keeps");
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    if (!isChecked && llvm::any_of(sizes, ShapedType::isDynamic))
      return rewriter.notifyMatchFailure(op, "its sizes may not agree");
    // An accumulator that is the extreme of nothing has no owl form.
    if (isUndefinedOnEmpty(reduction->kind) && llvm::is_contained(sizes, 0))
      return rewriter.notifyMatchFailure(op, "may be of nothing");

    SmallVector<int64_t> loops;
    OpOperand *cover = getCover(op, *reduction, sizes, loops);
    if (!cover)
      return rewriter.notifyMatchFailure(
          op, "no operand has all the elements that it reduces");
    SmallVector<int64_t> axes, kept;
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    for (auto [dim, loop] : llvm::enumerate(loops)) {
      if (iterators[loop] == utils::IteratorType::reduction)
        axes.push_back(dim);
      else
        kept.push_back(loop);
    }
    std::optional<SmallVector<int64_t>> resultLoops = getResultLoops(op, kept);
    if (!resultLoops)
      return rewriter.notifyMatchFailure(op, "transposes");
    Value source = cover->get();
    if (op.getMatchingBlockArgument(cover) != reduction->element)
      source = createElementwise(rewriter, op, *reduction, cover);
    replace(rewriter, op, *reduction, source, axes, loops, *resultLoops);
    return success();
  }

private:
  /// An operand with an element for each iteration, and the loop that walks
  /// each dimension of it: what is reduced, or part of what that is computed
  /// from. A product of matrices, which has none, is not to be taken apart.
  static OpOperand *getCover(linalg::LinalgOp op,
                             const LinalgReduction &reduction,
                             ArrayRef<int64_t> sizes,
                             SmallVectorImpl<int64_t> &loops) {
    for (OpOperand *input : op.getDpsInputOperands()) {
      loops.clear();
      if (!coversLoops(op, input, sizes, loops))
        continue;
      if (op.getMatchingBlockArgument(input) == reduction.element)
        return input;
      bool isElementwise =
          isa<linalg::GenericOp>(op) && loops.size() == op.getNumLoops() &&
          llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
            return map.isProjectedPermutation(/*allowZeroInResults=*/true);
          });
      return isElementwise ? input : nullptr;
    }
    return nullptr;
  }

  /// Whether `input` has one element for each iteration of `op`, but for loops
  /// of one iteration, and which loop walks each of its dimensions.
  static bool coversLoops(linalg::LinalgOp op, OpOperand *input,
                          ArrayRef<int64_t> sizes,
                          SmallVectorImpl<int64_t> &loops) {
    auto type = dyn_cast<RankedTensorType>(input->get().getType());
    if (!type)
      return false;
    MLIRContext *context = op->getContext();
    AffineMap map = op.getMatchingIndexingMap(input);
    llvm::SmallBitVector seen(sizes.size());
    SmallVector<AffineExpr> substituted;
    bool isWindow = !map.isProjectedPermutation();
    for (auto [loop, size] : llvm::enumerate(sizes)) {
      bool isUnit = size == 1 && isWindow &&
                    !llvm::is_contained(map.getResults(),
                                        getAffineDimExpr(loop, context));
      substituted.push_back(isUnit ? getAffineConstantExpr(0, context)
                                   : getAffineDimExpr(loop, context));
      if (isUnit)
        seen.set(loop);
    }
    map = map.replaceDimsAndSymbols(substituted, {}, sizes.size(), 0);
    for (auto [expr, size] :
         llvm::zip_equal(map.getResults(), type.getShape())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim || seen.test(dim.getPosition()) ||
          sizes[dim.getPosition()] != size ||
          (isWindow && ShapedType::isDynamic(size)))
        return false;
      seen.set(dim.getPosition());
      loops.push_back(dim.getPosition());
    }
    return seen.all();
  }

  /// The op without its combiner, in the shape of `cover`.
  static Value createElementwise(PatternRewriter &rewriter, linalg::LinalgOp op,
                                 const LinalgReduction &reduction,
                                 OpOperand *cover) {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(cover->get().getType());
    SmallVector<OpFoldResult> mixed =
        tensor::getMixedSizes(rewriter, loc, cover->get());
    Value empty = tensor::EmptyOp::create(rewriter, loc, mixed,
                                          reduction.element.getType());
    SmallVector<AffineMap> maps;
    SmallVector<Value> inputs;
    for (OpOperand *input : op.getDpsInputOperands()) {
      inputs.push_back(input->get());
      maps.push_back(op.getMatchingIndexingMap(input));
    }
    maps.push_back(op.getMatchingIndexingMap(cover));
    SmallVector<AffineExpr> loops = llvm::map_to_vector(
        llvm::seq<unsigned>(0, op.getNumLoops()),
        [&](unsigned loop) { return rewriter.getAffineDimExpr(loop); });
    auto result = linalg::GenericOp::create(
        rewriter, loc, type.clone(reduction.element.getType()), inputs, empty,
        maps,
        SmallVector<utils::IteratorType>(op.getNumLoops(),
                                         utils::IteratorType::parallel),
        [&](OpBuilder &b, Location loc, ValueRange arguments) {
          linalg::YieldOp::create(
              b, loc,
              cloneElement(b, op, reduction, arguments.drop_back(), loops));
        });
    return result.getResult(0);
  }

  /// Where the result of `op` has each of its dimensions: a loop of `kept`, in
  /// that order, or one of one iteration (-1). Nothing where the order is
  /// another.
  static std::optional<SmallVector<int64_t>>
  getResultLoops(linalg::LinalgOp op, ArrayRef<int64_t> kept) {
    SmallVector<int64_t> loops;
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    for (AffineExpr expr : map.getResults()) {
      int64_t loop = cast<AffineDimExpr>(expr).getPosition();
      loops.push_back(llvm::is_contained(kept, loop) ? loop : -1);
    }
    SmallVector<int64_t> order(loops);
    llvm::erase(order, -1);
    if (order != kept)
      return std::nullopt;
    return loops;
  }

  /// Replaces `op` by the reduction of `source` along `axes`, given the loop of
  /// each dimension of `source` and of the result.
  static void replace(PatternRewriter &rewriter, linalg::LinalgOp op,
                      const LinalgReduction &reduction, Value source,
                      ArrayRef<int64_t> axes, ArrayRef<int64_t> sourceLoops,
                      ArrayRef<int64_t> resultLoops) {
    Location loc = op.getLoc();
    Value init = op.getDpsInitOperand(0)->get();
    auto type = cast<RankedTensorType>(init.getType());
    // With a dimension of 1 for each axis, all may be where they should.
    SmallVector<int64_t> keeping(sourceLoops);
    for (int64_t axis : axes)
      keeping[axis] = -1;
    bool keepDims = !axes.empty() && resultLoops == ArrayRef(keeping);
    Value value = ReduceOp::create(rewriter, loc, reduction.kind, source, axes,
                                   keepDims, reduction.isUnsigned)
                      .getResult();
    if (!keepDims && llvm::is_contained(resultLoops, -1)) {
      // What is static in the source may be dynamic in the result.
      SmallVector<OpFoldResult> kept =
          tensor::getMixedSizes(rewriter, loc, value);
      SmallVector<OpFoldResult> mixed;
      SmallVector<int64_t> shape;
      SmallVector<ReassociationIndices> groups;
      ReassociationIndices leading;
      for (auto [dim, loop] : llvm::enumerate(resultLoops)) {
        mixed.push_back(loop < 0 ? OpFoldResult(rewriter.getIndexAttr(1))
                                 : kept[groups.size()]);
        shape.push_back(
            getConstantIntValue(mixed.back()).value_or(ShapedType::kDynamic));
        if (loop >= 0)
          groups.push_back(std::exchange(leading, {}));
        (groups.empty() ? leading : groups.back()).push_back(dim);
      }
      value = tensor::ExpandShapeOp::create(rewriter, loc, type.clone(shape),
                                            value, groups, mixed);
    }
    if (value.getType() != type)
      value = tensor::CastOp::create(rewriter, loc, type, value);
    if (!isIdentity(reduction.combiner, init))
      value = combineWith(rewriter, op, reduction, init, value);
    rewriter.replaceOp(op, value);
  }

  /// `init` combined with `value`, element by element.
  static Value combineWith(PatternRewriter &rewriter, linalg::LinalgOp op,
                           const LinalgReduction &reduction, Value init,
                           Value value) {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(value.getType());
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, init),
        type.getElementType());
    AffineMap identity = rewriter.getMultiDimIdentityMap(type.getRank());
    return linalg::GenericOp::create(
               rewriter, loc, TypeRange(type), ValueRange{init, value},
               ValueRange(empty), SmallVector<AffineMap>(3, identity),
               SmallVector<utils::IteratorType>(type.getRank(),
                                                utils::IteratorType::parallel),
               [&](OpBuilder &b, Location loc, ValueRange arguments) {
                 Operation *combined = b.clone(*reduction.combiner);
                 combined->setOperands(arguments.take_front(2));
                 linalg::YieldOp::create(b, loc, combined->getResults());
               })
        .getResult(0);
  }

  bool isChecked;
};
} // namespace

//===----------------------------------------------------------------------===//
// Broadcasts
//===----------------------------------------------------------------------===//

namespace {
/// Makes a repeat of a broadcast that is reduced: the reduction need not see
/// the copies.
///
///   %b = linalg.broadcast ins(%x : tensor<4xf32>)
///       outs(%e : tensor<4x8xf32>) dimensions = [1]
///   // becomes
///   %u = tensor.expand_shape %x [[0, 1]] output_shape [4, 1]
///   %b = owl.repeat %u by [1, 8] : tensor<4x1xf32> -> tensor<4x8xf32>
struct RaiseBroadcast : OpInterfaceRewritePattern<linalg::LinalgOp> {
  RaiseBroadcast(MLIRContext *context, bool isChecked)
      : OpInterfaceRewritePattern(context), isChecked(isChecked) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || op.getNumDpsInputs() != 1 ||
        op.getNumDpsInits() != 1 ||
        op.getNumParallelLoops() != op.getNumLoops() ||
        op.getBlock()->getTerminator()->getOperand(0) !=
            op.getRegionInputArgs().front())
      return rewriter.notifyMatchFailure(op, "does not copy one tensor");
    if (llvm::none_of(op->getUsers(), llvm::IsaPred<ReduceOp>))
      return rewriter.notifyMatchFailure(op, "nothing reduces it");
    OpOperand *input = op.getDpsInputOperand(0),
              *init = op.getDpsInitOperand(0);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto sourceType = dyn_cast<RankedTensorType>(input->get().getType());
    AffineMap map = op.getMatchingIndexingMap(input);
    if (!op.getMatchingIndexingMap(init).isIdentity() || !sourceType ||
        !map.isProjectedPermutation())
      return rewriter.notifyMatchFailure(op, "is not a broadcast");
    if (!isChecked && !(type.hasStaticShape() && sourceType.hasStaticShape()))
      return rewriter.notifyMatchFailure(op, "its sizes may not agree");

    SmallVector<unsigned> positions;
    for (AffineExpr expr : map.getResults())
      positions.push_back(cast<AffineDimExpr>(expr).getPosition());
    if (!llvm::is_sorted(positions))
      return rewriter.notifyMatchFailure(op, "transposes");

    // The dimensions of the result, in order, each with its own of the source,
    // or with one of 1.
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, init->get());
    SmallVector<OpFoldResult> sourceSizes =
        tensor::getMixedSizes(rewriter, loc, input->get());
    SmallVector<OpFoldResult> counts, unitSizes;
    SmallVector<int64_t> unitShape;
    SmallVector<ReassociationIndices> groups(sourceType.getRank());
    ReassociationIndices leading;
    int64_t next = 0;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      bool isCopied = llvm::is_contained(positions, dim);
      OpFoldResult one = rewriter.getIndexAttr(1);
      counts.push_back(isCopied ? one : sizes[dim]);
      unitSizes.push_back(isCopied ? sourceSizes[next] : one);
      unitShape.push_back(isCopied ? sourceType.getDimSize(next) : 1);
      next += isCopied;
      if (next)
        groups[next - 1].push_back(dim);
      else
        leading.push_back(dim);
    }
    if (!groups.empty())
      groups.front().insert(groups.front().begin(), leading.begin(),
                            leading.end());
    Value unit = input->get();
    if (sourceType.getRank() != type.getRank())
      unit = tensor::ExpandShapeOp::create(
          rewriter, loc, sourceType.clone(unitShape), unit, groups, unitSizes);
    Value value = RepeatOp::create(rewriter, loc, unit, counts).getResult();
    if (value.getType() != type)
      value = tensor::CastOp::create(rewriter, loc, type, value);
    rewriter.replaceOp(op, value);
    return success();
  }

  bool isChecked;
};
} // namespace

void owl::populateRaiseReductionsPatterns(RewritePatternSet &patterns,
                                          bool isChecked) {
  patterns.add<RaiseReduction, RaiseBroadcast>(patterns.getContext(),
                                               isChecked);
}
