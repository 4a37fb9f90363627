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
/// One way to distribute the groups; nothing where that does not come to an
/// end.
struct Way {
  StringRef name;
  std::optional<bargaining::Allocation> allocation;
};

/// All that there is to say.
struct Report {
  const Market &market;
  const Market::Game &game;
  bargaining::Plan relaxed;
  SmallVector<Way> ways;

  bargaining::Metrics measure(const bargaining::Allocation &allocation) const {
    return bargaining::measure(game.problem, game.rules, allocation);
  }
  void printTable(raw_ostream &os) const;
  void printJson(raw_ostream &os) const;
};
} // namespace

/// The same groups as tasks that wait for one another.
static bargaining::Allocation
placeByHeft(const Market &market, const DataFlow &flow, const Fleet &fleet) {
  bargaining::TaskGraph graph;
  unsigned count = flow.getGroups().size();
  for (unsigned group = 0; group < count; ++group)
    graph.category.push_back(market.getCategories().getCategory(group));
  for (const DataFlow::Edge &edge : flow.getEdges())
    // Of groups that an op outside of them makes wait for one another, the
    // first does not.
    if (edge.from < edge.to && edge.to < count)
      graph.edges.push_back({int32_t(edge.from), int32_t(edge.to), edge.bytes});
  graph.getSeconds = [&](int32_t from, int32_t to, double bytes) {
    return fleet.getTransferTime(from, to, bytes);
  };
  return bargaining::placeByHeft(market.getProblem(), graph).allocation;
}

/// `parts` in whole groups, which is what all other ways share out.
static std::optional<bargaining::Allocation>
makeWhole(const bargaining::Problem &problem,
          const std::optional<bargaining::Allocation> &parts) {
  if (!parts)
    return std::nullopt;
  return bargaining::roundByRemainders(problem, *parts);
}

void Report::printTable(raw_ostream &os) const {
  const bargaining::Problem &problem = game.problem;
  const bargaining::Allocation &assigned = *ways.front().allocation;
  bargaining::Metrics metrics = measure(assigned);
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
    if (!way.allocation)
      continue;
    bargaining::Metrics of = measure(*way.allocation);
    os << llvm::format("%-14s %12.6g  %12.6g  %10.5g  %6.4f  %s\n",
                       way.name.str().c_str(), of.makespan, of.totalTime,
                       of.nashLog, of.jain,
                       of.individuallyRational ? "yes" : "no");
  }
  os << llvm::format("limit %21.6g\n", game.rules.deadline);
  os << llvm::format("bound %47.5g\n", relaxed.certificate.dual);
}

/// A number that JSON has, or null.
static llvm::json::Value toJson(double value) {
  return std::isfinite(value) ? llvm::json::Value(value) : nullptr;
}

void Report::printJson(raw_ostream &os) const {
  const bargaining::Problem &problem = game.problem;
  const bargaining::Allocation &assigned = *ways.front().allocation;
  bargaining::Metrics metrics = measure(assigned);
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
          json.attribute("pinned", bool(game.rules.pinned[i]));
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
    json.attribute("least_makespan", toJson(game.rules.leastMakespan));
    json.attribute("deadline", toJson(game.rules.deadline));
    json.attributeArray("plans", [&] {
      for (const Way &way : ways) {
        if (!way.allocation)
          continue;
        bargaining::Metrics of = measure(*way.allocation);
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
    market->addTransfers(assignment);
    FailureOr<Market::Game> game = market->prepare();
    if (failed(game))
      return failure();
    const bargaining::Problem &problem = game->problem;
    Report report = {
        *market,
        *game,
        market->solve(*game),
        {{"assigned", market->count(assignment)},
         {"round-robin", bargaining::placeRoundRobin(problem)},
         {"longest-first", bargaining::placeLongestFirst(problem)},
         {"heft", placeByHeft(*market, flow, fleet)},
         {"utilitarian", makeWhole(problem, bargaining::placeUtilitarian(
                                                problem, game->rules))},
         {"max-min",
          makeWhole(problem, bargaining::placeMaxMin(problem, game->rules))},
         {"home", market->count(market->getHomes())}}};
    if (json)
      report.printJson(llvm::outs());
    else
      report.printTable(llvm::outs());
    return success();
  }
};
} // namespace
