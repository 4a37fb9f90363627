//===- FoldEmptyTensors.cpp - Tensors without elements --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a type says to be empty needs no computation, and must not reach
// bufferization, which makes invalid views of it.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_FOLDEMPTYTENSORS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

static bool isEmpty(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && llvm::is_contained(type.getShape(), 0);
}

/// The sizes of the empty result of `op`; none where they are unknown.
static SmallVector<OpFoldResult> getSizes(Operation *op, OpBuilder &b) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (type.hasStaticShape())
    return getAsIndexOpFoldResult(op->getContext(), type.getShape());
  ReifiedRankedShapedTypeDims reified;
  if (failed(reifyResultShapes(b, op, reified)))
    return {};
  SmallVector<OpFoldResult> sizes = reified.front();
  // The type of a collapsed group with a 0 in it does not say so where another
  // size of the group is dynamic.
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
    for (auto [size, group] :
         llvm::zip_equal(sizes, collapse.getReassociationIndices()))
      if (llvm::any_of(group, [&](int64_t dim) { return shape[dim] == 0; }))
        size = b.getIndexAttr(0);
  }
  return sizes;
}

/// What `op` is worth where it has to do with empty tensors.
static Value fold(Operation *op, OpBuilder &b) {
  if (op->getNumResults() != 1 || !isPure(op) ||
      op->hasTrait<OpTrait::ConstantLike>() ||
      isa<tensor::EmptyOp, tensor::CastOp>(op))
    return {};
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    if (isEmpty(insert.getSource()))
      return insert.getDest();
  auto collapse = dyn_cast<tensor::CollapseShapeOp>(op);
  if (!isEmpty(op->getResult(0)) && !(collapse && isEmpty(collapse.getSrc())))
    return {};
  SmallVector<OpFoldResult> sizes = getSizes(op, b);
  if (sizes.empty())
    return {};
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value empty =
      tensor::EmptyOp::create(b, op->getLoc(), sizes, type.getElementType());
  if (empty.getType() != type)
    empty = tensor::CastOp::create(b, op->getLoc(), type, empty);
  return empty;
}

namespace {
struct FoldEmptyTensors
    : public owl::impl::FoldEmptyTensorsBase<FoldEmptyTensors> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk<WalkOrder::PreOrder>(
        [&](Operation *op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    // Uses go first, for the sizes of a result are often those of an operand;
    // what is nested goes before what it is nested in.
    for (Operation *op : llvm::reverse(ops)) {
      rewriter.setInsertionPoint(op);
      if (Value value = fold(op, rewriter))
        rewriter.replaceOp(op, value);
    }
  }
};
} // namespace
