//===- TaskGraph.cpp - What instances make for one another ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TaskGraph.h.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/TaskGraph.h"
#include "TaskPlacement.h"
#include <algorithm>

using namespace owl::assignment;

Allocation owl::assignment::count(const Problem &problem,
                                  const TaskGraph &graph,
                                  const TaskPlan &plan) {
  Allocation allocation(problem);
  for (size_t task = 0; task != plan.size(); ++task) {
    const int32_t i = plan[task];
    ++allocation.row(
        i)[*problem.find(i, graph.category[task]) - problem.begin(i)];
  }
  return allocation;
}

Metrics owl::assignment::measure(const Problem &problem, const Rules &rules,
                                 const TaskGraph &graph, const TaskPlan &plan) {
  Metrics metrics = measure(problem, rules, count(problem, graph, plan));
  TaskPlacement placement(problem, graph,
                          [](int32_t, const Load &) { return Score(); });
  placement.set(plan);
  metrics.makespan = metrics.totalTime = 0;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const double time = placement.getLoads()[i].time;
    metrics.time[i] = time;
    metrics.makespan = std::max(metrics.makespan, time);
    metrics.totalTime += time;
  }
  metrics.keepsDeadline = isInTime(metrics.makespan, rules);
  return metrics;
}
