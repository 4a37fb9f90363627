//===- SubgradientTest.cpp - Prices that follow the excess demand ---------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "owl/Assignment/Shard.h"
#include "owl/Assignment/Solvers.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

namespace {
TEST(Subgradient, SaysTruthfullyHowNearItIs) {
  Random random(4);
  int solved = 0, reached = 0;
  for (int trial = 0; trial != 30; ++trial) {
    SCOPED_TRACE(trial);
    const Problem problem = drawProblem(random);
    SoleParticipant sole;
    const Prepared prepared = prepare(problem, sole);
    if (prepared.error)
      continue;
    const Rules &rules = prepared.rules;
    SolverOptions options = getOptions(2e-2, 1500);
    double last = kUnlimited;
    options.progress = [&](const Progress &progress) {
      EXPECT_LE(progress.certificate.getGap(), last);
      last = progress.certificate.getGap();
    };
    const Plan plan = solveSubgradient(problem, rules, options, sole);
    EXPECT_EQ(verify(problem, rules, plan.allocation), std::nullopt);
    const Certificate certificate =
        certify(problem, rules, plan.allocation, plan.prices);
    EXPECT_NEAR(certificate.getGap(), plan.certificate.getGap(), 1e-9);
    // The optimum is between the bounds.
    const Certificate exact =
        solveInteriorPoint(problem, rules, {}, sole).certificate;
    const double error = 1e-6 * (1 + exact.weight);
    EXPECT_LE(certificate.primal, exact.dual + error);
    EXPECT_GE(certificate.dual, exact.primal - error);
    ++solved;
    reached += plan.status != Status::Stopped;
    EXPECT_EQ(plan.status == Status::Stopped,
              plan.certificate.getGap() > options.gap);
  }
  EXPECT_GT(solved, 20);
  EXPECT_GT(reached, solved * 8 / 10) << "of " << solved;
}

TEST(Subgradient, KnowsTheStatusQuo) {
  Problem problem = makeProblem({{1}, {1}}, {10});
  problem.devices[0].disagreement = 4;
  problem.devices[1].disagreement = 6;
  SoleParticipant sole;
  const Prepared prepared = prepare(problem, sole);
  ASSERT_EQ(prepared.error, std::nullopt);
  const Plan plan =
      solveSubgradient(problem, prepared.rules, getOptions(1e-3, 1000), sole);
  EXPECT_EQ(plan.status, Status::StatusQuo);
  EXPECT_EQ(verify(problem, prepared.rules, plan.allocation), std::nullopt);
}

TEST(Subgradient, IsTheSameForWeightsOfAnySize) {
  Problem problem = makeProblem({{1, 3, 2}, {2, 1, 1}}, {10, 20, 5});
  SoleParticipant sole;
  const Rules rules = prepare(problem, sole).rules;
  const SolverOptions options = getOptions(1e-4, 5000);
  const Plan plan = solveSubgradient(problem, rules, options, sole);
  for (Device &device : problem.devices)
    device.weight = 0x1p-90;
  const Plan small = solveSubgradient(problem, rules, options, sole);
  EXPECT_EQ(plan.status, Status::Optimal);
  EXPECT_EQ(small.status, Status::Optimal);
  EXPECT_EQ(small.rounds, plan.rounds);
  EXPECT_EQ(small.allocation.instances, plan.allocation.instances);
}

TEST(Subgradient, IsTheSameForAnyNumberOfParticipants) {
  Random random(5);
  int solved = 0;
  for (int trial = 0; trial != 25; ++trial) {
    SCOPED_TRACE(trial);
    const Problem problem = drawProblem(random);
    SoleParticipant sole;
    const Prepared prepared = prepare(problem, sole);
    if (prepared.error)
      continue;
    const SolverOptions options = getOptions(1e-3, 600);
    const Plan plan = solveSubgradient(problem, prepared.rules, options, sole);
    runShards(3, [&](Exchange &exchange) {
      const int rank = exchange.getRank();
      const Problem shard = getShard(problem, rank, 3);
      const Plan own = solveSubgradient(
          shard, getShard(prepared.rules, rank, 3), options, exchange);
      // However many rounds: all that prices follow is exact sums.
      EXPECT_EQ(own.rounds, plan.rounds);
      EXPECT_EQ(own.prices.category, plan.prices.category);
      EXPECT_DOUBLE_EQ(own.certificate.weight, plan.certificate.weight);
    });
    ++solved;
  }
  EXPECT_GT(solved, 15);
}
} // namespace
