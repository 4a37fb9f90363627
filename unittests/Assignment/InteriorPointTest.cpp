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
/// Draws what a problem has of everything there is.
Problem draw(Random &random) {
  const int sizes[] = {1, 2, 3, 5, 8, 20, 60};
  int devices = sizes[random.integer(0, 6)];
  int categories = sizes[random.integer(0, 6)];
  double density = random.chance(0.5) ? 1 : 0.4;
  bool timed = random.chance(0.5), limited = random.chance(0.5);
  bool home = random.chance(0.5), diminishing = random.chance(0.4);
  Problem problem;
  double work = 0;
  for (int k = 0; k < categories; ++k) {
    Category category{"c" + std::to_string(k), double(random.integer(1, 20)),
                      limited ? random.real(0.1, 1) : 0};
    work += category.count * category.memory;
    problem.categories.push_back(category);
  }
  Rates &rates = problem.rates;
  for (int i = 0; i < devices; ++i) {
    Device device;
    device.name = "d" + std::to_string(i);
    device.row = i;
    device.count = random.chance(0.2) ? random.integer(2, 9) : 1;
    device.weight = random.chance(0.3) ? random.real(0.2, 5) : 1;
    if (limited && random.chance(0.7))
      device.memory = work / devices * random.real(0.9, 3);
    for (int k = 0; k < categories; ++k) {
      if (!random.chance(density) && k % devices != i)
        continue;
      rates.category.push_back(k);
      rates.gain.push_back(random.chance(0.2) ? 0 : random.real(0, 1));
      if (timed)
        rates.time.push_back(random.real(0.05, 1) * (1 + i % 7));
      if (diminishing)
        rates.saturation.push_back(problem.categories[k].count *
                                   random.real(0.1, 1));
    }
    rates.start.push_back(rates.category.size());
    problem.devices.push_back(device);
  }
  if (diminishing)
    problem.utility = Utility::Diminishing;
  problem.slack = home ? 4 : 0.1;
  // Category k is at home on device k mod N, which keeps 0.7 of what that is
  // worth.
  for (int i = 0; home && i < devices; ++i) {
    std::vector<double> instances;
    for (int64_t e = problem.begin(i); e < problem.end(i); ++e) {
      int32_t k = rates.category[e];
      instances.push_back(k % devices == i ? problem.categories[k].count : 0);
    }
    problem.devices[i].disagreement =
        0.7 * problem.getUtility(i, instances.data());
  }
  return problem;
}

TEST(InteriorPoint, ReachesTheGap) {
  Random random(1);
  int solved = 0;
  for (int trial = 0; trial < 400; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = draw(random);
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
    Problem problem = draw(random);
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
