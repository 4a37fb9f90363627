//===- Shard.cpp - A participant's part of a problem ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Shard.h"

using namespace owl::assignment;

namespace {
/// Appends what is in `from` between `begin` and `end`, where anything is.
template <typename T>
void append(std::vector<T> &to, const std::vector<T> &from, int64_t begin,
            int64_t end) {
  if (!from.empty())
    to.insert(to.end(), from.begin() + begin, from.begin() + end);
}
} // namespace

Problem owl::assignment::getShard(const Problem &problem, int rank, int size) {
  int32_t begin = getShardBegin(problem.getNumDevices(), rank, size);
  int32_t end = getShardBegin(problem.getNumDevices(), rank + 1, size);
  Problem shard;
  shard.categories = problem.categories;
  shard.utility = problem.utility;
  shard.slack = problem.slack;
  shard.devices.assign(problem.devices.begin() + begin,
                       problem.devices.begin() + end);
  const Rates &from = problem.rates;
  Rates &to = shard.rates;
  std::vector<int32_t> rowOf(from.getNumRows(), -1);
  for (Device &device : shard.devices) {
    int32_t &row = rowOf[device.row];
    if (row < 0) {
      row = to.getNumRows();
      int64_t first = from.start[device.row], last = from.start[device.row + 1];
      append(to.category, from.category, first, last);
      append(to.gain, from.gain, first, last);
      append(to.time, from.time, first, last);
      append(to.saturation, from.saturation, first, last);
      to.start.push_back(to.gain.size());
    }
    device.row = row;
  }
  return shard;
}

Rules owl::assignment::getShard(const Rules &rules, int rank, int size) {
  int32_t devices = rules.pinned.size();
  Rules shard = rules;
  shard.pinned.assign(rules.pinned.begin() + getShardBegin(devices, rank, size),
                      rules.pinned.begin() +
                          getShardBegin(devices, rank + 1, size));
  return shard;
}
