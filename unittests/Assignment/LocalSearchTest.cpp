//===- LocalSearchTest.cpp - Tests of plans for tasks ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What transfers take, and plans that are as good as the best of all, of games
// so small that each can be looked at.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/LocalSearch.h"
#include "Random.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {

struct Game {
  Problem problem;
  Rules rules;
  TaskGraph graph;
};

/// Tasks of categories that each device takes a second for and gains 1 from,
/// where it takes a second to send anything. What stays is on device 0.
Game makeGame(int devices, std::vector<int32_t> category) {
  std::vector<double> counts;
  for (int32_t k : category) {
    counts.resize(std::max(counts.size(), size_t(k) + 1));
    ++counts[k];
  }
  Game game;
  game.problem =
      makeProblem(std::vector<std::vector<double>>(
                      devices, std::vector<double>(counts.size(), 1)),
                  counts);
  game.problem.rates.time = game.problem.rates.gain;
  game.rules.pinned.assign(devices, false);
  game.graph.category = std::move(category);
  game.graph.fixed = {0};
  game.graph.getSeconds = [](int32_t, int32_t, double) { return 1; };
  return game;
}

Metrics measure(const Game &game, const TaskPlan &plan) {
  return measure(game.problem, game.rules, game.graph, plan);
}

TEST(TaskGraph, SendsEachValueToADeviceOnce) {
  Game game = makeGame(3, {0, 0, 0, 0});
  // Task 0 makes something for all others, and for who calls.
  game.graph.values = {{0, {1, 2, 3, 4}, 8}};
  EXPECT_EQ(measure(game, {0, 0, 0, 0}).time, (std::vector<double>{4, 0, 0}));
  EXPECT_EQ(measure(game, {0, 1, 1, 2}).time, (std::vector<double>{1, 3, 2}));
  const Metrics metrics = measure(game, {1, 1, 2, 2});
  EXPECT_EQ(metrics.time, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(metrics.makespan, 3);
  EXPECT_EQ(metrics.totalTime, 6);
  EXPECT_EQ(metrics.utility, (std::vector<double>{0, 2, 2}));
}

TEST(LocalSearch, ExchangesWhatIsAlike) {
  // Chains 0 - 2 and 1 - 3, which go on where they began.
  Game game = makeGame(2, {0, 0, 0, 0});
  game.graph.fixed = {0, 1};
  game.graph.values = {{0, {2}, 8}, {1, {3}, 8}, {2, {4}, 8}, {3, {5}, 8}};
  game.rules.deadline = 3;
  EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {{0, 0, 1, 1}}),
            (TaskPlan{0, 1, 0, 1}));
}

TEST(LocalSearch, MovesNeighboursTogether) {
  // Device 1 is faster, but to send a task of the chain there and back takes
  // longer than that makes up for.
  Game game = makeGame(2, {0, 0, 0, 0, 0, 0});
  for (int task = 0; task != 5; ++task)
    game.graph.values.push_back({task, {task + 1}, 8});
  game.graph.values.push_back({6, {0}, 8});
  game.graph.values.push_back({5, {6}, 8});
  game.problem.rates.time = {0.5, 0.1};
  LocalSearchOptions options;
  options.disturbances = 0;
  EXPECT_EQ(findFastPlan(game.problem, game.graph, {TaskPlan(6, 0)}, options),
            (TaskPlan{1, 1, 1, 1, 1, 0}));
}

TEST(LocalSearch, EndsForATaskOfVeryManyValues) {
  // All others make something for the last one.
  const int count = 4000;
  Game game = makeGame(4, std::vector<int32_t>(count + 1, 0));
  for (int task = 0; task != count; ++task)
    game.graph.values.push_back({task, {count}, 8});
  game.graph.getSeconds = [](int32_t, int32_t, double) { return 1e-3; };
  const TaskPlan plan = findFairPlan(game.problem, game.rules, game.graph,
                                     {TaskPlan(count + 1, 0)});
  for (double gain : measure(game, plan).gain)
    EXPECT_GT(gain, 0);
}

TEST(LocalSearch, KeepsTheTimeLimitBesideHugeTimes) {
  // What has been on device 1 on the way leaves rounding errors of 1e-7.
  Game game = makeGame(2, {0, 0, 0, 0, 0, 0});
  game.problem.rates.time = {1e-6, 1e-6};
  game.graph.values = {{6, {0, 1, 2}, 8}, {6, {3}, 8}, {0, {4, 5}, 8}};
  game.graph.getSeconds = [](int32_t, int32_t, double) { return 1e9; };
  game.rules.deadline = 1e9 + 2e-6;
  const TaskPlan plan =
      findFairPlan(game.problem, game.rules, game.graph, {{0, 0, 0, 0, 0, 0}});
  EXPECT_LE(measure(game, plan).makespan, game.rules.deadline * (1 + 1e-9));
}

TEST(LocalSearch, LeavesWhatNobodyGainsBy) {
  // Category 1 saves nothing.
  Game game = makeGame(2, {0, 0, 1});
  game.problem.rates.gain = {1, 0, 1, 0};
  game.problem.rates.time = {1, 0.25, 1, 0.25};
  // From the caller, it would only be sent away, or ends sooner elsewhere.
  game.graph.values = {{3, {2}, 8}};
  for (const TaskPlan &start : {TaskPlan{0, 1, 0}, TaskPlan{0, 1, 1}})
    EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {start})[2],
              0);
  game.graph.values.clear();
  game.problem.rates.time = {1, 0.25, 0.5, 0.25};
  const TaskPlan start = {0, 1, 0};
  EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {start})[2], 1);
  // Not where it is at home, unless it has to be done sooner.
  game.graph.home = {-1, -1, 0};
  EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {start})[2], 0);
  game.rules.deadline = 1;
  EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {start})[2], 1);
}

TEST(LocalSearch, KeepsWhatEachHas) {
  // Device 1 is faster, but device 0 would lose.
  Game game = makeGame(2, {0, 0});
  game.problem.rates.time = {4, 1};
  game.problem.devices[0].disagreement = 2;
  const TaskPlan home = {0, 0}, away = {1, 1};
  EXPECT_EQ(findFastPlan(game.problem, game.graph, {home, away}), home);
  EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {away, home}),
            home);
}

TEST(LocalSearch, HasNothingToDo) {
  const Game game = makeGame(2, {});
  const std::vector<TaskPlan> starts(1);
  EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, starts),
            TaskPlan());
  EXPECT_EQ(findFastPlan(game.problem, game.graph, starts), TaskPlan());
}

//===----------------------------------------------------------------------===//
// Against all plans
//===----------------------------------------------------------------------===//

/// A few requests to the same layers, some of which pass a value by others. The
/// first device calls.
Game drawGame(Random &random, bool atHome) {
  const int devices = random.integer(2, 3), requests = random.integer(1, 3),
            layers = random.integer(2, 7 / requests);
  std::vector<int32_t> category;
  for (int layer = 0; layer != layers; ++layer)
    category.push_back(random.integer(0, layer));
  for (int task = layers; task != requests * layers; ++task)
    category.push_back(category[task % layers]);
  Game game = makeGame(devices, category);
  Rates &rates = game.problem.rates;
  for (size_t e = 0; e != rates.gain.size(); ++e) {
    rates.time[e] = random.real(0.5, 3);
    rates.gain[e] = random.chance(0.2) ? 0 : rates.time[e] * random.real(0, 2);
  }
  for (Category &k : game.problem.categories)
    k.memory = random.real(0, 1);
  for (Device &device : game.problem.devices) {
    device.weight = random.chance(0.7) ? 1 : random.real(0.5, 2);
    // All of it fits where it is first.
    if (!atHome && device.row > 0 && random.chance(0.5))
      device.memory = random.real(0, 2);
  }
  const int caller = game.graph.getNumTasks();
  for (int task = 0; task != caller; ++task) {
    const int layer = task % layers;
    if (layer == 0)
      game.graph.values.push_back({caller, {task}, random.real(0, 1)});
    TaskGraph::Value value{task, {}, random.real(0, 1)};
    value.users.push_back(layer + 1 == layers ? caller : task + 1);
    if (layer + 2 < layers && random.chance(0.5))
      value.users.push_back(task + 2);
    game.graph.values.push_back(value);
  }
  const double latency = random.real(0, 0.5);
  game.graph.getSeconds = [=](int32_t, int32_t, double bytes) {
    return latency + bytes;
  };
  if (atHome)
    for (int i = 0; i != devices; ++i) {
      TaskPlan home;
      for (int task = 0; task != caller; ++task)
        home.push_back(task / layers % devices);
      const Allocation allocation = count(game.problem, game.graph, home);
      game.problem.devices[i].disagreement =
          game.problem.getUtility(i, allocation.row(i));
      game.graph.home = home;
    }
  return game;
}

/// How good a plan is: whether it keeps the rules, how many gain, the mean of
/// log(U - d) over those and their least (U - d) / w, and sum w U.
struct Worth {
  bool isPlan;
  int gainers;
  double mean, least, total;
};
Worth rate(const Game &game, const TaskPlan &plan) {
  const Metrics metrics = measure(game, plan);
  const Allocation allocation = count(game.problem, game.graph, plan);
  Worth worth{metrics.makespan <= game.rules.deadline * (1 + 1e-9), 0, 0,
              kUnlimited, metrics.totalUtility};
  double weight = 0;
  for (int i = 0; i != game.problem.getNumDevices(); ++i) {
    const Device &device = game.problem.devices[i];
    worth.isPlan &=
        metrics.gain[i] >= -1e-9 &&
        game.problem.getMemory(i, allocation.row(i)) <= device.memory + 1e-9;
    if (metrics.gain[i] <= 1e-9)
      continue;
    ++worth.gainers;
    worth.mean += device.weight * std::log(metrics.gain[i]);
    worth.least = std::min(worth.least, metrics.gain[i] / device.weight);
    weight += device.weight;
  }
  if (weight > 0)
    worth.mean /= weight;
  return worth;
}

template <typename Body> void forEachPlan(const Game &game, Body body) {
  TaskPlan plan(game.graph.getNumTasks());
  while (true) {
    body(plan);
    size_t task = 0;
    while (task != plan.size() && ++plan[task] == game.problem.getNumDevices())
      plan[task++] = 0;
    if (task == plan.size())
      return;
  }
}

class AllPlans : public testing::TestWithParam<bool> {};

TEST_P(AllPlans, AreNoBetter) {
  Random random(1);
  double ratios = 0, makespans = 0, leasts = 0, totals = 0;
  const int games = 60;
  for (int n = 0; n != games; ++n) {
    Game game = drawGame(random, GetParam());
    const TaskPlan start =
        GetParam() ? game.graph.home : TaskPlan(game.graph.getNumTasks(), 0);
    const TaskPlan fast = findFastPlan(game.problem, game.graph, {start});
    double makespan = kUnlimited;
    forEachPlan(game, [&](const TaskPlan &plan) {
      if (rate(game, plan).isPlan)
        makespan = std::min(makespan, measure(game, plan).makespan);
    });
    ASSERT_TRUE(rate(game, fast).isPlan);
    makespans += measure(game, fast).makespan / makespan;

    game.rules.deadline = makespan * (1 + random.real(0, 0.5));
    const TaskPlan fair =
        findFairPlan(game.problem, game.rules, game.graph, {start, fast});
    EXPECT_EQ(findFairPlan(game.problem, game.rules, game.graph, {start, fast}),
              fair);
    const Worth found = rate(game, fair);
    const Worth even = rate(game, findMaxMinPlan(game.problem, game.rules,
                                                 game.graph, {start, fast}));
    const Worth rich =
        rate(game, findUtilitarianPlan(game.problem, game.rules, game.graph,
                                       {start, fast}));
    Worth best = found;
    double least = even.least, total = rich.total;
    forEachPlan(game, [&](const TaskPlan &plan) {
      const Worth worth = rate(game, plan);
      if (!worth.isPlan)
        return;
      if (worth.gainers > best.gainers ||
          (worth.gainers == best.gainers && worth.mean > best.mean))
        best = worth;
      total = std::max(total, worth.total);
      if (worth.gainers == even.gainers)
        least = std::max(least, worth.least);
    });
    EXPECT_TRUE(even.isPlan && rich.isPlan) << n;
    EXPECT_EQ(even.gainers, best.gainers) << n;
    leasts += even.gainers ? even.least / least : 1;
    totals += total > 0 ? rich.total / total : 1;
    EXPECT_TRUE(found.isPlan) << n;
    EXPECT_EQ(found.gainers, best.gainers) << n;
    ratios += std::exp(found.mean - best.mean);
  }
  EXPECT_GE(ratios / games, 0.998);
  EXPECT_LE(makespans / games, 1.002);
  EXPECT_GE(leasts / games, 0.998);
  EXPECT_GE(totals / games, 0.998);
}

INSTANTIATE_TEST_SUITE_P(LocalSearch, AllPlans, testing::Bool());

} // namespace
