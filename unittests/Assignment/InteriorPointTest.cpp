//===- InteriorPointTest.cpp - Plans at the optimum -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On random problems of every sort the plan is one, and its certificate (which
// CertifyTest holds against brute force) shows that none is better.
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
TEST(InteriorPoint, ReachesTheGap) {
  Random random(1);
  int solved = 0;
  for (int trial = 0; trial < 400; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = drawProblem(random);
    ASSERT_EQ(problem.validate(), std::nullopt);
    SoleParticipant sole;
    Prepared prepared = prepare(problem, sole);
    if (prepared.error)
      continue;
    Plan plan = solveInteriorPoint(problem, prepared.rules, {}, sole);
    EXPECT_NE(plan.status, Status::Stopped);
    EXPECT_LE(plan.certificate.getGap(), 1e-7);
    EXPECT_EQ(verify(problem, prepared.rules, plan.allocation), std::nullopt);
    ++solved;
  }
  EXPECT_GT(solved, 250);
}

TEST(InteriorPoint, IsTheSameForAnyNumberOfParticipants) {
  Random random(2);
  int solved = 0;
  for (int trial = 0; trial < 60; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = drawProblem(random);
    SoleParticipant sole;
    Prepared prepared = prepare(problem, sole);
    Plan plan;
    if (!prepared.error)
      plan = solveDistributedNewton(problem, prepared.rules, {}, sole);
    std::vector<Prepared> ownPrepared(3);
    std::vector<Plan> own(3);
    runShards(3, [&](Exchange &exchange) {
      int rank = exchange.getRank();
      Problem shard = getShard(problem, rank, 3);
      ownPrepared[rank] = prepare(shard, exchange);
      if (!ownPrepared[rank].error)
        own[rank] = solveDistributedNewton(shard, ownPrepared[rank].rules, {},
                                           exchange);
    });
    for (int rank = 0; rank < 3; ++rank) {
      ASSERT_EQ(ownPrepared[rank].error.has_value(),
                prepared.error.has_value());
      if (prepared.error)
        continue;
      EXPECT_NEAR(ownPrepared[rank].rules.leastMakespan,
                  prepared.rules.leastMakespan,
                  1e-7 * prepared.rules.leastMakespan);
      EXPECT_LE(own[rank].certificate.getGap(), 1e-7);
      EXPECT_NEAR(own[rank].certificate.primal, plan.certificate.primal,
                  1e-5 * (1 + std::abs(plan.certificate.primal)));
      ++solved;
    }
  }
  EXPECT_GT(solved, 90);
}
} // namespace
