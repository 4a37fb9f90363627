//===- Participate.h - From a problem to a plan -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TOOLS_OWL_BARGAIN_PARTICIPATE_H
#define OWL_TOOLS_OWL_BARGAIN_PARTICIPATE_H

#include "owl/Assignment/Solvers.h"

namespace owl::assignment {

enum class Solver {
  InteriorPoint,
  Subgradient,
  ProportionalResponse,
  DistributedNewton
};

/// What all participants find together.
struct Outcome {
  Rules rules;
  Plan plan;
  /// Why there is no plan.
  std::string error;
};

/// Finds a plan for `problem`, which is valid, with the other participants of
/// `exchange`, who are given the same. All get the same outcome. The first is
/// told of progress, if it wants that.
Outcome participate(const Problem &problem, Solver solver,
                    const SolverOptions &options, Exchange &exchange);

} // namespace owl::assignment

#endif // OWL_TOOLS_OWL_BARGAIN_PARTICIPATE_H
