//===- InteriorPoint.cpp - Newton's method for block programs -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In each step the allocation and the reduced costs are eliminated device by
// device (Block), which leaves a system in the prices and the level:
//
//   [ S    Q ] [ price step ]   [ B + sum x - 1 ]
//   [ Q^T -W ] [ level step ] = [ G             ]
//
// Variables are scaled so that all are about 1: the share x_ik of a category
// for s_ik, and rows over what they are in an equal split.
//
//===----------------------------------------------------------------------===//

#include "InteriorPoint.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;
using Eigen::VectorXd;

/// How much of the way to the boundary a step may go.
static constexpr double kFraction = 0.995;
/// A step shorter than this means that the method goes the wrong way, and one
/// shorter than that is of no use.
static constexpr double kShortLength = 0.1;
static constexpr double kLeastLength = 1e-9;

//===----------------------------------------------------------------------===//
// The starting point
//===----------------------------------------------------------------------===//

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

/// The derivative of a row's slack by the share of entry `j`.
double InteriorPoint::getCoefficient(const DeviceState &device, const Row &row,
                                     int32_t j) const {
  int64_t rate = device.rates + j;
  int32_t k = rates.category[rate];
  switch (row.kind) {
  case Time:
    return -rates.time[rate] * counts[k] / row.scale;
  case Memory:
    return -problem.categories[k].memory * counts[k] / row.scale;
  case Gain:
    break;
  }
  double gain = rates.gain[rate] * counts[k] / row.scale;
  if (!nonlinear)
    return gain;
  double count = problem.devices[&device - devices.data()].count;
  return gain / (1 + x[device.entry + j] * counts[k] /
                         (count * rates.saturation[rate]));
}

/// What a row adds up to: the slack should be this, and offset and level.
double InteriorPoint::getValue(const DeviceState &device,
                               const Row &row) const {
  double sum = 0;
  if (row.kind != Gain || !nonlinear) {
    for (int32_t j = 0; j < device.size; ++j)
      sum += getCoefficient(device, row, j) * x[device.entry + j];
    return sum;
  }
  double count = problem.devices[&device - devices.data()].count;
  for (int32_t j = 0; j < device.size; ++j) {
    int64_t rate = device.rates + j;
    double saturation = count * rates.saturation[rate];
    double share = x[device.entry + j] * counts[rates.category[rate]];
    sum += rates.gain[rate] * saturation * std::log1p(share / saturation);
  }
  return sum / row.scale;
}

void InteriorPoint::start() {
  // Everybody gets an equal part of what it can run.
  std::vector<double> sums(numCategories + 1);
  for (size_t i = 0; i < devices.size(); ++i) {
    const DeviceState &device = devices[i];
    for (int32_t j = 0; j < device.size; ++j)
      sums[rates.category[device.rates + j]] += problem.devices[i].count;
    sums.back() += device.size;
    for (int r = 0; r < device.rows; ++r)
      sums.back() += device.row[r].target == 0;
  }
  exchange.sum(sums.data(), sums.size());
  products = sums.back();
  for (size_t i = 0; i < devices.size(); ++i)
    for (int32_t j = 0; j < devices[i].size; ++j)
      x[devices[i].entry + j] =
          problem.devices[i].count / sums[rates.category[devices[i].rates + j]];

  level = program.hasLevel ? 1 : 0;
  sums.assign(numCategories, 0);
  for (DeviceState &device : devices) {
    for (int r = 0; r < device.rows; ++r) {
      Row &row = device.row[r];
      double value = std::abs(getValue(device, row));
      double limit = std::max(std::abs(row.offset),
                              std::abs(row.level * program.levelStart));
      row.scale = row.kind == Gain ? value : limit;
      if (!(row.scale > 0))
        row.scale = std::max({value, limit, 1e-300});
      row.offset /= row.scale;
      row.level *= program.levelStart / row.scale;
      row.bonus *= row.scale;
      row.slack =
          std::max(getValue(device, row) + row.offset + row.level * level, 0.5);
      row.multiplier = row.target / row.slack;
      if (row.multiplier + row.bonus == 0)
        continue;
      for (int32_t j = 0; j < device.size; ++j)
        sums[rates.category[device.rates + j]] +=
            x[device.entry + j] * (row.multiplier + row.bonus) *
            getCoefficient(device, row, j);
    }
  }
  // The price of a category: what it is worth on average.
  exchange.sum(sums.data(), sums.size());
  prices = Eigen::Map<VectorXd>(sums.data(), numCategories);
  priceStep = VectorXd::Zero(numCategories);
  double worth = prices.cwiseAbs().sum() +
                 std::abs(program.levelCost * program.levelStart);
  mu = std::max(worth, 1e-10) / products;
  for (DeviceState &device : devices) {
    for (int32_t j = 0; j < device.size; ++j) {
      double price = prices[rates.category[device.rates + j]], value = 0;
      for (int r = 0; r < device.rows; ++r)
        if (double factor = device.row[r].multiplier + device.row[r].bonus)
          value += factor * getCoefficient(device, device.row[r], j);
      int64_t entry = device.entry + j;
      z[entry] = std::max({price - value, 0.1 * std::abs(price),
                           0.1 * std::abs(value), 0.1 * mu / x[entry]});
    }
    for (int r = 0; r < device.rows; ++r)
      if (device.row[r].target == 0)
        device.row[r].multiplier = mu / device.row[r].slack;
  }
}

//===----------------------------------------------------------------------===//
// A step
//===----------------------------------------------------------------------===//

void InteriorPoint::linearise(int32_t i, Block &block) {
  DeviceState &device = devices[i];
  block.resize(device.size, device.rows);
  block.category = rates.category.data() + device.rates;
  for (int r = 0; r < device.rows; ++r) {
    Row &row = device.row[r];
    block.weight[r] = row.slack / row.multiplier;
    double *a = block.a[r].data();
    for (int32_t j = 0; j < device.size; ++j)
      a[j] = getCoefficient(device, row, j);
  }
  for (int32_t j = 0; j < device.size; ++j)
    block.inverse[j] = x[device.entry + j] / z[device.entry + j];
  if (nonlinear) {
    for (int r = 0; r < device.rows; ++r) {
      const Row &row = device.row[r];
      if (row.kind != Gain)
        continue;
      for (int32_t j = 0; j < device.size; ++j) {
        // -U'' = U' / (c + s), and z / x + (y + bonus) * -U'' is D.
        int64_t rate = device.rates + j;
        double count = counts[block.category[j]];
        double curvature = block.a[r][j] * count /
                           (problem.devices[i].count * rates.saturation[rate] +
                            x[device.entry + j] * count);
        block.inverse[j] /=
            1 + block.inverse[j] * (row.multiplier + row.bonus) * curvature;
      }
    }
  }
  block.invert();
}

void InteriorPoint::getRightHandSide(DeviceState &device, const Block &block,
                                     bool corrected, Side &fixed,
                                     Side *centring) {
  fixed.values.resize(device.size);
  if (centring)
    centring->values.resize(device.size);
  const double *xs = x.data() + device.entry;
  const double *dx = xStep.data() + device.entry;
  const double *dz = zStep.data() + device.entry;
  for (int32_t j = 0; j < device.size; ++j) {
    // The products should become 0, and the reduced cost what it is called.
    double value = -prices[block.category[j]];
    for (int r = 0; r < device.rows; ++r)
      value += (device.row[r].multiplier + device.row[r].bonus) * block.a[r][j];
    if (corrected)
      value -= dx[j] * dz[j] / xs[j];
    fixed.values[j] = value;
    if (centring)
      centring->values[j] = 1 / xs[j];
  }
  for (int r = 0; r < device.rows; ++r) {
    const Row &row = device.row[r];
    double second = corrected ? row.slackStep * row.multiplierStep : 0;
    fixed.rows[r] =
        (row.target - second) / row.multiplier - row.slack - row.residual;
    if (centring)
      centring->rows[r] = row.target == 0 ? 1 / row.multiplier : 0;
  }
}

void InteriorPoint::updateResiduals() {
  for (DeviceState &device : devices)
    for (int r = 0; r < device.rows; ++r) {
      Row &row = device.row[r];
      row.residual =
          getValue(device, row) + row.offset + row.level * level - row.slack;
    }
}

void InteriorPoint::substitute(bool corrected, double centre) {
  for (size_t i = 0; i < devices.size(); ++i) {
    DeviceState &device = devices[i];
    linearise(i, block);
    getRightHandSide(device, block, corrected, fixed, &centring);
    double *dx = fixed.values.data(), *dy = fixed.rows;
    for (int32_t j = 0; j < device.size; ++j)
      dx[j] += centre * centring.values[j] - priceStep[block.category[j]];
    for (int r = 0; r < device.rows; ++r)
      dy[r] += centre * centring.rows[r] - device.row[r].level * levelStep;
    block.solve(dx, dy);

    for (int r = 0; r < device.rows; ++r) {
      Row &row = device.row[r];
      double product = row.target == 0 ? centre : row.target;
      if (corrected)
        product -= row.slackStep * row.multiplierStep;
      row.multiplierStep = dy[r];
      row.slackStep =
          (product - row.slack * dy[r]) / row.multiplier - row.slack;
    }
    for (int32_t j = 0; j < device.size; ++j) {
      int64_t entry = device.entry + j;
      double product = centre;
      if (corrected)
        product -= xStep[entry] * zStep[entry];
      zStep[entry] = (product - z[entry] * dx[j]) / x[entry] - z[entry];
      xStep[entry] = dx[j];
    }
  }
}

InteriorPoint::Lengths InteriorPoint::getLengths() const {
  // The largest -step / value, whose inverse is the way to the boundary.
  double primal = kFraction, dual = kFraction;
  for (size_t entry = 0; entry < x.size(); ++entry) {
    primal = std::max(primal, -xStep[entry] / x[entry]);
    dual = std::max(dual, -zStep[entry] / z[entry]);
  }
  for (const DeviceState &device : devices)
    for (int r = 0; r < device.rows; ++r) {
      const Row &row = device.row[r];
      primal = std::max(primal, -row.slackStep / row.slack);
      dual = std::max(dual, -row.multiplierStep / row.multiplier);
    }
  return {kFraction / primal, kFraction / dual};
}

bool InteriorPoint::step() {
  const int32_t K = numCategories;
  updateResiduals();

  // The first exchange: the system, and the right-hand side of a step that
  // goes for products of 0 (the predictor).
  schur->clear();
  // B, Q and the shares placed, per category; then W, G, the sum of products,
  // the multipliers that bear on the level.
  std::vector<double> sums(3 * K + 4);
  double *b = sums.data(), *q = b + K, *placed = q + K, *scalars = placed + K;
  double worst = 0;
  for (size_t i = 0; i < devices.size(); ++i) {
    DeviceState &device = devices[i];
    linearise(i, block);
    schur->add(block);
    getRightHandSide(device, block, false, fixed, nullptr);
    block.solve(fixed.values.data(), fixed.rows);
    for (int32_t j = 0; j < device.size; ++j) {
      int64_t entry = device.entry + j;
      b[block.category[j]] += fixed.values[j];
      placed[block.category[j]] += x[entry];
      scalars[2] += x[entry] * z[entry];
    }
    for (int r = 0; r < device.rows; ++r) {
      const Row &row = device.row[r];
      worst = std::max(worst, std::abs(row.residual));
      if (row.target == 0)
        scalars[2] += row.slack * row.multiplier;
      scalars[1] -= row.level * fixed.rows[r];
      scalars[3] += row.level * row.multiplier;
      centring.rows[r] = -row.level;
    }
    if (!program.hasLevel)
      continue;
    centring.values.assign(device.size, 0);
    block.solve(centring.values.data(), centring.rows);
    for (int32_t j = 0; j < device.size; ++j)
      q[block.category[j]] -= centring.values[j];
    for (int r = 0; r < device.rows; ++r)
      scalars[0] -= device.row[r].level * centring.rows[r];
  }
  int64_t numSums;
  double *matrix = schur->getSums(numSums);
  if (exchange.getSize() > 1) {
    sums.insert(sums.end(), matrix, matrix + numSums);
    worst = -worst;
    exchange.reduce(sums.data(), sums.size(), &worst, 1);
    worst = -worst;
    std::copy(sums.end() - numSums, sums.end(), matrix);
    b = sums.data(), q = b + K, placed = q + K, scalars = placed + K;
  } else {
    exchange.reduce(nullptr, 0, nullptr, 0);
  }
  mu = scalars[2] / products;
  Eigen::Map<VectorXd> B(b, K), Q(q, K);
  VectorXd excess(K);
  for (int32_t k = 0; k < K; ++k) {
    // Of a category that nobody can run there is nothing to place.
    excess[k] = placed[k] == 0 ? 0 : placed[k] - 1;
    worst = std::max(worst, std::abs(excess[k]));
  }
  infeasibility = worst;
  if (!schur->factor())
    return false;
  double levelCost = program.levelCost * program.levelStart;
  VectorXd byLevel;
  double W = scalars[0];
  if (program.hasLevel) {
    byLevel = schur->solve(Q);
    W += Q.dot(byLevel);
  }
  auto solve = [&](const VectorXd &B, double G) {
    VectorXd right = B + excess;
    priceStep = schur->solve(right);
    if (!program.hasLevel)
      return;
    G += levelCost - scalars[3];
    levelStep = (Q.dot(priceStep) - G) / W;
    priceStep -= byLevel * levelStep;
  };
  solve(B, scalars[1]);
  substitute(false, 0);

  // The second: how far that step could go, and the right-hand side that makes
  // up for what it neglects (the corrector), in two parts whose proportion
  // depends on the length.
  std::vector<double> second(2 * K + 6);
  double *b0 = second.data(), *b1 = b0 + K, *rest = b1 + K;
  Lengths lengths = getLengths();
  for (size_t entry = 0; entry < x.size(); ++entry) {
    rest[0] += xStep[entry] * z[entry];
    rest[1] += x[entry] * zStep[entry];
    rest[2] += xStep[entry] * zStep[entry];
  }
  for (size_t i = 0; i < devices.size(); ++i) {
    DeviceState &device = devices[i];
    linearise(i, block);
    getRightHandSide(device, block, true, fixed, &centring);
    block.solve(fixed.values.data(), fixed.rows);
    block.solve(centring.values.data(), centring.rows);
    for (int32_t j = 0; j < device.size; ++j) {
      b0[block.category[j]] += fixed.values[j];
      b1[block.category[j]] += centring.values[j];
    }
    for (int r = 0; r < device.rows; ++r) {
      const Row &row = device.row[r];
      if (row.target == 0) {
        rest[0] += row.slackStep * row.multiplier;
        rest[1] += row.slack * row.multiplierStep;
        rest[2] += row.slackStep * row.multiplierStep;
      }
      rest[3] -= row.level * fixed.rows[r];
      rest[4] -= row.level * centring.rows[r];
    }
  }
  exchange.reduce(second.data(), second.size(), &lengths.primal, 2);
  if (nonlinear)
    lengths.primal = lengths.dual = std::min(lengths.primal, lengths.dual);
  double after = mu + (lengths.primal * rest[0] + lengths.dual * rest[1] +
                       lengths.primal * lengths.dual * rest[2]) /
                          products;
  double ratio = std::clamp(after / mu, 0.0, 1.0);
  double centre = mu * std::max(ratio * ratio * ratio, 1e-4 * ratio);
  Eigen::Map<VectorXd> B0(b0, K), B1(b1, K);
  solve(B0 + centre * B1, rest[3] + centre * rest[4]);
  substitute(true, centre);

  // The third: how far all can go. Where that is hardly anywhere, the products
  // are too unequal for the corrector to be right, and are made equal first.
  auto exchangeLengths = [&] {
    lengths = getLengths();
    exchange.reduce(nullptr, 0, &lengths.primal, 2);
    if (nonlinear)
      lengths.primal = lengths.dual = std::min(lengths.primal, lengths.dual);
  };
  exchangeLengths();
  if (!(std::min(lengths.primal, lengths.dual) > kShortLength)) {
    solve(B + mu * B1, scalars[1] + mu * rest[4]);
    substitute(false, mu);
    exchangeLengths();
  }
  if (!(lengths.primal > kLeastLength && lengths.dual > kLeastLength) ||
      !std::isfinite(priceStep.sum() + levelStep))
    return false;
  for (size_t entry = 0; entry < x.size(); ++entry) {
    x[entry] += lengths.primal * xStep[entry];
    z[entry] += lengths.dual * zStep[entry];
  }
  for (DeviceState &device : devices)
    for (int r = 0; r < device.rows; ++r) {
      Row &row = device.row[r];
      row.slack += lengths.primal * row.slackStep;
      row.multiplier += lengths.dual * row.multiplierStep;
    }
  level += lengths.primal * levelStep;
  prices += lengths.dual * priceStep;
  return true;
}

//===----------------------------------------------------------------------===//
// What comes out
//===----------------------------------------------------------------------===//

Allocation InteriorPoint::getAllocation() {
  std::vector<double> placed(numCategories);
  for (const DeviceState &device : devices)
    for (int32_t j = 0; j < device.size; ++j)
      placed[rates.category[device.rates + j]] += x[device.entry + j];
  exchange.sum(placed.data(), numCategories);
  Allocation allocation(problem);
  for (const DeviceState &device : devices)
    for (int32_t j = 0; j < device.size; ++j) {
      int32_t k = rates.category[device.rates + j];
      allocation.instances[device.entry + j] =
          x[device.entry + j] * counts[k] / placed[k];
    }
  return allocation;
}

Prices InteriorPoint::getPrices() const {
  Prices result;
  for (int32_t k = 0; k < numCategories; ++k)
    result.category.push_back(counts[k] > 0 ? prices[k] / counts[k] : 0);
  result.time.assign(devices.size(), 0);
  result.memory.assign(devices.size(), 0);
  for (size_t i = 0; i < devices.size(); ++i)
    for (int r = 0; r < devices[i].rows; ++r) {
      const Row &row = devices[i].row[r];
      if (row.kind == Time)
        result.time[i] = row.multiplier / row.scale;
      else if (row.kind == Memory)
        result.memory[i] = row.multiplier / row.scale;
    }
  return result;
}

std::vector<double> InteriorPoint::getGainPrices() const {
  std::vector<double> result(devices.size(), 0);
  for (size_t i = 0; i < devices.size(); ++i)
    for (int r = 0; r < devices[i].rows; ++r)
      if (devices[i].row[r].kind == Gain)
        result[i] = devices[i].row[r].multiplier / devices[i].row[r].scale;
  return result;
}
