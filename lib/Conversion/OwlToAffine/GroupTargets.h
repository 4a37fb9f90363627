//===- GroupTargets.h - What a group computes -------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A group is a set of targets: the reductions in it, and the stores of what it
// yields. Everything else is computed where a target needs it. A target has to
// wait for those that it needs; those that need not wait for one another and
// walk the same loops share a loop nest.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_GROUPTARGETS_H
#define OWL_CONVERSION_OWLTOAFFINE_GROUPTARGETS_H

#include "GroupLoops.h"
#include "Reducer.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::owl {

/// Targets by number.
using TargetSet = llvm::SmallBitVector;

/// A pass over the loops `domain`.
struct Target {
  /// What is reduced or stored at each point of the domain.
  Value value;
  LoopList domain;
  /// The loops that it reduces, in row-major order; none if it stores.
  LoopList reduced;
  /// How it reduces.
  std::optional<Reducer> reducer;
  /// The loops that are not in its domain but in its value's, which it takes
  /// where they begin.
  LoopList pinned;
  /// The reduction whose result it computes; null for what others subtract from
  /// each element, and for stores.
  ReduceOp reduce;
  /// The target with what it subtracts from each element, if it does so.
  std::optional<unsigned> shift;
  /// Which yielded value it stores; none where it only keeps its value in a
  /// buffer for others.
  std::optional<unsigned> output;
  /// The target whose accumulators in memory it initializes, combines with
  /// those of a piece, or finishes and keeps for others; then it has no value.
  std::optional<unsigned> clears, combines, finishes;
  /// The targets that must be complete before it can begin, and those of them
  /// whose results it uses itself.
  TargetSet needs, uses;

  bool isStore() const { return !reducer; }
  bool reduces(Loop loop) const { return llvm::is_contained(reduced, loop); }
  bool walks(Loop loop) const { return llvm::is_contained(domain, loop); }
  bool keeps(Loop loop) const { return walks(loop) && !reduces(loop); }
  LoopList getKept() const {
    LoopList kept;
    llvm::copy_if(domain, std::back_inserter(kept),
                  [&](Loop loop) { return !reduces(loop); });
    return kept;
  }
};

/// The targets of a group in an order that respects what they need.
class GroupTargets {
public:
  GroupTargets(GroupOp group, const GroupLoops &loops);

  unsigned size() const { return targets.size(); }
  const Target &operator[](unsigned i) const { return targets[i]; }

  /// The target that computes the result of `reduce`.
  unsigned getTarget(ReduceOp reduce) const {
    return targetOf.find(reduce)->second;
  }
  /// Adds a target that computes `value`, which may be null, for all of
  /// `domain`; returns its number.
  unsigned add(Value value, LoopList domain);
  /// Adds one that initializes the accumulators of `target`, combines or
  /// finishes them.
  unsigned addClear(unsigned target);
  unsigned addCombine(unsigned target);
  unsigned addFinish(unsigned target);

  /// Whether target `i`, where the loops `open` are around, accumulates in
  /// memory: it keeps a loop of points inside of one that it reduces.
  bool waitsInMemory(unsigned i, ArrayRef<bool> open) const;
  /// Whether its accumulators are there for all loops that it keeps.
  bool isWholeInMemory(unsigned i, ArrayRef<bool> open) const;

  /// The targets that `value` needs.
  const TargetSet &getNeeds(Value value) const;

  /// The longest sequence of loops, beside those in `open`, that all of `set`
  /// can share: none of them may reduce one of these loops before it is inside
  /// all that it keeps but points, nor while another of the set waits for it.
  /// Loops of points open after the reduced ones that lie outside of them.
  LoopList getSharedLoops(ArrayRef<unsigned> set, ArrayRef<bool> open) const;

private:
  const TargetSet &lookup(const DenseMap<Value, TargetSet> &sets,
                          Value value) const;
  /// Whether `loop` is one of points that target `i` keeps, with a loop outside
  /// of it that the target reduces, other than those in `open`.
  bool isLate(unsigned i, Loop loop, ArrayRef<bool> open = {}) const;

  const GroupLoops &loops;
  SmallVector<Target> targets;
  DenseMap<Operation *, unsigned> targetOf;
  DenseMap<Value, TargetSet> needs, uses;
  TargetSet none;
  /// All loops, in the order in which the largest tensor has them.
  LoopList order;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_GROUPTARGETS_H
