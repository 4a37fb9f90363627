//===- TaskGraph.h - What instances make for one another --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A Problem counts instances. Here each is a task, whose inputs come from
// others: where these are says what a plan takes besides.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_TASKGRAPH_H
#define OWL_ASSIGNMENT_TASKGRAPH_H

#include "owl/Assignment/Metrics.h"
#include <functional>

namespace owl::assignment {

/// Nodes are the tasks, in an order in which they can run, and after them those
/// that take no time and stay where they are.
struct TaskGraph {
  /// The category that each task is an instance of.
  std::vector<int32_t> category;
  /// The device that each task has been on, which it is not to leave for
  /// nothing; negative where there is none. Empty if there is none for all.
  std::vector<int32_t> home;
  /// The device of each node that stays.
  std::vector<int32_t> fixed;
  /// What a node makes, and which other ones need it, each of them once.
  struct Value {
    int32_t maker;
    std::vector<int32_t> users;
    double bytes;
  };
  std::vector<Value> values;
  /// Seconds to send so many bytes from a device to another one.
  std::function<double(int32_t from, int32_t to, double bytes)> getSeconds;

  int32_t getNumTasks() const { return category.size(); }
};

/// The device of each task.
using TaskPlan = std::vector<int32_t>;

/// How many instances of each category each device has.
Allocation count(const Problem &problem, const TaskGraph &graph,
                 const TaskPlan &plan);

/// The figures of a plan with what it takes to receive values: a device
/// receives each one that it needs once, and does nothing else meanwhile. Needs
/// times.
Metrics measure(const Problem &problem, const Rules &rules,
                const TaskGraph &graph, const TaskPlan &plan);

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_TASKGRAPH_H
