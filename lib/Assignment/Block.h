//===- Block.h - A device's part of a Newton step ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a Newton step does to the allocation of one device, given what happens
// to the prices. Its Hessian is a diagonal matrix and at most three rows (gain,
// time and memory) with their weights,
//
//   H = D + A^T Theta A,
//   H^-1 = D^-1 - V V^T,  V = D^-1 A^T L^-T,  L L^T = Theta^-1 + A D^-1 A^T
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_BLOCK_H
#define OWL_LIB_ASSIGNMENT_BLOCK_H

#include <cstdint>
#include <vector>

namespace owl::assignment {

constexpr int kMaxRows = 3;

struct Block {
  /// The categories of its entries, ascending.
  const int32_t *category = nullptr;
  int32_t size = 0;
  int rows = 0;
  /// D^-1, and for each row A and V, an element per entry.
  std::vector<double> inverse, a[kMaxRows], v[kMaxRows];
  /// Theta^-1, and the lower triangle of L.
  double weight[kMaxRows], factor[kMaxRows][kMaxRows];

  void resize(int32_t entries, int numRows);
  /// Fills `v` and `factor` from the rest.
  void invert();
  /// Solves  D x - A^T y = values,  A x + Theta^-1 y = rows  for the steps of
  /// the allocation, into `values`, and of the multipliers, into `rows`. This
  /// is H^-1 without the differences of large numbers that forming H makes
  /// where a row is tight.
  void solve(std::vector<double> &values, double *rows) const;

private:
  /// left^T D^-1 right.
  double weigh(const std::vector<double> &left,
               const std::vector<double> &right) const;
};

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_BLOCK_H
