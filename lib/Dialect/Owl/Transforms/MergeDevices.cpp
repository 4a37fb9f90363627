//===- MergeDevices.cpp - One device instead of a fleet -------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module is compiled for one target: what distributes it says nothing there.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_MERGEDEVICES
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Moves what is in `inner`, the module of a device, in front of it. Functions
/// may get other names: `renamed` has them for those that callers know.
static void dissolve(ModuleOp inner, SymbolTable &symbols,
                     DenseMap<Attribute, StringAttr> &renamed) {
  // All have their names before the first is moved: what is still inside when
  // another gets a new name goes on referring to that one.
  SymbolTable innerSymbols(inner);
  for (auto symbol : inner.getOps<SymbolOpInterface>()) {
    if (isa<DeviceOp>(symbol))
      continue;
    auto callee = SymbolRefAttr::get(
        inner.getSymNameAttr(), FlatSymbolRefAttr::get(symbol.getNameAttr()));
    if (symbols.lookup(symbol.getName()))
      (void)innerSymbols.renameToUnique(symbol, {&symbols});
    renamed[callee] = symbol.getNameAttr();
  }
  for (Operation &op : llvm::make_early_inc_range(*inner.getBody())) {
    if (isa<DeviceOp>(op))
      continue;
    op.moveBefore(inner);
    if (auto symbol = dyn_cast<SymbolOpInterface>(op)) {
      // A private function is inlined where it is called.
      symbol.setVisibility(SymbolTable::Visibility::Private);
      symbols.insert(symbol);
    }
  }
  symbols.erase(inner);
}

namespace {
struct MergeDevices : public owl::impl::MergeDevicesBase<MergeDevices> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    DenseMap<Attribute, StringAttr> renamed;
    for (auto inner : llvm::make_early_inc_range(module.getOps<ModuleOp>()))
      if (DeviceOp::getRunner(inner))
        dissolve(inner, symbols, renamed);

    SmallVector<Operation *> gone;
    module.walk([&](Operation *op) {
      if (auto transfer = dyn_cast<TransferOp>(op)) {
        transfer.replaceAllUsesWith(transfer.getSource());
        gone.push_back(op);
      } else if (auto call = dyn_cast<CallOp>(op)) {
        OpBuilder b(call);
        StringAttr callee = renamed.lookup(call.getCalleeAttr());
        if (!callee)
          return;
        call->replaceAllUsesWith(func::CallOp::create(b, call.getLoc(), callee,
                                                      call.getResultTypes(),
                                                      call.getOperands()));
        gone.push_back(op);
      } else if (auto group = dyn_cast<GroupOp>(op)) {
        group.removeDeviceAttr();
      } else if (isa<func::FuncOp>(op)) {
        op->removeDiscardableAttr(OwlDialect::HomeAttrHelper::getNameStr());
      } else if (isa<DeviceOp, LinkOp>(op)) {
        gone.push_back(op);
      }
    });
    for (Operation *op : gone)
      op->erase();
  }
};
} // namespace
