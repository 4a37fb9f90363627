//===- FleetTest.cpp - Devices, models and ways between them --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers by hand: the fastest of several ways, and models that fall back to
// those of their targets.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Fleet.h"
#include "ParsedModule.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

// From a to c, 1 MiB takes 0.2 s directly and 0.1 s + 0.01 s by way of b.
const char *text = R"mlir(
  owl.device @a {target = "x86_64"}
  owl.device @b {target = "aarch64", bandwidth = 1.0e9, flops = 2.0e9,
                 transcendentals = 3.0e9, launch = 4.0e-6, cache = 5,
                 memory = 6}
  owl.device @c {target = "aarch64", launch = 1.0}
  owl.device @d {target = "wasm32"}
  owl.link @a, @c {bandwidth = 5.24288e6, latency = 1.0e-9}
  owl.link @a, @b {bandwidth = 1.048576e7, latency = 1.0e-9}
  owl.link @c, @b {bandwidth = 1.048576e8, latency = 1.0e-9}
  func.func private @f() attributes {owl.home = @c}
  func.func private @g()
)mlir";

TEST(FleetTest, ModelsFallBackToTheTarget) {
  ParsedModule parsed(text);
  ASSERT_TRUE(parsed.module);
  Fleet fleet(*parsed.module);
  ASSERT_EQ(fleet.size(), 4u);
  const MachineModel &b = fleet.getMachine(1), &c = fleet.getMachine(2);
  EXPECT_EQ(b.bandwidth, 1e9);
  EXPECT_EQ(b.flops, 2e9);
  EXPECT_EQ(b.transcendentals, 3e9);
  EXPECT_EQ(b.launch, 4e-6);
  EXPECT_EQ(b.cache, 5u);
  EXPECT_EQ(b.memory, 6u);
  MachineModel target =
      *MachineModel::get("aarch64", [&] { return parsed.module->emitError(); });
  EXPECT_EQ(b.firstCache, target.firstCache);
  EXPECT_EQ(c.launch, 1);
  EXPECT_EQ(c.bandwidth, target.bandwidth);
  EXPECT_EQ(c.memory, target.memory);
}

TEST(FleetTest, DataTakesTheFastestWay) {
  ParsedModule parsed(text);
  ASSERT_TRUE(parsed.module);
  Fleet fleet(*parsed.module);
  EXPECT_NEAR(fleet.getTransferTime(0, 2, 1 << 20), 0.11, 1e-8);
  EXPECT_NEAR(fleet.getTransferTime(2, 0, 1 << 21), 0.22, 1e-8);
  EXPECT_EQ(fleet.getTransferTime(1, 1, 1 << 20), 0);
  EXPECT_EQ(fleet.getNextHop(0, 2), 1u);
  EXPECT_EQ(fleet.getNextHop(1, 2), 2u);
  EXPECT_TRUE(fleet.isReachable(2, 0));
  EXPECT_TRUE(fleet.isLinked(2, 0));
  EXPECT_FALSE(fleet.isReachable(0, 3));
  EXPECT_FALSE(fleet.isLinked(0, 3));
}

TEST(FleetTest, FirstDeviceIsHomeWhereNothingIsSaid) {
  ParsedModule parsed(text);
  ASSERT_TRUE(parsed.module);
  Fleet fleet(*parsed.module);
  EXPECT_EQ(fleet.getHome(parsed.module->lookupSymbol("f")), 2u);
  EXPECT_EQ(fleet.getHome(parsed.module->lookupSymbol("g")), 0u);
  auto lookup = [&](StringRef name) {
    return fleet.lookup(StringAttr::get(&parsed.context, name));
  };
  EXPECT_EQ(lookup("d"), 3u);
  EXPECT_EQ(lookup("f"), std::nullopt);
}

} // namespace
