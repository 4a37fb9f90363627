//===- Prepare.cpp - What is to be known before bargaining ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three questions, each a linear program: does all work fit into memory, how
// soon can the slowest device finish, and who can gain at all?
//
//===----------------------------------------------------------------------===//

#include "Certificates.h"
#include "EqualParts.h"
#include "Format.h"
#include "Level.h"
#include "owl/Assignment/Solvers.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// Relative accuracy of the answers.
static constexpr double kAccuracy = 1e-9;
/// That of the least makespan, and what no double comes nearer than.
static constexpr double kMakespanAccuracy = 1e-13, kMostAccuracy = 1e-16;
/// Of the time limit.
static constexpr int kDeadlineBits = 30;
/// What counts as more than nothing.
static constexpr double kTolerance = 1e-7;
/// A slack below this counts as this: with less, next to nothing would lie
/// inside of the limits.
static constexpr double kLeastSlack = 1e-4;
/// A makespan below this part of what equal parts take is none, and the time
/// limit then is that part of it.
static constexpr double kLeastTime = 1e-9, kRoom = 1e-6;

namespace {
class Preparation {
public:
  Preparation(const Problem &problem, Exchange &exchange, double deadline)
      : problem(problem), exchange(exchange), deadline(deadline) {}

  Prepared run();

private:
  /// The device with the largest of `shares`, one per device; -1 for all
  /// participants but the one that has it and so names it.
  int32_t findLargest(const std::vector<double> &shares);
  /// Names that device and its dearest category.
  void fail(const char *what, const std::vector<double> &shares,
            const Prices &prices);

  void checkEmpty();
  bool checkMemory();
  void findMakespan(const EqualParts &parts, bool isAgreed);
  bool isHopeless(const Prices &prices);
  double getScale(int32_t i, const EqualParts &parts) const;
  void findPinned(const EqualParts &parts);

  const Problem &problem;
  Exchange &exchange;
  const double deadline;
  Prepared result;
  /// Whether the memory of any device is.
  bool limited = false;
};
} // namespace

int32_t Preparation::findLargest(const std::vector<double> &shares) {
  auto largest = std::max_element(shares.begin(), shares.end());
  double least[2] = {largest == shares.end() ? 0 : -*largest, 0};
  double own = least[0];
  exchange.min(least, 1);
  // The first participant with that device names it.
  least[1] = own == least[0] && largest != shares.end() ? exchange.getRank()
                                                        : exchange.getSize();
  exchange.min(least + 1, 1);
  return least[1] == exchange.getRank() ? largest - shares.begin() : -1;
}

void Preparation::fail(const char *what, const std::vector<double> &shares,
                       const Prices &prices) {
  result.error.emplace();
  const int32_t i = findLargest(shares);
  if (i < 0)
    return;
  const Category *dearest = nullptr;
  double most = -kUnlimited;
  for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
    const int32_t k = problem.rates.category[e];
    // What makes limits exceeded has a negative price.
    const double price =
        std::abs(prices.category[k]) * problem.categories[k].count;
    if (price <= most)
      continue;
    most = price;
    dearest = &problem.categories[k];
  }
  *result.error = std::string(what) + ": device " +
                  quote(problem.devices[i].name) +
                  (dearest ? " and category " + quote(dearest->name) + " bind"
                           : " binds, which can run nothing");
  // Limits that cost something, as parts of what the category does.
  most *= kTolerance;
  if (dearest && prices.memory[i] * problem.devices[i].memory > most)
    *result.error += ", in a memory of " + format(problem.devices[i].memory);
  if (dearest && prices.time[i] * result.rules.deadline > most)
    *result.error += ", in a time of " + format(result.rules.deadline) + " s";
}

/// Whether all work fits into memory: the least z such that it would, were each
/// memory larger by z times an average one.
bool Preparation::checkMemory() {
  BlockProgram program(problem);
  program.addLimits(kUnlimited);
  double totals[3] = {};
  for (const BlockDevice &device : program.devices)
    totals[2] += device.memory.active;
  for (const Device &device : problem.devices) {
    totals[0] += device.count;
    if (device.memory != kUnlimited)
      totals[1] += device.count * device.memory;
  }
  exchange.sum(totals, 3);
  if (totals[2] == 0)
    return true;
  double work = 0;
  for (const Category &category : problem.categories)
    work += category.count * category.memory;
  program.hasLevel = true;
  program.levelCost = program.levelStart = 1;
  double unit = std::max(totals[1], work) / totals[0];
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i)
    program.devices[i].memory.level = problem.devices[i].count * unit;
  InteriorPoint method(program, exchange);
  const double missing = findLevel(program, method, exchange, [](double level) {
                           return level < -kTolerance;
                         }).level;
  if (missing <= kTolerance)
    return true;
  Prices prices = method.getPrices();
  std::vector<double> shares = prices.memory;
  for (size_t i = 0; i < shares.size(); ++i)
    shares[i] *= problem.devices[i].count;
  fail("the work does not fit into the memory of the devices", shares, prices);
  return false;
}

/// To a billionth more, so that it does not depend on rounding errors.
static double roundUp(double value) {
  int exponent;
  const double mantissa = std::frexp(value, &exponent);
  return std::ldexp(std::ceil(std::ldexp(mantissa, kDeadlineBits)),
                    exponent - kDeadlineBits);
}

/// Of any plan, or of one that gives every device what it has without one.
void Preparation::findMakespan(const EqualParts &parts, bool isAgreed) {
  const int32_t numDevices = problem.getNumDevices();
  // What it takes if everybody does an equal part.
  double longest = 0;
  for (int32_t i = 0; i != numDevices; ++i)
    longest = std::min(longest, -problem.getTime(i, parts.getRow(i).data()));
  exchange.min(&longest, 1);
  longest = -longest;
  if (longest == 0) {
    result.rules.deadline = deadline;
    return;
  }
  BlockProgram program(problem);
  program.addLimits(kUnlimited);
  program.hasLevel = true;
  program.levelCost = 1;
  program.levelStart = longest;
  for (int32_t i = 0; i != numDevices; ++i) {
    program.devices[i].time = {true, 0, problem.devices[i].count};
    if (isAgreed && problem.devices[i].disagreement > 0)
      program.addPinned(i);
  }
  InteriorPoint method(program, exchange);
  auto isNothing = [&] { return method.getLevel() < kLeastTime * longest; };
  auto isDone = [&] {
    const double gap = method.getGapEstimate() / method.getLevel();
    return (gap < kMostAccuracy && method.getInfeasibility() < kTolerance) ||
           (gap < kMakespanAccuracy && method.getInfeasibility() < kAccuracy) ||
           (isNothing() && method.getInfeasibility() < kLeastTime);
  };
  while (method.step() && !isDone()) {
  }

  // The Lagrangian is the mean of all times, weighted by their prices, and what
  // memory and utilities are short of at theirs. It misses the makespan by the
  // gap and a product of the errors of the plan and the prices, while the
  // longest time has all of its own error. The prices of the bargain follow the
  // deadline, many times as strongly.
  const Allocation allocation = method.getAllocation();
  const Prices prices = method.getPrices();
  const std::vector<double> gainPrices = method.getGainPrices();
  double sums[2] = {};
  for (int32_t i = 0; i != numDevices; ++i) {
    const Device &device = problem.devices[i];
    const double *row = allocation.row(i);
    double cost = prices.time[i] * problem.getTime(i, row);
    if (prices.memory[i] > 0)
      cost += prices.memory[i] * (problem.getMemory(i, row) - device.memory);
    if (gainPrices[i] > 0)
      cost +=
          gainPrices[i] * (device.disagreement - problem.getUtility(i, row));
    sums[0] += device.count * cost;
    sums[1] += device.count * prices.time[i];
  }
  exchange.sum(sums, 2);
  result.rules.leastMakespan = sums[0] / sums[1];
  result.rules.deadline = roundUp(result.rules.leastMakespan *
                                  (1 + std::max(problem.slack, kLeastSlack)));
  if (isNothing()) {
    // There still has to be some room for the method.
    result.rules.leastMakespan = 0;
    result.rules.deadline = kRoom * longest;
  }
  result.rules.deadline = std::max(result.rules.deadline, deadline);
}

/// Whether `prices` prove that there is no plan.
bool Preparation::isHopeless(const Prices &prices) {
  // Where all are pinned, every plan is worth 0, and no plan exceeds the bound.
  Rules rules = result.rules;
  rules.pinned.assign(problem.getNumDevices(), true);
  return certify(problem, rules, Allocation(problem), prices, exchange).dual <
         -kTolerance;
}

/// What device `i` gains from an equal part of everything: kTolerance of it is
/// next to nothing. Where limits allow of a category no more than next to
/// nothing, it counts as much as that makes of it, twice.
double Preparation::getScale(int32_t i, const EqualParts &parts) const {
  const Device &device = problem.devices[i];
  std::vector<double> row = parts.getRow(i);
  for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
    const double memory = problem.categories[problem.rates.category[e]].memory;
    const double time = problem.rates.time.empty() ? 0 : problem.rates.time[e];
    double most = kUnlimited;
    if (memory > 0)
      most = device.count * device.memory / memory;
    if (time > 0)
      most = std::min(most, device.count * result.rules.deadline / time);
    double &instances = row[e - problem.begin(i)];
    instances = std::min(instances, most / (2 * kTolerance));
  }
  return problem.getUtility(i, row.data());
}

/// Finds out who can gain: the largest z such that each can have z times its
/// equal part more than its disagreement. Where that is 0, those whose rows
/// have a price are who keeps the others from gaining, and cannot gain.
void Preparation::findPinned(const EqualParts &parts) {
  int32_t numDevices = problem.getNumDevices();
  std::vector<char> &pinned = result.rules.pinned;
  pinned.assign(numDevices, 0);
  std::vector<double> scales(numDevices);
  double hard = 0, open = 0;
  for (int32_t i = 0; i < numDevices; ++i) {
    const Device &device = problem.devices[i];
    scales[i] = getScale(i, parts);
    if (scales[i] == 0 && device.disagreement == 0)
      pinned[i] = 1;
    // Without limits and disagreements, whoever gains from anything can.
    if (device.disagreement > 0)
      hard = 1;
    open += !pinned[i];
    scales[i] = std::max(scales[i], std::abs(device.disagreement));
  }
  if (result.rules.deadline != kUnlimited || limited)
    hard = 1;
  double totals[2] = {hard, open};
  exchange.sum(totals, 2);
  if (totals[0] == 0)
    return;

  while (true) {
    BlockProgram program(problem);
    program.addLimits(result.rules.deadline);
    program.hasLevel = true;
    program.levelCost = -1;
    program.levelStart = 1;
    bool any = totals[1] > 0;
    for (int32_t i = 0; i < numDevices; ++i) {
      if (!pinned[i])
        program.addDisagreement(i, scales[i]);
      else if (problem.devices[i].disagreement > 0)
        // Only whether the disagreement can be honoured is asked of these.
        program.addDisagreement(i, any ? 0 : scales[i]);
      if (pinned[i] && any)
        program.devices[i].gain.offset -=
            problem.devices[i].count * scales[i] * kAccuracy;
    }
    bool anyRow = false;
    for (const BlockDevice &device : program.devices)
      anyRow |= device.gain.active && device.gain.level > 0;
    double rows = anyRow;
    exchange.sum(&rows, 1);
    if (rows == 0)
      return;
    InteriorPoint method(program, exchange);
    const double level = findLevel(program, method, exchange, [](double level) {
                           return level > 100 * kTolerance;
                         }).level;
    if (level > kTolerance)
      return;
    // What each adds to the price of the level: they add up to 1.
    std::vector<double> shares = method.getGainPrices();
    for (int32_t i = 0; i < numDevices; ++i)
      shares[i] *= program.devices[i].gain.level;
    if (isHopeless(method.getPrices())) {
      fail("no plan gives every device what it has without one", shares,
           method.getPrices());
      return;
    }
    if (!any)
      return;
    double largest = 0;
    for (double share : shares)
      largest = std::min(largest, -share);
    exchange.min(&largest, 1);
    totals[1] = 0;
    for (int32_t i = 0; i < numDevices; ++i) {
      if (!pinned[i] && shares[i] >= std::min(-largest, 1e-5))
        pinned[i] = 1;
      totals[1] += !pinned[i];
    }
    exchange.sum(totals + 1, 1);
  }
}

/// Where there is nothing to place, everybody has a utility of 0.
void Preparation::checkEmpty() {
  double least = 0;
  std::vector<double> shares(problem.getNumDevices());
  for (int32_t i = 0; i < problem.getNumDevices(); ++i) {
    shares[i] = problem.devices[i].disagreement;
    result.rules.pinned[i] = shares[i] >= 0;
    least = std::min(least, -shares[i]);
  }
  exchange.min(&least, 1);
  if (least == 0)
    return;
  result.error.emplace();
  if (const int32_t i = findLargest(shares); i >= 0)
    *result.error = "there is nothing to place, but device " +
                    quote(problem.devices[i].name) +
                    " has a disagreement value above 0";
}

Prepared Preparation::run() {
  result.rules.pinned.assign(problem.getNumDevices(), 0);
  double work = 0;
  for (const Category &category : problem.categories)
    work += category.count;
  // A participant may have none of the devices that are limited.
  double flags[2] = {double(problem.isMemoryLimited()),
                     double(problem.isTimed())};
  exchange.sum(flags, 2);
  limited = flags[0] > 0;
  if (work == 0)
    checkEmpty();
  else if (limited && !checkMemory())
    return result;
  if (work == 0)
    return result;
  EqualParts parts(problem, exchange);
  if (flags[1] > 0)
    findMakespan(parts, /*isAgreed=*/false);
  findPinned(parts);
  if (!result.error || result.rules.deadline == kUnlimited)
    return result;
  // Not in that time. As soon as possible, if at all.
  const Rules rules = result.rules;
  const std::optional<std::string> timed = std::move(result.error);
  result.error.reset();
  result.rules.deadline = kUnlimited;
  findPinned(parts);
  if (result.error)
    return result;
  findMakespan(parts, /*isAgreed=*/true);
  result.rules.leastMakespan = rules.leastMakespan;
  findPinned(parts);
  if (result.error)
    result.error = timed;
  return result;
}

Prepared owl::assignment::prepare(const Problem &problem, Exchange &exchange,
                                  double deadline) {
  return Preparation(problem, exchange, deadline).run();
}
