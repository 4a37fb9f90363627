//===- Subgradient.cpp - Prices that follow the excess demand -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The projected sub-gradient method. In each round every device answers the
// prices with what it wants (see Response.h), and the prices follow:
//
//   lambda_k <- max(0, lambda_k + mu_r e_k^2 g_k),
//     g_k = sum_i s_ik - T_k
//
// where e_k is the price of category k at the start, if everybody spends in
// proportion to what the categories would give: prices move relatively to their
// magnitude. The step needs to know neither how far the optimum is nor how
// steep the dual is: with x = lambda / e and G = (e_k g_k)_k it is
//
//   mu_r = 0.4 max_{q <= r} |x_q - x_0| / sqrt(sum_{q <= r} |G_q|^2)
//
// (distance over gradients, Ivgi, Hinder and Carmon 2023), which falls like
// 1 / sqrt(r). Where time or memory are limited, an instance can be a burden:
// then prices may be negative.
//
// The plan is the average of all answers with weights mu_r r^2, which are of
// the kind under which averages become feasible: sum_r mu_r r^2 g_r is what the
// prices have moved, summed by parts. What is left over is scaled away, and as
// much as needed of a plan inside of all limits mixed in. That costs exchanges,
// and so is done in some rounds only.
//
//===----------------------------------------------------------------------===//

#include "Certificates.h"
#include "Inside.h"
#include "Response.h"
#include "owl/Assignment/Solvers.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace owl::assignment;

/// The first distance of the prices from the start, relatively to them.
static constexpr double kFirstDistance = 0.1;
static constexpr double kStep = 0.4;
/// What a bound has to be better by, in units of the weight, lest it is better
/// by rounding errors.
static constexpr double kLeastNews = 1e-10;
/// By how many times bounds may exceed the largest one so far.
static constexpr double kHeadroom = 4;
/// A plan is made each time that the rounds have grown by this.
static constexpr double kGrowth = 1.1;
/// By how much a plan may miss a limit, relatively.
static constexpr double kTolerance = 1e-7;
/// Of what a device gains inside, what it has to gain at least in a plan.
static constexpr double kLeastGain = 1e-3;

namespace {
/// Rounds numbers of at most `most` so that a sum of `count` of them is exact,
/// and so the same in any order and of any number of participants: where
/// devices change their minds at a price, rounding errors would grow without
/// bounds.
class Quantum {
public:
  Quantum() = default;
  Quantum(double most, double count)
      : unit(std::ldexp(1, std::ilogb(std::max(most * count, 1e-300)) + 1 -
                               std::numeric_limits<double>::digits)) {}
  double operator()(double value) const {
    return std::nearbyint(value / unit) * unit;
  }

private:
  double unit = 1;
};

class Subgradient {
public:
  Subgradient(const Problem &problem, const Rules &rules,
              const SolverOptions &options, Exchange &exchange)
      : problem(problem), rules(rules), options(options), exchange(exchange),
        numCategories(problem.getNumCategories()), answers(problem),
        average(problem) {}

  Plan run();

private:
  template <typename Body> void forEachEntry(Body body) const;
  void start();
  /// Lets everybody answer, and sums up.
  void askAll();
  void updatePrices();
  void addToAverage();
  /// The average, made a plan. Two exchanges.
  Allocation getPlan();
  void placeAll(Allocation &allocation);

  const Problem &problem;
  const Rules &rules;
  const SolverOptions &options;
  Exchange &exchange;
  const int32_t numCategories;

  /// How many classes of devices there are.
  double allDevices = 0;
  /// How many devices can run a category.
  std::vector<double> runners;
  /// All weights that bargain, and in which unit prices are then: the method is
  /// the same for weights of any size.
  double weight = 0, unit = 1;
  bool isLimited = false;
  std::vector<double> scale, first;
  /// Of what devices ask for of each category.
  std::vector<Quantum> quanta;
  /// The largest bound of a device's response so far.
  double largestBound = 0;
  /// Demand of each category, and at last the dual value.
  std::vector<double> sums;
  Prices prices;
  double distance = 0, allSquares = 0, step = 0;
  int64_t round = 0;

  Allocation answers, average;
  /// A plan that is away from every limit.
  Allocation inside;
  double averageWeight = 0;
};
} // namespace

/// Calls `body` with the device, the entry of the rates, its category, and its
/// place in allocations.
template <typename Body> void Subgradient::forEachEntry(Body body) const {
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      body(i, e, problem.rates.category[e],
           average.start[i] + e - problem.begin(i));
}

void Subgradient::start() {
  double most = 0;
  allDevices = problem.getNumDevices();
  for (const Device &device : problem.devices)
    most = std::min(most, -device.count * device.weight);
  exchange.reduce(&allDevices, 1, &most, 1);
  const Quantum quantum(-most, allDevices);
  for (const Category &category : problem.categories)
    quanta.emplace_back(category.count, allDevices);

  // What everybody would spend on what, were all of it theirs.
  std::vector<double> all(problem.getNumDevices());
  forEachEntry([&](int32_t i, int64_t e, int32_t k, int64_t) {
    all[i] += problem.rates.gain[e] * problem.categories[k].count;
  });
  std::vector<double> totals(2 * numCategories + 2);
  forEachEntry([&](int32_t i, int64_t e, int32_t k, int64_t) {
    const Device &device = problem.devices[i];
    if (!rules.pinned[i] && all[i] > 0)
      totals[k] += quantum(device.count * device.weight *
                           problem.rates.gain[e] / all[i]);
    totals[numCategories + k] += device.count;
  });
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    if (!rules.pinned[i])
      totals[2 * numCategories] +=
          quantum(problem.devices[i].count * problem.devices[i].weight);
  totals.back() =
      rules.deadline != kUnlimited || problem.isMemoryLimited() ? 1 : 0;
  exchange.sum(totals.data(), totals.size());

  prices.category.assign(totals.begin(), totals.begin() + numCategories);
  runners.assign(totals.begin() + numCategories,
                 totals.begin() + 2 * numCategories);
  weight = totals[2 * numCategories];
  if (weight > 0)
    unit = weight;
  isLimited = totals.back() > 0;
  scale.resize(numCategories);
  for (int32_t k = 0; k != numCategories; ++k) {
    const double count = problem.categories[k].count;
    if (count > 0)
      scale[k] =
          std::max(prices.category[k], 0.1 * unit / numCategories / count);
    else
      prices.category[k] = 0;
  }
  first = prices.category;
  distance = kFirstDistance * std::sqrt(numCategories);
  inside = findInside(problem, rules, exchange);
  prices.time.resize(isLimited ? problem.getNumDevices() : 0);
  prices.memory.resize(isLimited ? problem.getNumDevices() : 0);
}

void Subgradient::askAll() {
  const int32_t numDevices = problem.getNumDevices();
  std::vector<double> bounds(numDevices);
  // That of the largest.
  double least = 0;
  for (int32_t i = 0; i != numDevices; ++i) {
    const Response response =
        respond(problem, rules, i, prices.category.data(), answers.row(i));
    bounds[i] = response.bound;
    if (std::isfinite(response.bound))
      least = std::min(least, -std::abs(response.bound));
    if (isLimited) {
      prices.time[i] = response.time;
      prices.memory[i] = response.memory;
    }
  }
  if (round == 1) {
    exchange.min(&least, 1);
    largestBound = -least;
  }
  sums.assign(numCategories + 1, 0);
  forEachEntry([&](int32_t, int64_t, int32_t k, int64_t place) {
    sums[k] += quanta[k](answers.instances[place]);
  });
  const Quantum quantum(kHeadroom * largestBound, allDevices);
  for (double bound : bounds)
    sums.back() += quantum(bound);
  exchange.reduce(sums.data(), sums.size(), &least, 1);
  largestBound = std::max(largestBound, -least);
  for (int32_t k = 0; k != numCategories; ++k)
    sums.back() += prices.category[k] * problem.categories[k].count;
}

void Subgradient::updatePrices() {
  double squares = 0;
  for (int32_t k = 0; k != numCategories; ++k) {
    const double slope =
        scale[k] * (sums[k] - problem.categories[k].count) / unit;
    squares += slope * slope;
  }
  allSquares += squares;
  step = allSquares > 0 ? kStep * distance / std::sqrt(allSquares) : 0;
  double moved = 0;
  for (int32_t k = 0; k != numCategories; ++k) {
    double &price = prices.category[k];
    price += step * scale[k] * scale[k] *
             (sums[k] - problem.categories[k].count) / unit;
    if (!isLimited)
      price = std::max(0.0, price);
    if (scale[k] > 0)
      moved += std::pow((price - first[k]) / scale[k], 2);
  }
  distance = std::max(distance, std::sqrt(moved));
}

void Subgradient::addToAverage() {
  // Where everything is placed at once, nothing has moved.
  const double share = step > 0 ? step * round * round : 1;
  averageWeight += share;
  for (size_t j = 0; j != average.instances.size(); ++j)
    average.instances[j] +=
        share / averageWeight * (answers.instances[j] - average.instances[j]);
}

/// Scales each category to what there is of it. One exchange.
void Subgradient::placeAll(Allocation &allocation) {
  std::vector<double> placed(numCategories);
  forEachEntry([&](int32_t, int64_t, int32_t k, int64_t place) {
    placed[k] += allocation.instances[place];
  });
  exchange.sum(placed.data(), placed.size());
  forEachEntry([&](int32_t i, int64_t, int32_t k, int64_t place) {
    const double count = problem.categories[k].count;
    double &instances = allocation.instances[place];
    // What nobody has asked for goes to everybody.
    if (placed[k] <= 1e-9 * count)
      instances = count * problem.devices[i].count / runners[k];
    else
      instances *= count / placed[k];
  });
}

/// How much of `from`, which is below `limit`, to mix into `over`, so that the
/// mixture is `limit`.
static double getPart(double from, double over, double limit) {
  return over <= limit ? 0 : (over - limit) / (over - from);
}

Allocation Subgradient::getPlan() {
  Allocation plan = average;
  placeAll(plan);
  double part = 0;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const Device &device = problem.devices[i];
    const double *from = inside.row(i), *over = plan.row(i);
    part = std::max(
        {part,
         getPart(problem.getTime(i, from), problem.getTime(i, over),
                 rules.deadline * (1 + kTolerance)),
         getPart(problem.getMemory(i, from), problem.getMemory(i, over),
                 device.memory * (1 + kTolerance))});
    // Utilities are concave: a mixture has no less than the mean of both.
    const double least = device.disagreement;
    const double spare = problem.getUtility(i, from) - least;
    const double missing = least - problem.getUtility(i, over);
    if (rules.pinned[i])
      part = std::max(part,
                      getPart(-spare, missing, kTolerance * std::abs(least)));
    else if (missing >= 0)
      part = std::max(part, getPart(-spare, missing, -kLeastGain * spare));
  }
  part = -part;
  exchange.min(&part, 1);
  part = std::min(1.0, -part);
  for (size_t j = 0; j != plan.instances.size(); ++j)
    plan.instances[j] += part * (inside.instances[j] - plan.instances[j]);
  return plan;
}

Plan Subgradient::run() {
  const int64_t firstRound = exchange.getRounds();
  auto getRounds = [&] { return exchange.getRounds() - firstRound; };
  start();
  Plan plan;
  plan.allocation = inside;
  plan.prices = prices;
  plan.certificate = {-kUnlimited, kUnlimited, weight};
  // The prices with the least dual value.
  double least = kUnlimited;
  Prices best;
  int64_t next = 1;
  while (true) {
    ++round;
    askAll();
    if (round == 1 || sums.back() < least) {
      least = sums.back();
      best = prices;
    }
    updatePrices();
    addToAverage();

    const bool isLast = getRounds() >= options.maxRounds || step == 0;
    if (round < next && !isLast)
      continue;
    next = std::max(round + 1, int64_t(kGrowth * round));
    Allocation found = getPlan();
    const Certificate rated = certify(problem, rules, found, best, exchange);
    if (rated.primal >= plan.certificate.primal) {
      plan.certificate.primal = rated.primal;
      plan.allocation = std::move(found);
    }
    if (!(rated.dual >= plan.certificate.dual - kLeastNews * weight)) {
      plan.certificate.dual = rated.dual;
      plan.prices = best;
    }
    plan.rounds = getRounds();
    if (options.progress && exchange.getRank() == 0)
      options.progress({plan.rounds, plan.certificate});
    if (plan.certificate.getGap() <= options.gap) {
      plan.status = weight > 0 ? Status::Optimal : Status::StatusQuo;
      return plan;
    }
    if (isLast)
      return plan;
  }
}

Plan owl::assignment::solveSubgradient(const Problem &problem,
                                       const Rules &rules,
                                       const SolverOptions &options,
                                       Exchange &exchange) {
  return Subgradient(problem, rules, options, exchange).run();
}
