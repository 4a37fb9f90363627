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

/// The inputs of `op` that its body uses: the window of a pooling is there for
/// its shape alone.
static SmallVector<OpOperand *> getReadInputs(linalg::GenericOp op) {
  SmallVector<OpOperand *> inputs;
  for (OpOperand *input : op.getDpsInputOperands())
    if (!op.getMatchingBlockArgument(input).use_empty())
      inputs.push_back(input);
  return inputs;
}

/// Whether a tensor that `map` indexes is seen through windows.
static bool isWindow(AffineMap map) {
  return !map.isProjectedPermutation(/*allowZeroInResults=*/true);
}

/// Whether `op` is a sum of products of elements of several tensors, or
/// reduces windows.
static bool isContraction(linalg::GenericOp op) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.getNumReductionLoops() == 0)
    return false;
  std::optional<LinalgReduction> reduction = matchReduction(op);
  if (!reduction || !keepsParallelLoops(op))
    return false;
  Type type = reduction->element.getType();
  if (!isElementType(type) || type.isInteger(1))
    return false;
  unsigned numTensors = 0, numWindows = 0;
  for (OpOperand *input : getReadInputs(op)) {
    AffineMap map = op.getMatchingIndexingMap(input);
    numTensors += isa<RankedTensorType>(input->get().getType());
    numWindows += isWindow(map);
  }
  if (numWindows == 0)
    return numTensors > 1 && reduction->kind == ReduceKind::Sum;
  // An extreme of nothing is what it starts from.
  return !isUndefinedOnEmpty(reduction->kind) ||
         llvm::all_of(llvm::zip_equal(op.getIteratorTypesArray(),
                                      op.getStaticLoopRanges()),
                      [](auto loop) {
                        auto [iterator, size] = loop;
                        return iterator == utils::IteratorType::parallel ||
                               (size > 0 && !ShapedType::isDynamic(size));
                      });
}

/// Whether the inputs of `op` that vary along `loop` lie along it, dense or
/// nearly so, and one does.
static bool lieAlong(linalg::GenericOp op, unsigned loop) {
  bool isAlong = false;
  for (OpOperand *input : getReadInputs(op)) {
    AffineMap map = op.getMatchingIndexingMap(input);
    if (!map.isFunctionOfDim(loop))
      continue;
    auto steps = WindowOp::getCoefficients(map, map.getNumResults() - 1);
    if (!steps || (*steps)[loop] == 0 || (*steps)[loop] > kMaxStep)
      return false;
    isAlong = true;
  }
  return isAlong;
}

/// Rows of more bytes are read one after the other, as they lie in memory:
/// strips of them that lie below one another are too many pages, and too often
/// in the same set of the cache.
static constexpr int64_t kShortRow = 1024;

/// Whether a strip along `last` is used again and again, and can be so where
/// all that is reduced is inside of it: what lies along it is the same for
/// several points of the result, and consists of short rows.
static bool isShared(linalg::GenericOp op, ArrayRef<unsigned> kept,
                     unsigned last) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  Type type = getElementTypeOrSelf(op->getResult(0));
  if (ShapedType::isDynamic(sizes[last]) ||
      sizes[last] * type.getIntOrFloatBitWidth() > 8 * kShortRow)
    return false;
  return llvm::any_of(kept, [&](unsigned loop) {
    return sizes[loop] != 1 &&
           llvm::none_of(getReadInputs(op), [&](OpOperand *input) {
             AffineMap map = op.getMatchingIndexingMap(input);
             return map.isFunctionOfDim(last) && map.isFunctionOfDim(loop);
           });
  });
}

namespace {
/// The loops of a contraction, from the outermost to the innermost, and that of
/// them along which there are vectors.
struct Order {
  SmallVector<unsigned> loops;
  unsigned vectors;
};
} // namespace

/// The order of the loops of `op`, a contraction: those of the result and, just
/// outside of the last one or inside of all, those that are reduced. Empty
/// where there are no vectors along the last, nor along the innermost one.
static Order getOrder(linalg::GenericOp op) {
  SmallVector<unsigned> order, reduced;
  op.getReductionDims(reduced);
  // A convolution by one point has loops of one iteration.
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  llvm::erase_if(reduced, [&](unsigned loop) { return sizes[loop] == 1; });
  AffineMap result = op.getIndexingMapMatchingResult(op->getResult(0));
  for (AffineExpr expr : result.getResults())
    order.push_back(cast<AffineDimExpr>(expr).getPosition());
  auto *last = order.end();
  while (last != order.begin() && sizes[*std::prev(last)] == 1)
    --last;
  bool isLast = last != order.begin() && lieAlong(op, *std::prev(last));
  if (reduced.empty() || (!isLast && !lieAlong(op, reduced.back())))
    return {};
  unsigned vectors = isLast ? *std::prev(last) : reduced.back();
  bool isOutside =
      isLast &&
      !isShared(op, ArrayRef(order.begin(), std::prev(last)), vectors);
  order.insert(isOutside ? std::prev(last) : order.end(), reduced.begin(),
               reduced.end());
  return {order, vectors};
}

/// The size of `dim` of `tensor`. What linalg computes is as large as what it
/// starts from, and need not be kept for the sake of its size.
static OpFoldResult getSize(OpBuilder &b, Location loc, Value tensor,
                            int64_t dim) {
  while (auto op = tensor.getDefiningOp<linalg::LinalgOp>())
    tensor = op.getTiedOpOperand(cast<OpResult>(tensor))->get();
  if (auto empty = tensor.getDefiningOp<tensor::EmptyOp>())
    return empty.getMixedSizes()[dim];
  return tensor::getMixedSize(b, loc, tensor, dim);
}

/// The sizes of the loops of `op`; null where no operand tells one.
static SmallVector<OpFoldResult> getLoopSizes(OpBuilder &b,
                                              linalg::GenericOp op) {
  SmallVector<OpFoldResult> sizes(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands())
    for (auto [dim, expr] :
         llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(expr)) {
        OpFoldResult &size = sizes[loop.getPosition()];
        if (!size || !getConstantIntValue(size))
          size = getSize(b, op.getLoc(), operand.get(), dim);
      }
  return sizes;
}

static bool isAddressable(ArrayRef<OpFoldResult> sizes, Type elementType) {
  return hasAddressableSize(decomposeMixedValues(sizes).first, elementType);
}

/// The windows of `source` that loops of `sizes` read through `map`, which
/// becomes that of the windows. Their last dimension is that of `vectors`.
static Value createWindow(OpBuilder &b, Location loc, Value source,
                          ArrayRef<OpFoldResult> sizes, unsigned vectors,
                          AffineMap &map) {
  auto loops = llvm::to_vector(llvm::seq<unsigned>(0, sizes.size()));
  std::rotate(loops.begin() + vectors, loops.begin() + vectors + 1,
              loops.end());
  SmallVector<AffineExpr> dims, renamed(sizes.size());
  SmallVector<OpFoldResult> windowSizes;
  for (unsigned loop : loops) {
    if (!map.isFunctionOfDim(loop))
      continue;
    renamed[loop] = b.getAffineDimExpr(dims.size());
    dims.push_back(b.getAffineDimExpr(loop));
    windowSizes.push_back(sizes[loop]);
  }
  AffineMap through =
      map.replaceDimsAndSymbols(renamed, {}, dims.size(), /*numSymbols=*/0);
  if (!WindowOp::isSupported(through) ||
      !isAddressable(windowSizes, getElementTypeOrSelf(source)))
    return {};
  map = AffineMap::get(sizes.size(), 0, dims, b.getContext());
  return WindowOp::create(b, loc, source, windowSizes, through);
}

/// What `op` reduces, over all loops in `order`; null where a loop has no size,
/// or that would be too large for a tensor.
static Value createProduct(OpBuilder &b, linalg::GenericOp op,
                           const LinalgReduction &reduction,
                           const Order &order) {
  Location loc = op.getLoc();
  // Loop i of the order becomes loop i, and one of one iteration nothing.
  SmallVector<AffineExpr> renamed(op.getNumLoops(), b.getAffineConstantExpr(0));
  SmallVector<OpFoldResult> loopSizes = getLoopSizes(b, op), sizes;
  unsigned numLoops = order.loops.size(), vectors = 0;
  for (auto [i, loop] : llvm::enumerate(order.loops)) {
    if (loop == order.vectors)
      vectors = i;
    renamed[loop] = b.getAffineDimExpr(i);
    sizes.push_back(loopSizes[loop]);
    if (!sizes.back())
      return {};
  }
  Type type = reduction.element.getType();
  if (!isAddressable(sizes, type))
    return {};
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputs;
  SmallVector<OpOperand *> readInputs = getReadInputs(op);
  for (OpOperand *input : readInputs) {
    Value tensor = input->get();
    AffineMap map = op.getMatchingIndexingMap(input).replaceDimsAndSymbols(
        renamed, {}, numLoops, 0);
    // A tensor that is read along two of the loops is needed at two places.
    bool isElsewhere =
        llvm::any_of(llvm::zip_equal(inputs, maps), [&](auto pair) {
          auto [other, otherMap] = pair;
          return other == tensor && otherMap != map;
        });
    if (isWindow(map) || isElsewhere)
      tensor = createWindow(b, loc, tensor, sizes, vectors, map);
    if (!tensor)
      return {};
    inputs.push_back(tensor);
    maps.push_back(map);
  }
  // Nothing is computed of the windows of a pooling.
  if (inputs.size() == 1 && maps[0].isIdentity() &&
      reduction.element == op.getMatchingBlockArgument(readInputs[0]))
    return inputs[0];
  maps.push_back(b.getMultiDimIdentityMap(numLoops));

  Value empty = tensor::EmptyOp::create(b, loc, sizes, type);
  auto product = linalg::GenericOp::create(
      b, loc, empty.getType(), inputs, empty, maps,
      SmallVector<utils::IteratorType>(numLoops, utils::IteratorType::parallel),
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        SmallVector<Value> elements(op.getNumDpsInputs());
        for (auto [input, argument] :
             llvm::zip_equal(readInputs, arguments.drop_back()))
          elements[input->getOperandNumber()] = argument;
        Value element = cloneElement(b, op, reduction, elements, renamed);
        // Where there is an instruction for both, the product is not rounded.
        if (auto product = element.getDefiningOp<arith::MulFOp>())
          product.setFastmath(product.getFastmath() |
                              arith::FastMathFlags::contract);
        linalg::YieldOp::create(b, loc, element);
      });
  return product.getResult(0);
}

/// Whether `sum` and what it reduces can be in one group.
static bool shareLoops(ReduceOp sum) {
  Axes axes;
  Operation *product = sum.getSource().getDefiningOp();
  // The windows of a pooling may be all of an argument.
  if (isa_and_present<linalg::GenericOp>(product) &&
      (!Axes::isSupported(product) || failed(axes.add(product))))
    return false;
  return Axes::isSupported(sum) && succeeded(axes.add(sum));
}

static void raise(linalg::GenericOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Order order = getOrder(op);
  SmallVector<int64_t> axes;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (auto [i, loop] : llvm::enumerate(order.loops))
    if (iterators[loop] == utils::IteratorType::reduction)
      axes.push_back(i);
  LinalgReduction reduction = *matchReduction(op);
  Value product;
  if (!order.loops.empty())
    product = createProduct(b, op, reduction, order);
  if (!product)
    return;
  auto reduce = ReduceOp::create(b, loc, reduction.kind, product, axes,
                                 /*keepDims=*/false, reduction.isUnsigned);
  if (!shareLoops(reduce)) {
    reduce.erase();
    if (Operation *made = product.getDefiningOp();
        made && isOpTriviallyDead(made))
      made->erase();
    return;
  }
  Value init = op.getDpsInits().front(), result = reduce.getResult();
  if (result.getType() != init.getType())
    result = tensor::CastOp::create(b, loc, init.getType(), result);
  if (!isIdentity(reduction.combiner, init)) {
    OperationState state(loc, reduction.combiner->getName(), {init, result},
                         {init.getType()}, reduction.combiner->getAttrs());
    result = b.create(state)->getResult(0);
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
