//===- BaselinesTest.cpp - Tests of other ways to share out work ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Heuristics on examples whose outcome is known, and optima that no other plan
// exceeds.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Baselines.h"
#include "Random.h"
#include "owl/Assignment/Metrics.h"
#include "owl/Assignment/Solvers.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {

/// A problem in which only time matters.
Problem makeTimed(const std::vector<std::vector<double>> &time,
                  const std::vector<double> &counts) {
  Problem problem = makeProblem(time, counts);
  problem.rates.time = problem.rates.gain;
  return problem;
}

double getMakespan(const Problem &problem, const Allocation &allocation) {
  Rules rules;
  rules.pinned.assign(problem.devices.size(), false);
  return measure(problem, rules, allocation).makespan;
}

TEST(RoundRobin, GoesOnWithTheNextDevice) {
  Problem problem = makeProblem({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}, {4, 1, 8});
  EXPECT_EQ(placeRoundRobin(problem).instances,
            (std::vector<double>{2, 0, 3, 1, 1, 2, 1, 0, 3}));
  // The second device has no rate for the first category.
  problem = makeProblem({{1, 1}, {1, 1}, {1, 1}}, {3, 1});
  problem.rates = {{0, 2, 3, 5}, {0, 1, 1, 0, 1}, {1, 1, 1, 1, 1}, {}, {}};
  EXPECT_EQ(placeRoundRobin(problem).instances,
            (std::vector<double>{2, 0, 1, 1, 0}));
}

TEST(LongestFirst, IsDoneSoon) {
  // Two of 3 s and three of 2 s: 3 + 2 + 2 and 3 + 2, as Graham's rule does.
  Problem problem = makeTimed({{2, 3}, {2, 3}}, {3, 2});
  EXPECT_EQ(placeLongestFirst(problem).instances,
            (std::vector<double>{2, 1, 1, 1}));
  // A device that is twice as fast does twice as much.
  problem = makeTimed({{1}, {2}}, {30});
  EXPECT_EQ(placeLongestFirst(problem).instances,
            (std::vector<double>{20, 10}));
  problem = makeTimed({{1}, {2}}, {3e15});
  const Allocation large = placeLongestFirst(problem);
  EXPECT_EQ(large.instances[0] + large.instances[1], 3e15);
  EXPECT_NEAR(large.instances[0], 2e15, 1e13);
}

TEST(Heft, IsThatOfThePaper) {
  // Figure 2 and table 1 of the paper, with the makespan that it reports.
  const std::vector<std::vector<double>> time = {
      {14, 13, 11, 13, 12, 13, 7, 5, 18, 21},
      {16, 19, 13, 8, 13, 16, 15, 11, 12, 7},
      {9, 18, 19, 17, 10, 9, 11, 14, 20, 16}};
  Problem problem = makeTimed(time, std::vector<double>(10, 1));
  TaskGraph graph;
  graph.category = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  graph.values = {{0, {1}, 18}, {0, {2}, 12}, {0, {3}, 9},  {0, {4}, 11},
                  {0, {5}, 14}, {1, {7}, 19}, {1, {8}, 16}, {2, {6}, 23},
                  {3, {7}, 27}, {3, {8}, 23}, {4, {8}, 13}, {5, {7}, 15},
                  {6, {9}, 17}, {7, {9}, 11}, {8, {9}, 13}};
  graph.getSeconds = [](int32_t, int32_t, double bytes) { return bytes; };
  const Schedule schedule = placeByHeft(problem, graph);
  EXPECT_EQ(schedule.makespan, 80);
  EXPECT_EQ(schedule.device,
            (std::vector<int32_t>{2, 0, 2, 1, 2, 1, 2, 0, 1, 1}));
}

TEST(Heft, UsesGaps) {
  // Task 1 waits for task 0 on the other device, until 6. Task 2 is the least
  // urgent one, and is done before that.
  Problem problem = makeTimed({{5, 50, 20}, {50, 5, 3}}, {1, 1, 1});
  TaskGraph graph;
  graph.category = {0, 1, 2};
  graph.values = {{0, {1}, 1}};
  graph.getSeconds = [](int32_t, int32_t, double) { return 1; };
  const Schedule schedule = placeByHeft(problem, graph);
  EXPECT_EQ(schedule.device, (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(schedule.makespan, 11);
  // Where all are on one device there is nothing to transfer.
  problem.devices.pop_back();
  EXPECT_EQ(placeByHeft(problem, graph).makespan, 75);
}

TEST(Heft, FetchesFromWhatStays) {
  // One takes 2 s where its input is; elsewhere 1 s, and 2 s to get that.
  Problem problem = makeTimed({{2}, {1}}, {1});
  TaskGraph graph;
  graph.category = {0};
  graph.fixed = {0};
  graph.values = {{1, {0}, 2}};
  graph.getSeconds = [](int32_t, int32_t, double bytes) { return bytes; };
  EXPECT_EQ(placeByHeft(problem, graph).device, TaskPlan{0});
  graph.values[0].bytes = 0.5;
  EXPECT_EQ(placeByHeft(problem, graph).device, TaskPlan{1});
  EXPECT_EQ(placeByHeft(problem, graph).makespan, 1.5);
}

TEST(Heft, WithoutAGraphPlacesTheSlowestFirst) {
  Problem problem = makeTimed({{4, 1}, {8, 1}}, {1, 5});
  const Allocation plan = placeByHeft(problem);
  EXPECT_EQ(plan.instances, (std::vector<double>{1, 1, 0, 4}));
  EXPECT_EQ(getMakespan(problem, plan), 5);
}

/// A random problem with limits, what prepare() finds, and plans that keep all.
struct Game {
  Problem problem;
  Rules rules;
  std::vector<Allocation> plans;
};

Game makeGame(int seed) {
  Random random(seed);
  const int devices = random.integer(2, 4), categories = random.integer(1, 5);
  std::vector<std::vector<double>> gain(devices);
  std::vector<double> counts;
  for (int k = 0; k != categories; ++k)
    counts.push_back(random.integer(1, 9));
  for (std::vector<double> &row : gain)
    for (int k = 0; k != categories; ++k)
      row.push_back(random.real(0.1, 2) * 1e-3);
  Game game{makeProblem(gain, counts), {}, {}};
  Problem &problem = game.problem;
  for (double value : problem.rates.gain)
    problem.rates.time.push_back(value * random.real(1, 3));
  problem.slack = 0.5;
  if (random.chance(0.3)) {
    problem.utility = Utility::Diminishing;
    for (size_t e = 0; e != problem.rates.gain.size(); ++e)
      problem.rates.saturation.push_back(random.real(1, 10));
  }
  for (Device &device : problem.devices) {
    device.weight = random.real(0.5, 2);
    device.count = random.integer(1, 2);
  }
  SoleParticipant alone;
  const Prepared prepared = prepare(problem, alone);
  EXPECT_EQ(prepared.error, std::nullopt);
  game.rules = prepared.rules;
  // Between any plan and the bargain, which keeps the limits with room to
  // spare, there are many that keep them too.
  const Plan plan = solveInteriorPoint(problem, game.rules, {}, alone);
  for (int n = 0; n != 100; ++n) {
    Allocation mixed = placeAnyhow(problem, random);
    const double share = random.real(0, 1);
    for (size_t cell = 0; cell != mixed.instances.size(); ++cell)
      mixed.instances[cell] +=
          share * (plan.allocation.instances[cell] - mixed.instances[cell]);
    if (!verify(problem, game.rules, mixed, 1e-9))
      game.plans.push_back(std::move(mixed));
  }
  game.plans.push_back(plan.allocation);
  return game;
}

double getLeastShare(const Game &game, const Allocation &plan) {
  double least = kUnlimited;
  for (int i = 0; i != game.problem.getNumDevices(); ++i) {
    const Device &device = game.problem.devices[i];
    least = std::min(
        least, (game.problem.getUtility(i, plan.row(i)) - device.disagreement) /
                   device.weight);
  }
  return least;
}

TEST(Utilitarian, IsTheLargestSum) {
  int compared = 0;
  for (int seed = 0; seed != 30; ++seed) {
    const Game game = makeGame(seed);
    const std::optional<Allocation> best =
        placeUtilitarian(game.problem, game.rules);
    ASSERT_TRUE(best) << seed;
    EXPECT_EQ(verify(game.problem, game.rules, *best), std::nullopt) << seed;
    auto get = [&](const Allocation &plan) {
      return measure(game.problem, game.rules, plan).totalUtility;
    };
    const double sum = get(*best);
    for (const Allocation &plan : game.plans)
      EXPECT_LE(get(plan), sum * (1 + 1e-5)) << seed;
    compared += game.plans.size();
  }
  EXPECT_GT(compared, 300);
}

TEST(Utilitarian, GivesEachToWhoGainsMost) {
  Problem problem = makeProblem({{3, 1}, {1, 2}}, {4, 5});
  Rules rules;
  rules.pinned = {false, false};
  std::optional<Allocation> plan = placeUtilitarian(problem, rules);
  ASSERT_TRUE(plan);
  const double expected[] = {4, 0, 0, 5};
  for (int cell = 0; cell != 4; ++cell)
    EXPECT_NEAR(plan->instances[cell], expected[cell], 1e-4);
  // Nobody loses.
  problem.devices[1].disagreement = 11;
  plan = placeUtilitarian(problem, rules);
  ASSERT_TRUE(plan);
  EXPECT_NEAR(problem.getUtility(1, plan->row(1)), 11, 1e-4);
}

TEST(MaxMin, IsTheLargestLeast) {
  for (int seed = 0; seed != 30; ++seed) {
    const Game game = makeGame(seed);
    const std::optional<Allocation> best =
        placeMaxMin(game.problem, game.rules);
    ASSERT_TRUE(best) << seed;
    EXPECT_EQ(verify(game.problem, game.rules, *best), std::nullopt) << seed;
    const double least = getLeastShare(game, *best);
    for (const Allocation &plan : game.plans)
      EXPECT_LE(getLeastShare(game, plan), least * (1 + 1e-5)) << seed;
  }
}

TEST(MaxMin, EvensOut) {
  Problem problem = makeProblem({{1}, {3}}, {4});
  Rules rules;
  rules.pinned = {false, false};
  std::optional<Allocation> plan = placeMaxMin(problem, rules);
  ASSERT_TRUE(plan);
  EXPECT_NEAR(plan->instances[0], 3, 1e-4);
  EXPECT_NEAR(plan->instances[1], 1, 1e-4);
  problem.categories[0].count = 0;
  plan = placeMaxMin(problem, rules);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->instances, (std::vector<double>{0, 0}));
}

} // namespace
