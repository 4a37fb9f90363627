//===- Participate.cpp - From a problem to a plan -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Participate.h"
#include "owl/Assignment/Shard.h"

using namespace owl::assignment;

static Plan solve(const Problem &shard, const Rules &rules, Solver solver,
                  const SolverOptions &options, Exchange &exchange) {
  switch (solver) {
  case Solver::Subgradient:
    return solveSubgradient(shard, rules, options, exchange);
  case Solver::ProportionalResponse:
    return solveProportionalResponse(shard, rules, options, exchange);
  case Solver::DistributedNewton:
    return solveDistributedNewton(shard, rules, options, exchange);
  case Solver::InteriorPoint:
    break;
  }
  return solveInteriorPoint(shard, rules, options, exchange);
}

Outcome owl::assignment::participate(const Problem &problem, Solver solver,
                                     const SolverOptions &options,
                                     Exchange &exchange) {
  const Problem shard =
      getShard(problem, exchange.getRank(), exchange.getSize());
  const Prepared prepared = prepare(shard, exchange);
  Outcome outcome;
  outcome.error = joinTexts(prepared.error.value_or(""), exchange);
  if (!outcome.error.empty())
    return outcome;
  outcome.rules = joinShards(problem, prepared.rules, exchange);
  if (solver == Solver::ProportionalResponse)
    outcome.error =
        checkProportionalResponse(problem, outcome.rules).value_or("");
  if (!outcome.error.empty())
    return outcome;

  // Whoever reports progress works for it, and all have to do the same work.
  SolverOptions own = options;
  double isWatched = exchange.getRank() == 0 && options.progress ? 1 : 0;
  exchange.sum(&isWatched, 1);
  if (isWatched > 0 && !own.progress)
    own.progress = [](const Progress &) {};
  const Plan part = solve(shard, prepared.rules, solver, own, exchange);
  outcome.plan = joinShards(problem, part, exchange);
  return outcome;
}
