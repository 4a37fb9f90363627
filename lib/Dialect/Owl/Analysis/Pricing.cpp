//===- Pricing.cpp - What a group takes on a device -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Pricing.h. The softmax of a row, for example, has three phases: the
// maximum, the sum of exponentials, and the division. The last two need the
// exponentials, which are a row.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Pricing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "owl/Dialect/Owl/Analysis/GroupWork.h"
#include "owl/Support/ByteSize.h"
#include "llvm/ADT/SmallBitVector.h"
#include <limits>

using namespace mlir;
using namespace mlir::owl;

StringRef owl::stringifyVariant(Variant variant) {
  switch (variant) {
  case Variant::Unfused:
    return "unfused";
  case Variant::Recompute:
    return stringifyEdges(Edges::Recompute);
  case Variant::Buffer:
    return stringifyEdges(Edges::Buffer);
  case Variant::Materialise:
    return stringifyEdges(Edges::Materialise);
  }
  llvm_unreachable("unknown variant");
}

namespace {
/// The ops of a group that do something, and in which phases.
class Phases {
public:
  explicit Phases(GroupOp group);

  ArrayRef<Operation *> getOps() const { return ops; }

  /// Calls `visit` for each element-wise op that several phases need, those
  /// that use it first, with how many of them. If that returns true the op is
  /// computed in the first of these alone.
  void visitShared(function_ref<bool(Operation *, unsigned)> visit) const;

private:
  SmallVector<Value> results;
  SmallVector<Operation *> ops;
  /// After how many reductions each value is known.
  DenseMap<Value, unsigned> levels;
};

/// The elements of rows.
class Rows {
public:
  Rows(GroupOp group, ArrayRef<Operation *> ops);

  /// How many elements of `tensor` are in one turn of the loops that all
  /// reductions and results of the group share.
  double getCount(Value tensor) const;

private:
  Axes axes;
  /// The axes of the shared loops; none where the group has no axes.
  llvm::SmallSetVector<Axis, 8> shared;
  bool isKnown = true;
};
} // namespace

Phases::Phases(GroupOp group) : results(group.getYield().getValues()) {
  for (Operation &op : group.getBody().front().without_terminator()) {
    if (isFree(&op))
      continue;
    ops.push_back(&op);
    unsigned level = 0;
    for (Value operand : op.getOperands())
      level = std::max(level, levels.lookup(operand));
    for (Value result : op.getResults())
      levels[result] = isa<ReduceOp>(op) ? level + 1 : level;
  }
}

void Phases::visitShared(
    function_ref<bool(Operation *, unsigned)> visit) const {
  unsigned numPhases = ops.size() + 1;
  DenseMap<Value, llvm::SmallBitVector> neededIn;
  auto need = [&](Value value, const llvm::SmallBitVector &phases) {
    neededIn.try_emplace(value, numPhases).first->second |= phases;
  };
  auto inPhase = [&](unsigned phase) {
    llvm::SmallBitVector phases(numPhases);
    phases.set(phase);
    return phases;
  };
  for (Value value : results)
    need(value, inPhase(levels.lookup(value)));
  for (Operation *op : llvm::reverse(ops)) {
    llvm::SmallBitVector phases(numPhases);
    if (isa<ReduceOp>(op)) {
      phases.set(levels.lookup(op->getOperand(0)));
    } else {
      for (Value result : op->getResults())
        if (auto it = neededIn.find(result); it != neededIn.end())
          phases |= it->second;
      if (phases.count() > 1 && visit(op, phases.count()))
        phases = inPhase(phases.find_first());
    }
    for (Value operand : op->getOperands())
      need(operand, phases);
  }
}

Rows::Rows(GroupOp group, ArrayRef<Operation *> ops) {
  for (Operation &op : group.getBody().front().without_terminator())
    if (isa<RankedTensorType>(op.getResult(0).getType()) &&
        failed(axes.add(&op))) {
      isKnown = false;
      return;
    }
  AxisList all = axes.getAll();
  shared.insert(all.begin(), all.end());
  auto share = [&](Value target, ArrayRef<Axis> reduced) {
    AxisList list = axes.getAxes(target);
    shared.remove_if([&](Axis axis) {
      return !llvm::is_contained(list, axis) ||
             llvm::is_contained(reduced, axis);
    });
  };
  for (Operation *op : ops)
    if (auto reduce = dyn_cast<ReduceOp>(op))
      share(reduce.getSource(), axes.getReduced(op));
  for (Value value : group.getYield().getValues())
    if (value.getDefiningOp())
      share(value, {});
}

double Rows::getCount(Value tensor) const {
  if (!isKnown)
    return owl::getCount(tensor);
  double count = 1;
  for (Axis axis : axes.getAxes(tensor))
    if (!shared.contains(axis)) {
      int64_t size = axes.getSize(axis).count;
      count *= ShapedType::isDynamic(size) ? kUnknownSize : size;
    }
  return count;
}

GroupPricing::GroupPricing(GroupOp group) {
  Phases phases(group);
  apart = getWorkApart(phases.getOps());
  together = getWorkTogether(phases.getOps());
  phases.visitShared([&](Operation *op, unsigned uses) {
    double more = (uses - 1) * getCount(op->getResult(0));
    Arithmetic own = Costs::getOwn(op->getResult(0));
    again += {0, 0, more * own.flops, more * own.calls};
    return false;
  });

  Rows rows(group, phases.getOps());
  Costs costs;
  phases.visitShared([&](Operation *op, unsigned uses) {
    Value value = op->getResult(0);
    Arithmetic once = costs.get(value);
    double row = rows.getCount(value);
    // What is made of nothing, or is one number for a row, is not kept.
    if (Costs::getOwn(value).getAdditions() == 0 ||
        once.flops + once.calls == 0 || row == 1)
      return false;
    double bytes = getElementBytes(getElementTypeOrSelf(value));
    kept.push_back({double(uses), getCount(value), bytes, row * bytes});
    return true;
  });

  // A guess must not keep a group from a device that may well hold it.
  auto hold = [&](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (type && type.hasStaticShape())
      memory += getBytes(value);
  };
  llvm::for_each(group.getOutputs(), hold);
  for (Value input : group.getInputs())
    if (matchPattern(input, m_Constant()))
      hold(input);
}

double GroupPricing::getTime(Variant variant,
                             const MachineModel &machine) const {
  if (variant == Variant::Unfused)
    return owl::getTime(apart, machine);
  Work work = together;
  if (variant == Variant::Recompute) {
    work += again;
    return machine.getTime(work);
  }
  // All that is kept shares the cache, or memory.
  double keptBytes = 0;
  for (const Kept &value : kept)
    keptBytes += variant == Variant::Buffer ? value.rowBytes
                                            : value.count * value.elementBytes;
  if (keptBytes > (variant == Variant::Buffer ? machine.cache : machine.memory))
    return std::numeric_limits<double>::infinity();
  for (const Kept &value : kept)
    work += getAccessWork(value.uses, value.count, value.elementBytes,
                          keptBytes, machine);
  return machine.getTime(work);
}

Price GroupPricing::choose(const MachineModel &machine) const {
  double unfused = getTime(Variant::Unfused, machine);
  Price best = {Variant::Recompute, getTime(Variant::Recompute, machine), 0};
  for (Variant variant : {Variant::Buffer, Variant::Materialise}) {
    double seconds = getTime(variant, machine);
    if (seconds < best.seconds)
      best = {variant, seconds, 0};
  }
  best.saved = std::max(0.0, unfused - best.seconds);
  return best;
}

double GroupPricing::getSavedBytes() const {
  double bytes = -together.bytes;
  for (const Work &work : apart)
    bytes += work.bytes;
  return std::max(0.0, bytes);
}
