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
    if (failed(flow.verifyReachable(fleet)))
      return failure();
    FailureOr<Market> market =
        Market::create(module.getLoc(), flow, fleet, {solver, utility, slack});
    if (failed(market))
      return failure();
    FailureOr<Assignment> best = bargain(*market);
    if (failed(best))
      return failure();
    for (auto [number, group] : llvm::enumerate(flow.getGroups()))
      place(group, number, (*best)[number], fleet, *market);
    return success();
  }

  FailureOr<Assignment> bargain(const Market &market) {
    Assignment best = market.getFastestForAll();
    // Who leaves home, or the caller, pays for it.
    Assignment around = market.getHomes();
    for (int round = 0; round < kRounds; ++round) {
      FailureOr<Assignment> plan = market.bargain(around);
      if (failed(plan))
        return failure();
      around = market.improve({best, *plan});
      if (around == best)
        break;
      best = around;
    }
    best = market.improve({best}, /*last=*/true);
    if (failed(market.verify(best)))
      return failure();
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
