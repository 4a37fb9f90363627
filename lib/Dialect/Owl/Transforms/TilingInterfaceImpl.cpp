//===- TilingInterfaceImpl.cpp - How owl ops are cut into tiles -----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TilingInterface for the tensor forms. All loops are parallel:
//
// - reduce and fold iterate over the dimensions of their result. A tile reads
//   its reduced axes whole, so that every kind, argmax included, can be tiled.
// - repeat iterates over the dimensions of its source.
// - tile iterates over the source where its count is 1, and over the copies
//   where it is not.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::owl;

using Indices = SmallVector<OpFoldResult>;

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

/// The range [0, size) for each of `sizes`.
static SmallVector<Range> getFullRanges(OpBuilder &builder,
                                        ArrayRef<OpFoldResult> sizes) {
  SmallVector<Range> ranges;
  for (OpFoldResult size : sizes)
    ranges.push_back({builder.getIndexAttr(0), size, builder.getIndexAttr(1)});
  return ranges;
}

/// The slice of `value` with unit strides.
static tensor::ExtractSliceOp extractSlice(OpBuilder &builder, Location loc,
                                           Value value,
                                           ArrayRef<OpFoldResult> offsets,
                                           ArrayRef<OpFoldResult> sizes) {
  Indices strides(sizes.size(), builder.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(builder, loc, value, offsets, sizes,
                                        strides);
}

/// `value` as a tensor whose dimensions are static exactly where `sizes` are:
/// the type that a slice of those sizes has.
static Value castToSizes(OpBuilder &builder, Location loc, Value value,
                         ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicSizes;
  dispatchIndexOpFoldResults(sizes, dynamicSizes, shape);
  RankedTensorType wanted = type.clone(shape);
  if (type == wanted)
    return value;
  return tensor::CastOp::create(builder, loc, wanted, value);
}

/// An offset or size, which loops may change, times a `factor`, which they do
/// not.
static OpFoldResult multiply(OpBuilder &builder, Location loc,
                             OpFoldResult value, OpFoldResult factor) {
  AffineExpr d0, s0;
  bindDims(builder.getContext(), d0);
  bindSymbols(builder.getContext(), s0);
  return affine::makeComposedFoldedAffineApply(builder, loc, d0 * s0,
                                               {value, factor});
}

//===----------------------------------------------------------------------===//
// Reduce and fold
//===----------------------------------------------------------------------===//

namespace {
template <typename OpTy>
struct ReductionTiling
    : public TilingInterface::ExternalModel<ReductionTiling<OpTy>, OpTy> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    return SmallVector<utils::IteratorType>(
        cast<OpTy>(op).getDestType().getRank(), utils::IteratorType::parallel);
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &b) const {
    ReifiedRankedShapedTypeDims shape;
    if (failed(cast<OpTy>(op).reifyResultShapes(b, shape)))
      return {};
    return getFullRanges(b, shape[0]);
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &b,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    auto reduction = cast<OpTy>(op);
    if (!reduction.hasTensorSemantics())
      return failure();
    Location loc = op->getLoc();
    Indices sourceOffsets, resultSizes;
    Indices sourceSizes = tensor::getMixedSizes(b, loc, reduction.getSource());
    unsigned next = 0;
    for (auto [dim, sourceSize] : llvm::enumerate(sourceSizes)) {
      if (!reduction.isReduced(dim)) {
        sourceOffsets.push_back(offsets[next]);
        resultSizes.push_back(sizes[next]);
        sourceSize = sizes[next++];
        continue;
      }
      sourceOffsets.push_back(b.getIndexAttr(0));
      if (reduction.getKeepDims()) {
        resultSizes.push_back(b.getIndexAttr(1));
        ++next;
      }
    }
    auto slice =
        extractSlice(b, loc, reduction.getSource(), sourceOffsets, sourceSizes);
    auto sliceShape = cast<RankedTensorType>(slice.getType()).getShape();
    auto tiled = cast<OpTy>(b.clone(*op));
    tiled.getSourceMutable().assign(slice);
    tiled.getResult().setType(
        cast<RankedTensorType>(reduction.getDestType())
            .clone(getReducedShape(sliceShape, reduction.getAxes(),
                                   reduction.getKeepDims())));
    return TilingResult{{tiled.getOperation()}, {tiled.getResult()}, {slice}};
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &b, unsigned,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Indices &resultOffsets,
                                      Indices &resultSizes) const {
    auto reduction = cast<OpTy>(op);
    resultOffsets.assign(offsets.begin(), offsets.end());
    resultSizes.assign(sizes.begin(), sizes.end());
    if (!reduction.getKeepDims())
      return success();
    // A tile of a dimension of 1 is all of it.
    for (int64_t axis : reduction.getAxes()) {
      resultOffsets[axis] = b.getIndexAttr(0);
      resultSizes[axis] = b.getIndexAttr(1);
    }
    return success();
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *, OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &domainOffsets,
      SmallVectorImpl<OpFoldResult> &domainSizes) const {
    domainOffsets.assign(offsets.begin(), offsets.end());
    domainSizes.assign(sizes.begin(), sizes.end());
    return success();
  }

  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &b, unsigned,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    FailureOr<TilingResult> tile =
        getTiledImplementation(op, b, offsets, sizes);
    if (succeeded(tile))
      tile->tiledValues[0] =
          castToSizes(b, op->getLoc(), tile->tiledValues[0], sizes);
    return tile;
  }
};

//===----------------------------------------------------------------------===//
// Repeat and tile
//===----------------------------------------------------------------------===//

/// The slice of the source of `op` at `offsets` and `sizes`, repeated by
/// `counts`.
template <typename OpTy>
static TilingResult
repeatSlice(OpTy op, OpBuilder &b, ArrayRef<OpFoldResult> offsets,
            ArrayRef<OpFoldResult> sizes, ArrayRef<OpFoldResult> counts) {
  auto slice = extractSlice(b, op.getLoc(), op.getSource(), offsets, sizes);
  auto tiled = OpTy::create(b, op.getLoc(), slice.getResult(), counts);
  return {{tiled.getOperation()}, {tiled.getResult()}, {slice}};
}

struct RepeatTiling
    : public TilingInterface::ExternalModel<RepeatTiling, RepeatOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    return SmallVector<utils::IteratorType>(
        cast<RepeatOp>(op).getDestType().getRank(),
        utils::IteratorType::parallel);
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &b) const {
    return getFullRanges(
        b,
        tensor::getMixedSizes(b, op->getLoc(), cast<RepeatOp>(op).getSource()));
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &b,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    auto repeat = cast<RepeatOp>(op);
    if (!repeat.hasTensorSemantics())
      return failure();
    TilingResult tile =
        repeatSlice(repeat, b, offsets, sizes, repeat.getMixedCounts());
    Indices resultOffsets, resultSizes;
    if (failed(getResultTilePosition(op, b, 0, offsets, sizes, resultOffsets,
                                     resultSizes)))
      return failure();
    tile.tiledValues[0] =
        castToSizes(b, op->getLoc(), tile.tiledValues[0], resultSizes);
    return tile;
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &b, unsigned,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Indices &resultOffsets,
                                      Indices &resultSizes) const {
    auto repeat = cast<RepeatOp>(op);
    for (auto [offset, size, count] :
         llvm::zip_equal(offsets, sizes, repeat.getMixedCounts())) {
      resultOffsets.push_back(multiply(b, op->getLoc(), offset, count));
      resultSizes.push_back(multiply(b, op->getLoc(), size, count));
    }
    return success();
  }

  /// A tile of the result may begin and end among the copies of an element:
  ///
  ///   source   a   b   c      by 3
  ///   result   aaa bbb ccc    tile [2, 5): "abb"
  ///
  /// Then the elements that it touches, [floor(2/3), ceil(5/3)), are repeated
  /// and the tile is cut out of that.
  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &b, unsigned,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    auto repeat = cast<RepeatOp>(op);
    if (!repeat.hasTensorSemantics())
      return failure();
    ArrayRef<int64_t> shape = repeat.getSourceType().getShape();
    ArrayRef<int64_t> staticCounts = repeat.getStaticCounts();
    // Nothing is created before it is sure that the tile can be: the count must
    // be known where it divides.
    for (auto [size, count] : llvm::zip_equal(shape, staticCounts))
      if (size != 1 && (ShapedType::isDynamic(count) || count == 0))
        return failure();

    Location loc = op->getLoc();
    OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
    AffineExpr d0, d1;
    bindDims(b.getContext(), d0, d1);
    Indices sourceOffsets, sourceSizes, counts, cutOffsets;
    bool mustCut = false;
    for (auto [offset, size, sourceSize, count] :
         llvm::zip_equal(offsets, sizes, shape, staticCounts)) {
      if (count == 1) {
        sourceOffsets.push_back(offset);
        sourceSizes.push_back(size);
        counts.push_back(one);
        cutOffsets.push_back(zero);
      } else if (sourceSize == 1) {
        // A broadcast: as many copies as the tile wants.
        sourceOffsets.push_back(zero);
        sourceSizes.push_back(one);
        counts.push_back(size);
        cutOffsets.push_back(zero);
      } else {
        auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
          return affine::makeComposedFoldedAffineApply(b, loc, expr, operands);
        };
        OpFoldResult first = apply(d0.floorDiv(count), {offset});
        sourceOffsets.push_back(first);
        sourceSizes.push_back(apply(
            (d0 + d1).ceilDiv(count) - d0.floorDiv(count), {offset, size}));
        counts.push_back(b.getIndexAttr(count));
        cutOffsets.push_back(apply(d0 % count, {offset}));
        std::optional<int64_t> staticSize = getConstantIntValue(size);
        mustCut |= !isConstantIntValue(cutOffsets.back(), 0) || !staticSize ||
                   *staticSize % count != 0;
      }
    }
    TilingResult tile =
        repeatSlice(repeat, b, sourceOffsets, sourceSizes, counts);
    if (mustCut)
      tile.tiledValues[0] =
          extractSlice(b, loc, tile.tiledValues[0], cutOffsets, sizes);
    else
      tile.tiledValues[0] = castToSizes(b, loc, tile.tiledValues[0], sizes);
    return tile;
  }
};

struct TileTiling : public TilingInterface::ExternalModel<TileTiling, TileOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    return SmallVector<utils::IteratorType>(
        cast<TileOp>(op).getDestType().getRank(),
        utils::IteratorType::parallel);
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &b) const {
    auto tile = cast<TileOp>(op);
    Indices domain = tile.getMixedCounts();
    Indices sizes = tensor::getMixedSizes(b, op->getLoc(), tile.getSource());
    for (auto [extent, size] : llvm::zip_equal(domain, sizes))
      if (isOneInteger(extent))
        extent = size;
    return getFullRanges(b, domain);
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &b,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    auto tile = cast<TileOp>(op);
    if (!tile.hasTensorSemantics())
      return failure();
    Indices sourceOffsets, counts;
    Indices sourceSizes =
        tensor::getMixedSizes(b, op->getLoc(), tile.getSource());
    for (auto [dim, count] : llvm::enumerate(tile.getMixedCounts())) {
      if (isOneInteger(count)) {
        sourceOffsets.push_back(offsets[dim]);
        sourceSizes[dim] = sizes[dim];
        counts.push_back(count);
      } else {
        sourceOffsets.push_back(b.getIndexAttr(0));
        counts.push_back(sizes[dim]);
      }
    }
    TilingResult result =
        repeatSlice(tile, b, sourceOffsets, sourceSizes, counts);
    Indices resultOffsets, resultSizes;
    if (failed(getResultTilePosition(op, b, 0, offsets, sizes, resultOffsets,
                                     resultSizes)))
      return failure();
    result.tiledValues[0] =
        castToSizes(b, op->getLoc(), result.tiledValues[0], resultSizes);
    return result;
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &b, unsigned,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Indices &resultOffsets,
                                      Indices &resultSizes) const {
    auto tile = cast<TileOp>(op);
    Location loc = op->getLoc();
    Indices sourceSizes = tensor::getMixedSizes(b, loc, tile.getSource());
    for (auto [offset, size, sourceSize, count] :
         llvm::zip_equal(offsets, sizes, sourceSizes, tile.getMixedCounts())) {
      bool isCopied = !isOneInteger(count);
      resultOffsets.push_back(isCopied ? multiply(b, loc, offset, sourceSize)
                                       : offset);
      resultSizes.push_back(isCopied ? multiply(b, loc, size, sourceSize)
                                     : size);
    }
    return success();
  }

  /// Only where a tile of the result is a tile of the source or a number of
  /// copies of one element; elsewhere whole copies would be made for each tile.
  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &b, unsigned,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    auto tile = cast<TileOp>(op);
    for (auto [size, count] : llvm::zip_equal(tile.getSourceType().getShape(),
                                              tile.getStaticCounts()))
      if (size != 1 && count != 1)
        return failure();
    FailureOr<TilingResult> result =
        getTiledImplementation(op, b, offsets, sizes);
    if (succeeded(result))
      result->tiledValues[0] =
          castToSizes(b, op->getLoc(), result->tiledValues[0], sizes);
    return result;
  }
};
} // namespace

void owl::registerTilingInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OwlDialect *) {
    context->loadDialect<affine::AffineDialect, arith::ArithDialect,
                         tensor::TensorDialect>();
    ReduceOp::attachInterface<ReductionTiling<ReduceOp>>(*context);
    FoldOp::attachInterface<ReductionTiling<FoldOp>>(*context);
    RepeatOp::attachInterface<RepeatTiling>(*context);
    TileOp::attachInterface<TileTiling>(*context);
  });
}
