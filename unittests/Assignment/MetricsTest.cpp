//===- MetricsTest.cpp - Tests of the figures of plans --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each figure against a number that was worked out by hand.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Metrics.h"
#include "Random.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {

TEST(Metrics, AreOfEachAndOfAll) {
  Problem problem = makeProblem({{1, 2}, {3, 1}}, {4, 6});
  problem.rates.time = {1, 0.5, 2, 2};
  problem.devices[0].count = 2;
  problem.devices[0].weight = 3;
  problem.devices[0].disagreement = 1;
  Rules rules;
  rules.pinned = {false, false};
  Allocation plan(problem);
  plan.instances = {2, 4, 2, 2};
  Metrics metrics = measure(problem, rules, plan);
  EXPECT_EQ(metrics.utility, (std::vector<double>{5, 8}));
  EXPECT_EQ(metrics.gain, (std::vector<double>{4, 8}));
  EXPECT_EQ(metrics.time, (std::vector<double>{2, 8}));
  EXPECT_EQ(metrics.makespan, 8);
  EXPECT_EQ(metrics.totalTime, 2 * 2 + 8);
  EXPECT_EQ(metrics.totalUtility, 2 * 3 * 5 + 8);
  EXPECT_EQ(metrics.leastGain, 4);
  EXPECT_DOUBLE_EQ(metrics.nashLog, 2 * 3 * std::log(4) + std::log(8));
  EXPECT_DOUBLE_EQ(metrics.jain, 16.0 * 16 / (3 * (16 + 16 + 64)));
  EXPECT_TRUE(metrics.individuallyRational);
}

TEST(Metrics, TellWhoLoses) {
  Problem problem = makeProblem({{1}, {1}, {1}}, {3});
  problem.devices[0].disagreement = 1;
  Rules rules;
  rules.pinned = {false, false, true};
  Allocation plan(problem);
  plan.instances = {0, 3, 0};
  Metrics metrics = measure(problem, rules, plan);
  EXPECT_FALSE(metrics.individuallyRational);
  EXPECT_EQ(metrics.leastGain, -1);
  EXPECT_EQ(metrics.nashLog, -kUnlimited);
  EXPECT_DOUBLE_EQ(metrics.jain, 1.0 / 3);
  EXPECT_EQ(metrics.makespan, 0);

  plan.instances = {1, 2, 0};
  rules.pinned = {true, false, true};
  metrics = measure(problem, rules, plan);
  EXPECT_TRUE(metrics.individuallyRational);
  EXPECT_EQ(metrics.leastGain, 2);
  EXPECT_DOUBLE_EQ(metrics.nashLog, std::log(2));

  // What a pinned device gains is a rounding error.
  plan.instances = {1 + 1e-9, 2, 0};
  EXPECT_EQ(measure(problem, rules, plan).jain, 1.0 / 3);
}

TEST(Metrics, TellWhatLimitsAreExceeded) {
  Problem problem = makeProblem({{1}, {1}}, {3});
  problem.rates.time = {1, 1};
  problem.categories[0].memory = 8;
  problem.devices[0].memory = 8;
  Rules rules;
  rules.deadline = 2;
  rules.pinned = {false, false};
  Allocation plan(problem);
  plan.instances = {1, 2};
  Metrics metrics = measure(problem, rules, plan);
  EXPECT_TRUE(metrics.keepsDeadline);
  EXPECT_TRUE(metrics.keepsMemory);
  plan.instances = {0, 3};
  metrics = measure(problem, rules, plan);
  EXPECT_FALSE(metrics.keepsDeadline);
  EXPECT_TRUE(metrics.keepsMemory);
  plan.instances = {2, 1};
  metrics = measure(problem, rules, plan);
  EXPECT_TRUE(metrics.keepsDeadline);
  EXPECT_FALSE(metrics.keepsMemory);
}

TEST(Metrics, AreDefinedWhereNobodyGains) {
  Problem problem = makeProblem({{0}, {0}}, {3});
  Rules rules;
  rules.pinned = {true, true};
  Metrics metrics = measure(problem, rules, Allocation(problem));
  EXPECT_EQ(metrics.jain, 1);
  EXPECT_EQ(metrics.nashLog, 0);
  EXPECT_EQ(metrics.leastGain, 0);
}

} // namespace
