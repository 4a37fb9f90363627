//===- Rounding.cpp - Plans in whole instances ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each category is rounded by its largest remainders, so that all of it is
// placed, and then single steps repair and improve what that gives.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Rounding.h"
#include "Placement.h"
#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace owl::assignment;

/// What may be spent on disturbances at least.
static constexpr int64_t kLeastEffort = 2000000;

Allocation owl::assignment::roundByRemainders(const Problem &problem,
                                              const Allocation &relaxed) {
  std::vector<std::vector<int64_t>> cells(problem.categories.size());
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      cells[problem.rates.category[e]].push_back(relaxed.start[i] + e -
                                                 problem.begin(i));

  Allocation allocation(problem);
  for (size_t k = 0; k != cells.size(); ++k) {
    const double count = problem.categories[k].count;
    if (count == 0)
      continue;
    std::vector<double> &whole = allocation.instances;
    auto get = [&](int64_t cell) {
      const double instances = relaxed.instances[cell];
      return instances > 0 && std::isfinite(instances) ? instances : 0;
    };
    double sum = 0, left = count;
    for (int64_t cell : cells[k])
      sum += get(cell);
    std::vector<std::pair<double, int64_t>> remainders;
    for (int64_t cell : cells[k]) {
      const double exact =
          sum > 0 ? get(cell) * (count / sum) : count / cells[k].size();
      // What is a whole number but for rounding is one.
      whole[cell] = std::min(std::floor(exact + 1e-6), left);
      left -= whole[cell];
      remainders.push_back({whole[cell] - exact, cell});
    }
    std::sort(remainders.begin(), remainders.end());
    for (size_t r = 0; left > 0; r = (r + 1) % remainders.size()) {
      ++whole[remainders[r].second];
      --left;
    }
  }
  return allocation;
}

Rounded owl::assignment::roundPlan(const Problem &problem, const Rules &rules,
                                   const Allocation &relaxed,
                                   const Allocation *home,
                                   const RoundingOptions &options) {
  Placement placement(problem, rules, options.effort);
  placement.set(roundByRemainders(problem, relaxed));
  placement.improve();
  Allocation best = placement.get();
  Score bestScore = placement.getScore();
  auto keepBetter = [&] {
    if (!(bestScore < placement.getScore()))
      return false;
    best = placement.get();
    bestScore = placement.getScore();
    return true;
  };

  if (home && !placement.isSound()) {
    placement.set(*home);
    placement.improve();
    keepBetter();
  }

  // As much again as it took to come here, if that is not next to nothing.
  const int64_t left = placement.getEffort(),
                share = std::max(options.effort - left, kLeastEffort);
  std::mt19937 random;
  for (int64_t n = 0; n != options.disturbances && !placement.isExhausted() &&
                      left - placement.getEffort() < share;
       ++n) {
    placement.set(best);
    placement.disturb(random);
    placement.improve();
    keepBetter();
  }
  std::optional<std::string> violation = verify(problem, rules, best);
  return {std::move(best), std::move(violation)};
}

Expanded owl::assignment::expand(const Problem &problem, const Rules &rules,
                                 const Allocation &allocation) {
  Expanded expanded{problem, rules, {}};
  expanded.problem.devices.clear();
  expanded.rules.pinned.clear();
  std::set<std::string> names;
  for (const Device &device : problem.devices)
    names.insert(device.name);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    Device device = problem.devices[i];
    const double count = device.count;
    device.count = 1;
    std::string name = device.name + '.';
    for (int64_t n = 0; n != int64_t(count); ++n) {
      if (count > 1) {
        const std::string number = std::to_string(n);
        while (!names.insert(name + number).second)
          name += '.';
        device.name = name + number;
      }
      expanded.problem.devices.push_back(device);
      expanded.rules.pinned.push_back(rules.pinned[i]);
      Allocation &to = expanded.allocation;
      for (int64_t cell = allocation.start[i]; cell != allocation.start[i + 1];
           ++cell)
        to.instances.push_back(allocation.instances[cell] / count);
      to.start.push_back(to.instances.size());
    }
  }
  return expanded;
}
