//===- Rounding.h - Plans in whole instances --------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Solvers place fractions of instances. What runs in the end are whole ones.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_ROUNDING_H
#define OWL_ASSIGNMENT_ROUNDING_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

/// Whole numbers near `relaxed` with the right sum in each category, by the
/// largest remainders: no rule but that is kept.
Allocation roundByRemainders(const Problem &problem, const Allocation &relaxed);

struct RoundingOptions {
  /// How often a placement that cannot be improved step by step is disturbed
  /// and improved again.
  int64_t disturbances = 200;
  /// Looks at a device and an instance to take at most, of some ten nanoseconds
  /// each.
  int64_t effort = 100000000;
};

struct Rounded {
  Allocation allocation;
  /// The rule that `allocation` breaks, in one sentence, where no plan in whole
  /// numbers was found that keeps them all.
  std::optional<std::string> violation;
};

/// Makes whole numbers of `relaxed`, which need not keep any rule. Each device
/// is one, with a `count` of 1: see expand(). First that every rule is kept,
/// then that as many devices as possible gain, then that their product is
/// large. `home`, a plan in whole numbers, is where to look if no other is
/// found. The same input gives the same plan.
Rounded roundPlan(const Problem &problem, const Rules &rules,
                  const Allocation &relaxed, const Allocation *home = nullptr,
                  const RoundingOptions &options = {});

/// A game with each device of a class as a device of its own, named after it
/// with a number from 0, that all share its row and its instances.
struct Expanded {
  Problem problem;
  Rules rules;
  Allocation allocation;
};
Expanded expand(const Problem &problem, const Rules &rules,
                const Allocation &allocation);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_ROUNDING_H
