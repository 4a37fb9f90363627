//===- RoundingTest.cpp - Tests of plans in whole instances ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On games so small that every plan can be looked at, rounding finds a plan
// wherever there is one, and nearly the best. OWL_ROUNDING_GAMES in the
// environment is how many of each kind are played.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Rounding.h"
#include "Random.h"
#include "owl/Assignment/Solvers.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>
#include <functional>

using namespace owl::assignment;

namespace {

struct Game {
  Problem problem;
  Rules rules;
  std::optional<Allocation> home;
};

/// How good a plan is: how many gain, and the sum of w log(U - d) over those;
/// nothing if it is none.
struct Worth {
  int gainers;
  double product, weight;
};
std::optional<Worth> rate(const Game &game, const Allocation &plan) {
  if (verify(game.problem, game.rules, plan, 1e-9))
    return std::nullopt;
  Worth worth{0, 0, 0};
  for (int i = 0; i != game.problem.getNumDevices(); ++i) {
    const Device &device = game.problem.devices[i];
    const double gain =
        game.problem.getUtility(i, plan.row(i)) - device.disagreement;
    if (gain <= 1e-9 || game.rules.pinned[i])
      continue;
    ++worth.gainers;
    worth.product += device.weight * std::log(gain);
    worth.weight += device.weight;
  }
  return worth;
}

/// Every plan in whole numbers (all rows have all categories).
void forEachPlan(const Problem &problem,
                 const std::function<void(const Allocation &)> &body) {
  Allocation plan(problem);
  std::function<void(int, int, double)> place = [&](int k, int i, double left) {
    if (k == problem.getNumCategories())
      return body(plan);
    double &cell = plan.row(i)[k];
    if (i + 1 == problem.getNumDevices()) {
      cell = left;
      place(k + 1, 0,
            k + 1 == problem.getNumCategories()
                ? 0
                : problem.categories[k + 1].count);
      cell = 0;
      return;
    }
    for (double n = 0; n <= left; ++n) {
      cell = n;
      place(k, i + 1, left - n);
    }
    cell = 0;
  };
  place(0, 0, problem.categories[0].count);
}

double getMakespan(const Problem &problem, const Allocation &plan) {
  double slowest = 0;
  for (int i = 0; i != problem.getNumDevices(); ++i)
    slowest = std::max(slowest, problem.getTime(i, plan.row(i)));
  return slowest;
}

struct Kind {
  const char *name;
  bool timed, inMemory, atHome, diminishing;
};

Game makeGame(const Kind &kind, Random &random) {
  const int devices = random.integer(2, 4), categories = random.integer(1, 4);
  std::vector<double> counts(categories, 1);
  for (int n = random.integer(categories, 7); n != categories; --n)
    ++counts[random.integer(0, categories - 1)];
  std::vector<std::vector<double>> gain(devices);
  for (std::vector<double> &row : gain)
    for (int k = 0; k != categories; ++k)
      row.push_back(random.chance(0.15) ? 0 : random.real(0.1, 2));
  Game game{makeProblem(gain, counts), {}, {}};
  Problem &problem = game.problem;
  game.rules.pinned.assign(devices, false);
  for (Device &device : problem.devices)
    device.weight = random.chance(0.7) ? 1 : random.real(0.5, 2);
  if (kind.diminishing) {
    problem.utility = Utility::Diminishing;
    for (size_t e = 0; e != problem.rates.gain.size(); ++e)
      problem.rates.saturation.push_back(random.real(0.5, 4));
  }
  if (kind.atHome) {
    game.home = placeAnyhow(problem, random, /*whole=*/true);
    for (int i = 0; i != devices; ++i)
      problem.devices[i].disagreement =
          problem.getUtility(i, game.home->row(i)) *
          (random.chance(0.5) ? 1 : random.real(0, 1));
  }
  if (kind.inMemory) {
    for (Category &category : problem.categories)
      category.memory = random.real(0.5, 2);
    const Allocation fits =
        game.home ? *game.home : placeAnyhow(problem, random, /*whole=*/true);
    for (int i = 0; i != devices; ++i)
      problem.devices[i].memory =
          problem.getMemory(i, fits.row(i)) * random.real(1, 1.5);
  }
  if (kind.timed) {
    for (size_t e = 0; e != problem.rates.gain.size(); ++e)
      problem.rates.time.push_back(random.real(0.5, 2));
    // Of the plans that keep the other rules.
    double least = kUnlimited;
    forEachPlan(problem, [&](const Allocation &plan) {
      if (!verify(problem, game.rules, plan, 1e-9))
        least = std::min(least, getMakespan(problem, plan));
    });
    // The slack that makes the deadline so much more than that.
    problem.slack = 0;
    SoleParticipant alone;
    const double limit = least * random.real(1, 1.4),
                 fastest = prepare(problem, alone).rules.leastMakespan;
    problem.slack = limit / fastest - 1;
  }
  SoleParticipant alone;
  Prepared prepared = prepare(problem, alone);
  EXPECT_EQ(prepared.error, std::nullopt);
  game.rules = prepared.rules;
  return game;
}

TEST(RoundingOfSmallGains, KnowsThemBesideLargeRates) {
  // Of the first category there is nothing.
  Problem problem = makeProblem({{1, 1}, {4.4e9, 1}}, {0, 2});
  SoleParticipant sole;
  const Rules rules = prepare(problem, sole).rules;
  const Plan plan = solveInteriorPoint(problem, rules, {}, sole);
  const Rounded rounded = roundPlan(problem, rules, plan.allocation);
  EXPECT_EQ(rounded.allocation.instances, (std::vector<double>{0, 1, 0, 1}));
  // Nor does a small disagreement vanish beside them.
  problem = makeProblem({{1, 1}, {1e7, 0.042}}, {0, 2});
  problem.devices[1].disagreement = 0.047;
  const Rules others = prepare(problem, sole).rules;
  EXPECT_EQ(roundPlan(problem, others, Allocation(problem)).violation,
            std::nullopt);
}

class SmallGames : public testing::TestWithParam<Kind> {};

TEST_P(SmallGames, AreNearlyTheBest) {
  const char *wanted = std::getenv("OWL_ROUNDING_GAMES");
  const int games = wanted ? std::atoi(wanted) : 100;
  double ratios = 0;
  for (int seed = 0; seed != games; ++seed) {
    Random random(seed);
    const Game game = makeGame(GetParam(), random);
    std::optional<Worth> best;
    forEachPlan(game.problem, [&](const Allocation &plan) {
      std::optional<Worth> worth = rate(game, plan);
      if (worth &&
          (!best || worth->gainers > best->gainers ||
           (worth->gainers == best->gainers && worth->product > best->product)))
        best = worth;
    });
    ASSERT_TRUE(best);
    SoleParticipant alone;
    const Plan relaxed =
        solveInteriorPoint(game.problem, game.rules, {}, alone);
    const Rounded rounded =
        roundPlan(game.problem, game.rules, relaxed.allocation,
                  game.home ? &*game.home : nullptr);
    ASSERT_EQ(rounded.violation, std::nullopt) << "seed " << seed;
    const std::optional<Worth> found = rate(game, rounded.allocation);
    ASSERT_TRUE(found) << "seed " << seed;
    ASSERT_EQ(found->gainers, best->gainers) << "seed " << seed;
    const double ratio =
        best->gainers == 0
            ? 1
            : std::exp((found->product - best->product) / best->weight);
    EXPECT_LE(ratio, 1 + 1e-9) << "seed " << seed;
    ratios += ratio;
  }
  RecordProperty("mean", std::to_string(ratios / games));
  EXPECT_GE(ratios, 0.998 * games);
}

INSTANTIATE_TEST_SUITE_P(
    Rounding, SmallGames,
    testing::Values(Kind{"Free", false, false, false, false},
                    Kind{"Timed", true, false, false, false},
                    Kind{"InMemory", false, true, false, false},
                    Kind{"AtHome", false, false, true, false},
                    Kind{"Diminishing", false, false, false, true},
                    Kind{"TimedInMemory", true, true, false, false},
                    Kind{"TimedAtHome", true, false, true, false},
                    Kind{"All", true, true, true, true}),
    [](const testing::TestParamInfo<Kind> &info) { return info.param.name; });

class Rounding : public testing::Test {
protected:
  static Rules makeRules(const Problem &problem) {
    Rules rules;
    rules.pinned.assign(problem.devices.size(), false);
    return rules;
  }
};

TEST_F(Rounding, KeepsWhatIsWhole) {
  Problem problem = makeProblem({{2, 1}, {1, 2}}, {3, 4});
  Allocation plan(problem);
  plan.instances = {3 - 1e-12, 0, 1e-12, 4};
  Rounded rounded = roundPlan(problem, makeRules(problem), plan);
  EXPECT_EQ(rounded.allocation.instances, (std::vector<double>{3, 0, 0, 4}));
  EXPECT_EQ(rounded.violation, std::nullopt);
}

TEST_F(Rounding, PlacesAllOfAnything) {
  Problem problem =
      makeProblem({{2, 1, 3}, {1, 2, 3}, {1, 1, 1}}, {3, 0, 1e15});
  for (const std::vector<double> &instances : std::vector<std::vector<double>>{
           {0, 0, 0, 0, 0, 0, 0, 0, 0},
           {-1, std::nan(""), kUnlimited, 7, 7, 7, 1e300, -0.0, 1e-300},
           {1, 0, 3e14, 1, 0, 3e14, 1, 0, 4e14 + 0.5},
           {9, 0, 9e15, 9, 0, 9e15, 9, 0, 9e15}}) {
    Allocation plan(problem);
    plan.instances = instances;
    RoundingOptions options;
    options.effort = 1000;
    Rounded rounded =
        roundPlan(problem, makeRules(problem), plan, nullptr, options);
    const std::vector<double> &whole = rounded.allocation.instances;
    for (double instances : whole) {
      EXPECT_GE(instances, 0);
      EXPECT_EQ(instances, std::floor(instances));
    }
    for (int k : {0, 1, 2})
      EXPECT_EQ(whole[k] + whole[3 + k] + whole[6 + k],
                problem.categories[k].count);
  }
}

TEST_F(Rounding, LetsAsManyGainAsPossible) {
  // Device i gains from categories i and i - 1, and has i - 1. For device 0 to
  // gain, each has to pass one on.
  constexpr int n = 50;
  std::vector<std::vector<double>> gain(n, std::vector<double>(n));
  for (int i = 0; i != n; ++i)
    gain[i][i] = gain[i][std::max(i - 1, 0)] = 1;
  Problem problem = makeProblem(gain, std::vector<double>(n, 1));
  Allocation plan(problem);
  for (int i = 1; i != n; ++i)
    plan.row(i)[i - 1] = 1;
  plan.row(n - 1)[n - 1] = 1;
  RoundingOptions options;
  options.disturbances = 0;
  Rounded rounded =
      roundPlan(problem, makeRules(problem), plan, nullptr, options);
  for (int i = 0; i != n; ++i)
    EXPECT_EQ(problem.getUtility(i, rounded.allocation.row(i)), 1) << i;
}

TEST_F(Rounding, LetsSomeGainWhereAllCannot) {
  // Three instances for five devices, of which one wants none.
  Problem problem =
      makeProblem({{0, 0}, {1, 0}, {0, 1}, {2, 1}, {1, 1}}, {2, 1});
  Rounded rounded = roundPlan(problem, makeRules(problem), Allocation(problem));
  EXPECT_EQ(rounded.violation, std::nullopt);
  int gainers = 0;
  for (int i = 0; i != 5; ++i)
    gainers += problem.getUtility(i, rounded.allocation.row(i)) > 0;
  EXPECT_EQ(gainers, 3);
}

TEST_F(Rounding, MakesRoomWhereAllIsFull) {
  // At the largest product every device is busy until the deadline: what the
  // rounding of one adds to its time can go nowhere, until all save time.
  constexpr int devices = 6, categories = 20;
  for (int seed = 0; seed != 4; ++seed) {
    Random random(seed);
    std::vector<std::vector<double>> gain(devices,
                                          std::vector<double>(categories));
    std::vector<double> counts, times;
    for (int k = 0; k != categories; ++k)
      counts.push_back(random.integer(1, 10));
    for (std::vector<double> &row : gain)
      for (double &value : row) {
        value = random.real(0.1, 10);
        times.push_back(value * random.real(1, 3));
      }
    Problem problem = makeProblem(gain, counts);
    problem.rates.time = times;
    problem.slack = 0.04;
    SoleParticipant alone;
    const Prepared prepared = prepare(problem, alone);
    ASSERT_EQ(prepared.error, std::nullopt);
    const Plan plan = solveInteriorPoint(problem, prepared.rules, {}, alone);
    EXPECT_EQ(roundPlan(problem, prepared.rules, plan.allocation).violation,
              std::nullopt)
        << "seed " << seed;
  }
}

TEST_F(Rounding, GoesHomeWhereNothingElseIsFound) {
  // A packing that is hard to find.
  Random random(3);
  std::vector<double> row;
  for (int k = 0; k != 40; ++k)
    row.push_back(random.real(1, 2));
  Problem problem =
      makeProblem({row, row, row, row}, std::vector<double>(row.size(), 1));
  const Allocation home = placeAnyhow(problem, random, /*whole=*/true);
  for (int i = 0; i != 4; ++i)
    problem.devices[i].disagreement = problem.getUtility(i, home.row(i));
  const Rules rules = makeRules(problem);
  RoundingOptions options;
  options.disturbances = 5;
  Rounded alone =
      roundPlan(problem, rules, Allocation(problem), nullptr, options);
  EXPECT_NE(alone.violation, std::nullopt);
  Rounded rounded =
      roundPlan(problem, rules, Allocation(problem), &home, options);
  EXPECT_EQ(rounded.violation, std::nullopt);
  EXPECT_EQ(rounded.allocation.instances, home.instances);
}

TEST_F(Rounding, SaysWhatCannotBeKept) {
  Problem problem = makeProblem({{1}, {1}}, {3});
  problem.rates.time = {1, 1};
  Rules rules = makeRules(problem);
  rules.deadline = 1.5;
  Rounded rounded = roundPlan(problem, rules, Allocation(problem));
  EXPECT_EQ(rounded.violation, "device \"d0\" takes 2 s; expected at most 1.5");
}

TEST_F(Rounding, DoesNotLookAtWhoHasNothing) {
  // Pairs of which are millions: all would take minutes.
  Problem problem =
      makeProblem(std::vector<std::vector<double>>(3000, {1}), {2});
  problem.rates.time.assign(3000, 1);
  Rules rules;
  rules.pinned.assign(3000, false);
  rules.deadline = 0.5;
  EXPECT_TRUE(roundPlan(problem, rules, Allocation(problem)).violation);
}

TEST_F(Rounding, GivesEachOfAClassWholeInstances) {
  Problem problem = makeProblem({{1, 2}, {2, 1}}, {4, 5});
  problem.devices[0].count = 3;
  problem.devices[0].disagreement = 1;
  Rules rules;
  rules.pinned = {false, true};
  rules.deadline = 7;
  Allocation plan(problem);
  plan.instances = {1.5, 4.5, 2.5, 0.5};
  const Expanded expanded = expand(problem, rules, plan);
  ASSERT_EQ(expanded.problem.getNumDevices(), 4);
  EXPECT_EQ(expanded.problem.validate(), std::nullopt);
  EXPECT_EQ(expanded.problem.devices[2].name, "d0.2");
  EXPECT_EQ(expanded.problem.devices[3].name, "d1");
  EXPECT_EQ(expanded.rules.pinned, (std::vector<char>{0, 0, 0, 1}));
  EXPECT_EQ(expanded.rules.deadline, 7);
  EXPECT_EQ(expanded.allocation.instances,
            (std::vector<double>{0.5, 1.5, 0.5, 1.5, 0.5, 1.5, 2.5, 0.5}));
  for (int i : {0, 1, 2, 3})
    EXPECT_EQ(expanded.problem.getUtility(i, expanded.allocation.row(i)),
              problem.getUtility(i / 3, plan.row(i / 3)));
  Rounded rounded =
      roundPlan(expanded.problem, expanded.rules, expanded.allocation);
  EXPECT_EQ(rounded.violation, std::nullopt);
}

} // namespace
