//===- Score.h - How good whole instances on devices are --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What plans in whole numbers are compared by: a sum over devices.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_SCORE_H
#define OWL_ASSIGNMENT_SCORE_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

/// What is smaller than this, relatively, is a rounding error.
constexpr double kTolerance = 1e-9;

/// What a device has.
struct Load {
  double utility = 0, time = 0, memory = 0;

  /// With `step` instances more of what is at `entry` of the rates, of which
  /// there are `instances`.
  Load add(const Problem &problem, int64_t entry, double instances,
           double step) const;
};

/// How good a placement, or what a device has in it, is. First that no limit is
/// exceeded and nobody is worse off than before, then how many devices gain,
/// then the logarithm of the product of the gains of those.
struct Score {
  /// By how much limits are exceeded, each relative to its own size.
  double violation = 0;
  double gainers = 0;
  double product = 0;

  Score operator+(const Score &other) const {
    return {violation + other.violation, gainers + other.gainers,
            product + other.product};
  }
  Score operator-(const Score &other) const {
    return {violation - other.violation, gainers - other.gainers,
            product - other.product};
  }
  /// Whether this is worse. Violations that differ by no more than rounding
  /// errors are equal.
  bool operator<(const Score &other) const;
  /// Whether a change by this is one for the better, and not by rounding only.
  bool isGain() const;
};

/// What share of `limit` `value` is.
inline double getShare(double value, double limit) {
  return limit > 0 ? value / limit : value;
}

/// Rates what devices have, each of which is one (`count` is 1).
class Judge {
public:
  Judge(const Problem &problem, const Rules &rules);

  Score rate(int32_t i, const Load &load) const;
  double getViolation(int32_t i, const Load &load) const;

private:
  const Problem &problem;
  const Rules &rules;
  /// The largest utility of each device that is a rounding error.
  std::vector<double> rounding;
};

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_SCORE_H
