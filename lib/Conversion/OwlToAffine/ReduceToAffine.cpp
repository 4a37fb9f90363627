//===- ReduceToAffine.cpp - Reductions in one pass ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction over any set of axes becomes one loop nest that reads each
// element once and keeps no intermediate array. Adjacent axes with the same
// role merge first, so that kept (K) and reduced (R) loops alternate. Then, by
// the innermost axis:
//
//   K R K R:  for k0, k1 { acc = vector of partial results
//               for r0 { for r1 by lanes { acc = acc + x[k0, r0, k1, r1:] } }
//               y[k0, k1] = combine lanes of acc }
//   R K R K:  for k0, k1 by lanes { acc = vector of results
//               for r0, r1 { acc = acc + x[r0, k0, r1, k1:] }
//               y[k0, k1:] = acc }
//
// and the rest of the innermost axis follows one element at a time. The
// accumulators never leave the registers.
//
//===----------------------------------------------------------------------===//

#include "LoopBuilder.h"
#include "Patterns.h"
#include "Reducer.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;

using Groups = SmallVector<SmallVector<int64_t, 2>>;

namespace {
/// The axes of a reduction after merging: views of source and destination
/// whose dimensions are the loops, and which loops reduce.
struct MergedAxes {
  Value source, dest;
  SmallVector<OpFoldResult> sizes;
  SmallVector<bool> isReduced;
  /// Whether the destination still has an axis of 1 for each reduced one.
  bool destKeepsReduced = false;
};
} // namespace

/// Groups the axes of `op` by role; axes of 1 join a neighbour. `dest` gets the
/// matching groups of the destination's axes, one per kept group.
template <typename OpTy>
static void groupAxes(OpTy op, Groups &source, Groups &dest,
                      SmallVectorImpl<bool> &isReduced) {
  SmallVector<int64_t, 2> leading, leadingDest;
  int64_t destDim = 0;
  ShapedType type = op.getSourceType();
  for (int64_t dim = 0, rank = type.getRank(); dim < rank; ++dim) {
    bool reduced = op.isReduced(dim);
    bool inDest = !reduced || op.getKeepDims();
    bool isUnit = type.getDimSize(dim) == 1;
    if (!isUnit && (isReduced.empty() || isReduced.back() != reduced)) {
      isReduced.push_back(reduced);
      source.push_back(std::exchange(leading, {}));
      if (!reduced)
        dest.push_back(std::exchange(leadingDest, {}));
    }
    (source.empty() ? leading : source.back()).push_back(dim);
    if (inDest)
      (dest.empty() ? leadingDest : dest.back()).push_back(destDim++);
  }
}

template <typename OpTy>
static MergedAxes mergeAxes(OpBuilder &b, Location loc, OpTy op) {
  MergedAxes axes;
  axes.source = viewAsStorage(b, loc, op.getSource());
  axes.dest = viewAsStorage(b, loc, op.getDest());
  Groups sourceGroups, destGroups;
  groupAxes(op, sourceGroups, destGroups, axes.isReduced);
  if (isCollapsible(axes.source, sourceGroups) &&
      isCollapsible(axes.dest, destGroups)) {
    axes.source = collapse(b, loc, axes.source, sourceGroups);
    axes.dest = collapse(b, loc, axes.dest, destGroups);
  } else {
    // A view with gaps, or nothing to reduce: one loop an axis.
    axes.isReduced.clear();
    for (int64_t dim = 0, rank = op.getSourceType().getRank(); dim < rank;
         ++dim)
      axes.isReduced.push_back(op.isReduced(dim));
    axes.destKeepsReduced = op.getKeepDims();
  }
  axes.sizes = memref::getMixedSizes(b, loc, axes.source);
  return axes;
}

/// Where in the destination the result for the loop indices `ivs` goes; those
/// of reduced axes are not looked at.
static SmallVector<Value> getDestIndices(OpBuilder &b, Location loc,
                                         const MergedAxes &axes,
                                         ArrayRef<Value> ivs) {
  SmallVector<Value> indices;
  for (auto [iv, reduced] : llvm::zip_equal(ivs, axes.isReduced)) {
    if (!reduced)
      indices.push_back(iv);
    else if (axes.destKeepsReduced)
      indices.push_back(arith::ConstantIndexOp::create(b, loc, 0));
  }
  return indices;
}

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

namespace {
/// Emits the loops of one `owl.reduce`.
class ReduceEmitter {
public:
  ReduceEmitter(LoopBuilder &loops, ReduceOp op, unsigned vectorBits)
      : loops(loops), b(loops.builder), loc(loops.loc),
        axes(mergeAxes(b, loc, op)),
        reducer(op.getKind(), op.getSourceType().getElementType(),
                op.hasUnsignedSource()),
        vectorBits(vectorBits), ivs(axes.sizes.size()) {}

  void emit();

private:
  bool isInnerReduced() const {
    return axes.isReduced.empty() || axes.isReduced.back();
  }
  /// The reduction's value for the kept indices in `ivs`, `lanes` at once along
  /// a kept innermost axis.
  Value reduceAt(int64_t lanes);
  /// One pass of `pass` over the reduced axes.
  SmallVector<Value> accumulate(const Reducer &pass, int64_t lanes);
  /// Loops over the reduced axes from `dim` on, carrying `values`: the scalar
  /// accumulator and, if `strip` > 1, the vector one behind it.
  SmallVector<Value> reduceFrom(const Reducer &pass, size_t dim,
                                ArrayRef<Value> values, int64_t lanes,
                                int64_t strip);
  /// `acc` combined with the element, or `lanes` elements, at `ivs`.
  SmallVector<Value> step(const Reducer &pass, ArrayRef<Value> acc,
                          int64_t lanes);
  /// The flat index of the reduced axes at `ivs`, as i64, for each lane.
  Value flatIndex(int64_t lanes);
  void store(Value value);

  LoopBuilder &loops;
  OpBuilder &b;
  Location loc;
  MergedAxes axes;
  Reducer reducer;
  unsigned vectorBits;
  /// The induction variables of the loops that are open, by dimension.
  SmallVector<Value> ivs;
};
} // namespace

void ReduceEmitter::emit() {
  size_t rank = axes.sizes.size();
  SmallVector<size_t> outer;
  SmallVector<OpFoldResult> outerSizes;
  for (size_t dim = 0; dim < rank; ++dim)
    if (!axes.isReduced[dim] && (isInnerReduced() || dim + 1 < rank)) {
      outer.push_back(dim);
      outerSizes.push_back(axes.sizes[dim]);
    }
  loops.nest(outerSizes, {}, [&](ArrayRef<Value> outerIvs, ArrayRef<Value>) {
    for (auto [dim, iv] : llvm::zip_equal(outer, outerIvs))
      ivs[dim] = iv;
    if (isInnerReduced()) {
      store(reduceAt(1));
    } else {
      int64_t lanes = 1;
      if (isInnerContiguous(axes.source) && isInnerContiguous(axes.dest))
        lanes = getStripLanes(axes.sizes.back(), reducer.getBits(),
                              reducer.getRegisters(/*finishesVectors=*/true) *
                                  vectorBits);
      loops.strips(axes.sizes.back(), lanes, [&](Value iv, int64_t lanes) {
        ivs.back() = iv;
        store(reduceAt(lanes));
      });
    }
    return SmallVector<Value>();
  });
}

Value ReduceEmitter::reduceAt(int64_t lanes) {
  Reducer pass = reducer;
  if (pass.needsMaxPass()) {
    Reducer maxPass = pass.getMaxPass();
    SmallVector<Value> max = accumulate(maxPass, lanes);
    pass = pass.shifted(b, loc, maxPass.finish(b, loc, max, Value()));
  }
  SmallVector<Value> values = accumulate(pass, lanes);
  OpFoldResult count = b.getIndexAttr(1);
  for (auto [size, reduced] : llvm::zip_equal(axes.sizes, axes.isReduced))
    if (reduced)
      count = affine::makeComposedFoldedAffineApply(
          b, loc, b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1),
          {count, size});
  return pass.finish(b, loc, values,
                     getValueOrCreateConstantIndexOp(b, loc, count));
}

SmallVector<Value> ReduceEmitter::accumulate(const Reducer &pass,
                                             int64_t lanes) {
  int64_t strip = 1;
  if (!axes.sizes.empty() && isInnerReduced() && isInnerContiguous(axes.source))
    strip = getStripLanes(axes.sizes.back(), pass.getBits(),
                          pass.getRegisters(/*finishesVectors=*/false) *
                              vectorBits);
  SmallVector<Value> values = pass.init(b, loc, lanes);
  size_t width = values.size();
  if (strip > 1)
    llvm::append_range(values, pass.init(b, loc, strip));
  values = reduceFrom(pass, 0, values, lanes, strip);
  if (strip == 1)
    return values;
  ArrayRef<Value> all(values);
  return pass.combine(b, loc, pass.combineLanes(b, loc, all.drop_front(width)),
                      all.take_front(width));
}

SmallVector<Value> ReduceEmitter::reduceFrom(const Reducer &pass, size_t dim,
                                             ArrayRef<Value> values,
                                             int64_t lanes, int64_t strip) {
  while (dim < axes.sizes.size() && !axes.isReduced[dim])
    ++dim;
  if (dim == axes.sizes.size())
    return step(pass, values, lanes);
  OpFoldResult zero = b.getIndexAttr(0);
  if (strip == 1 || dim + 1 < axes.sizes.size())
    return loops.loop(zero, axes.sizes[dim], 1, values,
                      [&](Value iv, ArrayRef<Value> carried) {
                        ivs[dim] = iv;
                        return reduceFrom(pass, dim + 1, carried, lanes, strip);
                      });

  // The contiguous axis: full strips into the vector accumulator, the rest into
  // the scalar one.
  size_t width = values.size() / 2;
  ArrayRef<Value> scalar = values.take_front(width);
  OpFoldResult split = loops.stripsEnd(axes.sizes[dim], strip);
  SmallVector<Value> vector =
      loops.loop(zero, split, strip, values.drop_front(width),
                 [&](Value iv, ArrayRef<Value> carried) {
                   ivs[dim] = iv;
                   return step(pass, carried, strip);
                 });
  SmallVector<Value> result(scalar);
  if (split != axes.sizes[dim])
    result = loops.loop(split, axes.sizes[dim], 1, scalar,
                        [&](Value iv, ArrayRef<Value> carried) {
                          ivs[dim] = iv;
                          return step(pass, carried, 1);
                        });
  llvm::append_range(result, vector);
  return result;
}

SmallVector<Value> ReduceEmitter::step(const Reducer &pass, ArrayRef<Value> acc,
                                       int64_t lanes) {
  Value x = loops.load(axes.source, ivs, lanes);
  return pass.combine(b, loc, acc,
                      pass.map(b, loc, x, [&] { return flatIndex(lanes); }));
}

Value ReduceEmitter::flatIndex(int64_t lanes) {
  Value flat;
  for (auto [size, iv, reduced] :
       llvm::zip_equal(axes.sizes, ivs, axes.isReduced)) {
    if (!reduced)
      continue;
    flat = flat ? arith::AddIOp::create(
                      b, loc,
                      arith::MulIOp::create(
                          b, loc, flat,
                          getValueOrCreateConstantIndexOp(b, loc, size)),
                      iv)
                      .getResult()
                : iv;
  }
  if (!flat)
    flat = arith::ConstantIndexOp::create(b, loc, 0);
  flat = arith::IndexCastOp::create(b, loc, b.getI64Type(), flat);
  if (lanes == 1)
    return flat;
  auto type = VectorType::get(lanes, b.getI64Type());
  flat = vector::BroadcastOp::create(b, loc, type, flat);
  if (!isInnerReduced())
    return flat;
  SmallVector<int64_t> offsets = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
  Value lane = arith::ConstantOp::create(b, loc, b.getI64VectorAttr(offsets));
  return arith::AddIOp::create(b, loc, flat, lane);
}

void ReduceEmitter::store(Value value) {
  loops.store(value, axes.dest, getDestIndices(b, loc, axes, ivs));
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {
struct ReduceToAffine : public OpRewritePattern<ReduceOp> {
  ReduceToAffine(MLIRContext *context, unsigned vectorBits)
      : OpRewritePattern(context), vectorBits(vectorBits) {}

  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    if (op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "is not in buffer form");
    LoopBuilder loops(rewriter, op.getLoc());
    ReduceEmitter(loops, op, vectorBits).emit();
    rewriter.eraseOp(op);
    return success();
  }

  unsigned vectorBits;
};

/// A fold keeps its order: one scalar accumulator per result element.
struct FoldToAffine : public OpRewritePattern<FoldOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(FoldOp op,
                                PatternRewriter &rewriter) const override {
    if (op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "is not in buffer form");
    Location loc = op.getLoc();
    LoopBuilder loops(rewriter, loc);
    MergedAxes axes = mergeAxes(rewriter, loc, op);
    SmallVector<OpFoldResult> keptSizes, reducedSizes;
    for (auto [size, reduced] : llvm::zip_equal(axes.sizes, axes.isReduced))
      (reduced ? reducedSizes : keptSizes).push_back(size);
    loops.nest(keptSizes, {}, [&](ArrayRef<Value> kept, ArrayRef<Value>) {
      // The loops' indices by axis, the reduced ones left for the inner nest.
      SmallVector<Value> indices(axes.sizes.size());
      auto place = [&](ArrayRef<Value> ivs, bool reduced) {
        for (auto [index, isReduced] : llvm::zip_equal(indices, axes.isReduced))
          if (isReduced == reduced) {
            index = ivs.front();
            ivs = ivs.drop_front();
          }
      };
      place(kept, /*reduced=*/false);
      SmallVector<Value> result = loops.nest(
          reducedSizes, op.getInit(),
          [&](ArrayRef<Value> reduced, ArrayRef<Value> acc) {
            place(reduced, /*reduced=*/true);
            Value x = loops.load(axes.source, indices, 1);
            return combine(op, fromStorage(rewriter, op, x), acc[0], rewriter);
          });
      loops.store(toStorage(rewriter, loc, result[0], axes.dest), axes.dest,
                  getDestIndices(rewriter, loc, axes, indices));
      return SmallVector<Value>();
    });
    rewriter.eraseOp(op);
    return success();
  }

private:
  static SmallVector<Value> combine(FoldOp op, Value element, Value acc,
                                    PatternRewriter &rewriter) {
    Block &body = op.getCombiner().front();
    IRMapping mapping;
    mapping.map(body.getArguments(), ValueRange{element, acc});
    for (Operation &inner : body.without_terminator())
      rewriter.clone(inner, mapping);
    auto yield = cast<YieldOp>(body.getTerminator());
    return {mapping.lookupOrDefault(yield.getValues().front())};
  }

  /// An element as it lies in memory, in the type that the region expects.
  static Value fromStorage(PatternRewriter &rewriter, FoldOp op, Value x) {
    Type element = op.getSourceType().getElementType();
    Location loc = op.getLoc();
    if (element.isInteger(1))
      return arith::TruncIOp::create(rewriter, loc, element, x);
    if (element != x.getType())
      return UnrealizedConversionCastOp::create(rewriter, loc, element, x)
          .getResult(0);
    return x;
  }

  static Value toStorage(PatternRewriter &rewriter, Location loc, Value x,
                         Value dest) {
    Type storage = cast<MemRefType>(dest.getType()).getElementType();
    if (x.getType().isInteger(1))
      return arith::ExtUIOp::create(rewriter, loc, storage, x);
    if (storage != x.getType())
      return UnrealizedConversionCastOp::create(rewriter, loc, storage, x)
          .getResult(0);
    return x;
  }
};
} // namespace

void owl::populateReduceToAffinePatterns(RewritePatternSet &patterns,
                                         unsigned vectorBits) {
  patterns.add<ReduceToAffine>(patterns.getContext(), vectorBits);
  patterns.add<FoldToAffine>(patterns.getContext());
}
