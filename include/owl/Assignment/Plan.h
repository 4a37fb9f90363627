//===- Plan.h - Who runs what -----------------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a solver returns: an allocation, the prices that show how good it is,
// and the limits that it was made under.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_PLAN_H
#define OWL_ASSIGNMENT_PLAN_H

#include "owl/Assignment/Problem.h"

namespace owl::assignment {

/// The rules of one game: what Problem leaves to be found before the bargaining
/// starts. See prepare().
struct Rules {
  /// The least time in which the slowest device can finish, in seconds, and the
  /// time limit tau that follows; infinite where time is not limited.
  double leastMakespan = 0, deadline = kUnlimited;
  /// Of each device: whether no plan gives it more than its disagreement value
  /// without giving another less. It takes no part in the product, but U_i >=
  /// d_i holds for it as for all.
  std::vector<char> pinned;
};

/// What one more of each thing would be worth, in the objective sum_i w_i
/// log(U_i - d_i): the multipliers of its constraints.
struct Prices {
  /// Of an instance of each category (lambda_k). Negative where everybody would
  /// rather not have it.
  std::vector<double> category;
  /// Of a second of each device (alpha_i) and of a unit of its memory (beta_i);
  /// empty where not limited. At least 0.
  std::vector<double> time, memory;
};

/// One place per device and entry of its row, in the order of the devices.
struct Allocation {
  /// Where each device starts in `instances`, and at last its length.
  std::vector<int64_t> start = {0};
  std::vector<double> instances;

  Allocation() = default;
  /// Nothing for anybody.
  explicit Allocation(const Problem &problem);

  double *row(int32_t i) { return instances.data() + start[i]; }
  const double *row(int32_t i) const { return instances.data() + start[i]; }
};

enum class Status {
  /// The gap that was asked for is reached.
  Optimal,
  /// Nobody can gain: everything stays where it is.
  StatusQuo,
  /// The solver stopped before it reached the gap.
  Stopped,
};

/// Bounds on what can be reached: sum w log(U - d) over devices that are not
/// pinned is `primal` here, and at most `dual` in any plan.
struct Certificate {
  double primal = 0, dual = 0;
  /// The sum of the weights of the devices that are not pinned.
  double weight = 0;

  /// How far the weighted geometric mean of the gains may be from the best,
  /// relatively: exp((dual - primal) / weight) - 1, at least 0.
  double getGap() const;
};

struct Plan {
  Status status = Status::Stopped;
  Allocation allocation;
  Prices prices;
  Certificate certificate;
  /// How often the devices and the coordinator exchanged numbers.
  int64_t rounds = 0;
};

/// How `allocation` rates by the prices: both bounds, from nothing but the
/// problem. The dual bound holds for prices of any origin.
Certificate certify(const Problem &problem, const Rules &rules,
                    const Allocation &allocation, const Prices &prices);

/// Whether `allocation` is a plan: each category placed whole, nothing
/// negative, no limit exceeded, nobody below its disagreement, each by at most
/// `tolerance` relatively. Returns the first rule that is broken, in one
/// sentence.
std::optional<std::string> verify(const Problem &problem, const Rules &rules,
                                  const Allocation &allocation,
                                  double tolerance = 1e-6);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_PLAN_H
