//===- Shard.cpp - A participant's part of a problem ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Shard.h"
#include <algorithm>
#include <cmath>

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

//===----------------------------------------------------------------------===//
// Back together
//===----------------------------------------------------------------------===//

/// Whether any participant says so.
static bool isAny(bool mine, Exchange &exchange) {
  double all = mine;
  exchange.sum(&all, 1);
  return all > 0;
}

/// Puts `part`, from `begin` on, together with those of the others.
template <typename T>
static std::vector<T> join(const std::vector<T> &part, int64_t begin,
                           int64_t size, Exchange &exchange) {
  std::vector<double> all(size);
  std::copy(part.begin(), part.end(), all.begin() + begin);
  exchange.sum(all.data(), size);
  return std::vector<T>(all.begin(), all.end());
}

Rules owl::assignment::joinShards(const Problem &problem, const Rules &part,
                                  Exchange &exchange) {
  const int32_t size = problem.getNumDevices();
  Rules rules = part;
  rules.pinned = join(
      part.pinned, getShardBegin(size, exchange.getRank(), exchange.getSize()),
      size, exchange);
  return rules;
}

Plan owl::assignment::joinShards(const Problem &problem, const Plan &part,
                                 Exchange &exchange) {
  const int32_t size = problem.getNumDevices();
  const int32_t begin =
      getShardBegin(size, exchange.getRank(), exchange.getSize());
  Plan plan = part;
  plan.allocation = Allocation(problem);
  plan.allocation.instances =
      join(part.allocation.instances, plan.allocation.start[begin],
           plan.allocation.start.back(), exchange);
  for (auto prices : {&Prices::time, &Prices::memory})
    if (isAny(!(part.prices.*prices).empty(), exchange))
      plan.prices.*prices = join(part.prices.*prices, begin, size, exchange);
  return plan;
}

std::string owl::assignment::joinTexts(const std::string &part,
                                       Exchange &exchange) {
  double speaker = part.empty() ? exchange.getSize() : exchange.getRank();
  exchange.min(&speaker, 1);
  const std::string spoken = speaker == exchange.getRank() ? part : "";
  // A double holds six bytes exactly.
  constexpr size_t bytes = 6;
  double size = spoken.size();
  exchange.sum(&size, 1);
  std::vector<double> packed((size_t(size) + bytes - 1) / bytes);
  for (size_t at = 0; at != spoken.size(); ++at)
    packed[at / bytes] +=
        std::ldexp(uint8_t(spoken[at]), int(8 * (at % bytes)));
  exchange.sum(packed.data(), packed.size());
  std::string text(size_t(size), '\0');
  for (size_t at = 0; at != text.size(); ++at)
    text[at] = char(uint64_t(packed[at / bytes]) >> (8 * (at % bytes)));
  return text;
}
