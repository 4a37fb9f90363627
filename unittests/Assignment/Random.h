//===- Random.h - Small problems for the tests ------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Problems written as dense matrices, and random ones that are the same on
// every machine.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_RANDOM_H
#define OWL_ASSIGNMENT_RANDOM_H

#include "owl/Assignment/Solvers.h"
#include <random>

namespace owl::assignment {

/// Not std::uniform_..._distribution, which differs between libraries.
class Random {
public:
  explicit Random(uint32_t seed) : engine(seed) {}
  /// From [low, high).
  double real(double low, double high) {
    return low + (high - low) * (engine() * 0x1p-32);
  }
  /// From low to high, both included.
  int integer(int low, int high) {
    return low + int(engine() % uint32_t(high - low + 1));
  }
  /// Whether something happens that has this chance.
  bool chance(double probability) { return real(0, 1) < probability; }

private:
  std::mt19937 engine;
};

/// N devices with rows of K gains, and T_k of each category.
inline Problem makeProblem(const std::vector<std::vector<double>> &gain,
                           const std::vector<double> &counts) {
  Problem problem;
  for (size_t k = 0; k != counts.size(); ++k)
    problem.categories.push_back({"c" + std::to_string(k), counts[k], 0});
  for (size_t i = 0; i != gain.size(); ++i) {
    Device device;
    device.name = "d" + std::to_string(i);
    device.row = i;
    problem.devices.push_back(device);
    for (size_t k = 0; k != counts.size(); ++k) {
      problem.rates.category.push_back(k);
      problem.rates.gain.push_back(gain[i][k]);
    }
    problem.rates.start.push_back(problem.rates.category.size());
  }
  return problem;
}

/// Any way of placing everything, in fractions or `whole`.
inline Allocation placeAnyhow(const Problem &problem, Random &random,
                              bool whole = false) {
  Allocation allocation(problem);
  for (int32_t k = 0; k != problem.getNumCategories(); ++k) {
    std::vector<double *> places;
    for (int32_t i = 0; i != problem.getNumDevices(); ++i)
      for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
        if (problem.rates.category[e] == k)
          places.push_back(allocation.row(i) + (e - problem.begin(i)));
    const double count = problem.categories[k].count;
    if (whole) {
      for (int instance = 0; instance != count; ++instance)
        ++*places[random.integer(0, places.size() - 1)];
      continue;
    }
    double sum = 0;
    for (double *place : places)
      sum += *place = random.chance(0.3) ? 0 : random.real(0, 1);
    for (double *place : places)
      *place = sum > 0 ? *place * count / sum : count / places.size();
  }
  return allocation;
}

inline SolverOptions getOptions(double gap, int64_t maxRounds) {
  SolverOptions options;
  options.gap = gap;
  options.maxRounds = maxRounds;
  return options;
}

/// A problem of any sort: with or without each thing that there is.
inline Problem drawProblem(Random &random) {
  const int sizes[] = {1, 2, 3, 5, 8, 20, 60};
  int devices = sizes[random.integer(0, 6)];
  int categories = sizes[random.integer(0, 6)];
  double density = random.chance(0.5) ? 1 : 0.4;
  bool timed = random.chance(0.5), limited = random.chance(0.5);
  bool home = random.chance(0.5), diminishing = random.chance(0.4);
  Problem problem;
  double work = 0;
  for (int k = 0; k < categories; ++k) {
    Category category{"c" + std::to_string(k), double(random.integer(1, 20)),
                      limited ? random.real(0.1, 1) : 0};
    work += category.count * category.memory;
    problem.categories.push_back(category);
  }
  Rates &rates = problem.rates;
  for (int i = 0; i < devices; ++i) {
    Device device;
    device.name = "d" + std::to_string(i);
    device.row = i;
    device.count = random.chance(0.2) ? random.integer(2, 9) : 1;
    device.weight = random.chance(0.3) ? random.real(0.2, 5) : 1;
    if (limited && random.chance(0.7))
      device.memory = work / devices * random.real(0.9, 3);
    for (int k = 0; k < categories; ++k) {
      if (!random.chance(density) && k % devices != i)
        continue;
      rates.category.push_back(k);
      rates.gain.push_back(random.chance(0.2) ? 0 : random.real(0, 1));
      if (timed)
        rates.time.push_back(random.real(0.05, 1) * (1 + i % 7));
      if (diminishing)
        rates.saturation.push_back(problem.categories[k].count *
                                   random.real(0.1, 1));
    }
    rates.start.push_back(rates.category.size());
    problem.devices.push_back(device);
  }
  if (diminishing)
    problem.utility = Utility::Diminishing;
  problem.slack = home ? 4 : 0.1;
  // Category k is at home on device k mod N, which keeps 0.7 of what that is
  // worth.
  for (int i = 0; home && i < devices; ++i) {
    std::vector<double> instances;
    for (int64_t e = problem.begin(i); e < problem.end(i); ++e) {
      int32_t k = rates.category[e];
      instances.push_back(k % devices == i ? problem.categories[k].count : 0);
    }
    problem.devices[i].disagreement =
        0.7 * problem.getUtility(i, instances.data());
  }
  return problem;
}

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_RANDOM_H
