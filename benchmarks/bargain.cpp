//===- bargain.cpp - How long bargaining takes ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Solves one random problem and prints what it took as a line of JSON. See
// bargain.py, which runs it.
//
//   owl-bargain-benchmark SOLVER DEVICES CATEGORIES DENSITY KINDS GAP THREADS
//                         ROUNDS
//
// The devices are of KINDS kinds, 0 for as many as there are. A kind runs a
// category with a probability of DENSITY, and gains uniformly from 0.05 to 1.05
// by an instance. With a list of gaps, as in 1e-2,1e-4, the solver goes for the
// last, and there is a line for when each was reached.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Collapse.h"
#include "owl/Assignment/Shard.h"
#include "owl/Assignment/Solvers.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sys/resource.h>

using namespace owl::assignment;

namespace {
using Clock = std::chrono::steady_clock;
using Solver = Plan (*)(const Problem &, const Rules &, const SolverOptions &,
                        Exchange &);

struct Setting {
  Solver solver;
  int32_t devices, categories, kinds;
  double density;
  std::vector<double> gaps;
  int threads;
  int64_t rounds;
};
} // namespace

static double getSeconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

/// The devices from `begin` to `end` of the problem. Each kind has a seed of
/// its own, so that every participant draws the same.
static Problem draw(const Setting &setting, int32_t begin, int32_t end) {
  Problem problem;
  for (int32_t k = 0; k < setting.categories; ++k)
    problem.categories.push_back({"c" + std::to_string(k), 1000, 0});
  Rates &rates = problem.rates;
  int32_t kinds = setting.kinds ? setting.kinds : setting.devices;
  std::vector<int32_t> rowOf(kinds, -1);
  for (int32_t i = begin; i < end; ++i) {
    Device device;
    device.name = "d" + std::to_string(i);
    int32_t &row = rowOf[i % kinds];
    if (row < 0) {
      row = rates.getNumRows();
      std::mt19937_64 engine(1 + i % kinds);
      auto uniform = [&] { return (engine() >> 11) * 0x1p-53; };
      for (int32_t k = 0; k < setting.categories; ++k) {
        if (uniform() >= setting.density && i % kinds != k % kinds)
          continue;
        rates.category.push_back(k);
        rates.gain.push_back(0.05 + uniform());
      }
      rates.start.push_back(rates.category.size());
    }
    device.row = row;
    problem.devices.push_back(std::move(device));
  }
  return problem;
}

static void print(int64_t rounds, double seconds, double gap) {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"rounds\": %lld, \"seconds\": %.4g, \"gap\": %.4g, "
              "\"megabytes\": %ld}\n",
              static_cast<long long>(rounds), seconds, gap,
              usage.ru_maxrss / 1024);
  std::fflush(stdout);
}

/// What a participant does with its problem. The time is from when it has it.
static void solve(const Setting &setting, const Problem &problem,
                  Exchange &exchange, Clock::time_point start) {
  Prepared prepared = prepare(problem, exchange);
  SolverOptions options;
  options.gap = setting.gaps.back();
  options.maxRounds = setting.rounds;
  size_t reached = 0;
  if (setting.gaps.size() > 1)
    options.progress = [&](const Progress &progress) {
      double gap = progress.certificate.getGap();
      for (; reached + 1 < setting.gaps.size() && gap <= setting.gaps[reached];
           ++reached)
        print(progress.round, getSeconds(start), gap);
    };
  Plan plan = setting.solver(problem, prepared.rules, options, exchange);
  if (exchange.getRank() == 0)
    print(plan.rounds, getSeconds(start), plan.certificate.getGap());
}

int main(int argc, char **argv) {
  const std::pair<const char *, Solver> solvers[] = {
      {"interior-point", solveInteriorPoint},
      {"newton", solveDistributedNewton},
      {"subgradient", solveSubgradient},
      {"proportional-response", solveProportionalResponse},
  };
  const auto *solver =
      std::find_if(std::begin(solvers), std::end(solvers), [&](auto &each) {
        return argc == 9 && !strcmp(each.first, argv[1]);
      });
  if (solver == std::end(solvers)) {
    std::fputs("usage: see the head of bargain.cpp\n", stderr);
    return 1;
  }
  Setting setting{solver->second,     std::atoi(argv[2]), std::atoi(argv[3]),
                  std::atoi(argv[5]), std::atof(argv[4]), {},
                  std::atoi(argv[7]), std::atoll(argv[8])};
  for (char *gap = std::strtok(argv[6], ","); gap;
       gap = std::strtok(nullptr, ","))
    setting.gaps.push_back(std::atof(gap));

  if (setting.kinds) {
    // Devices that are alike are put together: how long that takes counts.
    Problem problem = draw(setting, 0, setting.devices);
    auto start = Clock::now();
    Collapsed collapsed = collapse(problem);
    SoleParticipant sole;
    solve(setting, collapsed.problem, sole, start);
    return 0;
  }
  runShards(setting.threads, [&](Exchange &exchange) {
    int rank = exchange.getRank(), size = exchange.getSize();
    Problem problem = draw(setting, getShardBegin(setting.devices, rank, size),
                           getShardBegin(setting.devices, rank + 1, size));
    // All begin when the last has drawn its part.
    double ready = 0;
    exchange.sum(&ready, 1);
    solve(setting, problem, exchange, Clock::now());
  });
}
