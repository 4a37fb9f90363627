//===- Block.cpp - A device's part of a Newton step -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"
#include <cmath>

using namespace owl::assignment;

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
      double sum = r == q ? weight[r] : 0;
      for (int32_t j = 0; j < size; ++j)
        sum += a[r][j] * inverse[j] * a[q][j];
      for (int p = 0; p < q; ++p)
        sum -= factor[r][p] * factor[q][p];
      factor[r][q] =
          r == q ? std::sqrt(std::fmax(sum, 1e-300)) : sum / factor[q][q];
    }
  }
  for (int r = 0; r < rows; ++r) {
    double scale = 1 / factor[r][r];
    for (int32_t j = 0; j < size; ++j) {
      double value = inverse[j] * a[r][j];
      for (int q = 0; q < r; ++q)
        value -= factor[r][q] * v[q][j];
      v[r][j] = value * scale;
    }
  }
}

void Block::solve(double *values, double *multipliers) const {
  for (int r = 0; r < rows; ++r) {
    double sum = multipliers[r];
    for (int32_t j = 0; j < size; ++j)
      sum -= a[r][j] * inverse[j] * values[j];
    for (int q = 0; q < r; ++q)
      sum -= factor[r][q] * multipliers[q];
    multipliers[r] = sum / factor[r][r];
  }
  for (int r = rows - 1; r >= 0; --r) {
    for (int q = r + 1; q < rows; ++q)
      multipliers[r] -= factor[q][r] * multipliers[q];
    multipliers[r] /= factor[r][r];
  }
  for (int32_t j = 0; j < size; ++j) {
    double value = values[j];
    for (int r = 0; r < rows; ++r)
      value += a[r][j] * multipliers[r];
    values[j] = inverse[j] * value;
  }
}
