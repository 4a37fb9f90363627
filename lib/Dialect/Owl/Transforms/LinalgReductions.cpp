//===- LinalgReductions.cpp - What a linalg op reduces --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LinalgReductions.h.
//
//===----------------------------------------------------------------------===//

#include "LinalgReductions.h"
#include "ElementTrace.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
struct Combiner {
  ReduceKind kind;
  bool isUnsigned = false;
};
} // namespace

/// The kind of reduction that `op` combines for, if one does exactly that.
static std::optional<Combiner> getCombiner(Operation *op) {
  using Result = std::optional<Combiner>;
  bool isBoolean = op->getResult(0).getType().isInteger(1);
  return TypeSwitch<Operation *, Result>(op)
      .Case<arith::AddFOp, arith::AddIOp>(
          [](auto) { return Combiner{ReduceKind::Sum}; })
      .Case<arith::MulFOp, arith::MulIOp>(
          [](auto) { return Combiner{ReduceKind::Prod}; })
      .Case([](arith::MaximumFOp) { return Combiner{ReduceKind::Max}; })
      .Case([](arith::MinimumFOp) { return Combiner{ReduceKind::Min}; })
      // Of i1, owl knows only unsigned ones.
      .Case([&](arith::MaxSIOp) {
        return isBoolean ? Result() : Combiner{ReduceKind::Max};
      })
      .Case([&](arith::MinSIOp) {
        return isBoolean ? Result() : Combiner{ReduceKind::Min};
      })
      .Case([](arith::MaxUIOp) { return Combiner{ReduceKind::Max, true}; })
      .Case([](arith::MinUIOp) { return Combiner{ReduceKind::Min, true}; })
      .Case([&](arith::OrIOp) {
        return isBoolean ? Combiner{ReduceKind::Any} : Result();
      })
      .Case([&](arith::AndIOp) {
        return isBoolean ? Combiner{ReduceKind::All} : Result();
      })
      .Default([](Operation *) { return Result(); });
}

bool owl::isIdentity(Operation *combiner, Value init) {
  TypedAttr value = getConstantElement(init);
  if (!value)
    return false;
  std::optional<TypedAttr> neutral = arith::getNeutralElement(combiner);
  if (!neutral)
    return false;
  // -0 is what upstream adds; owl's empty sum is 0.
  if (auto number = dyn_cast<FloatAttr>(value))
    if (isa<arith::AddFOp>(combiner))
      return number.getValue().isZero();
  // Upstream's neutral element of maximumf is the least number there is.
  if (isa<arith::MaximumFOp, arith::MinimumFOp>(combiner)) {
    const APFloat &number = cast<FloatAttr>(value).getValue();
    return number.isInfinity() &&
           number.isNegative() == isa<arith::MaximumFOp>(combiner);
  }
  return *neutral == value;
}

std::optional<LinalgReduction> owl::matchReduction(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  BlockArgument accumulator = op.getRegionOutputArgs().front();
  Value result = body->getTerminator()->getOperand(0);
  Operation *combiner = result.getDefiningOp();
  if (!combiner || combiner->getBlock() != body ||
      combiner->getNumOperands() != 2 || !accumulator.hasOneUse() ||
      *accumulator.user_begin() != combiner || !result.hasOneUse())
    return std::nullopt;
  std::optional<Combiner> how = getCombiner(combiner);
  if (!how)
    return std::nullopt;
  Value lhs = combiner->getOperand(0), rhs = combiner->getOperand(1);
  return LinalgReduction{combiner, lhs == accumulator ? rhs : lhs, how->kind,
                         how->isUnsigned};
}

bool owl::keepsParallelLoops(linalg::LinalgOp op) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  return map.isProjectedPermutation() &&
         map.getNumResults() == op.getNumParallelLoops() &&
         llvm::all_of(map.getResults(), [&](AffineExpr expr) {
           return iterators[cast<AffineDimExpr>(expr).getPosition()] ==
                  utils::IteratorType::parallel;
         });
}

Value owl::cloneElement(OpBuilder &b, linalg::LinalgOp op,
                        const LinalgReduction &reduction, ValueRange inputs,
                        ArrayRef<AffineExpr> loops) {
  IRMapping mapping;
  mapping.map(op.getBlock()->getArguments().drop_back(), inputs);
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (&inner == reduction.combiner)
      continue;
    auto index = dyn_cast<linalg::IndexOp>(inner);
    if (!index) {
      b.clone(inner, mapping);
      continue;
    }
    Location loc = index.getLoc();
    AffineExpr loop = loops[index.getDim()];
    Value count;
    if (auto constant = dyn_cast<AffineConstantExpr>(loop))
      count = arith::ConstantIndexOp::create(b, loc, constant.getValue());
    else
      count = linalg::IndexOp::create(b, loc,
                                      cast<AffineDimExpr>(loop).getPosition());
    mapping.map(index.getResult(), count);
  }
  return mapping.lookupOrDefault(reduction.element);
}
