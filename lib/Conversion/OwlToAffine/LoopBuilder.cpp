//===- LoopBuilder.cpp - Loops and accesses -------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LoopBuilder.h.
//
//===----------------------------------------------------------------------===//

#include "LoopBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;

/// A bound of an affine.for: a constant, or a symbol.
static bool isAffineBound(OpFoldResult bound) {
  auto value = dyn_cast<Value>(bound);
  return !value || affine::isValidSymbol(value);
}

static AffineMap getBoundMap(OpFoldResult bound, OpBuilder &builder,
                             SmallVectorImpl<Value> &operands) {
  if (std::optional<int64_t> constant = getConstantIntValue(bound))
    return builder.getConstantAffineMap(*constant);
  operands.push_back(cast<Value>(bound));
  return builder.getSymbolIdentityMap();
}

SmallVector<Value> LoopBuilder::loop(OpFoldResult begin, OpFoldResult end,
                                     int64_t step, ArrayRef<Value> init,
                                     Body body) {
  OpBuilder::InsertionGuard guard(builder);
  if (isAffineBound(begin) && isAffineBound(end)) {
    SmallVector<Value> lower, upper;
    AffineMap lowerMap = getBoundMap(begin, builder, lower);
    AffineMap upperMap = getBoundMap(end, builder, upper);
    auto loop = affine::AffineForOp::create(
        builder, loc, lower, lowerMap, upper, upperMap, step, ValueRange(init));
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> values = body(
        loop.getInductionVar(), SmallVector<Value>(loop.getRegionIterArgs()));
    // A loop that carries nothing comes with its terminator.
    if (!init.empty())
      affine::AffineYieldOp::create(builder, loc, values);
    return loop.getResults();
  }
  auto loop = scf::ForOp::create(
      builder, loc, getValueOrCreateConstantIndexOp(builder, loc, begin),
      getValueOrCreateConstantIndexOp(builder, loc, end),
      arith::ConstantIndexOp::create(builder, loc, step), ValueRange(init));
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> values = body(
      loop.getInductionVar(), SmallVector<Value>(loop.getRegionIterArgs()));
  if (!init.empty())
    scf::YieldOp::create(builder, loc, values);
  return loop.getResults();
}

SmallVector<Value> LoopBuilder::nest(
    ArrayRef<OpFoldResult> sizes, ArrayRef<Value> init,
    function_ref<SmallVector<Value>(ArrayRef<Value>, ArrayRef<Value>)> body) {
  SmallVector<Value> ivs;
  std::function<SmallVector<Value>(size_t, ArrayRef<Value>)> emit =
      [&](size_t depth, ArrayRef<Value> values) -> SmallVector<Value> {
    if (depth == sizes.size())
      return body(ivs, values);
    return loop(builder.getIndexAttr(0), sizes[depth], 1, values,
                [&](Value iv, ArrayRef<Value> carried) {
                  ivs.push_back(iv);
                  SmallVector<Value> next = emit(depth + 1, carried);
                  ivs.pop_back();
                  return next;
                });
  };
  return emit(0, init);
}

OpFoldResult LoopBuilder::stripsEnd(OpFoldResult size, int64_t lanes) {
  AffineExpr s = builder.getAffineSymbolExpr(0);
  return affine::makeComposedFoldedAffineApply(builder, loc,
                                               s.floorDiv(lanes) * lanes, size);
}

static bool areAffineIndices(ArrayRef<Value> indices) {
  return llvm::all_of(indices, [](Value index) {
    return affine::isValidDim(index) || affine::isValidSymbol(index);
  });
}

/// Affine `indices` as a map of loops and sizes. There are many accesses, and
/// to make such a map of each later takes longer.
static AffineMap composeIndices(MLIRContext *context,
                                SmallVectorImpl<Value> &indices) {
  AffineMap map = AffineMap::getMultiDimIdentityMap(indices.size(), context);
  affine::fullyComposeAffineMapAndOperands(&map, &indices);
  affine::canonicalizeMapAndOperands(&map, &indices);
  return map;
}

Value LoopBuilder::loadSteps(Value buffer, ArrayRef<Value> indices,
                             int64_t lanes, int64_t step) {
  // Vector k begins with the last element of the one before it, and the last
  // one ends with the last element that there is.
  Value all;
  for (int64_t k = 0; k < step; ++k) {
    SmallVector<Value> begin(indices);
    if (k > 0)
      begin.back() = affine::makeComposedAffineApply(
          builder, loc, builder.getAffineDimExpr(0) + k * (lanes - 1),
          {OpFoldResult(begin.back())});
    Value part = load(buffer, begin, lanes);
    SmallVector<int64_t> positions;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t place = lane * step - k * (lanes - 1);
      if (k == 0)
        positions.push_back(std::min(place, lanes - 1));
      else
        positions.push_back(place > 0 && place < lanes ? lanes + place : lane);
    }
    all = vector::ShuffleOp::create(builder, loc, k == 0 ? part : all, part,
                                    positions);
  }
  return all;
}

Value LoopBuilder::load(Value buffer, ArrayRef<Value> indices, int64_t lanes,
                        int64_t step) {
  if (lanes > 1 && step > 1)
    return loadSteps(buffer, indices, lanes, step);
  auto type = VectorType::get(
      lanes, cast<MemRefType>(buffer.getType()).getElementType());
  if (!areAffineIndices(indices)) {
    if (lanes == 1)
      return memref::LoadOp::create(builder, loc, buffer, indices);
    return vector::LoadOp::create(builder, loc, type, buffer, indices);
  }
  SmallVector<Value> operands(indices);
  AffineMap map = composeIndices(builder.getContext(), operands);
  if (lanes == 1)
    return affine::AffineLoadOp::create(builder, loc, buffer, map, operands);
  return affine::AffineVectorLoadOp::create(builder, loc, type, buffer, map,
                                            operands);
}

void LoopBuilder::store(Value value, Value buffer, ArrayRef<Value> indices) {
  bool isVector = isa<VectorType>(value.getType());
  if (!areAffineIndices(indices)) {
    if (isVector)
      vector::StoreOp::create(builder, loc, value, buffer, indices);
    else
      memref::StoreOp::create(builder, loc, value, buffer, indices);
    return;
  }
  SmallVector<Value> operands(indices);
  AffineMap map = composeIndices(builder.getContext(), operands);
  if (isVector)
    affine::AffineVectorStoreOp::create(builder, loc, value, buffer, map,
                                        operands);
  else
    affine::AffineStoreOp::create(builder, loc, value, buffer, map, operands);
}

void LoopBuilder::storeNonTemporal(Value value, Value buffer,
                                   ArrayRef<Value> indices) {
  vector::StoreOp::create(builder, loc, value, buffer, indices,
                          /*nontemporal=*/true,
                          llvm::MaybeAlign(kStreamAlignment));
}

Value owl::viewAsStorage(OpBuilder &builder, Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto integer = dyn_cast<IntegerType>(type.getElementType());
  if (!integer || (integer.isSignless() && integer.getWidth() != 1))
    return buffer;
  unsigned bits = std::max<unsigned>(8, integer.getWidth());
  return UnrealizedConversionCastOp::create(
             builder, loc, type.clone(builder.getIntegerType(bits)), buffer)
      .getResult(0);
}

Value owl::toStorage(OpBuilder &b, Location loc, Value x) {
  if (!getElementTypeOrSelf(x.getType()).isInteger(1))
    return x;
  Type type = b.getI8Type();
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    type = vector.clone(type);
  return arith::ExtUIOp::create(b, loc, type, x);
}

Value owl::fromStorage(OpBuilder &b, Location loc, Value x, Type element) {
  if (!element.isInteger(1) || getElementTypeOrSelf(x.getType()).isInteger(1))
    return x;
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    type = vector.clone(type);
  return arith::TruncIOp::create(b, loc, type, x);
}
