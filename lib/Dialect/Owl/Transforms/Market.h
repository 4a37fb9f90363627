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
#include "owl/Dialect/Owl/Analysis/Categories.h"
#include "owl/Dialect/Owl/Analysis/Pricing.h"

namespace mlir::owl {

namespace bargaining = ::owl::assignment;

struct MarketOptions {
  StringRef solver, utility;
  double slack;
};

/// The device of each group of a DataFlow.
using Assignment = std::vector<unsigned>;

class Market {
public:
  /// Fails, with a diagnostic at `loc`, for options that do not exist.
  static FailureOr<Market> create(Location loc, const DataFlow &flow,
                                  const Fleet &fleet,
                                  const MarketOptions &options);

  const Categories &getCategories() const { return categories; }
  const bargaining::Problem &getProblem() const { return problem; }
  /// What device `i` takes for the group, without transfers.
  const Price &getPrice(unsigned i, unsigned group) const {
    return prices[i][categories.getCategory(group)];
  }

  /// Every group where it is before anything is distributed.
  Assignment getHomes() const;

  /// Makes the time of an instance what it takes with its transfers, if all
  /// others are where `assignment` says: the mean over the instances of each
  /// category.
  void addTransfers(const Assignment &assignment);

  /// What is played: the problem, without the limit on time where somebody
  /// would have to give up what it has for that. Fails with a diagnostic.
  struct Game {
    bargaining::Problem problem;
    bargaining::Rules rules;
  };
  FailureOr<Game> prepare() const;
  /// The solution in fractions of instances, by the solver of the options.
  bargaining::Plan solve(const Game &game) const;

  /// How many instances of each category each device has.
  bargaining::Allocation count(const Assignment &assignment) const;

  /// Bargains, and chooses which instances each device gets: contiguous ones,
  /// such that few bytes go from one device to another. `around` says where the
  /// others are until they are chosen. Fails with a diagnostic.
  FailureOr<Assignment> bargain(const Assignment &around) const;

  /// When the last device has done all that `assignment` gives it, and received
  /// what it needs for that, in seconds.
  double getMakespan(const Assignment &assignment) const;

private:
  Market(Location loc, const DataFlow &flow, const Fleet &fleet)
      : loc(loc), flow(flow), fleet(fleet), categories(flow.getGroups()) {}

  LogicalResult choose(const MarketOptions &options);
  void setPrices(StringRef utility);
  void setDisagreement();
  InFlightDiagnostic fail(StringRef why) const;
  /// Says why the last device ends later than it might.
  void remarkDeadline(StringRef reason) const;
  /// Gives `category` to devices as often as `counts` says, one for each.
  void chooseInstances(unsigned category, ArrayRef<unsigned> counts,
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
  /// For each device and each category.
  std::vector<std::vector<Price>> prices;
  decltype(&bargaining::solveInteriorPoint) solver = nullptr;
};

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_MARKET_H
