//===- TaskPlacement.cpp - Tasks on devices -------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TaskPlacement.h. What a move changes follows from how many nodes of each
// device use each value: the first one there receives it, for all of them.
//
//===----------------------------------------------------------------------===//

#include "TaskPlacement.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

bool TaskScore::operator<(const TaskScore &other) const {
  if ((other.score - score).isGain())
    return true;
  if ((score - other.score).isGain())
    return false;
  if (away != other.away)
    return away > other.away;
  if (std::abs(makespan - other.makespan) > kTolerance * makespan)
    return makespan > other.makespan;
  return transfers - other.transfers > kTolerance * (makespan + transfers);
}

TaskPlacement::TaskPlacement(const Problem &problem, const TaskGraph &graph,
                             Rate rate)
    : problem(problem), graph(graph), rate(std::move(rate)),
      valuesOf(graph.getNumTasks()),
      entries(problem.categories.size() * problem.devices.size(), -1),
      isTouched(problem.devices.size()) {
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      entries[int64_t(problem.rates.category[e]) * problem.getNumDevices() +
              i] = e;
  for (size_t v = 0; v != graph.values.size(); ++v) {
    const TaskGraph::Value &value = graph.values[v];
    if (value.maker < graph.getNumTasks())
      valuesOf[value.maker].push_back(v);
    for (int32_t user : value.users)
      if (user < graph.getNumTasks())
        valuesOf[user].push_back(v);
  }
}

void TaskPlacement::set(const TaskPlan &newPlan) {
  plan = newPlan;
  moves.clear();
  held = Allocation(problem);
  loads.assign(problem.devices.size(), {});
  scores.resize(problem.devices.size());
  away = 0;
  for (size_t task = 0; task != plan.size(); ++task) {
    add(plan[task], graph.category[task], 1);
    away += isAway(task, plan[task]);
  }
  transfers = 0;
  users.assign(graph.values.size() * problem.devices.size(), 0);
  for (size_t v = 0; v != graph.values.size(); ++v)
    for (int32_t user : graph.values[v].users) {
      const int32_t i = getDevice(user);
      if (countUsers(v, i)++ == 0)
        receive(i, getDevice(graph.values[v].maker), v, 1);
    }
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    touch(i);
  rateTouched();
  effort += plan.size() + graph.values.size();
}

TaskScore TaskPlacement::getScore() const {
  TaskScore sum;
  for (const Score &score : scores)
    sum.score = sum.score + score;
  for (const Load &load : loads)
    sum.makespan = std::max(sum.makespan, load.time);
  sum.away = away;
  sum.transfers = transfers;
  return sum;
}

void TaskPlacement::add(int32_t i, int32_t k, double step) {
  double &instances = countHeld(i, k);
  loads[i] = loads[i].add(problem, getEntry(i, k), instances, step);
  instances += step;
  touch(i);
}

void TaskPlacement::receive(int32_t i, int32_t from, int32_t value,
                            double step) {
  if (i == from)
    return;
  const double seconds =
      step * graph.getSeconds(from, i, graph.values[value].bytes);
  loads[i].time += seconds;
  transfers += seconds;
  touch(i);
}

void TaskPlacement::follow(int32_t task, int32_t to) {
  for (int32_t v : valuesOf[task])
    if (graph.values[v].maker != task) {
      --countUsers(v, plan[task]);
      ++countUsers(v, to);
    }
  away += isAway(task, to) - isAway(task, plan[task]);
  plan[task] = to;
}

void TaskPlacement::move(int32_t task, int32_t to) {
  const int32_t from = plan[task], k = graph.category[task];
  if (from == to)
    return;
  if (moves.empty()) {
    oldLoads = loads;
    oldScores = scores;
    oldTransfers = transfers;
  }
  moves.push_back({task, from});
  add(from, k, -1);
  add(to, k, 1);
  for (int32_t v : valuesOf[task]) {
    const int32_t maker = graph.values[v].maker;
    if (maker == task) {
      for (int32_t i = 0; i != problem.getNumDevices(); ++i)
        if (countUsers(v, i) > 0) {
          receive(i, from, v, -1);
          receive(i, to, v, 1);
        }
      effort += problem.devices.size();
      continue;
    }
    if (countUsers(v, from) == 1)
      receive(from, getDevice(maker), v, -1);
    if (countUsers(v, to) == 0)
      receive(to, getDevice(maker), v, 1);
  }
  follow(task, to);
  rateTouched();
  effort += 1 + valuesOf[task].size();
}

void TaskPlacement::undo() {
  if (moves.empty())
    return;
  for (; !moves.empty(); moves.pop_back()) {
    auto [task, from] = moves.back();
    const int32_t k = graph.category[task];
    --countHeld(plan[task], k);
    ++countHeld(from, k);
    follow(task, from);
  }
  loads = oldLoads;
  scores = oldScores;
  transfers = oldTransfers;
}

void TaskPlacement::touch(int32_t i) {
  if (!isTouched[i])
    touched.push_back(i);
  isTouched[i] = true;
}

void TaskPlacement::rateTouched() {
  for (int32_t i : touched) {
    scores[i] = rate(i, loads[i]);
    isTouched[i] = false;
  }
  touched.clear();
}
