//===- Metrics.h - What a plan means for everybody --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The figures by which plans are compared, for plans of any origin: they need
// not keep any rule.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_METRICS_H
#define OWL_ASSIGNMENT_METRICS_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

struct Metrics {
  /// Of each device, and each one of a class: U_i, U_i - d_i, and the seconds
  /// that it works (0 where the problem has no times).
  std::vector<double> utility, gain, time;
  /// The seconds until the last device is done, and those of all together.
  double makespan = 0, totalTime = 0;
  /// sum w_i U_i, and the least U_i - d_i of the devices that are not pinned.
  double totalUtility = 0, leastGain = 0;
  /// sum w_i log(U_i - d_i) over the devices that are not pinned: negative
  /// infinity where one of them does not gain.
  double nashLog = 0;
  /// Jain's index of the gains, a loss counting as none: 1 where all gain the
  /// same, 1 / N where one takes all. 1 where nobody gains.
  double jain = 1;
  /// Whether U_i >= d_i for all, whether the last device is done in time, and
  /// whether all that each device has fits its memory.
  bool individuallyRational = true, keepsDeadline = true, keepsMemory = true;
};

/// Whether the last device may end after so many seconds.
bool isInTime(double makespan, const Rules &rules);
/// Whether `gain`, U_i - d_i of `device`, is a loss, and more of one than a
/// rounding error is: 1e-6 of d_i.
bool isLoss(const Device &device, double gain);

Metrics measure(const Problem &problem, const Rules &rules,
                const Allocation &allocation);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_METRICS_H
