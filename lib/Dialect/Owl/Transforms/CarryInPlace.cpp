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
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_CARRYINPLACE
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;

/// Whether `yielded` may be in the buffer of an argument of its block before
/// `own`, which is written before it is read: as where two tensors are swapped.
/// Ops that write are not followed: bufferization lets them write elsewhere
/// where it has to.
static bool mayLieInEarlier(OpOperand &yielded, BlockArgument own) {
  bufferization::BufferizationOptions options;
  bufferization::AnalysisState state(options);
  bufferization::TraversalConfig config;
  config.alwaysIncludeLeaves = false;
  config.followInPlaceOnly = true;
  auto isEarlier = [&](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == own.getOwner() &&
           argument.getArgNumber() < own.getArgNumber();
  };
  return !state.findValueInReverseUseDefChain(&yielded, isEarlier, config)
              .empty();
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
        operand.get().getType() == argument.getType())
      moved.push_back({&operand, argument});
  if (moved.empty())
    return;
  Operation *terminator = moved.front().first->getOwner();
  Location loc = terminator->getLoc();
  OpBuilder b(terminator);
  // All that is saved is saved before anything is written.
  for (auto [operand, argument] : moved) {
    requireSameShape(b, loc, operand->get(), argument);
    if (mayLieInEarlier(*operand, argument))
      operand->set(bufferization::AllocTensorOp::create(
          b, loc, cast<RankedTensorType>(argument.getType()),
          /*dynamicSizes=*/ValueRange(), /*copy=*/operand->get()));
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
