//===- CertifyTest.cpp - Tests of the bounds ------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No plan is worth more than the dual bound, whatever the prices are, and the
// bound is met where the prices are the right ones.
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {

Rules makeRules(const Problem &problem) {
  Rules rules;
  rules.pinned.assign(problem.devices.size(), false);
  return rules;
}

/// A random problem and limits that some of `plans` keep.
struct Game {
  Problem problem;
  Rules rules;
  std::vector<Allocation> plans;
};

Game makeGame(Random &random) {
  const int devices = random.integer(1, 4), categories = random.integer(1, 5);
  std::vector<std::vector<double>> gain(devices);
  std::vector<double> counts(categories);
  for (double &count : counts)
    count = random.integer(0, 9);
  for (std::vector<double> &row : gain)
    for (int k = 0; k != categories; ++k)
      row.push_back(random.chance(0.2) ? 0 : random.real(0, 5));
  Game game{makeProblem(gain, counts), {}, {}};
  Problem &problem = game.problem;
  for (Device &device : problem.devices) {
    device.weight = random.real(0.1, 3);
    device.count = random.chance(0.3) ? random.integer(2, 5) : 1;
  }
  for (Category &category : problem.categories)
    category.memory = random.real(0, 2);
  for (double gain : problem.rates.gain)
    problem.rates.time.push_back(random.real(0, 2) + gain);
  if (random.chance(0.5)) {
    problem.utility = Utility::Diminishing;
    for (size_t e = 0; e != problem.rates.gain.size(); ++e)
      problem.rates.saturation.push_back(random.real(0.1, 10));
  }

  const bool isTimed = random.chance(0.5), isInMemory = random.chance(0.5);
  game.rules = makeRules(problem);
  for (int plan = 0; plan != 30; ++plan)
    game.plans.push_back(placeAnyhow(problem, random));
  // The limits are what the first one needs.
  const Allocation &first = game.plans.front();
  double slowest = 0;
  for (int i = 0; i != devices; ++i) {
    Device &device = problem.devices[i];
    slowest = std::max(slowest, problem.getTime(i, first.row(i)));
    if (isInMemory)
      device.memory = problem.getMemory(i, first.row(i)) * (1 + 1e-9);
    device.disagreement = problem.getUtility(i, first.row(i)) -
                          (random.chance(0.2) ? 0 : random.real(0, 3));
    game.rules.pinned[i] =
        random.chance(0.2) ||
        device.disagreement == problem.getUtility(i, first.row(i));
  }
  if (isTimed)
    game.rules.deadline = slowest;
  return game;
}

TEST(Certify, HoldsForAnyPrices) {
  int compared = 0;
  for (int seed = 0; seed != 3000; ++seed) {
    Random random(seed);
    Game game = makeGame(random);
    Prices prices;
    const double scale = random.real(0, 2);
    for (size_t k = 0; k != game.problem.categories.size(); ++k)
      prices.category.push_back(scale * random.real(-1, 3));
    for (size_t i = 0; i != game.problem.devices.size(); ++i) {
      prices.time.push_back(random.real(-1, 1));
      prices.memory.push_back(random.real(-1, 1));
    }
    for (const Allocation &plan : game.plans) {
      if (verify(game.problem, game.rules, plan, 1e-8))
        continue;
      ++compared;
      const Certificate c = certify(game.problem, game.rules, plan, prices);
      EXPECT_LE(c.primal, c.dual + 1e-6 * (1 + std::abs(c.dual))) << seed;
    }
  }
  EXPECT_GT(compared, 3000);
}

/// The supremum that each device's part of the bound is, by brute force on a
/// grid: the bound must be no larger.
TEST(Certify, IsTheLeastOfItsKind) {
  for (Utility utility : {Utility::Linear, Utility::Diminishing})
    for (bool isPinned : {false, true})
      for (int seed = 0; seed != 20; ++seed) {
        Random random(seed);
        Problem problem =
            makeProblem({{random.real(0.5, 2), random.real(0.5, 2)}}, {4, 3});
        problem.utility = utility;
        if (utility == Utility::Diminishing)
          problem.rates.saturation = {random.real(0.5, 5), random.real(0.5, 5)};
        Device &device = problem.devices[0];
        device.weight = random.real(0.5, 2);
        device.count = 2;
        device.disagreement = random.real(-0.5, 0.5);
        Rules rules = makeRules(problem);
        rules.pinned[0] = isPinned;
        Prices prices{{random.real(-0.3, 2), random.real(-0.3, 2)}, {}, {}};

        double best = -kUnlimited;
        Allocation allocation(problem);
        constexpr int steps = 400;
        for (int a = 0; a <= steps; ++a)
          for (int b = 0; b <= steps; ++b) {
            double s[] = {4.0 * a / steps, 3.0 * b / steps};
            double gain = problem.getUtility(0, s) - device.disagreement;
            if (isPinned ? gain < 0 : gain <= 0)
              continue;
            double value =
                isPinned ? 0 : device.count * device.weight * std::log(gain);
            best = std::max(best, value - prices.category[0] * s[0] -
                                      prices.category[1] * s[1]);
          }
        double dual = certify(problem, rules, allocation, prices).dual -
                      (prices.category[0] * 4 + prices.category[1] * 3);
        EXPECT_GE(dual, best - 1e-9) << seed;
        EXPECT_LE(dual, best + 0.02) << seed << isPinned << int(utility);
      }
}

TEST(Certify, IsMetAtTheOptimum) {
  // Two equal devices share two instances: each gains 1, and another instance
  // would be worth 1.
  Problem problem = makeProblem({{1}, {1}}, {2});
  Rules rules = makeRules(problem);
  Allocation half(problem);
  half.instances = {1, 1};
  Certificate c = certify(problem, rules, half, {{1}, {}, {}});
  EXPECT_NEAR(c.primal, 0, 1e-15);
  EXPECT_NEAR(c.dual, 0, 1e-15);
  EXPECT_EQ(c.weight, 2);
  EXPECT_NEAR(c.getGap(), 0, 1e-15);
  // The same as one class of two.
  problem.devices.pop_back();
  problem.devices[0].count = 2;
  Allocation whole(problem);
  whole.instances = {2};
  c = certify(problem, makeRules(problem), whole, {{1}, {}, {}});
  EXPECT_NEAR(c.primal, 0, 1e-15);
  EXPECT_NEAR(c.dual, 0, 1e-15);
  EXPECT_EQ(c.weight, 2);
}

TEST(Certify, PricesTimeAndMemory) {
  // The better device has time for 1 of 3 instances, so that the other gets 2:
  // log 2 + log 2, where a second on d0 is worth 1/1 - 1/2 of an instance.
  Problem problem = makeProblem({{2}, {1}}, {3});
  problem.rates.time = {1, 1e-3};
  Rules rules = makeRules(problem);
  rules.deadline = 1;
  Allocation plan(problem);
  plan.instances = {1, 2};
  ASSERT_EQ(verify(problem, rules, plan), std::nullopt);
  Certificate c = certify(problem, rules, plan, {{0.5}, {0.5, 0}, {}});
  EXPECT_NEAR(c.primal, 2 * std::log(2), 1e-12);
  EXPECT_NEAR(c.dual, c.primal, 1e-12);

  // The same with memory instead.
  problem.rates.time.clear();
  rules.deadline = kUnlimited;
  problem.categories[0].memory = 7;
  problem.devices[0].memory = 7;
  c = certify(problem, rules, plan, {{0.5}, {}, {0.5 / 7, 0}});
  EXPECT_NEAR(c.dual, c.primal, 1e-12);
  // What is not limited has no price.
  c = certify(problem, rules, plan, {{0.5}, {1, 1}, {0.5 / 7, 1}});
  EXPECT_NEAR(c.dual, c.primal, 1e-12);
}

TEST(Certify, ShowsThatThereIsNoPlan) {
  // A device that cannot even have what it has without one.
  for (Utility utility : {Utility::Linear, Utility::Diminishing}) {
    Problem problem = makeProblem({{1}, {0}}, {3});
    problem.utility = utility;
    if (utility == Utility::Diminishing)
      problem.rates.saturation = {1, 1};
    problem.devices[1].disagreement = 1;
    Rules rules = makeRules(problem);
    rules.pinned = {true, true};
    const Allocation plan(problem);
    EXPECT_EQ(certify(problem, rules, plan, {{0}, {}, {}}).dual, -kUnlimited);
    problem.devices[1].disagreement = 0;
    EXPECT_EQ(certify(problem, rules, plan, {{0}, {}, {}}).dual, 0);
  }
}

TEST(Certify, SaysNothingWithoutPrices) {
  Problem problem = makeProblem({{1}, {1}}, {2});
  Rules rules = makeRules(problem);
  Allocation nothing(problem);
  Certificate c = certify(problem, rules, nothing, {{std::nan("")}, {}, {}});
  EXPECT_EQ(c.dual, kUnlimited);
  EXPECT_EQ(c.primal, -kUnlimited);
  EXPECT_EQ(c.getGap(), kUnlimited);
  rules.pinned = {true, true};
  EXPECT_EQ(certify(problem, rules, nothing, {{0}, {}, {}}).getGap(), 0);
}

} // namespace
