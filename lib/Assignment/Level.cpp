//===- Level.cpp - How high the level of a program can be -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Level.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// By how much, relatively, a row without the level may be broken.
static constexpr double kTolerance = 1e-7;
/// From which violation of the equations on a plan is worth a look.
static constexpr double kNear = 1e-3;
/// A gap that is as good as none, and one that no double can improve.
static constexpr double kLeastGap = 1e-9, kNoGap = 1e-15;

/// How far `plan` is from the end of each row, in units of its level.
static double getLeastRoom(const BlockProgram &program, const Allocation &plan,
                           Exchange &exchange) {
  const Problem &problem = program.problem;
  double least = kUnlimited;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const BlockDevice &device = program.devices[i];
    const double *row = plan.row(i);
    const double count = problem.devices[i].count;
    auto add = [&](const BlockRow &limit, double room) {
      if (limit.active && limit.level != 0)
        least = std::min(least, room / std::abs(limit.level));
      else if (limit.active && room < -kTolerance * std::abs(limit.offset))
        least = -kUnlimited;
    };
    add(device.gain, count * problem.getUtility(i, row) - device.gain.offset);
    add(device.time, device.time.offset - count * problem.getTime(i, row));
    add(device.memory,
        device.memory.offset - count * problem.getMemory(i, row));
  }
  exchange.min(&least, 1);
  return least;
}

Leveled
owl::assignment::findLevel(const BlockProgram &program, InteriorPoint &method,
                           Exchange &exchange,
                           const std::function<bool(double level)> &isEnough) {
  // A level that costs something is to be low: what it makes room for.
  const double sign = program.levelCost > 0 ? -1 : 1;
  Leveled best{{}, -kUnlimited};
  // A participant without devices has empty plans.
  bool isAny = false;
  while (method.step()) {
    if (method.getInfeasibility() > kNear)
      continue;
    Allocation plan = method.getAllocation();
    const double room = getLeastRoom(program, plan, exchange);
    if (!isAny || room > best.level)
      best = {std::move(plan), room};
    isAny = true;
    const double gap = method.getGapEstimate() / std::abs(program.levelCost);
    if (isEnough(sign * best.level) || gap < kNoGap ||
        (gap < kLeastGap && method.getInfeasibility() < kLeastGap))
      break;
  }
  if (!isAny)
    best.plan = method.getAllocation();
  best.level *= sign;
  return best;
}
