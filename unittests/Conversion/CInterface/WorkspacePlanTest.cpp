//===- WorkspacePlanTest.cpp - Tests of workspace plans -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plans of random instances are checked against a definition of what a plan is,
// against first-fit by size, and, small ones, against the best there is.
//
//===----------------------------------------------------------------------===//

#include "owl/Conversion/CInterface/WorkspacePlan.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>

using namespace mlir::owl;
using Buffers = std::vector<PlannedBuffer>;

namespace {

/// Some buffers with sizes up to `largest`, which live in a program of as many
/// positions as there are buffers.
Buffers makeInstance(std::mt19937 &random, size_t count, uint64_t largest) {
  auto draw = [&](uint64_t least, uint64_t most) {
    return std::uniform_int_distribution<uint64_t>(least, most)(random);
  };
  Buffers buffers(count);
  for (PlannedBuffer &buffer : buffers) {
    buffer.size = draw(0, largest);
    unsigned a = draw(0, count - 1), b = draw(0, count - 1);
    buffer.lifetime = {std::min(a, b), std::max(a, b)};
  }
  return buffers;
}

/// Position by position and byte by byte.
void expectNoOverlap(const Buffers &buffers, const WorkspacePlan &plan) {
  ASSERT_EQ(plan.offsets.size(), buffers.size());
  unsigned end = 0;
  for (const PlannedBuffer &buffer : buffers)
    end = std::max(end, buffer.lifetime.last + 1);
  for (unsigned position = 0; position != end; ++position) {
    std::vector<bool> used(plan.size);
    for (size_t i = 0; i != buffers.size(); ++i) {
      Lifetime lifetime = buffers[i].lifetime;
      if (position < lifetime.first || position > lifetime.last)
        continue;
      ASSERT_LE(plan.offsets[i] + buffers[i].size, plan.size);
      for (uint64_t byte = 0; byte != buffers[i].size; ++byte) {
        ASSERT_FALSE(used[plan.offsets[i] + byte]);
        used[plan.offsets[i] + byte] = true;
      }
    }
  }
}

/// The smallest size of any plan. In some order of the buffers, that of their
/// offsets in a best plan, each lies on top of those before it.
uint64_t findBest(const Buffers &buffers) {
  std::vector<uint64_t> ends(buffers.size());
  std::vector<bool> isPlaced(buffers.size());
  uint64_t best = UINT64_MAX;
  std::function<void(size_t, uint64_t)> place = [&](size_t count,
                                                    uint64_t size) {
    if (size >= best)
      return;
    if (count == buffers.size()) {
      best = size;
      return;
    }
    for (size_t i = 0; i != buffers.size(); ++i) {
      if (isPlaced[i])
        continue;
      uint64_t offset = 0;
      for (size_t j = 0; j != buffers.size(); ++j)
        if (isPlaced[j] && buffers[i].lifetime.overlaps(buffers[j].lifetime))
          offset = std::max(offset, ends[j]);
      ends[i] = offset + buffers[i].size;
      isPlaced[i] = true;
      place(count + 1, std::max(size, ends[i]));
      isPlaced[i] = false;
    }
  };
  place(0, 0);
  return best;
}

uint64_t getSizeOrderedFirstFit(const Buffers &buffers) {
  return placeFirstFit(buffers, orderBySize(buffers)).size;
}

TEST(WorkspacePlan, OfNothing) {
  EXPECT_EQ(planWorkspace({}).size, 0u);
  EXPECT_EQ(planWorkspace({{0, {0, 9}}, {0, {0, 9}}}).size, 0u);
}

TEST(WorkspacePlan, OfAChain) {
  // Each buffer is made of the one before: two are needed at a time.
  Buffers chain;
  for (unsigned i = 0; i != 10; ++i)
    chain.push_back({64, {i, i + 1}});
  EXPECT_EQ(planWorkspace(chain).size, 128u);
}

TEST(WorkspacePlan, FillsGaps) {
  // The third fits between what the first leaves and the second.
  Buffers buffers = {{10, {0, 1}}, {8, {0, 5}}, {4, {2, 3}}, {6, {3, 5}}};
  WorkspacePlan plan = planWorkspace(buffers);
  expectNoOverlap(buffers, plan);
  EXPECT_EQ(plan.size, 18u);
  EXPECT_EQ(plan.offsets[0], 0u);
  EXPECT_EQ(plan.offsets[1], 10u);
  EXPECT_LT(plan.offsets[2], 10u);
  EXPECT_LT(plan.offsets[3], 10u);
}

TEST(WorkspacePlan, TiesGoByPosition) {
  WorkspacePlan plan = planWorkspace({{8, {0, 2}}, {8, {0, 2}}, {8, {1, 2}}});
  EXPECT_EQ(plan.offsets, (llvm::SmallVector<uint64_t>{0, 8, 16}));
}

TEST(WorkspacePlan, Saturates) {
  WorkspacePlan plan =
      planWorkspace({{UINT64_MAX - 1, {0, 1}}, {UINT64_MAX - 1, {1, 2}}});
  EXPECT_EQ(plan.size, UINT64_MAX);
}

TEST(WorkspacePlan, OfRandomBuffers) {
  std::mt19937 random(1);
  for (int i = 0; i != 2000; ++i) {
    Buffers buffers = makeInstance(random, 1 + random() % 40, 50);
    WorkspacePlan plan = planWorkspace(buffers);
    ASSERT_NO_FATAL_FAILURE(expectNoOverlap(buffers, plan));
    EXPECT_LE(plan.size, getSizeOrderedFirstFit(buffers));
    EXPECT_GE(plan.size, getLowerBound(buffers));
    EXPECT_EQ(plan.offsets, planWorkspace(buffers).offsets);
  }
}

TEST(WorkspacePlan, NearTheBest) {
  std::mt19937 random(2);
  double sum = 0, sumBySize = 0, worst = 0;
  const int count = 500;
  for (int i = 0; i != count; ++i) {
    Buffers buffers = makeInstance(random, 2 + random() % 6, 50);
    buffers.front().size += 1; // So that no best plan is empty.
    double best = findBest(buffers);
    double ratio = planWorkspace(buffers).size / best;
    ASSERT_GE(ratio, 1);
    sum += ratio;
    sumBySize += getSizeOrderedFirstFit(buffers) / best;
    worst = std::max(worst, ratio);
  }
  printf("mean ratio to the best plan: %.4f (by size alone %.4f), worst %.4f\n",
         sum / count, sumBySize / count, worst);
  EXPECT_LE(sum / count, 1.01);
}

TEST(WorkspacePlan, OfManyBuffers) {
  // As a graph of so many ops has: most live shortly.
  std::mt19937 random(3);
  Buffers buffers;
  for (unsigned i = 0; i != 10000; ++i)
    buffers.push_back({random() % 100000, {i, i + 1 + unsigned(random()) % 8}});
  WorkspacePlan plan = planWorkspace(buffers);
  uint64_t bound = getLowerBound(buffers);
  printf("10000 buffers: %.4f of the lower bound\n", double(plan.size) / bound);
  EXPECT_LE(plan.size, getSizeOrderedFirstFit(buffers));
}

} // namespace
