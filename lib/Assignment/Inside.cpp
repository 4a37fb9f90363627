//===- Inside.cpp - A plan that is away from every limit ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Equal parts are one where nothing is limited and nobody has anything to lose.
// Else a level is made about as large as it can be, from which follow the least
// gain of each device and the least room below its limits.
//
//===----------------------------------------------------------------------===//

#include "Inside.h"
#include "InteriorPoint.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// The largest violation of an equation that counts as none.
static constexpr double kAccuracy = 1e-7;
/// How much room a level of 1 leaves: of what the time limit has above the
/// least makespan, and of the memory.
static constexpr double kTimeRoom = 0.5, kMemoryRoom = 0.2;
/// Which part of the largest distance is enough.
static constexpr double kEnough = 0.5;

/// An equal part of everything for all who can run it. One exchange.
static Allocation getEqualParts(const Problem &problem, Exchange &exchange) {
  std::vector<double> runners(problem.getNumCategories());
  Allocation parts(problem);
  auto forEachEntry = [&](auto body) {
    for (int32_t i = 0; i != problem.getNumDevices(); ++i)
      for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
        body(problem.devices[i].count, problem.rates.category[e],
             parts.row(i)[e - problem.begin(i)]);
  };
  forEachEntry([&](double count, int32_t k, double &) { runners[k] += count; });
  exchange.sum(runners.data(), runners.size());
  forEachEntry([&](double count, int32_t k, double &part) {
    part = problem.categories[k].count * count / runners[k];
  });
  return parts;
}

Allocation owl::assignment::findInside(const Problem &problem,
                                       const Rules &rules, Exchange &exchange) {
  const Allocation parts = getEqualParts(problem, exchange);
  double isHard =
      rules.deadline != kUnlimited || problem.isMemoryLimited() ? 1 : 0;
  for (const Device &device : problem.devices)
    isHard += device.disagreement > 0;
  exchange.sum(&isHard, 1);
  if (isHard == 0)
    return parts;

  BlockProgram program(problem);
  program.addLimits(rules.deadline);
  program.hasLevel = true;
  program.levelCost = -1;
  program.levelStart = 1;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const double least = problem.devices[i].disagreement;
    BlockDevice &device = program.devices[i];
    device.time.level = kTimeRoom * (rules.leastMakespan - rules.deadline) *
                        problem.devices[i].count;
    device.memory.level = -kMemoryRoom * device.memory.offset;
    if (!rules.pinned[i])
      program.addDisagreement(
          i, std::max(problem.getUtility(i, parts.row(i)), std::abs(least)));
    else if (least > 0)
      program.addDisagreement(i, 0);
  }
  InteriorPoint method(program, exchange);
  while (method.step())
    if (method.getInfeasibility() < kAccuracy &&
        method.getGapEstimate() < (1 - kEnough) * method.getLevel())
      break;
  return method.getAllocation();
}
