//===- PrintPlan.cpp - A plan for people to read --------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrintPlan.h"
#include "owl/Assignment/Json.h"
#include "owl/Assignment/Metrics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// What fits a page.
static constexpr int32_t kMaxColumns = 8, kMaxRows = 40;

namespace {
/// Rows of cells, each column as wide as its widest cell, the first flush left.
class Table {
public:
  explicit Table(std::vector<std::string> header) { add(std::move(header)); }
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<std::vector<std::string>> rows;
};
} // namespace

void Table::print(llvm::raw_ostream &os) const {
  std::vector<size_t> widths(rows.front().size());
  for (const std::vector<std::string> &row : rows)
    for (auto [width, cell] : llvm::zip_equal(widths, row))
      width = std::max(width, cell.size());
  for (const std::vector<std::string> &row : rows) {
    os << llvm::left_justify(row.front(), widths.front());
    for (auto [width, cell] : llvm::drop_begin(llvm::zip_equal(widths, row)))
      os << "  " << llvm::right_justify(cell, width);
    os << '\n';
  }
  os << '\n';
}

static std::string number(double value, int digits = 6) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*g", digits, value);
  return text;
}

/// "N things, ..." or nothing, where a table is cut.
static void printRest(llvm::raw_ostream &os, int32_t total) {
  if (total > kMaxRows)
    os << "... " << total - kMaxRows << " more: see --json\n\n";
}

static void printAllocation(llvm::raw_ostream &os, const Problem &problem,
                            const Allocation &allocation) {
  if (problem.getNumCategories() > kMaxColumns ||
      problem.getNumDevices() > kMaxRows)
    return;
  std::vector<std::string> header = {"instances"};
  for (const Category &category : problem.categories)
    header.push_back(category.name);
  Table table(header);
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    std::vector<std::string> row(header.size(), "-");
    row.front() = problem.devices[i].name;
    for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
      const double instances = allocation.row(i)[e - problem.begin(i)];
      // What a solver leaves of nothing.
      const Category &category = problem.categories[problem.rates.category[e]];
      row[1 + problem.rates.category[e]] =
          number(instances < 1e-5 * category.count ? 0 : instances, 5);
    }
    table.add(std::move(row));
  }
  table.print(os);
}

static void printDevices(llvm::raw_ostream &os, const Problem &problem,
                         const Rules &rules, const Metrics &metrics) {
  const bool isTimed = !problem.rates.time.empty();
  std::vector<std::string> header = {"device", "utility", "without", "gain",
                                     "factor"};
  if (isTimed)
    header.push_back("time");
  Table table(header);
  const int32_t shown = std::min(problem.getNumDevices(), kMaxRows);
  for (int32_t i = 0; i != shown; ++i) {
    const Device &device = problem.devices[i];
    const double utility = metrics.utility[i];
    std::vector<std::string> row = {
        device.name, number(utility), number(device.disagreement),
        rules.pinned[i] ? "none" : number(metrics.gain[i]),
        device.disagreement > 0 ? number(utility / device.disagreement, 4)
                                : "-"};
    if (isTimed)
      row.push_back(number(metrics.time[i]));
    table.add(std::move(row));
  }
  table.print(os);
  printRest(os, problem.getNumDevices());
}

static void printPrices(llvm::raw_ostream &os, const Problem &problem,
                        const Prices &prices) {
  Table table({"category", "instances", "price"});
  const int32_t shown = std::min(problem.getNumCategories(), kMaxRows);
  for (int32_t k = 0; k != shown; ++k)
    table.add({problem.categories[k].name, number(problem.categories[k].count),
               number(prices.category[k])});
  table.print(os);
  printRest(os, problem.getNumCategories());
}

void owl::assignment::printPlan(llvm::raw_ostream &os, const Problem &problem,
                                const Rules &rules, const Plan &plan) {
  printAllocation(os, problem, plan.allocation);
  const Metrics metrics = measure(problem, rules, plan.allocation);
  printDevices(os, problem, rules, metrics);
  if (!plan.prices.category.empty())
    printPrices(os, problem, plan.prices);

  const Certificate &certificate = plan.certificate;
  if (plan.status == Status::StatusQuo)
    os << "nobody can gain: the plan is the status quo\n";
  else if (std::isinf(certificate.primal))
    os << "nash product: 0, since not all gain that could; at most log "
       << number(certificate.dual, 10) << " in any plan\n";
  else
    os << "nash product: log " << number(certificate.primal, 10) << ", at most "
       << number(certificate.dual, 10)
       << " in any plan\ncertificate: the mean gain is within a factor of "
       << number(1 + certificate.getGap(), 10) << " of the best\n";
  os << "fairness: Jain's index of the gains is " << number(metrics.jain, 4)
     << '\n';
  if (!problem.rates.time.empty()) {
    os << "makespan: " << number(metrics.makespan) << " s";
    if (rules.deadline != kUnlimited)
      os << ", at most " << number(rules.deadline) << " s allowed, at least "
         << number(rules.leastMakespan) << " s needed";
    os << "; total time: " << number(metrics.totalTime) << " s\n";
  }
  os << "status: " << getName(plan.status) << " after " << plan.rounds
     << " rounds\n";
}
