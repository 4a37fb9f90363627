//===- CarryInPlace.cpp - Loops carry tensors in one buffer ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an iteration computes is copied to where it found what it was given:
//
//   scf.for ... iter_args(%a = %x) {
//     %y = owl.repeat ...
//     scf.yield %y
//
// becomes
//
//   scf.for ... iter_args(%a = %x) {
//     %y = owl.repeat ...
//     %z = bufferization.materialize_in_destination %y in %a
//     scf.yield %z
//
// Bufferization drops the copy where %y can be computed in place, or is.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_CARRYINPLACE
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;

namespace {
/// Where a value may have been before: what its buffer may be shared with.
struct Origins {
  SetVector<Value> values;
  /// Whether the result of a loop is among them, or also of a branch.
  bool fromLoop = false, fromRegion = false;

  explicit Origins(OpOperand &yielded) {
    bufferization::BufferizationOptions options;
    bufferization::AnalysisState state(options);
    Block *block = yielded.getOwner()->getBlock();
    values.insert(yielded.get());
    // NOLINTNEXTLINE(modernize-loop-convert): the set grows.
    for (size_t i = 0; i < values.size(); ++i) {
      Value value = values[i];
      Operation *op = value.getDefiningOp();
      if (!op) {
        Block *owner = cast<BlockArgument>(value).getOwner();
        if (owner == block ||
            !block->findAncestorOpInBlock(*owner->getParentOp()))
          continue;
        op = owner->getParentOp();
      } else if (!block->findAncestorOpInBlock(*op)) {
        continue;
      }
      fromLoop |= isa<LoopLikeOpInterface>(op);
      if (auto branch = dyn_cast<RegionBranchOpInterface>(op)) {
        fromRegion = true;
        RegionBranchInverseSuccessorMapping operands;
        branch.getSuccessorInputOperandMapping(operands);
        for (OpOperand *operand : operands.lookup(value))
          values.insert(operand->get());
        continue;
      }
      for (bufferization::AliasingOpOperand alias :
           state.getAliasingOpOperands(value))
        values.insert(alias.opOperand->get());
    }
  }

  /// Whether one is an argument of `block` that `matches`.
  bool haveArgumentOf(
      Block *block, function_ref<bool(BlockArgument)> matches =
                        [](BlockArgument) { return true; }) const {
    return llvm::any_of(values, [&](Value value) {
      auto argument = dyn_cast<BlockArgument>(value);
      return argument && argument.getOwner() == block && matches(argument);
    });
  }

  /// Whether both may be in one buffer that is new in each iteration.
  bool meet(const Origins &other, Block *block) const {
    return llvm::any_of(values, [&](Value value) {
      Operation *op = value.getDefiningOp();
      return op && !isa<tensor::EmptyOp>(op) &&
             block->findAncestorOpInBlock(*op) && other.values.contains(value);
    });
  }
};
} // namespace

/// Whether `value` is computed in the buffer of `argument`, by loops.
static bool isCarriedFrom(Value value, BlockArgument argument) {
  bufferization::BufferizationOptions options;
  bufferization::AnalysisState state(options);
  while (value != argument) {
    auto result = dyn_cast<OpResult>(value);
    auto loop = value.getDefiningOp<LoopLikeOpInterface>();
    if (!loop || loop->getBlock() != argument.getOwner())
      return false;
    OpOperand *init = nullptr;
    if (isa<scf::ForOp>(loop)) {
      init = loop.getTiedLoopInit(result);
    } else if (auto whileOp = dyn_cast<scf::WhileOp>(*loop)) {
      unsigned number = result.getResultNumber();
      if (number < whileOp.getInits().size() &&
          whileOp.getInits()[number].getType() == result.getType())
        init = &whileOp->getOpOperand(number);
    }
    if (!init)
      return false;
    // Anything else may read it only before, or the loop would need a copy.
    for (OpOperand &use : init->get().getUses()) {
      if (&use == init)
        continue;
      Operation *user =
          argument.getOwner()->findAncestorOpInBlock(*use.getOwner());
      if (!user || !user->isBeforeInBlock(loop) || user->getNumRegions() ||
          state.getAliasingValues(use).getNumAliases())
        return false;
    }
    value = init->get();
  }
  return true;
}

/// A carried tensor keeps its shape.
static void requireSameShape(OpBuilder &b, Location loc, Value value,
                             Value carried) {
  auto type = cast<RankedTensorType>(value.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    Value isSame =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                              tensor::DimOp::create(b, loc, value, dim),
                              tensor::DimOp::create(b, loc, carried, dim));
    cf::AssertOp::create(b, loc, isSame,
                         "bad shape: expected a tensor that a loop carries to "
                         "keep its shape");
  }
}

/// Puts `yielded`, operands of a terminator, where `arguments` of its block
/// are.
static void carryInPlace(MutableArrayRef<OpOperand> yielded,
                         ArrayRef<BlockArgument> arguments) {
  SmallVector<std::pair<OpOperand *, BlockArgument>> moved;
  for (auto [operand, argument] : llvm::zip(yielded, arguments))
    if (operand.get() != argument &&
        isa<RankedTensorType>(argument.getType()) &&
        operand.get().getType() == argument.getType() &&
        !isCarriedFrom(operand.get(), argument))
      moved.push_back({&operand, argument});
  if (yielded.empty())
    return;
  Operation *terminator = yielded.front().getOwner();
  Location loc = terminator->getLoc();
  OpBuilder b(terminator);
  auto save = [&](OpOperand &operand) {
    operand.set(bufferization::AllocTensorOp::create(
        b, loc, cast<RankedTensorType>(operand.get().getType()),
        /*dynamicSizes=*/ValueRange(), /*copy=*/operand.get()));
  };
  Block *block = terminator->getBlock();
  // What one region of an `scf.while` reads, the other one writes, in no order
  // that bufferization sees.
  bool isWhile = isa<scf::WhileOp>(terminator->getParentOp());
  SmallVector<Origins> origins;
  auto meetsEarlier = [&](const Origins &ours) {
    return llvm::any_of(
        origins, [&](const Origins &other) { return ours.meet(other, block); });
  };
  // All that is saved is saved before anything is written.
  for (auto [operand, argument] : moved) {
    requireSameShape(b, loc, operand->get(), argument);
    Origins ours(*operand);
    // An earlier argument is overwritten before this is read, as where two
    // tensors are swapped.
    auto isOverwritten = [&, own = argument](BlockArgument other) {
      return isWhile ? other != own : other.getArgNumber() < own.getArgNumber();
    };
    bool isSaved = ((isWhile ? ours.fromRegion : ours.fromLoop) &&
                    ours.haveArgumentOf(block)) ||
                   ours.haveArgumentOf(block, isOverwritten) ||
                   meetsEarlier(ours);
    origins.push_back(std::move(ours));
    if (isSaved)
      save(*operand);
  }
  // An `scf.condition` also forwards what the loop does not carry.
  if (isa<scf::ConditionOp>(terminator))
    for (auto [number, operand] : llvm::enumerate(yielded)) {
      if (!isa<RankedTensorType>(operand.get().getType()) ||
          (number < arguments.size() &&
           operand.get().getType() == arguments[number].getType()))
        continue;
      Origins ours(operand);
      if (ours.haveArgumentOf(block) || meetsEarlier(ours))
        save(operand);
    }
  for (auto [operand, argument] : moved)
    operand->set(bufferization::MaterializeInDestinationOp::create(
                     b, loc, argument.getType(), operand->get(), argument)
                     .getResult());
}

namespace {
struct CarryInPlace : public owl::impl::CarryInPlaceBase<CarryInPlace> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto forOp = dyn_cast<scf::ForOp>(op)) {
        carryInPlace(forOp.getBody()->getTerminator()->getOpOperands(),
                     forOp.getRegionIterArgs());
      } else if (auto whileOp = dyn_cast<scf::WhileOp>(op)) {
        carryInPlace(whileOp.getConditionOp()->getOpOperands().drop_front(),
                     whileOp.getBeforeArguments());
        carryInPlace(whileOp.getYieldOp()->getOpOperands(),
                     whileOp.getAfterArguments());
      }
    });
  }
};
} // namespace
