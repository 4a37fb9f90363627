//===- GroupEdges.cpp - What is needed more than once ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that decides what becomes of a value that several
// phases need, or each iteration of a loop that it does not depend on:
//
//                 memory                           arithmetic
//
//   recompute     -                                all of it for each use
//
//   row buffer    an access for each use, if no    once, and accesses
//                 cache holds a row
//
//   materialise   an access for each use, if no    once, and accesses
//                 cache holds the array
//
// The one that takes the machine model the least time is taken. A value is
// computed by the same ops wherever it is: all three give the same bits, unless
// ops may be contracted.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "owl/Dialect/Owl/Analysis/GroupWork.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::owl;

double GroupEmitter::getCount(Loop loop) const {
  return getConstantIntValue(loops.getSize(loop)).value_or(kUnknownSize);
}

double GroupEmitter::getCount(Value tensor) const {
  double count = 1;
  for (Loop loop : loops.getLoops(tensor))
    count *= getCount(loop);
  return count;
}

Work GroupEmitter::getCompulsoryWork() const {
  // Accessors of ops are not const.
  GroupOp group = this->group;
  Work work;
  work.launches = 1;
  auto addBuffer = [&](Value tensor) {
    if (isa<RankedTensorType>(tensor.getType()))
      work.bytes +=
          getCount(tensor) * getElementBytes(getElementTypeOrSelf(tensor));
  };
  llvm::for_each(group.getBody().getArguments(), addBuffer);
  llvm::for_each(group.getYield().getValues(), addBuffer);
  for (Operation &op : group.getBody().front().without_terminator()) {
    if (!isa<RankedTensorType>(op.getResult(0).getType()))
      continue;
    auto reduce = dyn_cast<ReduceOp>(op);
    double count = getCount(reduce ? reduce.getSource() : op.getResult(0));
    Arithmetic own = Costs::getPerPoint(&op);
    work.flops += count * own.flops;
    work.calls += count * own.calls;
    if (!reduce || !isa<BlockArgument>(reduce.getSource()))
      continue;
    // What one pass has read a cache has for the next, if it holds it.
    Type element = reduce.getSourceType().getElementType();
    double bytes = getElementBytes(element), pieceBytes = bytes;
    for (Loop loop : loops.getReduced(reduce))
      pieceBytes *= getCount(loop);
    if (pieceBytes > resources.machine.cache)
      work.bytes += (getPasses(reduce.getKind(), element) - 1) * count * bytes;
  }
  return work;
}

Edges GroupEmitter::chooseEdge(Value value, double uses,
                               std::optional<Loop> around) {
  // Each span of a loop around asks again.
  auto [known, isNew] = edges.try_emplace(
      {value, around ? int64_t(*around) : -1}, Edges::Recompute);
  if (!isNew)
    return known->second;
  Arithmetic once = costs.get(value);
  if (once.flops + once.calls == 0)
    return Edges::Recompute;

  // How often an element is there, and what is kept of it at a time.
  double count = getCount(value);
  double elementBytes = getElementBytes(getElementTypeOrSelf(value)),
         rowBytes = elementBytes, bytes = count * elementBytes;
  for (Loop loop : getClosed(loops.getLoops(value)))
    rowBytes *= getCount(loop);
  for (Loop loop : path)
    if (!llvm::is_contained(loops.getLoops(value), loop))
      count *= getCount(loop);

  const MachineModel &machine = resources.machine;
  struct Variant {
    Edges edges;
    Work work;
    bool isLegal = true;
  };
  // Each beside what has been decided before.
  Variant variants[] = {{Edges::Recompute, work},
                        {Edges::Buffer, work},
                        {Edges::Materialise, work}};
  variants[0].work +=
      {0, 0, (uses - 1) * count * once.flops, (uses - 1) * count * once.calls};
  auto setKept = [&](Variant &variant, double kept) {
    variant.work += getAccessWork(uses, count, elementBytes, kept, machine);
    variant.isLegal = kept <= machine.memory;
  };
  setKept(variants[1], rowBytes);
  setKept(variants[2], bytes);

  // Of equals the first, which needs the least memory.
  const Variant *best = &variants[0];
  for (const Variant &variant : variants)
    if (variant.isLegal &&
        machine.getTime(variant.work) < machine.getTime(best->work))
      best = &variant;
  if (std::optional<Edges> forced = group.getEdges())
    best = llvm::find_if(variants, [&](const Variant &variant) {
      return variant.edges == *forced;
    });
  known->second = best->edges;
  work = best->work;

  // Inner loops may ask for a part of what outer ones have, and most often give
  // the same answer.
  auto [last, isFirst] = remarked.try_emplace(value, best->edges);
  if (!isFirst && std::exchange(last->second, best->edges) == best->edges)
    return best->edges;
  auto remark = remark::passed(
      value.getLoc(), remark::RemarkOpts::name("edge").category("owl-fuse"));
  if (remark) {
    remark << stringifyEdges(best->edges) << remark::metric("Uses", uses);
    for (const Variant &variant : variants) {
      std::string name = stringifyEdges(variant.edges).str();
      remark << remark::metric(name + "Seconds", machine.getTime(variant.work))
             << remark::metric(name + "Bytes", variant.work.bytes)
             << remark::metric(name + "Flops", variant.work.flops)
             << remark::metric(name + "Calls", variant.work.calls);
    }
  }
  return best->edges;
}

SmallVector<Value> GroupEmitter::keepValues(ArrayRef<Set> phases) {
  // In how many phases each value is computed, those that use it first.
  auto getUses = [&] {
    llvm::MapVector<Value, unsigned> uses;
    SmallVector<RowBuffer *> written;
    for (const Set &phase : phases) {
      llvm::SetVector<Value> needed = getNeeded(phase);
      for (Value value : needed)
        ++uses[value];
      setWritten(needed, written);
    }
    for (RowBuffer *row : written)
      row->isWritten = false;
    return uses;
  };
  auto isCandidate = [&](Value value) {
    Operation *op = value.getDefiningOp();
    return op &&
           (OpTrait::hasElementwiseMappableTraits(op) ||
            isa<linalg::GenericOp>(op)) &&
           !getClosed(loops.getLoops(value)).empty() && !rows.contains(value);
  };

  SmallVector<Value> values;
  DenseSet<Value> decided;
  for (bool isChanged = true; isChanged;) {
    isChanged = false;
    for (auto [value, count] : getUses()) {
      if (count < 2 || !isCandidate(value) || !decided.insert(value).second)
        continue;
      Edges how = chooseEdge(value, count);
      if (how == Edges::Recompute)
        continue;
      keep(value, how);
      values.push_back(value);
      // What it is computed from is needed less often now.
      isChanged = true;
      break;
    }
  }
  return values;
}

SmallVector<Value> GroupEmitter::keepRepeated(ArrayRef<unsigned> set,
                                              Loop loop) {
  SmallVector<std::pair<Value, Edges>> values;
  llvm::SetVector<Value> seen;
  std::function<void(Value)> visit = [&](Value tensor) {
    if (!seen.insert(tensor) || rows.contains(tensor))
      return;
    Operation *op = tensor.getDefiningOp();
    if (!op)
      return;
    LoopList list = loops.getLoops(tensor);
    bool varies = !getClosed(list).empty();
    auto reduce = dyn_cast<ReduceOp>(op);
    if (varies && !llvm::is_contained(list, loop) &&
        !targets.getNeeds(tensor).test(done)) {
      // What waits in memory is not finished.
      Edges how = !reduce ? chooseEdge(tensor, getCount(loop), loop)
                  : states[targets.getTarget(reduce)].memory.isComplete
                      ? Edges::Buffer
                      : Edges::Recompute;
      if (how != Edges::Recompute) {
        values.push_back({tensor, how});
        return;
      }
    }
    if (reduce)
      return;
    for (Value operand : op->getOperands())
      if (isa<RankedTensorType>(operand.getType()))
        visit(operand);
  };
  for (unsigned i : set)
    if (targets[i].value && targets[i].pinned.empty())
      visit(targets[i].value);

  SmallVector<Value> kept;
  for (auto [value, how] : values) {
    keep(value, how);
    emitAdded(targets.add(value, loops.getLoops(value)));
    rows[value]->isWritten = true;
    kept.push_back(value);
  }
  return kept;
}
