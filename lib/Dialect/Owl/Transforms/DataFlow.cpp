//===- DataFlow.cpp - What groups pass to one another ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See DataFlow.h.
//
//===----------------------------------------------------------------------===//

#include "DataFlow.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "owl/Dialect/Owl/Analysis/GroupWork.h"

using namespace mlir;
using namespace mlir::owl;

/// Values that are used by `op` and its regions, and for which `filter` holds.
static SmallVector<Value> getUsed(Operation *op,
                                  function_ref<bool(Value)> filter) {
  llvm::SetVector<Value> used;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (filter(operand) &&
          (inner == op ||
           !op->isAncestor(operand.getParentRegion()->getParentOp())))
        used.insert(operand);
    // A group sees nothing but its operands.
    return inner->hasTrait<OpTrait::IsIsolatedFromAbove>()
               ? WalkResult::skip()
               : WalkResult::advance();
  });
  return used.takeVector();
}

SmallVector<Value> owl::getUsedTensors(Operation *op) {
  SmallVector<Value> used =
      getUsed(op, [](Value value) { return isa<TensorType>(value.getType()); });
  llvm::SetVector<Value> sources;
  for (Value value : used) {
    while (auto window = value.getDefiningOp<WindowOp>())
      value = window.getSource();
    sources.insert(value);
  }
  return sources.takeVector();
}

SmallVector<Value> owl::getUsedValues(Operation *op) {
  return getUsed(op, [](Value) { return true; });
}

bool owl::isMadeAnywhere(Operation *op) {
  if (auto dim = dyn_cast<tensor::DimOp>(op))
    return dim.getConstantIndex().has_value();
  if (isFree(op) || isa<WindowOp>(op))
    return true;
  return isMemoryEffectFree(op) && !op->hasTrait<OpTrait::IsTerminator>() &&
         llvm::none_of(op->getResultTypes(), llvm::IsaPred<TensorType>) &&
         getUsedTensors(op).empty();
}

LogicalResult owl::verifyDistributable(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return emitError(function.getLoc())
           << "expects a function of one block, without branches, to "
              "distribute";
  auto isCounted = [](Type type) {
    return !isa<TensorType>(type) ||
           (isa<RankedTensorType>(type) &&
            getElementTypeOrSelf(type).isIntOrIndexOrFloat());
  };
  for (Type type : function.getArgumentTypes())
    if (!isCounted(type))
      return emitError(function.getLoc())
             << "expects ranked tensors of numbers, got " << type;
  WalkResult walk = function.walk([&](Operation *op) {
    if (isa<CallOp>(op)) {
      op->emitOpError("expects a model that is not distributed yet");
      return WalkResult::interrupt();
    }
    if (isa<func::CallOp>(op)) {
      op->emitOpError(
          "expects calls to be inlined before groups are distributed");
      return WalkResult::interrupt();
    }
    for (Type type : op->getResultTypes())
      if (!isCounted(type)) {
        op->emitOpError("expects ranked tensors of numbers, got ") << type;
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

DataFlow::DataFlow(ArrayRef<func::FuncOp> functions, const Fleet &fleet) {
  for (func::FuncOp function : functions)
    for (GroupOp group : function.getBody().front().getOps<GroupOp>()) {
      groups.push_back(group);
      homes.push_back(fleet.getHome(function));
      named.push_back(
          function->hasAttr(OwlDialect::HomeAttrHelper::getNameStr()));
    }
  edgesOf.resize(groups.size());
  for (func::FuncOp function : functions) {
    homes.push_back(fleet.getHome(function));
    add(function, homes.size() - 1);
  }
}

LogicalResult DataFlow::verifyReachable(const Fleet &fleet) const {
  for (unsigned home : homes)
    for (unsigned i = 0; i < fleet.size(); ++i)
      if (!fleet.isReachable(home, i))
        return DeviceOp(fleet.getDevice(i))
                   .emitOpError("expects links over which it can be reached "
                                "from ")
               << fleet.getName(home);
  return success();
}

void DataFlow::addEdges(ArrayRef<Value> values, unsigned to) {
  for (Value value : values) {
    auto from = nodes.find(value);
    if (from == nodes.end() || from->second == to)
      continue;
    for (unsigned node : {from->second, to})
      if (node < groups.size())
        edgesOf[node].push_back(edges.size());
    edges.push_back({value, from->second, to, getBytes(value)});
  }
}

void DataFlow::add(func::FuncOp function, unsigned caller) {
  auto setNode = [&](ValueRange values, unsigned node) {
    for (Value value : values)
      if (isa<TensorType>(value.getType()))
        nodes[value] = node;
  };
  Block &block = function.getBody().front();
  setNode(block.getArguments(), caller);
  for (Operation &op : block.without_terminator()) {
    if (isMadeAnywhere(&op))
      continue;
    SmallVector<Value> used = getUsedTensors(&op);
    unsigned node = caller;
    if (isa<GroupOp>(op))
      node = numSeen++;
    else if (auto *first = llvm::find_if(
                 used, [&](Value value) { return nodes.contains(value); });
             first != used.end())
      node = nodes[*first];
    addEdges(used, node);
    setNode(op.getResults(), node);
  }
  addEdges(getUsedTensors(block.getTerminator()), caller);
}
