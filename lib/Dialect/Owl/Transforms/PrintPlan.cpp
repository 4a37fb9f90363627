//===- PrintPlan.cpp - What an assignment is worth ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts the plan that groups carry beside the bound on all plans, and beside
// those that other ways to distribute the same work come to.
//
//===----------------------------------------------------------------------===//

#include "Market.h"
#include "owl/Assignment/Baselines.h"
#include "owl/Assignment/LocalSearch.h"
#include "owl/Assignment/Metrics.h"
#include "owl/Assignment/Rounding.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

namespace mlir::owl {
#define GEN_PASS_DEF_PRINTPLAN
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
/// One way to distribute the groups, if it comes to a plan.
struct Way {
  StringRef name;
  std::optional<Assignment> assignment;
};

/// All that there is to say. The first way is what groups carry.
struct Report {
  const Fleet &fleet;
  const Market &market;
  bargaining::Plan relaxed;
  SmallVector<Way> ways;

  const Assignment &getAssigned() const { return *ways.front().assignment; }
  bargaining::Metrics measure(const Assignment &assignment) const {
    return bargaining::measure(market.getProblem(), market.getRules(),
                               market.getGraph(), assignment);
  }
  bargaining::Allocation countAssigned() const {
    return bargaining::count(market.getProblem(), market.getGraph(),
                             getAssigned());
  }
  /// A plan that keeps all limits has no larger mean gain than the assigned one
  /// times this: infinite where somebody gains nothing.
  double getFactor() const {
    bargaining::Certificate certificate = relaxed.certificate;
    certificate.primal = measure(getAssigned()).nashLog;
    return 1 + certificate.getGap();
  }
  /// No plan ends sooner: 0 where nothing is known of that.
  double getLeastMakespan() const { return market.getRules().leastMakespan; }
  void printTable(raw_ostream &os) const;
  void printJson(raw_ostream &os) const;
  void printGraph(llvm::json::OStream &json) const;
};
} // namespace

/// What other ways come to. What knows of no transfers takes the groups for
/// that to be where they are first, and those that are not told which instances
/// to take choose them as a bargain does.
static void addOtherWays(const Market &market, const Market::Game &game,
                         SmallVectorImpl<Way> &ways) {
  const bargaining::Problem &problem = market.getProblem();
  const bargaining::TaskGraph &graph = market.getGraph();
  Assignment homes = market.getHomes();
  // These two need not come to an end, and end up with parts of groups. Whole
  // ones are found as for the bargain, from the same plan and what parts come
  // to, but for their own sake.
  auto addParts = [&](StringRef name,
                      const std::optional<bargaining::Allocation> &parts,
                      decltype(&bargaining::findMaxMinPlan) find) {
    if (!parts) {
      ways.push_back({name, std::nullopt});
      return;
    }
    Assignment rounded = market.choose(
        bargaining::roundByRemainders(game.problem, *parts), homes);
    ways.push_back({name, find(problem, market.getRules(), graph,
                               {market.getFastestForAll(), rounded}, {})});
  };
  ways.push_back(
      {"round-robin",
       market.choose(bargaining::placeRoundRobin(game.problem), homes)});
  ways.push_back(
      {"longest-first",
       market.choose(bargaining::placeLongestFirst(game.problem), homes)});
  ways.push_back({"heft", bargaining::placeByHeft(problem, graph).device});
  addParts("utilitarian",
           bargaining::placeUtilitarian(game.problem, game.rules),
           bargaining::findUtilitarianPlan);
  addParts("max-min", bargaining::placeMaxMin(game.problem, game.rules),
           bargaining::findMaxMinPlan);
  ways.push_back({"fastest", market.getFastest()});
  ways.push_back({"home", homes});
}

void Report::printTable(raw_ostream &os) const {
  const bargaining::Problem &problem = market.getProblem();
  bargaining::Allocation assigned = countAssigned();
  bargaining::Metrics metrics = measure(getAssigned());
  os << "device              utility  disagreement          gain       seconds "
        " "
        "groups\n";
  for (auto [i, device] : llvm::enumerate(problem.devices)) {
    double groups = 0;
    for (unsigned k = 0; k < problem.categories.size(); ++k)
      groups += assigned.row(i)[k];
    os << llvm::format("%-14s %12.6g  %12.6g  %12.6g  %12.6g  %6.0f\n",
                       device.name.c_str(), metrics.utility[i],
                       device.disagreement, metrics.gain[i], metrics.time[i],
                       groups);
  }
  os << "\ncategory         price  groups on each device\n";
  for (auto [k, category] : llvm::enumerate(problem.categories)) {
    os << llvm::format("%-12s %9.4g ", category.name.c_str(),
                       relaxed.prices.category[k]);
    for (unsigned i = 0; i < problem.devices.size(); ++i)
      os << llvm::format(" %.0f", assigned.row(i)[k]);
    os << '\n';
  }
  auto say = [](bool is) { return is ? "yes" : "no"; };
  os << "\nplan               makespan    total time    Nash log    Jain  "
        "rational  in time  in memory\n";
  for (const Way &way : ways) {
    if (!way.assignment) {
      os << llvm::format("%-14s none: the method does not converge\n",
                         way.name.str().c_str());
      continue;
    }
    bargaining::Metrics of = measure(*way.assignment);
    os << llvm::format("%-14s %12.6g  %12.6g  %10.5g  %6.4f  %-8s  %-7s  %s\n",
                       way.name.str().c_str(), of.makespan, of.totalTime,
                       of.nashLog, of.jain, say(of.individuallyRational),
                       say(of.keepsDeadline), say(of.keepsMemory));
  }
  os << llvm::format("limit %21.6g\n", market.getRules().deadline);
  if (getLeastMakespan() > 0)
    os << llvm::format("bound %21.6g %25.5g\n", getLeastMakespan(),
                       relaxed.certificate.dual);
  else
    os << llvm::format("bound %21s %25.5g\n", "-", relaxed.certificate.dual);
  os << "\nThe bound is that of the game in fractions of groups, without "
        "transfers.\n";
  if (std::isinf(getFactor()))
    os << "The geometric mean of the gains of the assigned plan is 0.\n";
  else
    os << llvm::format(
        "By it, no plan within the limits has a geometric mean of the gains "
        "larger than that\nof the assigned one by more than a factor of "
        "%.4g.\n",
        getFactor());
}

/// A number that JSON has, or null.
static llvm::json::Value toJson(double value) {
  return std::isfinite(value) ? llvm::json::Value(value) : nullptr;
}

/// All that the times of a plan follow from, beside those of categories.
/// Devices are numbers; nodes are groups, and after them what stays where it
/// is.
void Report::printGraph(llvm::json::OStream &json) const {
  const bargaining::TaskGraph &graph = market.getGraph();
  json.attributeArray("groups", [&] {
    for (auto [category, device] :
         llvm::zip_equal(graph.category, getAssigned()))
      json.object([&, category = category, device = device] {
        json.attribute("category", category);
        json.attribute("device", device);
      });
  });
  json.attributeArray("fixed", [&] {
    for (int32_t device : graph.fixed)
      json.value(device);
  });
  json.attributeArray("values", [&] {
    for (const bargaining::TaskGraph::Value &value : graph.values)
      json.object([&] {
        json.attribute("maker", value.maker);
        json.attribute("users", llvm::json::Array(value.users));
        json.attribute("bytes", value.bytes);
      });
  });
  json.attributeArray("transfers", [&] {
    for (unsigned from = 0; from < fleet.size(); ++from)
      for (unsigned to = 0; to < fleet.size(); ++to)
        if (from != to && fleet.isReachable(from, to))
          json.object([&] {
            json.attribute("from", from);
            json.attribute("to", to);
            json.attribute("latency", fleet.getLatency(from, to));
            json.attribute("seconds_per_byte",
                           fleet.getSecondsPerByte(from, to));
          });
  });
}

void Report::printJson(raw_ostream &os) const {
  const bargaining::Problem &problem = market.getProblem();
  bargaining::Allocation assigned = countAssigned();
  bargaining::Metrics metrics = measure(getAssigned());
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attributeArray("devices", [&] {
      for (auto [i, device] : llvm::enumerate(problem.devices))
        json.object([&, i = i, &device = device] {
          json.attribute("name", device.name);
          json.attribute("utility", toJson(metrics.utility[i]));
          json.attribute("disagreement", toJson(device.disagreement));
          json.attribute("gain", toJson(metrics.gain[i]));
          json.attribute("seconds", toJson(metrics.time[i]));
          json.attribute("pinned", bool(market.getRules().pinned[i]));
          json.attributeArray("allocation", [&] {
            for (unsigned k = 0; k < problem.categories.size(); ++k)
              json.value(assigned.row(i)[k]);
          });
        });
    });
    json.attributeArray("categories", [&] {
      for (auto [k, category] : llvm::enumerate(problem.categories))
        json.object([&, k = k, &category = category] {
          json.attribute("name", category.name);
          json.attribute("count", category.count);
          json.attribute("price", toJson(relaxed.prices.category[k]));
          json.attributeArray("seconds", [&] {
            for (unsigned i = 0; i < problem.devices.size(); ++i)
              json.value(toJson(problem.rates.time[problem.begin(i) + k]));
          });
        });
    });
    printGraph(json);
    json.attributeObject("certificate", [&] {
      json.attribute("primal", toJson(relaxed.certificate.primal));
      json.attribute("dual", toJson(relaxed.certificate.dual));
      json.attribute("gap", toJson(relaxed.certificate.getGap()));
    });
    json.attribute("factor", toJson(getFactor()));
    json.attribute("least_makespan", getLeastMakespan() > 0
                                         ? toJson(getLeastMakespan())
                                         : nullptr);
    json.attribute("deadline", toJson(market.getRules().deadline));
    json.attributeArray("plans", [&] {
      for (const Way &way : ways) {
        json.object([&] {
          json.attribute("name", way.name);
          json.attribute("found", way.assignment.has_value());
          if (!way.assignment)
            return;
          bargaining::Metrics of = measure(*way.assignment);
          json.attribute("makespan", toJson(of.makespan));
          json.attribute("total_time", toJson(of.totalTime));
          json.attribute("total_utility", toJson(of.totalUtility));
          json.attribute("least_gain", toJson(of.leastGain));
          json.attribute("nash_log", toJson(of.nashLog));
          json.attribute("jain", toJson(of.jain));
          json.attribute("individually_rational", of.individuallyRational);
          json.attribute("keeps_deadline", of.keepsDeadline);
          json.attribute("keeps_memory", of.keepsMemory);
        });
      }
    });
  });
  os << '\n';
}

namespace {
struct PrintPlan : public mlir::owl::impl::PrintPlanBase<PrintPlan> {
  using PrintPlanBase::PrintPlanBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(print(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult print(ModuleOp module) {
    if (table && json)
      return emitError(module.getLoc())
             << "expected either table or json, not both";
    Fleet fleet(module);
    SmallVector<func::FuncOp> functions;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal()) {
        if (failed(verifyDistributable(function)))
          return failure();
        functions.push_back(function);
      }
    if (fleet.size() == 0)
      return emitError(module.getLoc()) << "expects an owl.device";
    DataFlow flow(functions, fleet);
    if (failed(flow.verifyReachable(fleet)))
      return failure();
    if (flow.getGroups().empty())
      emitWarning(module.getLoc())
          << "there are no groups: owl-assign-devices makes them";
    Assignment assignment;
    for (GroupOp group : flow.getGroups()) {
      if (!group.getDeviceAttr())
        return group.emitOpError("expects a device: owl-assign-devices chooses "
                                 "one");
      assignment.push_back(*fleet.lookup(group.getDeviceAttr().getAttr()));
    }
    FailureOr<Market> market =
        Market::create(module.getLoc(), flow, fleet, {solver, utility, slack});
    if (failed(market))
      return failure();
    FailureOr<Market::Game> game = market->price(market->getHomes());
    if (failed(game))
      return failure();
    Report report = {fleet,
                     *market,
                     market->solve({market->getProblem(), market->getRules()}),
                     {{"assigned", assignment}}};
    addOtherWays(*market, *game, report.ways);
    if (json)
      report.printJson(llvm::outs());
    else
      report.printTable(llvm::outs());
    return success();
  }
};
} // namespace
