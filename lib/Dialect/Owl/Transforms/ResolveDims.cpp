//===- ResolveDims.cpp - Sizes from the arguments -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sizes of each result are computed once, in program order, from the sizes
// of its operands, which are known by then. Upstream's pass, a pattern, takes
// each tensor.dim all the way up by itself: along a chain of n ops that is n
// times n steps.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_RESOLVEDIMS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Whether some result of `op` has a size that is not in its type.
static bool hasDynamicResult(Operation *op) {
  return llvm::any_of(op->getResultTypes(), [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && !tensor.hasStaticShape();
  });
}

namespace {
/// Remembers what is created.
struct Recorder : public OpBuilder::Listener {
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    created.push_back(op);
  }
  SmallVector<Operation *> created;
};

class Resolver {
public:
  explicit Resolver(MLIRContext *context) : builder(context, &recorder) {}

  void visit(Operation *op) {
    if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      if (resolve(dim) != dim.getResult())
        dim.erase();
      return;
    }
    if (auto reifiable = dyn_cast<ReifyRankedShapedTypeOpInterface>(op))
      if (hasDynamicResult(op))
        compute(reifiable);
  }

  /// Erases what has been computed for nothing.
  void finish() {
    for (Operation *op : llvm::reverse(recorder.created))
      if (isOpTriviallyDead(op))
        op->erase();
  }

private:
  /// The size that `dim` asks for; null where it is not known.
  OpFoldResult lookUp(tensor::DimOp dim) {
    auto result = dyn_cast<OpResult>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!result || !index)
      return {};
    auto known = shapes.find(result.getOwner());
    if (known == shapes.end())
      return {};
    ArrayRef<OpFoldResult> sizes = known->second[result.getResultNumber()];
    if (*index < 0 || *index >= static_cast<int64_t>(sizes.size()))
      return {};
    return sizes[*index];
  }

  /// Replaces `dim` by the size, and returns that.
  Value resolve(tensor::DimOp dim) {
    OpFoldResult size = lookUp(dim);
    if (!size)
      return dim;
    builder.setInsertionPoint(dim);
    Value value = getValueOrCreateConstantIndexOp(builder, dim.getLoc(), size);
    dim.replaceAllUsesWith(value);
    return value;
  }

  /// Computes the sizes of the results of `op` before it.
  void compute(ReifyRankedShapedTypeOpInterface op) {
    size_t first = recorder.created.size();
    builder.setInsertionPoint(op);
    ReifiedRankedShapedTypeDims sizes;
    if (failed(op.reifyResultShapes(builder, sizes)) ||
        sizes.size() != op->getNumResults())
      return;
    DenseMap<Value, Value> resolved;
    SmallVector<Operation *> asked(
        ArrayRef<Operation *>(recorder.created).drop_front(first));
    for (Operation *created : asked)
      if (auto dim = dyn_cast<tensor::DimOp>(created))
        resolved[dim] = resolve(dim);
    for (SmallVector<OpFoldResult> &shape : sizes)
      for (OpFoldResult &size : shape)
        if (auto value = dyn_cast<Value>(size))
          if (Value known = resolved.lookup(value))
            size = getAsOpFoldResult(known);
    shapes.try_emplace(op, std::move(sizes));
  }

  Recorder recorder;
  OpBuilder builder;
  DenseMap<Operation *, ReifiedRankedShapedTypeDims> shapes;
};

struct ResolveDims : public owl::impl::ResolveDimsBase<ResolveDims> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk<WalkOrder::PreOrder>(
        [&](Operation *op) { ops.push_back(op); });
    Resolver resolver(&getContext());
    for (Operation *op : ops)
      resolver.visit(op);
    resolver.finish();
  }
};
} // namespace
