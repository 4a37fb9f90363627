//===- Heft.cpp - Earliest finish on unlike devices -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// List scheduling of a graph of tasks, by Topcuoglu, Hariri and Wu:
// Performance-Effective and Low-Complexity Task Scheduling for Heterogeneous
// Computing, 2002. It knows time and transfers, and nothing of memory or gains.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Baselines.h"
#include <algorithm>

using namespace owl::assignment;

namespace {
class Scheduler {
public:
  Scheduler(const Problem &problem, const TaskGraph &graph);
  Schedule run();

private:
  struct Interval {
    double begin, end;
  };
  /// A device that can run a category, and the seconds that it takes.
  struct Place {
    int32_t device;
    double seconds;
  };

  /// The mean time from the start of `task` to the end of all.
  double getRank(int32_t task) const;
  double getMeanTransfer(double bytes) const;
  /// The first time from `ready` on at which `device` is idle for `seconds`.
  double findGap(int32_t device, double ready, double seconds) const;
  void place(int32_t task);

  const Problem &problem;
  const TaskGraph &graph;
  /// The values that each task waits for, and those that it makes.
  std::vector<std::vector<int32_t>> in, out;
  std::vector<std::vector<Place>> places;
  std::vector<double> ranks;
  /// When each device works, in order of time.
  std::vector<std::vector<Interval>> busy;
  /// When each task is done.
  std::vector<double> end;
  Schedule schedule;
};
} // namespace

Scheduler::Scheduler(const Problem &problem, const TaskGraph &graph)
    : problem(problem), graph(graph), in(graph.getNumTasks()),
      out(graph.getNumTasks()), places(problem.categories.size()),
      ranks(graph.getNumTasks()), busy(problem.devices.size()),
      end(graph.getNumTasks()) {
  const int32_t tasks = graph.getNumTasks();
  for (size_t v = 0; v != graph.values.size(); ++v) {
    const TaskGraph::Value &value = graph.values[v];
    if (value.maker < tasks)
      out[value.maker].push_back(v);
    for (int32_t user : value.users)
      if (user < tasks && (value.maker < user || value.maker >= tasks))
        in[user].push_back(v);
  }
  schedule.device.resize(tasks);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      places[problem.rates.category[e]].push_back({i, problem.rates.time[e]});
}

double Scheduler::getRank(int32_t task) const {
  const std::vector<Place> &where = places[graph.category[task]];
  double sum = 0, rest = 0;
  for (const Place &place : where)
    sum += place.seconds;
  for (int32_t v : out[task]) {
    const TaskGraph::Value &value = graph.values[v];
    double last = 0;
    for (int32_t user : value.users)
      if (user < graph.getNumTasks() && user > task)
        last = std::max(last, ranks[user]);
    rest = std::max(rest, getMeanTransfer(value.bytes) + last);
  }
  return sum / where.size() + rest;
}

double Scheduler::getMeanTransfer(double bytes) const {
  const int32_t n = problem.getNumDevices();
  double sum = 0;
  for (int32_t i = 0; i != n; ++i)
    for (int32_t j = 0; j != n; ++j)
      if (i != j)
        sum += graph.getSeconds(i, j, bytes);
  return n > 1 ? sum / (double(n) * (n - 1)) : 0;
}

double Scheduler::findGap(int32_t device, double ready, double seconds) const {
  const std::vector<Interval> &intervals = busy[device];
  auto next = std::upper_bound(intervals.begin(), intervals.end(), ready,
                               [](double time, const Interval &interval) {
                                 return time < interval.end;
                               });
  for (; next != intervals.end() && ready + seconds > next->begin; ++next)
    ready = std::max(ready, next->end);
  return ready;
}

void Scheduler::place(int32_t task) {
  const Place *best = nullptr;
  Interval bestInterval = {0, kUnlimited};
  for (const Place &place : places[graph.category[task]]) {
    double ready = 0;
    for (int32_t v : in[task]) {
      const TaskGraph::Value &value = graph.values[v];
      const int32_t stays = value.maker - graph.getNumTasks();
      const int32_t from =
          stays < 0 ? schedule.device[value.maker] : graph.fixed[stays];
      const double made = stays < 0 ? end[value.maker] : 0;
      ready = std::max(ready, made + (from == place.device
                                          ? 0
                                          : graph.getSeconds(from, place.device,
                                                             value.bytes)));
    }
    const double begin = findGap(place.device, ready, place.seconds);
    if (begin + place.seconds < bestInterval.end) {
      best = &place;
      bestInterval = {begin, begin + place.seconds};
    }
  }
  std::vector<Interval> &intervals = busy[best->device];
  intervals.insert(std::upper_bound(intervals.begin(), intervals.end(),
                                    bestInterval.end,
                                    [](double time, const Interval &interval) {
                                      return time < interval.end;
                                    }),
                   bestInterval);
  schedule.device[task] = best->device;
  end[task] = bestInterval.end;
  schedule.makespan = std::max(schedule.makespan, bestInterval.end);
}

Schedule Scheduler::run() {
  std::vector<std::pair<double, int32_t>> urgent;
  for (int32_t task = graph.getNumTasks(); task-- != 0;) {
    ranks[task] = getRank(task);
    urgent.push_back({-ranks[task], task});
  }
  // Tasks that take no time keep their order.
  std::sort(urgent.begin(), urgent.end());
  for (auto [rank, task] : urgent)
    place(task);
  return std::move(schedule);
}

Schedule owl::assignment::placeByHeft(const Problem &problem,
                                      const TaskGraph &graph) {
  return Scheduler(problem, graph).run();
}
