//===- SplatsToFill.cpp - Large splat constants are computed --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bufferization makes data of every constant, element by element.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"
#include "owl/Support/ByteSize.h"

namespace mlir::owl {
#define GEN_PASS_DEF_SPLATSTOFILL
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// What a loop that fills takes at least.
static constexpr int64_t kMaxBytes = 64;

namespace {
struct SplatsToFill : public owl::impl::SplatsToFillBase<SplatsToFill> {
  void runOnOperation() override {
    SmallVector<arith::ConstantOp> constants;
    getOperation()->walk(
        [&](arith::ConstantOp op) { constants.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (arith::ConstantOp op : constants) {
      auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
      auto type = dyn_cast<RankedTensorType>(op.getType());
      if (!splat || !type || !type.getElementType().isIntOrIndexOrFloat() ||
          op->getParentOfType<GroupOp>())
        continue;
      int64_t bytes = getElementBytes(type.getElementType());
      if (type.getNumElements() <= kMaxBytes / bytes)
        continue;
      rewriter.setInsertionPoint(op);
      Value value = arith::ConstantOp::create(rewriter, op.getLoc(),
                                              splat.getSplatValue<TypedAttr>());
      Value empty = tensor::EmptyOp::create(
          rewriter, op.getLoc(), type.getShape(), type.getElementType());
      rewriter.replaceOpWithNewOp<linalg::FillOp>(op, value, empty);
    }
  }
};
} // namespace
