//===- Axes.cpp - The axes that tensors of a graph share ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Axes.h. Axes are unified as types are in type inference: a table in
// which an axis may be replaced by another, or by the factors of its size.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::owl;

static RankedTensorType getTensorType(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// What is supported
//===----------------------------------------------------------------------===//

/// Whether the body of `op` computes each element by itself, from elements and
/// indices alone.
static bool isElementwiseBody(linalg::GenericOp op) {
  for (Operation &inner : op.getBody()->without_terminator())
    if (!isa<arith::ConstantOp, linalg::IndexOp>(inner) &&
        !(OpTrait::hasElementwiseMappableTraits(&inner) &&
          isMemoryEffectFree(&inner)))
      return false;
  for (BlockArgument arg : op.getRegionOutputArgs())
    if (!arg.use_empty())
      return false;
  // What the body takes from outside would have to be an input.
  bool isClosed = true;
  op.getBody()->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (operand.getParentRegion() != &op.getRegion())
        isClosed &= operand.getDefiningOp<arith::ConstantOp>() != nullptr;
  });
  return isClosed;
}

static bool isSupportedGeneric(linalg::GenericOp op) {
  return op.getNumLoops() == op.getNumParallelLoops() &&
         op.hasPureTensorSemantics() && isElementwiseBody(op) &&
         llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
           return map.isProjectedPermutation(/*allowZeroInResults=*/true);
         });
}

bool Axes::isSupported(Operation *op) {
  for (Value value : llvm::concat<Value>(op->getOperands(), op->getResults())) {
    auto shaped = dyn_cast<ShapedType>(value.getType());
    if (shaped && !isa<RankedTensorType>(shaped))
      return false;
  }
  if (op->getNumResults() == 0 || !getTensorType(op->getResult(0)))
    return false;
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return isSupportedGeneric(generic);
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return isa<SplatElementsAttr>(constant.getValue());
  if (isa<ReduceOp, RepeatOp, TileOp, tensor::EmptyOp, tensor::SplatOp,
          tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
    return true;
  return OpTrait::hasElementwiseMappableTraits(op) && isMemoryEffectFree(op);
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

Axis Axes::create(AxisSize size) {
  table.push_back({std::move(size), {}});
  return table.size() - 1;
}

AxisList Axes::createFor(OpFoldResult size) {
  std::optional<int64_t> count = getConstantIntValue(size);
  if (count == 1)
    return {};
  AxisSize axis{count.value_or(ShapedType::kDynamic), {}, -1};
  if (!count)
    axis.source = cast<Value>(size);
  return {create(axis)};
}

AxisList Axes::resolve(ArrayRef<Axis> axes) const {
  AxisList result;
  for (Axis axis : axes) {
    if (table[axis].replacement.empty())
      result.push_back(axis);
    else
      llvm::append_range(result, resolve(table[axis].replacement));
  }
  return result;
}

void Axes::addTensor(Value tensor) {
  RankedTensorType type = getTensorType(tensor);
  if (!type || tensors.contains(tensor))
    return;
  SmallVector<AxisList> dims;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    AxisList &axes = dims.emplace_back();
    if (size != 1)
      axes.push_back(create({size, tensor, static_cast<int64_t>(dim)}));
  }
  tensors[tensor] = std::move(dims);
}

SmallVector<AxisList> Axes::getDims(Value tensor) const {
  SmallVector<AxisList> dims;
  auto it = tensors.find(tensor);
  if (it != tensors.end())
    for (const AxisList &dim : it->second)
      dims.push_back(resolve(dim));
  return dims;
}

AxisList Axes::getAxes(Value tensor) const {
  AxisList axes;
  for (const AxisList &dim : getDims(tensor))
    llvm::append_range(axes, dim);
  return axes;
}

AxisList Axes::getAll() const {
  AxisList all;
  llvm::SmallBitVector seen(table.size());
  for (const auto &[tensor, dims] : tensors)
    for (const AxisList &dim : dims)
      for (Axis axis : resolve(dim))
        if (!seen.test(axis)) {
          seen.set(axis);
          all.push_back(axis);
        }
  return all;
}

bool Axes::areDistinct() const {
  for (const auto &[tensor, dims] : tensors) {
    llvm::SmallBitVector seen(table.size());
    for (const AxisList &dim : dims)
      for (Axis axis : resolve(dim)) {
        if (seen.test(axis))
          return false;
        seen.set(axis);
      }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Unification
//===----------------------------------------------------------------------===//

void Axes::merge(Axis from, Axis into) {
  // A static size is worth more than any other.
  if (ShapedType::isDynamic(table[into].size.count) &&
      !ShapedType::isDynamic(table[from].size.count))
    std::swap(from, into);
  table[from].replacement = {into};
}

bool Axes::unifyEnd(AxisList &lhs, AxisList &rhs, bool atBack) {
  auto take = [&](AxisList &list) {
    Axis axis = atBack ? list.back() : list.front();
    list.erase(atBack ? list.end() - 1 : list.begin());
    return axis;
  };
  Axis a = atBack ? lhs.back() : lhs.front();
  Axis b = atBack ? rhs.back() : rhs.front();
  int64_t sizeA = getSize(a).count, sizeB = getSize(b).count;
  if (a != b) {
    if (ShapedType::isDynamic(sizeA) || ShapedType::isDynamic(sizeB))
      return false;
    if (sizeA < sizeB) {
      std::swap(a, b);
      std::swap(sizeA, sizeB);
    }
    if (sizeB == 0 || sizeA % sizeB != 0)
      return false;
    if (sizeA == sizeB) {
      merge(a, b);
    } else {
      Axis rest = create({sizeA / sizeB, {}, -1});
      table[a].replacement = atBack ? AxisList{rest, b} : AxisList{b, rest};
      lhs = resolve(lhs);
      rhs = resolve(rhs);
    }
  }
  take(lhs);
  take(rhs);
  return true;
}

LogicalResult Axes::unify(ArrayRef<Axis> lhs, ArrayRef<Axis> rhs) {
  AxisList a(lhs), b(rhs);
  while (!a.empty() && !b.empty()) {
    // What has been unified may stand in the rest, too.
    a = resolve(a);
    b = resolve(b);
    if (a == b)
      return success();
    if (a.size() == 1 && b.size() == 1) {
      merge(a[0], b[0]);
      return success();
    }
    if (a.size() == 1 || b.size() == 1) {
      if (b.size() == 1)
        std::swap(a, b);
      if (llvm::is_contained(b, a[0]))
        return failure();
      table[a[0]].replacement = b;
      return success();
    }
    if (!unifyEnd(a, b, /*atBack=*/true) && !unifyEnd(a, b, /*atBack=*/false))
      return failure();
  }
  // What is left would have to be 1.
  return success(a.empty() && b.empty());
}

LogicalResult Axes::unifyDims(Value lhs, Value rhs) {
  SmallVector<AxisList> a = getDims(lhs), b = getDims(rhs);
  for (auto [dimA, dimB] : llvm::zip_equal(a, b))
    if (failed(unify(dimA, dimB)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult Axes::add(Operation *op) {
  for (Value operand : op->getOperands())
    addTensor(operand);
  auto result = llvm::TypeSwitch<Operation *, LogicalResult>(op)
                    .Case([&](linalg::GenericOp) { return addGeneric(op); })
                    .Case([&](ReduceOp) {
                      addReduce(op);
                      return success();
                    })
                    .Case<RepeatOp, TileOp>(
                        [&](Operation *) { return addRepetition(op); })
                    .Case<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
                        [&](Operation *) { return addReshape(op); })
                    .Case<tensor::EmptyOp>([&](tensor::EmptyOp empty) {
                      for (OpFoldResult size : empty.getMixedSizes())
                        tensors[empty].push_back(createFor(size));
                      return success();
                    })
                    .Case<tensor::SplatOp>([&](tensor::SplatOp splat) {
                      ValueRange dynamic = splat.getDynamicSizes();
                      tensors[splat];
                      for (int64_t size : splat.getType().getShape()) {
                        OpFoldResult mixed = IntegerAttr::get(
                            IndexType::get(op->getContext()), size);
                        if (ShapedType::isDynamic(size)) {
                          mixed = dynamic.front();
                          dynamic = dynamic.drop_front();
                        }
                        tensors[splat].push_back(createFor(mixed));
                      }
                      return success();
                    })
                    .Default([&](Operation *) { return addElementwise(op); });
  return success(succeeded(result) && areDistinct());
}

LogicalResult Axes::addElementwise(Operation *op) {
  Value first;
  for (Value operand : op->getOperands()) {
    if (!getTensorType(operand))
      continue;
    if (first && failed(unifyDims(first, operand)))
      return failure();
    first = operand;
  }
  for (Value result : op->getResults()) {
    if (first)
      tensors[result] = getDims(first);
    else
      addTensor(result);
  }
  return success();
}

LogicalResult Axes::addGeneric(Operation *op) {
  auto generic = cast<linalg::GenericOp>(op);
  SmallVector<std::optional<AxisList>> loops(generic.getNumLoops());
  for (OpOperand &operand : generic->getOpOperands()) {
    if (!getTensorType(operand.get()))
      continue;
    AffineMap map = generic.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] :
         llvm::zip_equal(getDims(operand.get()), map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop) {
        // Only index 0 of this dimension is read.
        if (!dim.empty())
          return failure();
        continue;
      }
      std::optional<AxisList> &axes = loops[loop.getPosition()];
      if (axes && failed(unify(*axes, dim)))
        return failure();
      axes = dim;
    }
  }
  for (auto [i, result] : llvm::enumerate(generic.getResults())) {
    SmallVector<AxisList> dims;
    AffineMap map =
        generic.getMatchingIndexingMap(generic.getDpsInitOperand(i));
    for (AffineExpr expr : map.getResults()) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      dims.push_back(loop ? *loops[loop.getPosition()] : AxisList());
    }
    tensors[result] = std::move(dims);
  }
  return success();
}

AxisList Axes::getIndexed(Operation *index) const {
  auto op = cast<linalg::IndexOp>(index);
  auto generic = cast<linalg::GenericOp>(op->getParentOp());
  AffineExpr loop = getAffineDimExpr(op.getDim(), op->getContext());
  for (OpOperand *input : generic.getDpsInputOperands())
    if (std::optional<unsigned> dim =
            generic.getMatchingIndexingMap(input).getResultPosition(loop))
      if (getTensorType(input->get()))
        return getDims(input->get())[*dim];
  for (OpResult result : generic->getResults())
    if (std::optional<unsigned> dim =
            generic.getIndexingMapMatchingResult(result).getResultPosition(
                loop))
      return getDims(result)[*dim];
  return {};
}

void Axes::addReduce(Operation *op) {
  auto reduce = cast<ReduceOp>(op);
  SmallVector<AxisList> dims;
  for (auto [dim, axes] : llvm::enumerate(getDims(reduce.getSource()))) {
    if (!reduce.isReduced(dim))
      dims.push_back(axes);
    else if (reduce.getKeepDims())
      dims.emplace_back();
  }
  tensors[reduce.getResult()] = std::move(dims);
}

AxisList Axes::getReduced(Operation *op) const {
  auto reduce = cast<ReduceOp>(op);
  AxisList reduced;
  for (auto [dim, axes] : llvm::enumerate(getDims(reduce.getSource())))
    if (reduce.isReduced(dim))
      llvm::append_range(reduced, axes);
  return reduced;
}

LogicalResult Axes::addRepetition(Operation *op) {
  auto relate = [&](auto repetition, bool isRepeat) {
    SmallVector<AxisList> dims;
    for (auto [axes, count] : llvm::zip_equal(getDims(repetition.getSource()),
                                              repetition.getMixedCounts())) {
      AxisList &dim = dims.emplace_back(axes);
      AxisList copies = createFor(count);
      dim.insert(isRepeat ? dim.end() : dim.begin(), copies.begin(),
                 copies.end());
    }
    tensors[repetition.getResult()] = std::move(dims);
  };
  if (auto repeat = dyn_cast<RepeatOp>(op))
    relate(repeat, true);
  else
    relate(cast<TileOp>(op), false);
  return success();
}

LogicalResult Axes::addReshape(Operation *op) {
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    SmallVector<AxisList> source = getDims(collapse.getSrc()), dims;
    for (const ReassociationIndices &group :
         collapse.getReassociationIndices()) {
      AxisList &dim = dims.emplace_back();
      for (int64_t i : group)
        llvm::append_range(dim, source[i]);
    }
    tensors[collapse.getResult()] = std::move(dims);
    return success();
  }
  auto expand = cast<tensor::ExpandShapeOp>(op);
  SmallVector<AxisList> dims;
  for (OpFoldResult size : expand.getMixedOutputShape())
    dims.push_back(createFor(size));
  for (auto [source, group] : llvm::zip_equal(
           getDims(expand.getSrc()), expand.getReassociationIndices())) {
    AxisList factors;
    for (int64_t i : group)
      llvm::append_range(factors, dims[i]);
    if (failed(unify(source, factors)))
      return failure();
  }
  tensors[expand.getResult()] = std::move(dims);
  return success();
}
