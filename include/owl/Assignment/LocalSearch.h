//===- LocalSearch.h - Better plans, task by task ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Solvers know what a transfer takes on average. Which tasks are on a device,
// not only how many, says what it takes: plans are improved with that in mind.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_LOCALSEARCH_H
#define OWL_ASSIGNMENT_LOCALSEARCH_H

#include "owl/Assignment/TaskGraph.h"

namespace owl::assignment {

struct LocalSearchOptions {
  /// How often a plan that cannot be improved step by step is disturbed and
  /// improved again.
  int64_t disturbances = 300;
  /// Looks at what a node makes or uses at most, of some ten nanoseconds each.
  int64_t effort = 8000000;
};

/// A plan that is at least as good as each of `starts`, of which there are
/// some. First that every rule is kept (the time is that of measure()) and
/// nobody is worse off than before, then that as many devices as possible gain,
/// that the product of the gains is large, that few tasks leave home, that the
/// last device ends soon, and that little is sent. The same input gives the
/// same plan. Needs times.
TaskPlan findFairPlan(const Problem &problem, const Rules &rules,
                      const TaskGraph &graph,
                      const std::vector<TaskPlan> &starts,
                      const LocalSearchOptions &options = {});

/// The same for the least makespan: first that memory suffices and nobody is
/// worse off than before, whatever the time limit, and whoever leaves home.
TaskPlan findFastPlan(const Problem &problem, const TaskGraph &graph,
                      const std::vector<TaskPlan> &starts,
                      const LocalSearchOptions &options = {});

/// The same for what Baselines.h looks for in fractions: first that every rule
/// is kept, as above, and then that sum w_i U_i is large.
TaskPlan findUtilitarianPlan(const Problem &problem, const Rules &rules,
                             const TaskGraph &graph,
                             const std::vector<TaskPlan> &starts,
                             const LocalSearchOptions &options = {});

/// Then that as many devices as possible gain, as in a fair plan, and that the
/// least (U_i - d_i) / w_i of those is large.
TaskPlan findMaxMinPlan(const Problem &problem, const Rules &rules,
                        const TaskGraph &graph,
                        const std::vector<TaskPlan> &starts,
                        const LocalSearchOptions &options = {});

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_LOCALSEARCH_H
