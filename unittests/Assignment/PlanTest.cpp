//===- PlanTest.cpp - Tests of the check of plans -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each rule that a plan can break is found, and is said in words.
//
//===----------------------------------------------------------------------===//

#include "Random.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {

class Verify : public testing::Test {
protected:
  Verify() : problem(makeProblem({{1, 2}, {3, 4}}, {5, 6})), plan(problem) {
    problem.rates.time = {0.5, 0.25, 1, 1};
    problem.categories[1].memory = 10;
    problem.devices[1].memory = 40;
    problem.devices[0].disagreement = 5;
    rules.pinned = {false, false};
    rules.deadline = 6;
    plan.instances = {3, 2, 2, 4};
  }

  std::string getError() {
    return verify(problem, rules, plan).value_or("no error");
  }

  Problem problem;
  Rules rules;
  Allocation plan;
};

TEST_F(Verify, Passes) {
  EXPECT_EQ(getError(), "no error");
  plan.instances = {3 + 1e-8, 2, 2, 4};
  EXPECT_EQ(getError(), "no error");
}

TEST_F(Verify, FindsWhatIsNotPlaced) {
  plan.instances[2] = 1;
  EXPECT_EQ(getError(),
            "the devices run 4 instances of category \"c0\"; expected 5");
  plan.instances = {3, 2, 3, 3};
  EXPECT_EQ(getError(),
            "the devices run 6 instances of category \"c0\"; expected 5");
}

TEST_F(Verify, FindsNegativeInstances) {
  plan.instances = {-1, 3, 6, 3};
  EXPECT_EQ(getError(), "device \"d0\" runs -1 instances of category \"c0\"; "
                        "expected a number of at least 0");
  plan.instances[0] = std::nan("");
  EXPECT_EQ(getError(), "device \"d0\" runs nan instances of category \"c0\"; "
                        "expected a number of at least 0");
}

TEST_F(Verify, FindsWhatIsTooSlow) {
  rules.deadline = 5.5;
  EXPECT_EQ(getError(), "device \"d1\" takes 6 s; expected at most 5.5");
}

TEST_F(Verify, FindsWhatDoesNotFit) {
  plan.instances = {3, 1, 1, 5};
  EXPECT_EQ(getError(),
            "device \"d1\" takes 50 of memory; expected at most 40");
}

TEST_F(Verify, FindsWhoLoses) {
  problem.devices[0].disagreement = 7.5;
  EXPECT_EQ(getError(), "device \"d0\" has a utility of 7; expected at least "
                        "its disagreement value 7.5");
}

TEST_F(Verify, CountsEachOfAClass) {
  problem.devices[1].count = 2;
  rules.deadline = 3;
  problem.devices[1].memory = 20;
  problem.devices[1].disagreement = 11;
  EXPECT_EQ(getError(), "no error");
  problem.devices[1].disagreement = 12;
  EXPECT_EQ(getError(), "device \"d1\" has a utility of 11; expected at least "
                        "its disagreement value 12");
}

TEST_F(Verify, FindsPlansOfOtherProblems) {
  plan.instances.pop_back();
  EXPECT_EQ(getError(), "the plan is not for this problem: expected a place "
                        "for each of 4 rates, in the order of 2 devices");
  plan = Allocation();
  EXPECT_EQ(getError(), "the plan is not for this problem: expected a place "
                        "for each of 4 rates, in the order of 2 devices");
}

TEST(Allocation, HasAPlaceForEachRate) {
  Problem problem = makeProblem({{1, 2}, {3, 4}}, {5, 6});
  problem.devices.push_back(problem.devices[0]);
  Allocation allocation(problem);
  EXPECT_EQ(allocation.start, (std::vector<int64_t>{0, 2, 4, 6}));
  EXPECT_EQ(allocation.instances, std::vector<double>(6));
  EXPECT_EQ(allocation.row(2), &allocation.instances[4]);
}

TEST(Gap, IsThatOfTheGeometricMean) {
  EXPECT_DOUBLE_EQ((Certificate{1, 1 + 2 * std::log(1.5), 2}).getGap(), 0.5);
  EXPECT_EQ((Certificate{1, 1 - 1e-9, 2}).getGap(), 0);
  // Nothing is proved by a bound that does not hold.
  EXPECT_EQ((Certificate{1, 0.5, 2}).getGap(), kUnlimited);
  EXPECT_EQ((Certificate{0, 0, 0}).getGap(), 0);
}

} // namespace
