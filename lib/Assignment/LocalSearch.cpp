//===- LocalSearch.cpp - Better plans, task by task -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Iterated local search. A task moves; two on different devices change places;
// or a task moves with its neighbours, as one in the midst of a chain cannot
// without sending more. A plan that none of these improves is disturbed.
//
// Placement has the like for instances, where the best giver and the best taker
// are found each on its own. Here what one gives depends on who takes it.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/LocalSearch.h"
#include "TaskPlacement.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace owl::assignment;

/// How many tasks move together at most.
static constexpr int kLongestRun = 32;
/// What so many tasks use ties none of them to another.
static constexpr size_t kMostUsers = 16;
/// How many tasks are looked at after a disturbance, which in a large plan
/// matters to few of them.
static constexpr size_t kFocus = 200;
/// How many exchanges of tasks are looked at for any two devices: all of few
/// tasks, and of each of many so many.
static constexpr size_t kExchanges = 4096, kLeastPartners = 8;

namespace {
class Search {
public:
  Search(const Problem &problem, const TaskGraph &graph,
         const TaskPlacement::Rate &rate, const LocalSearchOptions &options)
      : problem(problem), graph(graph), options(options),
        placement(problem, graph, rate), alike(problem.categories.size()),
        isFrozen(graph.getNumTasks()) {
    for (int32_t task = 0; task != graph.getNumTasks(); ++task) {
      all.push_back(task);
      alike[graph.category[task]].push_back(task);
    }
    focus = all;
  }

  TaskPlan run(const std::vector<TaskPlan> &starts);

private:
  /// A task, and the bytes that it shares with those that move.
  using Neighbour = std::pair<int32_t, double>;

  bool isExhausted() const { return placement.getEffort() >= limit; }
  /// The score after `moves`, which are undone.
  template <typename Moves> TaskScore look(Moves moves);
  bool canMove(int32_t task, int32_t to) const {
    return !isFrozen[task] && to != placement.getDevice(task) &&
           placement.canRun(to, task);
  }

  void descend();
  void moveUntilBest();
  bool improveByMoves();
  bool improveByExchanges();
  bool improveByExchanges(const std::vector<int32_t> &tasks);
  bool improveByExchanges(const std::vector<int32_t> &left,
                          const std::vector<int32_t> &right, size_t partners);
  std::vector<int32_t> getMovable(const std::vector<int32_t> &tasks,
                                  int32_t from, int32_t to);
  bool improveByRuns();
  bool improveByRun(int32_t task, int32_t to);
  void addNeighbours(int32_t task, std::vector<Neighbour> &near);
  /// Moves `task`, and then at most `length` - 1 others that were on the same
  /// device, each the nearest of those; stops when `isDone`.
  template <typename IsDone>
  void moveRun(int32_t task, int32_t to, int length, IsDone isDone);
  void disturb(std::mt19937 &random);

  const Problem &problem;
  const TaskGraph &graph;
  const LocalSearchOptions options;
  TaskPlacement placement;
  /// All tasks, those of each category, and those that are looked at.
  std::vector<int32_t> all;
  std::vector<std::vector<int32_t>> alike;
  std::vector<int32_t> focus;
  /// The effort after which to stop.
  int64_t limit = 0;
  /// Tasks that a disturbance has moved, and that stay for now.
  std::vector<char> isFrozen;
};
} // namespace

template <typename Moves> TaskScore Search::look(Moves moves) {
  moves();
  TaskScore score = placement.getScore();
  placement.undo();
  return score;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

bool Search::improveByMoves() {
  bool any = false;
  for (int32_t task : focus) {
    if (isExhausted())
      break;
    const int32_t from = placement.getDevice(task);
    int32_t best = from;
    TaskScore bestScore = placement.getScore();
    for (int32_t to = 0; to != problem.getNumDevices(); ++to) {
      if (!canMove(task, to))
        continue;
      const TaskScore score = look([&] { placement.move(task, to); });
      if (bestScore < score) {
        best = to;
        bestScore = score;
      }
    }
    placement.move(task, best);
    placement.keep();
    any |= best != from;
  }
  return any;
}

//===----------------------------------------------------------------------===//
// Exchanges
//===----------------------------------------------------------------------===//

/// Tasks of `left` for such of `right`, which are on another device.
bool Search::improveByExchanges(const std::vector<int32_t> &left,
                                const std::vector<int32_t> &right,
                                size_t partners) {
  bool any = false;
  std::vector<int32_t> others = right;
  for (int32_t task : left) {
    if (others.empty() || isExhausted())
      break;
    const int32_t i = placement.getDevice(task),
                  j = placement.getDevice(others.front());
    auto best = others.end();
    TaskScore bestScore = placement.getScore();
    const auto last = others.begin() + std::min(partners, others.size());
    for (auto other = others.begin(); other != last; ++other) {
      if (!canMove(task, j) || !canMove(*other, i))
        continue;
      const TaskScore score = look([&] {
        placement.move(task, j);
        placement.move(*other, i);
      });
      if (bestScore < score) {
        best = other;
        bestScore = score;
      }
    }
    if (best == others.end())
      continue;
    placement.move(task, j);
    placement.move(*best, i);
    placement.keep();
    others.erase(best);
    any = true;
  }
  return any;
}

/// Those of `tasks` that can move from one device, if they still are there, to
/// the other: first of each category the one that would send least there, then
/// the next ones.
std::vector<int32_t> Search::getMovable(const std::vector<int32_t> &tasks,
                                        int32_t from, int32_t to) {
  std::vector<std::pair<double, int32_t>> order;
  for (int32_t task : tasks)
    if (placement.getDevice(task) == from && canMove(task, to))
      order.push_back(
          {look([&] { placement.move(task, to); }).transfers, task});
  std::sort(order.begin(), order.end());
  std::vector<std::vector<int32_t>> rounds;
  std::vector<size_t> seen(problem.categories.size());
  for (auto [transfers, task] : order) {
    const size_t round = seen[graph.category[task]]++;
    rounds.resize(std::max(rounds.size(), round + 1));
    rounds[round].push_back(task);
  }
  std::vector<int32_t> movable;
  for (const std::vector<int32_t> &round : rounds)
    movable.insert(movable.end(), round.begin(), round.end());
  return movable;
}

bool Search::improveByExchanges(const std::vector<int32_t> &tasks) {
  bool any = false;
  const size_t partners = std::max(kLeastPartners, kExchanges / tasks.size());
  std::vector<std::vector<int32_t>> on(problem.devices.size());
  for (int32_t task : tasks)
    on[placement.getDevice(task)].push_back(task);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i)
    for (int32_t j = 0; j != i && !isExhausted(); ++j)
      any |= improveByExchanges(getMovable(on[i], i, j),
                                getMovable(on[j], j, i), partners);
  return any;
}

bool Search::improveByExchanges() {
  bool any = improveByExchanges(focus);
  // Of few tasks these were all.
  if (focus.size() == all.size() && all.size() * all.size() > kExchanges)
    for (const std::vector<int32_t> &tasks : alike)
      if (tasks.size() > 1)
        any |= improveByExchanges(tasks);
  return any;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

void Search::addNeighbours(int32_t task, std::vector<Neighbour> &near) {
  // What uses very many values ties none of their makers to another.
  if (placement.getValues(task).size() > kMostUsers)
    return;
  auto add = [&](int32_t node, double bytes) {
    if (node == task || node >= graph.getNumTasks())
      return;
    auto found = std::find_if(near.begin(), near.end(), [&](Neighbour other) {
      return other.first == node;
    });
    if (found == near.end())
      near.push_back({node, bytes});
    else
      found->second += bytes;
  };
  for (int32_t v : placement.getValues(task)) {
    const TaskGraph::Value &value = graph.values[v];
    if (value.users.size() > kMostUsers)
      continue;
    add(value.maker, value.bytes);
    for (int32_t user : value.users)
      add(user, value.bytes);
  }
  placement.spend(near.size());
}

template <typename IsDone>
void Search::moveRun(int32_t task, int32_t to, int length, IsDone isDone) {
  const int32_t from = placement.getDevice(task);
  std::vector<Neighbour> near;
  while (true) {
    placement.move(task, to);
    if (isDone() || --length == 0)
      return;
    addNeighbours(task, near);
    near.erase(std::remove_if(near.begin(), near.end(),
                              [&](Neighbour other) {
                                return placement.getDevice(other.first) !=
                                           from ||
                                       !canMove(other.first, to);
                              }),
               near.end());
    if (near.empty())
      return;
    task = std::max_element(
               near.begin(), near.end(),
               [](Neighbour a, Neighbour b) { return a.second < b.second; })
               ->first;
  }
}

bool Search::improveByRun(int32_t task, int32_t to) {
  const TaskScore before = placement.getScore();
  bool isBetter = false;
  moveRun(task, to, kLongestRun,
          [&] { return isBetter = before < placement.getScore(); });
  if (isBetter)
    placement.keep();
  else
    placement.undo();
  return isBetter;
}

bool Search::improveByRuns() {
  bool any = false;
  for (int32_t task : focus)
    for (int32_t to = 0; to != problem.getNumDevices() && !isExhausted(); ++to)
      if (canMove(task, to))
        any |= improveByRun(task, to);
  return any;
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

void Search::descend() {
  while ((improveByMoves() || improveByExchanges() || improveByRuns()) &&
         !isExhausted()) {
  }
}

void Search::moveUntilBest() {
  while (improveByMoves() && !isExhausted()) {
  }
}

/// Lets tasks move that would not by themselves, and freezes them, for else
/// they would go straight back; and has the next ones come in another order.
void Search::disturb(std::mt19937 &random) {
  auto draw = [&] { return all[random() % all.size()]; };
  const int32_t task = draw();
  if (random() % 2) {
    const int32_t to = random() % problem.getNumDevices();
    const int length = 1 << random() % 4;
    if (placement.canRun(to, task))
      moveRun(task, to, length, [] { return false; });
  } else {
    const int32_t other = draw(), i = placement.getDevice(task),
                  j = placement.getDevice(other);
    if (placement.canRun(j, task) && placement.canRun(i, other)) {
      placement.move(task, j);
      placement.move(other, i);
    }
  }
  for (int32_t moved : placement.getMoved())
    isFrozen[moved] = true;
  placement.keep();
  focus.resize(std::min(all.size(), kFocus));
  for (size_t n = 0; n != focus.size(); ++n) {
    std::swap(all[n], all[n + random() % (all.size() - n)]);
    focus[n] = all[n];
  }
}

TaskPlan Search::run(const std::vector<TaskPlan> &starts) {
  // With one device, or without tasks, there is one plan.
  if (all.empty() || problem.getNumDevices() == 1)
    return starts.front();
  TaskPlan best;
  TaskScore bestScore;
  auto keepBetter = [&] {
    if (!best.empty() && !(bestScore < placement.getScore()))
      return;
    // From scratch: what has been added and subtracted on the way may have left
    // rounding errors.
    const TaskPlan plan = placement.get();
    placement.set(plan);
    if (!best.empty() && !(bestScore < placement.getScore()))
      return;
    best = plan;
    bestScore = placement.getScore();
  };
  // The other half is for disturbances.
  limit = options.disturbances > 0 ? options.effort / 2 : options.effort;
  for (const TaskPlan &start : starts) {
    placement.set(start);
    descend();
    keepBetter();
  }
  limit = options.effort;
  placement.set(best);
  std::mt19937 random;
  for (int64_t n = 0; n != options.disturbances && !isExhausted(); ++n) {
    for (int32_t task : all)
      placement.move(task, best[task]);
    placement.keep();
    // Twice, as two small steps lead further than one. In between, moves of
    // single tasks are enough.
    for (bool last : {false, true}) {
      disturb(random);
      moveUntilBest();
      isFrozen.assign(isFrozen.size(), false);
      last ? descend() : moveUntilBest();
      keepBetter();
    }
  }
  return best;
}

TaskPlan owl::assignment::findFairPlan(const Problem &problem,
                                       const Rules &rules,
                                       const TaskGraph &graph,
                                       const std::vector<TaskPlan> &starts,
                                       const LocalSearchOptions &options) {
  const Judge judge(problem, rules);
  auto rate = [&](int32_t i, const Load &load) { return judge.rate(i, load); };
  return Search(problem, graph, rate, options).run(starts);
}

TaskPlan owl::assignment::findFastPlan(const Problem &problem,
                                       const TaskGraph &graph,
                                       const std::vector<TaskPlan> &starts,
                                       const LocalSearchOptions &options) {
  Rules rules;
  rules.pinned.assign(problem.devices.size(), true);
  const Judge judge(problem, rules);
  auto rateViolation = [&](int32_t i, const Load &load) {
    return judge.rate(i, load);
  };
  TaskGraph homeless = graph;
  homeless.home.clear();
  TaskPlacement referee(problem, homeless, rateViolation);
  auto getScore = [&](const TaskPlan &plan) {
    referee.set(plan);
    return referee.getScore();
  };
  TaskPlan best = starts.front();
  auto keepBetter = [&](const TaskPlan &plan) {
    if (getScore(best) < getScore(plan))
      best = plan;
  };
  for (const TaskPlan &start : starts)
    keepBetter(start);

  // Few moves touch the device that is last. In a p-norm the times of all
  // count, and for a large p it is about the largest.
  std::vector<TaskPlan> from = starts;
  for (double p : {4, 32, 256}) {
    const double unit = getScore(best).makespan;
    if (unit == 0)
      break;
    auto rate = [&](int32_t i, const Load &load) {
      Score score = rateViolation(i, load);
      score.product = -std::min(std::pow(load.time / unit, p), 1e300);
      return score;
    };
    LocalSearchOptions once = options;
    if (p < 256) {
      once.disturbances = 0;
      once.effort /= 8;
    }
    from = {best, Search(problem, homeless, rate, once).run(from)};
    keepBetter(from.back());
  }
  return best;
}

TaskPlan owl::assignment::findUtilitarianPlan(
    const Problem &problem, const Rules &rules, const TaskGraph &graph,
    const std::vector<TaskPlan> &starts, const LocalSearchOptions &options) {
  const Judge judge(problem, rules);
  // About what the sum is, for rounding errors are those of numbers near 1.
  double unit = 0;
  for (const TaskPlan &start : starts)
    unit = std::max(unit, measure(problem, rules, graph, start).totalUtility);
  auto rate = [&](int32_t i, const Load &load) {
    const double utility = problem.devices[i].weight * load.utility;
    return Score{judge.getViolation(i, load), 0,
                 unit > 0 ? utility / unit : utility};
  };
  return Search(problem, graph, rate, options).run(starts);
}

TaskPlan owl::assignment::findMaxMinPlan(const Problem &problem,
                                         const Rules &rules,
                                         const TaskGraph &graph,
                                         const std::vector<TaskPlan> &starts,
                                         const LocalSearchOptions &options) {
  const Judge judge(problem, rules);
  auto weigh = [&](int32_t i, double gain) {
    return gain / problem.devices[i].weight;
  };
  // The least share of those who gain.
  auto getLeast = [&](const TaskPlan &plan) {
    const Metrics metrics = measure(problem, rules, graph, plan);
    double least = kUnlimited;
    for (int32_t i = 0; i != problem.getNumDevices(); ++i)
      if (!rules.pinned[i] && metrics.gain[i] > 0)
        least = std::min(least, weigh(i, metrics.gain[i]));
    return least;
  };
  // As for the makespan: the largest of the inverse shares, in a p-norm. For a
  // small p this is about the product, and the search not stuck with the least
  // share of the start, which few moves touch.
  std::vector<TaskPlan> from = starts;
  for (double p : {0.25, 1., 4., 32., 256.}) {
    double unit = 0;
    for (const TaskPlan &plan : from)
      if (const double least = getLeast(plan); least != kUnlimited)
        unit = std::max(unit, least);
    auto rate = [&](int32_t i, const Load &load) {
      Score score = judge.rate(i, load);
      const double share =
          weigh(i, load.utility - problem.devices[i].disagreement);
      score.product = 0;
      if (score.gainers > 0) {
        const double inverse = (unit > 0 ? unit : 1) / share;
        // Of plans whose least share is the same, others count, too.
        score.product = -std::min(
            std::pow(inverse, p) + 1e-3 * std::pow(inverse, 4), 1e300);
      }
      return score;
    };
    from = {Search(problem, graph, rate, options).run(from)};
  }
  return from.front();
}
