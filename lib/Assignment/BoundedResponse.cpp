//===- BoundedResponse.cpp - What a device wants within its limits --------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where time or memory bind, a best response of a linear utility lies between
// corners, which no sorting finds. A primal-dual interior point method does,
// for every concave utility. In shares x_k of what there is at most, everything
// divided by its own magnitude, the program is
//
//   maximise   log u - cost x
//   such that  u = U(x) - d,  time x + slack_1 = 1,  memory x + slack_2 = 1,
//              0 <= x <= 1,  u, slack >= 0
//
// Each step solves a diagonal matrix plus one of rank three.
//
//===----------------------------------------------------------------------===//

#include "Response.h"
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

using namespace owl::assignment;
using Eigen::ArrayXd;
using Eigen::Matrix3d;
using Eigen::MatrixX3d;
using Eigen::Vector3d;
using Eigen::VectorXd;

namespace {

constexpr int kMaxSteps = 80;
/// Sum of the products that should be 0, and largest violation, at the end.
constexpr double kAccuracy = 1e-11;
/// The least part of an instance that counts as more than nothing.
constexpr double kLeastPart = 1e-12;
/// How far to go to where something becomes negative.
constexpr double kBoundary = 0.995;

/// The rows: u = U(x) - d, and the two limits.
enum { Gain, Time, Memory };

class BoundedResponse {
public:
  BoundedResponse(const Problem &problem, const Rules &rules, int32_t i,
                  const double *prices);

  Response solve(double *row);

private:
  void start();
  /// Rows and their derivatives at x.
  void evaluate();
  /// Takes one step; false when there is no use in another.
  bool step();
  double getProducts() const;

  const Device &device;
  const bool isPinned;
  const bool isLinear;
  /// By what the objective was divided.
  double unit;
  /// Where the variables are in the row, and how many instances 1 is.
  std::vector<int64_t> places;
  VectorXd sizes;
  /// By what utility and each limit were divided.
  Vector3d scale = Vector3d::Ones();
  /// d, divided like U.
  double disagreement;
  ArrayXd cost, gain;
  /// The largest cost, or 1.
  double dearest;
  /// Instances of one device per c_k of a diminishing utility.
  ArrayXd bend;
  bool isActive[3] = {true, false, false};

  /// The shares, 1 - x without cancellation, and their multipliers.
  ArrayXd x, rest, lower, upper;
  /// Derivatives of U(x), -time x and -memory x; the second ones of U(x).
  MatrixX3d jacobian;
  ArrayXd curvature;
  /// u and the slacks of the limits, their multipliers, and by how much the
  /// equations do not hold.
  Vector3d slack, multiplier, residual;
};

} // namespace

BoundedResponse::BoundedResponse(const Problem &problem, const Rules &rules,
                                 int32_t i, const double *prices)
    : device(problem.devices[i]), isPinned(rules.pinned[i]),
      isLinear(problem.utility == Utility::Linear), unit(device.weight) {
  const Rates &rates = problem.rates;
  const int64_t first = problem.begin(i), last = problem.end(i);
  const bool isTimed = rules.deadline != kUnlimited && !rates.time.empty();
  auto getTime = [&](int64_t e) { return isTimed ? rates.time[e] : 0; };
  auto getMemory = [&](int64_t e) {
    return device.memory == kUnlimited
               ? 0
               : problem.categories[rates.category[e]].memory;
  };
  for (int64_t e = first; e != last; ++e) {
    // Nothing of which not even a small part fits.
    if (getTime(e) * kLeastPart <= rules.deadline &&
        getMemory(e) * kLeastPart <= device.memory &&
        problem.categories[rates.category[e]].count > 0)
      places.push_back(e - first);
  }

  const int64_t size = places.size();
  sizes.resize(size), cost.resize(size), gain.resize(size);
  bend.setZero(size);
  jacobian.resize(size, 3);
  for (int64_t j = 0; j != size; ++j) {
    const int64_t e = first + places[j], k = rates.category[e];
    sizes[j] = problem.categories[k].count / device.count;
    cost[j] = prices[k] * sizes[j];
    gain[j] = rates.gain[e] * sizes[j];
    if (!isLinear)
      bend[j] = sizes[j] / rates.saturation[e];
    jacobian(j, Time) = -getTime(e) * sizes[j];
    jacobian(j, Memory) = -getMemory(e) * sizes[j];
  }
  scale[Gain] = std::max({gain.sum(), std::abs(device.disagreement), 1e-300});
  gain /= scale[Gain];
  disagreement = device.disagreement / scale[Gain];
  if (isPinned)
    unit = std::max(size == 0 ? 0 : cost.abs().maxCoeff(), 1e-300);
  cost /= unit;
  dearest = std::max(1.0, size == 0 ? 0 : cost.abs().maxCoeff());
  const double limits[] = {0, rules.deadline, device.memory};
  for (int row : {Time, Memory}) {
    isActive[row] = -jacobian.col(row).sum() > limits[row];
    if (isActive[row]) {
      scale[row] = limits[row];
      jacobian.col(row) /= limits[row];
    } else {
      jacobian.col(row).setZero();
    }
  }
}

void BoundedResponse::evaluate() {
  double utility = 0;
  for (int64_t j = 0; j != x.size(); ++j) {
    const double stretch = 1 + bend[j] * x[j];
    jacobian(j, Gain) = gain[j] / stretch;
    curvature[j] = -gain[j] * bend[j] / (stretch * stretch);
    utility += isLinear || bend[j] == 0
                   ? gain[j] * x[j]
                   : gain[j] / bend[j] * std::log1p(bend[j] * x[j]);
  }
  residual.setZero();
  residual[Gain] = utility - disagreement - slack[Gain];
  for (int row : {Time, Memory})
    if (isActive[row])
      residual[row] = 1 + jacobian.col(row).dot(x.matrix()) - slack[row];
}

void BoundedResponse::start() {
  double load = 1;
  for (int row : {Time, Memory})
    if (isActive[row])
      load = std::max(load, -jacobian.col(row).sum());
  x.setConstant(cost.size(), 0.5 / load);
  rest = 1 - x;
  curvature.resize(cost.size());
  slack.setZero();
  evaluate();
  lower.setConstant(x.size(), dearest);
  upper.setConstant(x.size(), dearest);
  multiplier.setZero();
  for (int row : {Gain, Time, Memory})
    if (isActive[row]) {
      slack[row] = std::max(residual[row], 0.1);
      multiplier[row] = row == Gain && !isPinned ? 1 / slack[row] : dearest;
    }
  evaluate();
}

double BoundedResponse::getProducts() const {
  double sum = (x * lower).sum() + (rest * upper).sum();
  for (int row : {Gain, Time, Memory})
    if (isActive[row] && (row != Gain || isPinned))
      sum += slack[row] * multiplier[row];
  return sum;
}

bool BoundedResponse::step() {
  const ArrayXd dual = cost - (jacobian * multiplier).array() - lower + upper;
  const double products = getProducts();
  if (products < kAccuracy && residual.cwiseAbs().maxCoeff() < kAccuracy &&
      (dual.abs() < kAccuracy * dearest).all())
    return false;
  const double center = 0.1 * products / (2 * x.size() + 3);
  auto getTarget = [&](int row) {
    return row == Gain && !isPinned ? 1 : center;
  };

  // What is left of the equations when slacks and bounds are eliminated:
  //   diagonal dx - jacobian dm = right
  //   jacobian' dx + flat dm = below
  const ArrayXd diagonal =
      -multiplier[Gain] * curvature + lower / x + upper / rest;
  const ArrayXd right = -dual + (center / x - lower) - (center / rest - upper);
  Vector3d flat = Vector3d::Ones(), below = Vector3d::Zero();
  for (int row : {Gain, Time, Memory})
    if (isActive[row]) {
      flat[row] = slack[row] / multiplier[row];
      below[row] =
          getTarget(row) / multiplier[row] - slack[row] - residual[row];
    }
  const MatrixX3d solved = diagonal.inverse().matrix().asDiagonal() * jacobian;
  Matrix3d small = jacobian.transpose() * solved;
  small += flat.asDiagonal();
  const Vector3d multiplierStep =
      small.llt().solve(below - solved.transpose() * right.matrix());
  const ArrayXd xStep =
      (right + (jacobian * multiplierStep).array()) / diagonal;

  const ArrayXd lowerStep = center / x - lower - lower / x * xStep;
  const ArrayXd upperStep = center / rest - upper + upper / rest * xStep;
  const Vector3d slackStep =
      below + residual - flat.cwiseProduct(multiplierStep);

  // One length for all: the Lagrangian's gradient is not linear in x and the
  // multipliers apart.
  double length = 1;
  auto limit = [&](double value, double change) {
    if (value + length * change < (1 - kBoundary) * value)
      length = -kBoundary * value / change;
  };
  for (int64_t j = 0; j != x.size(); ++j) {
    limit(x[j], xStep[j]);
    limit(rest[j], -xStep[j]);
    limit(lower[j], lowerStep[j]);
    limit(upper[j], upperStep[j]);
  }
  for (int row : {Gain, Time, Memory})
    if (isActive[row]) {
      limit(slack[row], slackStep[row]);
      limit(multiplier[row], multiplierStep[row]);
    }
  if (!(length > 1e-8))
    return false;
  x += length * xStep;
  rest -= length * xStep;
  lower += length * lowerStep;
  upper += length * upperStep;
  for (int row : {Gain, Time, Memory})
    if (isActive[row]) {
      slack[row] += length * slackStep[row];
      multiplier[row] += length * multiplierStep[row];
    }
  evaluate();
  return true;
}

Response BoundedResponse::solve(double *row) {
  start();
  for (int steps = 0; steps != kMaxSteps && step(); ++steps) {
  }
  for (size_t j = 0; j != places.size(); ++j)
    row[places[j]] = x[j] * sizes[j] * device.count;

  // What the Lagrangian has above the value is in the products.
  Response response;
  response.bound = getProducts() - (cost * x).sum();
  if (!isPinned)
    response.bound += std::log(slack[Gain] * scale[Gain]);
  response.bound *= device.count * unit;
  response.time = isActive[Time] ? unit * multiplier[Time] / scale[Time] : 0;
  response.memory =
      isActive[Memory] ? unit * multiplier[Memory] / scale[Memory] : 0;
  return response;
}

Response owl::assignment::respondWithinLimits(const Problem &problem,
                                              const Rules &rules, int32_t i,
                                              const double *prices,
                                              double *row) {
  std::fill(row, row + (problem.end(i) - problem.begin(i)), 0);
  return BoundedResponse(problem, rules, i, prices).solve(row);
}
