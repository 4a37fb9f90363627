//===- LowerReshapes.cpp - Reshapes become views with sizes ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both reshapes of memref become reinterpret_cast, for what upstream does to
// them does not hold for every shape. expand-strided-metadata computes the
// sizes of an expand_shape by division, which allows one dynamic size in each
// group; a repetition of a dynamic dimension by a dynamic count makes two. A
// collapse_shape becomes invalid when folding finds a 0 beside a dynamic size.
//
//===----------------------------------------------------------------------===//

#include "../CInterface/Pointers.h"
#include "../Sizes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_LOWERRESHAPES
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Views `source` as `type`, of `sizes`. `getStrides` gives the strides where
/// the layout is not the identity, from those of the source.
static Value
view(OpBuilder &b, Location loc, Value source, MemRefType type,
     ArrayRef<OpFoldResult> sizes,
     function_ref<SmallVector<OpFoldResult>(ArrayRef<OpFoldResult>)>
         getStrides) {
  if (cast<MemRefType>(source.getType()).getLayout().isIdentity() &&
      type.getLayout().isIdentity())
    return viewContiguous(b, loc, source, type, sizes);
  auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, source);
  return memref::ReinterpretCastOp::create(
      b, loc, type, metadata.getBaseBuffer(),
      metadata.getConstifiedMixedOffset(), sizes,
      getStrides(metadata.getConstifiedMixedStrides()));
}

namespace {
struct LowerExpandShape : public OpRewritePattern<memref::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(memref::ExpandShapeOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
    auto getStrides = [&](ArrayRef<OpFoldResult> outer) {
      SmallVector<OpFoldResult> strides(sizes.size(), rewriter.getIndexAttr(1));
      for (auto [group, stride] :
           llvm::zip_equal(op.getReassociationIndices(), outer)) {
        OpFoldResult next = stride;
        for (int64_t dim : llvm::reverse(group)) {
          strides[dim] = next;
          next = multiply(rewriter, loc, next, sizes[dim]);
        }
      }
      return strides;
    };
    rewriter.replaceOp(op, view(rewriter, loc, op.getSrc(), op.getResultType(),
                                sizes, getStrides));
    return success();
  }
};

struct LowerCollapseShape : public OpRewritePattern<memref::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(memref::CollapseShapeOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> source =
        memref::getMixedSizes(rewriter, loc, op.getSrc());
    SmallVector<OpFoldResult> sizes;
    for (const ReassociationIndices &group : op.getReassociationIndices()) {
      OpFoldResult size = rewriter.getIndexAttr(1);
      for (int64_t dim : group)
        size = multiply(rewriter, loc, size, source[dim]);
      // A type cannot say 0 where a size of the group is dynamic.
      if (op.getResultType().isDynamicDim(sizes.size()))
        size = getValueOrCreateConstantIndexOp(rewriter, loc, size);
      sizes.push_back(size);
    }
    // The stride of the innermost dimension with more than one element; a size
    // of 1 has any stride.
    auto getStrides = [&](ArrayRef<OpFoldResult> inner) {
      SmallVector<OpFoldResult> strides;
      for (const ReassociationIndices &group : op.getReassociationIndices()) {
        const auto *dim = std::prev(group.end());
        while (dim != group.begin() && isOneInteger(source[*dim]))
          --dim;
        strides.push_back(inner[*dim]);
      }
      return strides;
    };
    rewriter.replaceOp(op, view(rewriter, loc, op.getSrc(), op.getResultType(),
                                sizes, getStrides));
    return success();
  }
};

struct LowerReshapes : public owl::impl::LowerReshapesBase<LowerReshapes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerCollapseShape, LowerExpandShape>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
