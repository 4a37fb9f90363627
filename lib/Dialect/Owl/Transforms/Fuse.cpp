//===- Fuse.cpp - Fusion groups -------------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a group of each cluster of ops.
//
//===----------------------------------------------------------------------===//

#include "Clusters.h"
#include "FormGroups.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_FUSE
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// The size of dimension `dim` of `tensor`, from what is outside of the group.
static OpFoldResult getSize(OpBuilder &b, Location loc, const Axes &axes,
                            ArrayRef<Axis> dim, const IRMapping &replaced) {
  OpFoldResult product = b.getIndexAttr(1);
  for (Axis axis : dim) {
    const AxisSize &size = axes.getSize(axis);
    OpFoldResult factor;
    if (!ShapedType::isDynamic(size.count))
      factor = b.getIndexAttr(size.count);
    else if (size.dim < 0)
      factor = size.source;
    else
      factor = tensor::getMixedSize(
          b, loc, replaced.lookupOrDefault(size.source), size.dim);
    if (isOneInteger(product)) {
      product = factor;
      continue;
    }
    auto lhs = getConstantIntValue(product), rhs = getConstantIntValue(factor);
    product = lhs && rhs ? OpFoldResult(b.getIndexAttr(*lhs * *rhs))
                         : arith::MulIOp::create(
                               b, loc,
                               getValueOrCreateConstantIndexOp(b, loc, product),
                               getValueOrCreateConstantIndexOp(b, loc, factor))
                               .getResult();
  }
  return product;
}

/// Moves the ops of `cluster` into a group, which takes the place of the last.
/// `replaced` maps what groups have replaced so far to their results.
static void createGroup(const Cluster &cluster, EdgesAttr edges,
                        const MachineModel &machine, IRMapping &replaced) {
  SmallVector<Operation *> ops(cluster.ops);
  llvm::sort(ops,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  DenseSet<Operation *> inside(ops.begin(), ops.end());
  llvm::SetVector<Operation *> free;
  llvm::SetVector<Value> inputs;
  SmallVector<Value> outputs;
  std::function<void(Value)> take = [&](Value operand) {
    Operation *producer = operand.getDefiningOp();
    if (producer && inside.contains(producer))
      return;
    bool isScalarConstant = producer && isa<arith::ConstantOp>(producer) &&
                            !isa<ShapedType>(operand.getType());
    if (!producer || !(isScalarConstant || isRemade(producer))) {
      inputs.insert(operand);
      return;
    }
    for (Value size : producer->getOperands())
      take(size);
    free.insert(producer);
  };
  for (Operation *op : ops)
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!op->isAncestor(operand.getParentRegion()->getParentOp()))
          take(operand);
    });
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            Operation *here = op->getBlock()->findAncestorOpInBlock(*user);
            return !inside.contains(here);
          }))
        outputs.push_back(result);

  Location loc = ops.back()->getLoc();
  OpBuilder b(ops.back());
  SmallVector<Value> inits;
  for (Value output : outputs) {
    SmallVector<OpFoldResult> sizes;
    for (auto [dim, size] :
         llvm::enumerate(cast<RankedTensorType>(output.getType()).getShape()))
      sizes.push_back(ShapedType::isDynamic(size)
                          ? getSize(b, loc, cluster.axes,
                                    cluster.axes.getDims(output)[dim], replaced)
                          : OpFoldResult(b.getIndexAttr(size)));
    auto type = cast<RankedTensorType>(output.getType());
    Value init = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
    if (init.getType() != type)
      init = tensor::CastOp::create(b, loc, type, init);
    inits.push_back(init);
  }
  auto remark = remark::passed(
      loc, remark::RemarkOpts::name("fused").category("owl-fuse"));
  if (remark)
    remark << "one loop nest" << remark::metric("NumOps", ops.size())
           << remark::metric("Seconds", machine.getTime(getWorkTogether(ops)))
           << remark::metric("SecondsApart",
                             getTime(getWorkApart(ops), machine));
  SmallVector<Type> types(ValueRange(outputs).getTypes());
  auto group = GroupOp::create(b, loc, types, inputs.getArrayRef(), inits,
                               edges, /*device=*/FlatSymbolRefAttr());
  Block *body = b.createBlock(&group.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  for (Operation *op : free)
    b.clone(*op, mapping);
  for (Operation *op : ops)
    b.clone(*op, mapping);
  SmallVector<Value> yielded;
  for (Value output : outputs)
    yielded.push_back(mapping.lookup(output));
  YieldOp::create(b, loc, yielded);
  for (auto [output, result] : llvm::zip_equal(outputs, group.getOutputs())) {
    replaced.map(output, result);
    output.replaceUsesWithIf(result, [&](OpOperand &use) {
      Operation *here =
          group->getBlock()->findAncestorOpInBlock(*use.getOwner());
      return !inside.contains(here);
    });
  }
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  for (Operation *op : llvm::reverse(free))
    if (op->use_empty())
      op->erase();
}

/// Moves what an op of `block` uses, and comes later, to just before it. All
/// else stays in order. Upstream's sortTopologically walks the block once for
/// each of a chain of ops that are in the wrong order.
static void sortBlock(Block &block) {
  SmallVector<Operation *> order;
  DenseSet<Operation *> seen;
  SmallVector<std::pair<Operation *, SmallVector<Operation *>>> waiting;
  auto visit = [&](Operation *op) {
    if (!seen.insert(op).second)
      return;
    SmallVector<Operation *> producers = getProducers(op);
    llvm::sort(producers, [](Operation *a, Operation *b) {
      return b->isBeforeInBlock(a);
    });
    waiting.emplace_back(op, std::move(producers));
  };
  for (Operation &op : block) {
    visit(&op);
    while (!waiting.empty()) {
      if (waiting.back().second.empty())
        order.push_back(waiting.pop_back_val().first);
      else
        visit(waiting.back().second.pop_back_val());
    }
  }
  for (Operation *op : order)
    op->moveBefore(&block, block.end());
}

void owl::formGroups(Block &block, const GroupingOptions &options) {
  Clustering clustering(block, options.maxOps, options.maxCost,
                        options.machine);
  IRMapping replaced;
  for (const Cluster *cluster : clustering.getGroups(options.all))
    createGroup(*cluster, options.edges, options.machine, replaced);
  sortBlock(block);
}

namespace {
struct Fuse : public owl::impl::FuseBase<Fuse> {
  using FuseBase::FuseBase;

  void runOnOperation() override {
    std::optional<Edges> choice = symbolizeEdges(edges);
    if (!choice) {
      emitError(getOperation().getLoc(),
                "expected edges to be auto, recompute, buffer or materialise, "
                "got ")
          << edges.getValue();
      return signalPassFailure();
    }
    FailureOr<MachineModel> model = MachineModel::parse(
        machine, [&] { return emitError(getOperation().getLoc()); });
    if (failed(model))
      return signalPassFailure();
    EdgesAttr forced;
    if (*choice != Edges::Auto)
      forced = EdgesAttr::get(&getContext(), *choice);
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Block *block) {
      if (!isa<linalg::LinalgOp, FoldOp, GroupOp, tensor::GenerateOp>(
              block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      formGroups(*block, {maxOps, maxCost, forced, *model});
  }
};
} // namespace
