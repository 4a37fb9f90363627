//===- Json.cpp - Problems and plans as JSON ------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Json.h"
#include "JsonKeys.h"
#include "owl/Assignment/Metrics.h"
#include "owl/Support/JsonDepth.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// More than a problem needs.
static constexpr int kMaxDepth = 100;

namespace {

/// A row for each device; null where there is none.
using Matrix = const json::Array *;

class Reader {
public:
  explicit Reader(Goal goal) : goal(goal) {}

  llvm::Expected<Problem> read(StringRef text);

private:
  bool readObject(const json::Object &file);
  bool readDevice(const json::Value &value, const Twine &path);
  bool readCategory(const json::Value &value, const Twine &path);
  /// Finds the matrix `key`, if there is one, and checks its shape.
  bool findMatrix(const json::Object &file, StringRef key, bool isNeeded,
                  Matrix &matrix);
  bool readRates(StringRef gainKey, Matrix gain, Matrix time,
                 Matrix saturation);

  /// Whether `object` has no keys but `known`.
  bool checkKeys(const json::Object &object, const Twine &path,
                 llvm::ArrayRef<StringRef> known);
  bool readName(const json::Object &object, const Twine &path,
                std::string &name);
  /// Reads `key` into `number`, which keeps its value where there is none.
  bool readNumber(const json::Object &object, const Twine &path, StringRef key,
                  bool isNeeded, double &number);
  bool readNumber(const json::Value &value, const Twine &path, double &number);

  /// Notes the error, the first one; returns false.
  bool fail(const Twine &path, const Twine &expected, const json::Value *got);

  const Goal goal;
  Problem problem;
  std::string error;
};

} // namespace

/// What `value` is, in a message.
static std::string describe(const json::Value &value) {
  switch (value.kind()) {
  case json::Value::Null:
    return "null";
  case json::Value::Object:
    return "an object";
  case json::Value::Array:
    return "an array of " + std::to_string(value.getAsArray()->size());
  default:
    return llvm::formatv("{0}", value);
  }
}

bool Reader::fail(const Twine &path, const Twine &expected,
                  const json::Value *got) {
  error = (path + ": expected " + expected).str();
  if (got)
    error += ", got " + describe(*got);
  return false;
}

/// `parent`.`key`, or only `key` at the top.
static std::string join(const Twine &parent, StringRef key) {
  std::string path = parent.str();
  if (!path.empty())
    path += '.';
  // A key can be any string, and a terminal obeys some.
  llvm::raw_string_ostream os(path);
  llvm::printEscapedString(key, os);
  return path;
}

bool Reader::checkKeys(const json::Object &object, const Twine &path,
                       llvm::ArrayRef<StringRef> known) {
  for (const auto &[key, value] : object)
    if (!llvm::is_contained(known, key.str()))
      return fail(join(path, key),
                  "no such key, but one of " + llvm::join(known, ", "),
                  nullptr);
  return true;
}

bool Reader::readName(const json::Object &object, const Twine &path,
                      std::string &name) {
  const json::Value *value = object.get("name");
  std::optional<StringRef> text;
  if (value)
    text = value->getAsString();
  if (!text)
    return fail(path + ".name", "a string", value);
  name = text->str();
  return true;
}

bool Reader::readNumber(const json::Value &value, const Twine &path,
                        double &number) {
  const std::optional<double> found = value.getAsNumber();
  if (!found || !std::isfinite(*found))
    return fail(path, "a finite number", &value);
  number = *found;
  return true;
}

bool Reader::readNumber(const json::Object &object, const Twine &path,
                        StringRef key, bool isNeeded, double &number) {
  const json::Value *value = object.get(key);
  if (!value)
    return !isNeeded || fail(path + "." + key, "a finite number", nullptr);
  return readNumber(*value, path + "." + key, number);
}

bool Reader::readDevice(const json::Value &value, const Twine &path) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return fail(path, "an object", &value);
  Device device;
  device.row = problem.devices.size();
  if (!checkKeys(*object, path,
                 {"name", "weight", "disagreement", "memory", "count"}) ||
      !readName(*object, path, device.name) ||
      !readNumber(*object, path, "weight", false, device.weight) ||
      !readNumber(*object, path, "disagreement", false, device.disagreement) ||
      !readNumber(*object, path, "memory", false, device.memory) ||
      !readNumber(*object, path, "count", false, device.count))
    return false;
  problem.devices.push_back(std::move(device));
  return true;
}

bool Reader::readCategory(const json::Value &value, const Twine &path) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return fail(path, "an object", &value);
  Category category;
  if (!checkKeys(*object, path, {"name", "count", "memory"}) ||
      !readName(*object, path, category.name) ||
      !readNumber(*object, path, "count", true, category.count) ||
      !readNumber(*object, path, "memory", false, category.memory))
    return false;
  problem.categories.push_back(std::move(category));
  return true;
}

bool Reader::findMatrix(const json::Object &file, StringRef key, bool isNeeded,
                        Matrix &matrix) {
  const size_t rows = problem.devices.size();
  const size_t columns = problem.categories.size();
  matrix = nullptr;
  const json::Value *value = file.get(key);
  if (!value && !isNeeded)
    return true;
  matrix = value ? value->getAsArray() : nullptr;
  if (!matrix || matrix->size() != rows)
    return fail(key, "an array of " + Twine(rows) + ", a row for each device",
                value);
  for (const auto &[i, row] : llvm::enumerate(*matrix))
    if (!row.getAsArray() || row.getAsArray()->size() != columns)
      return fail(key + "[" + Twine(i) + "]",
                  "an array of " + Twine(columns) + ", one for each category",
                  &row);
  return true;
}

bool Reader::readRates(StringRef gainKey, Matrix gain, Matrix time,
                       Matrix saturation) {
  Rates &rates = problem.rates;
  for (size_t i = 0; i != gain->size(); ++i) {
    const json::Array &row = *(*gain)[i].getAsArray();
    for (size_t k = 0; k != row.size(); ++k) {
      // A device that cannot run a category has null.
      if (row[k].getAsNull())
        continue;
      auto readEntry = [&](StringRef key, const json::Value &value,
                           std::vector<double> &to) {
        to.push_back(0);
        return readNumber(value, key + "[" + Twine(i) + "][" + Twine(k) + "]",
                          to.back());
      };
      rates.category.push_back(k);
      if (!readEntry(gainKey, row[k], rates.gain) ||
          (time &&
           !readEntry("time", (*(*time)[i].getAsArray())[k], rates.time)))
        return false;
      if (goal != Goal::Diminishing)
        continue;
      // Of what there are none, any number will do.
      if (!saturation || (*(*saturation)[i].getAsArray())[k].getAsNull())
        rates.saturation.push_back(std::max(problem.categories[k].count, 1.0));
      else if (!readEntry("saturation", (*(*saturation)[i].getAsArray())[k],
                          rates.saturation))
        return false;
    }
    rates.start.push_back(rates.category.size());
  }
  return true;
}

bool Reader::readObject(const json::Object &file) {
  if (!checkKeys(file, "",
                 {"devices", "categories", "gain", "time", "saved_bytes",
                  "saturation"}))
    return false;
  auto readList = [&](StringRef key, auto read) {
    const json::Value *value = file.get(key);
    const json::Array *list = value ? value->getAsArray() : nullptr;
    if (!list)
      return fail(key, "an array of objects", value);
    for (const auto &[index, element] : llvm::enumerate(*list))
      if (!(this->*read)(element, key + "[" + Twine(index) + "]"))
        return false;
    return true;
  };
  const bool ofBytes = goal == Goal::SavedBytes;
  Matrix gain, bytes, time, saturation;
  if (!readList("devices", &Reader::readDevice) ||
      !readList("categories", &Reader::readCategory) ||
      !findMatrix(file, "gain", !ofBytes, gain) ||
      !findMatrix(file, "saved_bytes", ofBytes, bytes) ||
      !findMatrix(file, "time", false, time) ||
      !findMatrix(file, "saturation", false, saturation))
    return false;
  if (goal == Goal::Diminishing)
    problem.utility = Utility::Diminishing;
  return ofBytes ? readRates("saved_bytes", bytes, time, saturation)
                 : readRates("gain", gain, time, saturation);
}

llvm::Expected<Problem> Reader::read(StringRef text) {
  // The parser would go as deep into the stack.
  if (mlir::owl::getJsonDepth(text) > kMaxDepth)
    return llvm::createStringError("nested too deeply: expected an object of "
                                   "arrays");
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return llvm::createStringError("no JSON: " +
                                   llvm::toString(value.takeError()));
  if (std::optional<RepeatedKey> again = findRepeatedKey(text))
    return llvm::createStringError(
        "line " + Twine(again->line) + ", column " + Twine(again->column) +
        ": the object already has " + again->key + "; expected each key once");
  const json::Object *file = value->getAsObject();
  if (!file)
    return llvm::createStringError("expected an object, got " +
                                   describe(*value));
  if (!readObject(*file))
    return llvm::createStringError(error);
  return std::move(problem);
}

llvm::Expected<Problem> owl::assignment::readProblem(StringRef text,
                                                     Goal goal) {
  return Reader(goal).read(text);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

StringRef owl::assignment::getName(Status status) {
  switch (status) {
  case Status::Optimal:
    return "optimal";
  case Status::StatusQuo:
    return "status-quo";
  case Status::Stopped:
    return "stopped";
  }
  llvm_unreachable("a status");
}

void owl::assignment::writePlan(llvm::raw_ostream &os, const Problem &problem,
                                const Rules &rules, const Plan &plan) {
  const int32_t numDevices = problem.getNumDevices();
  const Metrics metrics = measure(problem, rules, plan.allocation);
  json::OStream j(os);
  // JSON has no infinity.
  auto number = [&](StringRef key, double value) {
    j.attribute(key, std::isfinite(value) ? json::Value(value) : nullptr);
  };
  auto writeNumbers = [&](StringRef key, ArrayRef<double> values) {
    j.attributeArray(key, [&] {
      for (double value : values)
        j.value(std::isfinite(value) ? json::Value(value) : nullptr);
    });
  };
  j.objectBegin();
  j.attributeArray("devices", [&] {
    for (const Device &device : problem.devices)
      j.value(device.name);
  });
  j.attributeArray("allocation", [&] {
    for (int32_t i = 0; i != numDevices; ++i) {
      json::Array row(std::vector<double>(problem.getNumCategories()));
      for (int64_t e = problem.begin(i); e != problem.end(i); ++e)
        row[problem.rates.category[e]] =
            plan.allocation.row(i)[e - problem.begin(i)];
      j.value(std::move(row));
    }
  });
  writeNumbers("prices", plan.prices.category);
  writeNumbers("utility", metrics.utility);
  writeNumbers("gain", metrics.gain);
  j.attributeArray("pinned", [&] {
    for (char isPinned : rules.pinned)
      j.value(isPinned != 0);
  });
  number("jain", metrics.jain);
  number("nash_log", plan.certificate.primal);
  number("dual_log", plan.certificate.dual);
  number("gap", plan.certificate.getGap());
  if (!problem.rates.time.empty()) {
    writeNumbers("time", metrics.time);
    number("makespan", metrics.makespan);
    number("least_makespan", rules.leastMakespan);
    number("deadline", rules.deadline);
  }
  j.attribute("rounds", plan.rounds);
  j.attribute("status", getName(plan.status));
  j.objectEnd();
  os << '\n';
}
