//===- ProblemTest.cpp - Tests of the checks of problems ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each way in which a problem can be wrong is found, and is said in words.
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "gtest/gtest.h"
#include <cmath>
#include <functional>

using namespace owl::assignment;

namespace {

Problem makeValid() {
  Problem problem = makeProblem({{1, 2}, {3, 4}}, {5, 6});
  problem.rates.time = {1, 1, 1, 1};
  return problem;
}

/// What validate() says after `change`.
std::string getError(const std::function<void(Problem &)> &change) {
  Problem problem = makeValid();
  change(problem);
  return problem.validate().value_or("no error");
}

/// What it says with each of `values` where `place` points.
void expectError(const std::function<double *(Problem &)> &place,
                 std::initializer_list<double> values, const std::string &what,
                 const std::string &expected) {
  for (double value : values) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    EXPECT_EQ(getError([&](Problem &p) { *place(p) = value; }),
              what + " is " + text + "; expected " + expected);
  }
}

const double nan = std::nan("");
const char zeroOrSized[] = "0 or a number from 1e-30 to 1e30";

TEST(Validate, AcceptsWhatIsRight) {
  EXPECT_EQ(getError([](Problem &) {}), "no error");
  EXPECT_EQ(getError([](Problem &p) {
              p.devices[0].disagreement = -3;
              p.devices[0].memory = 0;
              p.devices[1].count = 1e15;
              p.devices[1].row = 0;
              p.categories[0].count = 0;
              p.rates.gain[3] = 0;
              p.rates.time.clear();
              p.slack = kUnlimited;
            }),
            "no error");
  EXPECT_EQ(getError([](Problem &p) {
              p.categories.clear();
              p.rates = {{0, 0, 0}, {}, {}, {}, {}};
            }),
            "no error");
}

TEST(Validate, ChecksDevices) {
  EXPECT_EQ(getError([](Problem &p) { p.devices.clear(); }),
            "there is no device; expected at least one");
  EXPECT_EQ(getError([](Problem &p) { p.devices[1].name.clear(); }),
            "device 1 (counted from 0) has no name");
  for (const char *name : {"a\n", "\x1b[31m", "\x7f", "a\xc2\x9b"})
    EXPECT_EQ(getError([&](Problem &p) { p.devices[1].name = name; }),
              "device 1 (counted from 0) has a control character in its name");
  EXPECT_EQ(getError([](Problem &p) { p.devices[1].name = "\xc3\x9c \""; }),
            "no error");
  EXPECT_EQ(getError([](Problem &p) { p.devices[1].name = "d0"; }),
            "two devices are named \"d0\"; expected each to have its own name");
  expectError([](Problem &p) { return &p.devices[1].count; },
              {nan, kUnlimited, 0, -1, 1.5, 1e16}, "the count of device \"d1\"",
              "a whole number from 1 to 2^53");
  expectError([](Problem &p) { return &p.devices[1].weight; },
              {nan, kUnlimited, 0, -1, 9e-31, 1.1e30},
              "the weight of device \"d1\"", "a number from 1e-30 to 1e30");
  expectError([](Problem &p) { return &p.devices[1].disagreement; },
              {nan, kUnlimited, -kUnlimited, 9e-31, -1.1e30},
              "the disagreement of device \"d1\"",
              "0 or a number from 1e-30 to 1e30, or one below 0 of that size");
  expectError([](Problem &p) { return &p.devices[1].memory; },
              {nan, -1, 9e-31, 1.1e30}, "the memory of device \"d1\"",
              zeroOrSized);
  for (int row : {-1, 2})
    EXPECT_EQ(getError([&](Problem &p) { p.devices[1].row = row; }),
              "device \"d1\" has row " + std::to_string(row) +
                  " of the rates; expected one of 2");
}

TEST(Validate, ChecksCategories) {
  EXPECT_EQ(getError([](Problem &p) { p.categories[0].name.clear(); }),
            "category 0 (counted from 0) has no name");
  EXPECT_EQ(
      getError([](Problem &p) { p.categories[1].name = "c0"; }),
      "two categories are named \"c0\"; expected each to have its own name");
  expectError([](Problem &p) { return &p.categories[1].count; },
              {nan, kUnlimited, -1, 0.5, 1e16}, "the count of category \"c1\"",
              "a whole number from 0 to 2^53");
  expectError([](Problem &p) { return &p.categories[1].memory; },
              {nan, kUnlimited, -1, 9e-31, 1.1e30},
              "the memory of category \"c1\"", zeroOrSized);
}

TEST(Validate, ChecksRates) {
  const std::string of = " of category \"c0\" on device \"d1\"",
                    expected = zeroOrSized;
  expectError([](Problem &p) { return &p.rates.gain[2]; },
              {nan, kUnlimited, -1, 9e-31, 1.1e30}, "the gain" + of, expected);
  expectError([](Problem &p) { return &p.rates.time[2]; },
              {nan, kUnlimited, -1, 9e-31, 1.1e30}, "the time" + of, expected);
  expectError(
      [](Problem &p) {
        p.utility = Utility::Diminishing;
        p.rates.saturation = {1, 1, 1, 1};
        return &p.rates.saturation[2];
      },
      {nan, kUnlimited, 0, -1, 9e-31, 1.1e30}, "the saturation" + of,
      "a number from 1e-30 to 1e30");
  EXPECT_EQ(getError([](Problem &p) {
              p.rates.gain[0] = nan;
              p.devices[0].row = 1;
            }),
            "the gain of category \"c0\" on row 0 (counted from 0) is nan; "
            "expected " +
                expected);
}

TEST(Validate, ChecksArrays) {
  EXPECT_EQ(getError([](Problem &p) { p.rates.gain.pop_back(); }),
            "the rates have 3 gains; expected 4");
  EXPECT_EQ(getError([](Problem &p) { p.rates.time.push_back(1); }),
            "the rates have 5 times; expected 4");
  EXPECT_EQ(getError([](Problem &p) { p.rates.saturation = {1, 1, 1, 1}; }),
            "the rates have 4 saturations; expected 0");
  EXPECT_EQ(getError([](Problem &p) { p.utility = Utility::Diminishing; }),
            "the rates have 0 saturations; expected 4");
  const std::string rows = "the rows of the rates do not go from 0 to their 4 "
                           "entries in ascending order";
  for (const std::vector<int64_t> &start : std::vector<std::vector<int64_t>>{
           {}, {0}, {0, 2}, {1, 2, 4}, {0, 2, 5}, {0, -2, 4}, {0, 5, 4}})
    EXPECT_EQ(getError([&](Problem &p) { p.rates.start = start; }), rows);
  for (int k : {-1, 2})
    EXPECT_EQ(getError([&](Problem &p) { p.rates.category[2] = k; }),
              "device \"d1\" has a rate for category " + std::to_string(k) +
                  "; expected one of 2");
  EXPECT_EQ(getError([](Problem &p) { p.rates.category = {0, 1, 1, 0}; }),
            "device \"d1\" does not have its rates in ascending order of the "
            "categories, each once: \"c0\" follows \"c1\"");
  EXPECT_EQ(getError([](Problem &p) { p.rates.category = {0, 0, 0, 1}; }),
            "device \"d0\" does not have its rates in ascending order of the "
            "categories, each once: \"c0\" follows \"c0\"");
}

TEST(Validate, ChecksThatAllCanBeRun) {
  auto leaveOut = [](Problem &p) {
    p.rates = {{0, 1, 2}, {0, 0}, {1, 1}, {}, {}};
  };
  EXPECT_EQ(getError(leaveOut),
            "no device can run category \"c1\", of which there are 6");
  EXPECT_EQ(getError([&](Problem &p) {
              leaveOut(p);
              p.categories[1].count = 0;
            }),
            "no error");
  // A row that no device has helps nobody.
  EXPECT_EQ(getError([](Problem &p) {
              p.rates = {{0, 1, 2}, {0, 1}, {1, 1}, {}, {}};
              p.devices[1].row = 0;
            }),
            "no device can run category \"c1\", of which there are 6");
}

TEST(Validate, ChecksSlack) {
  expectError([](Problem &p) { return &p.slack; }, {nan, -0.1}, "the slack",
              "a number of at least 0");
}

TEST(Problem, CountsForEachOfAClass) {
  Problem problem = makeValid();
  problem.categories[1].memory = 3;
  const double instances[] = {4, 8};
  EXPECT_EQ(problem.getUtility(0, instances), 20);
  EXPECT_EQ(problem.getTime(0, instances), 12);
  EXPECT_EQ(problem.getMemory(0, instances), 24);
  problem.devices[0].count = 4;
  EXPECT_EQ(problem.getUtility(0, instances), 5);
  EXPECT_EQ(problem.getTime(0, instances), 3);
  EXPECT_EQ(problem.getMemory(0, instances), 6);
  problem.rates.time.clear();
  EXPECT_EQ(problem.getTime(0, instances), 0);
  problem.utility = Utility::Diminishing;
  problem.rates.saturation = {2, 2, 2, 2};
  EXPECT_DOUBLE_EQ(problem.getUtility(0, instances),
                   2 * std::log(1.5) + 4 * std::log(2));
}

TEST(Problem, KnowsItsLimits) {
  Problem problem = makeValid();
  EXPECT_TRUE(problem.isTimed());
  problem.slack = kUnlimited;
  EXPECT_FALSE(problem.isTimed());
  EXPECT_FALSE(problem.isMemoryLimited());
  problem.devices[1].memory = 5;
  EXPECT_FALSE(problem.isMemoryLimited());
  problem.categories[0].memory = 5;
  EXPECT_TRUE(problem.isMemoryLimited());
}

} // namespace
