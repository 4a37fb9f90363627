//===- Solvers.h - The ways to a plan ---------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Problem -> prepare -> Rules -> solver -> Plan -> verify
//
// Each function is run by every participant of `exchange` on its own shard of
// the devices (all categories are in each shard), and returns that shard's part
// of the plan, with the same prices in all. One participant is enough.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_SOLVERS_H
#define OWL_ASSIGNMENT_SOLVERS_H

#include "owl/Assignment/Exchange.h"
#include "owl/Assignment/Plan.h"

namespace owl::assignment {

/// What a solver has reached after `round` exchanges.
struct Progress {
  int64_t round = 0;
  Certificate certificate;
};

/// The gaps that Newton's method reaches in the end, and that methods which
/// exchange nothing but prices come to in a reasonable time.
constexpr double kNewtonGap = 1e-7, kFirstOrderGap = 1e-3;

struct SolverOptions {
  /// Certified relative gap at which to stop. See Certificate::getGap.
  double gap = kNewtonGap;
  /// Rounds after which to give up.
  int64_t maxRounds = 100000;
  /// Called by the first participant after each step.
  std::function<void(const Progress &)> progress;
};

/// What had to be found before bargaining, or why there is no plan at all: a
/// sentence that names the device and the category that bind. `problem` is
/// valid. The time limit, if there is one, is no shorter than `deadline`.
struct Prepared {
  Rules rules;
  std::optional<std::string> error;
};
Prepared prepare(const Problem &problem, Exchange &exchange,
                 double deadline = 0);

/// The primal-dual interior point method, with the structure of the blocks:
/// about 20 steps of O(NK min(N, K)). Every utility, every limit.
Plan solveInteriorPoint(const Problem &problem, const Rules &rules,
                        const SolverOptions &options, Exchange &exchange);

/// The projected sub-gradient method of the paper: each device alone answers
/// the prices, which then follow the excess demand. Every utility, every limit.
/// The plan is the weighted average of the answers, made to fit.
Plan solveSubgradient(const Problem &problem, const Rules &rules,
                      const SolverOptions &options, Exchange &exchange);

/// Each device splits its spending among the categories in proportion to what
/// they gave it last. Linear utilities without limits of time or memory, and
/// devices that can gain or have nothing to lose, as the second function checks
/// on the whole problem: it returns why not, in a sentence. Without
/// disagreements the gap falls like 1 / rounds.
Plan solveProportionalResponse(const Problem &problem, const Rules &rules,
                               const SolverOptions &options,
                               Exchange &exchange);
std::optional<std::string> checkProportionalResponse(const Problem &problem,
                                                     const Rules &rules);

/// The interior point method with nothing exchanged but sums over the devices:
/// fewest rounds. In one of three a device adds a diagonal matrix and at most
/// three products of a vector with itself, that is O(K) numbers that say which
/// K (K + 1) / 2 it adds; in the others O(K).
Plan solveDistributedNewton(const Problem &problem, const Rules &rules,
                            const SolverOptions &options, Exchange &exchange);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_SOLVERS_H
