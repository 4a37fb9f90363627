//===- ReducerTypes.cpp - The types that reductions work in ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of Reducer that chooses types: see Reducer.h.
//
//===----------------------------------------------------------------------===//

#include "Reducer.h"

using namespace mlir;
using namespace mlir::owl;

/// The type in which a reduction of `kind` over `storage` accumulates. Sums of
/// f16 and bf16 are kept in f32 and those of f32 in f64, so that what they are
/// off by hardly grows with their length. Products are kept in f64: one
/// accumulator of several may overflow where another underflows, and in f32 the
/// product of the two would be NaN for one of bf16 that is finite. What has no
/// integer value is computed in f64. So is variance: what squares of distances
/// from a number that is not the mean lose, f64 has to spare.
static Type getAccumulatorType(ReduceKind kind, Type storage) {
  MLIRContext *context = storage.getContext();
  switch (kind) {
  case ReduceKind::Max:
  case ReduceKind::Min:
  case ReduceKind::ArgMax:
  case ReduceKind::ArgMin:
    // No target keeps f16 or bf16 in registers.
    if (isa<FloatType>(storage) && storage.getIntOrFloatBitWidth() == 16)
      return Float32Type::get(context);
    return storage;
  case ReduceKind::Any:
  case ReduceKind::All:
    return IntegerType::get(context, 8);
  case ReduceKind::Variance:
    return Float64Type::get(context);
  case ReduceKind::Mean:
  case ReduceKind::L2:
  case ReduceKind::LogSum:
  case ReduceKind::LogSumExp:
    if (isa<IntegerType>(storage))
      return Float64Type::get(context);
    [[fallthrough]];
  default:
    if (!isa<FloatType>(storage))
      return storage;
    if (storage.getIntOrFloatBitWidth() == 16 && kind != ReduceKind::Prod)
      return Float32Type::get(context);
    return Float64Type::get(context);
  }
}

/// The type of what one element contributes, in which a few of them are
/// combined. Sums of f32 overflow there no sooner than any sum in f32 does;
/// squares would, where their sum's root does not.
static Type getContributionType(ReduceKind kind, Type storage,
                                Type accumulator) {
  switch (kind) {
  case ReduceKind::Sum:
  case ReduceKind::Mean:
  case ReduceKind::L1:
  case ReduceKind::LogSumExp:
    return storage.isF32() ? storage : accumulator;
  case ReduceKind::Any:
  case ReduceKind::All:
    // Numbers that are 0 where the element is.
    return IntegerType::get(storage.getContext(),
                            storage.getIntOrFloatBitWidth());
  default:
    return accumulator;
  }
}

Reducer::Reducer(ReduceKind kind, Type element, bool isUnsigned)
    : kind(kind), element(element), storage(element), isUnsigned(isUnsigned),
      indexType(IntegerType::get(element.getContext(), 64)) {
  if (auto integer = dyn_cast<IntegerType>(element))
    storage = IntegerType::get(element.getContext(),
                               std::max<unsigned>(8, integer.getWidth()));
  accumulator = getAccumulatorType(kind, storage);
  contribution = getContributionType(kind, storage, accumulator);
}

Type Reducer::getResultType() const {
  if (isArg())
    return IntegerType::get(element.getContext(), 64);
  if (kind == ReduceKind::Any || kind == ReduceKind::All)
    return accumulator;
  return storage;
}

Reducer::Reducer(ReduceOp op)
    : Reducer(op.getKind(), op.getSourceType().getElementType(),
              op.hasUnsignedSource()) {
  // A vector register holds twice as many indices of 32 bits.
  ShapedType type = op.getSourceType();
  if (type.hasStaticShape() &&
      type.getNumElements() <= std::numeric_limits<int32_t>::max())
    indexType = IntegerType::get(op.getContext(), 32);
}

SmallVector<Type> Reducer::getAccumulatorTypes() const {
  if (isArg())
    return {accumulator, indexType};
  if (kind == ReduceKind::Variance)
    return {accumulator, accumulator};
  return {accumulator};
}

int64_t Reducer::getAccumulatorBits() const {
  int64_t bits = 0;
  for (Type type : getAccumulatorTypes())
    bits += type.getIntOrFloatBitWidth();
  return bits;
}

unsigned Reducer::getBits() const {
  unsigned bits = std::max(storage.getIntOrFloatBitWidth(),
                           contribution.getIntOrFloatBitWidth());
  return isArg() ? std::max(bits, indexType.getWidth()) : bits;
}

Reducer Reducer::ofBlock(bool isOfBlock) const {
  Reducer result = *this;
  if (isOfBlock)
    result.accumulator = contribution;
  return result;
}

Reducer Reducer::getShift() const {
  // Of one element, the maximum is that element.
  bool isMean = kind == ReduceKind::Variance && !isShiftedByFirst();
  return Reducer(isMean ? ReduceKind::Mean : ReduceKind::Max, element,
                 isUnsigned);
}

Type Reducer::getShiftedType() const {
  if (kind == ReduceKind::Variance)
    return accumulator;
  // exp works in at least f32.
  bool isNarrow = storage.getIntOrFloatBitWidth() == 16;
  return isa<FloatType>(storage) && !isNarrow ? storage : accumulator;
}
