//===- Lanes.cpp - Values at a strip of points ----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Lanes.h.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::owl;

void Lanes::pushRows(Loop loop, int64_t count, ArrayRef<Span> spans) {
  loops.insert(loops.begin(), {loop, count, SmallVector<Span>(spans)});
  ++numRows;
}

void Lanes::pushStrip(Loop loop, ArrayRef<Span> spans) {
  loops.push_back({loop, spans.front().width, SmallVector<Span>(spans)});
}

ArrayRef<Span> Lanes::getSpans(Loop loop) const {
  for (const Part &part : loops)
    if (part.loop == loop)
      return part.spans;
  return {};
}

void Lanes::setWidth(Loop loop, int64_t width) {
  for (Part &part : loops)
    if (part.loop == loop)
      part.count = width;
}

std::optional<Loop> Lanes::getStrip() const {
  if (empty())
    return std::nullopt;
  return loops[numRows].loop;
}

LaneMask Lanes::getMask(ArrayRef<Loop> list) const {
  LaneMask mask = 0;
  for (auto [i, part] : llvm::enumerate(loops))
    if (llvm::is_contained(list, part.loop))
      mask |= 1u << i;
  return mask;
}

int64_t Lanes::getCount(LaneMask mask) const {
  int64_t count = 1;
  for (auto [i, part] : llvm::enumerate(loops))
    if (mask >> i & 1)
      count *= part.count;
  return count;
}

Type Lanes::getType(Type element, LaneMask mask) const {
  if (!mask)
    return element;
  return VectorType::get(getCount(mask), element);
}

SmallVector<int64_t> Lanes::project(LaneMask mask, LaneMask subset) const {
  SmallVector<int64_t> numbers = {0};
  for (auto [i, part] : llvm::enumerate(loops)) {
    if (!(mask >> i & 1))
      continue;
    bool counts = subset >> i & 1;
    SmallVector<int64_t> next;
    for (int64_t number : numbers)
      for (int64_t k = 0; k < part.count; ++k)
        next.push_back(counts ? number * part.count + k : number);
    numbers = std::move(next);
  }
  return numbers;
}

SmallVector<int64_t> Lanes::getCoordinates(Loop loop, LaneMask mask) const {
  return project(mask, getMask({loop}));
}

/// `x` with its elements as integers, or back.
static Value bitcast(OpBuilder &b, Location loc, Value x, Type element) {
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    type = vector.clone(element);
  return arith::BitcastOp::create(b, loc, type, x);
}

Value Lanes::broadcast(OpBuilder &b, Location loc, LaneValue x,
                       LaneMask mask) const {
  if (x.mask == mask)
    return x.value;
  // LLVM moves f16 and bf16 between blocks by way of f32, and calls a library
  // for that: only their bits outlive what computes them.
  Type element = getElementTypeOrSelf(x.value.getType());
  if (isa<Float16Type, BFloat16Type>(element)) {
    Value bits = bitcast(b, loc, x.value, b.getIntegerType(16));
    return bitcast(b, loc, broadcast(b, loc, {bits, x.mask}, mask), element);
  }
  if (!x.mask)
    return vector::BroadcastOp::create(b, loc, getType(x.value.getType(), mask),
                                       x.value);
  return vector::ShuffleOp::create(b, loc, x.value, x.value,
                                   project(mask, x.mask));
}

Value Lanes::joinRows(OpBuilder &b, Location loc, ArrayRef<Value> rows) const {
  Type element = getElementTypeOrSelf(rows[0].getType());
  // As in broadcast.
  bool isNarrow = isa<Float16Type, BFloat16Type>(element);
  SmallVector<Value> values(rows);
  if (isNarrow)
    for (Value &value : values)
      value = bitcast(b, loc, value, b.getIntegerType(16));
  if (!isa<VectorType>(values[0].getType()))
    values = {vector::FromElementsOp::create(
        b, loc, VectorType::get(values.size(), values[0].getType()), values)};
  // Pairs are joined, and pairs of pairs. The last one fills up what is
  // missing.
  values.resize(llvm::PowerOf2Ceil(values.size()), values.back());
  while (values.size() > 1) {
    int64_t count = cast<VectorType>(values[0].getType()).getNumElements();
    auto positions = llvm::to_vector(llvm::seq<int64_t>(0, 2 * count));
    SmallVector<Value> pairs;
    for (size_t i = 0; i < values.size(); i += 2)
      pairs.push_back(vector::ShuffleOp::create(b, loc, values[i],
                                                values[i + 1], positions));
    values = std::move(pairs);
  }
  int64_t count = rows.size();
  if (auto row = dyn_cast<VectorType>(rows[0].getType()))
    count *= row.getNumElements();
  if (count < cast<VectorType>(values[0].getType()).getNumElements())
    values[0] = vector::ExtractStridedSliceOp::create(
        b, loc, values[0], ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  return isNarrow ? bitcast(b, loc, values[0], element) : values[0];
}

Value Lanes::getRow(OpBuilder &b, Location loc, Value x, LaneMask mask,
                    int64_t i) const {
  // As in broadcast.
  Type element = getElementTypeOrSelf(x.getType());
  if (isa<Float16Type, BFloat16Type>(element)) {
    Value bits = bitcast(b, loc, x, b.getIntegerType(16));
    return bitcast(b, loc, getRow(b, loc, bits, mask, i), element);
  }
  if (!mask)
    return vector::ExtractOp::create(b, loc, x, i);
  int64_t count = getCount(mask);
  return vector::ExtractStridedSliceOp::create(
      b, loc, x, ArrayRef<int64_t>{i * count}, ArrayRef<int64_t>{count},
      ArrayRef<int64_t>{1});
}

SmallVector<Value> Lanes::reduce(OpBuilder &b, Location loc,
                                 const Reducer &reducer,
                                 ArrayRef<Value> accumulator, LaneMask mask,
                                 LaneMask kept) const {
  SmallVector<Value> result(accumulator);
  if (mask == kept)
    return result;
  if (!kept && llvm::isPowerOf2_64(getCount(mask)))
    return reducer.combineLanes(b, loc, result);
  // One loop at a time. The slices at its indices are combined, or as long as
  // they are pairs, those at the even ones with those at the odd ones: that
  // takes fewer shuffles.
  Lanes left = *this;
  for (auto [i, part] : llvm::enumerate(left.loops)) {
    LaneMask bit = 1u << i;
    if (!(mask & bit) || (kept & bit))
      continue;
    while (part.count > 1) {
      int64_t count = part.count % 2 == 0 ? 2 : part.count;
      SmallVector<int64_t> coordinates = left.project(mask, bit);
      SmallVector<SmallVector<Value>> slices;
      for (int64_t k = 0; k < count; ++k) {
        SmallVector<int64_t> positions;
        for (auto [position, coordinate] : llvm::enumerate(coordinates))
          if (coordinate % count == k)
            positions.push_back(position);
        SmallVector<Value> &slice = slices.emplace_back();
        for (Value value : result)
          slice.push_back(
              vector::ShuffleOp::create(b, loc, value, value, positions));
      }
      result = reducer.combineHalves(b, loc, slices);
      part.count /= count;
    }
    if (mask == bit)
      for (Value &value : result)
        value = vector::ExtractOp::create(b, loc, value, 0);
    mask &= ~bit;
  }
  return result;
}
