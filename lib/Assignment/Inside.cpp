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

Allocation owl::assignment::findInside(const Problem &problem,
                                       const Rules &rules, Exchange &exchange) {
  const EqualParts parts(problem, exchange);
  double isHard =
      rules.deadline != kUnlimited || problem.isMemoryLimited() ? 1 : 0;
  for (const Device &device : problem.devices)
    isHard += device.disagreement > 0;
  exchange.sum(&isHard, 1);
  if (isHard == 0)
    return parts.getAllocation();

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
          i, std::max(problem.getUtility(i, parts.getRow(i).data()),
                      std::abs(least)));
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
