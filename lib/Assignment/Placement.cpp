//===- Placement.cpp - Whole instances on devices -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores are added up over devices and compared in lexicographic order, which
// addition keeps: the best move of an instance is from the device that loses
// least by it to the one that gains most, and each is found on its own.
//
//===----------------------------------------------------------------------===//

#include "Placement.h"
#include <algorithm>
#include <cmath>
#include <unordered_map>

using namespace owl::assignment;

Placement::Placement(const Problem &problem, const Rules &rules, int64_t effort)
    : problem(problem), rules(rules), judge(problem, rules), effort(effort) {
  columns.resize(problem.categories.size() + 1);
  const Rates &rates = problem.rates;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      ++columns[rates.category[e] + 1];
  for (size_t k = 0; k != problem.categories.size(); ++k)
    columns[k + 1] += columns[k];

  allocation = Allocation(problem);
  places.resize(columns.back());
  std::vector<int64_t> next(columns.begin(), columns.end() - 1);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
      places[next[rates.category[e]]++] = getPlace(i, e);
  set(allocation);
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Where the product of the gains is large, every device is full, and one that
/// has too much can pass nothing on. A repair looks for room instead: the least
/// p-norm of the shares that devices use of their limits, which is about the
/// largest of them.
double Placement::getRoom(int32_t i, const Load &load) const {
  auto getPower = [&](double share) {
    return std::min(std::pow(share, norm), 1e300);
  };
  const Device &device = problem.devices[i];
  double room = -getPower(getShare(load.time, rules.deadline)) -
                getPower(getShare(load.memory, device.memory));
  if (device.disagreement > 0)
    room -= getPower(device.disagreement /
                     std::max(load.utility, 0.1 * device.disagreement));
  return room;
}

Score Placement::rate(int32_t i, const Load &load) const {
  return norm != 0 ? Score{0, 0, getRoom(i, load)} : judge.rate(i, load);
}

Load Placement::add(const Load &load, const Place &place, double step) const {
  return load.add(problem, place.entry, allocation.instances[place.cell], step);
}

Placement::Place Placement::getPlace(int32_t i, int64_t entry) const {
  return {i, entry, allocation.start[i] + entry - problem.begin(i)};
}

std::optional<Placement::Place> Placement::find(int32_t i, int32_t k) const {
  if (std::optional<int64_t> entry = problem.find(i, k))
    return getPlace(i, *entry);
  return std::nullopt;
}

void Placement::set(Allocation newAllocation) {
  allocation = std::move(newAllocation);
  loads.resize(problem.devices.size());
  scores.resize(problem.devices.size());
  violates.resize(problem.devices.size());
  held.resize(problem.devices.size());
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    update(i);
}

void Placement::update(int32_t i) {
  const double *row = allocation.row(i);
  loads[i] = {problem.getUtility(i, row), problem.getTime(i, row),
              problem.getMemory(i, row)};
  scores[i] = rate(i, loads[i]);
  violators -= violates[i];
  violates[i] = judge.getViolation(i, loads[i]) > 0;
  violators += violates[i];
  held[i].clear();
  for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
    if (row[e - problem.begin(i)] > 0)
      held[i].push_back(e);
}

void Placement::setNorm(double newNorm) {
  norm = newNorm;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    scores[i] = rate(i, loads[i]);
}

Score Placement::getScore() const {
  Score sum;
  for (const Score &score : scores)
    sum = sum + score;
  return sum;
}

/// Whether device `i` exceeds a limit, loses, or does not gain but could.
bool Placement::needsHelp(int32_t i) const {
  return violates[i] || (!rules.pinned[i] && scores[i].gainers == 0);
}

bool Placement::isSound() const {
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    if (needsHelp(i))
      return false;
  return true;
}

void Placement::move(const Place &from, const Place &to) {
  --allocation.instances[from.cell];
  ++allocation.instances[to.cell];
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

namespace {
/// The best two of the places of a category.
struct BestTwo {
  Score score[2];
  int64_t place[2] = {-1, -1};

  void add(const Score &next, int64_t at) {
    if (place[0] < 0 || score[0] < next) {
      score[1] = score[0];
      place[1] = place[0];
      score[0] = next;
      place[0] = at;
    } else if (place[1] < 0 || score[1] < next) {
      score[1] = next;
      place[1] = at;
    }
  }
};
} // namespace

bool Placement::improveByMoves(int32_t k) {
  bool any = false;
  while (!isDone()) {
    BestTwo takers, givers;
    for (int64_t p = columns[k]; p != columns[k + 1]; ++p) {
      const int32_t i = places[p].device;
      takers.add(rate(i, add(loads[i], places[p], 1)) - scores[i], p);
      if (allocation.instances[places[p].cell] > 0)
        givers.add(rate(i, add(loads[i], places[p], -1)) - scores[i], p);
    }
    effort -= 2 * (columns[k + 1] - columns[k]);

    // The best pair of two different devices.
    int64_t from = -1, to = -1;
    Score best;
    for (int g : {0, 1})
      for (int t : {0, 1})
        if (givers.place[g] >= 0 && takers.place[t] >= 0 &&
            givers.place[g] != takers.place[t] &&
            best < givers.score[g] + takers.score[t]) {
          best = givers.score[g] + takers.score[t];
          from = givers.place[g];
          to = takers.place[t];
        }
    if (!best.isGain())
      break;
    move(places[from], places[to]);
    update(places[from].device);
    update(places[to].device);
    any = true;
  }
  return any;
}

bool Placement::improveByMoves() {
  bool any = false;
  for (int32_t k = 0; k != problem.getNumCategories(); ++k)
    any |= improveByMoves(k);
  return any;
}

//===----------------------------------------------------------------------===//
// Swaps
//===----------------------------------------------------------------------===//

/// What the product of the gains makes of a little more utility for device `i`,
/// which gains.
double Placement::getSlope(int32_t i) const {
  return problem.devices[i].weight /
         (loads[i].utility - problem.devices[i].disagreement);
}

/// What device `from` can give to device `to`.
std::vector<Placement::Gift> Placement::getGifts(int32_t from, int32_t to,
                                                 bool isSmooth) {
  std::vector<Gift> gifts;
  effort -= 1 + held[from].size();
  for (int64_t e : held[from]) {
    const Place place = getPlace(from, e);
    const std::optional<Place> other = find(to, problem.rates.category[e]);
    if (!other)
      continue;
    double most = 0;
    if (isSmooth)
      most = getSlope(to) * add({}, *other, 1).utility +
             getSlope(from) * add({}, place, -1).utility;
    gifts.push_back({place, *other, most});
  }
  return gifts;
}

/// The best change of an instance of `i` for one of `j`, again and again. The
/// logarithm is concave: of devices that gain and keep all limits, no swap adds
/// more to the product than the slopes there say, so that most need no look.
bool Placement::improveBySwaps(int32_t i, int32_t j) {
  auto getMost = [](const std::vector<Gift> &gifts) {
    double most = -kUnlimited;
    for (const Gift &gift : gifts)
      most = std::max(most, gift.most);
    return most;
  };
  bool any = false;
  while (!isDone()) {
    const bool isSmooth = scores[i].gainers + scores[j].gainers == 2 &&
                          scores[i].violation + scores[j].violation == 0;
    const std::vector<Gift> there = getGifts(i, j, isSmooth),
                            back = getGifts(j, i, isSmooth);
    const double mostBack = getMost(back);
    if (there.empty() || back.empty() ||
        (isSmooth && getMost(there) + mostBack <= 0))
      break;

    Score best;
    const Gift *bestThere = nullptr, *bestBack = nullptr;
    for (const Gift &a : there) {
      if (isSmooth && a.most + mostBack <= 0)
        continue;
      const Load left = add(loads[i], a.from, -1),
                 taken = add(loads[j], a.to, 1);
      effort -= back.size();
      for (const Gift &b : back) {
        if (a.to.entry == b.from.entry ||
            (isSmooth && a.most + b.most <= best.product))
          continue;
        const Score gain = rate(i, add(left, b.to, 1)) +
                           rate(j, add(taken, b.from, -1)) - scores[i] -
                           scores[j];
        if (best < gain) {
          best = gain;
          bestThere = &a;
          bestBack = &b;
        }
      }
    }
    if (!best.isGain())
      break;
    move(bestThere->from, bestThere->to);
    move(bestBack->from, bestBack->to);
    update(i);
    update(j);
    any = true;
  }
  return any;
}

bool Placement::improveBySwaps() {
  bool any = false;
  // Whoever has nothing can swap nothing.
  std::vector<int32_t> holders;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    if (!held[i].empty())
      holders.push_back(i);
  for (size_t i = 0; i != holders.size(); ++i)
    for (size_t j = 0; j != i && !isDone(); ++j)
      any |= improveBySwaps(holders[i], holders[j]);
  return any;
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

/// Whether a device that is at `after` instead of `before` is no worse but,
/// perhaps, for the product.
static bool isNoWorse(Score after, Score before) {
  after.product = before.product = 0;
  return !(after < before);
}

/// Device `first` takes an instance that makes it better from another device,
/// which, where that makes it worse, takes one from a third, and so on: the
/// shortest such chain, by breadth first. As for the augmenting paths of a
/// matching, no device is looked at twice, and no category that is in
/// `isTried`: those that it adds lead nowhere if it fails.
bool Placement::improveByChain(int32_t first, std::vector<char> &isTried) {
  /// A device that gave `given` to `receiver`, where it is at `taken`.
  struct Link {
    Load left;
    Place given, taken;
  };
  // Most chains are short, and there may be one for each of many devices.
  std::unordered_map<int32_t, Link> links;
  std::vector<int32_t> queue = {first};
  links[first] = {loads[first], {first, -1, -1}, {first, -1, -1}};
  for (size_t next = 0; next != queue.size() && !isExhausted(); ++next) {
    const int32_t i = queue[next];
    const Link &link = links.at(i);
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
      const int32_t k = problem.rates.category[e];
      const Place taken = getPlace(i, e);
      if (isTried[k] || e == link.given.entry)
        continue;
      --effort;
      const Score with = rate(i, add(link.left, taken, 1));
      if (i == first ? isNoWorse(scores[i], with) : !isNoWorse(with, scores[i]))
        continue;
      isTried[k] = true;
      effort -= columns[k + 1] - columns[k];
      for (int64_t p = columns[k]; p != columns[k + 1]; ++p) {
        const int32_t j = places[p].device;
        if (allocation.instances[places[p].cell] <= 0 || links.count(j))
          continue;
        const Load left = add(loads[j], places[p], -1);
        links[j] = {left, places[p], taken};
        if (!isNoWorse(rate(j, left), scores[j])) {
          queue.push_back(j);
          continue;
        }
        for (int32_t giver = j; giver != first;) {
          const Link &each = links.at(giver);
          move(each.given, each.taken);
          giver = each.taken.device;
        }
        for (int32_t giver = j; giver != first;
             giver = links.at(giver).taken.device)
          update(giver);
        update(first);
        return true;
      }
    }
  }
  return false;
}

bool Placement::improveByChains() {
  bool any = false;
  std::vector<char> isTried(problem.categories.size());
  for (int32_t i = 0; i != problem.getNumDevices() && !isDone(); ++i)
    while (needsHelp(i) && improveByChain(i, isTried)) {
      isTried.assign(isTried.size(), false);
      any = true;
    }
  return any;
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

void Placement::descend() {
  while ((improveByMoves() || improveBySwaps() ||
          (norm == 0 && improveByChains())) &&
         !isDone()) {
  }
}

void Placement::improve() {
  descend();
  if (violators == 0)
    return;
  for (double sharper : {16, 64, 256}) {
    setNorm(sharper);
    descend();
  }
  setNorm(0);
  descend();
}

void Placement::disturb(std::mt19937 &random) {
  if (problem.categories.empty())
    return;
  const int moves = 1 << random() % 4;
  for (int n = 0; n != moves; ++n) {
    const int32_t k = random() % problem.categories.size();
    std::vector<Place> givers;
    for (int64_t p = columns[k]; p != columns[k + 1]; ++p)
      if (allocation.instances[places[p].cell] > 0)
        givers.push_back(places[p]);
    if (givers.empty())
      continue;
    const Place from = givers[random() % givers.size()];
    const Place to =
        places[columns[k] + random() % (columns[k + 1] - columns[k])];
    move(from, to);
    update(from.device);
    update(to.device);
  }
}
