//===- Block.cpp - A device's part of a Newton step -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// Of a sum, relatively.
static constexpr double kError = 1e-16;

void Block::resize(int32_t entries, int numRows) {
  size = entries;
  rows = numRows;
  inverse.resize(size);
  for (int r = 0; r < rows; ++r) {
    a[r].resize(size);
    v[r].resize(size);
  }
}

void Block::invert() {
  // The matrix is at most 3 by 3 and positive definite, since Theta is.
  for (int r = 0; r < rows; ++r) {
    for (int q = 0; q <= r; ++q) {
      double sum = weigh(a[r], a[q]);
      if (r == q)
        sum += weight[r];
      const double whole = sum;
      for (int p = 0; p < q; ++p)
        sum -= factor[r][p] * factor[q][p];
      // Where rows are alike, no more than a rounding error may be left of what
      // is at least the weight.
      if (r == q)
        factor[r][r] = std::sqrt(std::max({sum, weight[r], kError * whole}));
      else
        factor[r][q] = sum / factor[q][q];
    }
  }
  for (int r = 0; r < rows; ++r) {
    double scale = 1 / factor[r][r];
    double *to = v[r].data();
    const double *from = a[r].data(), *d = inverse.data();
    for (int32_t j = 0; j < size; ++j)
      to[j] = d[j] * from[j] * scale;
    for (int q = 0; q < r; ++q) {
      const double *other = v[q].data();
      double share = factor[r][q] * scale;
      for (int32_t j = 0; j < size; ++j)
        to[j] -= share * other[j];
    }
  }
}

void Block::solve(std::vector<double> &values, double *multipliers) const {
  for (int r = 0; r < rows; ++r) {
    double sum = multipliers[r] - weigh(a[r], values);
    for (int q = 0; q < r; ++q)
      sum -= factor[r][q] * multipliers[q];
    multipliers[r] = sum / factor[r][r];
  }
  for (int r = rows - 1; r >= 0; --r) {
    for (int q = r + 1; q < rows; ++q)
      multipliers[r] -= factor[q][r] * multipliers[q];
    multipliers[r] /= factor[r][r];
  }
  double *value = values.data();
  for (int r = 0; r < rows; ++r) {
    const double *row = a[r].data();
    for (int32_t j = 0; j < size; ++j)
      value[j] += row[j] * multipliers[r];
  }
  for (int32_t j = 0; j < size; ++j)
    value[j] *= inverse[j];
}

double Block::weigh(const std::vector<double> &left,
                    const std::vector<double> &right) const {
  // Several sums, which can be added up side by side.
  constexpr int kSums = 8;
  double sums[kSums] = {};
  const double *l = left.data(), *r = right.data(), *d = inverse.data();
  int32_t j = 0;
  for (; j + kSums <= size; j += kSums)
    for (int s = 0; s < kSums; ++s)
      sums[s] += l[j + s] * d[j + s] * r[j + s];
  double sum = 0;
  for (; j < size; ++j)
    sum += l[j] * d[j] * r[j];
  for (double part : sums)
    sum += part;
  return sum;
}
