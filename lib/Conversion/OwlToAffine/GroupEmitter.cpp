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
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::owl;

GroupEmitter::GroupEmitter(LoopBuilder &builder, GroupOp group,
                           const GroupLoops &loops, LoopResources resources,
                           Operation *allocationPoint)
    : builder(builder), b(builder.builder), loc(builder.loc), group(group),
      loops(loops), targets(group, loops), resources(resources),
      allocationPoint(allocationPoint), open(loops.getNumLoops()),
      ivs(loops.getNumLoops()), done(targets.size()), states(targets.size()) {
  work = getCompulsoryWork();
}

void GroupEmitter::emit() {
  scopes.emplace_back();
  emitNest(llvm::to_vector(llvm::seq<unsigned>(0, targets.size())));
  auto remark = remark::passed(
      loc, remark::RemarkOpts::name("nest").category("owl-cost"));
  if (remark)
    remark << "one loop nest"
           << remark::metric("Seconds", resources.machine.getTime(work))
           << remark::metric("Launches", work.launches)
           << remark::metric("Bytes", work.bytes)
           << remark::metric("Flops", work.flops)
           << remark::metric("Calls", work.calls);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void GroupEmitter::emitNest(ArrayRef<unsigned> set,
                            ArrayRef<unsigned> followers) {
  LoopList order = getNestLoops(set);
  bool choosesLanes = lanes.empty();
  if (choosesLanes) {
    Set all(set);
    llvm::append_range(all, followers);
    chooseLanes(all, order);
  }
  // What loops around accumulate without strips is continued with some.
  if (choosesLanes && !lanes.empty())
    for (unsigned i : set)
      if (states[i].accumulator.isStarted())
        states[i].outer.push_back(std::exchange(states[i].accumulator, {}));
  emitLoops(set, order, followers);
  if (choosesLanes) {
    lanes.clear();
    blocks.reset();
  }
}

/// Makes spans of their own of the first and the last iteration of `spans`,
/// which are not empty.
static SmallVector<Span> splitEnds(Builder &b, ArrayRef<Span> spans) {
  SmallVector<Span> split;
  auto add = [&](int64_t begin, int64_t end, int64_t width) {
    if (begin < end)
      split.push_back({b.getIndexAttr(begin), b.getIndexAttr(end), width});
  };
  for (const Span &span : spans) {
    int64_t begin = *getConstantIntValue(span.begin),
            end = *getConstantIntValue(span.end), width = span.width;
    int64_t first = &span == spans.begin() ? begin + width : begin;
    int64_t last = &span == std::prev(spans.end()) ? end - width : end;
    add(begin, first, width);
    add(first, last, width);
    add(std::max(first, last), end, width);
  }
  return split;
}

void GroupEmitter::emitLoops(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                             ArrayRef<unsigned> followers) {
  if (order.empty())
    return emitBody(set);
  hoist(set);
  Loop loop = order.front();
  SmallVector<Value> kept = keepRepeated(set, loop);
  Set accumulating, starting, waiting, passing;
  for (unsigned i : set) {
    if (!targets[i].reduces(loop))
      continue;
    if (targets.waitsInMemory(i, open)) {
      if (!states[i].memory.isOpen)
        waiting.push_back(i);
      continue;
    }
    // What strips cover whole is reduced at once.
    bool isStarted = states[i].accumulator.isStarted();
    if (!isStarted && lanes.covers(loop))
      continue;
    accumulating.push_back(i);
    if (!isStarted) {
      start(i, isOneBlock(i));
      starting.push_back(i);
    }
  }
  if (waiting.size() == set.size() &&
      llvm::all_of(waiting, [&](unsigned i) { return passesOnce(i); }))
    passing = waiting;
  for (unsigned i : waiting)
    startInMemory(i, /*clears=*/passing.empty(),
                  isOneBlock(i) && !isForPieces(i) &&
                      getClosed(targets[i].reduced).size() == 1);

  SmallVector<Span> spans(lanes.getSpans(loop));
  if (spans.empty()) {
    LaneMask lane = lanes.getMask({loop});
    spans.push_back({b.getIndexAttr(0), loops.getSize(loop),
                     lane ? lanes.getCount(lane) : 1});
  }
  if (!passing.empty())
    spans = splitEnds(b, spans);
  else if (blocks == loop)
    addBlocks(loop, spans);
  const GroupBuffer *buffer = nullptr;
  if (followers.empty() && llvm::none_of(set, [&](unsigned i) {
        return targets[i].reduces(loop);
      })) {
    buffer = findUnaligned(set, loop);
    if (!buffer)
      addStages(set, loop, spans);
  }
  if (buffer)
    emitAligned(set, order, *buffer);
  else
    emitSpans(set, order, spans, accumulating, passing, followers);
  for (unsigned i : starting)
    finish(i);
  for (unsigned i : waiting)
    finishInMemory(i, /*isDelivered=*/!passing.empty() && !followers.empty());
  for (Value value : kept)
    rows.erase(value);
}

void GroupEmitter::emitSpans(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                             ArrayRef<Span> spans,
                             ArrayRef<unsigned> accumulating,
                             ArrayRef<unsigned> passing,
                             ArrayRef<unsigned> followers, OpFoldResult start,
                             OpFoldResult size) {
  Loop loop = order.front();
  LaneMask lane = lanes.getMask({loop});
  if (!size)
    size = loops.getSize(loop);
  // Each span computes all targets anew, or goes on with what it accumulates.
  TargetSet before = done;
  // Each span fetches what it loads.
  DenseSet<Value> prefetchedBefore = prefetched;
  for (auto [number, span] : llvm::enumerate(spans)) {
    // LLVM is told how short the rest of a dynamic size is, or it would make
    // vectors of it again.
    Span part = span;
    OpFoldResult offset = start;
    if (number > 0 && !getConstantIntValue(size)) {
      offset = part.begin;
      if (start)
        offset = affine::makeComposedFoldedAffineApply(
            b, loc, b.getAffineDimExpr(0) + b.getAffineDimExpr(1),
            {offset, start});
      part.begin = b.getIndexAttr(0);
      part.end = affine::makeComposedFoldedAffineApply(
          b, loc,
          (b.getAffineSymbolExpr(0) % spans[number - 1].getBlock())
                  .floorDiv(span.getBlock()) *
              span.getBlock(),
          {size});
      // Some sizes are known to be multiples.
      if (getConstantIntValue(part.end) == 0)
        continue;
    }
    done = before;
    done.resize(targets.size());
    Set inside(set);
    for (unsigned i : passing) {
      states[i].memory.isFirst = number == 0;
      states[i].memory.isLast =
          number + 1 == spans.size() && !followers.empty();
    }
    prefetched = prefetchedBefore;
    if (number + 1 == spans.size())
      llvm::append_range(inside, followers);
    lanes.setWidth(loop, span.width);
    if (span.width > 1)
      active |= lane;
    emitLoop(set, loop, part, offset, accumulating,
             [&] { emitLoops(inside, order.drop_front()); });
    active &= ~lane;
  }
  for (unsigned i : passing)
    states[i].memory.isFirst = states[i].memory.isLast = false;
}

void GroupEmitter::emitLoop(ArrayRef<unsigned> set, Loop loop, Span span,
                            OpFoldResult offset,
                            ArrayRef<unsigned> accumulating,
                            function_ref<void()> body) {
  int64_t step = span.getBlock();
  auto emitStep = [&](Value iv) {
    if (offset)
      iv = affine::makeComposedAffineApply(
          b, loc, b.getAffineDimExpr(0) + b.getAffineSymbolExpr(0),
          {OpFoldResult(iv), offset});
    if (span.steps == 1 && span.staged.empty())
      emitPoint(loop, iv, body);
    else
      emitBlock(set, loop, iv, span, accumulating, body);
  };
  // LLVM sinks a store out of a loop of one iteration, and forgets that it was
  // non-temporal.
  auto first = getConstantIntValue(span.begin),
       last = getConstantIntValue(span.end);
  if (first && last && *first + step == *last)
    return emitStep(arith::ConstantIndexOp::create(b, loc, *first));
  auto emit = [&](OpFoldResult begin, OpFoldResult end) {
    emitCarrying(begin, end, step, accumulating, emitStep);
  };
  // What strips leave is little.
  if (first != 0 || offset || !canCut(set, loop, accumulating) ||
      !emitPieces(set, loop, span.end, step, accumulating, emit))
    emit(span.begin, span.end);
}

void GroupEmitter::emitBlock(ArrayRef<unsigned> set, Loop loop, Value iv,
                             Span span, ArrayRef<unsigned> accumulating,
                             function_ref<void()> body) {
  Set inRegisters, inMemory;
  for (unsigned i : set) {
    if (!targets[i].reduces(loop) || !isInBlocks(i))
      continue;
    if (llvm::is_contained(accumulating, i)) {
      if (!states[i].accumulator.isOfBlock)
        inRegisters.push_back(i);
    } else if (!states[i].memory.isOfBlock &&
               getClosed(targets[i].reduced).size() == 1) {
      inMemory.push_back(i);
    }
  }
  for (unsigned i : inRegisters) {
    states[i].outer.push_back(std::exchange(states[i].accumulator, {}));
    start(i, /*isOfBlock=*/true);
  }
  for (unsigned i : inMemory) {
    // Each task has its own.
    if (owners)
      states[i].block = {};
    allocateMemory(i, states[i].block, /*isOfBlock=*/true);
    states[i].block.isOpen = true;
  }
  openStages(loop, iv, span);
  SmallVector<Span> parts = {
      {b.getIndexAttr(0), b.getIndexAttr(span.getBlock()), span.width}};
  // Of several, each computes all targets anew.
  TargetSet before = done;
  DenseSet<Value> prefetchedBefore;
  if (!inMemory.empty()) {
    parts = splitEnds(b, parts);
    prefetchedBefore = prefetched;
  }
  for (auto [number, part] : llvm::enumerate(parts)) {
    done = before;
    done.resize(targets.size());
    if (!inMemory.empty())
      prefetched = prefetchedBefore;
    for (unsigned i : inMemory) {
      states[i].block.isFirst = number == 0;
      states[i].block.isLast = number + 1 == parts.size();
    }
    emitCarrying(part.begin, part.end, part.width, accumulating,
                 [&](Value row) {
                   row = affine::makeComposedAffineApply(
                       b, loc, b.getAffineDimExpr(0) + b.getAffineDimExpr(1),
                       {OpFoldResult(iv), OpFoldResult(row)});
                   emitPoint(loop, row, body);
                 });
  }
  closeStages(span);
  for (unsigned i : inRegisters)
    finish(i);
  for (unsigned i : inMemory) {
    states[i].block.isOpen = false;
    if (owners)
      states[i].block = {};
  }
}

void GroupEmitter::emitCarrying(OpFoldResult begin, OpFoldResult end,
                                int64_t step, ArrayRef<unsigned> accumulating,
                                function_ref<void(Value)> body) {
  ++depth;
  SmallVector<Value> carried =
      builder.loop(begin, end, step, getAccumulated(accumulating),
                   [&](Value iv, ArrayRef<Value> values) {
                     setAccumulated(accumulating, values);
                     body(iv);
                     return getAccumulated(accumulating);
                   });
  setAccumulated(accumulating, carried);
  --depth;
}

void GroupEmitter::emitPoint(Loop loop, Value iv, function_ref<void()> body) {
  open[loop] = true;
  path.push_back(loop);
  ivs[loop] = iv;
  scopes.emplace_back();
  body();
  scopes.pop_back();
  path.pop_back();
  open[loop] = false;
}

bool GroupEmitter::isInside(unsigned target) const {
  return getClosed(targets[target].domain).empty();
}

LoopList GroupEmitter::getClosed(ArrayRef<Loop> list) const {
  LoopList closed;
  llvm::copy_if(list, std::back_inserter(closed),
                [&](Loop loop) { return !open[loop]; });
  return closed;
}

bool GroupEmitter::passesOnce(unsigned i) const {
  LoopList reduced = getClosed(targets[i].reduced);
  if (reduced.size() != 1)
    return false;
  int64_t count =
      getConstantIntValue(loops.getSize(reduced.front())).value_or(0);
  return resources.registers > 1 && targets.isWholeInMemory(i, open) &&
         !isForPieces(i) && count > 0 &&
         !(targets[i].reducer->hasNarrowContributions() && count > kBlockRows);
}

bool GroupEmitter::canFollow(ArrayRef<Set> phases, unsigned number) {
  if (number + 1 == phases.size())
    return false;
  const Set &phase = phases[number], &next = phases[number + 1];
  // In any order.
  auto getLeft = [&](ArrayRef<Loop> list) {
    LoopList left = getClosed(list);
    llvm::sort(left);
    return left;
  };
  LoopList points = getLeft(targets[phase.front()].getKept()),
           reduced = getLeft(targets[phase.front()].reduced);
  bool hasResults = llvm::all_of(phase, [&](unsigned i) {
    return targets.waitsInMemory(i, open) && !states[i].memory.isOpen &&
           passesOnce(i) && getLeft(targets[i].getKept()) == points &&
           getLeft(targets[i].reduced) == reduced;
  });
  // Functions take short strips, which reductions should not.
  bool isSimple = llvm::all_of(next,
                               [&](unsigned i) {
                                 return targets[i].output &&
                                        getLeft(targets[i].domain) == points;
                               }) &&
                  llvm::none_of(getNeeded(next), Costs::isFunction);
  bool areNeededLater =
      llvm::any_of(phases.drop_front(number + 2), [&](const Set &later) {
        return llvm::any_of(later, [&](unsigned j) {
          return llvm::any_of(phase,
                              [&](unsigned i) { return targets[j].uses[i]; });
        });
      });
  return hasResults && isSimple && !areNeededLater;
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
        if (getNestLoops(phase).empty())
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
  SmallVector<Fetch> fetches;
  if (phases.size() > 1) {
    reductions = keepResults(phases);
    values = keepValues(phases);
    fetches = getFetches(phases);
  }
  bool isFollower = false;
  for (auto [number, phase] : llvm::enumerate(phases)) {
    for (const Fetch &fetch : fetches)
      rowFetches[fetch.input] = fetch.phase == number ? fetch.distance : 0;
    if (isFollower) {
      isFollower = false;
    } else if (isInside(phase.front())) {
      for (unsigned i : phase)
        step(i);
    } else {
      isFollower = canFollow(phases, number);
      scopes.emplace_back();
      emitNest(phase, isFollower ? phases[number + 1] : Set());
      scopes.pop_back();
    }
    // What this phase has computed is there for the next ones.
    setWritten(getNeeded(phase), written);
    for (unsigned i : phase)
      if (states[i].row && !states[i].row->isWritten) {
        states[i].row->isWritten = true;
        written.push_back(states[i].row.get());
      }
  }
  for (const Fetch &fetch : fetches)
    rowFetches.erase(fetch.input);
  // The loops around may come here again.
  for (RowBuffer *row : written)
    row->isWritten = false;
  for (Value value : values)
    rows.erase(value);
  for (unsigned i : reductions)
    states[i].row.reset();
}
