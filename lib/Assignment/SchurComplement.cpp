//===- SchurComplement.cpp - How demand follows prices --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SchurComplement.h"
#include <algorithm>
#include <numeric>

using namespace owl::assignment;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// What rounding errors can have taken from a diagonal, relatively to what it
/// is the difference of. As little of it is given back as makes the matrix
/// positive definite.
static constexpr double kLeastError = 1e-16, kMostError = 1e-8;
/// How far off the matrix may be, relatively, where it need not be exact.
static constexpr double kTolerance = 1e-8;

/// Factors `matrix`, whose diagonal is what is left of `whole`.
template <typename Matrix>
static bool factorSafely(Matrix &&matrix, const VectorXd &whole,
                         Eigen::LLT<MatrixXd> &factors) {
  for (double error = kLeastError; error < kMostError; error *= 10) {
    matrix.diagonal() += error * whole;
    if (factors.compute(matrix).info() == Eigen::Success)
      return true;
  }
  return false;
}

namespace {
class SchurByCategory : public SchurComplement {
public:
  explicit SchurByCategory(int32_t categories)
      : matrix(MatrixXd::Zero(categories, categories + 2)),
        panel(categories, kPanel) {}

  void clear(bool exact) override {
    scale.resize(0);
    if (!exact && !matrix.isZero(0)) {
      scale = matrix.diagonal().cwiseSqrt().cwiseInverse();
      weight = matrix.col(matrix.rows() + 1).cwiseProduct(scale) / kTolerance;
    }
    matrix.setZero();
    filled = 0;
    waiting.clear();
    category.clear();
    value.clear();
  }

  void add(const Block &block) override {
    for (int32_t j = 0; j < block.size; ++j) {
      matrix(block.category[j], block.category[j]) += block.inverse[j];
      matrix(block.category[j], matrix.rows()) += block.inverse[j];
      matrix(block.category[j], matrix.rows() + 1) += 1;
    }
    for (int r = 0; r < block.rows; ++r) {
      select(block, r);
      // A product of panels does some 4 times as much in a second as scattered
      // additions do, but also for the zeros.
      if (2 * int64_t(selected.size()) >= matrix.rows())
        addToPanel(block, r);
      else
        addToWaiting(block, r);
    }
  }

  double *getSums(int64_t &count) override {
    flushPanel();
    flushWaiting();
    // The triangle, and the columns beside it.
    const int64_t rows = matrix.rows();
    sums.clear();
    for (int64_t k = 0; k < rows; ++k)
      sums.insert(sums.end(), matrix.col(k).data() + k,
                  matrix.col(k).data() + rows);
    sums.insert(sums.end(), matrix.col(rows).data(),
                matrix.data() + matrix.size());
    count = sums.size();
    return sums.data();
  }

  bool factor() override {
    const int64_t rows = matrix.rows();
    const double *from = sums.data();
    for (int64_t k = 0; k < rows; from += rows - k++)
      std::copy(from, from + rows - k, matrix.col(k).data() + k);
    std::copy(from, from + 2 * rows, matrix.col(rows).data());
    // A category that nobody is left to take any more of has a zero here.
    double least = 1e-20 * matrix.diagonal().maxCoeff();
    matrix.diagonal().array() += std::max(least, 1e-300);
    return factorSafely(matrix.leftCols(matrix.rows()),
                        matrix.col(matrix.rows()), factors);
  }

  VectorXd solve(const VectorXd &values) const override {
    return factors.solve(values);
  }

private:
  /// Columns of a panel, columns of the matrix that are added to together, so
  /// that they stay in a cache, and numbers that wait for that.
  static constexpr int kPanel = 128, kColumns = 16, kWaiting = 1 << 15;

  /// Selects the entries of a row that matter: near the end a device is about
  /// to run few categories, and what the others do changes nothing.
  void select(const Block &block, int r) {
    const double *v = block.v[r].data();
    if (scale.size() == 0) {
      selected.resize(block.size);
      std::iota(selected.begin(), selected.end(), 0);
      return;
    }
    double most = 0;
    for (int32_t j = 0; j < block.size; ++j)
      most = std::max(most, std::abs(v[j]) * scale[block.category[j]]);
    selected.clear();
    for (int32_t j = 0; j < block.size; ++j)
      if (std::abs(v[j]) * weight[block.category[j]] * most >= 1)
        selected.push_back(j);
  }

  void addToPanel(const Block &block, int r) {
    if (filled == kPanel)
      flushPanel();
    double *column = panel.data() + filled++ * panel.rows();
    if (int64_t(selected.size()) != panel.rows())
      std::fill(column, column + panel.rows(), 0);
    for (int32_t j : selected)
      column[block.category[j]] = block.v[r][j];
  }

  void flushPanel() {
    if (filled)
      matrix.leftCols(matrix.rows())
          .selfadjointView<Eigen::Lower>()
          .rankUpdate(panel.leftCols(filled), -1.0);
    filled = 0;
  }

  void addToWaiting(const Block &block, int r) {
    if (value.size() + selected.size() > kWaiting)
      flushWaiting();
    waiting.push_back(value.size());
    for (int32_t j : selected) {
      category.push_back(block.category[j]);
      value.push_back(block.v[r][j]);
    }
  }

  void flushWaiting() {
    const int64_t rows = matrix.rows();
    waiting.push_back(value.size());
    // Where the columns of the next turn begin in each that waits.
    std::vector<int64_t> next(waiting.begin(), waiting.end() - 1);
    for (int32_t end = kColumns; end < rows + kColumns; end += kColumns) {
      for (size_t w = 0; w < next.size(); ++w) {
        const int64_t last = waiting[w + 1];
        int64_t a = next[w];
        for (; a < last && category[a] < end; ++a) {
          double *column = matrix.data() + category[a] * rows;
          const double factor = value[a];
          for (int64_t b = a; b < last; ++b)
            column[category[b]] -= factor * value[b];
        }
        next[w] = a;
      }
    }
    waiting.clear();
    category.clear();
    value.clear();
  }

  /// The lower triangle of S, without what is in the panel or waits; in the
  /// next column, what its diagonal is without anything subtracted; in the
  /// last, how many blocks have each category.
  MatrixXd matrix;
  /// What makes the last diagonal all ones, empty where nothing may be left
  /// out; and where something may, as many times that as there are blocks, in
  /// units of what a row may lose.
  VectorXd scale, weight;
  std::vector<int32_t> selected;
  /// What is exchanged.
  std::vector<double> sums;
  MatrixXd panel;
  int filled = 0;
  /// Sparse columns: where each starts in the other two arrays.
  std::vector<int64_t> waiting;
  std::vector<int32_t> category;
  std::vector<double> value;
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

  void clear(bool) override {
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
    return factorSafely(matrix, matrix.diagonal(), factors);
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
