//===- ElementTrace.cpp - What computes the elements of a tensor ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ElementTrace.h.
//
//===----------------------------------------------------------------------===//

#include "ElementTrace.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"

using namespace mlir;
using namespace mlir::owl;

/// What people write out by hand has a few ops; chains of reshapes may be long.
static constexpr unsigned kMaxSteps = 64;

Value ElementTrace::follow(Value value) {
  while (steps++ < kMaxSteps) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto generic = dyn_cast_or_null<linalg::GenericOp>(
          argument.getOwner()->getParentOp());
      if (!generic || argument.getArgNumber() >= generic.getNumDpsInputs())
        return value;
      value = generic.getDpsInputOperand(argument.getArgNumber())->get();
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (!isa<RankedTensorType>(value.getType()) || !Axes::isSupported(op))
      return value;
    ops.insert(op);
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      value = generic.getBody()->getTerminator()->getOperand(
          cast<OpResult>(value).getResultNumber());
    else if (isa<RepeatOp, TileOp, tensor::CastOp, tensor::CollapseShapeOp,
                 tensor::ExpandShapeOp, tensor::SplatOp>(op))
      value = op->getOperand(0);
    else
      return value;
  }
  return value;
}

Value ElementTrace::getSquared(Value value) {
  Operation *op = follow(value).getDefiningOp();
  if (auto power = dyn_cast_or_null<math::PowFOp>(op)) {
    auto exponent =
        dyn_cast_or_null<FloatAttr>(getConstantElement(power.getRhs()));
    return exponent && exponent.getValue().isExactlyValue(2.0) ? power.getLhs()
                                                               : Value();
  }
  if (!isa_and_nonnull<arith::MulFOp, arith::MulIOp>(op) ||
      follow(op->getOperand(0)) != follow(op->getOperand(1)))
    return {};
  return op->getOperand(0);
}

bool ElementTrace::areAligned(ArrayRef<ReduceOp> reduces) {
  for (ReduceOp reduce : reduces) {
    ops.insert(reduce);
    if (reduce->getBlock() != ops.front()->getBlock())
      return false;
  }
  // Bodies belong to their generics.
  SmallVector<Operation *> order(ops.begin(), ops.end());
  for (Operation *op : order)
    if (op->getBlock() != ops.front()->getBlock())
      return false;
  llvm::sort(order,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  Axes axes;
  for (Operation *op : order)
    if (failed(axes.add(op)))
      return false;
  ReduceOp first = reduces.front();
  SmallVector<AxisList> dims = axes.getDims(first.getSource());
  AxisList reduced = axes.getReduced(first);
  return llvm::all_of(reduces.drop_front(), [&](ReduceOp other) {
    return axes.getDims(other.getSource()) == dims &&
           axes.getReduced(other) == reduced;
  });
}

TypedAttr owl::getConstantElement(Value value) {
  value = ElementTrace().follow(value);
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    value = fill.value();
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return {};
  if (auto splat = dyn_cast<SplatElementsAttr>(attr))
    attr = splat.getSplatValue<Attribute>();
  // Elements that differ have a type too.
  return isa<ElementsAttr>(attr) ? TypedAttr() : dyn_cast<TypedAttr>(attr);
}

Value owl::getOperandTensor(Operation *op, Value operand) {
  if (isa<RankedTensorType>(operand.getType()))
    return llvm::is_contained(op->getOperands(), operand) ? operand : Value();
  auto argument = dyn_cast<BlockArgument>(operand);
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!argument || !generic || argument.getOwner() != generic.getBody() ||
      argument.getArgNumber() >= generic.getNumDpsInputs())
    return {};
  OpOperand *input = generic.getDpsInputOperand(argument.getArgNumber());
  if (!generic.getMatchingIndexingMap(input).isIdentity() ||
      !llvm::all_of(generic.getDpsInitsMutable(), [&](OpOperand &init) {
        return generic.getMatchingIndexingMap(&init).isIdentity();
      }))
    return {};
  return input->get();
}
