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
  /// A device that can run a category: in the rates, and in the allocation.
  struct Place {
    int32_t device;
    int64_t entry, cell;
  };

  /// Tasks such that each stands after those that it waits for.
  std::vector<int32_t> getOrder() const;
  double getMeanTransfer(double bytes) const;
  /// The first time from `ready` on at which `device` is idle for `seconds`.
  double findGap(int32_t device, double ready, double seconds) const;
  void place(int32_t task);

  const Problem &problem;
  const TaskGraph &graph;
  /// The edges into and out of each task.
  std::vector<std::vector<int32_t>> in, out;
  std::vector<std::vector<Place>> places;
  /// Mean seconds from the start of each task to the end of all.
  std::vector<double> ranks;
  /// When each device works, in order of time.
  std::vector<std::vector<Interval>> busy;
  /// When each task is done.
  std::vector<double> end;
  Schedule schedule;
};
} // namespace

Scheduler::Scheduler(const Problem &problem, const TaskGraph &graph)
    : problem(problem), graph(graph), in(graph.category.size()),
      out(graph.category.size()), places(problem.categories.size()),
      ranks(graph.category.size()), busy(problem.devices.size()),
      end(graph.category.size()) {
  for (size_t e = 0; e != graph.edges.size(); ++e) {
    out[graph.edges[e].from].push_back(e);
    in[graph.edges[e].to].push_back(e);
  }
  schedule.device.resize(graph.category.size());
  schedule.allocation = Allocation(problem);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      places[problem.rates.category[e]].push_back(
          {i, e, schedule.allocation.start[i] + e - problem.begin(i)});
}

std::vector<int32_t> Scheduler::getOrder() const {
  std::vector<int32_t> order;
  std::vector<size_t> waitsFor;
  for (size_t task = 0; task != in.size(); ++task) {
    waitsFor.push_back(in[task].size());
    if (in[task].empty())
      order.push_back(task);
  }
  for (size_t next = 0; next != order.size(); ++next)
    for (int32_t e : out[order[next]])
      if (--waitsFor[graph.edges[e].to] == 0)
        order.push_back(graph.edges[e].to);
  return order;
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
    for (int32_t e : in[task]) {
      const TaskGraph::Edge &edge = graph.edges[e];
      const int32_t from = schedule.device[edge.from];
      ready = std::max(
          ready, end[edge.from] +
                     (from == place.device
                          ? 0
                          : graph.getSeconds(from, place.device, edge.bytes)));
    }
    const double seconds = problem.rates.time[place.entry],
                 begin = findGap(place.device, ready, seconds);
    if (begin + seconds < bestInterval.end) {
      best = &place;
      bestInterval = {begin, begin + seconds};
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
  ++schedule.allocation.instances[best->cell];
  end[task] = bestInterval.end;
  schedule.makespan = std::max(schedule.makespan, bestInterval.end);
}

Schedule Scheduler::run() {
  std::vector<int32_t> order = getOrder();
  for (auto task = order.rbegin(); task != order.rend(); ++task) {
    const std::vector<Place> &where = places[graph.category[*task]];
    double sum = 0, rest = 0;
    for (const Place &place : where)
      sum += problem.rates.time[place.entry];
    for (int32_t e : out[*task])
      rest = std::max(rest, getMeanTransfer(graph.edges[e].bytes) +
                                ranks[graph.edges[e].to]);
    ranks[*task] = sum / where.size() + rest;
  }
  // Tasks that take no time keep their order.
  std::vector<std::pair<double, int32_t>> urgent;
  for (size_t n = 0; n != order.size(); ++n)
    urgent.push_back({-ranks[order[n]], n});
  std::sort(urgent.begin(), urgent.end());
  for (auto [rank, n] : urgent)
    place(order[n]);
  return std::move(schedule);
}

Schedule owl::assignment::placeByHeft(const Problem &problem,
                                      const TaskGraph &graph) {
  return Scheduler(problem, graph).run();
}
