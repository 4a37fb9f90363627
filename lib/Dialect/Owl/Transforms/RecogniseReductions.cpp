//===- RecogniseReductions.cpp - Reductions that are written out ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models say sum(x) / n, sqrt(sum(x x)) or log(sum(exp(x - max(x)))) + max(x)
// where the dialect has one kind of reduction. Recognised, they take fewer
// passes, round less often and do not overflow on the way.
//
//===----------------------------------------------------------------------===//

#include "ElementTrace.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::owl;

/// What is taken for a size that is not known: of arrays that caches hold, one
/// pass in f64 takes longer than two.
static constexpr uint64_t kUnknownPassSize = 32;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

static bool isFloat(ReduceOp reduce) {
  return isa<FloatType>(reduce.getSourceType().getElementType());
}

/// Whether one op alone reads `value`. A destination that is only overwritten
/// gives no more than its shape.
static bool hasOneReader(Value value) {
  Operation *reader = nullptr;
  for (OpOperand &use : value.getUses()) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (linalgOp && linalgOp.isDpsInit(&use) &&
        !linalgOp.payloadUsesValueFromOperand(&use))
      continue;
    if (isa<tensor::DimOp>(use.getOwner()))
      continue;
    if (reader && reader != use.getOwner())
      return false;
    reader = use.getOwner();
  }
  return reader;
}

/// The op of type `OpTy` that computes the result of `op`, which is that op or
/// has it in its body; null where there is none.
template <typename OpTy> static OpTy getComputation(Operation *op) {
  if (auto direct = dyn_cast<OpTy>(op))
    return direct;
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || generic->getNumResults() != 1 ||
      generic.getNumLoops() != generic.getNumParallelLoops() ||
      !generic.hasPureTensorSemantics())
    return {};
  auto result = generic.getBody()
                    ->getTerminator()
                    ->getOperand(0)
                    .template getDefiningOp<OpTy>();
  return result && result->getBlock() == generic.getBody() ? result : OpTy();
}

/// The reduction of `kind` whose result is `operand` of what `op` computes,
/// element by element; null if there is none, or if others use it too.
static ReduceOp getReduction(Operation *op, Value operand, ReduceKind kind) {
  Value tensor = getOperandTensor(op, operand);
  auto reduce = tensor ? tensor.getDefiningOp<ReduceOp>() : ReduceOp();
  if (!reduce || reduce.getKind() != kind ||
      !hasOneReader(reduce.getResult()) ||
      reduce.getResult().getType() != op->getResult(0).getType())
    return {};
  return reduce;
}

/// The only user's tensor that element-wise `OpTy` computes `source` of; null
/// where there is none.
template <typename OpTy> static Value getMapped(Value source) {
  Operation *op = source.getDefiningOp();
  auto computation = op ? getComputation<OpTy>(op) : OpTy();
  if (!computation || !hasOneReader(source))
    return {};
  return getOperandTensor(op, computation->getOperand(0));
}

/// `count` or its inverse, as `type` rounds it.
static APFloat roundCount(FloatType type, int64_t count, bool isInverse) {
  bool losesInfo;
  APFloat value(static_cast<double>(count));
  if (isInverse)
    value = APFloat(1.0 / static_cast<double>(count));
  value.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value;
}

/// Whether `count` is a number of `type`.
static bool isExact(FloatType type, int64_t count) {
  return roundCount(type, count, /*isInverse=*/false).convertToDouble() ==
         static_cast<double>(count);
}

/// `reduce` of another kind and source, along the same axes.
static Value reduceAs(OpBuilder &b, ReduceKind kind, ReduceOp reduce,
                      Value source) {
  return ReduceOp::create(b, reduce.getLoc(), reduce.getResult().getType(),
                          kind, source, /*dest=*/Value(), reduce.getAxes(),
                          reduce.getKeepDims(), reduce.getIsUnsigned())
      .getResult();
}

//===----------------------------------------------------------------------===//
// Means
//===----------------------------------------------------------------------===//

/// sum(x) / n, or sum(x) (1 / n), is the mean: n is how many there are.
static Value recogniseMean(OpBuilder &b, Operation *op) {
  auto match = [&](Value sum, Value count, bool isInverse) -> Value {
    ReduceOp reduce = getReduction(op, sum, ReduceKind::Sum);
    if (!reduce || !isFloat(reduce))
      return {};
    auto number = dyn_cast_or_null<FloatAttr>(getConstantElement(count));
    std::optional<int64_t> expected = reduce.getCount();
    auto type = cast<FloatType>(reduce.getSourceType().getElementType());
    // What is rounded to 0 or infinity says nothing of the count.
    if (!number || !expected || *expected == 0 || number.getType() != type ||
        !number.getValue().isNormal() ||
        number.getValue() != roundCount(type, *expected, isInverse))
      return {};
    return reduceAs(b, ReduceKind::Mean, reduce, reduce.getSource());
  };
  if (auto div = getComputation<arith::DivFOp>(op))
    return match(div.getLhs(), div.getRhs(), /*isInverse=*/false);
  if (auto mul = getComputation<arith::MulFOp>(op)) {
    if (Value mean = match(mul.getLhs(), mul.getRhs(), /*isInverse=*/true))
      return mean;
    return match(mul.getRhs(), mul.getLhs(), /*isInverse=*/true);
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Reductions of functions
//===----------------------------------------------------------------------===//

/// Whether variance of what `reduce` reduces accumulates in a wider type.
static bool hasWiderAccumulator(ReduceOp reduce) {
  return isFloat(reduce) && !reduce.getSourceType().getElementType().isF64();
}

/// The bytes between two visits of an element, where one pass follows another:
/// what lies inside of the first reduced axis.
static uint64_t getPassBytes(ReduceOp reduce) {
  ShapedType type = reduce.getSourceType();
  uint64_t bytes = type.getElementTypeBitWidth() / 8;
  int64_t first = *llvm::min_element(reduce.getAxes());
  for (int64_t size : type.getShape().drop_front(first))
    bytes = llvm::SaturatingMultiply<uint64_t>(
        bytes, ShapedType::isDynamic(size) ? kUnknownPassSize : size);
  return bytes;
}

/// The mean of (x - mean(x))^2 is the variance, and their sum n times that.
///
///   %m = owl.reduce <mean> %x axes = [1] keep_dims
///   %b = owl.repeat %m by [1, 65536]
///   %d = arith.subf %x, %b
///   %q = arith.mulf %d, %d
///   %v = owl.reduce <mean> %q axes = [1]
///   // becomes
///   %v = owl.reduce <variance> %x axes = [1]
///
/// which reads %x once for the mean and the variance.
static Value recogniseVariance(OpBuilder &b, ReduceOp reduce,
                               uint64_t onePassBytes) {
  ReduceKind kind = reduce.getKind();
  if (!hasWiderAccumulator(reduce) || reduce.getAxes().empty() ||
      (kind != ReduceKind::Sum && kind != ReduceKind::Mean &&
       kind != ReduceKind::SumSq))
    return {};
  ElementTrace trace;
  Value distance = kind == ReduceKind::SumSq
                       ? reduce.getSource()
                       : trace.getSquared(reduce.getSource());
  auto sub = distance ? trace.get<arith::SubFOp>(distance) : arith::SubFOp();
  if (!sub)
    return {};
  for (auto [x, other] : {std::pair(sub.getLhs(), sub.getRhs()),
                          std::pair(sub.getRhs(), sub.getLhs())}) {
    auto mean = trace.get<ReduceOp>(other);
    if (!mean || mean.getKind() != ReduceKind::Mean ||
        mean.getSourceType().getElementType() !=
            reduce.getSourceType().getElementType() ||
        trace.follow(mean.getSource()) != trace.follow(x) ||
        !trace.areAligned({reduce, mean}))
      continue;
    if (getPassBytes(reduce) < onePassBytes)
      return {};
    Location loc = reduce.getLoc();
    auto type = cast<FloatType>(reduce.getSourceType().getElementType());
    int64_t count = reduce.getCount().value_or(0);
    // The factor has to be a number of the type; the variance of nothing is
    // NaN.
    if (kind != ReduceKind::Mean && (count == 0 || !isExact(type, count)))
      return {};
    Value variance =
        reduceAs(b, ReduceKind::Variance, reduce, mean.getSource());
    if (kind == ReduceKind::Mean)
      return variance;
    FloatAttr factor = b.getFloatAttr(type, static_cast<double>(count));
    return arith::MulFOp::create(b, loc, variance,
                                 createSplat(b, loc, factor, variance));
  }
  return {};
}

/// x, if `source` is x x and nothing else needs that.
static Value getSquaredTensor(Value source) {
  Operation *op = source.getDefiningOp();
  if (!op || !hasOneReader(source) || !ElementTrace().getSquared(source))
    return {};
  if (auto power = getComputation<math::PowFOp>(op))
    return getOperandTensor(op, power.getLhs());
  // Both are elements of x. They have to be the same one.
  auto getFactor = [&](auto product) {
    Value x = getOperandTensor(op, product.getLhs());
    return x == getOperandTensor(op, product.getRhs()) ? x : Value();
  };
  if (auto product = getComputation<arith::MulFOp>(op))
    return getFactor(product);
  if (auto product = getComputation<arith::MulIOp>(op))
    return getFactor(product);
  return {};
}

/// sum(|x|) and sum(x x). Of f32 the latter is quicker as it is, and no less
/// accurate than it says.
static Value recogniseNorm(OpBuilder &b, ReduceOp reduce) {
  if (reduce.getKind() != ReduceKind::Sum)
    return {};
  Value source = reduce.getSource();
  if (Value x = isFloat(reduce) ? getMapped<math::AbsFOp>(source)
                                : getMapped<math::AbsIOp>(source))
    return reduce.hasUnsignedSource() ? Value()
                                      : reduceAs(b, ReduceKind::L1, reduce, x);
  if (reduce.getSourceType().getElementType().isF32())
    return {};
  Value x = getSquaredTensor(source);
  return x ? reduceAs(b, ReduceKind::SumSq, reduce, x) : Value();
}

//===----------------------------------------------------------------------===//
// Functions of reductions
//===----------------------------------------------------------------------===//

/// sqrt(sum(x x)), which is defined where the squares are not.
static Value recogniseRoot(OpBuilder &b, Operation *op) {
  auto root = getComputation<math::SqrtOp>(op);
  if (!root)
    return {};
  Value x;
  ReduceOp reduce = getReduction(op, root.getOperand(), ReduceKind::SumSq);
  if (reduce)
    x = reduce.getSource();
  else if ((reduce = getReduction(op, root.getOperand(), ReduceKind::Sum)))
    x = getSquaredTensor(reduce.getSource());
  return x ? reduceAs(b, ReduceKind::L2, reduce, x) : Value();
}

/// max(x), if `value` computes x - max(x), wherever these two are; or null.
static ReduceOp getSubtractedMax(ElementTrace &trace, Value value) {
  auto sub = trace.get<arith::SubFOp>(value);
  auto max = sub ? trace.get<ReduceOp>(sub.getRhs()) : ReduceOp();
  if (!max || max.getKind() != ReduceKind::Max ||
      trace.follow(max.getSource()) != trace.follow(sub.getLhs()))
    return {};
  return max;
}

/// x and max(x), if `value` computes their difference for `reduce`.
static std::optional<std::pair<Value, ReduceOp>>
getShifted(ElementTrace &trace, Value value, ReduceOp reduce) {
  ReduceOp max = getSubtractedMax(trace, value);
  if (!max || !trace.areAligned({reduce, max}))
    return std::nullopt;
  return std::pair(max.getSource(), max);
}

/// Follows what the op computes that `computation`, an op on tensors or in a
/// body, belongs to. Fails where loops cannot tell its axes.
static LogicalResult follow(ElementTrace &trace, Operation *computation) {
  Operation *op = computation;
  if (!isa<RankedTensorType>(op->getResult(0).getType()))
    op = op->getParentOp();
  if (!Axes::isSupported(op))
    return failure();
  trace.follow(op->getResult(0));
  return success();
}

/// exp(x - max(x)) is of no positive number. Where loops over both are at one
/// element of x, that is one of those of which the maximum is.
static bool isOfNonPositive(math::ExpOp exp) {
  ElementTrace trace;
  if (failed(follow(trace, exp)))
    return false;
  ReduceOp max = getSubtractedMax(trace, exp.getOperand());
  return max && trace.areAligned(max);
}

/// The quotient of exp(x - max(x)) and its sum, whose greatest term is 1. A sum
/// of narrow numbers may be too large for one.
static bool isFraction(arith::DivFOp div) {
  Type element = getElementTypeOrSelf(div.getType());
  ElementTrace trace;
  if (!(element.isF32() || element.isF64()) || failed(follow(trace, div)))
    return false;
  auto exp = trace.get<math::ExpOp>(div.getLhs());
  auto sum = trace.get<ReduceOp>(div.getRhs());
  if (!exp || !sum || sum.getKind() != ReduceKind::Sum ||
      trace.follow(sum.getSource()) != trace.follow(div.getLhs()))
    return false;
  ReduceOp max = getSubtractedMax(trace, exp.getOperand());
  return max && trace.areAligned({sum, max});
}

/// The sum of whose logarithm `operand` of what `op` computes is, element by
/// element; null if there is none, or if others use it too.
static ReduceOp getLogOfSum(Operation *op, Value operand) {
  Value tensor = getOperandTensor(op, operand);
  if (!tensor || !hasOneReader(tensor) || !tensor.getDefiningOp() ||
      tensor.getType() != op->getResult(0).getType())
    return {};
  auto reduce = tensor.getDefiningOp<ReduceOp>();
  if (reduce)
    return reduce.getKind() == ReduceKind::LogSum ? reduce : ReduceOp();
  auto log = getComputation<math::LogOp>(tensor.getDefiningOp());
  return log ? getReduction(tensor.getDefiningOp(), log.getOperand(),
                            ReduceKind::Sum)
             : ReduceOp();
}

/// log(sum(exp(x))) and other logarithms of sums. The maximum is taken out of
/// the former, unless the model has done so. Of f32, others are quicker as they
/// are.
static Value recogniseLogarithm(OpBuilder &b, Operation *op) {
  auto log = getComputation<math::LogOp>(op);
  if (!log)
    return {};
  ReduceOp reduce = getReduction(op, log.getOperand(), ReduceKind::Sum);
  if (!reduce)
    return {};
  if (Value x = getMapped<math::ExpOp>(reduce.getSource())) {
    ElementTrace trace;
    trace.follow(reduce.getSource());
    if (!getShifted(trace, x, reduce))
      return reduceAs(b, ReduceKind::LogSumExp, reduce, x);
  }
  if (reduce.getSourceType().getElementType().isF32())
    return {};
  return reduceAs(b, ReduceKind::LogSum, reduce, reduce.getSource());
}

/// log(sum(exp(x - max(x)))) + max(x)
static Value recogniseLogSumExp(OpBuilder &b, Operation *op) {
  auto add = getComputation<arith::AddFOp>(op);
  if (!add)
    return {};
  for (auto [log, other] : {std::pair(add.getLhs(), add.getRhs()),
                            std::pair(add.getRhs(), add.getLhs())}) {
    ReduceOp reduce = getLogOfSum(op, log);
    Value direct = getOperandTensor(op, other);
    if (!reduce || !direct || !hasOneReader(reduce.getSource()))
      continue;
    ElementTrace trace;
    auto exp = trace.get<math::ExpOp>(reduce.getSource());
    auto shifted =
        exp ? getShifted(trace, exp.getOperand(), reduce) : std::nullopt;
    if (!shifted)
      continue;
    // What is added is that maximum, in the same place.
    auto [x, max] = *shifted;
    while (direct.getDefiningOp<tensor::CollapseShapeOp>() ||
           direct.getDefiningOp<tensor::ExpandShapeOp>())
      direct = direct.getDefiningOp()->getOperand(0);
    if (direct == max.getResult())
      return reduceAs(b, ReduceKind::LogSumExp, reduce, x);
  }
  return {};
}

/// mean(x x) - mean(x)^2, which cancels, is the variance.
static Value recogniseMoments(OpBuilder &b, Operation *op) {
  auto sub = getComputation<arith::SubFOp>(op);
  if (!sub)
    return {};
  ReduceOp squares = getReduction(op, sub.getLhs(), ReduceKind::Mean);
  if (!squares || !hasWiderAccumulator(squares))
    return {};
  ElementTrace trace;
  Value x = trace.getSquared(squares.getSource());
  Value mean = trace.getSquared(sub.getRhs());
  auto reduce = x && mean ? trace.get<ReduceOp>(mean) : ReduceOp();
  if (!reduce || reduce.getKind() != ReduceKind::Mean ||
      trace.follow(reduce.getSource()) != trace.follow(x) ||
      !trace.areAligned({squares, reduce}))
    return {};
  // The square of the mean has to be where the mean of the squares is.
  Value square = getOperandTensor(op, sub.getRhs());
  Operation *product = square ? square.getDefiningOp() : nullptr;
  if (!product || reduce.getKeepDims() != squares.getKeepDims() ||
      llvm::none_of(product->getOperands(), [&](Value operand) {
        return operand == reduce.getResult();
      }))
    return {};
  return reduceAs(b, ReduceKind::Variance, squares, reduce.getSource());
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

/// Replaces `op` by `value`, and erases what nothing uses any more: it would
/// count as a user of what comes next. All of that comes before `op`.
static void replaceAndClean(RewriterBase &rewriter, Operation *op,
                            Value value) {
  SmallVector<Value> operands(op->getOperands());
  rewriter.replaceOp(op, value);
  while (!operands.empty()) {
    Operation *producer = operands.pop_back_val().getDefiningOp();
    if (!producer || !isOpTriviallyDead(producer))
      continue;
    // An operand that is used twice is looked at once.
    llvm::SmallSetVector<Value, 4> next;
    next.insert(producer->operand_begin(), producer->operand_end());
    llvm::erase_if(operands, [&](Value operand) {
      return operand.getDefiningOp() == producer;
    });
    llvm::append_range(operands, next);
    rewriter.eraseOp(producer);
  }
}

void owl::recogniseReductions(RewriterBase &rewriter, Operation *root,
                              uint64_t onePassBytes) {
  // In the order of the program, what an op uses comes first. A stage changes
  // what the next one sees: sum((x - mean)^2) / n is a mean before it is a
  // variance, and sqrt(sum(x x)) a sumsq before it is an l2.
  auto apply = [&](auto recognise) {
    SmallVector<Operation *> ops;
    root->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op->getNumResults() == 1 &&
          isa<RankedTensorType>(op->getResult(0).getType()))
        ops.push_back(op);
      return isa<linalg::LinalgOp, FoldOp>(op) ? WalkResult::skip()
                                               : WalkResult::advance();
    });
    for (Operation *op : ops) {
      rewriter.setInsertionPoint(op);
      Value value = recognise(op);
      if (!value)
        continue;
      Value found = value;
      if (auto mul = value.getDefiningOp<arith::MulFOp>())
        found = mul.getLhs();
      if (auto reduce = found.getDefiningOp<ReduceOp>())
        remark::passed(
            op->getLoc(),
            remark::RemarkOpts::name("recognised").category("owl-simplify"))
            << stringifyReduceKind(reduce.getKind());
      replaceAndClean(rewriter, op, value);
    }
  };
  apply([&](Operation *op) { return recogniseMean(rewriter, op); });
  apply([&](Operation *op) -> Value {
    auto reduce = dyn_cast<ReduceOp>(op);
    if (!reduce || !reduce.hasTensorSemantics())
      return {};
    if (Value variance = recogniseVariance(rewriter, reduce, onePassBytes))
      return variance;
    return recogniseNorm(rewriter, reduce);
  });
  apply([&](Operation *op) -> Value {
    for (auto recognise : {recogniseRoot, recogniseLogarithm,
                           recogniseLogSumExp, recogniseMoments})
      if (Value value = recognise(rewriter, op))
        return value;
    return {};
  });
  OwlDialect::NonpositiveAttrHelper nonPositive(root->getContext());
  OwlDialect::FractionAttrHelper fraction(root->getContext());
  root->walk([&](Operation *op) {
    if (auto exp = dyn_cast<math::ExpOp>(op); exp && isOfNonPositive(exp))
      nonPositive.setAttr(exp, rewriter.getUnitAttr());
    if (auto div = dyn_cast<arith::DivFOp>(op); div && isFraction(div))
      fraction.setAttr(div, rewriter.getUnitAttr());
  });
}
