//===- RaiseContractions.cpp - Matrix products become reductions ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A contraction is a sum over a product that no memory holds:
//
//   %c = matmul(%a, %b) + %init
//
//   %p = linalg.generic %a[m, k] * %b[k, n] -> [m, k, n]
//   %s = owl.reduce <sum> %p axes = [1]
//   %c = arith.addf %s, %init           where that is not known to be 0
//
// In a group it is computed and added up at once, with what comes before and
// after it.
//
//===----------------------------------------------------------------------===//

#include "ElementTrace.h"
#include "LinalgReductions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_RAISECONTRACTIONS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Whether `op` is a sum of products of elements of several tensors.
static bool isContraction(linalg::GenericOp op) {
  auto isTensor = [](OpOperand *operand) {
    return isa<RankedTensorType>(operand->get().getType());
  };
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.getNumReductionLoops() == 0 ||
      llvm::count_if(op.getDpsInputOperands(), isTensor) < 2)
    return false;
  std::optional<LinalgReduction> reduction = matchReduction(op);
  if (!reduction || reduction->kind != ReduceKind::Sum)
    return false;
  Type type = reduction->element.getType();
  return isElementType(type) && !type.isInteger(1) && keepsParallelLoops(op);
}

/// Whether the inputs of `op` that vary along `loop` lie along it, and one
/// does.
static bool lieAlong(linalg::GenericOp op, unsigned loop) {
  bool isAlong = false;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    if (!map.isFunctionOfDim(loop))
      continue;
    if (!map.getResults().back().isFunctionOfDim(loop))
      return false;
    isAlong = true;
  }
  return isAlong;
}

/// The loops of `op`, a contraction, from the outermost to the innermost: those
/// of the result and, just outside of the last one or inside of all, those that
/// are reduced. Empty where there are no vectors along the innermost one.
static SmallVector<unsigned> getOrder(linalg::GenericOp op) {
  SmallVector<unsigned> order, reduced;
  op.getReductionDims(reduced);
  // A convolution by one point has loops of one iteration.
  llvm::erase_if(reduced, [sizes = op.getStaticLoopRanges()](unsigned loop) {
    return sizes[loop] == 1;
  });
  AffineMap result = op.getIndexingMapMatchingResult(op->getResult(0));
  for (AffineExpr expr : result.getResults())
    order.push_back(cast<AffineDimExpr>(expr).getPosition());
  bool isLast = !order.empty() && lieAlong(op, order.back());
  if (reduced.empty() || (!isLast && !lieAlong(op, reduced.back())))
    return {};
  order.insert(isLast ? order.end() - 1 : order.end(), reduced.begin(),
               reduced.end());
  return order;
}

/// The product over all loops in `order`; null where a loop has no size.
static linalg::GenericOp createProduct(OpBuilder &b, linalg::GenericOp op,
                                       const LinalgReduction &reduction,
                                       ArrayRef<unsigned> order) {
  Location loc = op.getLoc();
  // Loop order[i] becomes loop i, and one of one iteration nothing.
  SmallVector<AffineExpr> renamed(op.getNumLoops(), b.getAffineConstantExpr(0));
  for (auto [i, loop] : llvm::enumerate(order))
    renamed[loop] = b.getAffineDimExpr(i);
  SmallVector<AffineMap> maps;
  for (OpOperand *input : op.getDpsInputOperands())
    maps.push_back(op.getMatchingIndexingMap(input).replaceDimsAndSymbols(
        renamed, {}, order.size(), 0));

  SmallVector<OpFoldResult> sizes(order.size());
  for (auto [input, map] : llvm::zip_equal(op.getInputs(), maps))
    for (auto [i, size] : llvm::enumerate(sizes))
      if (std::optional<unsigned> dim =
              map.getResultPosition(b.getAffineDimExpr(i));
          dim && (!size || !getConstantIntValue(size)))
        size = tensor::getMixedSize(b, loc, input, *dim);
  if (!llvm::all_of(sizes, [](OpFoldResult size) { return bool(size); }))
    return {};
  maps.push_back(b.getMultiDimIdentityMap(order.size()));

  Value empty =
      tensor::EmptyOp::create(b, loc, sizes, reduction.element.getType());
  return linalg::GenericOp::create(
      b, loc, empty.getType(), op.getInputs(), empty, maps,
      SmallVector<utils::IteratorType>(order.size(),
                                       utils::IteratorType::parallel),
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        linalg::YieldOp::create(
            b, loc,
            cloneElement(b, op, reduction, arguments.drop_back(), renamed));
      });
}

/// Whether the ops can be in one group.
static bool shareLoops(ArrayRef<Operation *> ops) {
  Axes axes;
  return llvm::all_of(ops, [&](Operation *op) {
    return Axes::isSupported(op) && succeeded(axes.add(op));
  });
}

static void raise(linalg::GenericOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  SmallVector<unsigned> order = getOrder(op);
  SmallVector<int64_t> axes;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (auto [i, loop] : llvm::enumerate(order))
    if (iterators[loop] == utils::IteratorType::reduction)
      axes.push_back(i);
  LinalgReduction reduction = *matchReduction(op);
  linalg::GenericOp product;
  if (!order.empty())
    product = createProduct(b, op, reduction, order);
  if (!product)
    return;
  auto sum =
      ReduceOp::create(b, loc, ReduceKind::Sum, product.getResult(0), axes);
  // A tensor that is read along two of the loops is needed at two places.
  if (!shareLoops({product, sum})) {
    sum.erase();
    product.erase();
    return;
  }
  Value init = op.getDpsInits().front(), result = sum.getResult();
  if (result.getType() != init.getType())
    result = tensor::CastOp::create(b, loc, init.getType(), result);
  if (!isIdentity(reduction.combiner, init)) {
    if (isa<arith::AddFOp>(reduction.combiner))
      result = arith::AddFOp::create(b, loc, init, result);
    else
      result = arith::AddIOp::create(b, loc, init, result);
  }
  op.getResult(0).replaceAllUsesWith(result);
  op.erase();
  // Zeros that nothing else starts from.
  if (Operation *fill = init.getDefiningOp(); fill && isOpTriviallyDead(fill))
    fill->erase();
}

namespace {
struct RaiseContractions
    : public owl::impl::RaiseContractionsBase<RaiseContractions> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> ops;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (isContraction(op))
        ops.push_back(op);
    });
    llvm::for_each(ops, raise);
  }
};
} // namespace
