//===- Score.cpp - How good whole instances on devices are ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Score.h.
//
//===----------------------------------------------------------------------===//

#include "Score.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// What additions and subtractions of gains leave at most, of the largest.
static constexpr double kRounding = 1e-12;

Load Load::add(const Problem &problem, int64_t entry, double instances,
               double step) const {
  const Rates &rates = problem.rates;
  const double gain = rates.gain[entry];
  Load sum = *this;
  if (problem.utility == Utility::Linear) {
    sum.utility += step * gain;
  } else {
    const double c = rates.saturation[entry];
    sum.utility += gain * c * std::log1p(step / (c + instances));
  }
  if (!rates.time.empty())
    sum.time += step * rates.time[entry];
  sum.memory += step * problem.categories[rates.category[entry]].memory;
  return sum;
}

bool Score::operator<(const Score &other) const {
  if (std::abs(violation - other.violation) > kTolerance)
    return violation > other.violation;
  if (gainers != other.gainers)
    return gainers < other.gainers;
  return product < other.product;
}

bool Score::isGain() const { return Score{0, 0, kTolerance} < *this; }

/// By how much `value` exceeds `limit`, relatively.
static double getExcess(double value, double limit) {
  if (value <= limit * (1 + kTolerance))
    return 0;
  return getShare(value - limit, limit);
}

Judge::Judge(const Problem &problem, const Rules &rules)
    : problem(problem), rules(rules) {
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    double largest = std::abs(problem.devices[i].disagreement);
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      if (problem.categories[problem.rates.category[e]].count > 0)
        largest = std::max(largest, problem.rates.gain[e]);
    rounding.push_back(kRounding * largest);
  }
}

double Judge::getViolation(int32_t i, const Load &load) const {
  const Device &device = problem.devices[i];
  const double loss = device.disagreement - load.utility;
  return getExcess(load.time, rules.deadline) +
         getExcess(load.memory, device.memory) +
         (loss > std::max(kTolerance * device.disagreement, rounding[i])
              ? loss / device.disagreement
              : 0);
}

Score Judge::rate(int32_t i, const Load &load) const {
  const Device &device = problem.devices[i];
  Score score{getViolation(i, load), 0, 0};
  const double gain = load.utility - device.disagreement;
  if (gain > rounding[i] && !rules.pinned[i]) {
    score.gainers = 1;
    score.product = device.weight * std::log(gain);
  }
  return score;
}
