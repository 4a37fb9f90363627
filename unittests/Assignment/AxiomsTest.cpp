//===- AxiomsTest.cpp - What makes it Nash's solution ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nash (1950): there is one solution that keeps these four axioms. A test each,
// on random problems.
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "owl/Assignment/Solvers.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

namespace {
constexpr int kTrials = 40;

/// A problem with some disagreements and limits of memory.
Problem draw(Random &random) {
  int devices = random.integer(2, 6), categories = random.integer(1, 7);
  std::vector<std::vector<double>> gain(devices);
  std::vector<double> counts;
  for (int k = 0; k < categories; ++k)
    counts.push_back(random.integer(1, 9));
  for (auto &row : gain)
    for (int k = 0; k < categories; ++k)
      row.push_back(random.real(0.1, 1));
  Problem problem = makeProblem(gain, counts);
  double work = 0;
  for (Category &category : problem.categories) {
    category.memory = random.real(0.5, 1);
    work += category.count * category.memory;
  }
  for (Device &device : problem.devices) {
    device.memory = work * random.real(1.5, 3) / devices;
    // Less than what it has of an equal part of everything.
    if (random.chance(0.5))
      for (int k = 0; k < categories; ++k)
        device.disagreement += 0.5 * gain[device.row][k] * counts[k] / devices;
  }
  return problem;
}

/// The utilities of the solution.
std::vector<double> getUtilities(const Problem &problem,
                                 Allocation *allocation = nullptr) {
  SoleParticipant sole;
  Prepared prepared = prepare(problem, sole);
  EXPECT_EQ(prepared.error, std::nullopt);
  SolverOptions options;
  options.gap = 1e-11;
  Plan plan = solveInteriorPoint(problem, prepared.rules, options, sole);
  EXPECT_EQ(plan.status, Status::Optimal);
  std::vector<double> utilities;
  for (int32_t i = 0; i < problem.getNumDevices(); ++i)
    utilities.push_back(problem.getUtility(i, plan.allocation.row(i)));
  if (allocation)
    *allocation = plan.allocation;
  return utilities;
}

void expectNear(const std::vector<double> &left,
                const std::vector<double> &right) {
  ASSERT_EQ(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i)
    EXPECT_NEAR(left[i], right[i], 1e-5 * std::abs(right[i])) << i;
}

TEST(Axioms, ParetoOptimality) {
  Random random(11);
  for (int trial = 0; trial < kTrials; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = draw(random);
    std::vector<double> utilities = getUtilities(problem);
    // Asked for nearly as much for each, the method finds no plan that has more
    // for all.
    for (int32_t i = 0; i < problem.getNumDevices(); ++i)
      problem.devices[i].disagreement = utilities[i] * 0.99;
    std::vector<double> others = getUtilities(problem);
    double least = kUnlimited;
    for (size_t i = 0; i < others.size(); ++i)
      least = std::min(least, others[i] / utilities[i]);
    EXPECT_LE(least, 1 + 1e-6);
  }
}

TEST(Axioms, Symmetry) {
  Random random(12);
  for (int trial = 0; trial < kTrials; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = draw(random);
    std::vector<double> utilities = getUtilities(problem);
    // The order of the devices does not matter,
    Problem reversed = problem;
    std::reverse(reversed.devices.begin(), reversed.devices.end());
    std::vector<double> others = getUtilities(reversed);
    std::reverse(others.begin(), others.end());
    expectNear(others, utilities);
    // and those that are alike have the same.
    Device twin = problem.devices.front();
    twin.name = "twin";
    problem.devices.front().disagreement = twin.disagreement = 0;
    problem.devices.push_back(twin);
    utilities = getUtilities(problem);
    EXPECT_NEAR(utilities.front(), utilities.back(), 1e-5 * utilities.back());
  }
}

TEST(Axioms, InvarianceUnderPositiveAffineMaps) {
  Random random(13);
  for (int trial = 0; trial < kTrials; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = draw(random);
    std::vector<double> utilities = getUtilities(problem);
    // A constant that is added to U_i and d_i is gone from U_i - d_i: what is
    // left is a factor.
    for (int32_t i = 0; i < problem.getNumDevices(); ++i) {
      double factor = std::pow(10, random.real(-6, 6));
      problem.devices[i].disagreement *= factor;
      utilities[i] *= factor;
      for (int64_t e = problem.begin(i); e < problem.end(i); ++e)
        problem.rates.gain[e] *= factor;
    }
    expectNear(getUtilities(problem), utilities);
  }
}

TEST(Axioms, IndependenceOfIrrelevantAlternatives) {
  Random random(14);
  for (int trial = 0; trial < kTrials; ++trial) {
    SCOPED_TRACE(trial);
    Problem problem = draw(random);
    Allocation allocation;
    std::vector<double> utilities = getUtilities(problem, &allocation);
    // Of what could be done, some can no longer, but the solution can.
    for (int32_t i = 0; i < problem.getNumDevices(); ++i)
      if (random.chance(0.5))
        problem.devices[i].memory =
            std::min(problem.devices[i].memory,
                     problem.getMemory(i, allocation.row(i)) * (1 + 1e-6));
    expectNear(getUtilities(problem), utilities);
  }
}
} // namespace
