//===- AssignDevices.cpp - Which device runs which group ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass around Market: bargains until transfers are part of the prices.
//
//===----------------------------------------------------------------------===//

#include "FormGroups.h"
#include "Market.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_ASSIGNDEVICES
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// How often prices follow transfers.
static constexpr int kRounds = 3;

/// Refuses a device that data could not come to from a caller.
static LogicalResult verifyReachable(const DataFlow &flow, const Fleet &fleet) {
  for (unsigned node = 0; node < flow.getNumNodes(); ++node)
    for (unsigned i = 0; i < fleet.size(); ++i)
      if (!fleet.isReachable(flow.getHome(node), i))
        return DeviceOp(fleet.getDevice(i))
                   .emitOpError("expects links over which it can be reached "
                                "from ")
               << fleet.getName(flow.getHome(node));
  return success();
}

namespace {
struct AssignDevices
    : public mlir::owl::impl::AssignDevicesBase<AssignDevices> {
  using AssignDevicesBase::AssignDevicesBase;

  void runOnOperation() override {
    if (failed(assign(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult assign(ModuleOp module) {
    Fleet fleet(module);
    if (fleet.size() == 0)
      return emitError(module.getLoc())
             << "expects an owl.device to assign groups to";
    SmallVector<func::FuncOp> functions;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal())
        functions.push_back(function);
    for (func::FuncOp function : functions)
      if (failed(verifyDistributable(function)))
        return failure();
    FuseOptions fusion;
    for (func::FuncOp function : functions)
      formGroups(function.getBody().front(),
                 {fusion.maxOps, fusion.maxCost, EdgesAttr(),
                  fleet.getMachine(fleet.getHome(function)), /*all=*/true});

    DataFlow flow(functions, fleet);
    if (flow.getGroups().empty())
      return success();
    if (failed(verifyReachable(flow, fleet)))
      return failure();
    FailureOr<Market> market =
        Market::create(module.getLoc(), flow, fleet, {solver, utility, slack});
    if (failed(market))
      return failure();
    FailureOr<Assignment> best = bargain(*market, flow);
    if (failed(best))
      return failure();
    for (auto [number, group] : llvm::enumerate(flow.getGroups()))
      place(group, number, (*best)[number], fleet, *market);
    return success();
  }

  FailureOr<Assignment> bargain(Market &market, const DataFlow &flow) {
    Assignment homes = market.getHomes();
    // Who leaves home, or the caller, pays for it.
    market.addTransfers(homes);
    FailureOr<Assignment> best = market.bargain(homes);
    for (int round = 1; round < kRounds && succeeded(best); ++round) {
      market.addTransfers(*best);
      FailureOr<Assignment> next = market.bargain(*best);
      if (failed(next))
        return failure();
      if (market.getMakespan(*next) >= market.getMakespan(*best))
        break;
      best = next;
    }
    return best;
  }

  void place(GroupOp group, unsigned number, unsigned device,
             const Fleet &fleet, const Market &market) {
    group.setDeviceAttr(fleet.getName(device));
    auto remark = remark::passed(
        group.getLoc(),
        remark::RemarkOpts::name("assigned").category("owl-assign-devices"));
    if (!remark)
      return;
    const Price &price = market.getPrice(device, number);
    remark << ("@" + fleet.getName(device).getValue()).str()
           << remark::metric("Category",
                             market.getCategories().getCategory(number))
           << remark::metric("Variant", stringifyVariant(price.variant))
           << remark::metric("Seconds", price.seconds)
           << remark::metric("SecondsSaved", price.saved);
  }
};
} // namespace
