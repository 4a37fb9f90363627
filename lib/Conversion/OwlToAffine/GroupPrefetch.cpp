//===- GroupPrefetch.cpp - What is fetched ahead --------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that fetches inputs before they are loaded. Where
// one phase walks memory, what comes a few KB later is fetched, but not where
// it walks rows that are far apart, which processors notice. Where several
// phases read a row, the last of them fetches one that comes later, because it
// has the most to do besides reading: to compute, and to write what then does
// not wait for the reads of the next row's first phase.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// Whether so much of what is fetched `distance` elements ahead lies behind the
/// end of a piece, and does not come next, that nothing is gained.
static bool isPieceShort(const GroupBuffer &buffer, int64_t distance) {
  return buffer.pieceSize && buffer.pieceSize < 4 * distance;
}

int64_t GroupEmitter::getRowSize(const GroupBuffer &buffer) const {
  int64_t size = buffer.step;
  bool isOutside = false;
  for (Loop loop : llvm::reverse(buffer.loops)) {
    if (open[loop]) {
      isOutside = true;
      continue;
    }
    std::optional<int64_t> count = getConstantIntValue(loops.getSize(loop));
    // The pieces of a row must follow one another, and the cache hold the next
    // row besides this one.
    if (isOutside || !count ||
        *count * size * getElementBytes(getElementTypeOrSelf(buffer.view)) >
            int64_t(resources.machine.getCacheShare()))
      return 0;
    size *= *count;
  }
  return isOutside && size > buffer.step ? size : 0;
}

SmallVector<GroupEmitter::Fetch>
GroupEmitter::getFetches(ArrayRef<Set> phases) {
  llvm::MapVector<Value, SmallVector<unsigned>> uses;
  SmallVector<RowBuffer *> written;
  for (auto [number, phase] : llvm::enumerate(phases)) {
    llvm::SetVector<Value> needed = getNeeded(phase);
    for (Value value : needed)
      if (isa<BlockArgument>(value) && isa<RankedTensorType>(value.getType()))
        uses[value].push_back(number);
    // What this phase keeps is not computed again.
    setWritten(needed, written);
  }
  for (RowBuffer *row : written)
    row->isWritten = false;

  SmallVector<Fetch> fetches;
  for (auto &[input, numbers] : uses) {
    const GroupBuffer &buffer = loops.getInput(input);
    int64_t size = getRowSize(buffer);
    if (numbers.size() > 1 && buffer.prefetchDistance && size &&
        !isPieceShort(buffer, buffer.prefetchDistance))
      fetches.push_back({input, numbers.back(),
                         static_cast<int64_t>(llvm::alignTo(
                             2 * buffer.prefetchDistance, size))});
  }
  return fetches;
}

void GroupEmitter::prefetch(Value input) {
  const GroupBuffer &buffer = loops.getInput(input);
  LaneMask mask = getMask(buffer.loops), rows = mask & lanes.getRows();
  int64_t distance = buffer.prefetchDistance, numRows = lanes.getCount(rows);
  if (auto row = rowFetches.find(input); row != rowFetches.end()) {
    distance = row->second;
  } else if (distance) {
    // Rows that are loaded together are fetched as far ahead as one, but what
    // this step loads itself is not fetched: at least the next one.
    distance = std::max(distance / numRows, lanes.getCount(mask & ~rows));
    if (isPieceShort(buffer, distance) || (buffer.pieceSize && numRows > kRows))
      return;
  }
  if (!distance || !(mask & lanes.getStripMask()) ||
      !prefetched.insert(input).second)
    return;
  auto advance = [&](Value &index, int64_t by) {
    index = affine::makeComposedAffineApply(b, loc, b.getAffineDimExpr(0) + by,
                                            {OpFoldResult(index)});
  };
  for (int64_t row = 0; row < numRows; ++row)
    for (int64_t i = 0, count = lanes.getCount(mask & ~rows) * buffer.step;
         i < count; i += LoopBuilder::kLineBytes /
                         getElementBytes(getElementTypeOrSelf(buffer.view))) {
      SmallVector<Value> indices = getIndices(buffer, row);
      advance(indices.back(), distance + i);
      memref::PrefetchOp::create(b, loc, buffer.view, indices,
                                 /*isWrite=*/false,
                                 /*localityHint=*/4 - buffer.prefetchCache,
                                 /*isDataCache=*/true);
    }
}
