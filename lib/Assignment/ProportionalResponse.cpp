//===- ProportionalResponse.cpp - Spending where it gave most -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Proportional response dynamics (Wu and Zhang 2007). Device i divides its
// budget among the categories in proportion to what they gave it last, and of a
// category gets the part of the instances that it pays for:
//
//   b_ik = B_i v_ik s_ik / U_i,  B_i = w_i U_i / (U_i - d_i)
//   lambda_k = sum_i b_ik / T_k,  s_ik <- b_ik / lambda_k
//
// Without disagreements B_i = w_i. The right-hand side is then the maximum of a
// lower bound of the objective that touches it at s, so that no round makes it
// worse, and the gap falls like O(1 / t) (Birnbaum, Devanur and Xiao 2011).
//
// With disagreements the budget follows the surplus, as in Vazirani's flexible
// markets, and the bound no longer holds. But the way to the right-hand side is
// still one of ascent: with g_ik = b_ik / s_ik, the gradient, it has the slope
//
//   sum_k (T_k sum_i s g^2 - (sum_i s g)^2) / sum_i s g  >=  0,
//
// which is zero only where all who run a category gain alike from it. So each
// goes the same part of the way, the best of 1, 1/2, 1/4, ...: one more
// exchange, and no round makes it worse. This converges but no rate is proved.
// Before that the disagreements have to be reached: they count for as large a
// part as all exceed, which grows to 1 as the product pushes all away from it.
//
//===----------------------------------------------------------------------===//

#include "Certificates.h"
#include "Format.h"
#include "owl/Assignment/Solvers.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// The parts of the way that are tried: 2^-j.
static constexpr int kLengths = 30;
/// A plan is rated each time that the rounds have grown by this: that costs as
/// much as many rounds.
static constexpr double kGrowth = 1.03;
/// What is given up again and again remains this much of an instance: less and
/// less of it would soon be too small for a processor to compute with fast.
static constexpr double kLeast = 1e-200;
/// How much nearer the disagreements come to what all exceed, in a round.
static constexpr double kApproach = 0.7;

namespace {
class ProportionalResponse {
public:
  ProportionalResponse(const Problem &problem, const Rules &rules,
                       const SolverOptions &options, Exchange &exchange)
      : problem(problem), rules(rules), options(options), exchange(exchange),
        numDevices(problem.getNumDevices()),
        numCategories(problem.getNumCategories()), s(problem), b(problem),
        utility(numDevices) {}

  Plan run();

private:
  template <typename Body> void forEachEntry(Body body) const;
  void start();
  /// Raises the part of the disagreements that counts, if it is not all. One
  /// exchange.
  void raisePart();
  /// What everybody spends, and the prices. One exchange.
  void spend();
  void move();
  double getSurplus(int32_t i) const {
    return utility[i] - part * problem.devices[i].disagreement;
  }

  const Problem &problem;
  const Rules &rules;
  const SolverOptions &options;
  Exchange &exchange;
  const int32_t numDevices, numCategories;

  bool isSearching = false;
  double part = 1;
  Allocation s, b;
  std::vector<double> utility;
  Prices prices;
};
} // namespace

/// Calls `body` with the device, the entry of the rates, its category, and its
/// place in allocations.
template <typename Body>
void ProportionalResponse::forEachEntry(Body body) const {
  for (int32_t i = 0; i != numDevices; ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      body(i, e, problem.rates.category[e], s.start[i] + e - problem.begin(i));
}

/// An equal part for everybody.
void ProportionalResponse::start() {
  std::vector<double> totals(numCategories + 1);
  forEachEntry([&](int32_t i, int64_t, int32_t k, int64_t) {
    totals[k] += problem.devices[i].count;
  });
  for (int32_t i = 0; i != numDevices; ++i)
    totals.back() += problem.devices[i].disagreement != 0;
  exchange.sum(totals.data(), totals.size());
  forEachEntry([&](int32_t i, int64_t, int32_t k, int64_t place) {
    s.instances[place] =
        problem.categories[k].count * problem.devices[i].count / totals[k];
  });
  for (int32_t i = 0; i != numDevices; ++i)
    utility[i] = problem.getUtility(i, s.row(i));
  isSearching = totals.back() > 0;
  part = isSearching ? 0 : 1;
}

void ProportionalResponse::raisePart() {
  double least = kUnlimited;
  for (int32_t i = 0; i != numDevices; ++i)
    if (!rules.pinned[i] && problem.devices[i].disagreement > 0)
      least = std::min(least, utility[i] / problem.devices[i].disagreement);
  exchange.min(&least, 1);
  part = least > 1 ? 1 : part + kApproach * (least - part);
}

void ProportionalResponse::spend() {
  prices.category.assign(numCategories, 0);
  forEachEntry([&](int32_t i, int64_t e, int32_t k, int64_t place) {
    b.instances[place] = 0;
    if (rules.pinned[i])
      return;
    // Gains are of one device, instances of all that are alike.
    b.instances[place] = problem.devices[i].weight / getSurplus(i) *
                         problem.rates.gain[e] * s.instances[place];
    prices.category[k] += b.instances[place];
  });
  exchange.sum(prices.category.data(), numCategories);
  for (int32_t k = 0; k != numCategories; ++k)
    if (problem.categories[k].count > 0)
      prices.category[k] /= problem.categories[k].count;
}

void ProportionalResponse::move() {
  // From here on b is where the way leads.
  forEachEntry([&](int32_t, int64_t, int32_t k, int64_t place) {
    // What is worth nothing to anybody stays where it is.
    if (prices.category[k] > 0)
      b.instances[place] /= prices.category[k];
    else
      b.instances[place] = s.instances[place];
  });
  int best = 0;
  if (isSearching) {
    double products[kLengths] = {};
    for (int32_t i = 0; i != numDevices; ++i) {
      if (rules.pinned[i])
        continue;
      const Device &device = problem.devices[i];
      const double change = problem.getUtility(i, b.row(i)) - utility[i];
      for (int j = 0; j != kLengths; ++j) {
        const double surplus = getSurplus(i) + std::ldexp(change, -j);
        products[j] += surplus > 0
                           ? device.count * device.weight * std::log(surplus)
                           : -kUnlimited;
      }
    }
    exchange.sum(products, kLengths);
    best = std::max_element(products, products + kLengths) - products;
  }
  const double length = std::ldexp(1, -best);
  for (size_t j = 0; j != s.instances.size(); ++j) {
    double &value = s.instances[j];
    if (value > 0)
      value = std::max(value + length * (b.instances[j] - value), kLeast);
  }
  for (int32_t i = 0; i != numDevices; ++i)
    utility[i] = problem.getUtility(i, s.row(i));
}

Plan ProportionalResponse::run() {
  const int64_t firstRound = exchange.getRounds();
  // What certificates cost is not the method's.
  int64_t unneeded = 0, next = 0;
  start();
  Plan plan;
  plan.certificate.dual = kUnlimited;
  while (true) {
    if (part < 1)
      raisePart();
    spend();
    plan.rounds = exchange.getRounds() - firstRound - unneeded;
    const bool isLast = plan.rounds >= options.maxRounds;
    if (plan.rounds < next && !isLast) {
      move();
      continue;
    }
    next = kGrowth * plan.rounds;
    const int64_t before = exchange.getRounds();
    const Certificate rated = certify(problem, rules, s, prices, exchange);
    unneeded += exchange.getRounds() - before;
    // The plan never becomes worse, but the bound can.
    plan.certificate.primal = rated.primal;
    plan.certificate.weight = rated.weight;
    if (rated.dual < plan.certificate.dual || plan.prices.category.empty()) {
      plan.certificate.dual = rated.dual;
      plan.prices = prices;
    }
    if (options.progress && exchange.getRank() == 0)
      options.progress({plan.rounds, plan.certificate});
    const bool isDone = part == 1 && plan.certificate.getGap() <= options.gap;
    if (isDone || isLast) {
      if (isDone)
        plan.status = rated.weight > 0 ? Status::Optimal : Status::StatusQuo;
      plan.allocation = std::move(s);
      return plan;
    }
    move();
  }
}

std::optional<std::string>
owl::assignment::checkProportionalResponse(const Problem &problem,
                                           const Rules &rules) {
  std::string reason;
  if (problem.utility != Utility::Linear)
    reason = "the utility is diminishing";
  else if (rules.deadline != kUnlimited)
    reason = "there is a time limit";
  else if (problem.isMemoryLimited())
    reason = "there are memory limits";
  for (int32_t i = 0; reason.empty() && i != problem.getNumDevices(); ++i)
    if (rules.pinned[i] && problem.devices[i].disagreement > 0)
      reason = "device " + quote(problem.devices[i].name) +
               " can gain nothing but has something to lose";
  if (reason.empty())
    return std::nullopt;
  return "proportional response is for linear utilities without limits, and "
         "devices that can gain: here " +
         reason;
}

Plan owl::assignment::solveProportionalResponse(const Problem &problem,
                                                const Rules &rules,
                                                const SolverOptions &options,
                                                Exchange &exchange) {
  return ProportionalResponse(problem, rules, options, exchange).run();
}
