//===- Reducer.cpp - The arithmetic of reductions -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Reducer.h.
//
//===----------------------------------------------------------------------===//

#include "Reducer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Types that follow a value's shape
//===----------------------------------------------------------------------===//

/// `element`, as a vector where `like` is one.
static Type withShapeOf(Type element, Type like) {
  if (auto vector = dyn_cast<VectorType>(like))
    return vector.clone(element);
  return element;
}

static Value constant(OpBuilder &b, Location loc, TypedAttr value, Type like) {
  if (auto vector = dyn_cast<VectorType>(withShapeOf(value.getType(), like)))
    value = DenseElementsAttr::get(vector, Attribute(value));
  return arith::ConstantOp::create(b, loc, value);
}

/// The integer or float `value` as a constant of type `type`.
static TypedAttr number(OpBuilder &b, Type type, double value) {
  if (isa<FloatType>(type))
    return b.getFloatAttr(type, value);
  return b.getIntegerAttr(type, static_cast<int64_t>(value));
}

static Value cmpf(OpBuilder &b, Location loc, arith::CmpFPredicate predicate,
                  Value lhs, Value rhs) {
  return arith::CmpFOp::create(b, loc, predicate, lhs, rhs);
}
static Value cmpi(OpBuilder &b, Location loc, arith::CmpIPredicate predicate,
                  Value lhs, Value rhs) {
  return arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
}
static Value select(OpBuilder &b, Location loc, Value condition, Value lhs,
                    Value rhs) {
  return arith::SelectOp::create(b, loc, condition, lhs, rhs);
}

static Value isFinite(OpBuilder &b, Location loc, Value x) {
  auto type = cast<FloatType>(getElementTypeOrSelf(x.getType()));
  TypedAttr infinity =
      b.getFloatAttr(type, APFloat::getInf(type.getFloatSemantics()));
  return cmpf(b, loc, arith::CmpFPredicate::OLT,
              math::AbsFOp::create(b, loc, x),
              constant(b, loc, infinity, x.getType()));
}

/// The identity of max or of min in `type`, of `bits` bits if an integer.
static TypedAttr extreme(OpBuilder &b, Type type, unsigned bits, bool isMax,
                         bool isUnsigned) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return b.getFloatAttr(
        floatType, APFloat::getInf(floatType.getFloatSemantics(), isMax));
  unsigned width = type.getIntOrFloatBitWidth();
  if (isUnsigned)
    return b.getIntegerAttr(type, isMax ? APInt(width, 0)
                                        : APInt::getMaxValue(bits).zext(width));
  return b.getIntegerAttr(type, isMax ? APInt::getSignedMinValue(width)
                                      : APInt::getSignedMaxValue(width));
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

Value Reducer::widen(OpBuilder &b, Location loc, Value x, Type into) const {
  Type type = withShapeOf(into, x.getType());
  if (x.getType() == type)
    return x;
  if (isa<FloatType>(getElementTypeOrSelf(x.getType())))
    return arith::ExtFOp::create(b, loc, type, x);
  if (isUnsigned)
    return arith::UIToFPOp::create(b, loc, type, x);
  return arith::SIToFPOp::create(b, loc, type, x);
}

/// Rounds f64 `x` towards zero into integers of `bits` bits held in `storage`;
/// what lies outside saturates and NaN becomes 0.
static Value saturate(OpBuilder &b, Location loc, Value x, Type storage,
                      unsigned bits, bool isUnsigned) {
  Type like = x.getType();
  auto bound = [&](const APInt &value) {
    return constant(
        b, loc,
        b.getIntegerAttr(storage,
                         value.sextOrTrunc(storage.getIntOrFloatBitWidth())),
        like);
  };
  auto real = [&](double value) {
    return constant(b, loc, b.getF64FloatAttr(value), like);
  };
  using P = arith::CmpFPredicate;
  // The bounds as powers of 2, which f64 holds exactly: values >= high and
  // <= low saturate.
  double high = std::ldexp(1.0, isUnsigned ? bits : bits - 1);
  double low = isUnsigned ? 0.0 : -high;
  unsigned width = storage.getIntOrFloatBitWidth();
  Type result = withShapeOf(storage, like);
  Value converted =
      isUnsigned ? arith::FPToUIOp::create(b, loc, result, x).getResult()
                 : arith::FPToSIOp::create(b, loc, result, x).getResult();
  APInt max = isUnsigned ? APInt::getMaxValue(bits).zext(width)
                         : APInt::getSignedMaxValue(width);
  APInt min = isUnsigned ? APInt(width, 0) : APInt::getSignedMinValue(width);
  Value y = select(b, loc, cmpf(b, loc, P::OGE, x, real(high)), bound(max),
                   converted);
  y = select(b, loc, cmpf(b, loc, P::OLE, x, real(low)), bound(min), y);
  return select(b, loc, cmpf(b, loc, P::UNO, x, x), bound(APInt(width, 0)), y);
}

Value Reducer::narrow(OpBuilder &b, Location loc, Value x) const {
  Type type = withShapeOf(storage, x.getType());
  if (isa<FloatType>(storage))
    return x.getType() == type
               ? x
               : arith::TruncFOp::create(b, loc, type, x).getResult();
  if (isa<FloatType>(accumulator))
    return saturate(b, loc, x, storage, element.getIntOrFloatBitWidth(),
                    isUnsigned);
  // Sums of i1 wrap within the byte that holds them.
  if (element.isInteger(1))
    return arith::AndIOp::create(
        b, loc, x, constant(b, loc, b.getIntegerAttr(storage, 1), x.getType()));
  return x;
}

/// `x`, but 0 for -0.
static Value addZero(OpBuilder &b, Location loc, Value x) {
  return arith::AddFOp::create(
      b, loc, x, arith::ConstantOp::create(b, loc, b.getZeroAttr(x.getType())));
}

Value Reducer::narrowSum(OpBuilder &b, Location loc, Value x) const {
  // In a type that every target adds in.
  if (storage.isF32() || storage.isF64())
    return addZero(b, loc, narrow(b, loc, x));
  return narrow(b, loc, isa<FloatType>(storage) ? addZero(b, loc, x) : x);
}

//===----------------------------------------------------------------------===//
// The reduction itself
//===----------------------------------------------------------------------===//

SmallVector<Value> Reducer::init(OpBuilder &b, Location loc,
                                 int64_t lanes) const {
  Type like = lanes == 1 ? accumulator : VectorType::get(lanes, accumulator);
  auto one = [&](TypedAttr value) {
    return SmallVector<Value>{constant(b, loc, value, like)};
  };
  bool isMax = kind == ReduceKind::Max || kind == ReduceKind::ArgMax;
  TypedAttr bound = extreme(b, accumulator, element.getIntOrFloatBitWidth(),
                            isMax, isUnsigned);
  switch (kind) {
  case ReduceKind::Max:
  case ReduceKind::Min:
    return one(bound);
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin: {
    // Where no element is more extreme than the bound, the first one is as
    // extreme as all others.
    SmallVector<Value> values = one(bound);
    values.push_back(constant(b, loc, b.getIntegerAttr(indexType, 0), like));
    return values;
  }
  case ReduceKind::Prod:
  case ReduceKind::All:
    return one(number(b, accumulator, 1));
  case ReduceKind::Variance: {
    SmallVector<Value> values = one(number(b, accumulator, -0.0));
    values.push_back(values.front());
    return values;
  }
  default:
    // LLVM drops what adds -0, but not what adds 0, which changes -0.
    return one(number(b, accumulator, -0.0));
  }
}

SmallVector<Value> Reducer::map(OpBuilder &b, Location loc, Value x,
                                function_ref<Value()> index) const {
  switch (kind) {
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin:
    return {widen(b, loc, x, contribution), index()};
  case ReduceKind::Any:
  case ReduceKind::All: {
    if (!isa<FloatType>(storage))
      return {x};
    // Not 0 but for the zeros, of which all bits but the sign are 0.
    Value bits = arith::BitcastOp::create(
        b, loc, withShapeOf(contribution, x.getType()), x);
    return {arith::AddIOp::create(b, loc, bits, bits)};
  }
  case ReduceKind::SumSq:
  case ReduceKind::L2: {
    Value wide = widen(b, loc, x, contribution);
    if (isa<FloatType>(contribution))
      return {arith::MulFOp::create(b, loc, wide, wide)};
    return {arith::MulIOp::create(b, loc, wide, wide)};
  }
  case ReduceKind::L1:
    if (isa<FloatType>(storage))
      return {widen(b, loc, math::AbsFOp::create(b, loc, x), contribution)};
    if (isUnsigned)
      return {x};
    return {math::AbsIOp::create(b, loc, x)};
  case ReduceKind::LogSumExp:
  case ReduceKind::Variance: {
    Type type = getShiftedType();
    Value wide = storage == type ? x : widen(b, loc, x, type);
    Value offset = shift;
    if (auto vector = dyn_cast<VectorType>(x.getType()))
      if (!isa<VectorType>(offset.getType()))
        offset = vector::BroadcastOp::create(b, loc, withShapeOf(type, vector),
                                             offset);
    Value distance = arith::SubFOp::create(b, loc, wide, offset);
    if (kind == ReduceKind::Variance)
      return {distance, arith::MulFOp::create(b, loc, distance, distance,
                                              arith::FastMathFlags::contract)};
    // From the maximum none is above 0.
    auto exp = math::ExpOp::create(b, loc, distance);
    OwlDialect::NonpositiveAttrHelper(b.getContext())
        .setAttr(exp, b.getUnitAttr());
    return {widen(b, loc, exp, contribution)};
  }
  default:
    return {widen(b, loc, x, contribution)};
  }
}

/// Whether extreme `x` at `xi` beats `best` at `bi`: it is more extreme, or as
/// extreme and first. NaN is more extreme than any number.
static Value beats(OpBuilder &b, Location loc, bool isMax, bool isUnsigned,
                   Value x, Value xi, Value best, Value bi) {
  Value first = cmpi(b, loc, arith::CmpIPredicate::slt, xi, bi);
  if (!isa<FloatType>(getElementTypeOrSelf(x.getType()))) {
    using P = arith::CmpIPredicate;
    P beyond =
        isMax ? (isUnsigned ? P::ugt : P::sgt) : (isUnsigned ? P::ult : P::slt);
    Value tie =
        arith::AndIOp::create(b, loc, cmpi(b, loc, P::eq, x, best), first);
    return arith::OrIOp::create(b, loc, cmpi(b, loc, beyond, x, best), tie);
  }
  using P = arith::CmpFPredicate;
  Value tie =
      arith::AndIOp::create(b, loc, cmpf(b, loc, P::OEQ, x, best), first);
  // Unordered or beyond: true as well where x is NaN and best is not.
  Value beyond = cmpf(b, loc, isMax ? P::UGT : P::ULT, x, best);
  Value ordinary = arith::OrIOp::create(b, loc, beyond, tie);
  Value againstNaN =
      arith::AndIOp::create(b, loc, cmpf(b, loc, P::UNO, x, x), first);
  return select(b, loc, cmpf(b, loc, P::UNO, best, best), againstNaN, ordinary);
}

vector::CombiningKind Reducer::getExtremeKind() const {
  using Kind = vector::CombiningKind;
  bool isMax = kind == ReduceKind::Max || kind == ReduceKind::ArgMax;
  if (isa<FloatType>(accumulator))
    return isMax ? Kind::MAXIMUMF : Kind::MINIMUMF;
  if (isUnsigned)
    return isMax ? Kind::MAXUI : Kind::MINUI;
  return isMax ? Kind::MAXSI : Kind::MINSI;
}

/// Of zeros either will do: looking for the sign would take x86 twice the
/// instructions.
static arith::FastMathFlags getExtremeFlags(vector::CombiningKind kind) {
  bool isFloat = kind == vector::CombiningKind::MAXIMUMF ||
                 kind == vector::CombiningKind::MINIMUMF;
  return isFloat ? arith::FastMathFlags::nsz : arith::FastMathFlags::none;
}

/// The extreme of an accumulator and an element, NaN if one of them is. x86
/// examines the first operand for NaN, and as that is the element, the
/// accumulator's chain is an instruction shorter.
static Value combineExtremes(OpBuilder &b, Location loc,
                             vector::CombiningKind kind, Value accumulator,
                             Value element) {
  auto flags =
      arith::FastMathFlagsAttr::get(b.getContext(), getExtremeFlags(kind));
  return vector::makeArithReduction(b, loc, kind, element, accumulator, flags);
}

SmallVector<Value> Reducer::combine(OpBuilder &b, Location loc,
                                    ArrayRef<Value> lhs,
                                    ArrayRef<Value> rhs) const {
  bool isFloat = isa<FloatType>(accumulator);
  Value l = lhs[0], r = rhs[0];
  switch (kind) {
  case ReduceKind::Prod:
    if (isFloat)
      return {arith::MulFOp::create(b, loc, l, r)};
    return {arith::MulIOp::create(b, loc, l, r)};
  case ReduceKind::Max:
  case ReduceKind::Min:
    return {combineExtremes(b, loc, getExtremeKind(), l, r)};
  case ReduceKind::Any:
    return {arith::OrIOp::create(b, loc, l, r)};
  case ReduceKind::All:
    return {arith::MinUIOp::create(b, loc, l, r)};
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin: {
    Value wins = beats(b, loc, kind == ReduceKind::ArgMax, isUnsigned, r,
                       rhs[1], l, lhs[1]);
    return {select(b, loc, wins, r, l), select(b, loc, wins, rhs[1], lhs[1])};
  }
  case ReduceKind::Variance:
    return {arith::AddFOp::create(b, loc, l, r),
            arith::AddFOp::create(b, loc, lhs[1], rhs[1],
                                  arith::FastMathFlags::contract)};
  default:
    // With products that allow it.
    if (isFloat)
      return {
          arith::AddFOp::create(b, loc, l, r, arith::FastMathFlags::contract)};
    return {arith::AddIOp::create(b, loc, l, r)};
  }
}

SmallVector<Value> Reducer::combineInOrder(OpBuilder &b, Location loc,
                                           ArrayRef<Value> lhs,
                                           ArrayRef<Value> rhs) const {
  if (!isArg())
    return combine(b, loc, lhs, rhs);
  // Of equals the first stays, and so does the first NaN.
  Value best = lhs[0], x = rhs[0], wins;
  bool isMax = kind == ReduceKind::ArgMax;
  if (isa<FloatType>(accumulator)) {
    using P = arith::CmpFPredicate;
    wins = arith::AndIOp::create(b, loc,
                                 cmpf(b, loc, isMax ? P::UGT : P::ULT, x, best),
                                 cmpf(b, loc, P::ORD, best, best));
  } else {
    using P = arith::CmpIPredicate;
    wins = cmpi(b, loc,
                isMax ? (isUnsigned ? P::ugt : P::sgt)
                      : (isUnsigned ? P::ult : P::slt),
                x, best);
  }
  return {select(b, loc, wins, x, best), select(b, loc, wins, rhs[1], lhs[1])};
}

SmallVector<Value> Reducer::accumulate(OpBuilder &b, Location loc,
                                       ArrayRef<Value> contribution) const {
  SmallVector<Value> values(contribution);
  Value &x = values[0];
  if (kind == ReduceKind::Any || kind == ReduceKind::All) {
    Type type = getElementTypeOrSelf(x.getType());
    Value zero = constant(b, loc, b.getIntegerAttr(type, 0), x.getType());
    x = arith::ExtUIOp::create(b, loc, withShapeOf(accumulator, x.getType()),
                               cmpi(b, loc, arith::CmpIPredicate::ne, x, zero));
  } else {
    x = widen(b, loc, x, accumulator);
  }
  return values;
}

SmallVector<Value> Reducer::combineSlices(OpBuilder &b, Location loc,
                                          ArrayRef<Value> values,
                                          int64_t count) const {
  int64_t size = cast<VectorType>(values[0].getType()).getNumElements() / count;
  assert(size * count ==
             cast<VectorType>(values[0].getType()).getNumElements() &&
         "slices leave some lanes");
  SmallVector<SmallVector<Value>> slices(count);
  for (auto [i, slice] : llvm::enumerate(slices))
    for (Value value : values)
      slice.push_back(vector::ExtractStridedSliceOp::create(
          b, loc, value, ArrayRef<int64_t>(i * size), ArrayRef<int64_t>{size},
          ArrayRef<int64_t>{1}));
  return combineHalves(b, loc, slices);
}

SmallVector<Value>
Reducer::combineHalves(OpBuilder &b, Location loc,
                       ArrayRef<SmallVector<Value>> values) const {
  if (values.size() == 1)
    return values.front();
  size_t half = llvm::divideCeil(values.size(), 2);
  SmallVector<SmallVector<Value>> combined(values.take_front(half));
  for (auto [lhs, rhs] : llvm::zip(combined, values.drop_front(half)))
    lhs = combine(b, loc, lhs, rhs);
  return combineHalves(b, loc, combined);
}

/// Reduces `parts` to one extreme: vectors of fewer and fewer lanes, each a
/// power of 2, and a scalar.
static Value reduceParts(OpBuilder &b, Location loc, vector::CombiningKind kind,
                         ArrayRef<Value> parts) {
  auto getLanes = [](Value x) -> int64_t {
    auto type = dyn_cast<VectorType>(x.getType());
    return type ? type.getNumElements() : 1;
  };
  Value result = parts.front();
  auto narrow = [&](int64_t lanes) {
    if (lanes == 1 && isa<VectorType>(result.getType()))
      result = vector::ReductionOp::create(b, loc, kind, result,
                                           getExtremeFlags(kind));
    while (getLanes(result) > lanes) {
      int64_t half = getLanes(result) / 2;
      auto getHalf = [&](int64_t first) -> Value {
        return vector::ExtractStridedSliceOp::create(
            b, loc, result, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{half},
            ArrayRef<int64_t>{1});
      };
      Value rest = getHalf(half);
      result = combineExtremes(b, loc, kind, rest, getHalf(0));
    }
  };
  for (Value part : parts.drop_front()) {
    narrow(getLanes(part));
    result = combineExtremes(b, loc, kind, result, part);
  }
  narrow(1);
  return result;
}

SmallVector<Value>
Reducer::findExtreme(OpBuilder &b, Location loc,
                     ArrayRef<SmallVector<Value>> parts) const {
  auto extremes =
      llvm::map_to_vector(parts, [](ArrayRef<Value> part) { return part[0]; });
  Value extreme = reduceParts(b, loc, getExtremeKind(), extremes);
  SmallVector<Value> indices;
  for (ArrayRef<Value> part : parts) {
    Value x = part[0], holds, same = extreme;
    if (auto type = dyn_cast<VectorType>(x.getType()))
      same = vector::BroadcastOp::create(b, loc, type, extreme);
    if (isa<FloatType>(accumulator))
      holds = arith::OrIOp::create(
          b, loc, cmpf(b, loc, arith::CmpFPredicate::OEQ, x, same),
          cmpf(b, loc, arith::CmpFPredicate::UNO, x, x));
    else
      holds = cmpi(b, loc, arith::CmpIPredicate::eq, x, same);
    unsigned width = getElementTypeOrSelf(part[1]).getIntOrFloatBitWidth();
    Value last = constant(b, loc,
                          b.getIntegerAttr(b.getIntegerType(width),
                                           APInt::getSignedMaxValue(width)),
                          part[1].getType());
    indices.push_back(select(b, loc, holds, part[1], last));
  }
  return {extreme, reduceParts(b, loc, vector::CombiningKind::MINSI, indices)};
}

SmallVector<Value> Reducer::combineLanes(OpBuilder &b, Location loc,
                                         ArrayRef<Value> accumulator) const {
  SmallVector<Value> values(accumulator);
  // Targets differ in what serves best here.
  if (isa<FloatType>(this->accumulator) &&
      (kind == ReduceKind::Max || kind == ReduceKind::Min))
    return {reduceParts(b, loc, getExtremeKind(), values[0])};
  if (isArg())
    return findExtreme(b, loc, {values});
  // Halves are combined, so that the work is logarithmic in the lanes.
  while (cast<VectorType>(values[0].getType()).getNumElements() > 1)
    values = combineSlices(b, loc, values, 2);
  for (Value &value : values)
    value = vector::ExtractOp::create(b, loc, value, ArrayRef<int64_t>{0});
  return values;
}

/// `x` / `count`, which is an index, in the type of `x`.
static Value divide(OpBuilder &b, Location loc, Value x, Value count) {
  Value n = arith::IndexCastOp::create(b, loc, b.getI64Type(), count);
  n = arith::SIToFPOp::create(b, loc, getElementTypeOrSelf(x.getType()), n);
  if (isa<VectorType>(x.getType()))
    n = vector::BroadcastOp::create(b, loc, x.getType(), n);
  return arith::DivFOp::create(b, loc, x, n);
}

Value Reducer::finish(OpBuilder &b, Location loc, ArrayRef<Value> accumulators,
                      Value count) const {
  Value x = accumulators[0];
  switch (kind) {
  case ReduceKind::Any:
  case ReduceKind::All:
    return x;
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin: {
    Value index = accumulators[1];
    Type type = withShapeOf(b.getI64Type(), index.getType());
    return index.getType() == type
               ? index
               : arith::ExtSIOp::create(b, loc, type, index).getResult();
  }
  case ReduceKind::Mean: {
    // Of two numbers of the narrower type, of which a count up to 2^24 is one,
    // the quotient is the same there.
    auto wide = x.getDefiningOp<arith::ExtFOp>();
    if (wide && hasNarrowContributions() &&
        getConstantIntValue(count).value_or(INT64_MAX) <= 1 << 24)
      return narrowSum(b, loc, divide(b, loc, wide.getIn(), count));
    if (!storage.isF32())
      return narrowSum(b, loc, divide(b, loc, x, count));
    // A sum of f32s in f64 times the inverse is rounded as well, but for one in
    // 2^28 that is nearly halfway, and the inverse is the same for all results.
    Value one = constant(b, loc, number(b, accumulator, 1), accumulator);
    Value inverse = divide(b, loc, one, count);
    if (isa<VectorType>(x.getType()))
      inverse = vector::BroadcastOp::create(b, loc, x.getType(), inverse);
    return narrowSum(b, loc, arith::MulFOp::create(b, loc, x, inverse));
  }
  case ReduceKind::Variance: {
    // The squares, but for that of the mean. What is left of nothing may be
    // rounded below 0. Of integers, no step rounds where the result is one.
    Value squares = arith::SubFOp::create(
        b, loc, accumulators[1],
        divide(b, loc, arith::MulFOp::create(b, loc, x, x), count));
    // Squares of finite f64s may overflow, and so may that of what is left of
    // their sum.
    if (!isShiftedByFirst()) {
      Value infinity =
          constant(b, loc, extreme(b, accumulator, 0, /*isMax=*/false, false),
                   x.getType());
      Value overflow = arith::AddFOp::create(
          b, loc, accumulators[1], arith::SubFOp::create(b, loc, x, x));
      squares = select(
          b, loc,
          cmpf(b, loc, arith::CmpFPredicate::OEQ, accumulators[1], infinity),
          overflow, squares);
    }
    Value variance = divide(b, loc, squares, count);
    Value zero = constant(b, loc, number(b, accumulator, 0), x.getType());
    return narrow(b, loc, arith::MaximumFOp::create(b, loc, variance, zero));
  }
  case ReduceKind::L2:
    return narrowSum(b, loc, math::SqrtOp::create(b, loc, x));
  case ReduceKind::LogSum:
    return narrow(b, loc, math::LogOp::create(b, loc, x));
  case ReduceKind::LogSumExp: {
    Value offset = shift;
    if (offset.getType() != x.getType())
      offset = arith::ExtFOp::create(b, loc, x.getType(), offset);
    // The distances from an infinite maximum are NaN.
    Value sum =
        arith::AddFOp::create(b, loc, math::LogOp::create(b, loc, x), offset);
    return narrow(b, loc,
                  select(b, loc, isFinite(b, loc, offset), sum, offset));
  }
  case ReduceKind::Max:
  case ReduceKind::Min:
    if (!isa<FloatType>(accumulator))
      return narrow(b, loc, x);
    // Which of 0 and -0 it is depends on how LLVM orders the operands: from
    // here on it is 0, in all code that is made of the same ops.
    return narrow(b, loc, addZero(b, loc, x));
  case ReduceKind::Prod:
    return narrow(b, loc, x);
  default:
    return narrowSum(b, loc, x);
  }
}

Reducer Reducer::shifted(OpBuilder &b, Location loc, Value value) const {
  Reducer result = *this;
  Type element = getShiftedType();
  Value offset = value;
  if (storage != element)
    offset = widen(b, loc, value, element);
  // An infinite or undefined number makes every difference NaN. A maximum that
  // is one is the result; the variance is NaN, as it is without a shift.
  if (kind == ReduceKind::Variance) {
    Value zero = constant(b, loc, number(b, element, 0), offset.getType());
    offset = select(b, loc, isFinite(b, loc, offset), offset, zero);
  }
  result.shift = offset;
  return result;
}
