//===- PricingTest.cpp - What a group takes on a device -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times and bytes against numbers computed by hand.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Pricing.h"
#include "ParsedModule.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

// Three phases: the maximum, the sum of exponentials, the division. The last
// two need the exponentials.
const char *softmax = R"mlir(
  func.func @softmax(%x: tensor<64x1000xf32>) {
    %i = tensor.empty() : tensor<64x1000xf32>
    owl.group ins(%x : tensor<64x1000xf32>) outs(%i : tensor<64x1000xf32>) {
    ^bb0(%a: tensor<64x1000xf32>):
      %m = owl.reduce <max> %a axes = [1] keep_dims : tensor<64x1000xf32> -> tensor<64x1xf32>
      %mb = owl.repeat %m by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
      %d = arith.subf %a, %mb : tensor<64x1000xf32>
      %e = math.exp %d : tensor<64x1000xf32>
      %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<64x1000xf32> -> tensor<64x1xf32>
      %sb = owl.repeat %s by [1, 1000] : tensor<64x1xf32> -> tensor<64x1000xf32>
      %y = arith.divf %e, %sb : tensor<64x1000xf32>
      owl.yield %y : tensor<64x1000xf32>
    } -> tensor<64x1000xf32>
    return
  }
)mlir";

constexpr double kElements = 64 * 1000, kArray = 4 * kElements;
constexpr double kRow = 4 * 1000, kColumn = 4 * 64;

/// Where nothing takes time but what the test asks for.
MachineModel getFreeMachine() {
  constexpr double fast = 1e30;
  return {fast, fast, fast, 0, 1 << 15, 1 << 20, uint64_t(1) << 40};
}

class PricingTest : public ::testing::Test {
protected:
  PricingTest() : parsed(softmax), pricing(parsed.groups.front()) {}

  ParsedModule parsed;
  GroupPricing pricing;
};

TEST_F(PricingTest, BytesGoToMemoryOnce) {
  MachineModel machine = getFreeMachine();
  machine.bandwidth = 1;
  machine.cache = kRow;
  for (Variant fused : {Variant::Recompute, Variant::Buffer})
    EXPECT_DOUBLE_EQ(pricing.getTime(fused, machine), 2 * kArray);
  // What is materialised is written and read once more.
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Materialise, machine), 4 * kArray);
  // Each op reads its operands and writes its result: the two reductions an
  // array and a column; repeats likewise; subtraction and division three
  // arrays; the exponential two.
  double unfused =
      4 * (kArray + kColumn) + 3 * kArray + 3 * kArray + 2 * kArray;
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Unfused, machine), unfused);
  EXPECT_DOUBLE_EQ(pricing.getSavedBytes(), unfused - 2 * kArray);
}

TEST_F(PricingTest, RecomputationDoesArithmeticAgain) {
  MachineModel machine = getFreeMachine();
  machine.transcendentals = 1;
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Recompute, machine), 2 * kElements);
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Buffer, machine), kElements);
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Unfused, machine), kElements);
  // The maximum, the difference and the sum take one addition each, the
  // division four, and an access of the cache four for each of two uses.
  machine = getFreeMachine();
  machine.flops = 1;
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Unfused, machine), 7 * kElements);
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Recompute, machine), 8 * kElements);
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Buffer, machine), 15 * kElements);
}

TEST_F(PricingTest, GroupIsLaunchedOnce) {
  MachineModel machine = getFreeMachine();
  machine.launch = 1;
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Buffer, machine), 1);
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Unfused, machine), 7);
}

TEST_F(PricingTest, RowsHaveToFitTheCache) {
  MachineModel machine = getFreeMachine();
  machine.bandwidth = 1;
  machine.cache = kRow;
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Buffer, machine), 2 * kArray);
  // No cache holds the array, so that both uses go to memory.
  EXPECT_DOUBLE_EQ(pricing.getTime(Variant::Materialise, machine), 4 * kArray);
  machine.cache = kRow - 1;
  EXPECT_TRUE(std::isinf(pricing.getTime(Variant::Buffer, machine)));
  machine.memory = kArray - 1;
  EXPECT_TRUE(std::isinf(pricing.getTime(Variant::Materialise, machine)));
}

TEST_F(PricingTest, FastestVariantIsChosen) {
  MachineModel machine = getFreeMachine();
  machine.transcendentals = 1;
  Price price = pricing.choose(machine);
  EXPECT_EQ(price.variant, Variant::Buffer);
  EXPECT_DOUBLE_EQ(price.seconds, kElements);
  EXPECT_DOUBLE_EQ(price.saved, 0);
  // Where memory leaves time, nothing has to be kept.
  machine = getFreeMachine();
  machine.bandwidth = 1;
  machine.cache = kRow;
  price = pricing.choose(machine);
  EXPECT_EQ(price.variant, Variant::Recompute);
  EXPECT_DOUBLE_EQ(price.saved, pricing.getSavedBytes());
  // Where no cache holds a row, what takes long is written as an array.
  machine = getFreeMachine();
  machine.transcendentals = 1;
  machine.cache = 8;
  EXPECT_EQ(pricing.choose(machine).variant, Variant::Materialise);
  // A group stays one, also where its ops one by one would be faster.
  machine.memory = 8;
  price = pricing.choose(machine);
  EXPECT_EQ(price.variant, Variant::Recompute);
  EXPECT_GT(price.seconds, pricing.getTime(Variant::Unfused, machine));
  EXPECT_DOUBLE_EQ(price.saved, 0);
}

TEST_F(PricingTest, ResultsAndConstantsTakeMemory) {
  EXPECT_EQ(pricing.getMemory(), kArray);
  ParsedModule scaled(R"mlir(
    func.func @scale(%x: tensor<2x4xf32>) {
      %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
      %i = tensor.empty() : tensor<2x4xf32>
      owl.group ins(%x, %w : tensor<2x4xf32>, tensor<1x4xf32>) outs(%i : tensor<2x4xf32>) {
      ^bb0(%a: tensor<2x4xf32>, %b: tensor<1x4xf32>):
        %r = owl.repeat %b by [2, 1] : tensor<1x4xf32> -> tensor<2x4xf32>
        %y = arith.mulf %a, %r : tensor<2x4xf32>
        owl.yield %y : tensor<2x4xf32>
      } -> tensor<2x4xf32>
      return
    }
  )mlir");
  ASSERT_EQ(scaled.groups.size(), 1u);
  EXPECT_EQ(GroupPricing(scaled.groups.front()).getMemory(), 32 + 16);
}

TEST(PricingOfOneOpTest, FusionSavesNothing) {
  ParsedModule parsed(R"mlir(
    func.func @sum(%x: tensor<?x8xf32>) {
      %i = tensor.empty() : tensor<8xf32>
      owl.group ins(%x : tensor<?x8xf32>) outs(%i : tensor<8xf32>) {
      ^bb0(%a: tensor<?x8xf32>):
        %s = owl.reduce <sum> %a axes = [0] : tensor<?x8xf32> -> tensor<8xf32>
        owl.yield %s : tensor<8xf32>
      } -> tensor<8xf32>
      return
    }
  )mlir");
  ASSERT_EQ(parsed.groups.size(), 1u);
  GroupPricing pricing(parsed.groups.front());
  MachineModel machine = getFreeMachine();
  machine.bandwidth = 1;
  machine.cache = kRow;
  Price price = pricing.choose(machine);
  // An unknown size counts as 1024.
  EXPECT_DOUBLE_EQ(price.seconds, 4 * (1024 * 8 + 8));
  EXPECT_EQ(price.saved, 0);
  EXPECT_EQ(pricing.getSavedBytes(), 0);
}

} // namespace
