//===- LowerTransposes.cpp - Transposes in squares of vectors -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop over the elements of a transposed array goes along the rows of one
// array and down the columns of the other, of which it uses one element of each
// cache line before that is gone. Here both are walked in blocks that caches
// hold, and each block in squares that registers hold:
//
//   for i by 32 { for j by 32 {
//     for b = i to i + 32 by 8 { for a = j to j + 32 by 8 {
//       r0, .. r7 = x[a, b .. b + 8], .. x[a + 7, b .. b + 8]
//       t0, .. t7 = transposed r0, .. r7
//       y[b, a .. a + 8], .. y[b + 7, a .. a + 8] = t0, .. t7
//     } }
//   } }
//
//===----------------------------------------------------------------------===//

#include "../OwlToAffine/LoopBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "owl/Conversion/Passes.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Support/ByteSize.h"

namespace mlir::owl {
#define GEN_PASS_DEF_LOWERTRANSPOSES
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// The rows of a square at most: 16 registers hold them and what their exchange
/// needs.
static constexpr int64_t kMaxRows = 8;

/// The elements along each side of a block: of f32, 4 KB of either array.
static constexpr int64_t kBlock = 32;

namespace {
/// Element `resultMap`(i) of `result` is element `sourceMap`(i) of `source`,
/// for each point i of the loops.
struct Transpose {
  Value source, result;
  AffineMap sourceMap, resultMap;
  /// The elements of a row of a square, and its rows.
  int64_t rows = 0;

  /// The loop along the last dimension of either.
  unsigned getSourceLoop() const { return getLastLoop(sourceMap); }
  unsigned getResultLoop() const { return getLastLoop(resultMap); }

private:
  static unsigned getLastLoop(AffineMap map) {
    return map.getDimPosition(map.getNumResults() - 1);
  }
};
} // namespace

/// How many rows a square of what `transpose` moves has; 1 where it is to be
/// moved element by element.
static int64_t getRows(const Transpose &transpose, unsigned vectorBits) {
  auto source = dyn_cast<MemRefType>(transpose.source.getType());
  auto result = dyn_cast<MemRefType>(transpose.result.getType());
  if (!source || !result || !source.isLastDimUnitStride() ||
      !result.isLastDimUnitStride())
    return 1;
  // A vector of i1 would be packed.
  Type element = result.getElementType();
  if (!element.isIntOrFloat() || element.isInteger(1))
    return 1;
  int64_t rows =
      std::min<int64_t>(kMaxRows, vectorBits / element.getIntOrFloatBitWidth());
  auto isShorter = [&](int64_t size) {
    return !ShapedType::isDynamic(size) && size < rows;
  };
  return isShorter(source.getShape().back()) ||
                 isShorter(result.getShape().back())
             ? 1
             : rows;
}

/// What `op` transposes from `source` to `result`, if it does that alone and in
/// squares.
static std::optional<Transpose> match(linalg::LinalgOp op, Value source,
                                      Value result, unsigned vectorBits) {
  if (op.getNumLoops() == 0 || op.getNumLoops() != op.getNumParallelLoops() ||
      op.getBlock()->getTerminator()->getOperands() !=
          ValueRange(op.getBlock()->getArgument(0)))
    return std::nullopt;
  Transpose transpose = {source, result,
                         op.getMatchingIndexingMap(op.getDpsInputOperand(0)),
                         op.getMatchingIndexingMap(op.getDpsInitOperand(0))};
  if (!transpose.sourceMap.isPermutation() ||
      !transpose.resultMap.isPermutation() ||
      transpose.getSourceLoop() == transpose.getResultLoop())
    return std::nullopt;
  transpose.rows = getRows(transpose, vectorBits);
  return transpose.rows > 1 ? std::optional(transpose) : std::nullopt;
}

/// The same for an op of linalg on buffers, or a group of one on tensors.
static std::optional<Transpose> match(Operation *op, unsigned vectorBits) {
  auto group = dyn_cast<GroupOp>(op);
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (group && group.getYield().getNumOperands() == 1)
    linalgOp = group.getYield().getOperand(0).getDefiningOp<linalg::LinalgOp>();
  if (!linalgOp || linalgOp.getNumDpsInputs() != 1 ||
      linalgOp.getNumDpsInits() != 1)
    return std::nullopt;
  Value source = linalgOp.getDpsInputOperand(0)->get();
  if (!group)
    return match(linalgOp, source, linalgOp.getDpsInitOperand(0)->get(),
                 vectorBits);
  auto argument = dyn_cast<BlockArgument>(source);
  if (!argument)
    return std::nullopt;
  return match(linalgOp, group.getInputs()[argument.getArgNumber()],
               group.getInits().front(), vectorBits);
}

/// Transposes a square of as many `rows` as each has elements. Of its quarters,
/// those beside the diagonal take each other's place, and then theirs do.
static void transposeSquare(OpBuilder &b, Location loc,
                            MutableArrayRef<Value> rows) {
  int64_t size = rows.size();
  for (int64_t half = size / 2; half > 0; half /= 2) {
    SmallVector<int64_t> upper, lower;
    for (int64_t lane = 0; lane < size; ++lane) {
      bool isRight = lane & half;
      upper.push_back(isRight ? size + lane - half : lane);
      lower.push_back(isRight ? size + lane : lane + half);
    }
    for (int64_t i = 0; i < size; ++i) {
      if (i & half)
        continue;
      Value above = rows[i], below = rows[i + half];
      rows[i] = vector::ShuffleOp::create(b, loc, above, below, upper);
      rows[i + half] = vector::ShuffleOp::create(b, loc, above, below, lower);
    }
  }
}

namespace {
/// Emits the loops of one transpose.
class Emitter {
public:
  Emitter(OpBuilder &b, Location loc, const Transpose &transpose);

  /// As up to `threads` tasks, each of which moves at least `taskBytes`.
  void emit(unsigned threads, uint64_t taskBytes);

private:
  struct Range {
    Value begin, end;
  };

  Value number(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  template <typename OpTy> Value compute(Value lhs, Value rhs) {
    return b.createOrFold<OpTy>(loc, lhs, rhs);
  }
  /// A loop over `loop` in `range`.
  void walk(unsigned loop, Range range, int64_t step,
            function_ref<void()> body);
  /// The indices of either array at the point where the loops are.
  SmallVector<Value> getIndices(AffineMap map) const;
  void moveElement();
  void moveSquare();
  /// Emits the innermost loops, over both ranges.
  void moveAll(Range acrossRange, Range alongRange);
  /// Emits the loops from number `depth` of `outer` on, that over `ranged` in
  /// `range` only.
  void emitLoops(size_t depth, unsigned ranged, Range range);
  /// The loop that `threads` share: the first that is long enough for all.
  unsigned chooseSplit(unsigned threads) const;

  OpBuilder &b;
  Location loc;
  LoopBuilder loops;
  const Transpose &transpose;
  /// The loops along the rows of the source and of the result, and the others
  /// in the order of the result.
  unsigned across, along;
  SmallVector<unsigned> outer;
  SmallVector<Value> sizes, point;
};
} // namespace

Emitter::Emitter(OpBuilder &b, Location loc, const Transpose &transpose)
    : b(b), loc(loc), loops(b, loc), transpose(transpose),
      across(transpose.getSourceLoop()), along(transpose.getResultLoop()),
      sizes(transpose.resultMap.getNumDims()), point(sizes.size()) {
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    unsigned loop = transpose.resultMap.getDimPosition(dim);
    sizes[loop] = getValueOrCreateConstantIndexOp(
        b, loc, memref::getMixedSize(b, loc, transpose.result, dim));
    if (loop != across && loop != along)
      outer.push_back(loop);
  }
}

void Emitter::walk(unsigned loop, Range range, int64_t step,
                   function_ref<void()> body) {
  loops.loop(range.begin, range.end, step, {},
             [&](Value iv, ArrayRef<Value>) -> SmallVector<Value> {
               point[loop] = iv;
               body();
               return {};
             });
}

SmallVector<Value> Emitter::getIndices(AffineMap map) const {
  return llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) {
    return point[cast<AffineDimExpr>(expr).getPosition()];
  });
}

void Emitter::moveElement() {
  Value element =
      loops.load(transpose.source, getIndices(transpose.sourceMap), 1);
  loops.store(element, transpose.result, getIndices(transpose.resultMap));
}

void Emitter::moveSquare() {
  // The indices of row `row` of the square, which are apart along `loop`.
  auto getRow = [&](AffineMap map, unsigned loop, int64_t row) {
    Value first = point[loop];
    point[loop] = compute<arith::AddIOp>(first, number(row));
    SmallVector<Value> indices = getIndices(map);
    point[loop] = first;
    return indices;
  };
  SmallVector<Value> rows;
  for (int64_t row = 0; row < transpose.rows; ++row)
    rows.push_back(loops.load(transpose.source,
                              getRow(transpose.sourceMap, along, row),
                              transpose.rows));
  transposeSquare(b, loc, rows);
  for (auto [row, value] : llvm::enumerate(rows))
    loops.store(value, transpose.result,
                getRow(transpose.resultMap, across, row));
}

void Emitter::moveAll(Range acrossRange, Range alongRange) {
  auto getSquaresEnd = [&](Range range) {
    Value rows = number(transpose.rows);
    Value size = compute<arith::SubIOp>(range.end, range.begin);
    Value rest = compute<arith::RemUIOp>(size, rows);
    return compute<arith::SubIOp>(range.end, rest);
  };
  Range acrossSquares = {acrossRange.begin, getSquaresEnd(acrossRange)};
  Range alongSquares = {alongRange.begin, getSquaresEnd(alongRange)};
  // From where `loop` is to the end of the block, or to that of `range`.
  auto getBlock = [&](unsigned loop, Range range) -> Range {
    Value next = compute<arith::AddIOp>(point[loop], number(kBlock));
    return {point[loop], compute<arith::MinUIOp>(next, range.end)};
  };
  walk(across, acrossSquares, kBlock, [&] {
    walk(along, alongSquares, kBlock, [&] {
      Range rows = getBlock(across, acrossSquares);
      Range columns = getBlock(along, alongSquares);
      walk(across, rows, transpose.rows, [&] {
        walk(along, columns, transpose.rows, [&] { moveSquare(); });
      });
    });
  });
  auto moveElements = [&](Range rows, Range columns) {
    walk(across, rows, 1,
         [&] { walk(along, columns, 1, [&] { moveElement(); }); });
  };
  moveElements(acrossSquares, {alongSquares.end, alongRange.end});
  moveElements({acrossSquares.end, acrossRange.end}, alongRange);
}

void Emitter::emitLoops(size_t depth, unsigned ranged, Range range) {
  auto getRange = [&](unsigned loop) {
    return loop == ranged ? range : Range{number(0), sizes[loop]};
  };
  if (depth == outer.size())
    return moveAll(getRange(across), getRange(along));
  walk(outer[depth], getRange(outer[depth]), 1,
       [&] { emitLoops(depth + 1, ranged, range); });
}

unsigned Emitter::chooseSplit(unsigned threads) const {
  unsigned split = across;
  int64_t longest = 0;
  for (unsigned loop : llvm::concat<const unsigned>(outer, ArrayRef(across))) {
    int64_t count = getConstantIntValue(sizes[loop])
                        .value_or(std::numeric_limits<int64_t>::max());
    // It has to have blocks for all.
    if (loop == across)
      count = llvm::divideCeil(count, kBlock);
    if (count > longest) {
      split = loop;
      longest = count;
    }
    if (count >= threads)
      break;
  }
  return split;
}

void Emitter::emit(unsigned threads, uint64_t taskBytes) {
  unsigned split = chooseSplit(threads);
  if (threads == 1)
    return emitLoops(0, split, {number(0), sizes[split]});

  Value bytes =
      number(2 * getElementBytes(getElementTypeOrSelf(transpose.result)));
  for (Value size : sizes)
    bytes = compute<arith::MulIOp>(bytes, size);
  Value one = number(1);
  Value most = compute<arith::MinUIOp>(
      compute<arith::DivUIOp>(bytes, number(taskBytes)), number(threads));
  most = compute<arith::MaxUIOp>(most, one);
  // Each task has whole blocks.
  Value step = number(split == across ? kBlock : 1);
  Value size = compute<arith::MulIOp>(
      compute<arith::CeilDivUIOp>(
          compute<arith::CeilDivUIOp>(sizes[split], step), most),
      step);
  Value count = compute<arith::CeilDivUIOp>(sizes[split],
                                            compute<arith::MaxUIOp>(size, one));
  if (getConstantIntValue(count) == 1)
    return emitLoops(0, split, {number(0), sizes[split]});

  auto parallel = ParallelForOp::create(b, loc, count);
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&parallel.getBody(), {}, {b.getIndexType()}, {loc});
  Value begin = compute<arith::MulIOp>(parallel.getTask(), size);
  Value end = compute<arith::MinUIOp>(compute<arith::AddIOp>(begin, size),
                                      sizes[split]);
  emitLoops(0, split, {begin, end});
  YieldOp::create(b, loc);
}

namespace {
struct LowerTransposes
    : public owl::impl::LowerTransposesBase<LowerTransposes> {
  using LowerTransposesBase::LowerTransposesBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      std::optional<Transpose> transpose = match(op, vectorBits);
      if (!transpose)
        return WalkResult::advance();
      rewriter.setInsertionPoint(op);
      Emitter(rewriter, op->getLoc(), *transpose)
          .emit(threads, std::max<uint64_t>(1, taskBytes));
      rewriter.eraseOp(op);
      return WalkResult::skip();
    });
  }
};
} // namespace
