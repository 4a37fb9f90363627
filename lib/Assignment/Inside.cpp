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
#include "EqualParts.h"
#include "Level.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// How much room a level of 1 leaves: of what the time limit has above the
/// least makespan, and of the memory.
static constexpr double kTimeRoom = 0.5, kMemoryRoom = 0.2;
/// Which part of the highest level is enough.
static constexpr double kEnough = 0.5;

Allocation owl::assignment::findInside(const Problem &problem,
                                       const Rules &rules, Exchange &exchange) {
  const EqualParts parts(problem, exchange);
  bool isHard = rules.deadline != kUnlimited || problem.isMemoryLimited();
  for (const Device &device : problem.devices)
    isHard |= device.disagreement > 0;
  double anyHard = isHard;
  exchange.sum(&anyHard, 1);
  if (anyHard == 0)
    return parts.getAllocation();

  BlockProgram program(problem);
  program.addLimits(rules.deadline);
  program.levelCost = -1;
  program.levelStart = 1;
  bool hasLevel = false;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const double least = problem.devices[i].disagreement;
    BlockDevice &device = program.devices[i];
    device.time.level = kTimeRoom * (rules.leastMakespan - rules.deadline) *
                        problem.devices[i].count;
    device.memory.level = -kMemoryRoom * device.memory.offset;
    if (!rules.pinned[i])
      program.addDisagreement(
          i, std::max(problem.getUtility(i, parts.getRow(i).data()),
                      std::abs(least)));
    else if (least > 0)
      program.addPinned(i);
    hasLevel |= !rules.pinned[i] || (device.time.active && device.time.level) ||
                (device.memory.active && device.memory.level);
  }
  // Where all are pinned and nothing is limited, any plan is as far inside.
  double levels = hasLevel;
  exchange.sum(&levels, 1);
  program.hasLevel = levels > 0;
  InteriorPoint method(program, exchange);
  return findLevel(program, method, exchange,
                   [&](double level) {
                     return level >= kEnough * (method.getLevel() +
                                                method.getGapEstimate());
                   })
      .plan;
}
