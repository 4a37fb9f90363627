//===- RepetitionToAffine.cpp - Repeat and tile, each byte written once ---===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Repeat and tile are the same loop nest over the result: each axis of the
// result is a pair of a source axis (S) and a repetition (R), which repeat
// nests as S R and tile as R S. With the result viewed that way, axes of 1
// dropped and neighbours of the same kind merged, all that is left is
//
//   S R S     rows of the source, copied once per repetition
//   S R       single elements, spread over the repetitions
//
// Either way the result is written from its first byte to its last, once, and
// what is repeated is read from cache. A short static innermost repetition
// (2x upsampling) is a shuffle: one vector of the source becomes `count`
// vectors of the result.
//
//===----------------------------------------------------------------------===//

#include "LoopBuilder.h"
#include "Patterns.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Dialect/Owl/IR/Owl.h"

using namespace mlir;
using namespace mlir::owl;

/// A strip takes this many vector registers: independent loads and stores.
static constexpr unsigned kRegisters = 4;

using Groups = SmallVector<SmallVector<int64_t, 2>>;

namespace {
/// The loops of a repetition: `dest` viewed with one dimension a loop.
struct RepetitionLoops {
  Value source, dest;
  SmallVector<OpFoldResult> sizes;
  /// Whether a loop walks the source; it repeats otherwise.
  SmallVector<bool> walksSource;
};
} // namespace

static SmallVector<int64_t> getStaticSizes(ArrayRef<OpFoldResult> sizes) {
  return llvm::map_to_vector(sizes, [](OpFoldResult size) {
    return getConstantIntValue(size).value_or(ShapedType::kDynamic);
  });
}

/// Gives `buffer` the type that says what is known of its shape: sizes may be
/// constants where the type does not say so.
static Value refineType(OpBuilder &b, Location loc, Value buffer,
                        ArrayRef<int64_t> shape) {
  auto type = cast<MemRefType>(buffer.getType());
  auto refined = MemRefType::get(shape, type.getElementType(), type.getLayout(),
                                 type.getMemorySpace());
  if (refined == type)
    return buffer;
  return memref::CastOp::create(b, loc, refined, buffer);
}

/// Views axis i of `dest` as two: the source's and the count's, in the order
/// in which the op nests them.
static Value splitAxes(OpBuilder &b, Location loc, Value dest,
                       ArrayRef<OpFoldResult> sizes) {
  SmallVector<ReassociationIndices> pairs;
  for (int64_t dim = 0, rank = sizes.size() / 2; dim < rank; ++dim)
    pairs.push_back({2 * dim, 2 * dim + 1});
  // Where source and count are static, so is their product.
  SmallVector<int64_t> shape = getStaticSizes(sizes), merged;
  for (size_t i = 0; i < shape.size(); i += 2)
    merged.push_back(ShapedType::isDynamic(shape[i]) ||
                             ShapedType::isDynamic(shape[i + 1])
                         ? ShapedType::kDynamic
                         : shape[i] * shape[i + 1]);
  dest = refineType(b, loc, dest, merged);
  FailureOr<MemRefType> expanded = memref::ExpandShapeOp::computeExpandedType(
      cast<MemRefType>(dest.getType()), shape, pairs);
  return memref::ExpandShapeOp::create(b, loc, *expanded, dest, pairs, sizes);
}

template <typename OpTy>
static RepetitionLoops getLoops(OpBuilder &b, Location loc, OpTy op) {
  RepetitionLoops loops;
  loops.source = viewAsBits(b, loc, op.getSource());
  loops.dest = viewAsBits(b, loc, op.getDest());
  SmallVector<OpFoldResult> sourceSizes =
      memref::getMixedSizes(b, loc, loops.source);
  loops.source = refineType(b, loc, loops.source, getStaticSizes(sourceSizes));
  constexpr bool isRepeat = std::is_same_v<OpTy, RepeatOp>;
  SmallVector<OpFoldResult> sizes;
  for (auto [size, count] : llvm::zip_equal(sourceSizes, op.getMixedCounts())) {
    sizes.push_back(isRepeat ? size : count);
    sizes.push_back(isRepeat ? count : size);
  }
  // A constant size is one whichever way it came.
  for (OpFoldResult &size : sizes)
    if (std::optional<int64_t> constant = getConstantIntValue(size))
      size = b.getIndexAttr(*constant);
  if (sizes.empty())
    return loops;
  loops.dest = splitAxes(b, loc, loops.dest, sizes);

  // Merge neighbours of the same kind; what is 1 joins any neighbour.
  Groups destGroups, sourceGroups;
  SmallVector<int64_t, 2> leading, leadingSource;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    bool walks = (i % 2 == 0) == isRepeat;
    bool isUnit = getConstantIntValue(size) == 1;
    if (!isUnit &&
        (loops.walksSource.empty() || loops.walksSource.back() != walks)) {
      loops.walksSource.push_back(walks);
      destGroups.push_back(std::exchange(leading, {}));
      if (walks)
        sourceGroups.push_back(std::exchange(leadingSource, {}));
    }
    (destGroups.empty() ? leading : destGroups.back()).push_back(i);
    if (walks)
      (sourceGroups.empty() ? leadingSource : sourceGroups.back())
          .push_back(i / 2);
  }
  if (isCollapsible(loops.source, sourceGroups) &&
      isCollapsible(loops.dest, destGroups)) {
    loops.source = collapse(b, loc, loops.source, sourceGroups);
    loops.dest = collapse(b, loc, loops.dest, destGroups);
  } else {
    loops.walksSource.clear();
    for (size_t i = 0; i < sizes.size(); ++i)
      loops.walksSource.push_back((i % 2 == 0) == isRepeat);
  }
  loops.sizes = memref::getMixedSizes(b, loc, loops.dest);
  return loops;
}

/// A copy walks the source and repeats nothing.
static RepetitionLoops getLoops(OpBuilder &b, Location loc, memref::CopyOp op) {
  RepetitionLoops loops;
  loops.source = viewAsBits(b, loc, op.getSource());
  loops.dest = viewAsBits(b, loc, op.getTarget());
  int64_t rank = cast<MemRefType>(loops.source.getType()).getRank();
  Groups all;
  if (rank > 0)
    all.push_back(llvm::to_vector<2>(llvm::seq<int64_t>(0, rank)));
  if (isCollapsible(loops.source, all) && isCollapsible(loops.dest, all)) {
    loops.source = collapse(b, loc, loops.source, all);
    loops.dest = collapse(b, loc, loops.dest, all);
  }
  loops.sizes = memref::getMixedSizes(b, loc, loops.source);
  loops.walksSource.assign(loops.sizes.size(), true);
  return loops;
}

namespace {
class RepetitionEmitter {
public:
  RepetitionEmitter(LoopBuilder &builder, RepetitionLoops loops,
                    unsigned vectorBits)
      : builder(builder), b(builder.builder), loc(builder.loc), loops(loops),
        vectorBits(vectorBits) {}

  void emit() {
    size_t rank = loops.sizes.size();
    if (rank == 0) {
      builder.store(builder.load(loops.source, {}, 1), loops.dest, {});
      return;
    }
    // The innermost loops, one or two, are written with vectors.
    bool shuffles = getShuffleCount() > 0;
    ArrayRef<OpFoldResult> outer =
        ArrayRef(loops.sizes).drop_back(shuffles ? 2 : 1);
    if (shuffles)
      mergeShuffledDims();
    builder.nest(outer, {}, [&](ArrayRef<Value> ivs, ArrayRef<Value>) {
      if (shuffles)
        shuffleRow(ivs);
      else if (loops.walksSource.back())
        copyRow(ivs);
      else
        fillRow(ivs);
      return SmallVector<Value>();
    });
  }

private:
  unsigned elementBits() {
    Type element = cast<MemRefType>(loops.dest.getType()).getElementType();
    return element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  }

  /// The count of a static innermost repetition that fits a few vectors and
  /// follows a loop over contiguous elements of the source; 0 if there is none.
  int64_t getShuffleCount() {
    size_t rank = loops.sizes.size();
    if (rank < 2 || loops.walksSource[rank - 1] || !loops.walksSource[rank - 2])
      return 0;
    std::optional<int64_t> count = getConstantIntValue(loops.sizes[rank - 1]);
    auto source = cast<MemRefType>(loops.source.getType());
    if (!count || *count < 2 || *count > 8 ||
        !source.areTrailingDimsContiguous(1))
      return 0;
    Groups groups = getShuffleGroups();
    return isCollapsible(loops.dest, groups) ? *count : 0;
  }

  Groups getShuffleGroups() {
    Groups groups;
    int64_t rank = loops.sizes.size();
    for (int64_t dim = 0; dim < rank - 1; ++dim)
      groups.push_back({dim});
    groups.back().push_back(rank - 1);
    return groups;
  }

  void mergeShuffledDims() {
    loops.dest = collapse(b, loc, loops.dest, getShuffleGroups());
  }

  /// The source's indices among the result's.
  SmallVector<Value> sourceIndices(ArrayRef<Value> ivs) {
    SmallVector<Value> indices;
    for (auto [iv, walks] : llvm::zip(ivs, loops.walksSource))
      if (walks)
        indices.push_back(iv);
    return indices;
  }

  /// A contiguous row of the source becomes one of the result.
  void copyRow(ArrayRef<Value> ivs) {
    int64_t lanes = 1;
    if (isInnerContiguous(loops.source) && isInnerContiguous(loops.dest))
      lanes = getStripLanes(loops.sizes.back(), elementBits(),
                            kRegisters * vectorBits);
    builder.strips(loops.sizes.back(), lanes, [&](Value iv, int64_t lanes) {
      SmallVector<Value> indices(ivs);
      indices.push_back(iv);
      builder.store(builder.load(loops.source, sourceIndices(indices), lanes),
                    loops.dest, indices);
    });
  }

  /// One element of the source fills a row of the result.
  void fillRow(ArrayRef<Value> ivs) {
    Value x = builder.load(loops.source, sourceIndices(ivs), 1);
    int64_t lanes = 1;
    if (isInnerContiguous(loops.dest))
      lanes = getStripLanes(loops.sizes.back(), elementBits(),
                            kRegisters * vectorBits);
    Value splat = x;
    if (lanes > 1)
      splat = vector::BroadcastOp::create(
          b, loc, VectorType::get(lanes, x.getType()), x);
    builder.strips(loops.sizes.back(), lanes, [&](Value iv, int64_t lanes) {
      SmallVector<Value> indices(ivs);
      indices.push_back(iv);
      builder.store(lanes == 1 ? x : splat, loops.dest, indices);
    });
  }

  /// Each element of a contiguous row of the source `count` times in a row.
  void shuffleRow(ArrayRef<Value> ivs) {
    OpFoldResult size = *(loops.sizes.end() - 2);
    int64_t count = *getConstantIntValue(loops.sizes.back());
    int64_t lanes =
        getStripLanes(size, elementBits() * count, kRegisters * vectorBits);
    AffineExpr d = b.getAffineDimExpr(0);
    builder.strips(size, lanes, [&](Value iv, int64_t lanes) {
      SmallVector<Value> indices(ivs);
      indices.push_back(iv);
      Value x = builder.load(loops.source, sourceIndices(indices), lanes);
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < lanes; ++lane)
        mask.append(count, lane);
      auto type =
          VectorType::get(count * lanes, getElementTypeOrSelf(x.getType()));
      Value spread =
          lanes == 1
              ? vector::BroadcastOp::create(b, loc, type, x).getResult()
              : vector::ShuffleOp::create(b, loc, x, x, mask).getResult();
      indices.back() = affine::makeComposedAffineApply(b, loc, d * count, {iv});
      builder.store(spread, loops.dest, indices);
    });
  }

  LoopBuilder &builder;
  OpBuilder &b;
  Location loc;
  RepetitionLoops loops;
  unsigned vectorBits;
};

template <typename OpTy>
struct RepetitionToAffine : public OpRewritePattern<OpTy> {
  RepetitionToAffine(MLIRContext *context, unsigned vectorBits)
      : OpRewritePattern<OpTy>(context), vectorBits(vectorBits) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if constexpr (!std::is_same_v<OpTy, memref::CopyOp>)
      if (op.hasTensorSemantics())
        return rewriter.notifyMatchFailure(op, "is not in buffer form");
    LoopBuilder builder(rewriter, op.getLoc());
    RepetitionEmitter(builder, getLoops(rewriter, op.getLoc(), op), vectorBits)
        .emit();
    rewriter.eraseOp(op);
    return success();
  }

  unsigned vectorBits;
};
} // namespace

void owl::populateRepetitionToAffinePatterns(RewritePatternSet &patterns,
                                             unsigned vectorBits) {
  patterns.add<RepetitionToAffine<RepeatOp>, RepetitionToAffine<TileOp>,
               RepetitionToAffine<memref::CopyOp>>(patterns.getContext(),
                                                   vectorBits);
}
