//===- InsertShapeChecks.cpp - Dynamic shapes must agree ------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What verifiers check of static shapes is asserted of dynamic ones.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_INSERTSHAPECHECKS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Asserts that the dimensions of `op`'s operands that one loop walks are
/// equal. (Upstream's own check of linalg ops also computes the ranges of all
/// affine maps, in code as long as the model's.)
static void checkLoops(OpBuilder &b, linalg::LinalgOp op) {
  struct Extent {
    Value operand;
    int64_t dim, size;
  };
  SmallVector<std::optional<Extent>> extents(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type)
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop)
        continue;
      std::optional<Extent> &extent = extents[loop.getPosition()];
      Extent here{operand.get(), static_cast<int64_t>(dim),
                  type.getDimSize(dim)};
      if (!extent) {
        extent = here;
        continue;
      }
      if (extent->operand == here.operand && extent->dim == here.dim)
        continue;
      if (!ShapedType::isDynamic(extent->size) &&
          !ShapedType::isDynamic(here.size))
        continue;
      Location loc = op.getLoc();
      Value sizes[2];
      for (auto [value, from] :
           {std::pair(&sizes[0], &*extent), std::pair(&sizes[1], &here)})
        *value = tensor::DimOp::create(b, loc, from->operand, from->dim);
      Value equal = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          sizes[0], sizes[1]);
      cf::AssertOp::create(b, loc, equal,
                           "bad shape: dimensions that must be equal differ");
    }
  }
}

namespace {
struct InsertShapeChecks
    : public owl::impl::InsertShapeChecksBase<InsertShapeChecks> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) { ops.push_back(op); });
    OpBuilder b(&getContext());
    for (Operation *op : ops) {
      b.setInsertionPoint(op);
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
        checkLoops(b, linalgOp);
      } else if (isa<OwlDialect, tensor::TensorDialect>(op->getDialect()) &&
                 !isa<tensor::ExtractOp, tensor::InsertOp>(op)) {
        // Where one element lies may depend on data, which no caller can be
        // told about beforehand.
        if (auto checked = dyn_cast<RuntimeVerifiableOpInterface>(op))
          checked.generateRuntimeVerification(
              b, op->getLoc(),
              [](Operation *, StringRef message) { return message.str(); });
      }
    }
  }
};
} // namespace
