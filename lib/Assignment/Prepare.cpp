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

#include "EqualParts.h"
#include "Format.h"
#include "InteriorPoint.h"
#include "owl/Assignment/Solvers.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// Relative accuracy of the answers.
static constexpr double kAccuracy = 1e-9;
/// What counts as more than nothing.
static constexpr double kTolerance = 1e-7;
/// A slack below this counts as this.
static constexpr double kLeastSlack = 1e-6;

namespace {
class Preparation {
public:
  Preparation(const Problem &problem, Exchange &exchange, double deadline)
      : problem(problem), exchange(exchange), deadline(deadline) {}

  Prepared run();

private:
  /// Solves `program` for its level, until it is exact or `done` says so.
  template <typename Done> void solve(InteriorPoint &method, Done done) {
    while (!done() && method.step()) {
    }
  }
  /// Names the device with the largest of `shares`, one per device, and its
  /// dearest category. `text` has %d and %c in their places. Only the
  /// participant that has the device gets more than an empty text.
  void fail(const std::vector<double> &shares, const Prices &prices,
            std::string text);

  void checkEmpty();
  bool checkMemory();
  void findMakespan(const EqualParts &parts);
  void findPinned(const EqualParts &parts);

  const Problem &problem;
  Exchange &exchange;
  const double deadline;
  Prepared result;
  /// Whether the memory of any device is.
  bool limited = false;
};
} // namespace

void Preparation::fail(const std::vector<double> &shares, const Prices &prices,
                       std::string text) {
  auto largest = std::max_element(shares.begin(), shares.end());
  double least[2] = {largest == shares.end() ? 0 : -*largest, 0};
  double own = least[0];
  exchange.min(least, 1);
  // The first participant with that device names it.
  least[1] = own == least[0] && largest != shares.end() ? exchange.getRank()
                                                        : exchange.getSize();
  exchange.min(least + 1, 1);
  result.error.emplace();
  if (least[1] != exchange.getRank())
    return;
  int32_t i = largest - shares.begin();
  const std::string *dearest = nullptr;
  double price = -kUnlimited;
  for (int64_t entry = problem.begin(i); entry < problem.end(i); ++entry) {
    int32_t k = problem.rates.category[entry];
    if (prices.category.empty() ||
        prices.category[k] * problem.categories[k].count <= price)
      continue;
    price = prices.category[k] * problem.categories[k].count;
    dearest = &problem.categories[k].name;
  }
  auto replace = [&](const char *mark, const std::string &name) {
    if (size_t at = text.find(mark); at != std::string::npos)
      text.replace(at, 2, quote(name));
  };
  replace("%d", problem.devices[i].name);
  replace("%c", dearest ? *dearest : "none");
  *result.error = text;
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
  solve(method, [&] {
    if (method.getInfeasibility() > kAccuracy)
      return false;
    return method.getLevel() < -kTolerance ||
           method.getGapEstimate() < kAccuracy;
  });
  if (method.getLevel() <= kTolerance)
    return true;
  Prices prices = method.getPrices();
  std::vector<double> shares = prices.memory;
  for (size_t i = 0; i < shares.size(); ++i)
    shares[i] *= problem.devices[i].count;
  fail(shares, prices,
       "the work does not fit into the memory of the devices: device %d and "
       "category %c bind");
  return false;
}

void Preparation::findMakespan(const EqualParts &parts) {
  BlockProgram program(problem);
  program.addLimits(kUnlimited);
  program.hasLevel = true;
  program.levelCost = 1;
  // What it takes if everybody does an equal part.
  double longest = 0;
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i)
    longest = std::min(longest, -problem.getTime(i, parts.getRow(i).data()));
  exchange.min(&longest, 1);
  longest = -longest;
  if (longest == 0) {
    result.rules.deadline = deadline;
    return;
  }
  program.levelStart = longest;
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i)
    program.devices[i].time = {true, 0, problem.devices[i].count};

  InteriorPoint method(program, exchange);
  solve(method, [&] {
    return method.getInfeasibility() < kAccuracy &&
           method.getGapEstimate() < kAccuracy * method.getLevel();
  });
  Allocation allocation = method.getAllocation();
  double makespan = 0;
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i)
    makespan = std::min(makespan, -problem.getTime(i, allocation.row(i)));
  exchange.min(&makespan, 1);
  // Where nothing takes any time, or no more than it must, there still has to
  // be some room for the method.
  result.rules.leastMakespan = -makespan;
  result.rules.deadline =
      std::max({-makespan * (1 + std::max(problem.slack, kLeastSlack)),
                kLeastSlack * longest, deadline});
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
    scales[i] = problem.getUtility(i, parts.getRow(i).data());
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
    solve(method, [&] {
      if (method.getInfeasibility() > kAccuracy)
        return false;
      return method.getLevel() > 100 * kTolerance ||
             method.getGapEstimate() < kAccuracy;
    });
    double level = method.getLevel();
    if (level > kTolerance)
      return;
    // What each adds to the price of the level: they add up to 1.
    std::vector<double> shares = method.getGainPrices();
    for (int32_t i = 0; i < numDevices; ++i)
      shares[i] *= program.devices[i].gain.level;
    if (level < -kTolerance) {
      fail(shares, method.getPrices(),
           "no plan gives every device what it has without one: device %d and "
           "category %c bind");
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
  if (least < 0)
    fail(shares, {},
         "there is nothing to place, but device %d has a disagreement value "
         "above 0");
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
    findMakespan(parts);
  findPinned(parts);
  return result;
}

Prepared owl::assignment::prepare(const Problem &problem, Exchange &exchange,
                                  double deadline) {
  return Preparation(problem, exchange, deadline).run();
}
