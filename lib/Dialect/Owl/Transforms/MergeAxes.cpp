//===- MergeAxes.cpp - Adjacent axes with the same role become one --------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an op does to a tensor depends on far fewer axes than the tensor has:
// neighbours that are all reduced, all kept or all broadcast act as one, and
// axes of one element do nothing. Reshapes, which move no data, put the op into
// that smaller form and its result back.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
/// What an op does along an axis. Only the first three merge.
enum class Role { Kept, Reduced, Broadcast, Repeated };

/// A run of source axes that become one.
struct AxisGroup {
  SmallVector<int64_t, 2> axes;
  Role role;
  /// The static size and count of the merged axis, or dynamic.
  int64_t size;
  int64_t count;
};

/// The merged axes of a source. Axes that do nothing (`isIdle`) belong to a
/// neighbouring group, or to none where no axis does anything.
struct MergedAxes {
  SmallVector<AxisGroup> groups;
  SmallVector<bool> isIdle;

  SmallVector<int64_t> getShape() const {
    SmallVector<int64_t> shape;
    for (const AxisGroup &group : groups)
      shape.push_back(group.size);
    return shape;
  }

  SmallVector<ReassociationIndices> getReassociation() const {
    SmallVector<ReassociationIndices> reassociation;
    for (const AxisGroup &group : groups)
      reassociation.emplace_back(group.axes);
    return reassociation;
  }
};
} // namespace

/// The product of two static sizes, dynamic if one is; nothing on overflow.
static std::optional<int64_t> multiplySizes(int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return ShapedType::kDynamic;
  return llvm::checkedMul(a, b);
}

/// Groups the axes of a source of `shape`, where `roles` and `counts` say what
/// the op does along each.
static MergedAxes mergeAxes(ArrayRef<int64_t> shape, ArrayRef<Role> roles,
                            ArrayRef<int64_t> counts) {
  MergedAxes merged;
  SmallVector<int64_t, 2> leading;
  for (auto [axis, size, role, count] : llvm::enumerate(shape, roles, counts)) {
    bool isIdle = size == 1 && count == 1;
    merged.isIdle.push_back(isIdle);
    if (isIdle) {
      (merged.groups.empty() ? leading : merged.groups.back().axes)
          .push_back(axis);
      continue;
    }
    if (!merged.groups.empty()) {
      AxisGroup &group = merged.groups.back();
      std::optional<int64_t> mergedSize = multiplySizes(group.size, size);
      std::optional<int64_t> mergedCount = multiplySizes(group.count, count);
      if (role == group.role && role != Role::Repeated && mergedSize &&
          mergedCount) {
        group.axes.push_back(axis);
        group.size = *mergedSize;
        group.count = *mergedCount;
        continue;
      }
    }
    merged.groups.push_back({leading, role, size, count});
    merged.groups.back().axes.push_back(axis);
    leading.clear();
  }
  return merged;
}

/// Whether the merged source is still of a size that can be counted: a 0 may
/// have been merged with a dynamic dimension.
static bool isAddressable(const MergedAxes &merged, Type elementType) {
  return hasAddressableSize(merged.getShape(), elementType);
}

/// Where each dimension of the result goes: `resultGroups` names the merged
/// dimension for each, in order, or -1 for a dimension of 1 that belongs to
/// none and is put with a neighbour.
static SmallVector<ReassociationIndices>
getResultReassociation(ArrayRef<int64_t> resultGroups) {
  SmallVector<ReassociationIndices> reassociation;
  ReassociationIndices leading;
  int64_t current = -1;
  for (auto [dim, group] : llvm::enumerate(resultGroups)) {
    if (group < 0 || group == current) {
      (reassociation.empty() ? leading : reassociation.back()).push_back(dim);
      continue;
    }
    current = group;
    reassociation.push_back(leading);
    reassociation.back().push_back(dim);
    leading.clear();
  }
  return reassociation;
}

/// The source in its merged shape.
static Value collapseSource(OpBuilder &builder, Location loc, Value source,
                            const MergedAxes &merged) {
  auto type = cast<RankedTensorType>(source.getType());
  if (static_cast<int64_t>(merged.groups.size()) == type.getRank())
    return source;
  SmallVector<int64_t> shape = merged.getShape();
  return tensor::CollapseShapeOp::create(builder, loc, type.clone(shape),
                                         source, merged.getReassociation());
}

/// Replaces `op` by `merged`, given the shape of the result of `op`.
template <typename OpTy>
static void replaceWithExpanded(PatternRewriter &rewriter, OpTy op,
                                Value merged, ArrayRef<int64_t> resultGroups,
                                ArrayRef<OpFoldResult> outputShape) {
  Value result = merged;
  if (merged.getType() != op.getResult().getType())
    result = tensor::ExpandShapeOp::create(
        rewriter, op.getLoc(), op.getResult().getType(), merged,
        getResultReassociation(resultGroups), outputShape);
  rewriter.replaceOp(op, result);
}

namespace {
/// Merges the axes of a reduce or fold, keeping none of the reduced ones:
///
///   %m = owl.reduce <max> %x axes = [2, 3] keep_dims
///       : tensor<8x64x7x7xf32> -> tensor<8x64x1x1xf32>
///   // becomes
///   %c = tensor.collapse_shape %x [[0, 1], [2, 3]]
///       : tensor<8x64x7x7xf32> into tensor<512x49xf32>
///   %r = owl.reduce <max> %c axes = [1] : tensor<512x49xf32> ->
///   tensor<512xf32> %m = tensor.expand_shape %r [[0, 1, 2, 3]] output_shape
///   [8, 64, 1, 1]
///       : tensor<512xf32> into tensor<8x64x1x1xf32>
template <typename OpTy> struct MergeReducedAxes : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not in tensor form");
    ArrayRef<int64_t> shape = op.getSourceType().getShape();
    int64_t rank = shape.size();
    SmallVector<Role> roles;
    for (int64_t dim = 0; dim < rank; ++dim)
      roles.push_back(op.isReduced(dim) ? Role::Reduced : Role::Kept);
    MergedAxes merged = mergeAxes(shape, roles, SmallVector<int64_t>(rank, 1));
    if (static_cast<int64_t>(merged.groups.size()) == rank &&
        !(op.getKeepDims() && !op.getAxes().empty()))
      return rewriter.notifyMatchFailure(op, "no axes to merge");
    if (!isAddressable(merged, op.getSourceType().getElementType()))
      return rewriter.notifyMatchFailure(op, "the axes are too large to merge");
    if (op.getDestType().getShape() !=
        ArrayRef<int64_t>(
            getReducedShape(shape, op.getAxes(), op.getKeepDims())))
      return rewriter.notifyMatchFailure(op, "the type of the result is not "
                                             "the inferred one");

    // The reduced groups, and the kept group of each dimension of the result.
    SmallVector<int64_t> axes, mergedShape;
    SmallVector<int64_t> keptGroups(rank, -1);
    for (auto [index, group] : llvm::enumerate(merged.groups)) {
      if (group.role == Role::Reduced) {
        axes.push_back(index);
        continue;
      }
      for (int64_t axis : group.axes)
        if (!merged.isIdle[axis])
          keptGroups[axis] = mergedShape.size();
      mergedShape.push_back(group.size);
    }
    if (!hasAddressableSize(mergedShape, op.getDestType().getElementType()))
      return rewriter.notifyMatchFailure(op, "the axes are too large to merge");
    SmallVector<int64_t> resultGroups;
    for (int64_t dim = 0; dim < rank; ++dim)
      if (op.getKeepDims() || !op.isReduced(dim))
        resultGroups.push_back(keptGroups[dim]);

    ReifiedRankedShapedTypeDims outputShape;
    if (failed(op.reifyResultShapes(rewriter, outputShape)))
      return rewriter.notifyMatchFailure(op, "its shape cannot be computed");
    Value source =
        collapseSource(rewriter, op.getLoc(), op.getSource(), merged);
    auto reduced = cast<OpTy>(rewriter.clone(*op));
    reduced.getSourceMutable().assign(source);
    reduced.setAxes(axes);
    reduced.setKeepDims(false);
    reduced.getResult().setType(
        cast<RankedTensorType>(op.getDestType()).clone(mergedShape));
    replaceWithExpanded(rewriter, op, reduced.getResult(), resultGroups,
                        outputShape[0]);
    return success();
  }
};

/// Merges the axes of a repeat or tile along which it does nothing, and those
/// along which it broadcasts:
///
///   %r = owl.repeat %x by [8, 1, 7, 7]
///       : tensor<1x64x1x1xf32> -> tensor<8x64x7x7xf32>
///   // becomes
///   %c = tensor.collapse_shape %x [[0], [1], [2, 3]]
///       : tensor<1x64x1x1xf32> into tensor<1x64x1xf32>
///   %m = owl.repeat %c by [8, 1, 49] : tensor<1x64x1xf32> ->
///   tensor<8x64x49xf32> %r = tensor.expand_shape %m [[0], [1], [2, 3]]
///   output_shape [8, 64, 7, 7]
///       : tensor<8x64x49xf32> into tensor<8x64x7x7xf32>
template <typename OpTy> struct MergeRepeatedAxes : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not in tensor form");
    ArrayRef<int64_t> shape = op.getSourceType().getShape();
    ArrayRef<int64_t> counts = op.getStaticCounts();
    int64_t rank = shape.size();
    SmallVector<Role> roles;
    for (auto [size, count] : llvm::zip_equal(shape, counts))
      roles.push_back(count == 1  ? Role::Kept
                      : size == 1 ? Role::Broadcast
                                  : Role::Repeated);
    MergedAxes merged = mergeAxes(shape, roles, counts);
    if (static_cast<int64_t>(merged.groups.size()) == rank)
      return rewriter.notifyMatchFailure(op, "no axes to merge");

    SmallVector<int64_t> mergedSizes, staticCounts, resultGroups(rank, -1);
    for (auto [index, group] : llvm::enumerate(merged.groups)) {
      for (int64_t axis : group.axes)
        if (!merged.isIdle[axis])
          resultGroups[axis] = index;
      mergedSizes.push_back(group.size);
      staticCounts.push_back(group.count);
    }
    for (const AxisGroup &group : merged.groups) {
      SmallVector<int64_t> multiplied;
      for (int64_t axis : group.axes)
        if (!merged.isIdle[axis])
          multiplied.push_back(counts[axis]);
      if (hidesNegativeCount(multiplied))
        return rewriter.notifyMatchFailure(op, "hides a count below 0");
    }
    FailureOr<SmallVector<int64_t>> resultShape =
        getRepeatedShape(shape, counts);
    FailureOr<SmallVector<int64_t>> mergedShape =
        getRepeatedShape(mergedSizes, staticCounts);
    Type element = op.getSourceType().getElementType();
    if (!isAddressable(merged, element) ||
        (succeeded(mergedShape) && !hasAddressableSize(*mergedShape, element)))
      return rewriter.notifyMatchFailure(op, "the axes are too large to merge");
    if (failed(resultShape) || failed(mergedShape) ||
        op.getDestType().getShape() != ArrayRef<int64_t>(*resultShape))
      return rewriter.notifyMatchFailure(op, "the type of the result is not "
                                             "the inferred one");

    ReifiedRankedShapedTypeDims outputShape;
    if (failed(op.reifyResultShapes(rewriter, outputShape)))
      return rewriter.notifyMatchFailure(op, "its shape cannot be computed");
    SmallVector<OpFoldResult> mixedCounts = op.getMixedCounts();
    SmallVector<Value> dynamicCounts;
    for (const AxisGroup &group : merged.groups) {
      if (!ShapedType::isDynamic(group.count))
        continue;
      Value product;
      for (int64_t axis : group.axes) {
        if (merged.isIdle[axis])
          continue;
        Value count = getValueOrCreateConstantIndexOp(rewriter, op.getLoc(),
                                                      mixedCounts[axis]);
        product = product ? rewriter.createOrFold<arith::MulIOp>(op.getLoc(),
                                                                 product, count)
                          : count;
      }
      dynamicCounts.push_back(product);
    }
    Value source =
        collapseSource(rewriter, op.getLoc(), op.getSource(), merged);
    Value repeated =
        OpTy::create(
            rewriter, op.getLoc(),
            cast<RankedTensorType>(op.getDestType()).clone(*mergedShape),
            source, /*dest=*/Value(), dynamicCounts, staticCounts)
            .getResult();
    replaceWithExpanded(rewriter, op, repeated, resultGroups, outputShape[0]);
    return success();
  }
};
} // namespace

void owl::populateMergeAxesPatterns(RewritePatternSet &patterns) {
  patterns.add<MergeReducedAxes<ReduceOp>, MergeReducedAxes<FoldOp>,
               MergeRepeatedAxes<RepeatOp>, MergeRepeatedAxes<TileOp>>(
      patterns.getContext());
}
