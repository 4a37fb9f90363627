//===- Cost.cpp - What it costs to compute an element ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Cost.h.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/IR/Owl.h"

using namespace mlir;
using namespace mlir::owl;

static constexpr double kMost = 1 << 20;

/// What `op` does for one element.
static Arithmetic getOpCost(Operation *op) {
  if (isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::FloorOp,
          math::CeilOp, math::RoundEvenOp, math::TruncOp>(op))
    return {1, 0};
  if (isa<math::SqrtOp, arith::DivFOp>(op))
    return {4, 0};
  if (isa<math::MathDialect>(op->getDialect()))
    return {0, 1};
  return {1, 0};
}

Arithmetic Costs::getBody(Operation *op) {
  Arithmetic cost;
  for (Operation &inner : op->getRegion(0).front().without_terminator())
    cost += getOpCost(&inner);
  return cost;
}

Arithmetic Costs::getOwn(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (!op || !Axes::isSupported(op))
    return {};
  if (isa<linalg::GenericOp>(op))
    return getBody(op);
  return OpTrait::hasElementwiseMappableTraits(op) ? getOpCost(op)
                                                   : Arithmetic();
}

Arithmetic Costs::get(Value tensor) {
  auto it = costs.find(tensor);
  if (it != costs.end())
    return it->second;
  Operation *op = tensor.getDefiningOp();
  if (!op || !Axes::isSupported(op) || isa<ReduceOp>(op))
    return {};
  ValueRange operands = op->getOperands();
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    operands = generic.getInputs();
  Arithmetic cost = getOwn(tensor);
  for (Value operand : operands)
    cost += get(operand);
  cost.flops = std::min(cost.flops, kMost);
  cost.calls = std::min(cost.calls, kMost);
  return costs[tensor] = cost;
}
