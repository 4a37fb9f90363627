//===- ProportionalResponseTest.cpp - Spending where it gave most ---------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "owl/Assignment/Shard.h"
#include "owl/Assignment/Solvers.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {
/// A problem that the method is for.
Problem drawLinear(Random &random) {
  Problem problem;
  do
    problem = drawProblem(random);
  while (problem.utility != Utility::Linear);
  problem.rates.time.clear();
  for (Device &device : problem.devices)
    device.memory = kUnlimited;
  return problem;
}

TEST(ProportionalResponse, ReachesTheGap) {
  Random random(6);
  int solved = 0, withDisagreements = 0;
  for (int trial = 0; trial != 150; ++trial) {
    SCOPED_TRACE(trial);
    const Problem problem = drawLinear(random);
    SoleParticipant sole;
    const Prepared prepared = prepare(problem, sole);
    if (prepared.error || checkProportionalResponse(problem, prepared.rules))
      continue;
    SolverOptions options = getOptions(1e-3, 20000);
    double last = -kUnlimited;
    options.progress = [&](const Progress &progress) {
      // No round makes it worse.
      EXPECT_GE(progress.certificate.primal, last - 1e-12 * std::abs(last));
      last = progress.certificate.primal;
    };
    const Plan plan =
        solveProportionalResponse(problem, prepared.rules, options, sole);
    EXPECT_NE(plan.status, Status::Stopped);
    EXPECT_EQ(verify(problem, prepared.rules, plan.allocation), std::nullopt);
    EXPECT_LE(
        certify(problem, prepared.rules, plan.allocation, plan.prices).getGap(),
        1e-3);
    ++solved;
    for (const Device &device : problem.devices)
      if (device.disagreement > 0) {
        ++withDisagreements;
        break;
      }
  }
  EXPECT_GT(solved, 100);
  EXPECT_GT(withDisagreements, 30);
}

TEST(ProportionalResponse, TakesAThousandRoundsForAThousandDevices) {
  Random random(7);
  std::vector<std::vector<double>> gain(1000, std::vector<double>(100));
  std::vector<double> counts(100);
  for (std::vector<double> &row : gain)
    for (double &value : row)
      value = random.real(0, 1);
  for (double &count : counts)
    count = random.integer(1, 100);
  const Problem problem = makeProblem(gain, counts);
  Rules rules;
  rules.pinned.assign(1000, 0);
  SoleParticipant sole;
  const Plan plan =
      solveProportionalResponse(problem, rules, getOptions(1e-3, 1000), sole);
  EXPECT_EQ(plan.status, Status::Optimal);
  EXPECT_LE(plan.rounds, 1000);
}

TEST(ProportionalResponse, SaysWhatItIsNotFor) {
  auto check = [](const Problem &problem, const Rules &rules) {
    return checkProportionalResponse(problem, rules).value_or("");
  };
  Problem problem = makeProblem({{1, 2}, {2, 1}}, {4, 5});
  Rules rules;
  rules.pinned = {0, 0};
  EXPECT_EQ(check(problem, rules), "");
  const std::string expected =
      "proportional response is for linear utilities without limits, and "
      "devices that can gain: here ";
  rules.deadline = 3;
  EXPECT_EQ(check(problem, rules), expected + "there is a time limit");
  rules.deadline = kUnlimited;
  problem.devices[0].memory = 10;
  problem.categories[0].memory = 1;
  EXPECT_EQ(check(problem, rules), expected + "there are memory limits");
  problem.devices[0].memory = kUnlimited;
  problem.devices[1].disagreement = 1;
  rules.pinned = {0, 1};
  EXPECT_EQ(check(problem, rules),
            expected + "device \"d1\" can gain nothing but has something to "
                       "lose");
  problem.utility = Utility::Diminishing;
  EXPECT_EQ(check(problem, rules), expected + "the utility is diminishing");
}
} // namespace
