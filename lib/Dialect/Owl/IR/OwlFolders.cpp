//===- OwlFolders.cpp - Folders of the ops --------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an op folds to when its source is a splat or when it changes nothing.
// A reduction of a splat is computed only where the value is certain: exact in
// the op's accumulator or, as sums are, rounded no worse than the loop would.
// Rewrites that create ops are in OwlCanonicalization.cpp.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Reductions of splats
//===----------------------------------------------------------------------===//

/// `value` to the power of `count`, modulo the width of `value`.
static APInt power(APInt value, uint64_t count) {
  APInt result(value.getBitWidth(), 1, /*isSigned=*/false,
               /*implicitTrunc=*/true);
  for (; count; count >>= 1, value *= value)
    if (count & 1)
      result *= value;
  return result;
}

/// The reduction of `count` integers equal to `value`; nothing where it has no
/// value or depends on how f64 rounds.
static std::optional<APInt> reduceSplat(ReduceKind kind, const APInt &value,
                                        uint64_t count, bool isUnsigned) {
  unsigned width = value.getBitWidth();
  APInt times(width, count, /*isSigned=*/false, /*implicitTrunc=*/true);
  switch (kind) {
  case ReduceKind::Sum:
    return value * times;
  case ReduceKind::Prod:
    return power(value, count);
  case ReduceKind::SumSq:
    return value * value * times;
  case ReduceKind::L1:
    return (isUnsigned ? value : value.abs()) * times;
  case ReduceKind::Any:
    return APInt(1, count != 0 && !value.isZero());
  case ReduceKind::All:
    return APInt(1, count == 0 || !value.isZero());
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin:
    if (count == 0)
      return std::nullopt;
    return APInt(64, 0);
  case ReduceKind::Max:
  case ReduceKind::Min:
    if (count == 0)
      return std::nullopt;
    return value;
  case ReduceKind::Mean:
    // Exact in f64 as long as the sum needs at most 53 bits.
    if (count == 0 || width + llvm::Log2_64_Ceil(count) > 53)
      return std::nullopt;
    return value;
  case ReduceKind::Variance:
    if (count == 0)
      return std::nullopt;
    return APInt(width, 0);
  case ReduceKind::L2:
  case ReduceKind::LogSum:
  case ReduceKind::LogSumExp:
    return std::nullopt;
  }
  llvm_unreachable("unknown kind");
}

/// `value` rounded to the precision in which sums of elements of `type`
/// accumulate, that of sumsq, l1, l2 and mean among them: f32 for f16 and bf16,
/// f64 for the others (Reducer.cpp has those of all kinds). Products, in f64,
/// fold only to what is exact in any.
static double roundToAccumulator(double value, FloatType type) {
  return type.getWidth() < 32 ? static_cast<float>(value) : value;
}

/// The reduction of `count` floats equal to `splat` to a float of the same
/// type; nothing where it has no value or needs an approximation.
static std::optional<APFloat> reduceSplat(ReduceKind kind, const APFloat &splat,
                                          uint64_t count, FloatType type) {
  double value = splat.convertToDouble();
  double times = static_cast<double>(count);
  auto toElement = [&](double result) {
    // A zero is 0, not -0, as of what Reducer.cpp emits.
    APFloat element(roundToAccumulator(result, type) + 0.0);
    bool losesInfo;
    element.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
    return element;
  };
  // An empty sum is 0 even where 0 times the splat is not.
  auto sumOf = [&](double term) { return count == 0 ? 0.0 : term * times; };

  switch (kind) {
  case ReduceKind::Sum:
    return toElement(sumOf(value));
  case ReduceKind::SumSq:
    return toElement(sumOf(value * value));
  case ReduceKind::L1:
    return toElement(sumOf(std::fabs(value)));
  case ReduceKind::L2:
    return toElement(std::sqrt(roundToAccumulator(sumOf(value * value), type)));
  case ReduceKind::Prod:
    if (count == 0 || value == 1.0)
      return toElement(1.0);
    if (count == 1 || value == 0.0 || std::isnan(value))
      return count == 1 || count % 2 || !std::signbit(value) ||
                     std::isnan(value)
                 ? splat
                 : toElement(0.0);
    return std::nullopt;
  case ReduceKind::Max:
  case ReduceKind::Min:
    if (count == 0)
      return std::nullopt;
    return toElement(value);
  case ReduceKind::Mean:
    if (count == 0)
      return APFloat::getNaN(type.getFloatSemantics());
    if (!std::isfinite(roundToAccumulator(value * times, type)))
      return std::nullopt;
    return toElement(value);
  case ReduceKind::Variance:
    if (count == 0 || !splat.isFinite())
      return APFloat::getNaN(type.getFloatSemantics());
    return toElement(0.0);
  case ReduceKind::LogSum:
  case ReduceKind::LogSumExp:
    if (count == 0)
      return APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true);
    return std::nullopt;
  case ReduceKind::Any:
  case ReduceKind::All:
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin:
    break;
  }
  llvm_unreachable("the result is no float");
}

/// The attribute that all elements of the result share, or null.
static Attribute reduceSplat(ReduceOp op, Attribute splat, uint64_t count) {
  Type type = op.getDestType().getElementType();
  ReduceKind kind = op.getKind();
  if (auto value = dyn_cast<IntegerAttr>(splat)) {
    std::optional<APInt> result =
        reduceSplat(kind, value.getValue(), count, op.hasUnsignedSource());
    return result ? IntegerAttr::get(type, *result) : Attribute();
  }
  auto value = dyn_cast<FloatAttr>(splat);
  if (!value)
    return {};
  if (auto floatType = dyn_cast<FloatType>(type)) {
    std::optional<APFloat> result =
        reduceSplat(kind, value.getValue(), count, floatType);
    return result ? FloatAttr::get(type, *result) : Attribute();
  }
  // any, all, argmax and argmin ask only whether the element is 0.
  std::optional<APInt> result =
      reduceSplat(kind, APInt(1, !value.getValue().isZero()), count,
                  /*isUnsigned=*/true);
  return result ? IntegerAttr::get(type, *result) : Attribute();
}

/// A splat of `type`, or null where there is no element to hold it.
static OpFoldResult makeSplat(ShapedType type, Attribute value) {
  if (!value || !type.hasStaticShape() ||
      llvm::is_contained(type.getShape(), 0))
    return {};
  return DenseElementsAttr::get(type, value);
}

/// The element that all elements of the constant `attr` are equal to, or null.
static Attribute getSplat(Attribute attr) {
  auto splat = dyn_cast_or_null<SplatElementsAttr>(attr);
  if (!splat || llvm::is_contained(splat.getType().getShape(), 0))
    return {};
  return splat.getSplatValue<Attribute>();
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

/// Whether the reduction of a single element is the element.
static bool isIdentityOnOneElement(ReduceOp op) {
  Type type = op.getSourceType().getElementType();
  switch (op.getKind()) {
  case ReduceKind::Sum:
  case ReduceKind::Prod:
  case ReduceKind::Max:
  case ReduceKind::Min:
    return true;
  case ReduceKind::Mean:
    // Wide integers do not survive the way through f64.
    return isa<FloatType>(type) || type.getIntOrFloatBitWidth() <= 32;
  case ReduceKind::Any:
  case ReduceKind::All:
    return type.isInteger(1);
  default:
    return false;
  }
}

LogicalResult ReduceOp::fold(FoldAdaptor adaptor,
                             SmallVectorImpl<OpFoldResult> &results) {
  if (!hasTensorSemantics())
    return failure();
  std::optional<int64_t> count = getCount();
  if (!count)
    return failure();

  // A reduction of one element each.
  if (*count == 1 && getSource().getType() == getResult().getType() &&
      isIdentityOnOneElement(*this)) {
    results.push_back(getSource());
    return success();
  }

  // A constant has the declared shape: it must be certain to be the shape.
  if (getReducedShape(getSourceType().getShape(), getAxes(), getKeepDims()) !=
      getDestType().getShape())
    return failure();

  // What nothing reduces to does not depend on the source.
  Attribute splat = getSplat(adaptor.getSource());
  if (*count == 0)
    splat = Builder(getContext()).getZeroAttr(getSourceType().getElementType());
  // The first extreme of one element is that element.
  else if (*count == 1 &&
           (getKind() == ReduceKind::ArgMax || getKind() == ReduceKind::ArgMin))
    splat = Builder(getContext()).getZeroAttr(getSourceType().getElementType());
  if (!splat)
    return failure();
  OpFoldResult result =
      makeSplat(getDestType(), reduceSplat(*this, splat, *count));
  if (!result)
    return failure();
  results.push_back(result);
  return success();
}

template <typename OpTy>
static LogicalResult foldRepetition(OpTy op, Attribute source,
                                    SmallVectorImpl<OpFoldResult> &results) {
  if (!op.hasTensorSemantics())
    return failure();
  if (op.getSource().getType() == op.getResult().getType() &&
      llvm::all_of(op.getStaticCounts(), [](int64_t n) { return n == 1; })) {
    results.push_back(op.getSource());
    return success();
  }
  // A constant has the declared shape: it must be certain to be the shape.
  FailureOr<SmallVector<int64_t>> shape =
      getRepeatedShape(op.getSourceType().getShape(), op.getStaticCounts());
  if (failed(shape) || ArrayRef<int64_t>(*shape) != op.getDestType().getShape())
    return failure();
  OpFoldResult result = makeSplat(op.getDestType(), getSplat(source));
  if (!result)
    return failure();
  results.push_back(result);
  return success();
}

LogicalResult RepeatOp::fold(FoldAdaptor adaptor,
                             SmallVectorImpl<OpFoldResult> &results) {
  return foldRepetition(*this, adaptor.getSource(), results);
}

LogicalResult TileOp::fold(FoldAdaptor adaptor,
                           SmallVectorImpl<OpFoldResult> &results) {
  return foldRepetition(*this, adaptor.getSource(), results);
}
