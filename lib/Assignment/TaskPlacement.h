//===- TaskPlacement.h - Tasks on devices -----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan for a TaskGraph that is being changed, task by task. Unlike that of
// instances in a Placement, the worth of a move depends on where others are:
// each touches the devices that have neighbours, too.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_TASKPLACEMENT_H
#define OWL_ASSIGNMENT_TASKPLACEMENT_H

#include "Score.h"
#include "owl/Assignment/TaskGraph.h"

namespace owl::assignment {

/// How good a plan for tasks is: of equal ones, that is better in which fewer
/// tasks have left home, then whose last device ends sooner, and then that
/// which sends less.
struct TaskScore {
  Score score;
  int32_t away = 0;
  double makespan = 0, transfers = 0;

  /// Whether this is worse, and not by rounding only.
  bool operator<(const TaskScore &other) const;
};

class TaskPlacement {
public:
  /// What device `i` is worth with `load`.
  using Rate = std::function<Score(int32_t i, const Load &load)>;

  TaskPlacement(const Problem &problem, const TaskGraph &graph, Rate rate);

  void set(const TaskPlan &newPlan);
  const TaskPlan &get() const { return plan; }
  const std::vector<Load> &getLoads() const { return loads; }
  TaskScore getScore() const;

  int32_t getDevice(int32_t node) const {
    const int32_t tasks = plan.size();
    return node < tasks ? plan[node] : graph.fixed[node - tasks];
  }
  bool canRun(int32_t i, int32_t task) const {
    return getEntry(i, graph.category[task]) >= 0;
  }
  /// The values that `task` makes or uses, as indices.
  const std::vector<int32_t> &getValues(int32_t task) const {
    return valuesOf[task];
  }

  /// To a device that can run it.
  void move(int32_t task, int32_t to);
  /// The tasks of the moves that are not final.
  std::vector<int32_t> getMoved() const {
    std::vector<int32_t> tasks;
    for (auto [task, from] : moves)
      tasks.push_back(task);
    return tasks;
  }
  /// Makes all moves so far final, or undoes those that are not.
  void keep() { moves.clear(); }
  void undo();
  /// How much all of this has looked at: see LocalSearchOptions.
  int64_t getEffort() const { return effort; }
  /// Counts looks of others.
  void spend(int64_t looks) { effort += looks; }

private:
  /// Where the rates of device `i` have category `k`; negative if it cannot run
  /// that.
  int64_t getEntry(int32_t i, int32_t k) const {
    return entries[int64_t(k) * problem.getNumDevices() + i];
  }
  double &countHeld(int32_t i, int32_t k) {
    return held.row(i)[getEntry(i, k) - problem.begin(i)];
  }
  bool isAway(int32_t task, int32_t i) const {
    return !graph.home.empty() && graph.home[task] >= 0 &&
           graph.home[task] != i;
  }
  /// Adds `step` instances of category `k` to what device `i` has.
  void add(int32_t i, int32_t k, double step);
  /// Lets device `i` receive `value` from `from` (or not, if `step` is -1).
  void receive(int32_t i, int32_t from, int32_t value, double step);
  int32_t &countUsers(int32_t value, int32_t i) {
    return users[int64_t(value) * problem.getNumDevices() + i];
  }
  /// Counts `task` as one of device `to`.
  void follow(int32_t task, int32_t to);
  void touch(int32_t i);
  void rateTouched();

  const Problem &problem;
  const TaskGraph &graph;
  const Rate rate;
  std::vector<std::vector<int32_t>> valuesOf;
  std::vector<int64_t> entries;

  TaskPlan plan;
  Allocation held;
  /// How many nodes on each device use each value.
  std::vector<int32_t> users;
  std::vector<Load> loads;
  std::vector<Score> scores;
  /// Tasks that have left home.
  int32_t away = 0;
  /// Seconds of all devices.
  double transfers = 0;

  /// What `undo` goes back to: where the tasks were that have been moved, and
  /// what followed from that.
  std::vector<std::pair<int32_t, int32_t>> moves;
  std::vector<Load> oldLoads;
  std::vector<Score> oldScores;
  double oldTransfers = 0;

  /// Devices whose score is to be computed again, each once.
  std::vector<int32_t> touched;
  std::vector<char> isTouched;
  int64_t effort = 0;
};

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_TASKPLACEMENT_H
