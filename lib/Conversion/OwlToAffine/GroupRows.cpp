//===- GroupRows.cpp - Rows that are reduced together ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that chooses which rows beside a strip are worked on
// at once, and how many such steps are a block, which is accumulated in the
// type of contributions.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

std::optional<Loop> GroupEmitter::getLoopAround(ArrayRef<unsigned> set,
                                                Loop inner) const {
  for (unsigned i : set) {
    ArrayRef<Loop> reduced = targets[i].reduced;
    const Loop *found = llvm::find(reduced, inner);
    if (found != reduced.end() && found != reduced.begin())
      return *std::prev(found);
  }
  return std::nullopt;
}

bool GroupEmitter::liesAround(ArrayRef<unsigned> set, Loop outer,
                              Loop inner) const {
  return llvm::all_of(set, [&](unsigned i) {
    const LoopList &domain = targets[i].domain;
    return !targets[i].reduces(inner) ||
           llvm::find(domain, outer) < llvm::find(domain, inner);
  });
}

LoopList GroupEmitter::chooseRows(ArrayRef<unsigned> set,
                                  ArrayRef<Loop> strip) const {
  std::optional<Loop> rows;
  LoopList all;
  for (unsigned i : set) {
    const Target &target = targets[i];
    if (target.reducer && !target.reducer->combinesEarly())
      return {};
    if (!target.keeps(strip.front()) || target.reduced.empty())
      continue;
    all = target.reduced;
    for (Loop loop : llvm::reverse(target.reduced)) {
      if (open[loop] || llvm::is_contained(strip, loop))
        continue;
      if (rows && rows != loop)
        return {};
      rows = loop;
      break;
    }
  }
  if (!rows || resources.registers == 1 ||
      getConstantIntValue(loops.getSize(*rows)).value_or(kRows) < 2)
    return {};
  bool isOne = llvm::all_of(set, [&](unsigned i) {
    const LoopList &reduced = targets[i].reduced;
    return reduced.empty() || reduced == all;
  });
  bool isBeside = llvm::none_of(
      all, [&](Loop loop) { return llvm::is_contained(strip, loop); });
  if (isOne && isBeside && getClosed(all) == all)
    if (LoopList window = loops.getWindow(all);
        window.size() == all.size() ||
        (window.size() > 1 && liesAround(set, strip.front(), all.front())))
      return window;
  return {*rows};
}

void GroupEmitter::pushRows(Loop loop, int64_t most) {
  OpFoldResult size = loops.getSize(loop);
  std::optional<int64_t> count = getConstantIntValue(size);
  int64_t width = most;
  if (count)
    width = std::min<int64_t>(most, llvm::bit_floor<uint64_t>(*count));
  SmallVector<Span> spans;
  OpFoldResult end = builder.stripsEnd(size, width);
  if (count != width)
    spans.push_back({b.getIndexAttr(0), end, width});
  if (end != size)
    spans.push_back({end, size, 1});
  lanes.pushRows(loop, width, spans);
}

bool GroupEmitter::isInBlocks(unsigned i) const {
  const Target &target = targets[i];
  return target.reducer && target.reducer->hasNarrowContributions() &&
         !(lanes.getMask(target.reduced) & ~lanes.getRows());
}

bool GroupEmitter::isOneBlock(unsigned i) const {
  if (!blocks || !isInBlocks(i))
    return false;
  uint64_t steps = 1;
  for (Loop loop : getClosed(targets[i].reduced)) {
    std::optional<int64_t> count = getConstantIntValue(loops.getSize(loop));
    if (!count)
      return false;
    int64_t width = lanes.getMask({loop}) ? lanes.getCount(lanes.getRows()) : 1;
    steps = llvm::SaturatingMultiply<uint64_t>(steps,
                                               *count / width + *count % width);
  }
  return steps <= kBlockSteps;
}

void GroupEmitter::addBlocks(Loop rows, SmallVectorImpl<Span> &spans) {
  Span &first = spans.front();
  OpFoldResult size = loops.getSize(rows);
  // A large window is one addition more in a pairwise sum.
  bool isLarge = lanes.getCount(lanes.getRows()) > kRows;
  int64_t block = (kBlockSteps - isLarge) * first.width;
  if (std::optional<int64_t> count = getConstantIntValue(size))
    block = std::min(block, *count / first.width * first.width);
  if (block > first.width)
    splitBlocks(size, block, spans);
}

void GroupEmitter::splitBlocks(OpFoldResult size, int64_t block,
                               SmallVectorImpl<Span> &spans) const {
  Span &first = spans.front();
  Span blocks = {first.begin, builder.stripsEnd(size, block), first.width,
                 block / first.width};
  first.begin = blocks.end;
  if (first.begin == first.end) {
    first = blocks;
    return;
  }
  // What is left of a static size is another block, a shorter one.
  if (std::optional<int64_t> end = getConstantIntValue(first.end))
    first.steps = (*end - *getConstantIntValue(first.begin)) / first.width;
  spans.insert(spans.begin(), blocks);
}
