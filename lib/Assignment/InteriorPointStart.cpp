//===- InteriorPointStart.cpp - Where Newton's method begins --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rows of a program, scaled so that all numbers are about 1, and a first
// point inside of all that has to be positive.
//
//===----------------------------------------------------------------------===//

#include "InteriorPoint.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;
using Eigen::VectorXd;

/// By how many times of a limit at most to reduce what a device starts with.
static constexpr double kMostExcess = 1e6;

InteriorPoint::InteriorPoint(const BlockProgram &program, Exchange &exchange,
                             bool byDevice)
    : program(program), problem(program.problem), rates(problem.rates),
      exchange(exchange), nonlinear(problem.utility == Utility::Diminishing),
      numCategories(problem.getNumCategories()) {
  for (const Category &category : problem.categories)
    counts.push_back(category.count);
  int64_t entries = 0;
  int32_t rows = 0;
  for (int32_t i = 0, e = problem.getNumDevices(); i < e; ++i) {
    DeviceState &device = devices.emplace_back();
    device.rates = problem.begin(i);
    device.size = problem.end(i) - problem.begin(i);
    device.entry = entries;
    entries += device.size;
    addRows(i);
    rows += device.rows;
  }
  x.resize(entries);
  z.resize(entries);
  xStep.resize(entries);
  zStep.resize(entries);
  if (byDevice && exchange.getSize() == 1 && rows < numCategories)
    schur = createSchurByDevice(numCategories, rows);
  else
    schur = createSchurByCategory(numCategories);
  start();
}

/// The rows that device `i` has, not yet scaled.
void InteriorPoint::addRows(int32_t i) {
  const BlockDevice &from = program.devices[i];
  DeviceState &device = devices[i];
  auto add = [&](RowKind kind, const BlockRow &row, double sign) -> Row & {
    Row &to = device.row[device.rows++];
    to.kind = kind;
    to.scale = 1;
    to.offset = sign * row.offset;
    to.level = sign * row.level;
    return to;
  };
  if (from.gain.active) {
    Row &row = add(Gain, from.gain, -1);
    row.target = from.weight;
    row.bonus = from.bonus;
  }
  if (from.time.active)
    add(Time, from.time, 1);
  if (from.memory.active)
    add(Memory, from.memory, 1);
}

void InteriorPoint::getCoefficients(const DeviceState &device, const Row &row,
                                    std::vector<double> &to) const {
  const int32_t size = device.size;
  const int32_t *category = rates.category.data() + device.rates;
  const double scale = 1 / row.scale;
  to.resize(size);
  double *a = to.data();
  if (row.kind == Memory) {
    for (int32_t j = 0; j < size; ++j)
      a[j] =
          -scale * counts[category[j]] * problem.categories[category[j]].memory;
    return;
  }
  const double *rate =
      (row.kind == Gain ? rates.gain : rates.time).data() + device.rates;
  const double factor = row.kind == Gain ? scale : -scale;
  for (int32_t j = 0; j < size; ++j)
    a[j] = factor * counts[category[j]] * rate[j];
  if (row.kind != Gain || !nonlinear)
    return;
  const double *saturation = rates.saturation.data() + device.rates;
  const double *xs = x.data() + device.entry;
  const double count = problem.devices[&device - devices.data()].count;
  for (int32_t j = 0; j < size; ++j)
    a[j] /= 1 + xs[j] * counts[category[j]] / (count * saturation[j]);
}

double InteriorPoint::getUtility(const DeviceState &device) const {
  double count = problem.devices[&device - devices.data()].count, sum = 0;
  for (int32_t j = 0; j < device.size; ++j) {
    int64_t rate = device.rates + j;
    double saturation = count * rates.saturation[rate];
    double share = x[device.entry + j] * counts[rates.category[rate]];
    sum += rates.gain[rate] * saturation * std::log1p(share / saturation);
  }
  return sum;
}

double InteriorPoint::getValue(const DeviceState &device, const Row &row,
                               const std::vector<double> &a) const {
  if (row.kind == Gain && nonlinear)
    return getUtility(device) / row.scale;
  const double *xs = x.data() + device.entry;
  double sum = 0;
  for (int32_t j = 0; j < device.size; ++j)
    sum += a[j] * xs[j];
  return sum;
}

double InteriorPoint::getLimit(const Row &row) const {
  return std::max(std::abs(row.offset),
                  std::abs(row.level * program.levelStart));
}

void InteriorPoint::start() {
  // Each class gets an equal part of what it can run, but less in proportion of
  // a category that as a whole would exceed a limit. A part for each device
  // would leave next to nothing to those that are not of a large class.
  std::vector<double> sums(numCategories + 4), a;
  for (size_t i = 0; i < devices.size(); ++i) {
    const DeviceState &device = devices[i];
    double *const xs = x.data() + device.entry;
    std::fill(xs, xs + device.size, 1);
    for (int r = 0; r < device.rows; ++r) {
      if (device.row[r].kind == Gain)
        continue;
      getCoefficients(device, device.row[r], a);
      for (int32_t j = 0; j < device.size; ++j)
        xs[j] = std::max(xs[j], -a[j] / getLimit(device.row[r]));
    }
    for (int32_t j = 0; j < device.size; ++j) {
      xs[j] = 1 / std::min(xs[j], kMostExcess);
      sums[rates.category[device.rates + j]] += xs[j];
    }
    sums[numCategories] += device.size;
    for (int r = 0; r < device.rows; ++r) {
      const Row &row = device.row[r];
      sums[numCategories + 1] += row.target == 0;
      sums[numCategories + 2] += row.target == 0 || row.offset < 0;
      sums.back() += row.level != 0;
    }
  }
  exchange.sum(sums.data(), sums.size());
  isTight = sums[numCategories + 2] > 0;
  products = sums[numCategories] + sums[numCategories + 1];
  const double levelPrice = std::abs(program.levelCost * program.levelStart) /
                            std::max(sums.back(), 1.0);
  for (size_t i = 0; i < devices.size(); ++i)
    for (int32_t j = 0; j < devices[i].size; ++j)
      x[devices[i].entry + j] /= sums[rates.category[devices[i].rates + j]];

  level = program.hasLevel ? 1 : 0;
  sums.assign(numCategories, 0);
  for (DeviceState &device : devices) {
    for (int r = 0; r < device.rows; ++r) {
      Row &row = device.row[r];
      getCoefficients(device, row, a);
      double value = std::abs(getValue(device, row, a));
      double limit = getLimit(row);
      row.scale = row.kind == Gain ? std::max(value, limit) : limit;
      if (!(row.scale > 0))
        row.scale = std::max({value, limit, 1e-300});
      row.offset /= row.scale;
      row.level *= program.levelStart / row.scale;
      row.bonus *= row.scale;
      getCoefficients(device, row, a);
      row.slack = std::max(
          getValue(device, row, a) + row.offset + row.level * level, 0.5);
      row.multiplier = row.level == 0 ? row.target / row.slack
                                      : levelPrice / std::abs(row.level);
      double factor = row.multiplier + row.bonus;
      for (int32_t j = 0; factor != 0 && j < device.size; ++j)
        sums[rates.category[device.rates + j]] +=
            x[device.entry + j] * factor * a[j];
    }
  }
  // The price of a category: what it is worth on average.
  exchange.sum(sums.data(), sums.size());
  prices = Eigen::Map<VectorXd>(sums.data(), numCategories);
  double worth = prices.cwiseAbs().sum() +
                 std::abs(program.levelCost * program.levelStart);
  mu = std::max(worth, 1e-10) / products;
  for (DeviceState &device : devices) {
    surplus.assign(device.size, 0);
    for (int r = 0; r < device.rows; ++r) {
      Row &row = device.row[r];
      double factor = row.multiplier + row.bonus;
      getCoefficients(device, row, a);
      for (int32_t j = 0; factor != 0 && j < device.size; ++j)
        surplus[j] += factor * a[j];
      if (row.multiplier == 0)
        row.multiplier = mu / row.slack;
    }
    for (int32_t j = 0; j < device.size; ++j) {
      double price = prices[rates.category[device.rates + j]];
      int64_t entry = device.entry + j;
      z[entry] = std::max({price - surplus[j], 0.1 * std::abs(price),
                           0.1 * std::abs(surplus[j]), 0.1 * mu / x[entry]});
    }
  }
}
