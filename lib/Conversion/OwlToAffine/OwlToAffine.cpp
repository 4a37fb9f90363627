//===- OwlToAffine.cpp - Owl ops become loop nests ------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass around GroupEmitter: an op by itself is a group of one.
//
//===----------------------------------------------------------------------===//

#include "../VectorBits.h"
#include "FoldToAffine.h"
#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "owl/Conversion/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::owl {
#define GEN_PASS_DEF_CONVERTOWLTOAFFINE
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// What `op`, which is in buffer form, makes of `operands`, which stand for all
/// of its operands but the destination.
static Value createTensorForm(OpBuilder &b, Operation *op, Type type,
                              ValueRange operands) {
  Location loc = op->getLoc();
  Value source = operands.front();
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](memref::CopyOp) -> Value {
        if (source.getType() == type)
          return source;
        return tensor::CastOp::create(b, loc, type, source);
      })
      .Case([&](ReduceOp reduce) {
        return ReduceOp::create(b, loc, type, reduce.getKindAttr(), source,
                                Value(), reduce.getAxesAttr(),
                                reduce.getKeepDimsAttr(),
                                reduce.getIsUnsignedAttr())
            .getResult();
      })
      .Case<RepeatOp, TileOp>([&](auto repetition) {
        return decltype(repetition)::create(b, loc, type, source, Value(),
                                            operands.drop_front(),
                                            repetition.getStaticCountsAttr())
            .getResult();
      });
}

/// Replaces `op`, whose second operand is the buffer that it fills, by a group
/// of its own.
static GroupOp wrap(Operation *op) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  SmallVector<Value> inputs(op->getOperands());
  Value dest = inputs[1];
  inputs.erase(inputs.begin() + 1);
  auto group = GroupOp::create(b, loc, TypeRange(), inputs, dest);
  {
    OpBuilder::InsertionGuard guard(b);
    Block *body = b.createBlock(&group.getBody());
    for (Value input : inputs)
      body->addArgument(GroupOp::getInnerType(input.getType()), loc);
    Value value = createTensorForm(b, op, GroupOp::getInnerType(dest.getType()),
                                   body->getArguments());
    YieldOp::create(b, loc, value);
  }
  op->erase();
  return group;
}

template <typename Code> static bool hasNonTemporal(Code &code) {
  return code
      .walk([](vector::StoreOp store) {
        return store.getNontemporal() ? WalkResult::interrupt()
                                      : WalkResult::advance();
      })
      .wasInterrupted();
}

static void createFence(OpBuilder &b, Operation *before) {
  b.setInsertionPoint(before);
  LLVM::FenceOp::create(b, before->getLoc(), LLVM::AtomicOrdering::seq_cst);
}

/// Puts the code of `nest` in its place, twice if its non-temporal stores are
/// meant for the case of `isLarge`, which may be null.
static void placeNest(scf::ExecuteRegionOp nest, Value isLarge) {
  OpBuilder b(nest);
  Location loc = nest.getLoc();
  Block &code = nest.getRegion().front();
  Operation *before = nest;
  if (hasNonTemporal(code)) {
    if (isLarge) {
      auto choice = scf::IfOp::create(b, loc, isLarge, /*withElseRegion=*/true);
      IRMapping mapping;
      b.setInsertionPointToStart(choice.elseBlock());
      for (Operation &op : code)
        b.clone(op, mapping);
      choice.elseBlock()->walk([](vector::StoreOp store) {
        store.setNontemporal(false);
        store.removeAlignmentAttr();
      });
      before = choice.thenBlock()->getTerminator();
    }
    // Ordinary stores of this thread, which may tell another one that a task
    // has ended, must not pass the others.
    code.walk([&](ParallelForOp op) {
      if (hasNonTemporal(*op))
        createFence(b, op.getBody().front().getTerminator());
    });
    createFence(b, before);
    before = before->getPrevNode();
  }
  before->getBlock()->getOperations().splice(before->getIterator(),
                                             code.getOperations());
  nest.erase();
}

/// Whether `op` copies what groups can: other copies are left to those that
/// know their types.
static bool isSupportedCopy(Operation *op) {
  return isa<memref::CopyOp>(op) &&
         llvm::all_of(op->getOperandTypes(), [](Type type) {
           auto buffer = dyn_cast<MemRefType>(type);
           if (!buffer || !buffer.isStrided())
             return false;
           Type element = buffer.getElementType();
           return element.isIndex() ||
                  (element.isIntOrFloat() &&
                   llvm::is_contained({1u, 8u, 16u, 32u, 64u},
                                      element.getIntOrFloatBitWidth()));
         });
}

namespace {
struct ConvertOwlToAffine
    : public owl::impl::ConvertOwlToAffineBase<ConvertOwlToAffine> {
  using ConvertOwlToAffineBase::ConvertOwlToAffineBase;

  void runOnOperation() override {
    if (failed(checkVectorBits(getOperation(), vectorBits)))
      return signalPassFailure();
    if (stripRegisters > 8 || !llvm::isPowerOf2_32(stripRegisters)) {
      emitError(getOperation()->getLoc(),
                "expected strip-registers to be 1, 2, 4 or 8, got ")
          << stripRegisters.getValue();
      return signalPassFailure();
    }
    FailureOr<MachineModel> known = MachineModel::parse(
        machine, [&] { return emitError(getOperation()->getLoc()); });
    if (failed(known))
      return signalPassFailure();
    // The ops of a group are in its region.
    SmallVector<Operation *> ops;
    WalkResult walk =
        getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
          if (!isa<GroupOp, ReduceOp, FoldOp, RepeatOp, TileOp>(op) &&
              !(copies && isSupportedCopy(op)))
            return WalkResult::advance();
          if (llvm::any_of(op->getResultTypes(),
                           llvm::IsaPred<RankedTensorType>)) {
            op->emitOpError("expects buffers here: bufferize before this pass");
            return WalkResult::interrupt();
          }
          ops.push_back(op);
          return WalkResult::skip();
        });
    if (walk.wasInterrupted())
      return signalPassFailure();
    SymbolTableCollection symbols;
    auto getMachine = [&](Operation *op) {
      auto group = dyn_cast<GroupOp>(op);
      return group && group.getDeviceAttr()
                 ? MachineModel::get(
                       DeviceOp::lookup(symbols, op, group.getDeviceAttr()))
                 : *known;
    };
    // Nothing on the stack of a function is there for one group alone.
    DenseMap<Operation *, unsigned> stackLeft;
    for (Operation *op : ops) {
      auto [stack, isNew] = stackLeft.try_emplace(
          op->getParentOfType<FunctionOpInterface>(), stackBytes);
      LoopResources resources = {
          vectorBits,     stripRegisters, stack->second,
          getMachine(op), threads,        std::max<int64_t>(1, taskBytes)};
      if (failed(convert(op, resources)))
        return signalPassFailure();
      stack->second = resources.stackBytes;
    }
  }

private:
  /// Takes what it needs of the stack off `resources`.
  LogicalResult convert(Operation *op, LoopResources &resources) {
    OpBuilder b(op);
    if (auto fold = dyn_cast<FoldOp>(op)) {
      convertFold(b, fold);
      return success();
    }
    if (auto group = dyn_cast<GroupOp>(op))
      return convertGroup(group, resources);
    if (auto copy = dyn_cast<memref::CopyOp>(op))
      if (copy.getSource() == copy.getTarget()) {
        copy.erase();
        return success();
      }
    return convertGroup(wrap(op), resources);
  }

  LogicalResult convertGroup(GroupOp group, LoopResources &resources) {
    OpBuilder b(group);
    Location loc = group.getLoc();
    GroupLoopsOptions options = {nonTemporalBytes, prefetchBytes,
                                 farPrefetchBytes, streamedPrefetchBytes,
                                 farPrefetchCache, kAccumulators * vectorBits,
                                 resources.machine};
    FailureOr<SmallVector<GroupLoops, 2>> parts =
        GroupLoops::create(b, group, options);
    if (failed(parts))
      return group.emitOpError("expects ops that can share loops");
    Value isLarge = parts->front().createIsLarge(b, loc, options);
    // Sizes are there already, loops are not.
    auto nest = scf::ExecuteRegionOp::create(b, loc, TypeRange());
    b.createBlock(&nest.getRegion());
    LoopBuilder builder(b, loc);
    for (const GroupLoops &loops : *parts) {
      GroupEmitter emitter(builder, group, loops, resources, nest);
      emitter.emit();
      resources.stackBytes = emitter.getStackLeft();
    }
    placeNest(nest, isLarge);
    group.erase();
    return success();
  }
};
} // namespace
