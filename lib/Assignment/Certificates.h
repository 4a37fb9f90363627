//===- Certificates.h - Certificates of several participants ----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_CERTIFICATES_H
#define OWL_LIB_ASSIGNMENT_CERTIFICATES_H

#include "owl/Assignment/Exchange.h"
#include "owl/Assignment/Plan.h"
#include <cmath>

namespace owl::assignment {

/// The certificate of all participants together, each with its own part of the
/// problem. One exchange.
inline Certificate certify(const Problem &problem, const Rules &rules,
                           const Allocation &allocation, const Prices &prices,
                           Exchange &exchange) {
  Certificate own = certify(problem, rules, allocation, prices);
  double sums[3] = {own.primal, own.dual, own.weight};
  exchange.sum(sums, 3);
  // What all instances cost is in the bound of each participant.
  double cost = 0;
  for (int32_t k = 0; k < problem.getNumCategories(); ++k)
    cost += prices.category[k] * problem.categories[k].count;
  if (exchange.getSize() > 1)
    sums[1] -= (exchange.getSize() - 1) * cost;
  return {sums[0], std::isnan(sums[1]) ? kUnlimited : sums[1], sums[2]};
}

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_CERTIFICATES_H
