//===- Market.h - Groups and devices as a bargaining problem ----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only place that knows both MLIR and owl::assignment.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_OWL_TRANSFORMS_MARKET_H
#define LIB_DIALECT_OWL_TRANSFORMS_MARKET_H

#include "DataFlow.h"
#include "owl/Assignment/Solvers.h"
#include "owl/Assignment/TaskGraph.h"
#include "owl/Dialect/Owl/Analysis/Categories.h"
#include "owl/Dialect/Owl/Analysis/Pricing.h"

namespace mlir::owl {

namespace bargaining = ::owl::assignment;

struct MarketOptions {
  StringRef solver, utility;
  double slack;
};

/// The device of each group of a DataFlow.
using Assignment = bargaining::TaskPlan;

class Market {
public:
  /// Fails with a diagnostic at `loc`: for options that do not exist, and where
  /// there can be no plan.
  static FailureOr<Market> create(Location loc, const DataFlow &flow,
                                  const Fleet &fleet,
                                  const MarketOptions &options);

  const Categories &getCategories() const { return categories; }
  /// What device `i` takes for the group, without transfers.
  const Price &getPrice(unsigned i, unsigned group) const {
    return prices[i][categories.getCategory(group)];
  }

  /// The problem without transfers, and its rules: their limit, which follows
  /// from the fastest plan for all, is on the time with transfers.
  const bargaining::Problem &getProblem() const { return problem; }
  const bargaining::Rules &getRules() const { return rules; }
  /// The same groups as tasks.
  const bargaining::TaskGraph &getGraph() const { return graph; }

  /// Every group where it is before anything is distributed.
  Assignment getHomes() const;
  /// The plan whose last device ends first, of those that are found: whoever
  /// loses by it, or of those in which nobody has less than at home.
  const Assignment &getFastest() const { return fastest; }
  const Assignment &getFastestForAll() const { return fastestForAll; }
  double getMakespan(const Assignment &assignment) const;

  /// A problem and its rules.
  struct Game {
    bargaining::Problem problem;
    bargaining::Rules rules;
  };
  /// The game with the time of an instance being what it takes with its
  /// transfers, if all others are where `around` says: the mean over the
  /// instances of each category. Fails with a diagnostic.
  FailureOr<Game> price(const Assignment &around) const;
  /// The solution in fractions of instances, by the solver of the options.
  bargaining::Plan solve(const Game &game) const;
  /// Chooses which instances each device gets: those that it has in `around`,
  /// and contiguous ones, such that few bytes go from one device to another.
  Assignment choose(const bargaining::Allocation &whole,
                    const Assignment &around) const;

  /// Bargains in the game that `around` prices. Fails with a diagnostic.
  FailureOr<Assignment> bargain(const Assignment &around) const;
  /// What becomes of the best of `starts` if groups move, few at a time: see
  /// findFairPlan. The `last` time is worth more effort.
  Assignment improve(ArrayRef<Assignment> starts, bool last = false) const;
  /// Refuses an assignment that breaks a rule, with a diagnostic, and remarks
  /// on one that takes longer than the slack allows.
  LogicalResult verify(const Assignment &assignment) const;

private:
  Market(Location loc, const DataFlow &flow, const Fleet &fleet)
      : loc(loc), flow(flow), fleet(fleet), categories(flow.getGroups()) {}

  LogicalResult readOptions(const MarketOptions &options);
  void setPrices(StringRef utility);
  void setDisagreement();
  void setGraph();
  void setLimit();
  InFlightDiagnostic fail(StringRef why) const;
  /// Says why the last device ends as late as that.
  void remarkDeadline(double makespan) const;
  /// The rules of `problem`, whose times may have transfers in them.
  FailureOr<bargaining::Rules>
  prepare(const bargaining::Problem &problem) const;
  /// Gives `category` to devices as often as `counts` says, one for each.
  void choose(unsigned category, ArrayRef<unsigned> counts,
              Assignment &assignment) const;
  /// Where `node`, which need not be a group, is.
  unsigned getDevice(unsigned node, const Assignment &assignment) const {
    return node < assignment.size() ? assignment[node] : flow.getHome(node);
  }

  Location loc;
  const DataFlow &flow;
  const Fleet &fleet;
  Categories categories;
  bargaining::Problem problem;
  bargaining::Rules rules;
  bargaining::TaskGraph graph;
  /// For each device and each category.
  std::vector<std::vector<Price>> prices;
  decltype(&bargaining::solveInteriorPoint) solver = nullptr;
  bargaining::SolverOptions solverOptions;
  Assignment fastest, fastestForAll;
  /// By when the last device has to be done.
  double limit = 0;
};

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_MARKET_H
