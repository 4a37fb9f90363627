//===- GroupEmitter.cpp - The loop nest of a group ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops that all targets of a group can share are the outer ones. Inside
// them, targets that wait for others come in phases, each with loops of its
// own:
//
//   softmax:  for row {                       shared by all
//               for column { max }            phase 1
//               for column { exp, sum }       phase 2
//               for column { divide, store }  phase 3
//             }
//
// One loop of a nest is walked in strips of several vector registers: the one
// along which all buffers are dense, be it shared or of a phase.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;

GroupEmitter::GroupEmitter(LoopBuilder &builder, GroupOp group,
                           const GroupLoops &loops, LoopResources resources)
    : builder(builder), b(builder.builder), loc(builder.loc), group(group),
      loops(loops), targets(group, loops), resources(resources),
      open(loops.getNumLoops()), ivs(loops.getNumLoops()),
      accumulators(targets.size()), resultRows(targets.size()),
      outer(targets.size()), done(targets.size()), results(targets.size()) {}

void GroupEmitter::emit() {
  // Sizes are there already, loops are not.
  allocationPoint = arith::ConstantIndexOp::create(b, loc, 0).getOperation();
  scopes.emplace_back();
  emitNest(llvm::to_vector(llvm::seq<unsigned>(0, targets.size())));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void GroupEmitter::emitNest(ArrayRef<unsigned> set) {
  LoopList order = targets.getSharedLoops(set, open);
  bool choosesLanes = lanes.empty();
  if (choosesLanes)
    chooseLanes(set, order);
  // What loops around accumulate without strips is continued with some.
  if (choosesLanes && !lanes.empty())
    for (unsigned i : set)
      if (accumulators[i].isStarted()) {
        outer[i] = std::move(accumulators[i]);
        accumulators[i] = Accumulator();
      }
  emitLoops(set, order);
  if (choosesLanes)
    lanes.clear();
}

void GroupEmitter::emitLoops(ArrayRef<unsigned> set, ArrayRef<Loop> order) {
  if (order.empty())
    return emitBody(set);
  hoist(set);
  Loop loop = order.front();
  SmallVector<Value> kept = keepRepeated(set, loop);
  Set accumulating, starting;
  for (unsigned i : set)
    if (targets[i].reduces(loop)) {
      accumulating.push_back(i);
      if (accumulators[i].isStarted())
        continue;
      start(i);
      starting.push_back(i);
    }

  LaneMask lane = lanes.getMask({loop});
  if (lane == 1) {
    emitStrips(set, order, accumulating);
  } else if (lane) {
    // Strips cover the loop whole.
    open[loop] = true;
    ivs[loop] = arith::ConstantIndexOp::create(b, loc, 0);
    active |= lane;
    scopes.emplace_back();
    emitLoops(set, order.drop_front());
    scopes.pop_back();
    active &= ~lane;
    open[loop] = false;
  } else {
    emitLoop(loop, b.getIndexAttr(0), loops.getSize(loop), 1, {}, accumulating,
             [&] { emitLoops(set, order.drop_front()); });
  }
  for (unsigned i : starting)
    finish(i);
  for (Value value : kept)
    rows.erase(value);
}

void GroupEmitter::emitStrips(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                              ArrayRef<unsigned> accumulating) {
  // Each span computes all targets anew, or goes on with what it accumulates.
  TargetSet before = done;
  for (auto [number, span] : llvm::enumerate(spans)) {
    done = before;
    bool isStrip = span.width > 1;
    lanes.setWidth(span.width);
    active |= isStrip;
    for (unsigned i : accumulating)
      accumulators[i].active = number;
    // LLVM is told how short the rest of a dynamic size is, or it would make
    // vectors of it again.
    OpFoldResult begin = span.begin, end = span.end, offset;
    if (number > 0 && !getConstantIntValue(loops.getSize(order.front()))) {
      AffineExpr size = b.getAffineSymbolExpr(0);
      offset = begin;
      begin = b.getIndexAttr(0);
      end = affine::makeComposedFoldedAffineApply(
          b, loc,
          (size % spans[number - 1].width).floorDiv(span.width) * span.width,
          {loops.getSize(order.front())});
    }
    emitLoop(order.front(), begin, end, span.width, offset, accumulating,
             [&] { emitLoops(set, order.drop_front()); });
    active &= ~LaneMask(isStrip);
  }
}

void GroupEmitter::emitLoop(Loop loop, OpFoldResult begin, OpFoldResult end,
                            int64_t step, OpFoldResult offset,
                            ArrayRef<unsigned> accumulating,
                            function_ref<void()> body) {
  // Outside of the strips all parts of an accumulator are carried.
  auto collect = [&] {
    SmallVector<Value> values;
    for (unsigned i : accumulating)
      for (const Accumulator::Part &part : accumulators[i].parts)
        llvm::append_range(values, part.values);
    return values;
  };
  auto assign = [&](ArrayRef<Value> values) {
    for (unsigned i : accumulating)
      for (Accumulator::Part &part : accumulators[i].parts)
        for (Value &value : part.values) {
          value = values.front();
          values = values.drop_front();
        }
  };
  SmallVector<Value> carried = builder.loop(
      begin, end, step, collect(), [&](Value iv, ArrayRef<Value> values) {
        assign(values);
        open[loop] = true;
        ivs[loop] = iv;
        if (offset)
          ivs[loop] = affine::makeComposedAffineApply(
              b, loc, b.getAffineDimExpr(0) + b.getAffineSymbolExpr(0),
              {OpFoldResult(iv), offset});
        scopes.emplace_back();
        body();
        scopes.pop_back();
        open[loop] = false;
        return collect();
      });
  assign(carried);
}

bool GroupEmitter::isInside(unsigned target) const {
  return llvm::all_of(targets[target].domain,
                      [&](Loop loop) { return open[loop]; });
}

SmallVector<GroupEmitter::Set>
GroupEmitter::getPhases(ArrayRef<unsigned> set) const {
  SmallVector<Set> phases;
  Set waiting(set);
  TargetSet complete = done;
  while (!waiting.empty()) {
    Set ready;
    for (unsigned i : waiting)
      if (!targets[i].needs.test(complete))
        ready.push_back(i);
    Set &phase = phases.emplace_back();
    if (llvm::any_of(ready, [&](unsigned i) { return isInside(i); })) {
      llvm::copy_if(ready, std::back_inserter(phase),
                    [&](unsigned i) { return isInside(i); });
    } else {
      // What shares a loop with the first, be it only to use its result there.
      TargetSet before = complete;
      for (unsigned i : waiting) {
        if (targets[i].needs.test(before))
          continue;
        phase.push_back(i);
        if (targets.getSharedLoops(phase, open).empty())
          phase.pop_back();
        else
          before.set(i);
      }
    }
    for (unsigned i : phase) {
      complete.set(i);
      llvm::erase(waiting, i);
    }
  }
  return phases;
}

void GroupEmitter::emitBody(ArrayRef<unsigned> set) {
  SmallVector<Set> phases = getPhases(set);
  SmallVector<RowBuffer *> written;
  SmallVector<Value> values;
  Set reductions;
  if (phases.size() > 1) {
    reductions = keepResults(phases);
    values = keepValues(phases);
  }
  for (const Set &phase : phases) {
    if (isInside(phase.front())) {
      for (unsigned i : phase)
        step(i);
    } else {
      scopes.emplace_back();
      emitNest(phase);
      scopes.pop_back();
    }
    // What this phase has computed is there for the next ones.
    llvm::SetVector<Value> seen;
    for (unsigned i : phase)
      visitNeeded(targets[i].value, seen);
    for (auto &[value, row] : rows)
      if (!row->isWritten && seen.contains(value)) {
        row->isWritten = true;
        written.push_back(row.get());
      }
    for (unsigned i : phase)
      if (resultRows[i] && !resultRows[i]->isWritten) {
        resultRows[i]->isWritten = true;
        written.push_back(resultRows[i].get());
      }
  }
  // The loops around may come here again.
  for (RowBuffer *row : written)
    row->isWritten = false;
  for (Value value : values)
    rows.erase(value);
  for (unsigned i : reductions)
    resultRows[i].reset();
}

//===----------------------------------------------------------------------===//
// Strips
//===----------------------------------------------------------------------===//

/// Short loops are covered whole by strips along the loop around them.
static constexpr int64_t kShortLoop = 8;

void GroupEmitter::chooseLanes(ArrayRef<unsigned> set, ArrayRef<Loop> order) {
  SmallVector<const GroupBuffer *> buffers;
  unsigned bits = 8, registers = resources.registers;
  llvm::SetVector<Value> needed;
  for (unsigned i : set) {
    const Target &target = targets[i];
    if (target.output)
      buffers.push_back(&loops.getOutput(*target.output));
    else if (!target.isStore())
      bits = std::max(bits, target.reducer->getBits());
    if (resultRows[i])
      buffers.push_back(&resultRows[i]->buffer);
    for (unsigned j : targets[i].needs.set_bits())
      if (resultRows[j])
        buffers.push_back(&resultRows[j]->buffer);
    visitNeeded(target.value, needed);
  }
  for (Value value : needed) {
    Type element = getElementTypeOrSelf(value.getType());
    if (element.isIntOrFloat())
      bits = std::max(bits, element.getIntOrFloatBitWidth());
    auto row = rows.find(value);
    if (row != rows.end())
      buffers.push_back(&row->second->buffer);
    else if (isa<BlockArgument>(value) &&
             isa<RankedTensorType>(value.getType()))
      buffers.push_back(&loops.getInput(value));
    bool isLoaded = row != rows.end() && row->second->isWritten;
    if (!isLoaded && Costs::isFunction(value))
      registers = std::min(registers, 2u);
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
  LoopList strip;
  for (Loop loop : llvm::reverse(order))
    if (areDense({loop})) {
      strip.push_back(loop);
      break;
    }
  if (strip.empty())
    return;
  int64_t whole = 1;
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
  bool isInnermost =
      order.back() == strip.front() ||
      llvm::is_contained(ArrayRef(strip).drop_front(), order.back());
  int64_t registerWidth = std::max<int64_t>(
      1, llvm::bit_floor<uint64_t>(resources.vectorBits / (bits * whole)));
  chooseSpans(loops.getSize(strip.front()), registers * registerWidth,
              registerWidth, isInnermost);
  if (spans.front().width == 1)
    return;
  lanes.push(strip.front(), spans.front().width);
  for (Loop loop : llvm::drop_begin(strip))
    lanes.push(loop, *getConstantIntValue(loops.getSize(loop)));
}

void GroupEmitter::chooseSpans(OpFoldResult size, int64_t width,
                               int64_t registerWidth, bool isInnermost) {
  spans.clear();
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
    return;
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
}

//===----------------------------------------------------------------------===//
// Targets
//===----------------------------------------------------------------------===//

LaneValue GroupEmitter::getResult(unsigned i) {
  if (!resultRows[i] || !resultRows[i]->isWritten)
    return results[i];
  const GroupBuffer &buffer = resultRows[i]->buffer;
  return load(buffer, cast<MemRefType>(buffer.view.getType()).getElementType());
}

Reducer GroupEmitter::getReducer(const Target &target, LaneMask mask) {
  if (!target.maxima)
    return *target.reducer;
  return target.reducer->shifted(
      b, loc, lanes.broadcast(b, loc, getResult(*target.maxima), mask));
}

void GroupEmitter::start(unsigned i) {
  const Target &target = targets[i];
  // Lanes along loops that are kept are open already.
  LaneMask reduced = lanes.getMask(target.reduced);
  LaneMask mask = getMask(target.domain) | reduced;
  Accumulator &accumulator = accumulators[i];
  auto addPart = [&](LaneMask mask) {
    accumulator.parts.push_back(
        {target.reducer->init(b, loc, lanes.getCount(mask)), mask});
  };
  if (!(reduced & 1))
    return addPart(mask);
  for (const Span &span : spans) {
    lanes.setWidth(span.width);
    addPart(span.width > 1 ? mask : mask & ~1u);
  }
}

void GroupEmitter::step(unsigned i) {
  const Target &target = targets[i];
  LaneValue x = evaluate(target.value);
  if (target.isStore()) {
    // A kept value is in its buffer once it is computed.
    if (target.output)
      store(loops.getOutput(*target.output), x);
    done.set(i);
    return;
  }
  bool isWhole = target.reduced.empty();
  if (isWhole)
    start(i);
  LaneMask mask = getMask(target.domain);
  Value element = toStorage(b, loc, lanes.broadcast(b, loc, x, mask));
  Reducer reducer = getReducer(target, mask);
  Accumulator &accumulator = accumulators[i];
  SmallVector<Value> &part = accumulator.parts[accumulator.active].values;
  part = reducer.combine(b, loc, part, reducer.map(b, loc, element, [&] {
    return getFlatIndex(target, mask);
  }));
  if (isWhole)
    finish(i);
}

void GroupEmitter::finish(unsigned i) {
  const Target &target = targets[i];
  Accumulator &accumulator = accumulators[i];
  const Reducer &plain = *target.reducer;
  LaneMask reduced = lanes.getMask(target.reduced);
  LaneMask kept = accumulator.parts.front().mask & ~reduced;
  SmallVector<Value> values;
  for (auto [number, part] : llvm::enumerate(accumulator.parts)) {
    if (reduced & 1)
      lanes.setWidth(spans[number].width);
    SmallVector<Value> combined =
        lanes.reduce(b, loc, plain, part.values, part.mask, kept);
    values =
        values.empty() ? combined : plain.combine(b, loc, values, combined);
  }
  if (outer[i]) {
    accumulator = std::move(*outer[i]);
    outer[i].reset();
    SmallVector<Value> &part = accumulator.parts[accumulator.active].values;
    part = plain.combine(b, loc, part, values);
    return;
  }
  OpFoldResult count = b.getIndexAttr(1);
  for (Loop loop : target.reduced)
    count = affine::makeComposedFoldedAffineApply(
        b, loc, b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1),
        {count, loops.getSize(loop)});
  Value result = getReducer(target, kept)
                     .finish(b, loc, values,
                             getValueOrCreateConstantIndexOp(b, loc, count));
  results[i] = {result, kept};
  if (resultRows[i] && !resultRows[i]->isWritten)
    store(resultRows[i]->buffer, results[i]);
  done.set(i);
  accumulator = Accumulator();
}

Value GroupEmitter::getFlatIndex(const Target &target, LaneMask mask) {
  Value flat = arith::ConstantIndexOp::create(b, loc, 0);
  Value offsets;
  auto type = dyn_cast<VectorType>(lanes.getType(b.getI64Type(), mask));
  auto splat = [&](Value index) -> Value {
    Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
    return vector::BroadcastOp::create(b, loc, type, number);
  };
  for (Loop loop : target.reduced) {
    Value size = getValueOrCreateConstantIndexOp(b, loc, loops.getSize(loop));
    flat = arith::MulIOp::create(b, loc, flat, size);
    flat = arith::AddIOp::create(b, loc, flat, ivs[loop]);
    if (!mask)
      continue;
    if (offsets)
      offsets = arith::MulIOp::create(b, loc, offsets, splat(size));
    if (!(mask & lanes.getMask({loop})))
      continue;
    Value lane = arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(
            type, ArrayRef<int64_t>(lanes.getCoordinates(loop, mask))));
    offsets = offsets ? arith::AddIOp::create(b, loc, offsets, lane).getResult()
                      : lane;
  }
  if (!mask)
    return arith::IndexCastOp::create(b, loc, b.getI64Type(), flat);
  Value base = splat(flat);
  return offsets ? arith::AddIOp::create(b, loc, base, offsets).getResult()
                 : base;
}
