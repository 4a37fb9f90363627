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
  if (auto ifOp = dyn_cast_or_null<scf::IfOp>(op))
    return computeBranches(ifOp, cast<OpResult>(value).getResultNumber());
  if (!op || op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return failure();
  for (Value operand : op->getOperands())
    if (failed(compute(operand)))
      return failure();
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

FailureOr<Value> ShapeSlicer::computeBranches(scf::IfOp op, unsigned result) {
  FailureOr<Value> condition = compute(op.getCondition());
  FailureOr<Value> yes = compute(op.thenYield().getOperand(result));
  FailureOr<Value> no = compute(op.elseYield().getOperand(result));
  if (failed(condition) || failed(yes) || failed(no))
    return failure();
  Value select =
      arith::SelectOp::create(builder, op.getLoc(), *condition, *yes, *no);
  mapping.map(op.getResult(result), select);
  return select;
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
} // namespace

void owl::resolveDims(func::FuncOp func) {
  RewritePatternSet patterns(func.getContext());
  patterns.add<DimOfReinterpretCast>(func.getContext());
  memref::DimOp::getCanonicalizationPatterns(patterns, func.getContext());
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  memref::populateResolveShapedTypeResultDimsPatterns(patterns);
  // Not reaching a fixed point leaves a dim that a slicer then refuses.
  (void)applyPatternsGreedily(func, std::move(patterns));
}
