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
  if (failed(market.choose(options)))
    return failure();
  market.setPrices(options.utility);
  market.setDisagreement();
  if (std::optional<std::string> wrong = market.problem.validate())
    return market.fail(*wrong);
  return market;
}

LogicalResult Market::choose(const MarketOptions &options) {
  solver = llvm::StringSwitch<decltype(solver)>(options.solver)
               .Case("interior-point", bargaining::solveInteriorPoint)
               .Case("subgradient", bargaining::solveSubgradient)
               .Default(nullptr);
  if (!solver)
    return emitError(loc)
           << "expected solver to be interior-point or subgradient, got '"
           << options.solver << "'";
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

bargaining::Allocation Market::count(const Assignment &assignment) const {
  bargaining::Allocation allocation(problem);
  for (auto [group, device] : llvm::enumerate(assignment))
    allocation.row(device)[categories.getCategory(group)] += 1;
  return allocation;
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

void Market::addTransfers(const Assignment &assignment) {
  for (unsigned i = 0; i < fleet.size(); ++i)
    for (unsigned k = 0; k < categories.size(); ++k) {
      ArrayRef<unsigned> instances = categories.getInstances(k);
      double seconds = 0;
      for (unsigned group : instances)
        for (unsigned number : flow.getEdges(group)) {
          const DataFlow::Edge &edge = flow.getEdges()[number];
          unsigned from =
              edge.from == group ? i : getDevice(edge.from, assignment);
          unsigned to = edge.to == group ? i : getDevice(edge.to, assignment);
          seconds += fleet.getTransferTime(from, to, edge.bytes);
        }
      problem.rates.time[problem.begin(i) + k] =
          prices[i][k].seconds + seconds / instances.size();
    }
}

double Market::getMakespan(const Assignment &assignment) const {
  std::vector<double> busy(fleet.size());
  for (auto [group, device] : llvm::enumerate(assignment))
    busy[device] += getPrice(device, group).seconds;
  // Each device receives a value once.
  DenseSet<std::pair<Value, unsigned>> received;
  for (const DataFlow::Edge &edge : flow.getEdges()) {
    unsigned from = getDevice(edge.from, assignment),
             to = getDevice(edge.to, assignment);
    if (from != to && received.insert({edge.value, to}).second)
      busy[to] += fleet.getTransferTime(from, to, edge.bytes);
  }
  return *llvm::max_element(busy);
}

//===----------------------------------------------------------------------===//
// Bargaining
//===----------------------------------------------------------------------===//

InFlightDiagnostic Market::fail(StringRef why) const {
  return emitError(loc) << "cannot distribute the groups: " << why;
}

void Market::remarkDeadline(StringRef reason) const {
  auto remark = remark::missed(
      loc, remark::RemarkOpts::name("deadline").category("owl-assign-devices"));
  if (remark)
    remark << remark::reason("{0}", reason.str());
}

FailureOr<Market::Game> Market::prepare() const {
  bargaining::SoleParticipant alone;
  Game game = {problem, {}};
  bargaining::Prepared prepared = bargaining::prepare(game.problem, alone);
  // Nobody has to give up what it has so that another one ends sooner.
  if (prepared.error && problem.isTimed()) {
    std::string reason = *prepared.error;
    game.problem.slack = bargaining::kUnlimited;
    prepared = bargaining::prepare(game.problem, alone);
    if (!prepared.error)
      remarkDeadline(reason);
  }
  if (prepared.error)
    return fail(*prepared.error);
  game.rules = std::move(prepared.rules);
  if (game.problem.isTimed()) {
    double whole = bargaining::getWholeMakespan(problem, game.rules);
    if (whole > game.rules.deadline)
      game.rules.deadline = whole * (1 + problem.slack);
  }
  return game;
}

bargaining::Plan Market::solve(const Game &game) const {
  bargaining::SoleParticipant alone;
  return solver(game.problem, game.rules, {}, alone);
}

FailureOr<Assignment> Market::bargain(const Assignment &around) const {
  FailureOr<Game> game = prepare();
  if (failed(game))
    return failure();
  bargaining::Plan plan = solve(*game);
  bargaining::Allocation homes = count(getHomes());
  bargaining::Rounded rounded = bargaining::roundPlan(
      game->problem, game->rules, plan.allocation, &homes);
  if (rounded.violation) {
    // Who has something to lose may keep the last device from being in time.
    bargaining::Rules untimed = game->rules;
    untimed.deadline = bargaining::kUnlimited;
    if (std::optional<std::string> why =
            bargaining::verify(problem, untimed, rounded.allocation))
      return fail(*why);
    remarkDeadline(*rounded.violation);
  }

  Assignment assignment = around;
  for (unsigned k = 0; k < categories.size(); ++k) {
    SmallVector<unsigned> counts;
    for (unsigned i = 0; i < fleet.size(); ++i)
      counts.push_back(std::lround(rounded.allocation.row(i)[k]));
    chooseInstances(k, counts, assignment);
  }
  return assignment;
}

void Market::chooseInstances(unsigned category, ArrayRef<unsigned> counts,
                             Assignment &assignment) const {
  ArrayRef<unsigned> instances = categories.getInstances(category);
  SmallVector<unsigned> waiting;
  for (unsigned i = 0; i < counts.size(); ++i)
    if (counts[i])
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
      size_t end = begin + counts[waiting[slot]];
      return (sums[slot][end] - sums[slot][begin]) / (end - begin);
    };
    unsigned best = waiting.size();
    for (unsigned slot = 0; slot < waiting.size(); ++slot)
      if (waiting[slot] != counts.size() &&
          (best == waiting.size() || getBytes(slot) < getBytes(best)))
        best = slot;
    for (size_t end = begin + counts[waiting[best]]; begin < end; ++begin)
      assignment[instances[begin]] = waiting[best];
    waiting[best] = counts.size();
  }
}
