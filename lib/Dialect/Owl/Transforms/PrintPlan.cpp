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
/// One way to distribute the groups.
struct Way {
  StringRef name;
  Assignment assignment;
};

/// All that there is to say. The first way is what groups carry.
struct Report {
  const Market &market;
  bargaining::Plan relaxed;
  SmallVector<Way> ways;

  bargaining::Metrics measure(const Way &way) const {
    return bargaining::measure(market.getProblem(), market.getRules(),
                               market.getGraph(), way.assignment);
  }
  bargaining::Allocation countAssigned() const {
    return bargaining::count(market.getProblem(), market.getGraph(),
                             ways.front().assignment);
  }
  void printTable(raw_ostream &os) const;
  void printJson(raw_ostream &os) const;
};
} // namespace

/// What other ways come to. What knows of no transfers takes the groups for
/// that to be where they are first, and those that are not told which instances
/// to take choose them as a bargain does.
static void addOtherWays(const Market &market, const Market::Game &game,
                         SmallVectorImpl<Way> &ways) {
  Assignment homes = market.getHomes();
  auto add = [&](StringRef name, const bargaining::Allocation &allocation) {
    ways.push_back({name, market.choose(allocation, homes)});
  };
  // These two need not come to an end, and end up with parts of groups.
  auto addParts = [&](StringRef name,
                      const std::optional<bargaining::Allocation> &parts) {
    if (parts)
      add(name, bargaining::roundByRemainders(game.problem, *parts));
  };
  add("round-robin", bargaining::placeRoundRobin(game.problem));
  add("longest-first", bargaining::placeLongestFirst(game.problem));
  ways.push_back(
      {"heft",
       bargaining::placeByHeft(market.getProblem(), market.getGraph()).device});
  addParts("utilitarian",
           bargaining::placeUtilitarian(game.problem, game.rules));
  addParts("max-min", bargaining::placeMaxMin(game.problem, game.rules));
  ways.push_back({"fastest", market.getFastest()});
  ways.push_back({"home", homes});
}

void Report::printTable(raw_ostream &os) const {
  const bargaining::Problem &problem = market.getProblem();
  bargaining::Allocation assigned = countAssigned();
  bargaining::Metrics metrics = measure(ways.front());
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
  os << "\nplan               makespan    total time    Nash log    Jain  "
        "rational\n";
  for (const Way &way : ways) {
    bargaining::Metrics of = measure(way);
    os << llvm::format("%-14s %12.6g  %12.6g  %10.5g  %6.4f  %s\n",
                       way.name.str().c_str(), of.makespan, of.totalTime,
                       of.nashLog, of.jain,
                       of.individuallyRational ? "yes" : "no");
  }
  os << llvm::format("limit %21.6g\n", market.getRules().deadline);
  os << llvm::format("bound %47.5g\n", relaxed.certificate.dual);
}

/// A number that JSON has, or null.
static llvm::json::Value toJson(double value) {
  return std::isfinite(value) ? llvm::json::Value(value) : nullptr;
}

void Report::printJson(raw_ostream &os) const {
  const bargaining::Problem &problem = market.getProblem();
  bargaining::Allocation assigned = countAssigned();
  bargaining::Metrics metrics = measure(ways.front());
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
        });
    });
    json.attributeObject("certificate", [&] {
      json.attribute("primal", toJson(relaxed.certificate.primal));
      json.attribute("dual", toJson(relaxed.certificate.dual));
      json.attribute("gap", toJson(relaxed.certificate.getGap()));
    });
    json.attribute("least_makespan",
                   toJson(market.getMakespan(market.getFastest())));
    json.attribute("deadline", toJson(market.getRules().deadline));
    json.attributeArray("plans", [&] {
      for (const Way &way : ways) {
        bargaining::Metrics of = measure(way);
        json.object([&] {
          json.attribute("name", way.name);
          json.attribute("makespan", toJson(of.makespan));
          json.attribute("total_time", toJson(of.totalTime));
          json.attribute("nash_log", toJson(of.nashLog));
          json.attribute("jain", toJson(of.jain));
          json.attribute("individually_rational", of.individuallyRational);
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
    Report report = {*market,
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
