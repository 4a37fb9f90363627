//===- ExchangeTest.cpp - Sums, minima and parts of a problem -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Exchange.h"
#include "Random.h"
#include "owl/Assignment/Shard.h"
#include "gtest/gtest.h"

using namespace owl::assignment;

namespace {
TEST(Exchange, AddsUpInTheOrderOfTheRanks) {
  // The order shows in the last bits.
  const double values[] = {1e16, 1, -1e16, 1, 3};
  double expected = values[0];
  for (int rank = 1; rank != 5; ++rank)
    expected += values[rank];
  runShards(5, [&](Exchange &exchange) {
    const int rank = exchange.getRank();
    ASSERT_EQ(exchange.getSize(), 5);
    for (int round = 1; round != 100; ++round) {
      // More numbers than participants, and fewer.
      std::vector<double> sums(7, values[rank] * round);
      double minima[] = {double(10 - rank), double(rank)};
      exchange.reduce(sums.data(), sums.size(), minima, 2);
      if (round == 1)
        EXPECT_EQ(sums, std::vector<double>(7, expected));
      EXPECT_EQ(minima[0], 6);
      EXPECT_EQ(minima[1], 0);
      EXPECT_EQ(exchange.getRounds(), round);
    }
  });
}

TEST(Exchange, OneThreadIsAlone) {
  int calls = 0;
  runShards(1, [&](Exchange &exchange) {
    double value = 3;
    exchange.sum(&value, 1);
    EXPECT_EQ(value, 3);
    EXPECT_EQ(exchange.getSize(), 1);
    ++calls;
  });
  EXPECT_EQ(calls, 1);
}

TEST(Shard, PartsMakeTheWhole) {
  Random random(1);
  for (int trial = 0; trial != 20; ++trial) {
    const Problem problem = drawProblem(random);
    Plan whole;
    whole.allocation = placeAnyhow(problem, random);
    Rules rules;
    for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
      rules.pinned.push_back(random.chance(0.3));
      whole.prices.time.push_back(random.real(0, 1));
    }
    // There can be more participants than devices.
    runShards(4, [&](Exchange &exchange) {
      const int rank = exchange.getRank();
      const Problem shard = getShard(problem, rank, 4);
      const int32_t begin = getShardBegin(problem.getNumDevices(), rank, 4);
      Plan part;
      part.allocation = Allocation(shard);
      const double *first = whole.allocation.row(begin);
      std::copy(first, first + part.allocation.instances.size(),
                part.allocation.instances.begin());
      part.prices.time.assign(whole.prices.time.begin() + begin,
                              whole.prices.time.begin() + begin +
                                  shard.getNumDevices());
      const Plan joined = joinShards(problem, part, exchange);
      EXPECT_EQ(joined.allocation.instances, whole.allocation.instances);
      EXPECT_EQ(joined.prices.time, whole.prices.time);
      EXPECT_TRUE(joined.prices.memory.empty());
      EXPECT_EQ(joinShards(problem, getShard(rules, rank, 4), exchange).pinned,
                rules.pinned);
    });
  }
}

TEST(Shard, TheFirstTextIsHeard) {
  const std::string text = "Ger\xc3\xa4t \xff 3 \n, of any length";
  runShards(3, [&](Exchange &exchange) {
    EXPECT_EQ(joinTexts("", exchange), "");
    EXPECT_EQ(joinTexts(exchange.getRank() == 2 ? text : "", exchange), text);
    EXPECT_EQ(joinTexts(exchange.getRank() == 0   ? ""
                        : exchange.getRank() == 1 ? "b"
                                                  : "ccc",
                        exchange),
              "b");
  });
}
} // namespace
