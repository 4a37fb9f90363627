//===- Plan.cpp - Who runs what -------------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Allocations, and the check that one keeps every rule. It shares nothing with
// the solvers that it checks.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Plan.h"
#include "Format.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

Allocation::Allocation(const Problem &problem) {
  start.reserve(problem.devices.size() + 1);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    start.push_back(start.back() + problem.end(i) - problem.begin(i));
  instances.resize(start.back());
}

/// By how much a plan may exceed its bound, relatively, since it may exceed the
/// limits by a rounding error.
static constexpr double kMostExcess = 1e-6;

double Certificate::getGap() const {
  if (weight == 0)
    return 0;
  if (std::isinf(primal))
    return kUnlimited;
  const double gap = std::expm1((dual - primal) / weight);
  // A plan that exceeds the bound by more than rounding errors has more than
  // there is by those alone: it proves nothing.
  return gap < -kMostExcess ? kUnlimited : std::max(0.0, gap);
}

std::optional<std::string> owl::assignment::verify(const Problem &problem,
                                                   const Rules &rules,
                                                   const Allocation &allocation,
                                                   double tolerance) {
  const Allocation shape(problem);
  if (allocation.start != shape.start ||
      allocation.instances.size() != shape.instances.size())
    return "the plan is not for this problem: expected a place for each of " +
           std::to_string(shape.instances.size()) + " rates, in the order of " +
           std::to_string(problem.devices.size()) + " devices";

  std::vector<double> placed(problem.categories.size());
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const Device &device = problem.devices[i];
    const double *row = allocation.row(i);
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
      const Category &category = problem.categories[problem.rates.category[e]];
      const double instances = row[e - problem.begin(i)];
      if (!(instances >= -tolerance * category.count) || std::isinf(instances))
        return "device " + quote(device.name) + " runs " + format(instances) +
               " instances of category " + quote(category.name) +
               "; expected a number of at least 0";
      placed[problem.rates.category[e]] += instances;
    }

    auto exceeds = [&](double value, double limit, const char *what) {
      return "device " + quote(device.name) + " takes " + format(value) + ' ' +
             what + "; expected at most " + format(limit);
    };
    const double time = problem.getTime(i, row);
    if (!(time <= rules.deadline * (1 + tolerance)))
      return exceeds(time, rules.deadline, "s");
    const double memory = problem.getMemory(i, row);
    if (!(memory <= device.memory * (1 + tolerance)))
      return exceeds(memory, device.memory, "of memory");
    const double utility = problem.getUtility(i, row);
    if (!(utility >=
          device.disagreement - tolerance * std::abs(device.disagreement)))
      return "device " + quote(device.name) + " has a utility of " +
             format(utility) + "; expected at least its disagreement value " +
             format(device.disagreement);
  }

  for (size_t k = 0; k != placed.size(); ++k) {
    const Category &category = problem.categories[k];
    if (!(std::abs(placed[k] - category.count) <= tolerance * category.count))
      return "the devices run " + format(placed[k]) +
             " instances of category " + quote(category.name) + "; expected " +
             format(category.count);
  }
  return std::nullopt;
}
