//===- EqualParts.h - The same for everybody --------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where solvers start and what they measure others by: each category divided
// equally among all that can run it.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_EQUALPARTS_H
#define OWL_LIB_ASSIGNMENT_EQUALPARTS_H

#include "owl/Assignment/Exchange.h"
#include "owl/Assignment/Plan.h"

namespace owl::assignment {

class EqualParts {
public:
  /// One exchange.
  EqualParts(const Problem &problem, Exchange &exchange)
      : problem(problem), runners(problem.getNumCategories()) {
    for (int32_t i = 0; i != problem.getNumDevices(); ++i)
      for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
        runners[problem.rates.category[e]] += problem.devices[i].count;
    exchange.sum(runners.data(), runners.size());
  }

  /// What device `i` gets, an element per entry of its row.
  void getRow(int32_t i, double *row) const {
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
      const int32_t k = problem.rates.category[e];
      *row++ =
          problem.categories[k].count * problem.devices[i].count / runners[k];
    }
  }
  std::vector<double> getRow(int32_t i) const {
    std::vector<double> row(problem.end(i) - problem.begin(i));
    getRow(i, row.data());
    return row;
  }

  Allocation getAllocation() const {
    Allocation allocation(problem);
    for (int32_t i = 0; i != problem.getNumDevices(); ++i)
      getRow(i, allocation.row(i));
    return allocation;
  }

private:
  const Problem &problem;
  /// How many devices can run each category.
  std::vector<double> runners;
};

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_EQUALPARTS_H
