//===- Market.cpp - Groups and devices as a bargaining problem ------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Market.h.
//
//===----------------------------------------------------------------------===//

#include "Market.h"
#include "mlir/IR/Remarks.h"
#include "owl/Assignment/Baselines.h"
#include "owl/Assignment/LocalSearch.h"
#include "owl/Assignment/Rounding.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// The problem
//===----------------------------------------------------------------------===//

FailureOr<Market> Market::create(Location loc, const DataFlow &flow,
                                 const Fleet &fleet,
                                 const MarketOptions &options) {
  Market market(loc, flow, fleet);
  if (failed(market.readOptions(options)))
    return failure();
  market.setPrices(options.utility);
  market.setDisagreement();
  if (std::optional<std::string> wrong = market.problem.validate())
    return market.fail(*wrong);
  market.setGraph();
  market.setLimit();
  FailureOr<bargaining::Rules> rules = market.prepare(market.problem);
  if (failed(rules))
    return failure();
  market.rules = std::move(*rules);
  market.rules.deadline = market.limit;
  return market;
}

LogicalResult Market::readOptions(const MarketOptions &options) {
  solver = llvm::StringSwitch<decltype(solver)>(options.solver)
               .Case("interior-point", bargaining::solveInteriorPoint)
               .Case("distributed-newton", bargaining::solveDistributedNewton)
               .Case("subgradient", bargaining::solveSubgradient)
               .Default(nullptr);
  if (!solver)
    return emitError(loc) << "expected solver to be interior-point, "
                             "distributed-newton or subgradient, got '"
                          << options.solver << "'";
  if (options.solver == "subgradient")
    solverOptions.gap = bargaining::kFirstOrderGap;
  if (!llvm::is_contained({"capped", "saved-bytes", "diminishing"},
                          options.utility))
    return emitError(loc) << "expected utility to be capped, saved-bytes or "
                             "diminishing, got '"
                          << options.utility << "'";
  if (std::isnan(options.slack) || options.slack < 0)
    return emitError(loc) << "expected slack to be a number that is not "
                             "negative, got "
                          << options.slack;
  problem.slack = options.slack;
  return success();
}

void Market::setPrices(StringRef utility) {
  SmallVector<GroupPricing> pricings;
  for (unsigned k = 0; k < categories.size(); ++k) {
    ArrayRef<unsigned> instances = categories.getInstances(k);
    const GroupPricing &pricing =
        pricings.emplace_back(flow.getGroups()[instances.front()]);
    problem.categories.push_back({"group " + std::to_string(k),
                                  double(instances.size()),
                                  pricing.getMemory()});
  }
  bargaining::Rates &rates = problem.rates;
  for (unsigned i = 0; i < fleet.size(); ++i) {
    DeviceOp op = fleet.getDevice(i);
    bargaining::Device &device = problem.devices.emplace_back();
    device.name = op.getSymName().str();
    device.weight = op.getWeight() ? op.getWeight()->convertToDouble() : 1;
    device.memory = fleet.getMachine(i).memory;
    device.row = i;
    std::vector<Price> &row = prices.emplace_back();
    for (auto [k, pricing] : llvm::enumerate(pricings)) {
      const Price &price =
          row.emplace_back(pricing.choose(fleet.getMachine(i)));
      rates.category.push_back(k);
      rates.time.push_back(price.seconds);
      rates.gain.push_back(utility == "saved-bytes" ? pricing.getSavedBytes()
                                                    : price.saved);
      // Of all instances the last is worth half of the first.
      if (utility == "diminishing")
        rates.saturation.push_back(problem.categories[k].count);
    }
    rates.start.push_back(rates.category.size());
  }
  if (utility == "diminishing")
    problem.utility = bargaining::Utility::Diminishing;
}

Assignment Market::getHomes() const {
  Assignment homes;
  for (unsigned group = 0; group < flow.getGroups().size(); ++group)
    homes.push_back(flow.getHome(group));
  return homes;
}

void Market::setDisagreement() {
  bargaining::Allocation known(problem);
  for (unsigned group = 0; group < flow.getGroups().size(); ++group)
    if (flow.hasHome(group))
      known.row(flow.getHome(group))[categories.getCategory(group)] += 1;
  for (auto [i, device] : llvm::enumerate(problem.devices))
    device.disagreement = problem.getUtility(i, known.row(i));
}

void Market::setGraph() {
  unsigned count = flow.getGroups().size();
  for (unsigned group = 0; group < count; ++group) {
    graph.category.push_back(categories.getCategory(group));
    graph.home.push_back(flow.hasHome(group) ? int(flow.getHome(group)) : -1);
  }
  for (unsigned node = count; node < flow.getNumNodes(); ++node)
    graph.fixed.push_back(flow.getHome(node));
  DenseMap<Value, unsigned> numbers;
  DenseSet<std::pair<unsigned, unsigned>> uses;
  for (const DataFlow::Edge &edge : flow.getEdges()) {
    auto [it, isNew] = numbers.try_emplace(edge.value, graph.values.size());
    if (isNew)
      graph.values.push_back({int32_t(edge.from), {}, edge.bytes});
    if (uses.insert({it->second, edge.to}).second)
      graph.values[it->second].users.push_back(edge.to);
  }
  graph.getSeconds = [&fleet = fleet](int32_t from, int32_t to, double bytes) {
    return fleet.getTransferTime(from, to, bytes);
  };
}

double Market::getMakespan(const Assignment &assignment) const {
  bargaining::Rules none;
  none.pinned.assign(fleet.size(), false);
  return bargaining::measure(problem, none, graph, assignment).makespan;
}

/// The limit is on whole groups with what they send: the fastest plan for it is
/// looked for among these.
void Market::setLimit() {
  Assignment homes = getHomes();
  bargaining::Problem selfless = problem;
  for (bargaining::Device &device : selfless.devices)
    device.disagreement = 0;
  fastest = fastestForAll = bargaining::findFastPlan(
      selfless, graph,
      {homes, bargaining::placeByHeft(problem, graph).device,
       choose(bargaining::placeLongestFirst(problem), homes)});
  // Nobody has to give up what it has so that another one ends sooner.
  if (llvm::any_of(problem.devices, [](const bargaining::Device &device) {
        return device.disagreement > 0;
      }))
    fastestForAll = bargaining::findFastPlan(problem, graph, {homes, fastest});
  limit = std::isinf(problem.slack)
              ? bargaining::kUnlimited
              : getMakespan(fastestForAll) * (1 + problem.slack);
}

//===----------------------------------------------------------------------===//
// Bargaining
//===----------------------------------------------------------------------===//

InFlightDiagnostic Market::fail(StringRef why) const {
  return emitError(loc) << "cannot distribute the groups: " << why;
}

FailureOr<bargaining::Rules>
Market::prepare(const bargaining::Problem &problem) const {
  bargaining::SoleParticipant alone;
  bargaining::Prepared prepared = bargaining::prepare(problem, alone, limit);
  if (prepared.error && problem.isTimed()) {
    // Transfers take less in some plan than they do on average.
    bargaining::Problem untimed = problem;
    untimed.slack = bargaining::kUnlimited;
    prepared = bargaining::prepare(untimed, alone);
  }
  if (prepared.error)
    return fail(*prepared.error);
  return std::move(prepared.rules);
}

FailureOr<Market::Game> Market::price(const Assignment &around) const {
  Game game = {problem, {}};
  for (unsigned i = 0; i < fleet.size(); ++i)
    for (unsigned k = 0; k < categories.size(); ++k) {
      ArrayRef<unsigned> instances = categories.getInstances(k);
      double seconds = 0;
      for (unsigned group : instances)
        for (unsigned number : flow.getEdges(group)) {
          const DataFlow::Edge &edge = flow.getEdges()[number];
          unsigned from = edge.from == group ? i : getDevice(edge.from, around);
          unsigned to = edge.to == group ? i : getDevice(edge.to, around);
          seconds += fleet.getTransferTime(from, to, edge.bytes);
        }
      game.problem.rates.time[problem.begin(i) + k] +=
          seconds / instances.size();
    }
  FailureOr<bargaining::Rules> rules = prepare(game.problem);
  if (failed(rules))
    return failure();
  game.rules = std::move(*rules);
  return game;
}

bargaining::Plan Market::solve(const Game &game) const {
  bargaining::SoleParticipant alone;
  return solver(game.problem, game.rules, solverOptions, alone);
}

FailureOr<Assignment> Market::bargain(const Assignment &around) const {
  FailureOr<Game> game = price(around);
  if (failed(game))
    return failure();
  bargaining::Plan plan = solve(*game);
  if (plan.status == bargaining::Status::Stopped) {
    auto remark = remark::missed(
        loc,
        remark::RemarkOpts::name("stopped").category("owl-assign-devices"));
    if (remark)
      remark << remark::reason("the solver stopped after {0} rounds at a gap "
                               "of {1:e3}",
                               plan.rounds, plan.certificate.getGap());
  }
  bargaining::Allocation homes = bargaining::count(problem, graph, getHomes());
  bargaining::Rounded rounded = bargaining::roundPlan(
      game->problem, game->rules, plan.allocation, &homes);
  return choose(rounded.allocation, around);
}

Assignment Market::improve(ArrayRef<Assignment> starts, bool last) const {
  bargaining::LocalSearchOptions options;
  if (!last) {
    options.disturbances = 0;
    options.effort /= 4;
  }
  return bargaining::findFairPlan(problem, rules, graph, starts.vec(), options);
}

LogicalResult Market::verify(const Assignment &assignment) const {
  bargaining::Rules untimed = rules;
  untimed.deadline = bargaining::kUnlimited;
  if (std::optional<std::string> why = bargaining::verify(
          problem, untimed, bargaining::count(problem, graph, assignment)))
    return fail(*why);
  remarkDeadline(getMakespan(assignment));
  return success();
}

void Market::remarkDeadline(double makespan) const {
  bargaining::Metrics metrics =
      bargaining::measure(problem, rules, graph, fastest);
  double allowed = metrics.makespan * (1 + problem.slack);
  unsigned loser = 0;
  while (loser != fleet.size() &&
         !bargaining::isLoss(problem.devices[loser], metrics.gain[loser]))
    ++loser;
  if (makespan <= allowed || loser == fleet.size())
    return;
  auto remark = remark::missed(
      loc, remark::RemarkOpts::name("deadline").category("owl-assign-devices"));
  if (remark)
    remark << remark::reason(
        "the last device ends after {0:e3} s, later than the {1:e3} s that the "
        "slack "
        "allows after the fastest plan: there {2} would have less than at home",
        makespan, allowed, fleet.getName(loser));
}

Assignment Market::choose(const bargaining::Allocation &whole,
                          const Assignment &around) const {
  Assignment assignment = around;
  for (unsigned k = 0; k < categories.size(); ++k) {
    SmallVector<unsigned> counts;
    for (unsigned i = 0; i < fleet.size(); ++i)
      counts.push_back(std::lround(whole.row(i)[k]));
    choose(k, counts, assignment);
  }
  return assignment;
}

void Market::choose(unsigned category, ArrayRef<unsigned> counts,
                    Assignment &assignment) const {
  // Those stay that can.
  SmallVector<unsigned> missing(counts), instances;
  for (unsigned group : categories.getInstances(category)) {
    unsigned &more = missing[assignment[group]];
    if (more == 0)
      instances.push_back(group);
    else
      --more;
  }
  SmallVector<unsigned> waiting;
  for (unsigned i = 0; i < missing.size(); ++i)
    if (missing[i])
      waiting.push_back(i);
  // The bytes that the first instances, up to each, would exchange with others
  // if they were on each of the devices.
  std::vector<std::vector<double>> sums(waiting.size(), {0});
  for (unsigned group : instances)
    for (auto [i, sum] : llvm::zip_equal(waiting, sums)) {
      double bytes = sum.back();
      for (unsigned number : flow.getEdges(group)) {
        const DataFlow::Edge &edge = flow.getEdges()[number];
        unsigned other = edge.from == group ? edge.to : edge.from;
        bool isAlike = other < assignment.size() &&
                       categories.getCategory(other) == category;
        if (!isAlike && getDevice(other, assignment) != i)
          bytes += edge.bytes;
      }
      sum.push_back(bytes);
    }
  // From the first instance on, the device to which the next ones are nearest.
  for (size_t begin = 0; begin < instances.size();) {
    auto getBytes = [&](unsigned slot) {
      size_t end = begin + missing[waiting[slot]];
      return (sums[slot][end] - sums[slot][begin]) / (end - begin);
    };
    unsigned best = waiting.size();
    for (unsigned slot = 0; slot < waiting.size(); ++slot)
      if (waiting[slot] != counts.size() &&
          (best == waiting.size() || getBytes(slot) < getBytes(best)))
        best = slot;
    for (size_t end = begin + missing[waiting[best]]; begin < end; ++begin)
      assignment[instances[begin]] = waiting[best];
    waiting[best] = counts.size();
  }
}
