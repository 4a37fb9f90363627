//===- UnitSlices.cpp - Slices of one element have no stride --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Along a dimension of which a slice takes one element, its stride says
// nothing. Upstream's `memref.subview` takes strides to tell which dimensions a
// slice without them has dropped, and crashes where two such dimensions differ
// in it.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
/// Gives slices of one element along a dimension the stride 1 there:
///
///   tensor.extract_slice %x[3, 0] [1, 4] [2, 1] : ... to tensor<4xf32>
///   // becomes
///   tensor.extract_slice %x[3, 0] [1, 4] [1, 1] : ... to tensor<4xf32>
template <typename OpTy> struct UnitSliceStride : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    SmallVector<OpFoldResult> strides = op.getMixedStrides();
    bool changes = false;
    for (auto [stride, size] : llvm::zip_equal(strides, op.getMixedSizes())) {
      if (!isOneInteger(size) || isOneInteger(stride))
        continue;
      stride = rewriter.getIndexAttr(1);
      changes = true;
    }
    if (!changes)
      return rewriter.notifyMatchFailure(op, "no stride without a meaning");
    SmallVector<int64_t> staticStrides;
    SmallVector<Value> dynamicStrides;
    dispatchIndexOpFoldResults(strides, dynamicStrides, staticStrides);
    rewriter.modifyOpInPlace(op, [&] {
      op.getStridesMutable().assign(dynamicStrides);
      op.setStaticStrides(staticStrides);
    });
    return success();
  }
};
} // namespace

void owl::populateUnitSlicesPatterns(RewritePatternSet &patterns) {
  patterns.add<UnitSliceStride<tensor::ExtractSliceOp>,
               UnitSliceStride<tensor::InsertSliceOp>>(patterns.getContext());
}
