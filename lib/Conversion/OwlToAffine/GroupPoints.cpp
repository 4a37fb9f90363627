//===- GroupPoints.cpp - Loops that accumulate in memory ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupLoops that chooses loops of points and tiles.
//
// A reduction with kept loops outside of all reduced ones jumps from one piece
// of memory to the next, a piece being what lies inside of the innermost kept
// loop. Pieces should follow one another: short ones always do, and those as
// long as several pages where nothing else goes by the order of loops.
//
// A tile or a repetition of much memory reads it again for each copy. It comes
// from the L1 cache if that is done block by block.
//
//===----------------------------------------------------------------------===//

#include "GroupLoops.h"
#include "Reducer.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// Pieces of at least this many bytes are long.
static constexpr uint64_t kPieceBytes = 16384;

/// How many points a tile has at most: more are not read faster.
static constexpr uint64_t kTilePoints = 1024;

/// Where long pieces follow one another, the loop around them has at least so
/// many iterations, for threads to share.
static constexpr uint64_t kMinTasks = 8;

/// A rest that blocks leave, which is another pass over memory, has to be
/// small.
static constexpr int64_t kMinBlocks = 16;

/// How many bytes there are in an accumulator of `reducer`.
static uint64_t getAccumulatorBytes(const Reducer &reducer) {
  uint64_t bytes = reducer.getAccumulatorBits() / 8;
  // Another for what is subtracted.
  return reducer.needsShift() ? 2 * bytes : bytes;
}

void GroupLoops::choosePoints(GroupOp group, unsigned registerBits) {
  points.assign(sizes.size(), false);
  SmallVector<ReduceOp> reduces(group.getBody().getOps<ReduceOp>());
  if (reduces.empty())
    return chooseCopies(group);
  // Reductions of other loops share a pass with those in memory alone.
  bool areAlike = llvm::all_of(reduces, [&](ReduceOp reduce) {
    return getReduced(reduce) == getReduced(reduces.front());
  });
  if (!areAlike)
    registerBits = 0;
  else if (llvm::all_of(reduces, [&](ReduceOp reduce) {
             return isFastInAnyOrder(reduce);
           }))
    return;
  for (ReduceOp reduce : reduces)
    choosePoints(reduce, registerBits,
                 machine.getFirstCacheShare() / reduces.size());
}

void GroupLoops::chooseCopies(GroupOp group) {
  LoopList domain;
  for (Value value : group.getYield().getValues())
    if (LoopList list = getLoops(value); list.size() > domain.size())
      domain = list;
  DenseSet<Loop> read;
  uint64_t bytes = 1, blockBytes = machine.getFirstCacheShare();
  for (Value argument : group.getBody().getArguments()) {
    LoopList list = getLoops(argument);
    read.insert(list.begin(), list.end());
    Type type = getElementTypeOrSelf(argument.getType());
    if (type.isIntOrFloat())
      bytes = std::max<uint64_t>(bytes, type.getIntOrFloatBitWidth() / 8);
  }

  // From the innermost loop outwards, to the one that is too much for a block.
  for (Loop loop : llvm::reverse(domain)) {
    if (!read.contains(loop))
      continue;
    std::optional<int64_t> size = getConstantIntValue(sizes[loop]);
    uint64_t all =
        llvm::SaturatingMultiply<uint64_t>(bytes, size.value_or(kUnknownSize));
    if (all <= 2 * blockBytes) {
      bytes = all;
      continue;
    }
    LoopList outside;
    for (Loop other : domain) {
      if (other == loop)
        break;
      if (!read.contains(other))
        outside.push_back(other);
    }
    if (outside.empty())
      return;
    if (2 * bytes <= blockBytes) {
      int64_t count = chooseTile(group, loop, blockBytes / bytes);
      if (!count || (size && *size % count != 0 && *size < kMinBlocks * count))
        return;
      tile = Tile{loop, count, sizes[loop]};
    }
    copies = outside;
    blocks = loop;
    return;
  }
}

bool GroupLoops::isFastInAnyOrder(ReduceOp reduce) const {
  LoopList domain = getLoops(reduce.getSource());
  Reducer reducer(reduce);
  uint64_t bytes = reducer.getBits() / 8;
  for (Loop loop : domain)
    bytes = llvm::SaturatingMultiply<uint64_t>(
        bytes, getConstantIntValue(sizes[loop]).value_or(kUnknownSize));
  // Functions of results need strips of their own.
  return bytes <= machine.getCacheShare() && !reducer.isDearToFinish() &&
         !domain.empty() &&
         !llvm::is_contained(getReduced(reduce), domain.back());
}

LoopList GroupLoops::getWindow(ArrayRef<Loop> reduced) const {
  LoopList window;
  int64_t count = 1;
  for (Loop loop : llvm::reverse(reduced)) {
    std::optional<int64_t> size = getConstantIntValue(sizes[loop]);
    if (!size || *size == 0 || *size > kWindowRows / count)
      break;
    count *= *size;
    window.insert(window.begin(), loop);
  }
  return window;
}

uint64_t GroupLoops::getMost(Loop loop) const {
  if (tile && tile->loop == loop)
    return tile->size;
  return getConstantIntValue(sizes[loop])
      .value_or(std::numeric_limits<int64_t>::max());
}

void GroupLoops::choosePoints(ReduceOp reduce, unsigned registerBits,
                              uint64_t budget) {
  LoopList domain = getLoops(reduce.getSource());
  LoopList reduced = getReduced(reduce);
  auto isReduced = [&](Loop loop) { return llvm::is_contained(reduced, loop); };
  // A whole window is reduced at once, beside the strips.
  if (reduced.size() > 1 && !isReduced(domain.back()) &&
      getWindow(reduced).size() == reduced.size())
    return;
  // Kept loops inside of reduced ones, by the length of their pieces.
  LoopList shortPieces, longPieces;
  Reducer reducer(reduce);
  uint64_t piece = reducer.getBits() / 8;
  auto *first = llvm::find_if(domain, isReduced);
  for (Loop loop : llvm::reverse(ArrayRef(first, domain.end()))) {
    if (!isReduced(loop)) {
      LoopList &list = piece < kPieceBytes ? shortPieces : longPieces;
      list.insert(list.begin(), loop);
    }
    piece = llvm::SaturatingMultiply<uint64_t>(
        piece, getConstantIntValue(sizes[loop]).value_or(kUnknownSize));
  }

  ArrayRef<Loop> chosen = shortPieces;
  bool isCut = false;
  for (; !chosen.empty(); chosen = chosen.drop_front()) {
    uint64_t bytes = getAccumulatorBytes(reducer);
    for (Loop loop : chosen.drop_front())
      bytes = llvm::SaturatingMultiply(bytes, getMost(loop));
    Loop loop = chosen.front();
    if (llvm::SaturatingMultiply(bytes, getMost(loop)) <= budget)
      break;
    if (tile || 2 * bytes > budget)
      continue;
    int64_t size = chooseTile(cast<GroupOp>(reduce->getParentOp()), loop,
                              std::min(budget / bytes, kTilePoints));
    if (!size)
      continue;
    tile = Tile{loop, size, sizes[loop]};
    isCut = true;
    break;
  }
  if (!isCut && longPieces.size() == 1 && chosen.size() == shortPieces.size())
    chooseLongPieces(reduce, longPieces.front(), shortPieces, budget);
  // Registers would do for a strip along all of it.
  if (!isCut && chosen.size() == 1 && chosen.front() == domain.back() &&
      reducer.getHeldBits() * getMost(chosen.front()) <= registerBits)
    return;
  for (Loop loop : chosen)
    points[loop] = true;
}

void GroupLoops::chooseLongPieces(ReduceOp reduce, Loop loop,
                                  ArrayRef<Loop> shortPieces, uint64_t budget) {
  // What waits for the reduction, or goes along with it, would find other data
  // in the caches, or other loops.
  auto group = cast<GroupOp>(reduce->getParentOp());
  LoopList reduced = getReduced(reduce);
  Reducer reducer(reduce);
  auto reduces = group.getBody().getOps<ReduceOp>();
  bool isAlone = llvm::hasSingleElement(reduces) && !reducer.needsShift() &&
                 llvm::none_of(group.getYield().getValues(), [&](Value value) {
                   return llvm::any_of(getLoops(value), [&](Loop walked) {
                     return llvm::is_contained(reduced, walked);
                   });
                 });
  if (!isAlone)
    return;
  uint64_t bytes = getAccumulatorBytes(reducer);
  for (Loop inner : shortPieces)
    bytes = llvm::SaturatingMultiply(bytes, getMost(inner));
  uint64_t around = 1;
  for (Loop outer : getLoops(reduce.getSource())) {
    if (outer == loop)
      break;
    around = llvm::SaturatingMultiply(around, getMost(outer));
  }
  uint64_t most = std::min(budget / bytes, kTilePoints);
  if (getMost(loop) <= most && around >= kMinTasks) {
    points[loop] = true;
    return;
  }
  if (std::optional<int64_t> size = getConstantIntValue(sizes[loop]))
    most = std::min(most, *size / kMinTasks);
  if (most > 1)
    if (int64_t size = chooseTile(group, loop, most))
      tile = Tile{loop, size, sizes[loop]};
}

int64_t GroupLoops::chooseTile(GroupOp group, Loop loop, int64_t most) const {
  std::optional<int64_t> size = getConstantIntValue(sizes[loop]);
  for (int64_t divisor = most; size && divisor > most / 4; --divisor)
    if (*size % divisor == 0 && divisor % 16 == 0)
      return divisor;
  // The rest is another nest for all of the group: what does not walk the loop
  // would be computed twice, and what reduces it in part.
  auto walks = [&](Value value) {
    return llvm::is_contained(getLoops(value), loop);
  };
  bool isKept =
      llvm::all_of(group.getBody().getOps<ReduceOp>(),
                   [&](ReduceOp other) { return walks(other.getResult()); }) &&
      llvm::all_of(group.getYield().getValues(), walks);
  return isKept ? llvm::bit_floor<uint64_t>(most) : 0;
}

OpFoldResult GroupLoops::getBound(Loop loop) const {
  OpFoldResult size = sizes[loop];
  if (!restBegin || tile->loop != loop || getConstantIntValue(size))
    return size;
  MLIRContext *context = cast<Value>(size).getContext();
  return IntegerAttr::get(IndexType::get(context), tile->size);
}

GroupLoops::Count GroupLoops::getCount(Loop loop, OpBuilder &b) const {
  OpFoldResult zero = b.getIndexAttr(0);
  if (tilePoints == loop)
    return {b.getIndexAttr(1), zero, 1};
  if (!tile || tile->loop != loop)
    return {sizes[loop], zero, 1};
  if (tilePoints)
    return {tile->whole, zero, tile->size};
  return {tile->whole, restBegin, 1};
}

void GroupLoops::keepTiles(OpBuilder &b, Location loc) {
  AffineExpr size = b.getAffineSymbolExpr(0);
  sizes[tile->loop] = affine::makeComposedFoldedAffineApply(
      b, loc, size.floorDiv(tile->size), {sizes[tile->loop]});
  points[tile->loop] = false;
  tilePoints = sizes.size();
  sizes.push_back(b.getIndexAttr(tile->size));
  points.push_back(true);
}

void GroupLoops::keepRest(OpBuilder &b, Location loc) {
  AffineExpr size = b.getAffineSymbolExpr(0);
  OpFoldResult whole = sizes[tile->loop];
  restBegin = affine::makeComposedFoldedAffineApply(
      b, loc, size.floorDiv(tile->size) * tile->size, {whole});
  sizes[tile->loop] =
      affine::makeComposedFoldedAffineApply(b, loc, size % tile->size, {whole});
}
