//===- Partition.cpp - One module a device --------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run of ops on one device becomes a function of the module of that device,
// and what is left of the function that they were in is a schedule:
//
//   %0 = owl.group ins(%x) {device = @a} ...
//   %1 = owl.group ins(%0) {device = @b} ...
//
// becomes
//
//   %0 = owl.call @a::@f_0(%x)
//   %t = owl.transfer %0 from @a to @b
//   %1 = owl.call @b::@f_1(%t)
//
//===----------------------------------------------------------------------===//

#include "DataFlow.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_PARTITION
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
/// The modules of devices, made when they are first needed.
class DeviceModules {
public:
  DeviceModules(ModuleOp module, const Fleet &fleet)
      : symbols(module), fleet(fleet), modules(fleet.size()) {}

  ModuleOp get(unsigned device) {
    ModuleOp &inner = modules[device];
    if (inner)
      return inner;
    DeviceOp op = fleet.getDevice(device);
    // It may have a module already.
    inner = cast<ModuleOp>(op->getParentOp());
    if (inner.getSymNameAttr() == op.getSymNameAttr())
      return inner;
    OpBuilder b(op);
    inner = ModuleOp::create(b, op.getLoc(), op.getSymName());
    symbols.remove(op);
    op->moveBefore(inner.getBody(), inner.getBody()->begin());
    symbols.insert(inner);
    return inner;
  }

private:
  SymbolTable symbols;
  const Fleet &fleet;
  SmallVector<ModuleOp> modules;
};

/// Makes the schedule of one function.
class Scheduler {
public:
  Scheduler(func::FuncOp function, const Fleet &fleet, DeviceModules &modules)
      : function(function), fleet(fleet), modules(modules), b(function),
        home(fleet.getHome(function)) {}

  void run();

private:
  /// The device of `op`, which is on one.
  unsigned getDevice(Operation *op) const;
  /// Makes a function of the current run, which is called before `next`.
  void endRun(Operation *next);
  /// `value`, as it is known in the schedule, on `device`.
  Value moveTo(Value value, unsigned device);
  /// Makes a function of `ops` that takes `inputs` and returns `outputs`.
  func::FuncOp outline(ModuleOp module, ArrayRef<Operation *> ops,
                       ArrayRef<Value> inputs, ArrayRef<Value> outputs);
  /// Whether something outside of the current run uses `value`.
  bool isNeeded(Value value) const;
  /// Erases `op` with what is made anywhere of its results.
  void erase(Operation *op);

  func::FuncOp function;
  const Fleet &fleet;
  DeviceModules &modules;
  OpBuilder b;
  unsigned home, numRuns = 0;
  /// Where tensors are that are not made anywhere.
  DenseMap<Value, unsigned> deviceOf;
  /// What has been transferred, by what to which device.
  DenseMap<std::pair<Value, unsigned>, Value> transferred;
  /// Ops that follow one another on one device.
  llvm::SetVector<Operation *> current;
  unsigned device = 0;
};
} // namespace

unsigned Scheduler::getDevice(Operation *op) const {
  if (auto group = dyn_cast<GroupOp>(op))
    return *fleet.lookup(group.getDeviceAttr().getAttr());
  for (Value value : getUsedTensors(op))
    if (auto it = deviceOf.find(value); it != deviceOf.end())
      return it->second;
  return home;
}

Value Scheduler::moveTo(Value value, unsigned to) {
  auto known = deviceOf.find(value);
  if (known == deviceOf.end())
    return value;
  Value here = value;
  for (unsigned at = known->second; at != to;) {
    unsigned hop = fleet.getNextHop(at, to);
    Value &sent = transferred[{value, hop}];
    if (!sent)
      sent = TransferOp::create(b, value.getLoc(), here, fleet.getName(at),
                                fleet.getName(hop));
    here = sent;
    at = hop;
  }
  return here;
}

func::FuncOp Scheduler::outline(ModuleOp module, ArrayRef<Operation *> ops,
                                ArrayRef<Value> inputs,
                                ArrayRef<Value> outputs) {
  Location loc = current.front()->getLoc();
  OpBuilder inner = OpBuilder::atBlockEnd(module.getBody());
  std::string name =
      (function.getSymName() + "_" + std::to_string(numRuns++)).str();
  auto outlined = func::FuncOp::create(
      inner, loc, name,
      inner.getFunctionType(ValueRange(inputs).getTypes(),
                            ValueRange(outputs).getTypes()));
  inner.setInsertionPointToStart(outlined.addEntryBlock());
  IRMapping mapping;
  mapping.map(ValueRange(inputs), outlined.getArguments());
  for (Operation *op : ops)
    inner.clone(*op, mapping);
  SmallVector<Value> results;
  for (Value output : outputs)
    results.push_back(mapping.lookup(output));
  func::ReturnOp::create(inner, loc, results);
  return outlined;
}

bool Scheduler::isNeeded(Value value) const {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    Operation *here = current.front()->getBlock()->findAncestorOpInBlock(*user);
    if (current.contains(here))
      return false;
    return getPlace(here) != Place::Anywhere ||
           llvm::any_of(here->getResults(),
                        [&](Value result) { return isNeeded(result); });
  });
}

void Scheduler::erase(Operation *op) {
  llvm::SmallSetVector<Operation *, 4> users(op->user_begin(), op->user_end());
  for (Operation *user : users)
    erase(user);
  for (Value result : op->getResults())
    deviceOf.erase(result);
  op->erase();
}

void Scheduler::endRun(Operation *next) {
  if (current.empty())
    return;
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation *> ops(current);
  std::function<void(Value)> take = [&](Value value) {
    Operation *producer = value.getDefiningOp();
    if (producer && current.contains(producer))
      return;
    if (!producer || getPlace(producer) != Place::Anywhere) {
      inputs.insert(value);
      return;
    }
    llvm::for_each(producer->getOperands(), take);
    ops.insert(producer);
  };
  SmallVector<Value> outputs;
  for (Operation *op : current) {
    llvm::for_each(getUsedValues(op), take);
    for (Value result : op->getResults())
      if (isNeeded(result))
        outputs.push_back(result);
  }
  SmallVector<Operation *> ordered(ops.takeVector());
  llvm::sort(ordered,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  func::FuncOp outlined =
      outline(modules.get(device), ordered, inputs.getArrayRef(), outputs);

  b.setInsertionPoint(next);
  SmallVector<Value> operands;
  for (Value input : inputs)
    operands.push_back(moveTo(input, device));
  auto callee =
      SymbolRefAttr::get(fleet.getName(device).getAttr(),
                         FlatSymbolRefAttr::get(outlined.getSymNameAttr()));
  auto call = CallOp::create(b, outlined.getLoc(),
                             ValueRange(outputs).getTypes(), callee, operands);
  for (auto [output, result] : llvm::zip_equal(outputs, call.getResults())) {
    output.replaceAllUsesWith(result);
    if (isa<TensorType>(result.getType()))
      deviceOf[result] = device;
  }
  for (Operation *op : llvm::reverse(current))
    erase(op);
  current.clear();
}

/// Erases what nothing in `block` needs.
static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

void Scheduler::run() {
  Block &block = function.getBody().front();
  eraseDead(block);
  auto setDevice = [&](ValueRange values, unsigned where) {
    for (Value value : values)
      if (isa<TensorType>(value.getType()))
        deviceOf[value] = where;
  };
  setDevice(block.getArguments(), home);
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
    switch (getPlace(&op)) {
    case Place::Anywhere:
      break;
    case Place::Caller:
      // A scalar that the run computes is known after it.
      if (llvm::any_of(getUsedValues(&op), [&](Value value) {
            return current.contains(value.getDefiningOp());
          }))
        endRun(&op);
      break;
    case Place::Device: {
      unsigned where = getDevice(&op);
      if (where != device)
        endRun(&op);
      device = where;
      current.insert(&op);
      setDevice(op.getResults(), where);
      break;
    }
    }
  }
  Operation *end = block.getTerminator();
  endRun(end);
  b.setInsertionPoint(end);
  for (OpOperand &operand : end->getOpOperands())
    operand.set(moveTo(operand.get(), home));
  eraseDead(block);
}

/// Refuses what cannot be placed, or not be reached.
static LogicalResult verify(ArrayRef<func::FuncOp> functions,
                            const Fleet &fleet) {
  for (func::FuncOp function : functions) {
    if (failed(verifyDistributable(function)))
      return failure();
    unsigned home = fleet.getHome(function);
    for (GroupOp group : function.getBody().front().getOps<GroupOp>()) {
      if (!group.getDeviceAttr())
        return group.emitOpError("expects a device: owl-assign-devices chooses "
                                 "one");
      unsigned device = *fleet.lookup(group.getDeviceAttr().getAttr());
      if (!fleet.isReachable(home, device))
        return group.emitOpError("expects links over which ")
               << group.getDeviceAttr() << " can be reached from "
               << fleet.getName(home);
    }
  }
  return success();
}

namespace {
struct Partition : public mlir::owl::impl::PartitionBase<Partition> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    Fleet fleet(module);
    if (fleet.size() == 0)
      return;
    SmallVector<func::FuncOp> functions;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal())
        functions.push_back(function);
    if (failed(verify(functions, fleet)))
      return signalPassFailure();
    DeviceModules modules(module, fleet);
    for (func::FuncOp function : functions)
      Scheduler(function, fleet, modules).run();
  }
};
} // namespace
