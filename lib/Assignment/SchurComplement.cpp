//===- SchurComplement.cpp - How demand follows prices --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SchurComplement.h"

using namespace owl::assignment;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {
class SchurByCategory : public SchurComplement {
public:
  explicit SchurByCategory(int32_t categories)
      : matrix(MatrixXd::Zero(categories, categories)),
        panel(categories, kPanel) {}

  void clear() override {
    matrix.setZero();
    filled = 0;
  }

  void add(const Block &block) override {
    for (int32_t j = 0; j < block.size; ++j)
      matrix(block.category[j], block.category[j]) += block.inverse[j];
    // A product of panels does some 8 times as much in a second as scattered
    // additions do, but also for the zeros.
    bool dense = 4 * int64_t(block.size) >= matrix.rows();
    for (int r = 0; r < block.rows; ++r)
      dense ? addToPanel(block, r) : scatter(block, r);
  }

  double *getSums(int64_t &count) override {
    flush();
    count = matrix.size();
    return matrix.data();
  }

  bool factor() override {
    // A category that nobody is left to take any more of has a zero here.
    double least = 1e-14 * matrix.diagonal().maxCoeff();
    matrix.diagonal().array() += std::max(least * 1e-6, 1e-300);
    factors.compute(matrix);
    return factors.info() == Eigen::Success;
  }

  VectorXd solve(const VectorXd &values) const override {
    return factors.solve(values);
  }

private:
  static constexpr int kPanel = 128;

  void scatter(const Block &block, int r) {
    const double *v = block.v[r].data();
    for (int32_t a = 0; a < block.size; ++a) {
      double *column = matrix.data() + block.category[a] * matrix.rows();
      for (int32_t b = a; b < block.size; ++b)
        column[block.category[b]] -= v[a] * v[b];
    }
  }

  void addToPanel(const Block &block, int r) {
    if (filled == kPanel)
      flush();
    double *column = panel.data() + filled++ * panel.rows();
    if (block.size != panel.rows())
      std::fill(column, column + panel.rows(), 0);
    for (int32_t j = 0; j < block.size; ++j)
      column[block.category[j]] = block.v[r][j];
  }

  void flush() {
    if (filled)
      matrix.selfadjointView<Eigen::Lower>().rankUpdate(panel.leftCols(filled),
                                                        -1.0);
    filled = 0;
  }

  /// The lower triangle of S, without what is in the panel.
  MatrixXd matrix;
  MatrixXd panel;
  int filled = 0;
  Eigen::LLT<MatrixXd> factors;
};

/// With the diagonal Delta = sum_i D_i^-1, a column of C for each row of a
/// device (D^-1 a) and Gamma = Theta^-1 + A D^-1 A^T of each device,
///
///   S = Delta - C Gamma^-1 C^T
///   S^-1 r = Delta^-1 (r - C p)  with  (Gamma - C^T Delta^-1 C) p =
///                                       -C^T Delta^-1 r
///
/// The difference in the second bracket is a sum of positive terms, and is
/// computed as such.
class SchurByDevice : public SchurComplement {
public:
  SchurByDevice(int32_t categories, int32_t rows)
      : delta(categories), columns(categories, rows), matrix(rows, rows) {}

  void clear() override {
    delta.setZero();
    columns.setZero();
    matrix.setZero();
    devices.clear();
    row = 0;
  }

  void add(const Block &block) override {
    devices.push_back(block);
    for (int32_t j = 0; j < block.size; ++j) {
      delta[block.category[j]] += block.inverse[j];
      for (int r = 0; r < block.rows; ++r)
        columns(block.category[j], row + r) = block.inverse[j] * block.a[r][j];
    }
    row += block.rows;
  }

  double *getSums(int64_t &count) override {
    count = 0;
    return nullptr;
  }

  bool factor() override {
    for (double &value : delta)
      value = std::max(value, 1e-300);
    MatrixXd scaled = delta.cwiseSqrt().cwiseInverse().asDiagonal() * columns;
    matrix.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose(), -1.0);
    addOwn();
    factors.compute(matrix);
    return factors.info() == Eigen::Success;
  }

  VectorXd solve(const VectorXd &values) const override {
    VectorXd scaled = values.cwiseQuotient(delta);
    VectorXd p = factors.solve(-columns.transpose() * scaled);
    return (values - columns * p).cwiseQuotient(delta);
  }

private:
  /// Replaces the blocks on the diagonal of `matrix`: what a device has to do
  /// with itself is weighted by what the others have of each category.
  void addOwn() {
    VectorXd before = VectorXd::Zero(delta.size()), after = before;
    std::vector<VectorXd> others(devices.size(), before);
    for (size_t i = 0; i < devices.size(); ++i) {
      others[i] = before;
      for (int32_t j = 0; j < devices[i].size; ++j)
        before[devices[i].category[j]] += devices[i].inverse[j];
    }
    int32_t first = row;
    for (size_t i = devices.size(); i-- > 0;) {
      const Block &block = devices[i];
      first -= block.rows;
      for (int r = 0; r < block.rows; ++r) {
        for (int q = 0; q <= r; ++q) {
          double sum = r == q ? block.weight[r] : 0;
          for (int32_t j = 0; j < block.size; ++j) {
            int32_t k = block.category[j];
            sum += block.inverse[j] * block.a[r][j] * block.a[q][j] *
                   ((others[i][k] + after[k]) / delta[k]);
          }
          matrix(first + r, first + q) = sum;
        }
      }
      for (int32_t j = 0; j < block.size; ++j)
        after[block.category[j]] += block.inverse[j];
    }
  }

  VectorXd delta;
  MatrixXd columns, matrix;
  std::vector<Block> devices;
  int32_t row = 0;
  Eigen::LLT<MatrixXd> factors;
};
} // namespace

std::unique_ptr<SchurComplement>
owl::assignment::createSchurByCategory(int32_t categories) {
  return std::make_unique<SchurByCategory>(categories);
}

std::unique_ptr<SchurComplement>
owl::assignment::createSchurByDevice(int32_t categories, int32_t rows) {
  return std::make_unique<SchurByDevice>(categories, rows);
}
