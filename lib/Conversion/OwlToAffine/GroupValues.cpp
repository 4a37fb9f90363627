//===- GroupValues.cpp - Values of a group at a point of its loops --------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that computes tensors: for the point, or the strip
// of points, where the open loops stand, each at most once and as far outside
// as it stays the same. What several phases need and is dear is kept in a
// buffer.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mlir::owl;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

LaneValue GroupEmitter::evaluate(Value tensor) {
  for (const auto &scope : llvm::reverse(scopes)) {
    auto it = scope.find(tensor);
    if (it != scope.end())
      return it->second;
  }
  Type element = getElementTypeOrSelf(tensor.getType());
  auto row = rows.find(tensor);
  LaneValue value;
  if (row != rows.end() && row->second->isWritten) {
    value = load(row->second->buffer);
    value.value = fromStorage(b, loc, value.value, element);
  } else {
    value = compute(tensor);
    if (row != rows.end() && !isAhead)
      store(row->second->buffer, value);
  }
  scopes.back()[tensor] = value;
  return value;
}

LaneValue GroupEmitter::evaluateFirst(Value tensor, ArrayRef<Loop> pinned) {
  if (pinned.empty()) {
    llvm::SaveAndRestore ahead(isAhead, true);
    return evaluate(tensor);
  }
  Loop loop = pinned.front();
  LaneValue value;
  auto body = [&] { value = evaluateFirst(tensor, pinned.drop_front()); };
  OpFoldResult size = loops.getSize(loop);
  std::optional<int64_t> count = getConstantIntValue(size);
  if (count.value_or(0) != 0) {
    emitPoint(loop, arith::ConstantIndexOp::create(b, loc, 0), body);
    return value;
  }
  // One iteration at most. At the top of a function the bound is affine.
  OpFoldResult end;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(allocationPoint);
    AffineExpr exprs[] = {b.getAffineSymbolExpr(0), b.getAffineConstantExpr(1)};
    end = affine::makeComposedFoldedAffineMin(
        b, loc, AffineMap::get(0, 1, exprs, b.getContext()), {size});
  }
  LaneMask mask = getMask(loops.getLoops(tensor));
  Type type = lanes.getType(getElementTypeOrSelf(tensor.getType()), mask);
  Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  Value result =
      builder
          .loop(b.getIndexAttr(0), end, 1, none,
                [&](Value iv, ArrayRef<Value>) -> SmallVector<Value> {
                  emitPoint(loop, iv, body);
                  return {lanes.broadcast(b, loc, value, mask)};
                })
          .front();
  return {result, mask};
}

LaneValue GroupEmitter::compute(Value tensor) {
  Type element = getElementTypeOrSelf(tensor.getType());
  Operation *op = tensor.getDefiningOp();
  if (!op) {
    if (!isa<RankedTensorType>(tensor.getType()))
      return {group.getInputs()[cast<BlockArgument>(tensor).getArgNumber()]};
    if (!isAhead)
      prefetch(tensor);
    LaneValue value = load(loops.getInput(tensor));
    return {fromStorage(b, loc, value.value, element), value.mask};
  }
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    LaneValue result = getResult(targets.getTarget(reduce));
    return {fromStorage(b, loc, result.value, element), result.mask};
  }
  if (isa<RepeatOp, TileOp, tensor::CastOp, tensor::CollapseShapeOp,
          tensor::ExpandShapeOp, tensor::SplatOp>(op))
    return evaluate(op->getOperand(0));
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto splat = dyn_cast<SplatElementsAttr>(constant.getValue());
    TypedAttr value = splat ? splat.getSplatValue<TypedAttr>()
                            : cast<TypedAttr>(constant.getValue());
    return {arith::ConstantOp::create(b, loc, value)};
  }
  // What a tensor.empty holds is anybody's guess.
  if (isa<tensor::EmptyOp>(op))
    return {arith::ConstantOp::create(b, loc, b.getZeroAttr(element))};
  SmallVector<LaneValue> results;
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    results = computeBody(generic);
  } else {
    SmallVector<LaneValue> operands;
    for (Value operand : op->getOperands())
      operands.push_back(evaluate(operand));
    results = computeOp(op, operands);
  }
  // All results at once, but for those to be kept, which evaluate does.
  for (OpResult result : op->getResults())
    if (!rows.contains(result))
      scopes.back()[result] = results[result.getResultNumber()];
  return results[cast<OpResult>(tensor).getResultNumber()];
}

SmallVector<LaneValue> GroupEmitter::computeOp(Operation *op,
                                               ArrayRef<LaneValue> operands) {
  LaneMask mask = 0;
  for (LaneValue operand : operands)
    mask |= operand.mask;
  SmallVector<Value> values;
  for (LaneValue operand : operands)
    values.push_back(lanes.broadcast(b, loc, operand, mask));
  SmallVector<Type> types;
  for (Type type : op->getResultTypes())
    types.push_back(lanes.getType(getElementTypeOrSelf(type), mask));
  OperationState state(loc, op->getName(), values, types, op->getAttrs());
  return llvm::map_to_vector(b.create(state)->getResults(), [&](Value result) {
    return LaneValue{result, mask};
  });
}

SmallVector<LaneValue> GroupEmitter::computeBody(linalg::GenericOp generic) {
  DenseMap<Value, LaneValue> values;
  for (OpOperand *input : generic.getDpsInputOperands()) {
    BlockArgument argument = generic.getMatchingBlockArgument(input);
    if (!argument.use_empty())
      values[argument] = evaluate(input->get());
  }
  auto lookup = [&](Value value) {
    auto it = values.find(value);
    if (it != values.end())
      return it->second;
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    return LaneValue{b.clone(*constant)->getResult(0)};
  };
  for (Operation &op : generic.getBody()->without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    if (isa<linalg::IndexOp>(op)) {
      LoopList list = loops.getIndexed(&op);
      LaneMask mask = getMask(list);
      values[op.getResult(0)] = {getIndex(list, mask, b.getIndexType()), mask};
      continue;
    }
    SmallVector<LaneValue> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lookup(operand));
    for (auto [result, value] :
         llvm::zip_equal(op.getResults(), computeOp(&op, operands)))
      values[result] = value;
  }
  return llvm::map_to_vector(generic.getBody()->getTerminator()->getOperands(),
                             lookup);
}

Value GroupEmitter::getIndex(ArrayRef<Loop> list, LaneMask mask, Type element) {
  Value flat = arith::ConstantIndexOp::create(b, loc, 0);
  // How far each lane is from the first.
  Value offsets;
  auto type = dyn_cast<VectorType>(lanes.getType(element, mask));
  auto cast = [&](Value index) -> Value {
    return element.isIndex()
               ? index
               : arith::IndexCastOp::create(b, loc, element, index).getResult();
  };
  auto splat = [&](Value index) -> Value {
    return vector::BroadcastOp::create(b, loc, type, cast(index));
  };
  for (Loop loop : list) {
    GroupLoops::Count count = loops.getCount(loop, b);
    Value size = getValueOrCreateConstantIndexOp(b, loc, count.size);
    Value step = arith::ConstantIndexOp::create(b, loc, count.step);
    flat = arith::MulIOp::create(b, loc, flat, size);
    flat = arith::AddIOp::create(
        b, loc, flat, arith::MulIOp::create(b, loc, ivs[loop], step));
    flat = arith::AddIOp::create(
        b, loc, flat, getValueOrCreateConstantIndexOp(b, loc, count.begin));
    if (!mask)
      continue;
    if (offsets)
      offsets = arith::MulIOp::create(b, loc, offsets, splat(size));
    if (!(mask & lanes.getMask({loop})))
      continue;
    SmallVector<Attribute> coordinates;
    for (int64_t coordinate : lanes.getCoordinates(loop, mask))
      coordinates.push_back(b.getIntegerAttr(element, coordinate));
    Value lane = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, coordinates));
    offsets = offsets ? arith::AddIOp::create(b, loc, offsets, lane).getResult()
                      : lane;
  }
  if (!mask)
    return cast(flat);
  Value base = splat(flat);
  return offsets ? arith::AddIOp::create(b, loc, base, offsets).getResult()
                 : base;
}

void GroupEmitter::hoist(ArrayRef<unsigned> set) {
  DenseSet<Value> seen;
  for (unsigned i : set)
    if (targets[i].value)
      hoistValue(targets[i].value, seen);
}

void GroupEmitter::hoistValue(Value tensor, DenseSet<Value> &seen) {
  if (!isa<RankedTensorType>(tensor.getType()) || !seen.insert(tensor).second)
    return;
  bool isReady = !targets.getNeeds(tensor).test(done) &&
                 getClosed(loops.getLoops(tensor)).empty();
  if (isReady) {
    evaluate(tensor);
    return;
  }
  for (Value operand : getComputedFrom(tensor))
    hoistValue(operand, seen);
}

ValueRange GroupEmitter::getComputedFrom(Value tensor) const {
  auto row = rows.find(tensor);
  if (row != rows.end() && row->second->isWritten)
    return {};
  Operation *op = tensor.getDefiningOp();
  if (!op || isa<ReduceOp>(op))
    return {};
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return generic.getInputs();
  return op->getOperands();
}

SmallVector<Value> GroupEmitter::getIndices(const GroupBuffer &buffer,
                                            int64_t row) {
  SmallVector<Value> indices;
  LaneMask rows = getMask(buffer.loops) & lanes.getRows();
  for (Loop loop : buffer.loops) {
    Value index = llvm::is_contained(buffer.origins, loop)
                      ? arith::ConstantIndexOp::create(b, loc, 0).getResult()
                      : ivs[loop];
    if (buffer.begin && loop == buffer.begin->first)
      index = affine::makeComposedAffineApply(
          b, loc, b.getAffineDimExpr(0) - b.getAffineDimExpr(1),
          {OpFoldResult(index), buffer.begin->second});
    int64_t step = lanes.getCoordinates(loop, rows)[row];
    if (step > 0)
      index = affine::makeComposedAffineApply(
          b, loc, b.getAffineDimExpr(0) + step, {OpFoldResult(index)});
    indices.push_back(index);
  }
  if (buffer.step > 1)
    indices.back() = affine::makeComposedAffineApply(
        b, loc, b.getAffineDimExpr(0) * buffer.step,
        {OpFoldResult(indices.back())});
  return indices;
}

LaneValue GroupEmitter::load(const GroupBuffer &buffer) {
  LaneMask mask = getMask(buffer.loops), rows = mask & lanes.getRows();
  SmallVector<Value> values;
  for (int64_t row = 0, end = lanes.getCount(rows); row < end; ++row)
    values.push_back(builder.load(buffer.view, getIndices(buffer, row),
                                  lanes.getCount(mask & ~rows), buffer.step));
  return {rows ? lanes.joinRows(b, loc, values) : values.front(), mask};
}

void GroupEmitter::store(const GroupBuffer &buffer, LaneValue value) {
  LaneMask mask = getMask(buffer.loops), rows = mask & lanes.getRows();
  Value x = toStorage(b, loc, lanes.broadcast(b, loc, value, mask));
  for (int64_t row = 0, end = lanes.getCount(rows); row < end; ++row) {
    Value part = rows ? lanes.getRow(b, loc, x, mask & ~rows, row) : x;
    if (canStream(buffer, dyn_cast<VectorType>(part.getType()), mask))
      builder.storeNonTemporal(part, buffer.view, getIndices(buffer, row));
    else
      builder.store(part, buffer.view, getIndices(buffer, row));
  }
}

//===----------------------------------------------------------------------===//
// Buffers between phases
//===----------------------------------------------------------------------===//

llvm::SetVector<Value> GroupEmitter::getNeeded(ArrayRef<unsigned> set,
                                               bool withPinned) {
  llvm::SetVector<Value> needed;
  for (unsigned i : set)
    if (targets[i].value && (withPinned || targets[i].pinned.empty()))
      visitNeeded(targets[i].value, needed);
  return needed;
}

void GroupEmitter::setWritten(const llvm::SetVector<Value> &values,
                              SmallVectorImpl<RowBuffer *> &written) {
  for (auto &[value, row] : rows)
    if (!row->isWritten && values.contains(value)) {
      row->isWritten = true;
      written.push_back(row.get());
    }
}

void GroupEmitter::keep(Value value, Edges how) {
  auto row = std::make_unique<RowBuffer>();
  row->buffer = createRowBuffer(loops.getLoops(value),
                                getElementTypeOrSelf(value.getType()),
                                how == Edges::Materialise);
  rows[value] = std::move(row);
}

void GroupEmitter::visitNeeded(Value tensor, llvm::SetVector<Value> &seen) {
  if (!seen.insert(tensor))
    return;
  for (Value operand : getComputedFrom(tensor))
    visitNeeded(operand, seen);
}

GroupEmitter::Set GroupEmitter::keepResults(ArrayRef<Set> phases) {
  Set reductions;
  TargetSet needed(targets.size());
  for (const Set &phase : llvm::reverse(phases)) {
    for (unsigned i : phase) {
      const Target &target = targets[i];
      LoopList kept = target.getKept();
      bool varies = !getClosed(kept).empty();
      // What waits in memory is there already.
      if (!needed[i] || !varies || states[i].row ||
          targets.isWholeInMemory(i, open))
        continue;
      states[i].row = std::make_unique<RowBuffer>();
      states[i].row->buffer =
          createRowBuffer(kept, target.reducer->getResultType());
      reductions.push_back(i);
    }
    for (unsigned i : phase)
      needed |= targets[i].uses;
  }
  return reductions;
}

GroupBuffer GroupEmitter::createRowBuffer(ArrayRef<Loop> list, Type element,
                                          bool isWhole) {
  GroupBuffer buffer;
  Type storage = element.isInteger(1) ? b.getI8Type() : element;
  SmallVector<OpFoldResult> sizes;
  int64_t bytes = getElementBytes(storage);
  bool isStatic = true;
  auto addDim = [&](Loop loop, OpFoldResult size) {
    buffer.loops.push_back(loop);
    sizes.push_back(size);
    std::optional<int64_t> count = getConstantIntValue(size);
    isStatic &= count.has_value();
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, count.value_or(1));
  };
  LaneMask mask = getMask(list);
  // The short loops of a strip are opened after the one that it is cut from,
  // but follow it in memory all the same.
  auto isStrip = [&](Loop loop) {
    return open[loop] ? (mask & lanes.getMask({loop})) != 0
                      : lanes.covers(loop);
  };
  for (Loop loop : list)
    if (!isStrip(loop) && (!open[loop] || isWhole))
      addDim(loop, loops.getBound(loop));
  // What strips cover comes last; of a row, the strip alone.
  for (Loop loop : list)
    if (isStrip(loop)) {
      bool isPart = open[loop] && !isWhole;
      addDim(loop, isPart
                       ? b.getIndexAttr(lanes.getCount(lanes.getMask({loop})))
                       : loops.getBound(loop));
      if (isPart)
        buffer.origins.push_back(loop);
    }
  buffer.numContiguous = buffer.loops.size();

  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  auto type = MemRefType::get(shape, storage);
  bool isOnStack = isStatic && !isWhole && bytes <= resources.stackBytes &&
                   (!owners || owners->hasStack);
  if (isOnStack)
    resources.stackBytes -= bytes;
  remark::analysis(
      loc, remark::RemarkOpts::name("kept").category("convert-owl-to-affine"))
      << (isOnStack ? "kept on the stack between phases"
                    : "kept in the workspace between phases")
      << remark::metric("StaticBytes", bytes);
  // Tasks share an array in which each has a part of its own.
  std::optional<Owners> none;
  bool isShared = isWhole && !path.empty() &&
                  llvm::is_contained(buffer.loops, path.front());
  llvm::SaveAndRestore shared(owners, isShared ? none : owners);
  buffer.view = allocate(type, dynamic, isOnStack);
  return buffer;
}
