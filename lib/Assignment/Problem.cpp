//===- Problem.cpp - Devices, categories and what they gain ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a device gets from and takes for an allocation, and every check that a
// problem from outside has to pass before a solver sees it.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Problem.h"
#include "Format.h"
#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

using namespace owl::assignment;

using MaybeError = std::optional<std::string>;

/// The largest whole number below which a double holds every other.
static constexpr double kLargestCount = 9007199254740992.0;
/// The size of every other number that is not 0: products of a few of them
/// neither overflow nor vanish.
static constexpr double kLeastNumber = 1e-30, kMostNumber = 1e30;
static constexpr char kZeroOrSized[] = "0 or a number from 1e-30 to 1e30";

//===----------------------------------------------------------------------===//
// What an allocation gives and takes
//===----------------------------------------------------------------------===//

std::optional<int64_t> Problem::find(int32_t i, int32_t k) const {
  const auto category = rates.category.begin();
  const auto first = category + begin(i), last = category + end(i);
  // Most rows have all categories.
  const auto found = last - first == getNumCategories()
                         ? first + k
                         : std::lower_bound(first, last, k);
  if (found == last || *found != k)
    return std::nullopt;
  return found - category;
}

double Problem::getUtility(int32_t i, const double *instances) const {
  const int64_t first = begin(i), last = end(i);
  const double share = 1 / devices[i].count;
  double sum = 0;
  for (int64_t e = first; e != last; ++e) {
    double each = instances[e - first] * share;
    if (utility == Utility::Linear)
      sum += rates.gain[e] * each;
    else
      sum += rates.gain[e] * rates.saturation[e] *
             std::log1p(each / rates.saturation[e]);
  }
  return sum;
}

double Problem::getTime(int32_t i, const double *instances) const {
  if (rates.time.empty())
    return 0;
  const int64_t first = begin(i), last = end(i);
  double sum = 0;
  for (int64_t e = first; e != last; ++e)
    sum += rates.time[e] * instances[e - first];
  return sum / devices[i].count;
}

double Problem::getMemory(int32_t i, const double *instances) const {
  const int64_t first = begin(i), last = end(i);
  double sum = 0;
  for (int64_t e = first; e != last; ++e)
    sum += categories[rates.category[e]].memory * instances[e - first];
  return sum / devices[i].count;
}

bool Problem::isMemoryLimited() const {
  return std::any_of(devices.begin(), devices.end(),
                     [](const Device &d) { return d.memory != kUnlimited; }) &&
         std::any_of(categories.begin(), categories.end(),
                     [](const Category &c) { return c.memory > 0; });
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Whether `value` is in the range that solvers can count on.
static bool isSized(double value) {
  return std::abs(value) >= kLeastNumber && std::abs(value) <= kMostNumber;
}
static bool isZeroOrSized(double value) {
  return value == 0 || (value > 0 && isSized(value));
}
static bool isCount(double value) {
  return value >= 0 && value <= kLargestCount && std::floor(value) == value;
}

/// Nothing, or that `what` is `value` and not as `expected`.
static MaybeError check(bool holds, const std::string &what, double value,
                        const char *expected) {
  if (holds)
    return std::nullopt;
  return what + " is " + format(value) + "; expected " + expected;
}

/// Whether a terminal would obey `name` instead of showing it: the control
/// characters of Unicode, in UTF-8.
static bool hasControlCharacter(const std::string &name) {
  for (size_t at = 0; at != name.size(); ++at) {
    const auto c = static_cast<unsigned char>(name[at]);
    const bool isC1 = at > 0 && name[at - 1] == '\xc2' && c >= 0x80 && c < 0xa0;
    if (c < 0x20 || c == 0x7f || isC1)
      return true;
  }
  return false;
}

/// Whether each of `items`, each a `kind`, has a name of its own.
template <typename T>
static MaybeError checkNames(const std::vector<T> &items, const char *kind,
                             const char *kinds) {
  std::unordered_set<std::string_view> names;
  for (size_t i = 0; i != items.size(); ++i) {
    if (items[i].name.empty())
      return std::string(kind) + ' ' + std::to_string(i) +
             " (counted from 0) has no name";
    if (hasControlCharacter(items[i].name))
      return std::string(kind) + ' ' + std::to_string(i) +
             " (counted from 0) has a control character in its name";
    if (!names.insert(items[i].name).second)
      return std::string("two ") + kinds + " are named " +
             quote(items[i].name) + "; expected each to have its own name";
  }
  return std::nullopt;
}

static MaybeError checkDevice(const Device &device, int32_t numRows) {
  const std::string of = " of device " + quote(device.name);
  if (MaybeError error =
          check(device.count >= 1 && isCount(device.count), "the count" + of,
                device.count, "a whole number from 1 to 2^53"))
    return error;
  if (MaybeError error =
          check(device.weight > 0 && isSized(device.weight), "the weight" + of,
                device.weight, "a number from 1e-30 to 1e30"))
    return error;
  if (MaybeError error = check(
          device.disagreement == 0 || isSized(device.disagreement),
          "the disagreement" + of, device.disagreement,
          "0 or a number from 1e-30 to 1e30, or one below 0 of that size"))
    return error;
  if (MaybeError error =
          check(isZeroOrSized(device.memory) || device.memory == kUnlimited,
                "the memory" + of, device.memory, kZeroOrSized))
    return error;
  if (device.row < 0 || device.row >= numRows)
    return "device " + quote(device.name) + " has row " +
           std::to_string(device.row) + " of the rates; expected one of " +
           std::to_string(numRows);
  return std::nullopt;
}

static MaybeError checkCategory(const Category &category) {
  const std::string of = " of category " + quote(category.name);
  if (MaybeError error = check(isCount(category.count), "the count" + of,
                               category.count, "a whole number from 0 to 2^53"))
    return error;
  return check(isZeroOrSized(category.memory), "the memory" + of,
               category.memory, kZeroOrSized);
}

/// Whether the arrays of `rates` are rows of a matrix.
static MaybeError checkShape(const Problem &problem) {
  const Rates &rates = problem.rates;
  const size_t entries = rates.category.size();
  auto checkLength = [&](const std::vector<double> &array, const char *name,
                         bool needed) -> MaybeError {
    if (needed ? array.size() == entries : array.empty())
      return std::nullopt;
    return "the rates have " + std::to_string(array.size()) + ' ' + name +
           "; expected " + std::to_string(needed ? entries : 0);
  };
  if (MaybeError error = checkLength(rates.gain, "gains", true))
    return error;
  if (MaybeError error = checkLength(rates.time, "times", !rates.time.empty()))
    return error;
  if (MaybeError error = checkLength(rates.saturation, "saturations",
                                     problem.utility == Utility::Diminishing))
    return error;
  if (rates.start.empty() || rates.start.front() != 0 ||
      rates.start.back() != int64_t(entries) ||
      !std::is_sorted(rates.start.begin(), rates.start.end()))
    return "the rows of the rates do not go from 0 to their " +
           std::to_string(entries) + " entries in ascending order";
  return std::nullopt;
}

/// How messages call row `row`: by the first device that has it.
static std::string getRowName(const Problem &problem, int32_t row) {
  for (const Device &device : problem.devices)
    if (device.row == row)
      return "device " + quote(device.name);
  return "row " + std::to_string(row) + " (counted from 0)";
}

static MaybeError checkRow(const Problem &problem, int32_t row) {
  const Rates &rates = problem.rates;
  int32_t previous = -1;
  for (int64_t e = rates.start[row]; e != rates.start[row + 1]; ++e) {
    const int32_t k = rates.category[e];
    if (k < 0 || k >= problem.getNumCategories())
      return getRowName(problem, row) + " has a rate for category " +
             std::to_string(k) + "; expected one of " +
             std::to_string(problem.getNumCategories());
    if (k <= previous)
      return getRowName(problem, row) +
             " does not have its rates in ascending order of the categories, "
             "each once: " +
             quote(problem.categories[k].name) + " follows " +
             quote(problem.categories[previous].name);
    previous = k;

    auto checkRate = [&](bool holds, const char *what, double value,
                         const char *expected) {
      if (holds)
        return MaybeError();
      return check(false,
                   "the " + std::string(what) + " of category " +
                       quote(problem.categories[k].name) + " on " +
                       getRowName(problem, row),
                   value, expected);
    };
    const double gain = rates.gain[e];
    if (MaybeError error =
            checkRate(isZeroOrSized(gain), "gain", gain, kZeroOrSized))
      return error;
    if (!rates.time.empty()) {
      const double time = rates.time[e];
      if (MaybeError error =
              checkRate(isZeroOrSized(time), "time", time, kZeroOrSized))
        return error;
    }
    if (problem.utility == Utility::Diminishing) {
      const double saturation = rates.saturation[e];
      if (MaybeError error =
              checkRate(saturation > 0 && isSized(saturation), "saturation",
                        saturation, "a number from 1e-30 to 1e30"))
        return error;
    }
  }
  return std::nullopt;
}

/// Whether somebody can run each category that has to be run.
static MaybeError checkCovered(const Problem &problem) {
  std::vector<char> isRow(problem.rates.getNumRows());
  for (const Device &device : problem.devices)
    isRow[device.row] = true;
  std::vector<char> isCovered(problem.categories.size());
  for (int32_t row = 0; row != problem.rates.getNumRows(); ++row)
    if (isRow[row])
      for (int64_t e = problem.rates.start[row];
           e != problem.rates.start[row + 1]; ++e)
        isCovered[problem.rates.category[e]] = true;
  for (size_t k = 0; k != isCovered.size(); ++k)
    if (!isCovered[k] && problem.categories[k].count > 0)
      return "no device can run category " + quote(problem.categories[k].name) +
             ", of which there are " + format(problem.categories[k].count);
  return std::nullopt;
}

MaybeError Problem::validate() const {
  if (devices.empty())
    return "there is no device; expected at least one";
  if (MaybeError error = checkNames(devices, "device", "devices"))
    return error;
  if (MaybeError error = checkNames(categories, "category", "categories"))
    return error;
  if (MaybeError error = checkShape(*this))
    return error;
  for (const Device &device : devices)
    if (MaybeError error = checkDevice(device, rates.getNumRows()))
      return error;
  for (const Category &category : categories)
    if (MaybeError error = checkCategory(category))
      return error;
  for (int32_t row = 0; row != rates.getNumRows(); ++row)
    if (MaybeError error = checkRow(*this, row))
      return error;
  if (MaybeError error =
          check(slack >= 0, "the slack", slack, "a number of at least 0"))
    return error;
  return checkCovered(*this);
}
