//===- VerifyPartition.cpp - Whether a model is distributed well ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows each tensor of a schedule from device to device, without a word from
// those who made it.
//
//===----------------------------------------------------------------------===//

#include "DataFlow.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_VERIFYPARTITION
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
class PartitionVerifier {
public:
  PartitionVerifier(ModuleOp module, bool once)
      : module(module), fleet(module), once(once) {}

  LogicalResult run();

private:
  LogicalResult verifySchedule(func::FuncOp function);
  LogicalResult verifyOp(Operation *op);
  LogicalResult verifyModule(ModuleOp inner);
  /// Whether the tensors that `op` uses are on `device`, or made there.
  LogicalResult verifyUses(Operation *op, unsigned device) const;
  void setDevice(ValueRange values, unsigned device) {
    for (Value value : values)
      deviceOf[value] = device;
  }

  ModuleOp module;
  Fleet fleet;
  bool once;
  DenseMap<Value, unsigned> deviceOf;
  DenseMap<Attribute, unsigned> numCalls;
};
} // namespace

LogicalResult PartitionVerifier::verifyUses(Operation *op,
                                            unsigned device) const {
  for (Value value : getUsedTensors(op)) {
    auto it = deviceOf.find(value);
    if (it != deviceOf.end() && it->second != device)
      return op->emitOpError("expects tensors on ")
             << fleet.getName(device) << ", got one on "
             << fleet.getName(it->second);
  }
  return success();
}

LogicalResult PartitionVerifier::verifyOp(Operation *op) {
  if (auto call = dyn_cast<CallOp>(op)) {
    std::optional<unsigned> device =
        fleet.lookup(call.getCallee().getRootReference());
    if (!device)
      return call.emitOpError("expects a function of the module of a device");
    ++numCalls[call.getCalleeAttr()];
    setDevice(call.getResults(), *device);
    return verifyUses(op, *device);
  }
  if (auto transfer = dyn_cast<TransferOp>(op)) {
    unsigned from = *fleet.lookup(transfer.getFromAttr().getAttr()),
             to = *fleet.lookup(transfer.getToAttr().getAttr());
    if (!fleet.isLinked(from, to))
      return transfer.emitOpError("expects a link between ")
             << transfer.getFromAttr() << " and " << transfer.getToAttr();
    setDevice(transfer->getResults(), to);
    return verifyUses(op, from);
  }
  // Sizes, which go along with calls.
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    auto type = dyn_cast<RankedTensorType>(dim.getSource().getType());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (type && index && *index >= 0 && *index < type.getRank())
      return success();
    return dim.emitOpError("expects a constant dimension of a ranked tensor in "
                           "a schedule");
  }
  if (isa<tensor::EmptyOp>(op) &&
      op->getResultTypes().front() ==
          CallOp::getSizeTensorType(op->getContext()))
    return success();
  if (op->hasTrait<OpTrait::ConstantLike>() &&
      llvm::all_of(op->getUsers(), llvm::IsaPred<tensor::DimOp>))
    return success();
  return op->emitOpError(
      "expects to be in the module of a device: owl-partition "
      "moves it there");
}

LogicalResult PartitionVerifier::verifySchedule(func::FuncOp function) {
  unsigned home = fleet.getHome(function);
  for (Block &block : function.getBody()) {
    setDevice(block.getArguments(), home);
    for (Operation &op : block.without_terminator())
      if (failed(verifyOp(&op)))
        return failure();
    if (failed(verifyUses(block.getTerminator(), home)))
      return failure();
  }
  return success();
}

LogicalResult PartitionVerifier::verifyModule(ModuleOp inner) {
  for (auto function : inner.getOps<func::FuncOp>()) {
    auto name =
        SymbolRefAttr::get(inner.getSymNameAttr(),
                           FlatSymbolRefAttr::get(function.getSymNameAttr()));
    if (unsigned count = numCalls.lookup(name); once && count != 1)
      return emitError(function.getLoc())
             << "expects one call of " << name << ", got " << count;
  }
  WalkResult walk = inner.walk([&](Operation *op) {
    if (isa<TransferOp, CallOp>(op)) {
      op->emitOpError("expects to be in a schedule");
      return WalkResult::interrupt();
    }
    auto group = dyn_cast<GroupOp>(op);
    FlatSymbolRefAttr device = group ? group.getDeviceAttr() : nullptr;
    if (!device || device.getAttr() == inner.getSymNameAttr())
      return WalkResult::advance();
    group.emitOpError("expects to be in the module of ") << device;
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult PartitionVerifier::run() {
  if (fleet.size() == 0)
    return success();
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(verifySchedule(function)))
      return failure();
  for (auto inner : module.getOps<ModuleOp>())
    if (inner.getSymNameAttr() && fleet.lookup(inner.getSymNameAttr()) &&
        failed(verifyModule(inner)))
      return failure();
  return success();
}

namespace {
struct VerifyPartition
    : public mlir::owl::impl::VerifyPartitionBase<VerifyPartition> {
  using VerifyPartitionBase::VerifyPartitionBase;

  void runOnOperation() override {
    if (failed(PartitionVerifier(getOperation(), once).run()))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
