//===- SchurComplement.h - How demand follows prices ------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// S = sum_i H_i^-1, by which the demand for each category falls as prices
// rise. It is dense, but has the structure of its blocks: with K categories and
// R rows of devices, a step takes O(R K min(R, K)).
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_SCHURCOMPLEMENT_H
#define OWL_LIB_ASSIGNMENT_SCHURCOMPLEMENT_H

#include "Block.h"
#include <Eigen/Dense>
#include <memory>

namespace owl::assignment {

class SchurComplement {
public:
  virtual ~SchurComplement() = default;

  /// Forgets all blocks. Where those to come are like the last ones and the
  /// matrix need not be `exact`, what makes next to no difference to it may be
  /// left out.
  virtual void clear(bool exact) = 0;
  /// Adds the H^-1 of the next device.
  virtual void add(const Block &block) = 0;
  /// What participants have to add up before factor(): `count` numbers.
  virtual double *getSums(int64_t &count) = 0;
  /// Fails where the matrix is not positive definite to working precision.
  virtual bool factor() = 0;
  virtual Eigen::VectorXd solve(const Eigen::VectorXd &values) const = 0;
};

/// A factorisation of the K by K matrix itself, which any number of
/// participants can add up.
std::unique_ptr<SchurComplement> createSchurByCategory(int32_t categories);

/// A factorisation of an R by R matrix in its stead, for one participant with
/// `rows` < K rows of devices.
std::unique_ptr<SchurComplement> createSchurByDevice(int32_t categories,
                                                     int32_t rows);

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_SCHURCOMPLEMENT_H
