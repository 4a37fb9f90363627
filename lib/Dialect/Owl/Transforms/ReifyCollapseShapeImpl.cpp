//===- ReifyCollapseShapeImpl.cpp - The sizes of collapsed buffers --------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `memref.expand_shape` tells its shape in terms of its operands, upstream's
// `memref.collapse_shape` does not. Merged axes become the latter, and every
// size must be computable from the arguments' sizes.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
struct ReifyCollapseShape
    : public ReifyRankedShapedTypeOpInterface::ExternalModel<
          ReifyCollapseShape, memref::CollapseShapeOp> {
  LogicalResult reifyResultShapes(Operation *op, OpBuilder &builder,
                                  ReifiedRankedShapedTypeDims &reified) const {
    auto collapse = cast<memref::CollapseShapeOp>(op);
    Location loc = op->getLoc();
    SmallVector<OpFoldResult> sizes =
        memref::getMixedSizes(builder, loc, collapse.getSrc());
    AffineExpr s0, s1;
    bindSymbols(builder.getContext(), s0, s1);
    SmallVector<OpFoldResult> &dims = reified.emplace_back();
    for (const ReassociationIndices &group :
         collapse.getReassociationIndices()) {
      OpFoldResult product = builder.getIndexAttr(1);
      for (int64_t dim : group)
        product = affine::makeComposedFoldedAffineApply(builder, loc, s0 * s1,
                                                        {product, sizes[dim]});
      dims.push_back(product);
    }
    return success();
  }
};
} // namespace

void owl::registerReifyCollapseShapeExternalModel(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, memref::MemRefDialect *dialect) {
        if (RegisteredOperationName op = *RegisteredOperationName::lookup(
                memref::CollapseShapeOp::getOperationName(), context);
            op.hasInterface<ReifyRankedShapedTypeOpInterface>())
          return;
        context->loadDialect<affine::AffineDialect>();
        memref::CollapseShapeOp::attachInterface<ReifyCollapseShape>(*context);
      });
}
