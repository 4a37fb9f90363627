//===- Response.h - What a device wants at given prices ---------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that a device has to do in the sub-gradient method: given the prices
// lambda, find
//
//   max  w log(U(x) - d) - lambda x   such that  0 <= x_k <= T_k / n,
//                                     t x <= tau,  m x <= M
//
// for one of n devices that are alike, or with the constraint U(x) >= d in
// place of the logarithm if the device is pinned.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_RESPONSE_H
#define OWL_LIB_ASSIGNMENT_RESPONSE_H

#include "owl/Assignment/Plan.h"

namespace owl::assignment {

struct Response {
  /// The greatest value, or a little more, for all devices of the class
  /// together.
  double bound = 0;
  /// What a second and a unit of memory are worth to each of them.
  double time = 0, memory = 0;
};

/// Device `i`'s response to `prices`, one per category. Writes to `row` what
/// the devices of the class want together.
Response respond(const Problem &problem, const Rules &rules, int32_t i,
                 const double *prices, double *row);

/// The same where the limits of time and memory bind; see BoundedResponse.cpp.
Response respondWithinLimits(const Problem &problem, const Rules &rules,
                             int32_t i, const double *prices, double *row);

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_RESPONSE_H
