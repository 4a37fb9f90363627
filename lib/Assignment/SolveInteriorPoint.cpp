//===- SolveInteriorPoint.cpp - Nash bargaining by Newton's method --------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Certificates.h"
#include "InteriorPoint.h"
#include "owl/Assignment/Solvers.h"
#include <algorithm>

using namespace owl::assignment;

/// The gap that the method estimates by itself is this many times the certified
/// one at most, in practice: no use to ask earlier.
static constexpr double kAskAt = 4;
/// Which part of the gap is left in the end where prices have to be exact, and
/// which gap is as good as none.
static constexpr double kPolishTo = 1e-3, kLeastGap = 1e-11;

static Plan solve(const Problem &problem, const Rules &rules,
                  const SolverOptions &options, Exchange &exchange,
                  bool byDevice) {
  Plan plan;
  int64_t firstRound = exchange.getRounds(), unneeded = 0;
  // The weight that bargains, and the instances to place.
  double totals[2] = {};
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i)
    if (!rules.pinned[i])
      totals[0] += problem.devices[i].count * problem.devices[i].weight;
  exchange.sum(totals, 1);
  for (const Category &category : problem.categories)
    totals[1] += category.count;

  auto rate = [&](Plan &candidate) {
    candidate.certificate = certify(problem, rules, candidate.allocation,
                                    candidate.prices, exchange);
    candidate.rounds = exchange.getRounds() - firstRound - unneeded;
  };
  if (totals[1] == 0) {
    plan.allocation = Allocation(problem);
    plan.prices.category.assign(problem.getNumCategories(), 0);
    rate(plan);
    plan.status = totals[0] == 0 ? Status::StatusQuo : Status::Optimal;
    return plan;
  }

  BlockProgram program = getNashProgram(problem, rules);
  InteriorPoint method(program, exchange, byDevice);
  bool found = false;
  while (true) {
    bool moved = method.step();
    bool placed = method.getInfeasibility() < 1e-7;
    // Each product that is not yet 0 is so much of the duality gap.
    double estimate = method.getGapEstimate() / std::max(totals[0], 1e-300);
    bool last = !moved || exchange.getRounds() - firstRound - unneeded >=
                              options.maxRounds;
    bool ask =
        last || (placed && (estimate < kAskAt * options.gap || totals[0] == 0));
    if (!ask && !options.progress)
      continue;
    int64_t before = exchange.getRounds();
    Plan next;
    auto look = [&] {
      next.allocation = method.getAllocation();
      next.prices = method.getPrices();
      rate(next);
      return placed && next.certificate.getGap() <= options.gap;
    };
    if (look() && ask && totals[0] > 0 &&
        method.polish(kPolishTo * std::max(options.gap, kLeastGap) * totals[0]))
      look();
    if (last && !placed) {
      double kept = !verify(problem, rules, next.allocation);
      exchange.min(&kept, 1);
      placed = kept != 0;
    }
    // Until every limit is kept, nothing is reached.
    if (!placed)
      next.certificate.primal = -kUnlimited;
    if (options.progress && exchange.getRank() == 0)
      options.progress({next.rounds, next.certificate});
    if (!ask)
      unneeded += exchange.getRounds() - before;
    if (!found || next.certificate.getGap() <= plan.certificate.getGap()) {
      plan = std::move(next);
      found = true;
    }
    if (totals[0] == 0 && placed) {
      plan.status = Status::StatusQuo;
      return plan;
    }
    if (ask && placed && plan.certificate.getGap() <= options.gap) {
      plan.status = Status::Optimal;
      return plan;
    }
    if (last)
      return plan;
  }
}

Plan owl::assignment::solveInteriorPoint(const Problem &problem,
                                         const Rules &rules,
                                         const SolverOptions &options,
                                         Exchange &exchange) {
  return solve(problem, rules, options, exchange, /*byDevice=*/true);
}

Plan owl::assignment::solveDistributedNewton(const Problem &problem,
                                             const Rules &rules,
                                             const SolverOptions &options,
                                             Exchange &exchange) {
  return solve(problem, rules, options, exchange, /*byDevice=*/false);
}
