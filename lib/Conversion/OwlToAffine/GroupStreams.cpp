//===- GroupStreams.cpp - Results that go past the caches -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that stores results past the caches. That takes
// aligned vectors that fill lines of memory one after the other. Where rows
// begin anywhere, short ones are put together on the stack,
//
//   for row by 16 { for r in 16 { stage[r, ..] = .. }
//                   y[row .. row + 16, ..] = stage, past the caches }
//
// and strips of long ones begin at the first element that is aligned:
//
//   for row { for i < head { y[row, i] = .. }
//             for i in strips from head on { y[row, i ..] = .. } }
//
// Where registers are as long as a line, the strips of long copies do the same,
// past the caches or not: any other store would be one of two lines.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"
#include <numeric>

using namespace mlir;
using namespace mlir::owl;

/// How many bytes are put together at most, and at least: at either end a line
/// is stored in part.
static constexpr int64_t kMostStaged = 8192, kLeastStaged = 1024;

static MemRefType getViewType(const GroupBuffer &buffer) {
  return cast<MemRefType>(buffer.view.getType());
}

/// How many elements of `buffer` are so many bytes; one, if that is more.
static int64_t getElements(const GroupBuffer &buffer, int64_t bytes) {
  return std::max<int64_t>(
      1, bytes / getElementBytes(getViewType(buffer).getElementType()));
}

/// Whether the size of a buffer is not known, or where its elements are.
static bool isUnknown(MemRefType type) {
  auto [strides, offset] = type.getStridesAndOffset();
  return !type.hasStaticShape() || ShapedType::isDynamic(offset) ||
         llvm::any_of(strides, ShapedType::isDynamic);
}

static bool beginsLine(const GroupBuffer &buffer, int64_t elements) {
  return elements % getElements(buffer, LoopBuilder::kLineBytes) == 0;
}

/// Where in `buffer` the element with the indices that `getIndex` gives is;
/// what has none is at 0. Adds the indices to `operands`.
static AffineExpr getPosition(const GroupBuffer &buffer,
                              function_ref<Value(Loop)> getIndex,
                              SmallVectorImpl<OpFoldResult> &operands) {
  MLIRContext *context = buffer.view.getContext();
  auto [strides, offset] = getViewType(buffer).getStridesAndOffset();
  AffineExpr position = getAffineConstantExpr(offset, context);
  for (auto [loop, stride] : llvm::zip_equal(buffer.loops, strides))
    if (Value index = getIndex(loop)) {
      position = position + getAffineDimExpr(operands.size(), context) * stride;
      operands.push_back(index);
    }
  return position;
}

bool GroupEmitter::canStream(const GroupBuffer &buffer, VectorType vector,
                             LaneMask mask) const {
  if (!buffer.isNonTemporal || !vector ||
      vector.getNumElements() * vector.getElementTypeBitWidth() <
          8 * LoopBuilder::kStreamAlignment)
    return false;
  // Strips of the others begin anywhere then.
  if (streamed)
    return &buffer == streamed &&
           vector.getNumElements() >=
               getElements(buffer, LoopBuilder::kLineBytes);
  return areStripsAligned(buffer, mask, LoopBuilder::kStreamAlignment);
}

bool GroupEmitter::areStripsAligned(const GroupBuffer &buffer, LaneMask mask,
                                    int64_t bytes) const {
  int64_t aligned = getElements(buffer, bytes);
  auto [strides, offset] = getViewType(buffer).getStridesAndOffset();
  for (auto [loop, stride] : llvm::zip_equal(buffer.loops, strides)) {
    LaneMask lane = lanes.getMask({loop}) & mask;
    if (lanes.covers(loop) && !(lane & lanes.getRows()))
      continue;
    // Strips that are not chosen yet will be along it.
    if (lanes.empty() && stride == 1)
      continue;
    bool isStrip = lane && lane == lanes.getStripMask();
    // Strides that are not known have been asked for it.
    if (!ShapedType::isDynamic(stride) &&
        stride * (isStrip ? lanes.getCount(lane) : 1) % aligned != 0)
      return false;
  }
  return !ShapedType::isDynamic(offset) && offset % aligned == 0;
}

const GroupBuffer &GroupEmitter::getOutput(unsigned i) const {
  auto stage = stages.find(i);
  return stage == stages.end() ? loops.getOutput(i) : stage->second;
}

//===----------------------------------------------------------------------===//
// Short rows
//===----------------------------------------------------------------------===//

/// The loops of `buffer` from `loop` on.
static ArrayRef<Loop> getFrom(const GroupBuffer &buffer, Loop loop) {
  return ArrayRef(buffer.loops)
      .drop_front(llvm::find(buffer.loops, loop) - buffer.loops.begin());
}

int64_t GroupEmitter::getStagedElements(unsigned i, Loop loop,
                                        int64_t width) const {
  const GroupBuffer &buffer = loops.getOutput(i);
  if (!buffer.isNonTemporal)
    return 0;
  MemRefType type = getViewType(buffer);
  SmallVector<int64_t> strides = type.getStridesAndOffset().first;
  ArrayRef<Loop> inner = getFrom(buffer, loop);
  if (isUnknown(type) || inner.empty() || inner.size() > buffer.numContiguous ||
      llvm::any_of(inner, [&](Loop other) { return open[other]; }))
    return 0;
  // What comes several at a time from around the block does not follow it.
  if (getMask(ArrayRef(buffer.loops).drop_back(inner.size())))
    return 0;
  if (areStripsAligned(buffer, lanes.getMask(buffer.loops),
                       LoopBuilder::kStreamAlignment))
    return 0;
  return width * strides[inner.data() - buffer.loops.data()];
}

/// How often the loops of `buffer` that lie around `loop` in memory, but not in
/// time, come around.
static int64_t getPieces(const GroupBuffer &buffer, Loop loop,
                         ArrayRef<bool> open) {
  int64_t pieces = 1;
  for (auto [other, size] :
       llvm::zip_equal(buffer.loops, getViewType(buffer).getShape())) {
    if (other == loop)
      break;
    if (!open[other])
      pieces = llvm::SaturatingMultiply<uint64_t>(pieces, size);
  }
  return pieces;
}

/// Whether `machine` waits for memory at least twice as long as it computes: it
/// does not compute while a stage is copied.
static bool waitsForMemory(const MachineModel &machine, Work work) {
  work.launches = 0;
  Work arithmetic = work, memory = work;
  arithmetic.bytes = 0;
  memory.flops = memory.calls = 0;
  return 2 * machine.getTime(arithmetic) <= machine.getTime(memory);
}

void GroupEmitter::addStages(ArrayRef<unsigned> set, Loop loop,
                             SmallVectorImpl<Span> &spans) {
  // Blocks of blocks would be copied twice.
  if (!stages.empty())
    return;
  Span &first = spans.front();
  // For a step: of all results, and the least piece of one.
  int64_t bytes = 0, least = INT64_MAX, unit = 1;
  SmallVector<unsigned, 2> staged;
  for (unsigned i : set) {
    if (!targets[i].output)
      continue;
    unsigned output = *targets[i].output;
    int64_t elements = getStagedElements(output, loop, first.width);
    if (!elements)
      continue;
    staged.push_back(output);
    const GroupBuffer &buffer = loops.getOutput(output);
    int64_t own =
        elements * getElementBytes(getViewType(buffer).getElementType());
    bytes = llvm::SaturatingAdd<uint64_t>(
        bytes,
        llvm::SaturatingMultiply<uint64_t>(own, getPieces(buffer, loop, open)));
    least = std::min(least, own);
    auto [strides, offset] = getViewType(buffer).getStridesAndOffset();
    bool mayBeginLines = beginsLine(buffer, offset);
    for (auto [outer, stride] : llvm::zip(buffer.loops, strides)) {
      if (outer == loop)
        break;
      mayBeginLines &= beginsLine(buffer, stride);
    }
    if (mayBeginLines)
      unit = std::lcm(unit, LoopBuilder::kLineBytes /
                                std::gcd(LoopBuilder::kLineBytes, own));
  }
  int64_t most = std::min<int64_t>(kMostStaged, resources.stackBytes / 2);
  auto begin = getConstantIntValue(first.begin),
       end = getConstantIntValue(first.end);
  if (!bytes || !waitsForMemory(resources.machine, work) || bytes > most ||
      !begin || !end)
    return;
  int64_t count = (*end - *begin) / first.width;
  int64_t steps = std::min(most / bytes, count);
  // Blocks of whole lines, or else as long as each other.
  steps = unit > 1 && steps >= unit
              ? steps / unit * unit
              : llvm::divideCeil(count, llvm::divideCeil(count, steps));
  if (steps * least < kLeastStaged)
    return;
  if (steps > 1)
    splitBlocks(loops.getSize(loop), first.width * steps, spans);
  // The narrower spans that follow are no blocks, nor is a rest that is little.
  int64_t width = spans.front().width;
  for (Span &span : spans) {
    bool isBlock = &span == spans.begin() || span.steps > 1;
    if (!isBlock || span.width != width)
      continue;
    if (span.steps * least < kLeastStaged) {
      span.steps = 1;
      continue;
    }
    span.staged = staged;
    resources.stackBytes -= span.steps * bytes;
  }
}

void GroupEmitter::openStages(Loop loop, Value iv, const Span &span) {
  for (unsigned output : span.staged) {
    const GroupBuffer &buffer = loops.getOutput(output);
    GroupBuffer &stage = stages[output];
    SmallVector<int64_t> shape;
    bool isInside = false;
    for (auto [other, size] :
         llvm::zip_equal(buffer.loops, getViewType(buffer).getShape())) {
      isInside |= other == loop;
      if (!isInside && open[other])
        continue;
      stage.loops.push_back(other);
      shape.push_back(other == loop ? span.getBlock() : size);
    }
    stage.numContiguous = getFrom(buffer, loop).size();
    stage.begin = {loop, iv};
    stage.view = allocate(
        MemRefType::get(shape, getViewType(buffer).getElementType()), {},
        /*onStack=*/true);
  }
}

void GroupEmitter::closeStages(const Span &span) {
  for (unsigned output : span.staged)
    copyStage(loops.getOutput(output), stages.find(output)->second, span);
  for (unsigned output : span.staged)
    stages.erase(output);
}

void GroupEmitter::copyStage(const GroupBuffer &buffer,
                             const GroupBuffer &stage, const Span &span) {
  Loop block = stage.begin->first;
  Value iv = stage.begin->second;
  MemRefType type = getViewType(buffer), stageType = getViewType(stage);
  SmallVector<int64_t> strides;
  int64_t offset;
  (void)type.getStridesAndOffset(strides, offset);
  // The stage has pieces, each of which is one in the result, too.
  LoopList pieces;
  SmallVector<OpFoldResult> pieceSizes;
  int64_t count = stageType.getNumElements();
  for (auto [loop, size] : llvm::zip(stage.loops, stageType.getShape())) {
    if (loop == block)
      break;
    pieces.push_back(loop);
    pieceSizes.push_back(b.getIndexAttr(size));
    count /= size;
  }
  auto flatten = [&](Value view, int64_t elements) -> Value {
    return memref::ReinterpretCastOp::create(
        b, loc, view, b.getIndexAttr(0),
        ArrayRef<OpFoldResult>(b.getIndexAttr(elements)),
        ArrayRef<OpFoldResult>(b.getIndexAttr(1)));
  };
  Value source = flatten(stage.view, stageType.getNumElements());
  int64_t end = offset + 1;
  for (auto [stride, size] : llvm::zip_equal(strides, type.getShape()))
    end += stride * (size - 1);
  Value target = flatten(buffer.view, end);
  int64_t firstStep =
      std::gcd(*getConstantIntValue(span.begin), span.getBlock());
  bool isWhole = beginsLine(buffer, offset);
  for (auto [loop, stride] : llvm::zip_equal(buffer.loops, strides))
    if (loop == block || open[loop] || llvm::is_contained(pieces, loop))
      isWhole &=
          beginsLine(buffer, loop == block ? stride * firstStep : stride);
  builder.nest(pieceSizes, {}, [&](ArrayRef<Value> piece, ArrayRef<Value>) {
    SmallVector<OpFoldResult> operands;
    AffineExpr from = b.getAffineConstantExpr(0);
    auto getIndex = [&](Loop loop) {
      if (loop == block)
        return iv;
      const Loop *found = llvm::find(pieces, loop);
      if (found == pieces.end())
        return open[loop] ? ivs[loop] : Value();
      unsigned number = found - pieces.begin();
      from = from * *getConstantIntValue(pieceSizes[number]) +
             b.getAffineDimExpr(operands.size());
      return piece[number];
    };
    AffineExpr to = getPosition(buffer, getIndex, operands);
    copyPiece(buffer, source, target, count, from * count, to, operands,
              isWhole);
    return SmallVector<Value>();
  });
}

void GroupEmitter::copyPiece(const GroupBuffer &buffer, Value source,
                             Value target, int64_t count, AffineExpr from,
                             AffineExpr to, ArrayRef<OpFoldResult> operands,
                             bool isWhole) {
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> list) {
    return affine::makeComposedFoldedAffineApply(b, loc, expr, list);
  };
  int64_t line = getElements(buffer, LoopBuilder::kLineBytes),
          quarter = getElements(buffer, LoopBuilder::kStreamAlignment);
  AffineExpr last = b.getAffineDimExpr(operands.size());
  OpFoldResult head =
      isWhole ? b.getIndexAttr(0) : apply((-to) % line, operands);
  auto copy = [&](OpFoldResult begin, OpFoldResult end, int64_t width) {
    if (begin == end)
      return;
    builder.loop(begin, end, width, {}, [&](Value i, ArrayRef<Value>) {
      auto at = [&](AffineExpr first) {
        SmallVector<OpFoldResult> all(operands);
        all.push_back(i);
        return getValueOrCreateConstantIndexOp(b, loc,
                                               apply(first + last, all));
      };
      Value part = builder.load(source, at(from), width);
      if (width == line)
        builder.storeNonTemporal(part, target, at(to));
      else
        builder.store(part, target, at(to));
      return SmallVector<Value>();
    });
  };
  // In vectors of `widths`, the longest first.
  auto copyAll = [&](OpFoldResult begin, OpFoldResult end,
                     ArrayRef<int64_t> widths) {
    for (int64_t width : widths) {
      AffineExpr first = b.getAffineDimExpr(0), last = b.getAffineDimExpr(1);
      OpFoldResult next =
          apply(first + (last - first).floorDiv(width) * width, {begin, end});
      copy(begin, next, width);
      begin = next;
    }
  };
  copyAll(b.getIndexAttr(0), head, {quarter, 1});
  copyAll(head, b.getIndexAttr(count), {line, quarter, 1});
}

//===----------------------------------------------------------------------===//
// Long rows
//===----------------------------------------------------------------------===//

int64_t GroupEmitter::getStripAlignment(const GroupBuffer &buffer) const {
  if (buffer.isNonTemporal)
    return LoopBuilder::kStreamAlignment;
  // Computing takes longer than storing. One copy may be made twice, wherever
  // it goes; two might be an exchange.
  bool isCopied = work.flops == 0 && work.calls == 0 &&
                  GroupOp(group).getInits().size() == 1;
  return isCopied && resources.vectorBits == 8 * LoopBuilder::kLineBytes
             ? LoopBuilder::kLineBytes
             : 1;
}

const GroupBuffer *GroupEmitter::findUnaligned(ArrayRef<unsigned> set,
                                               Loop loop) const {
  // Strips along this loop alone. Threads share loops that begin at 0.
  if (depth == 0 || !stages.empty() || lanes.getStrip() != loop ||
      lanes.getCount(~LaneMask(0)) != lanes.getCount(lanes.getStripMask()))
    return nullptr;
  for (unsigned i : set) {
    if (!targets[i].output)
      continue;
    const GroupBuffer &buffer = loops.getOutput(*targets[i].output);
    MemRefType type = getViewType(buffer);
    if (!buffer.numContiguous || buffer.loops.back() != loop ||
        type.getShape().back() * getElementBytes(type.getElementType()) <
            kLeastStaged ||
        lanes.getSpans(loop).front().width <
            getElements(buffer, LoopBuilder::kLineBytes))
      continue;
    if (!isUnknown(type) &&
        !areStripsAligned(buffer, lanes.getMask(buffer.loops),
                          getStripAlignment(buffer)) &&
        getClosed(buffer.loops).size() == 1)
      return &buffer;
  }
  return nullptr;
}

void GroupEmitter::emitAligned(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                               const GroupBuffer &buffer) {
  Loop loop = order.front();
  MemRefType type = getViewType(buffer);
  SmallVector<OpFoldResult> operands;
  AffineExpr begin = getPosition(
      buffer, [&](Loop outer) { return outer == loop ? Value() : ivs[outer]; },
      operands);
  int64_t line = getElements(buffer, LoopBuilder::kLineBytes),
          quarter = getElements(buffer, LoopBuilder::kStreamAlignment);
  OpFoldResult head =
      affine::makeComposedFoldedAffineApply(b, loc, (-begin) % line, operands);
  OpFoldResult size = affine::makeComposedFoldedAffineApply(
      b, loc, type.getShape().back() - b.getAffineDimExpr(0), {head});

  TargetSet before = done;
  DenseSet<Value> prefetchedBefore = prefetched;
  int64_t width = lanes.getSpans(loop).front().width;
  auto emit = [&](ArrayRef<int64_t> widths, OpFoldResult start,
                  OpFoldResult size) {
    SmallVector<Span> spans;
    OpFoldResult first = b.getIndexAttr(0);
    for (int64_t next : widths) {
      if (!spans.empty() && next >= spans.back().width)
        continue;
      OpFoldResult end = builder.stripsEnd(size, next);
      if (end != first)
        spans.push_back({first, end, next});
      first = end;
    }
    done = before;
    done.resize(targets.size());
    prefetched = prefetchedBefore;
    emitSpans(set, order, spans, {}, {}, {}, start, size);
  };
  if (!buffer.isNonTemporal) {
    // Lines at both ends overlap what is between them.
    int64_t count = type.getShape().back();
    emit({line}, {}, b.getIndexAttr(line));
    emit({width, line}, head, size);
    return emit({line}, b.getIndexAttr(count - line), b.getIndexAttr(line));
  }
  emit({quarter, 1}, {}, head);
  llvm::SaveAndRestore restore(streamed, &buffer);
  emit({width, line, quarter, 1}, head, size);
}
