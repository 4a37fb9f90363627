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

TEST(InteriorPoint, ReachesTheGapWithoutSlack) {
  // All who are fast have to end at the same time, which leaves few plans.
  Random random(2);
  for (int trial = 0; trial < 200; ++trial) {
    SCOPED_TRACE(trial);
    const int devices = random.integer(2, 4), categories = random.integer(1, 4);
    std::vector<double> counts;
    for (int k = 0; k < categories; ++k)
      counts.push_back(random.integer(1, 8));
    std::vector<std::vector<double>> gain(devices);
    for (std::vector<double> &row : gain)
      for (int k = 0; k < categories; ++k)
        row.push_back(random.real(0.1, 1));
    Problem problem = makeProblem(gain, counts);
    const double unit = std::pow(10, random.integer(-6, 6));
    for (int entry = 0; entry < devices * categories; ++entry)
      problem.rates.time.push_back(unit * random.real(0.1, 1));
    problem.slack = 0;
    SoleParticipant sole;
    const Rules rules = prepare(problem, sole).rules;
    for (auto *solve : {solveInteriorPoint, solveDistributedNewton}) {
      const Plan plan = solve(problem, rules, {}, sole);
      EXPECT_EQ(plan.status, Status::Optimal);
      EXPECT_EQ(verify(problem, rules, plan.allocation), std::nullopt);
    }
  }
}

TEST(InteriorPoint, LeavesEnoughToTheFew) {
  // Of a category that goes to two classes, one of very many devices.
  Problem problem = makeProblem({{3}, {2}}, {1});
  problem.devices[0].count = 1e9;
  problem.devices[1].disagreement = 1;
  SoleParticipant sole;
  const Prepared prepared = prepare(problem, sole);
  ASSERT_EQ(prepared.error, std::nullopt);
  const Plan plan = solveInteriorPoint(problem, prepared.rules, {}, sole);
  EXPECT_EQ(plan.status, Status::Optimal);
  EXPECT_EQ(verify(problem, prepared.rules, plan.allocation), std::nullopt);
}

TEST(Prepare, NamesWhoCannotHaveEnough) {
  // With numbers of any size.
  Problem problem = makeProblem({{2, 2}, {2, 2}}, {1, 1});
  problem.devices[0].count = 1e9;
  problem.devices[0].disagreement = 4e9;
  SoleParticipant sole;
  EXPECT_EQ(prepare(problem, sole).error,
            "no plan gives every device what it has without one: device \"d0\" "
            "and category \"c0\" bind");
}

TEST(Prepare, MeasuresGainsByWhatFits) {
  // Of the second category d0 can have next to nothing.
  for (bool isTimed : {false, true}) {
    Problem problem = makeProblem({{1, 1e9}, {1, 1}}, {1, 1});
    if (isTimed) {
      problem.rates.time = {1, 1e9, 1, 1};
      problem.slack = 0.5;
    } else {
      problem.devices[0].memory = 1;
      problem.categories[1].memory = 1e9;
    }
    SoleParticipant sole;
    const Prepared prepared = prepare(problem, sole);
    EXPECT_EQ(prepared.rules.pinned, std::vector<char>(2, false));
    const Plan plan = solveInteriorPoint(problem, prepared.rules, {}, sole);
    EXPECT_EQ(plan.status, Status::Optimal);
    EXPECT_NEAR(plan.allocation.row(0)[0], 0.5, 1e-6);
  }
}

TEST(Prepare, GivesTimeForWhatAllHave) {
  // The first device is slow, but does not give up what it does.
  Problem problem = makeProblem({{1}, {1}}, {1});
  problem.rates.time = {10, 1};
  problem.devices[0].disagreement = 0.5;
  SoleParticipant sole;
  const Prepared prepared = prepare(problem, sole);
  EXPECT_EQ(prepared.error, std::nullopt);
  EXPECT_NEAR(prepared.rules.leastMakespan, 10. / 11, 1e-9);
  EXPECT_NEAR(prepared.rules.deadline, 1.1 * 5, 1e-6);
  const Plan plan = solveInteriorPoint(problem, prepared.rules, {}, sole);
  EXPECT_EQ(plan.status, Status::Optimal);
}

TEST(Prepare, FindsTheMakespanOfFastDevices) {
  // Many times less than what equal parts take.
  Problem problem = makeProblem({{1}, {1}}, {1});
  problem.rates.time = {1, 1e-7};
  SoleParticipant sole;
  const Rules rules = prepare(problem, sole).rules;
  EXPECT_NEAR(rules.leastMakespan, 1e-7, 1e-13);
  EXPECT_NEAR(rules.deadline, 1.1e-7, 1e-13);
}

using Solver = Plan (*)(const Problem &, const Rules &, const SolverOptions &,
                        Exchange &);

/// What `solver` finds with as many participants, or nothing where there is no
/// plan.
struct Found {
  std::optional<std::string> error;
  Rules rules;
  Plan plan;
};
Found find(const Problem &problem, Solver solver, int participants,
           const SolverOptions &options) {
  Found found;
  runShards(participants, [&](Exchange &exchange) {
    const Problem shard =
        getShard(problem, exchange.getRank(), exchange.getSize());
    const Prepared prepared = prepare(shard, exchange);
    Plan plan;
    if (!prepared.error)
      plan = solver(shard, prepared.rules, options, exchange);
    if (exchange.getRank() == 0)
      found = {prepared.error, prepared.rules, std::move(plan)};
  });
  return found;
}

/// The largest difference between `prices` and `others`, relatively.
double getDistance(const std::vector<double> &prices,
                   const std::vector<double> &others) {
  double largest = 0, distance = 0;
  for (double price : prices)
    largest = std::max(largest, std::abs(price));
  for (size_t k = 0; k != prices.size(); ++k)
    distance =
        std::max(distance, std::abs(prices[k] - others[k]) /
                               std::max(std::abs(prices[k]), 1e-3 * largest));
  return distance;
}

TEST(InteriorPoint, IsTheSameForAnyNumberOfParticipants) {
  Random random(2);
  int solved = 0;
  for (int trial = 0; trial < 300; ++trial) {
    SCOPED_TRACE(trial);
    const Problem problem = drawProblem(random);
    const Found one = find(problem, solveInteriorPoint, 1, {}),
                many = find(problem, solveDistributedNewton, 3, {});
    ASSERT_EQ(many.error.has_value(), one.error.has_value());
    if (one.error)
      continue;
    EXPECT_NEAR(many.rules.leastMakespan, one.rules.leastMakespan,
                1e-12 * one.rules.leastMakespan);
    EXPECT_LE(many.plan.certificate.getGap(), 1e-7);
    EXPECT_LE(getDistance(one.plan.prices.category, many.plan.prices.category),
              1e-9);
    ++solved;
  }
  EXPECT_GT(solved, 180);
}

// A time limit makes prices out of rounding errors in the makespan, and where
// a method begins is by a plan that has to be the same.
TEST(InteriorPoint, HasTheSamePricesWithinLimits) {
  Random random(5);
  for (int trial = 0; trial < 30; ++trial) {
    SCOPED_TRACE(trial);
    const int devices = random.integer(2, 40),
              categories = random.integer(1, 12);
    std::vector<std::vector<double>> gain(devices);
    std::vector<double> counts;
    for (int k = 0; k < categories; ++k)
      counts.push_back(random.integer(1, 30));
    for (auto &row : gain)
      for (int k = 0; k < categories; ++k)
        row.push_back(random.real(0, 1));
    Problem problem = makeProblem(gain, counts);
    for (int e = 0; e < devices * categories; ++e)
      problem.rates.time.push_back(random.real(0.1, 1));
    for (auto [solver, rounds] :
         {std::pair<Solver, int>(solveInteriorPoint, 100000),
          {solveSubgradient, 60}}) {
      const SolverOptions options = getOptions(1e-7, rounds);
      const Found one = find(problem, solver, 1, options),
                  many = find(problem, solver, 3, options);
      ASSERT_EQ(one.error, std::nullopt);
      EXPECT_LE(
          getDistance(one.plan.prices.category, many.plan.prices.category),
          1e-9);
    }
  }
}
} // namespace
