//===- GroupWork.cpp - What a loop nest of ops does -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See GroupWork.h.
//
//===----------------------------------------------------------------------===//

#include "owl/Dialect/Owl/Analysis/GroupWork.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Support/ByteSize.h"

using namespace mlir;
using namespace mlir::owl;

/// A load or a store of an element in the first cache, in additions: a vector
/// of them takes a cycle or two, in which there are two additions of vectors.
static constexpr double kAccess = 4;

bool owl::isFusible(Operation *op) {
  return Axes::isSupported(op) &&
         llvm::none_of(llvm::concat<Value>(op->getOperands(), op->getResults()),
                       [](Value value) {
                         auto type = dyn_cast<ShapedType>(value.getType());
                         return type &&
                                (llvm::is_contained(type.getShape(), 0) ||
                                 !(type.getElementType().isIndex() ||
                                   isElementType(type.getElementType())));
                       });
}

bool owl::isFree(Operation *op) {
  return isa<arith::ConstantOp, tensor::EmptyOp, tensor::SplatOp>(op);
}

bool owl::isRemade(Operation *op) { return isFree(op) && isFusible(op); }

bool owl::onlyMoves(Operation *op) {
  return isa<tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
      op);
}

linalg::GenericOp owl::getContracted(Operation *op) {
  auto reduce = dyn_cast<ReduceOp>(op);
  auto product = reduce ? reduce.getSource().getDefiningOp<linalg::GenericOp>()
                        : linalg::GenericOp();
  if (!product || !product->hasOneUse() ||
      product->getBlock() != op->getBlock() || product.getNumResults() != 1)
    return {};
  // Windows are as large as they look only where somebody copies them.
  bool isLarger =
      llvm::all_of(product.getDpsInputOperands(), [&](OpOperand *input) {
        AffineMap map = product.getMatchingIndexingMap(input);
        return map.getNumResults() < product.getNumLoops() ||
               input->get().getDefiningOp<WindowOp>();
      });
  return isLarger && isFusible(product) && isFusible(op) ? product
                                                         : linalg::GenericOp();
}

double owl::getCount(Value tensor) {
  double count = 1;
  for (int64_t size : cast<RankedTensorType>(tensor.getType()).getShape())
    count *= ShapedType::isDynamic(size) ? kUnknownSize : size;
  return count;
}

double owl::getBytes(Value tensor) {
  return getCount(tensor) * getElementBytes(getElementTypeOrSelf(tensor));
}

Work owl::getWorkTogether(ArrayRef<Operation *> ops) {
  Work work;
  work.launches = 1;
  DenseSet<Operation *> inside(ops.begin(), ops.end());
  DenseSet<Value> read;
  for (Operation *op : ops) {
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      bool isRead =
          isa<RankedTensorType>(operand.getType()) &&
          !(producer && (inside.contains(producer) || isFree(producer)));
      if (isRead && read.insert(operand).second)
        work.bytes += getBytes(operand);
    }
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !inside.contains(
                op->getBlock()->findAncestorOpInBlock(*user));
          }))
        work.bytes += getBytes(result);
    auto reduce = dyn_cast<ReduceOp>(op);
    double count = getCount(reduce ? reduce.getSource() : op->getResult(0));
    Arithmetic own = Costs::getPerPoint(op);
    work.flops += count * own.flops;
    work.calls += count * own.calls;
  }
  return work;
}

SmallVector<Work> owl::getWorkApart(ArrayRef<Operation *> ops) {
  SmallVector<Work> nests;
  for (Operation *op : ops) {
    // Views are none, and a product is in the nest that adds it up.
    if (onlyMoves(op) ||
        (op->hasOneUse() && getContracted(*op->user_begin()) == op))
      continue;
    SmallVector<Operation *, 2> nest = {op};
    if (linalg::GenericOp product = getContracted(op))
      nest.push_back(product);
    nests.push_back(getWorkTogether(nest));
  }
  return nests;
}

double owl::getTime(ArrayRef<Work> nests, const MachineModel &machine) {
  double time = 0;
  for (const Work &work : nests)
    time += machine.getTime(work);
  return time;
}

Work owl::getAccessWork(double uses, double count, double elementBytes,
                        double keptBytes, const MachineModel &machine) {
  double traffic = keptBytes > machine.cache ? uses * count * elementBytes : 0;
  return {0, traffic, uses * count * kAccess, 0};
}
