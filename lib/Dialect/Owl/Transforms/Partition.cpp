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
// What is cheap is made by each function that needs it. The shapes of what a
// function makes depend on those of its arguments, and so a size of some other
// tensor comes as that of a tensor without elements:
//
//   %n = tensor.dim %y, %c0
//   %s = tensor.empty(%n) : tensor<?x0xi8>
//   %2 = owl.call @b::@f_2(%x, %s)
//
//===----------------------------------------------------------------------===//

#include "DataFlow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_PARTITION
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// How many ops a function makes again at most for the sake of one of them: a
/// long chain of scalars is computed once.
static constexpr unsigned kMaxRemade = 64;

namespace {
/// The modules of devices, made when they are first needed.
class DeviceModules {
public:
  DeviceModules(ModuleOp module, const Fleet &fleet)
      : module(module), symbols(module), fleet(fleet), modules(fleet.size()) {}

  /// Adds `function` to the module of `device`, under a name of its own.
  void insert(unsigned device, func::FuncOp function) {
    tables.getSymbolTable(get(device)).insert(function);
  }

private:
  ModuleOp get(unsigned device) {
    ModuleOp &inner = modules[device];
    if (inner)
      return inner;
    DeviceOp op = fleet.getDevice(device);
    // It may have a module already. The outer one can have any name.
    inner = cast<ModuleOp>(op->getParentOp());
    if (inner != module)
      return inner;
    OpBuilder b(op);
    inner = ModuleOp::create(b, op.getLoc(), op.getSymName());
    symbols.remove(op);
    op->moveBefore(inner.getBody(), inner.getBody()->begin());
    symbols.insert(inner);
    return inner;
  }

  ModuleOp module;
  SymbolTable symbols;
  SymbolTableCollection tables;
  const Fleet &fleet;
  SmallVector<ModuleOp> modules;
};

/// Makes the schedule of one function: a block that takes the place of its own.
class Scheduler {
public:
  Scheduler(func::FuncOp function, const Fleet &fleet, DeviceModules &modules)
      : function(function), fleet(fleet), modules(modules), b(function),
        home(fleet.getHome(function)) {}

  void run();

private:
  /// What a function of a device is made of.
  struct Outline {
    /// In the order of the block.
    SmallVector<Operation *> ops;
    SmallVector<Value> inputs, outputs;
    /// Sizes of tensors that are no inputs.
    SmallVector<Value> sizes;
  };

  /// The device of `op`, which is on one.
  unsigned getDevice(Operation *op) const;
  /// Adds `op` to the current run where that is on `where`, else to a new one.
  void add(Operation *op, unsigned where);
  /// Makes a function of the current run, and calls it.
  void endRun();
  Outline collect() const;
  func::FuncOp outline(const Outline &parts);
  /// Whether `op` is made by each function that needs it.
  bool isRemade(Operation *op) const { return costs.contains(op); }
  /// Whether `op` says a size of a tensor that is on a device, which a schedule
  /// knows.
  bool isSize(Operation *op) const;
  /// Whether something outside of the current run uses `value`.
  bool isNeeded(Value value) const;
  /// `value` in the schedule, where it is or a size.
  Value get(Value value);
  /// `value` in the schedule, on `device`.
  Value moveTo(Value value, unsigned device);

  func::FuncOp function;
  const Fleet &fleet;
  DeviceModules &modules;
  OpBuilder b;
  unsigned home, numRuns = 0;
  /// From the function to its schedule.
  IRMapping mapping;
  /// Where tensors are that are not made anywhere.
  DenseMap<Value, unsigned> deviceOf;
  /// What has been transferred, by what to which device.
  DenseMap<std::pair<Value, unsigned>, Value> transferred;
  /// The tensors that say sizes.
  DenseMap<Value, Value> sizeTensors;
  /// What is made by each function that needs it, and of how many ops.
  DenseMap<Operation *, unsigned> costs;
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

bool Scheduler::isSize(Operation *op) const {
  auto dim = dyn_cast<tensor::DimOp>(op);
  Operation *producer = dim ? dim.getSource().getDefiningOp() : nullptr;
  return dim && isRemade(op) && !(producer && isRemade(producer));
}

Value Scheduler::get(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  auto size = value.getDefiningOp<tensor::DimOp>();
  Value dim = tensor::DimOp::create(b, value.getLoc(), get(size.getSource()),
                                    *size.getConstantIndex());
  mapping.map(value, dim);
  return dim;
}

Value Scheduler::moveTo(Value value, unsigned to) {
  Value here = get(value);
  auto known = deviceOf.find(value);
  if (known == deviceOf.end())
    return here;
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

bool Scheduler::isNeeded(Value value) const {
  llvm::SetVector<Operation *> users(value.user_begin(), value.user_end());
  for (size_t i = 0; i < users.size(); ++i) {
    Operation *user =
        current.front()->getBlock()->findAncestorOpInBlock(*users[i]);
    if (current.contains(user))
      continue;
    if (!isRemade(user))
      return true;
    users.insert(user->user_begin(), user->user_end());
  }
  return false;
}

Scheduler::Outline Scheduler::collect() const {
  llvm::SetVector<Operation *> ops(current), dims;
  llvm::SetVector<Value> inputs;
  Outline parts;
  size_t next = 0;
  auto takeOperands = [&] {
    for (; next < ops.size(); ++next)
      for (Value value : getUsedValues(ops[next])) {
        Operation *producer = value.getDefiningOp();
        if (producer && current.contains(producer))
          continue;
        if (!producer || !isRemade(producer))
          inputs.insert(value);
        else if (isSize(producer))
          dims.insert(producer);
        else
          ops.insert(producer);
      }
  };
  takeOperands();
  // No tensor comes here for nothing but its size.
  for (size_t i = 0; i < dims.size(); ++i) {
    Value source = cast<tensor::DimOp>(dims[i]).getSource();
    Operation *producer = source.getDefiningOp();
    if (inputs.contains(source) || (producer && current.contains(producer)))
      ops.insert(dims[i]);
    else
      parts.sizes.push_back(dims[i]->getResult(0));
    takeOperands();
  }
  for (Operation *op : current)
    for (Value result : op->getResults())
      if (isNeeded(result))
        parts.outputs.push_back(result);
  parts.inputs = inputs.takeVector();
  parts.ops = SmallVector<Operation *>(ops.takeVector());
  llvm::sort(parts.ops,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return parts;
}

func::FuncOp Scheduler::outline(const Outline &parts) {
  Location loc = current.front()->getLoc();
  OpBuilder inner(b.getContext());
  std::string name =
      (function.getSymName() + "_" + std::to_string(numRuns++)).str();
  SmallVector<Type> types(ValueRange(parts.inputs).getTypes());
  types.append(parts.sizes.size(), CallOp::getSizeTensorType(b.getContext()));
  auto outlined = func::FuncOp::create(
      inner, loc, name,
      inner.getFunctionType(types, ValueRange(parts.outputs).getTypes()));
  Block *block = outlined.addEntryBlock();
  inner.setInsertionPointToStart(block);
  IRMapping inside;
  inside.map(parts.inputs,
             block->getArguments().take_front(parts.inputs.size()));
  for (auto [size, argument] : llvm::zip_equal(
           parts.sizes, block->getArguments().drop_front(parts.inputs.size())))
    inside.map(size, tensor::DimOp::create(inner, loc, argument, 0));
  for (Operation *op : parts.ops)
    inner.clone(*op, inside);
  SmallVector<Value> results;
  for (Value output : parts.outputs)
    results.push_back(inside.lookup(output));
  func::ReturnOp::create(inner, loc, results);
  return outlined;
}

void Scheduler::endRun() {
  if (current.empty())
    return;
  Outline parts = collect();
  func::FuncOp outlined = outline(parts);
  modules.insert(device, outlined);
  SmallVector<Value> operands;
  for (Value input : parts.inputs)
    operands.push_back(moveTo(input, device));
  for (Value size : parts.sizes) {
    Value &tensor = sizeTensors[size];
    if (!tensor)
      tensor = tensor::EmptyOp::create(
          b, size.getLoc(), CallOp::getSizeTensorType(b.getContext()),
          get(size));
    operands.push_back(tensor);
  }
  auto callee =
      SymbolRefAttr::get(fleet.getName(device).getAttr(),
                         FlatSymbolRefAttr::get(outlined.getSymNameAttr()));
  auto call =
      CallOp::create(b, outlined.getLoc(), ValueRange(parts.outputs).getTypes(),
                     callee, operands);
  mapping.map(parts.outputs, call.getResults());
  current.clear();
}

void Scheduler::add(Operation *op, unsigned where) {
  if (where != device)
    endRun();
  device = where;
  current.insert(op);
  for (Value result : op->getResults())
    if (isa<TensorType>(result.getType()))
      deviceOf[result] = where;
}

/// Replaces sizes that are in types, or known where tensors are made that are
/// made anywhere: a schedule has no such tensors.
static void resolveSizes(RewriterBase &rewriter, Block &block) {
  for (auto dim : llvm::make_early_inc_range(block.getOps<tensor::DimOp>())) {
    std::optional<int64_t> index = dim.getConstantIndex();
    auto type = dyn_cast<RankedTensorType>(dim.getSource().getType());
    if (!index || !type || *index < 0 || *index >= type.getRank())
      continue;
    rewriter.setInsertionPoint(dim);
    OpFoldResult size = rewriter.getIndexAttr(type.getDimSize(*index));
    if (type.isDynamicDim(*index)) {
      auto result = dyn_cast<OpResult>(dim.getSource());
      ReifiedRankedShapedTypeDims shapes;
      if (!result || !isMadeAnywhere(result.getOwner()) ||
          failed(reifyResultShapes(rewriter, result.getOwner(), shapes)))
        continue;
      size = shapes[result.getResultNumber()][*index];
    }
    rewriter.replaceOp(
        dim, getValueOrCreateConstantIndexOp(rewriter, dim.getLoc(), size));
  }
}

void Scheduler::run() {
  IRRewriter rewriter(b);
  Block *old = &function.getBody().front();
  resolveSizes(rewriter, *old);
  (void)runRegionDCE(rewriter, function.getBody());
  Block *schedule = new Block;
  function.getBody().push_back(schedule);
  b.setInsertionPointToStart(schedule);
  for (BlockArgument argument : old->getArguments()) {
    mapping.map(argument,
                schedule->addArgument(argument.getType(), argument.getLoc()));
    if (isa<TensorType>(argument.getType()))
      deviceOf[argument] = home;
  }
  for (Operation &op : old->without_terminator()) {
    unsigned cost = 1;
    for (Value value : getUsedValues(&op))
      cost += costs.lookup(value.getDefiningOp());
    if (isMadeAnywhere(&op) && cost <= kMaxRemade)
      costs[&op] = cost;
    else
      add(&op, getDevice(&op));
  }
  Operation *end = old->getTerminator();
  // A schedule makes nothing itself.
  for (Value value : end->getOperands())
    if (Operation *producer = value.getDefiningOp();
        producer && isRemade(producer) && !isSize(producer))
      add(producer, home);
  endRun();
  for (Value value : end->getOperands())
    mapping.map(value, moveTo(value, home));
  b.clone(*end, mapping);
  old->dropAllReferences();
  old->erase();
}

/// Refuses what cannot be placed, or not be reached.
static LogicalResult verify(ArrayRef<func::FuncOp> functions,
                            const Fleet &fleet) {
  for (func::FuncOp function : functions) {
    if (failed(verifyDistributable(function)))
      return failure();
    unsigned home = fleet.getHome(function);
    WalkResult walk = function.walk([&](GroupOp group) {
      if (!group.getDeviceAttr() || group->getParentOp() == function)
        return WalkResult::advance();
      group.emitOpError("expects no device: what is in a region goes with the "
                        "op around it");
      return WalkResult::interrupt();
    });
    if (walk.wasInterrupted())
      return failure();
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
