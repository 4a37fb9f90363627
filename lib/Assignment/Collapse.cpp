//===- Collapse.cpp - Devices that are alike ------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Collapse.h"
#include <algorithm>
#include <map>
#include <tuple>

using namespace owl::assignment;

/// Of each row of `rates`, the first that is equal to it.
static std::vector<int32_t> findEqualRows(const Rates &rates) {
  // By the three-way comparison of arrays that may be empty.
  auto compare = [&](const auto &array, int32_t a, int32_t b) {
    if (array.empty())
      return 0;
    const auto *data = array.data();
    const auto [x, y] =
        std::mismatch(data + rates.start[a], data + rates.start[a + 1],
                      data + rates.start[b]);
    return x == data + rates.start[a + 1] ? 0 : *x < *y ? -1 : 1;
  };
  auto isLess = [&](int32_t a, int32_t b) {
    const int64_t sizes[] = {rates.start[a + 1] - rates.start[a],
                             rates.start[b + 1] - rates.start[b]};
    if (sizes[0] != sizes[1])
      return sizes[0] < sizes[1];
    if (int order = compare(rates.category, a, b))
      return order < 0;
    if (int order = compare(rates.gain, a, b))
      return order < 0;
    if (int order = compare(rates.time, a, b))
      return order < 0;
    return compare(rates.saturation, a, b) < 0;
  };
  std::map<int32_t, int32_t, decltype(isLess)> first(isLess);
  std::vector<int32_t> equal;
  for (int32_t row = 0; row != rates.getNumRows(); ++row)
    equal.push_back(first.try_emplace(row, row).first->second);
  return equal;
}

Collapsed owl::assignment::collapse(const Problem &problem) {
  const std::vector<int32_t> rows = findEqualRows(problem.rates);
  Collapsed collapsed;
  collapsed.problem = problem;
  std::vector<Device> &classes = collapsed.problem.devices;
  classes.clear();
  std::map<std::tuple<int32_t, double, double, double>, int32_t> classOf;
  for (const Device &device : problem.devices) {
    const auto [it, isNew] = classOf.try_emplace(
        {rows[device.row], device.weight, device.disagreement, device.memory},
        int32_t(classes.size()));
    if (isNew) {
      classes.push_back(device);
      classes.back().row = rows[device.row];
    } else {
      classes[it->second].count += device.count;
    }
    collapsed.classOf.push_back(it->second);
  }
  return collapsed;
}

Rules Collapsed::expand(const Rules &rules) const {
  Rules expanded = rules;
  expanded.pinned.clear();
  for (int32_t index : classOf)
    expanded.pinned.push_back(rules.pinned[index]);
  return expanded;
}

Plan Collapsed::expand(const Problem &original, const Plan &plan) const {
  Plan expanded = plan;
  expanded.allocation = Allocation(original);
  expanded.prices.time.clear();
  expanded.prices.memory.clear();
  for (int32_t i = 0; i != original.getNumDevices(); ++i) {
    const int32_t index = classOf[i];
    const double share =
        original.devices[i].count / problem.devices[index].count;
    const double *from = plan.allocation.row(index);
    std::transform(from, from + (original.end(i) - original.begin(i)),
                   expanded.allocation.row(i),
                   [&](double instances) { return instances * share; });
    if (!plan.prices.time.empty())
      expanded.prices.time.push_back(plan.prices.time[index]);
    if (!plan.prices.memory.empty())
      expanded.prices.memory.push_back(plan.prices.memory[index]);
  }
  return expanded;
}
