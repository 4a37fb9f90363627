//===- GroupStrips.cpp - How a loop nest is vectorized -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that chooses along which loops of a nest code works
// on several points at once.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "owl/Conversion/ExpandMath/ExpandMath.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <deque>

using namespace mlir;
using namespace mlir::owl;

/// Short loops are covered whole by strips along the loop around them.
static constexpr int64_t kShortLoop = 16;

/// How many registers rows may take together: of memory that is read in order,
/// or with accumulators in memory.
static constexpr int64_t kRowRegisters = 8, kRowRegistersInMemory = 16;

/// Registers that a strip takes where functions are computed: long code gains
/// nothing from many at once, and has nowhere to keep what it computes. exp is
/// short, and waits for itself.
static constexpr unsigned kDearRegisters = 2;

/// Registers of a strip around loops that are reduced: with those of several
/// points (owl-jam-loops) enough accumulators to hide what an addition takes.
static constexpr int64_t kSharedRegisters = 2;

/// Whether an exp is most of what is computed for `tensor`.
static bool isMostlyExp(Value tensor) {
  Arithmetic cost = Costs::getOwn(tensor);
  Operation *op = tensor.getDefiningOp();
  auto generic = dyn_cast<linalg::GenericOp>(op);
  bool hasExp = generic ? !generic.getBody()->getOps<math::ExpOp>().empty()
                        : isa<math::ExpOp>(op);
  return hasExp && cost.calls == 1 && cost.flops <= 8;
}

LoopList GroupEmitter::getNestLoops(ArrayRef<unsigned> set) const {
  LoopList order = targets.getSharedLoops(set, open);
  if (order.empty() || !lanes.empty() || resources.registers == 1)
    return order;
  Loop last = order.back();
  std::optional<int64_t> size = getConstantIntValue(loops.getSize(last));
  if (!size || *size < 2 || *size > kShortLoop)
    return order;
  bool reduces = false;
  for (unsigned i : set) {
    const Target &target = targets[i];
    if (target.isStore())
      continue;
    ArrayRef<Loop> domain = target.domain;
    if (domain.size() < 2 || domain.back() != last || target.reduces(last) ||
        !target.reduces(domain[domain.size() - 2]) ||
        target.reducer->getBits() * *size >= resources.vectorBits ||
        !target.reducer->combinesEarly() || targets.waitsInMemory(i, open))
      return order;
    reduces = true;
  }
  if (reduces)
    order.pop_back();
  return order;
}

void GroupEmitter::chooseLanes(ArrayRef<unsigned> set, ArrayRef<Loop> order) {
  // Nothing is computed where a loop is empty.
  if (llvm::any_of(order, [&](Loop loop) {
        return getConstantIntValue(loops.getSize(loop)) == 0;
      }))
    return;
  SmallVector<const GroupBuffer *> buffers;
  // What accumulators in memory will look like.
  std::deque<GroupBuffer> future;
  auto addResults = [&](unsigned i) {
    if (states[i].row)
      buffers.push_back(&states[i].row->buffer);
    for (const GroupBuffer &buffer : states[i].memory.buffers)
      buffers.push_back(&buffer);
    for (const GroupBuffer &buffer : states[i].piece.buffers)
      buffers.push_back(&buffer);
  };
  for (unsigned i : set) {
    const Target &target = targets[i];
    if (target.output)
      buffers.push_back(&getOutput(*target.output));
    if (target.clears)
      addResults(*target.clears);
    if (target.combines)
      addResults(*target.combines);
    if (target.finishes)
      addResults(*target.finishes);
    if (targets.waitsInMemory(i, open) && !states[i].memory.isOpen) {
      GroupBuffer &buffer = future.emplace_back();
      buffer.loops = getClosed(target.getKept());
      buffer.numContiguous = buffer.loops.size();
      buffers.push_back(&buffer);
      if (states[i].row)
        buffers.push_back(&states[i].row->buffer);
    } else {
      addResults(i);
    }
    for (unsigned j : target.needs.set_bits())
      addResults(j);
  }
  llvm::SetVector<Value> needed = getNeeded(set, /*withPinned=*/true);
  for (Value value : needed) {
    auto row = rows.find(value);
    if (row != rows.end())
      buffers.push_back(&row->second->buffer);
    else if (isa<BlockArgument>(value) &&
             isa<RankedTensorType>(value.getType()))
      buffers.push_back(&loops.getInput(value));
  }

  // Whether all buffers have those of `list` last, and dense.
  auto areDense = [&](ArrayRef<Loop> list) {
    bool isUsed = false;
    for (const GroupBuffer *buffer : buffers) {
      LoopList inside;
      for (Loop loop : list)
        if (llvm::is_contained(buffer->loops, loop))
          inside.push_back(loop);
      if (buffer->numContiguous < inside.size() ||
          ArrayRef(buffer->loops).take_back(inside.size()) != ArrayRef(inside))
        return false;
      isUsed |= llvm::is_contained(buffer->loops, list.front());
    }
    return isUsed;
  };
  // Extends `strip` to the loops around it, as long as it is short.
  int64_t whole = 1;
  auto extend = [&](LoopList strip) {
    whole = 1;
    for (Loop loop : llvm::drop_begin(strip))
      whole *= *getConstantIntValue(loops.getSize(loop));
    while (true) {
      std::optional<int64_t> size =
          getConstantIntValue(loops.getSize(strip.front()));
      if (!size || *size * whole > kShortLoop)
        break;
      LoopList longer;
      for (Loop loop : llvm::reverse(order)) {
        if (llvm::is_contained(strip, loop))
          continue;
        LoopList candidate = {loop};
        llvm::append_range(candidate, strip);
        if (areDense(candidate)) {
          longer = candidate;
          break;
        }
      }
      if (longer.empty())
        break;
      whole *= *size;
      strip = longer;
    }
    return strip;
  };
  LoopList strip;
  // Short loops that phases do not share are covered by strips around them.
  LoopList inner = getShortLoops(set, order);
  if (!inner.empty() && areDense(inner)) {
    strip = extend(inner);
    if (llvm::is_contained(inner, strip.front()))
      strip.clear();
  }
  for (Loop loop : llvm::reverse(order))
    if (strip.empty() && areDense({loop}))
      strip = extend({loop});
  if (strip.empty())
    return;
  auto [bits, registers, hasFunctions] = getStripResources(set, needed, strip);
  bool coversInner = llvm::all_of(
      inner, [&](Loop loop) { return llvm::is_contained(strip, loop); });
  bool isInnermost =
      (coversInner && order.back() == strip.front()) ||
      llvm::is_contained(ArrayRef(strip).drop_front(), order.back());
  LoopList rows = chooseRows(set, strip);
  if (hasFunctions)
    rows.clear();
  auto getWidth = [&, bits = bits](int64_t registers) -> int64_t {
    return std::max<int64_t>(
        1, llvm::bit_floor<uint64_t>(registers * resources.vectorBits /
                                     (bits * whole)));
  };
  int64_t registerWidth = getWidth(1);
  bool isInMemory =
      loops.isPoint(strip.front()) && llvm::any_of(set, [&](unsigned i) {
        return targets.waitsInMemory(i, open);
      });
  std::optional<int64_t> count =
      getConstantIntValue(loops.getSize(strip.front()));
  bool isAround =
      rows.size() > 1 ||
      (!rows.empty() && liesAround(set, strip.front(), rows.front()));
  // The more is combined before it is widened, the less there is to widen.
  bool isWidened = !hasFunctions && llvm::all_of(set, [&](unsigned i) {
    const Target &target = targets[i];
    return target.reducer && target.reducer->hasNarrowContributions() &&
           target.reduces(strip.front());
  });
  if (isWidened && registers > 1)
    registers *= 2;
  int64_t width = getWidth(rows.size() > 1               ? 1
                           : isAround                    ? kSharedRegisters
                           : !rows.empty() && isInMemory ? 1
                                                         : registers);
  // Results of short loops are to fill a register.
  if (whole > 1 && resources.registers > 1)
    width = std::max<int64_t>(width, resources.vectorBits / bits);
  // Where registers hold all that is kept, rows are walked once.
  bool isWhole = !rows.empty() && !isInMemory && !isAround && count &&
                 fitsRegisters(set, *count * whole);
  SmallVector<Span> spans;
  if (isWhole) {
    width = *count;
    spans.push_back({b.getIndexAttr(0), b.getIndexAttr(width), width});
  } else {
    spans = getStripSpans(loops.getSize(strip.front()), width, registerWidth,
                          isInnermost || isAround);
  }
  if (spans.front().width == 1)
    return;
  lanes.pushStrip(strip.front(), spans);
  for (Loop loop : llvm::drop_begin(strip))
    if (int64_t count = *getConstantIntValue(loops.getSize(loop)); count > 1)
      lanes.pushShort(loop, count);
  if (rows.empty())
    return;
  bool hasBlocks = llvm::any_of(set, [&](unsigned i) {
    return targets[i].reducer && targets[i].reducer->hasNarrowContributions();
  });
  if (rows.size() > 1) {
    for (Loop loop : llvm::reverse(rows))
      lanes.pushRows(loop, *getConstantIntValue(loops.getSize(loop)), {});
    // Windows are the steps of a block.
    if (hasBlocks)
      blocks = getLoopAround(set, rows.front());
    return;
  }
  if (hasBlocks)
    blocks = rows.front();
  // One row at a time is read fastest. Of what a cache holds, what looks for
  // NaN does so in pairs.
  bool isCached = llvm::all_of(set, [&](unsigned i) {
    return targets[i].reduced.empty() || isFastInAnyOrder(targets[i]);
  });
  int64_t most = llvm::bit_floor<uint64_t>(
      (isInMemory ? kRowRegistersInMemory : kRowRegisters) * registerWidth /
      width);
  most = std::clamp<int64_t>(most, hasBlocks || !isCached ? 1 : 2, kRows);
  if (isAround && hasBlocks)
    most = 1;
  // Short rows that lie beside each other are taken apart once for several.
  bool areTakenApart = llvm::any_of(set, [&](unsigned i) {
    return llvm::any_of(ArrayRef(strip).drop_front(),
                        [&](Loop loop) { return targets[i].reduces(loop); });
  });
  if (isInMemory && !isAround && areTakenApart)
    most = hasBlocks ? kRows : kRows / 2;
  if (most > 1)
    pushRows(rows.front(), most);
}

LoopList GroupEmitter::getShortLoops(ArrayRef<unsigned> set,
                                     ArrayRef<Loop> order) const {
  LoopList inner;
  for (unsigned i : set) {
    LoopList list = getClosed(targets[i].domain);
    llvm::erase_if(list,
                   [&](Loop loop) { return llvm::is_contained(order, loop); });
    if (list.size() > inner.size())
      inner = list;
  }
  int64_t count = 1;
  for (Loop loop : inner)
    count = llvm::SaturatingMultiply<uint64_t>(
        count,
        getConstantIntValue(loops.getSize(loop)).value_or(kShortLoop + 1));
  bool isShared = llvm::all_of(set, [&](unsigned i) {
    return !targets.waitsInMemory(i, open) &&
           llvm::all_of(targets[i].domain, [&](Loop loop) {
             return open[loop] || llvm::is_contained(order, loop) ||
                    llvm::is_contained(inner, loop);
           });
  });
  return isShared && count > 0 && count <= kShortLoop ? inner : LoopList();
}

GroupEmitter::StripResources
GroupEmitter::getStripResources(ArrayRef<unsigned> set,
                                const llvm::SetVector<Value> &needed,
                                ArrayRef<Loop> strip) const {
  unsigned bits = 8, registers = resources.registers;
  bool hasFunctions = false;
  auto addFunction = [&](bool isExp) {
    hasFunctions = true;
    if (!isExp)
      registers = std::min(registers, kDearRegisters);
  };
  auto addType = [&](Type type) {
    Type element = getElementTypeOrSelf(type);
    bits = std::max(
        bits, element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 64);
  };
  auto addInMemory = [&](unsigned i, bool isFinished) {
    const Reducer &reducer = *targets[i].reducer;
    llvm::for_each(reducer.getAccumulatorTypes(), addType);
    if (isFinished && reducer.isDearToFinish())
      addFunction(/*isExp=*/false);
  };
  for (unsigned i : set) {
    const Target &target = targets[i];
    if (target.clears)
      addInMemory(*target.clears, /*isFinished=*/false);
    if (target.combines)
      addInMemory(*target.combines, /*isFinished=*/false);
    if (target.finishes)
      addInMemory(*target.finishes, /*isFinished=*/true);
    if (!target.reducer)
      continue;
    bits = std::max(bits, target.reducer->getBits());
    if (target.reducer->isDear())
      addFunction(/*isExp=*/true);
  }
  for (Value value : needed) {
    // What stays the same along a strip is a scalar.
    LoopList list = loops.getLoops(value);
    if (llvm::none_of(
            list, [&](Loop loop) { return llvm::is_contained(strip, loop); }))
      continue;
    addType(value.getType());
    auto row = rows.find(value);
    Operation *op = value.getDefiningOp();
    if (!op || (row != rows.end() && row->second->isWritten))
      continue;
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      unsigned i = targets.getTarget(reduce);
      const State &state = states[i];
      if (state.memory.isComplete && !(state.row && state.row->isWritten))
        addInMemory(i, /*isFinished=*/true);
    } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      for (Operation &inner : generic.getBody()->without_terminator())
        bits = std::max(bits, getExpandedBits(&inner));
    } else if (OpTrait::hasElementwiseMappableTraits(op)) {
      bits = std::max(bits, getExpandedBits(op));
    }
    if (Costs::isFunction(value))
      addFunction(isMostlyExp(value));
  }
  return {bits, registers, hasFunctions};
}

bool GroupEmitter::isFastInAnyOrder(const Target &target) const {
  // The first pass of a reduction of two is no op.
  return target.reduce && loops.isFastInAnyOrder(target.reduce);
}

bool GroupEmitter::fitsRegisters(ArrayRef<unsigned> set, int64_t lanes) const {
  return llvm::all_of(set, [&](unsigned i) {
    const Target &target = targets[i];
    if (target.reduced.empty())
      return true;
    int64_t registers =
        isFastInAnyOrder(target) ? kCachedAccumulators : kAccumulators;
    return target.reducer->getHeldBits() * lanes <=
           registers * resources.vectorBits;
  });
}

SmallVector<Span> GroupEmitter::getStripSpans(OpFoldResult size, int64_t width,
                                              int64_t registerWidth,
                                              bool isInnermost) {
  SmallVector<Span> spans;
  OpFoldResult begin = b.getIndexAttr(0);
  auto add = [&](int64_t width) {
    OpFoldResult end = builder.stripsEnd(size, width);
    if (end != begin)
      spans.push_back({begin, end, width});
    begin = end;
  };
  std::optional<int64_t> count = getConstantIntValue(size);
  if (count)
    width = std::min<int64_t>(width, llvm::bit_floor<uint64_t>(*count));
  if (!isInnermost) {
    // The loops inside are emitted for each span: as few as possible.
    for (int64_t shorter = width; count && shorter >= registerWidth;
         shorter /= 2)
      if (*count % shorter == 0) {
        width = shorter;
        break;
      }
    add(width);
    add(1);
    return spans;
  }
  // The rest of a static size is straight code.
  auto getNext = [&](int64_t width) -> int64_t {
    if (resources.registers == 1)
      return 1;
    if (count)
      return width / 2;
    return width > registerWidth ? registerWidth : 1;
  };
  for (; width > 1; width = getNext(width))
    add(width);
  add(1);
  return spans;
}
