//===- ShapeSlicer.cpp - Recomputing sizes elsewhere ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ShapeSlicer.h.
//
//===----------------------------------------------------------------------===//

#include "ShapeSlicer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::owl;

FailureOr<Value> ShapeSlicer::compute(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  if (auto ifOp = dyn_cast_or_null<scf::IfOp>(op)) {
    FailureOr<Value> computed =
        computeBranches(ifOp, cast<OpResult>(value).getResultNumber());
    if (succeeded(computed))
      mapping.map(value, *computed);
    return computed;
  }
  if (!op || op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return failure();
  for (Value operand : op->getOperands())
    if (failed(compute(operand)))
      return failure();
  mapping.map(op->getResults(), simplify(builder.clone(*op, mapping)));
  return mapping.lookup(value);
}

SmallVector<Value> ShapeSlicer::simplify(Operation *op) {
  SmallVector<Value> results;
  if (succeeded(builder.tryFold(op, results)) && !results.empty()) {
    op->erase();
    // Constants are made anew each time.
    for (Value &result : results)
      if (Operation *constant = result.getDefiningOp())
        result = (*computedOps.insert(constant).first)
                     ->getResult(cast<OpResult>(result).getResultNumber());
    return results;
  }
  auto [known, isNew] = computedOps.insert(op);
  if (!isNew)
    op->erase();
  return llvm::to_vector_of<Value>((*known)->getResults());
}

unsigned ShapeSlicer::SameComputation::getHashValue(const Operation *op) {
  return OperationEquivalence::computeHash(
      const_cast<Operation *>(op), OperationEquivalence::directHashValue,
      OperationEquivalence::ignoreHashValue,
      OperationEquivalence::IgnoreLocations);
}

bool ShapeSlicer::SameComputation::isEqual(const Operation *lhs,
                                           const Operation *rhs) {
  if (lhs == rhs)
    return true;
  for (const Operation *op : {lhs, rhs})
    if (op == getEmptyKey() || op == getTombstoneKey())
      return false;
  return OperationEquivalence::isEquivalentTo(
      const_cast<Operation *>(lhs), const_cast<Operation *>(rhs),
      OperationEquivalence::IgnoreLocations);
}

FailureOr<Value> ShapeSlicer::computeBranches(scf::IfOp op, unsigned result) {
  FailureOr<Value> yes = compute(op.thenYield().getOperand(result));
  FailureOr<Value> no = compute(op.elseYield().getOperand(result));
  if (failed(yes) || failed(no))
    return failure();
  // The condition may depend on data where the size does not.
  if (*yes == *no)
    return yes;
  FailureOr<Value> condition = compute(op.getCondition());
  if (failed(condition))
    return failure();
  return create<arith::SelectOp>(op.getLoc(), *condition, *yes, *no);
}

/// Whether `region` of `op` is entered; null where shapes do not tell.
Value ShapeSlicer::computeEntered(Operation *op, Region *region) {
  Location loc = op->getLoc();
  if (auto ifOp = dyn_cast<scf::IfOp>(op)) {
    FailureOr<Value> condition = compute(ifOp.getCondition());
    if (failed(condition) || region == &ifOp.getThenRegion())
      return condition.value_or(Value());
    Value yes = create<arith::ConstantIntOp>(loc, 1, 1);
    return create<arith::XOrIOp>(loc, *condition, yes);
  }
  if (auto forOp = dyn_cast<scf::ForOp>(op)) {
    FailureOr<Value> first = compute(forOp.getLowerBound());
    FailureOr<Value> end = compute(forOp.getUpperBound());
    if (failed(first) || failed(end))
      return {};
    return create<arith::CmpIOp>(loc,
                                 forOp.getUnsignedCmp()
                                     ? arith::CmpIPredicate::ult
                                     : arith::CmpIPredicate::slt,
                                 *first, *end);
  }
  return {};
}

Value ShapeSlicer::computeReached(Operation *op) {
  Value reached;
  for (Operation *parent = op->getParentOp(); !isa<func::FuncOp>(parent);
       op = parent, parent = op->getParentOp()) {
    Value entered = computeEntered(parent, op->getParentRegion());
    if (!entered)
      continue;
    reached = reached ? create<arith::AndIOp>(op->getLoc(), reached, entered)
                      : entered;
  }
  return reached;
}

namespace {
/// dim(reinterpret_cast(x, sizes), i) is sizes[i].
struct DimOfReinterpretCast : public OpRewritePattern<memref::DimOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(memref::DimOp op,
                                PatternRewriter &rewriter) const override {
    auto cast = op.getSource().getDefiningOp<memref::ReinterpretCastOp>();
    std::optional<int64_t> dim = op.getConstantIndex();
    if (!cast || !dim || *dim < 0 || *dim >= cast.getType().getRank())
      return rewriter.notifyMatchFailure(op, "is not of a known size");
    rewriter.replaceOp(
        op, getValueOrCreateConstantIndexOp(rewriter, op.getLoc(),
                                            cast.getMixedSizes()[*dim]));
    return success();
  }
};

/// A size of a buffer that branches yield is yielded beside it:
///
///   %r = scf.if %c -> memref<?xf32> { scf.yield %a } else { scf.yield %b }
///   %d = memref.dim %r, %c0
///
/// becomes
///
///   %r, %d = scf.if %c -> memref<?xf32>, index {
///     %m = memref.dim %a, %c0
///     scf.yield %a, %m
///   } else { ... }
struct DimOfBranches : public OpRewritePattern<memref::DimOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(memref::DimOp op,
                                PatternRewriter &rewriter) const override {
    auto ifOp = op.getSource().getDefiningOp<scf::IfOp>();
    std::optional<int64_t> dim = op.getConstantIndex();
    if (!ifOp || !dim)
      return rewriter.notifyMatchFailure(op, "is of no branches");
    unsigned result = cast<OpResult>(op.getSource()).getResultNumber();
    for (Region &region : ifOp->getRegions()) {
      Operation *yield = region.front().getTerminator();
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(yield);
      Value size = memref::DimOp::create(rewriter, op.getLoc(),
                                         yield->getOperand(result), *dim);
      rewriter.modifyOpInPlace(
          yield, [&] { yield->insertOperands(yield->getNumOperands(), size); });
    }
    SmallVector<Type> types(ifOp.getResultTypes());
    types.push_back(rewriter.getIndexType());
    rewriter.setInsertionPoint(ifOp);
    auto newOp =
        scf::IfOp::create(rewriter, ifOp.getLoc(), types, ifOp.getCondition());
    for (auto [to, from] :
         llvm::zip_equal(newOp->getRegions(), ifOp->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.begin());
    rewriter.replaceOp(op, newOp->getResults().back());
    rewriter.replaceOp(ifOp, newOp->getResults().drop_back());
    return success();
  }
};
} // namespace

void owl::resolveDims(func::FuncOp func) {
  RewritePatternSet patterns(func.getContext());
  patterns.add<DimOfBranches, DimOfReinterpretCast>(func.getContext());
  memref::DimOp::getCanonicalizationPatterns(patterns, func.getContext());
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  memref::populateResolveShapedTypeResultDimsPatterns(patterns);
  // Not reaching a fixed point leaves a dim that a slicer then refuses.
  (void)applyPatternsGreedily(func, std::move(patterns));
}
