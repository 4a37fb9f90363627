//===- GroupTargets.cpp - What a group computes ---------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See GroupTargets.h.
//
//===----------------------------------------------------------------------===//

#include "GroupTargets.h"

using namespace mlir;
using namespace mlir::owl;

const TargetSet &GroupTargets::getNeeds(Value value) const {
  return lookup(needs, value);
}

const TargetSet &GroupTargets::lookup(const DenseMap<Value, TargetSet> &sets,
                                      Value value) const {
  auto it = sets.find(value);
  return it == sets.end() ? none : it->second;
}

GroupTargets::GroupTargets(GroupOp group, const GroupLoops &loops)
    : loops(loops) {
  unsigned count = group.getYield().getValues().size();
  for (auto reduce : group.getBody().getOps<ReduceOp>())
    count += Reducer(reduce).needsShift() ? 2 : 1;
  none.resize(count);

  for (Operation &op : group.getBody().front().without_terminator()) {
    TargetSet set(count), direct(count);
    for (Value operand : op.getOperands()) {
      set |= getNeeds(operand);
      direct |= lookup(uses, operand);
    }
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      Target target;
      target.value = reduce.getSource();
      target.domain = loops.getLoops(target.value);
      target.reduced = loops.getReduced(reduce);
      target.reducer.emplace(reduce);
      target.needs = set;
      target.uses = direct;
      if (target.reducer->needsShift()) {
        Target shift = target;
        shift.reducer = target.reducer->getShift();
        if (target.reducer->isShiftedByFirst()) {
          shift.domain = target.getKept();
          shift.pinned = std::exchange(shift.reduced, {});
        }
        target.shift = targets.size();
        target.needs.set(targets.size());
        target.uses.set(targets.size());
        targets.push_back(std::move(shift));
      }
      target.reduce = reduce;
      targetOf[reduce] = targets.size();
      set = target.needs;
      set.set(targets.size());
      direct.reset();
      direct.set(targets.size());
      targets.push_back(std::move(target));
    }
    for (Value result : op.getResults()) {
      needs[result] = set;
      uses[result] = direct;
    }
  }
  for (auto [i, value] : llvm::enumerate(group.getYield().getValues())) {
    unsigned number = add(value, loops.getLoops(value));
    targets[number].output = i;
  }

  for (const Target &target : targets)
    if (target.domain.size() > order.size())
      order = target.domain;
  for (Loop loop = 0; loop < loops.getNumLoops(); ++loop)
    if (!llvm::is_contained(order, loop))
      order.push_back(loop);
  // All copies of a block are made at once.
  ArrayRef<Loop> copies = loops.getCopies();
  if (copies.empty())
    return;
  llvm::erase_if(order,
                 [&](Loop loop) { return llvm::is_contained(copies, loop); });
  order.insert(std::next(llvm::find(order, loops.getBlocks())), copies.begin(),
               copies.end());
}

unsigned GroupTargets::add(Value value, LoopList domain) {
  Target &target = targets.emplace_back();
  target.value = value;
  target.domain = std::move(domain);
  target.needs = getNeeds(value);
  target.uses = lookup(uses, value);
  return targets.size() - 1;
}

unsigned GroupTargets::addClear(unsigned target) {
  unsigned number = add(Value(), targets[target].getKept());
  targets[number].clears = target;
  return number;
}

unsigned GroupTargets::addCombine(unsigned target) {
  unsigned number = add(Value(), targets[target].getKept());
  targets[number].combines = target;
  return number;
}

unsigned GroupTargets::addFinish(unsigned target) {
  unsigned number = add(Value(), targets[target].getKept());
  targets[number].finishes = target;
  return number;
}

bool GroupTargets::isLate(unsigned i, Loop loop, ArrayRef<bool> open) const {
  if (!loops.isPoint(loop) || !targets[i].keeps(loop))
    return false;
  for (Loop outer : order) {
    if (outer == loop)
      break;
    if (targets[i].reduces(outer) && (open.empty() || !open[outer]))
      return true;
  }
  return false;
}

bool GroupTargets::waitsInMemory(unsigned i, ArrayRef<bool> open) const {
  return llvm::any_of(targets[i].domain, [&](Loop loop) {
    return !open[loop] && isLate(i, loop);
  });
}

bool GroupTargets::isWholeInMemory(unsigned i, ArrayRef<bool> open) const {
  return llvm::all_of(targets[i].getKept(),
                      [&](Loop loop) { return open[loop] || isLate(i, loop); });
}

LoopList GroupTargets::getSharedLoops(ArrayRef<unsigned> set,
                                      ArrayRef<bool> open) const {
  SmallVector<bool> inside(open);
  auto fits = [&](Loop loop, unsigned i) {
    const Target &target = targets[i];
    if (!target.walks(loop))
      return false;
    if (!target.reduces(loop))
      return !isLate(i, loop, inside);
    for (Loop other : target.domain)
      if (!inside[other] && target.keeps(other) && !isLate(i, other))
        return false;
    return llvm::none_of(set, [&](unsigned j) { return targets[j].needs[i]; });
  };
  LoopList shared;
  for (bool found = true; found;) {
    found = false;
    for (Loop loop : order)
      if (!inside[loop] &&
          llvm::all_of(set, [&](unsigned i) { return fits(loop, i); })) {
        shared.push_back(loop);
        inside[loop] = true;
        found = true;
        break;
      }
  }
  return shared;
}
