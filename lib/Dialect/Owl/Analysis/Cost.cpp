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

/// The cost of `op` for one element, in additions.
static unsigned getOpCost(Operation *op) {
  if (isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::FloorOp,
          math::CeilOp, math::RoundEvenOp, math::TruncOp>(op))
    return 1;
  if (isa<math::SqrtOp, arith::DivFOp>(op))
    return 4;
  return isa<math::MathDialect>(op->getDialect()) ? 20 : 1;
}

unsigned Costs::getOwn(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (!op || !Axes::isSupported(op))
    return 0;
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    unsigned cost = 0;
    for (Operation &inner : generic.getBody()->without_terminator())
      cost += getOpCost(&inner);
    return cost;
  }
  return OpTrait::hasElementwiseMappableTraits(op) ? getOpCost(op) : 0;
}

unsigned Costs::get(Value tensor) {
  auto it = costs.find(tensor);
  if (it != costs.end())
    return it->second;
  Operation *op = tensor.getDefiningOp();
  if (!op || !Axes::isSupported(op) || isa<ReduceOp>(op))
    return 0;
  ValueRange operands = op->getOperands();
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    operands = generic.getInputs();
  unsigned cost = getOwn(tensor);
  for (Value operand : operands)
    cost += get(operand);
  return costs[tensor] = std::min(cost, 1u << 20);
}
