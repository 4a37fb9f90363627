//===- Metrics.cpp - What a plan means for everybody ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Metrics.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// A loss, or an excess, that is no more than this, relatively, is a rounding
/// error.
static constexpr double kTolerance = 1e-6;

bool owl::assignment::isInTime(double makespan, const Rules &rules) {
  return makespan <= rules.deadline * (1 + kTolerance);
}

bool owl::assignment::isLoss(const Device &device, double gain) {
  return gain < -kTolerance * std::abs(device.disagreement);
}

Metrics owl::assignment::measure(const Problem &problem, const Rules &rules,
                                 const Allocation &allocation) {
  Metrics metrics;
  double leastGain = kUnlimited, sum = 0, squares = 0, count = 0;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const Device &device = problem.devices[i];
    const double *row = allocation.row(i);
    const double utility = problem.getUtility(i, row),
                 gain = utility - device.disagreement,
                 time = problem.getTime(i, row);
    metrics.utility.push_back(utility);
    metrics.gain.push_back(gain);
    metrics.time.push_back(time);
    metrics.makespan = std::max(metrics.makespan, time);
    metrics.totalTime += device.count * time;
    metrics.totalUtility += device.count * device.weight * utility;
    if (isLoss(device, gain))
      metrics.individuallyRational = false;
    if (problem.getMemory(i, row) > device.memory * (1 + kTolerance))
      metrics.keepsMemory = false;
    if (!rules.pinned[i]) {
      leastGain = std::min(leastGain, gain);
      metrics.nashLog += gain > 0
                             ? device.count * device.weight * std::log(gain)
                             : -kUnlimited;
    }
    // Of a pinned device it is a rounding error.
    const double share = rules.pinned[i] ? 0 : std::max(gain, 0.0);
    sum += device.count * share;
    squares += device.count * share * share;
    count += device.count;
  }
  metrics.keepsDeadline = isInTime(metrics.makespan, rules);
  if (leastGain != kUnlimited)
    metrics.leastGain = leastGain;
  if (squares > 0)
    metrics.jain = sum * sum / (count * squares);
  return metrics;
}
