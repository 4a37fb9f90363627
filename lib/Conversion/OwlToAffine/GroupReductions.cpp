//===- GroupReductions.cpp - What a group reduces ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that accumulates: in registers, where all that a
// target keeps is around the loops that it reduces, else in memory.
//
//===----------------------------------------------------------------------===//

#include "../Sizes.h"
#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

LaneValue GroupEmitter::getResult(unsigned i) {
  const State &state = states[i];
  if (state.row && state.row->isWritten)
    return load(state.row->buffer);
  if (!state.memory.isComplete)
    return state.result;
  SmallVector<Value> values;
  LaneMask mask = 0;
  for (const GroupBuffer &buffer : state.memory.buffers) {
    LaneValue value = load(buffer);
    values.push_back(value.value);
    mask = value.mask;
  }
  if (state.memory.isOfBlock)
    values = targets[i].reducer->accumulate(b, loc, values);
  return {finishValues(i, values, mask), mask};
}

Reducer GroupEmitter::getReducer(const Target &target, LaneMask mask) {
  if (!target.shift)
    return *target.reducer;
  return target.reducer->shifted(
      b, loc, lanes.broadcast(b, loc, getResult(*target.shift), mask));
}

Reducer GroupEmitter::getAccumulating(unsigned i) const {
  const State &state = states[i];
  bool isOfBlock = state.accumulator.isStarted()
                       ? state.accumulator.isOfBlock
                       : state.block.isOpen ||
                             (state.memory.isOpen && state.memory.isOfBlock);
  return targets[i].reducer->ofBlock(isOfBlock);
}

Value GroupEmitter::finishValues(unsigned i, ArrayRef<Value> values,
                                 LaneMask mask) {
  const Target &target = targets[i];
  OpFoldResult count = b.getIndexAttr(1);
  for (Loop loop : target.reduced)
    count = multiply(b, loc, count, loops.getSize(loop));
  return getReducer(target, mask)
      .finish(b, loc, values, getValueOrCreateConstantIndexOp(b, loc, count));
}

//===----------------------------------------------------------------------===//
// Accumulators
//===----------------------------------------------------------------------===//

int64_t GroupEmitter::getCombinedWidth(const Target &target, LaneMask mask,
                                       int64_t width) const {
  LaneMask strip = lanes.getStripMask();
  bool isOutermost = !(mask & lanes.getRows());
  if (!target.reducer->combinesEarly() || !isOutermost)
    return width;
  int64_t widening = target.reducer->getWidening();
  auto combineTo = [&](int64_t combined) {
    // Strips that are whole rows may not come apart evenly.
    return width % std::min(width, combined * widening) == 0
               ? std::min(width, combined)
               : width;
  };
  // Short rows that are no power of 2 begin where a register does once in as
  // many as a register has lanes.
  int64_t others = lanes.getCount(mask & ~strip);
  if (!llvm::isPowerOf2_64(others))
    return combineTo(resources.vectorBits / target.reducer->getBits());
  // One register of what elements contribute, or of accumulators where these
  // are wider: widening a register into two takes longer than an addition.
  int64_t most =
      resources.vectorBits / (target.reducer->getBits() * widening) / others;
  return combineTo(std::max<int64_t>(1, llvm::bit_floor<uint64_t>(most)));
}

// Outside of the strips all parts of an accumulator are carried.

SmallVector<Value>
GroupEmitter::getAccumulated(ArrayRef<unsigned> accumulating) const {
  SmallVector<Value> values;
  for (unsigned i : accumulating)
    for (const Accumulator::Part &part : states[i].accumulator.parts)
      llvm::append_range(values, part.values);
  return values;
}

void GroupEmitter::setAccumulated(ArrayRef<unsigned> accumulating,
                                  ArrayRef<Value> values) {
  for (unsigned i : accumulating)
    for (Accumulator::Part &part : states[i].accumulator.parts) {
      part.isEmpty = false;
      for (Value &value : part.values) {
        value = values.front();
        values = values.drop_front();
      }
    }
}

void GroupEmitter::addAccumulated(ArrayRef<unsigned> accumulating,
                                  ArrayRef<Value> before) {
  for (unsigned i : accumulating)
    for (Accumulator::Part &part : states[i].accumulator.parts) {
      part.isEmpty = false;
      size_t count = part.values.size();
      part.values = targets[i].reducer->combine(
          b, loc, before.take_front(count), part.values);
      before = before.drop_front(count);
    }
}

void GroupEmitter::restartAccumulators(ArrayRef<unsigned> accumulating) {
  for (unsigned i : accumulating) {
    Reducer reducer = getAccumulating(i);
    for (Accumulator::Part &part : states[i].accumulator.parts) {
      auto vector = dyn_cast<VectorType>(part.values.front().getType());
      part.values = reducer.init(b, loc, vector ? vector.getNumElements() : 1);
      part.isEmpty = true;
    }
  }
}

void GroupEmitter::start(unsigned i, bool isOfBlock) {
  const Target &target = targets[i];
  // Lanes along loops that are kept are open already.
  LaneMask reduced = lanes.getMask(target.reduced);
  LaneMask mask = getMask(target.domain) | reduced;
  LaneMask strip = lanes.getStripMask();
  if (target.reducer->combinesEarly())
    mask &= ~(reduced & lanes.getRows());
  Accumulator &accumulator = states[i].accumulator;
  accumulator.isOfBlock = isOfBlock;
  Reducer reducer = target.reducer->ofBlock(isOfBlock);
  auto addPart = [&](LaneMask mask, int64_t width) {
    for (const Accumulator::Part &part : accumulator.parts)
      if (part.width == width)
        return;
    accumulator.parts.push_back(
        {reducer.init(b, loc, lanes.getCount(mask)), mask, width});
  };
  if (!(reduced & strip))
    return addPart(mask, 1);
  Loop loop = *lanes.getStrip();
  int64_t before = lanes.getCount(strip);
  auto addWidth = [&](int64_t width) {
    width = getCombinedWidth(target, mask, width);
    lanes.setWidth(loop, width);
    addPart(width > 1 ? mask : mask & ~strip, width);
  };
  // Where a strip is open, there are no others.
  if (open[loop])
    addWidth(before);
  else
    for (const Span &span : lanes.getSpans(loop))
      addWidth(span.width);
  lanes.setWidth(loop, before);
}

void GroupEmitter::step(unsigned i) {
  const Target &target = targets[i];
  if (target.clears)
    return clear(*target.clears);
  if (target.combines)
    return combinePiece(*target.combines);
  if (target.finishes)
    return store(states[*target.finishes].row->buffer,
                 getResult(*target.finishes));
  LaneValue x = target.pinned.empty()
                    ? evaluate(target.value)
                    : evaluateFirst(target.value, target.pinned);
  if (target.isStore()) {
    // A kept value is in its buffer once it is computed.
    if (target.output)
      store(getOutput(*target.output), x);
    done.set(i);
    return;
  }
  LaneMask mask = getMask(target.domain);
  Value element = toStorage(b, loc, lanes.broadcast(b, loc, x, mask));
  Reducer reducer = getAccumulating(i);
  SmallVector<Value> values =
      getReducer(target, mask).map(b, loc, element, [&] {
        return getIndex(target.reduced, mask, reducer.getIndexType());
      });

  // Rows first, then the registers of the strip.
  LaneMask rows = mask & lanes.getRows() & lanes.getMask(target.reduced);
  if (rows && reducer.combinesEarly()) {
    values = reducer.combineSlices(b, loc, values, lanes.getCount(rows));
    if (mask == rows)
      for (Value &value : values)
        value = vector::ExtractOp::create(b, loc, value, 0);
    mask &= ~rows;
  }
  // No more than 32 are combined before they are accumulated: the rows, or the
  // registers of a strip, or short loops.
  if (rows)
    values = reducer.accumulate(b, loc, values);
  Accumulator &accumulator = states[i].accumulator;
  LaneMask strip = mask & lanes.getStripMask() & lanes.getMask(target.reduced);
  if (!accumulator.isStarted()) {
    LaneMask kept = mask & ~lanes.getMask(target.reduced);
    values = lanes.reduce(b, loc, reducer, values, mask, kept);
    return deliver(i, reducer.accumulate(b, loc, values), kept);
  }
  int64_t width = 1;
  if (strip) {
    int64_t whole = lanes.getCount(strip);
    width = getCombinedWidth(target, mask, whole);
    // Whole registers first, which is how they are loaded.
    int64_t loaded = std::min(whole, width * reducer.getWidening());
    values = reducer.combineSlices(b, loc, values, whole / loaded);
    values = reducer.combineSlices(b, loc, values, loaded / width);
    if (width == 1 && mask == strip && whole > 1)
      for (Value &value : values)
        value = vector::ExtractOp::create(b, loc, value, 0);
  }
  values = reducer.accumulate(b, loc, values);
  for (Accumulator::Part &part : accumulator.parts) {
    if (part.width != width)
      continue;
    // LLVM does not see that the first element of all beats a bound.
    bool isFirst = reducer.isArg() && part.isEmpty;
    part.values = isFirst ? values : combineNext(i, part.values, values);
    part.isEmpty = false;
  }
}

SmallVector<Value> GroupEmitter::combineNext(unsigned i, ArrayRef<Value> before,
                                             ArrayRef<Value> next) {
  // Loops that came in another order than the axes of the reduction bring
  // elements in another order; so do those inside of one of which strips bring
  // several iterations at once.
  LoopList order;
  llvm::copy_if(path, std::back_inserter(order),
                [&](Loop loop) { return targets[i].reduces(loop); });
  bool isInOrder = ArrayRef(targets[i].reduced).take_front(order.size()) ==
                       ArrayRef(order) &&
                   (order.empty() || !getMask(ArrayRef(order).drop_back()));
  const Reducer &reducer = *targets[i].reducer;
  return isInOrder ? reducer.combineInOrder(b, loc, before, next)
                   : reducer.combine(b, loc, before, next);
}

void GroupEmitter::finish(unsigned i) {
  const Target &target = targets[i];
  State &state = states[i];
  Accumulator accumulator = std::exchange(state.accumulator, {});
  const Reducer &reducer = *target.reducer;
  LaneMask reduced = lanes.getMask(target.reduced);
  LaneMask kept = accumulator.parts.front().mask & ~reduced;
  LaneMask strip = reduced & lanes.getStripMask();
  int64_t before = lanes.getCount(strip);
  // Which lane holds an extreme is looked for in all parts at once.
  if (reducer.isArg() &&
      llvm::all_of(accumulator.parts, [&](const Accumulator::Part &part) {
        return part.mask == (part.width > 1 ? strip : 0);
      })) {
    auto parts = llvm::map_to_vector(
        accumulator.parts,
        [](const Accumulator::Part &part) { return part.values; });
    return deliver(i, reducer.findExtreme(b, loc, parts), kept);
  }
  // Wide parts are folded into the narrower ones that follow, so that lanes are
  // reduced once.
  SmallVector<Accumulator::Part> parts;
  for (Accumulator::Part &part : accumulator.parts) {
    if (accumulator.isOfBlock)
      part.values = reducer.accumulate(b, loc, part.values);
    Accumulator::Part *wide = parts.empty() ? nullptr : &parts.back();
    if (wide && wide->mask == part.mask && !(part.mask & lanes.getRows()) &&
        wide->width > part.width && wide->width % part.width == 0) {
      part.values = reducer.combine(
          b, loc,
          reducer.combineSlices(b, loc, wide->values, wide->width / part.width),
          part.values);
      parts.pop_back();
    }
    parts.push_back(std::move(part));
  }
  SmallVector<Value> values;
  for (const Accumulator::Part &part : parts) {
    if (strip)
      lanes.setWidth(*lanes.getStrip(), part.width);
    SmallVector<Value> combined =
        lanes.reduce(b, loc, reducer, part.values, part.mask, kept);
    values =
        values.empty() ? combined : reducer.combine(b, loc, values, combined);
  }
  if (strip)
    lanes.setWidth(*lanes.getStrip(), before);
  deliver(i, values, kept);
}

void GroupEmitter::deliver(unsigned i, ArrayRef<Value> values, LaneMask mask) {
  State &state = states[i];
  const Reducer &reducer = *targets[i].reducer;
  if (!state.outer.empty()) {
    state.accumulator = state.outer.pop_back_val();
    Accumulator::Part &part = state.accumulator.parts.front();
    part.values = reducer.combine(b, loc, part.values, values);
    part.isEmpty = false;
    return;
  }
  SmallVector<Value> all(values);
  for (const Memory *memory : {&state.block, &state.memory}) {
    if (!memory->isOpen)
      continue;
    if (!memory->isFirst) {
      SmallVector<Value> before;
      for (const GroupBuffer &buffer : memory->buffers)
        before.push_back(load(buffer).value);
      all = combineNext(i, before, all);
    }
    if (!memory->isLast) {
      for (auto [buffer, value] : llvm::zip_equal(memory->buffers, all))
        store(buffer, {value, mask});
      return;
    }
    if (memory->isOfBlock)
      all = reducer.accumulate(b, loc, all);
  }
  state.result = {finishValues(i, all, mask), mask};
  state.memory.isComplete = false;
  if (state.row && !state.row->isWritten)
    store(state.row->buffer, state.result);
  done.set(i);
}

//===----------------------------------------------------------------------===//
// Accumulators in memory
//===----------------------------------------------------------------------===//

void GroupEmitter::allocateMemory(unsigned i, Memory &memory, bool isOfBlock) {
  LoopList kept = targets[i].getKept();
  // Another span may have been here.
  if (!memory.buffers.empty() && !getMask(kept) &&
      memory.isOfBlock == isOfBlock)
    return;
  memory.isOfBlock = isOfBlock;
  memory.buffers.clear();
  for (Type type : targets[i].reducer->ofBlock(isOfBlock).getAccumulatorTypes())
    memory.buffers.push_back(createRowBuffer(kept, type));
}

void GroupEmitter::startInMemory(unsigned i, bool clears, bool isOfBlock) {
  Memory &memory = states[i].memory;
  allocateMemory(i, memory, isOfBlock);
  memory.isComplete = false;
  if (clears)
    emitAdded(targets.addClear(i));
  states[i].memory.isOpen = true;
}

void GroupEmitter::finishInMemory(unsigned i, bool isDelivered) {
  states[i].memory.isOpen = false;
  states[i].memory.isComplete = !isDelivered;
  done.set(i);
  if (isDelivered)
    return;
  if (states[i].row && !states[i].row->isWritten)
    emitAdded(targets.addFinish(i));
}

void GroupEmitter::clear(unsigned i) {
  const SmallVector<GroupBuffer, 2> &buffers = states[i].memory.buffers;
  LaneMask mask = getMask(buffers.front().loops);
  Reducer reducer = targets[i].reducer->ofBlock(states[i].memory.isOfBlock);
  for (auto [buffer, value] :
       llvm::zip_equal(buffers, reducer.init(b, loc, lanes.getCount(mask))))
    store(buffer, {value, mask});
}

void GroupEmitter::combinePiece(unsigned i) {
  auto loadAll = [&](ArrayRef<GroupBuffer> buffers) {
    return llvm::map_to_vector(
        buffers, [&](const GroupBuffer &buffer) { return load(buffer).value; });
  };
  const SmallVector<GroupBuffer, 2> &buffers = states[i].memory.buffers;
  SmallVector<Value> before = loadAll(buffers);
  SmallVector<Value> after = targets[i].reducer->combine(
      b, loc, before, loadAll(states[i].piece.buffers));
  LaneMask mask = getMask(buffers.front().loops);
  for (auto [buffer, value] : llvm::zip_equal(buffers, after))
    store(buffer, {value, mask});
}

void GroupEmitter::emitAdded(unsigned target) {
  states.resize(targets.size());
  done.resize(targets.size());
  scopes.emplace_back();
  emitNest(target);
  scopes.pop_back();
}
