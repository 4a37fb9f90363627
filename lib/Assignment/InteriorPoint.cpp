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

/// Of a category of which no more than this part fits into a device, it runs
/// nothing.
static constexpr double kLeastPart = 1e-12;
/// How much of the way to the boundary a step may go.
static constexpr double kFraction = 0.995;
/// A step shorter than this means that the method goes the wrong way, and one
/// shorter than that is of no use.
static constexpr double kShortLength = 0.1;
/// A step has to make the products or the violations this much smaller; every
/// second one that follows one that did not goes for equal products of so much
/// of their mean, and so many end the search.
static constexpr double kProgress = 0.95, kCentring = 0.5;
static constexpr int kMaxStalls = 30;
/// Where the predictor can go less far than this, as a product of both lengths,
/// what would be neglected all the way is more than what will be.
static constexpr double kShortWay = 0.05;
static constexpr double kLeastLength = 1e-9;
/// How many steps it takes at most until the products are equal, and which
/// change of the prices, relatively, is the last that matters.
static constexpr int kMaxPolish = 10;
static constexpr double kPolished = 1e-9;
/// Violations below this are rounding errors, which nothing may depend on.
static constexpr double kLeastDistance = 1e-8;

/// Elements of `values` to compute with, several at a time.
static Eigen::Map<const Eigen::ArrayXd> view(const std::vector<double> &values,
                                             int64_t size, int64_t first = 0) {
  return {values.data() + first, size};
}

//===----------------------------------------------------------------------===//
// A step
//===----------------------------------------------------------------------===//

InteriorPoint::Lengths::Lengths() : primal(kFraction), dual(kFraction) {}

void InteriorPoint::Lengths::invert() {
  primal = kFraction / primal;
  dual = kFraction / dual;
}

void InteriorPoint::move(int32_t i) {
  DeviceState &device = devices[i];
  for (int64_t e = device.entry, end = e + device.size; e < end; ++e) {
    x[e] += lengths.primal * xStep[e];
    z[e] += lengths.dual * zStep[e];
  }
  for (int r = 0; r < device.rows; ++r) {
    Row &row = device.row[r];
    row.slack += lengths.primal * row.slackStep;
    row.multiplier += lengths.dual * row.multiplierStep;
  }
}

void InteriorPoint::load(int32_t i) {
  device = &devices[i];
  const int32_t size = device->size;
  block.resize(size, device->rows);
  block.category = rates.category.data() + device->rates;
  inverseX.resize(size);
  inverseZ.resize(size);
  surplus.resize(size);
  const double *xs = x.data() + device->entry, *zs = z.data() + device->entry;
  // Loops that use categories cannot do several elements at a time.
  for (int32_t j = 0; j < size; ++j)
    surplus[j] = -prices[block.category[j]];
  double *byX = inverseX.data(), *byZ = inverseZ.data();
  double *inverse = block.inverse.data();
  for (int32_t j = 0; j < size; ++j) {
    byX[j] = 1 / xs[j];
    byZ[j] = 1 / zs[j];
    inverse[j] = xs[j] * byZ[j];
  }
  for (int r = 0; r < device->rows; ++r) {
    Row &row = device->row[r];
    block.weight[r] = row.slack / row.multiplier;
    getCoefficients(*device, row, block.a[r]);
    const double *a = block.a[r].data();
    const double factor = row.multiplier + row.bonus;
    for (int32_t j = 0; j < size; ++j)
      surplus[j] += factor * a[j];
    if (row.kind == Gain && nonlinear)
      for (int32_t j = 0; j < size; ++j) {
        // -U'' = U' / (c + s), and z / x + (y + bonus) * -U'' is D.
        double count = counts[block.category[j]];
        double saturation =
            problem.devices[i].count * rates.saturation[device->rates + j];
        block.inverse[j] /= 1 + block.inverse[j] * factor * a[j] * count /
                                    (saturation + xs[j] * count);
      }
    double value = getValue(*device, row, block.a[r]);
    row.residual = value + row.offset + row.level * level - row.slack;
  }
  block.invert();
}

void InteriorPoint::respond(const Direction &direction, double centre,
                            const Steps *second, double weight, Steps &steps) {
  const int32_t size = device->size;
  steps.x = surplus;
  steps.z.resize(size);
  double *dx = steps.x.data(), *dz = steps.z.data();
  // What each product should become, and its share in the right-hand side.
  for (int32_t j = 0; j < size; ++j) {
    dz[j] = second ? centre - weight * second->x[j] * second->z[j] : centre;
    dx[j] += dz[j] * inverseX[j];
  }
  if (direction.prices.size())
    for (int32_t j = 0; j < size; ++j)
      dx[j] -= direction.prices[block.category[j]];
  double products[kMaxRows];
  for (int r = 0; r < device->rows; ++r) {
    const Row &row = device->row[r];
    products[r] = row.target == 0 ? centre : row.target;
    if (second)
      products[r] -= weight * second->slack[r] * second->multiplier[r];
    steps.multiplier[r] = products[r] / row.multiplier - row.slack -
                          row.residual - row.level * direction.level;
  }
  block.solve(steps.x, steps.multiplier);
  for (int r = 0; r < device->rows; ++r) {
    const Row &row = device->row[r];
    steps.slack[r] =
        (products[r] - row.slack * steps.multiplier[r]) / row.multiplier -
        row.slack;
  }
  const double *zs = z.data() + device->entry;
  for (int32_t j = 0; j < size; ++j)
    dz[j] = (dz[j] - zs[j] * dx[j]) * inverseX[j] - zs[j];
}

void InteriorPoint::updateLengths(const Steps &steps, Lengths &lengths) const {
  double primal = lengths.primal, dual = lengths.dual;
  const int32_t size = device->size;
  if (size != 0) {
    primal = std::max(primal,
                      -(view(steps.x, size) * view(inverseX, size)).minCoeff());
    dual = std::max(dual,
                    -(view(steps.z, size) * view(inverseZ, size)).minCoeff());
  }
  for (int r = 0; r < device->rows; ++r) {
    const Row &row = device->row[r];
    primal = std::max(primal, -steps.slack[r] / row.slack);
    dual = std::max(dual, -steps.multiplier[r] / row.multiplier);
  }
  lengths.primal = primal;
  lengths.dual = dual;
}

InteriorPoint::Lengths InteriorPoint::substitute(const Direction &direction,
                                                 double centre,
                                                 double correction) {
  Lengths lengths;
  for (size_t i = 0; i < devices.size(); ++i) {
    load(i);
    if (correction != 0)
      respond(predictor, 0, nullptr, 0, predicted);
    respond(direction, centre, correction != 0 ? &predicted : nullptr,
            correction, corrected);
    updateLengths(corrected, lengths);
    std::copy(corrected.x.begin(), corrected.x.end(),
              xStep.begin() + device->entry);
    std::copy(corrected.z.begin(), corrected.z.end(),
              zStep.begin() + device->entry);
    for (int r = 0; r < device->rows; ++r) {
      device->row[r].slackStep = corrected.slack[r];
      device->row[r].multiplierStep = corrected.multiplier[r];
    }
  }
  lengths.invert();
  return lengths;
}

bool InteriorPoint::step() {
  const int32_t K = numCategories;
  // The first exchange: the system, and the right-hand side of a step that
  // goes for products of 0 (the predictor).
  schur->clear(/*exact=*/isTight || target > 0 || stalls > 0);
  // B, Q and the shares placed, per category; then W, G, the sum of products,
  // the multipliers that bear on the level.
  std::vector<double> sums(3 * K + 4);
  double *b = sums.data(), *q = b + K, *placed = q + K, *scalars = placed + K;
  double worst = 0;
  for (size_t i = 0; i < devices.size(); ++i) {
    load(i);
    schur->add(block);
    respond({}, 0, nullptr, 0, predicted);
    for (int32_t j = 0; j < device->size; ++j) {
      int64_t entry = device->entry + j;
      b[block.category[j]] += predicted.x[j];
      placed[block.category[j]] += x[entry];
    }
    scalars[2] += (view(x, device->size, device->entry) *
                   view(z, device->size, device->entry))
                      .sum();
    for (int r = 0; r < device->rows; ++r) {
      const Row &row = device->row[r];
      worst = std::max(worst, std::abs(row.residual));
      if (row.target == 0)
        scalars[2] += row.slack * row.multiplier;
      scalars[1] -= row.level * predicted.multiplier[r];
      scalars[3] += row.level * row.multiplier;
      centring.multiplier[r] = -row.level;
    }
    if (!program.hasLevel)
      continue;
    centring.x.assign(device->size, 0);
    block.solve(centring.x, centring.multiplier);
    for (int32_t j = 0; j < device->size; ++j)
      q[block.category[j]] -= centring.x[j];
    for (int r = 0; r < device->rows; ++r)
      scalars[0] -= device->row[r].level * centring.multiplier[r];
  }
  int64_t numSums;
  double *matrix = schur->getSums(numSums);
  worst = -worst;
  if (exchange.getSize() > 1)
    sums.insert(sums.end(), matrix, matrix + numSums);
  exchange.reduce(sums.data(), sums.size(), &worst, 1);
  if (exchange.getSize() > 1)
    std::copy(sums.end() - numSums, sums.end(), matrix);
  b = sums.data(), q = b + K, placed = q + K, scalars = placed + K;
  worst = -worst;
  mu = scalars[2] / products;
  Eigen::Map<VectorXd> B(b, K), Q(q, K);
  VectorXd excess(K);
  for (int32_t k = 0; k < K; ++k) {
    // Of a category that nobody can run there is nothing to place.
    excess[k] = placed[k] == 0 ? 0 : placed[k] - 1;
    worst = std::max(worst, std::abs(excess[k]));
  }
  infeasibility = worst;
  // Where the predictor gets nowhere, the corrector makes up for products that
  // never come about, and the next point can be as far from the end as this.
  const double distance = std::max(infeasibility, kLeastDistance);
  if (target > 0) {
    stalls = 0;
  } else if (mu < kProgress * best.mu || distance < kProgress * best.distance) {
    best = {std::min(mu, best.mu), std::min(distance, best.distance)};
    stalls = 0;
  } else if (++stalls == kMaxStalls) {
    return false;
  }
  if (!schur->factor())
    return false;
  VectorXd byLevel;
  double W = scalars[0];
  if (program.hasLevel) {
    byLevel = schur->solve(Q);
    W += Q.dot(byLevel);
  }
  auto solve = [&](const VectorXd &B, double G) {
    Direction result;
    result.prices = schur->solve(B + excess);
    if (!program.hasLevel)
      return result;
    G += program.levelCost * program.levelStart - scalars[3];
    result.level = (Q.dot(result.prices) - G) / W;
    result.prices -= byLevel * result.level;
    return result;
  };
  predictor = solve(B, scalars[1]);

  // The second: how far that step could go, and the right-hand side that makes
  // up for what it neglects (the corrector), in two parts whose proportion
  // depends on the length: what `centre` multiplies, and the rest.
  std::vector<double> second(2 * K + 5);
  double *b0 = second.data(), *b1 = b0 + K, *rest = b1 + K;
  lengths = Lengths();
  for (size_t i = 0; i < devices.size(); ++i) {
    load(i);
    respond(predictor, 0, nullptr, 0, predicted);
    updateLengths(predicted, lengths);
    respond({}, 0, &predicted, 1, corrected);
    centring.x = inverseX;
    for (int r = 0; r < device->rows; ++r) {
      const Row &row = device->row[r];
      centring.multiplier[r] = row.target == 0 ? 1 / row.multiplier : 0;
    }
    block.solve(centring.x, centring.multiplier);
    const int32_t size = device->size;
    const auto xs = view(x, size, device->entry);
    const auto zs = view(z, size, device->entry);
    const auto dx = view(predicted.x, size), dz = view(predicted.z, size);
    rest[0] += (dx * zs).sum();
    rest[1] += (xs * dz).sum();
    rest[2] += (dx * dz).sum();
    for (int32_t j = 0; j < size; ++j) {
      b0[block.category[j]] += corrected.x[j];
      b1[block.category[j]] += centring.x[j];
    }
    for (int r = 0; r < device->rows; ++r) {
      const Row &row = device->row[r];
      if (row.target == 0) {
        rest[0] += predicted.slack[r] * row.multiplier;
        rest[1] += row.slack * predicted.multiplier[r];
        rest[2] += predicted.slack[r] * predicted.multiplier[r];
      }
      rest[3] -= row.level * corrected.multiplier[r];
      rest[4] -= row.level * centring.multiplier[r];
    }
  }
  lengths.invert();
  auto exchangeLengths = [&](double *sums, int64_t numSums) {
    exchange.reduce(sums, numSums, &lengths.primal, 2);
    if (nonlinear)
      lengths.primal = lengths.dual = std::min(lengths.primal, lengths.dual);
  };
  exchangeLengths(second.data(), second.size());
  double after = mu + (lengths.primal * rest[0] + lengths.dual * rest[1] +
                       lengths.primal * lengths.dual * rest[2]) /
                          products;
  double ratio = std::clamp(after / mu, 0.0, 1.0);
  double centre = mu * std::max(ratio * ratio * ratio, 1e-4 * ratio);
  Eigen::Map<VectorXd> B0(b0, K), B1(b1, K);
  // The third: how far all can go. Where that is hardly anywhere, the products
  // are too unequal for the corrector to be right, and are made equal first.
  auto go = [&](double correction, double centre) {
    direction = solve(B + correction * (B0 - B) + centre * B1,
                      scalars[1] + correction * (rest[3] - scalars[1]) +
                          centre * rest[4]);
    lengths = substitute(direction, centre, correction);
    exchangeLengths(nullptr, 0);
  };
  double way = lengths.primal * lengths.dual;
  if (target > 0) {
    go(0, target);
  } else {
    if (stalls % 2 == 0)
      go(way < kShortWay ? std::sqrt(way) : 1, centre);
    if (stalls % 2 == 1 ||
        !(std::min(lengths.primal, lengths.dual) > kShortLength))
      go(0, stalls % 2 == 1 ? kCentring * mu : mu);
  }
  if (!(lengths.primal > kLeastLength && lengths.dual > kLeastLength) ||
      !std::isfinite(direction.prices.sum() + direction.level))
    return false;
  for (size_t i = 0; i < devices.size(); ++i)
    move(i);
  level += lengths.primal * direction.level;
  prices += lengths.dual * direction.prices;
  return true;
}

bool InteriorPoint::polish(double gap) {
  if (!isTight)
    return false;
  target = gap / products;
  // The first step makes the products equal, the next has next to nothing left
  // to change. Newton's method doubles the digits: the step after the last
  // would change nothing.
  for (int n = 0; n != kMaxPolish && step(); ++n)
    if (n != 0 && direction.prices.norm() < kPolished * prices.norm())
      break;
  target = 0;
  return true;
}

//===----------------------------------------------------------------------===//
// What comes out
//===----------------------------------------------------------------------===//

Allocation InteriorPoint::getAllocation() {
  Allocation allocation(problem);
  std::vector<double> placed(numCategories);
  for (size_t i = 0; i < devices.size(); ++i) {
    const DeviceState &device = devices[i];
    for (int32_t j = 0; j < device.size; ++j) {
      int32_t k = rates.category[device.rates + j];
      // Nothing is as little as the method can get to of what does not fit.
      if (problem.devices[i].count * problem.devices[i].memory <
          kLeastPart * counts[k] * problem.categories[k].memory)
        continue;
      allocation.instances[device.entry + j] = x[device.entry + j];
      placed[k] += x[device.entry + j];
    }
  }
  exchange.sum(placed.data(), numCategories);
  for (const DeviceState &device : devices)
    for (int32_t j = 0; j < device.size; ++j) {
      int32_t k = rates.category[device.rates + j];
      if (placed[k] > 0)
        allocation.instances[device.entry + j] *= counts[k] / placed[k];
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
