//===- Baselines.cpp - Other ways to share out work -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two simple heuristics, and two linear programs (concave ones, if utilities
// are) of the form that the interior point method solves.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Baselines.h"
#include "EqualParts.h"
#include "InteriorPoint.h"
#include "owl/Assignment/Metrics.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// Parcels that a category is placed in at most.
static constexpr double kParcels = 1000;
/// Steps of the interior point method at most: it usually takes about 20.
static constexpr int kMaxSteps = 200;
/// Relative accuracy of the optimum.
static constexpr double kAccuracy = 1e-7;

namespace {
/// Where an instance of a category can be: in the rates, and in an allocation.
struct Place {
  int32_t device;
  int64_t entry, cell;
};
} // namespace

/// The places of each category, in the order of the devices.
static std::vector<std::vector<Place>> getPlaces(const Problem &problem,
                                                 const Allocation &allocation) {
  std::vector<std::vector<Place>> places(problem.categories.size());
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      places[problem.rates.category[e]].push_back(
          {i, e, allocation.start[i] + e - problem.begin(i)});
  return places;
}

Allocation owl::assignment::placeRoundRobin(const Problem &problem) {
  Allocation allocation(problem);
  const auto places = getPlaces(problem, allocation);
  int32_t next = 0;
  for (size_t k = 0; k != places.size(); ++k) {
    const double count = problem.categories[k].count;
    if (count == 0)
      continue;
    const double rest = std::fmod(count, places[k].size());
    for (const Place &place : places[k])
      allocation.instances[place.cell] = (count - rest) / places[k].size();
    // The first device from `next` on that can run it.
    auto place =
        std::find_if(places[k].begin(), places[k].end(),
                     [&](const Place &place) { return place.device >= next; });
    for (double n = 0; n != rest; ++n, ++place) {
      if (place == places[k].end())
        place = places[k].begin();
      ++allocation.instances[place->cell];
      next = place->device + 1;
    }
  }
  return allocation;
}

/// The categories by descending length, each instance to the device that would
/// be done with it first. `getLength` is of the places of a category.
template <typename GetLength>
static Allocation placeInOrder(const Problem &problem, GetLength getLength) {
  Allocation allocation(problem);
  const auto places = getPlaces(problem, allocation);
  const std::vector<double> &time = problem.rates.time;
  std::vector<std::pair<double, int32_t>> order;
  for (size_t k = 0; k != places.size(); ++k)
    if (problem.categories[k].count > 0)
      order.push_back({-getLength(places[k]), k});
  std::sort(order.begin(), order.end());

  std::vector<double> done(problem.devices.size());
  for (auto [length, k] : order) {
    double left = problem.categories[k].count;
    const double parcel = std::ceil(left / kParcels);
    while (left > 0) {
      const double instances = std::min(parcel, left);
      auto getEnd = [&](const Place &place) {
        return done[place.device] + instances * time[place.entry];
      };
      const Place &best =
          *std::min_element(places[k].begin(), places[k].end(),
                            [&](const Place &a, const Place &b) {
                              return getEnd(a) < getEnd(b);
                            });
      done[best.device] = getEnd(best);
      allocation.instances[best.cell] += instances;
      left -= instances;
    }
  }
  return allocation;
}

Allocation owl::assignment::placeLongestFirst(const Problem &problem) {
  return placeInOrder(problem, [&](const std::vector<Place> &places) {
    double least = kUnlimited;
    for (const Place &place : places)
      least = std::min(least, problem.rates.time[place.entry]);
    return least;
  });
}

double owl::assignment::getWholeMakespan(const Problem &problem,
                                         const Rules &rules) {
  return measure(problem, rules, placeLongestFirst(problem)).makespan;
}

Allocation owl::assignment::placeByHeft(const Problem &problem) {
  return placeInOrder(problem, [&](const std::vector<Place> &places) {
    double sum = 0;
    for (const Place &place : places)
      sum += problem.rates.time[place.entry];
    return sum / places.size();
  });
}

/// Solves `program`, whose objective is about 1.
static std::optional<Allocation> solve(const BlockProgram &program,
                                       const Rules &rules) {
  SoleParticipant alone;
  InteriorPoint method(program, alone);
  for (int step = 0; step != kMaxSteps && method.step(); ++step)
    if (method.getInfeasibility() < kAccuracy &&
        method.getGapEstimate() < kAccuracy)
      break;
  Allocation allocation = method.getAllocation();
  if (method.getGapEstimate() > 1e-4 ||
      verify(program.problem, rules, allocation))
    return std::nullopt;
  return allocation;
}

/// Everybody keeps the rules and what it has, and there is something to place.
static BlockProgram getProgram(const Problem &problem, const Rules &rules) {
  BlockProgram program(problem);
  program.addLimits(rules.deadline);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    program.addDisagreement(i);
    // Where a device can have no more than that, the method needs some room.
    program.devices[i].gain.offset -=
        1e-9 * std::abs(program.devices[i].gain.offset);
  }
  return program;
}

static bool hasWork(const Problem &problem) {
  return std::any_of(problem.categories.begin(), problem.categories.end(),
                     [](const Category &c) { return c.count > 0; });
}

/// The sum of the weighted utilities of all where each has the same share of
/// what it can run: a measure of what is to be expected.
static double getExpectation(const Problem &problem) {
  SoleParticipant alone;
  const EqualParts parts(problem, alone);
  double sum = 0;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    sum += problem.devices[i].count * problem.devices[i].weight *
           problem.getUtility(i, parts.getRow(i).data());
  return sum > 0 ? sum : 1;
}

std::optional<Allocation>
owl::assignment::placeUtilitarian(const Problem &problem, const Rules &rules) {
  if (!hasWork(problem))
    return Allocation(problem);
  BlockProgram program = getProgram(problem, rules);
  const double unit = 1 / getExpectation(problem);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    program.devices[i].bonus = problem.devices[i].weight * unit;
  return solve(program, rules);
}

std::optional<Allocation> owl::assignment::placeMaxMin(const Problem &problem,
                                                       const Rules &rules) {
  if (!hasWork(problem))
    return Allocation(problem);
  BlockProgram program = getProgram(problem, rules);
  double weight = 0;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    if (!rules.pinned[i])
      weight += problem.devices[i].count * problem.devices[i].weight;
  // The level is 1 where all together have what is to be expected.
  const double unit = weight > 0 ? getExpectation(problem) / weight : 0;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    if (!rules.pinned[i])
      program.devices[i].gain.level =
          problem.devices[i].count * problem.devices[i].weight * unit;
  program.hasLevel = weight > 0;
  program.levelCost = -1;
  program.levelStart = 1;
  return solve(program, rules);
}
