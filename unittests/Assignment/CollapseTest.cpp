//===- CollapseTest.cpp - Devices that are alike --------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Collapse.h"
#include "Random.h"
#include "owl/Assignment/Solvers.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace owl::assignment;

namespace {
/// `problem` with `copies` of each device, each copy with a row of its own.
Problem multiply(const Problem &problem, int copies) {
  Problem many = problem;
  for (int copy = 1; copy != copies; ++copy)
    for (Device device : problem.devices) {
      device.name += "-" + std::to_string(copy);
      const int64_t first = problem.rates.start[device.row];
      const int64_t last = problem.rates.start[device.row + 1];
      device.row = many.rates.getNumRows();
      auto append = [&](auto &to, const auto &from) {
        if (!from.empty())
          to.insert(to.end(), from.begin() + first, from.begin() + last);
      };
      append(many.rates.category, problem.rates.category);
      append(many.rates.gain, problem.rates.gain);
      append(many.rates.time, problem.rates.time);
      append(many.rates.saturation, problem.rates.saturation);
      many.rates.start.push_back(many.rates.category.size());
      many.devices.push_back(device);
    }
  // So many have more memory, and as much work.
  for (Category &category : many.categories)
    category.count *= copies;
  return many;
}

TEST(Collapse, GivesEachWhatTheSolverWould) {
  Random random(3);
  int solved = 0;
  for (int trial = 0; trial != 40; ++trial) {
    SCOPED_TRACE(trial);
    const Problem one = drawProblem(random);
    const Problem many = multiply(one, 3);
    ASSERT_EQ(many.validate(), std::nullopt);
    const Collapsed collapsed = collapse(many);
    ASSERT_LE(collapsed.problem.getNumDevices(), one.getNumDevices());
    ASSERT_EQ(collapsed.problem.validate(), std::nullopt);

    SoleParticipant sole;
    const Prepared classes = prepare(collapsed.problem, sole);
    const Prepared each = prepare(many, sole);
    ASSERT_EQ(classes.error.has_value(), each.error.has_value());
    if (classes.error)
      continue;
    const Plan plan =
        solveInteriorPoint(collapsed.problem, classes.rules, {}, sole);
    const Rules rules = collapsed.expand(classes.rules);
    const Plan expanded = collapsed.expand(many, plan);
    EXPECT_EQ(verify(many, rules, expanded.allocation), std::nullopt);
    const Certificate certificate =
        certify(many, rules, expanded.allocation, expanded.prices);
    EXPECT_NEAR(certificate.primal, plan.certificate.primal,
                1e-9 * (1 + std::abs(plan.certificate.primal)));
    EXPECT_NEAR(certificate.dual, plan.certificate.dual,
                1e-9 * (1 + std::abs(plan.certificate.dual)));
    EXPECT_LE(certificate.getGap(), 1e-6);
    ++solved;
  }
  EXPECT_GT(solved, 20);
}

TEST(Collapse, TellsApartWhatDiffers) {
  Problem problem = makeProblem({{1, 2}, {1, 2}, {1, 2}, {1, 3}}, {4, 5});
  problem.devices[1].weight = 2;
  problem.devices[2].count = 4;
  const Collapsed collapsed = collapse(problem);
  EXPECT_EQ(collapsed.classOf, (std::vector<int32_t>{0, 1, 0, 2}));
  EXPECT_EQ(collapsed.problem.devices[0].count, 5);
}
} // namespace
