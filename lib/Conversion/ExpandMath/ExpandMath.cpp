//===- ExpandMath.cpp - No floating-point op needs a library --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass.
//
//===----------------------------------------------------------------------===//

#include "owl/Conversion/ExpandMath/ExpandMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_EXPANDMATH
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

void owl::populateExpandMathPatterns(RewritePatternSet &patterns,
                                     const ExpandMathConfig &config) {
  populateNarrowFloatPatterns(patterns, config);
  populateMathFunctionPatterns(patterns, config);
  populateMathBasicPatterns(patterns, config);
  if (!config.hasExtremes)
    populateExtremePatterns(patterns);
}

/// Whether what is narrower than f64 is computed in it. That depends on the
/// target for a fused multiply-add.
static bool isThroughF64(Operation *op) {
  return isa<math::ExpM1Op, math::SinhOp, math::CoshOp, math::Log2Op,
             math::Log10Op, math::Log1pOp, math::AsinhOp, math::AcoshOp,
             math::AtanhOp, math::CbrtOp, math::SinOp, math::CosOp, math::TanOp,
             math::SincosOp, math::AsinOp, math::AcosOp, math::AtanOp,
             math::ErfcOp, math::PowFOp, math::FPowIOp, math::Atan2Op,
             math::FmaOp, arith::RemFOp>(op);
}

unsigned owl::getExpandedBits(Operation *op) {
  if (isThroughF64(op))
    return 64;
  unsigned bits = 8;
  bool isMoved = isa<arith::ConstantOp, arith::BitcastOp, arith::SelectOp>(op);
  auto add = [&](Type type) {
    Type element = getElementTypeOrSelf(type);
    unsigned width =
        element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 64;
    bool isNarrow = isa<Float16Type, BFloat16Type>(element);
    bits = std::max(bits, isNarrow && !isMoved ? 32 : width);
  };
  llvm::for_each(op->getOperandTypes(), add);
  llvm::for_each(op->getResultTypes(), add);
  // Both halves of a product are one number on the way to LLVM.
  if (isa<arith::MulSIExtendedOp, arith::MulUIExtendedOp>(op))
    return 2 * bits;
  // What f32 cannot hold is rounded once.
  bool isRounded = isa<arith::SIToFPOp, arith::UIToFPOp>(op) &&
                   getElementTypeOrSelf(op->getOperand(0).getType())
                           .getIntOrFloatBitWidth() > 24;
  return isRounded ? 64 : bits;
}

namespace {
struct ExpandMath : public owl::impl::ExpandMathBase<ExpandMath> {
  using ExpandMathBase::ExpandMathBase;

  LogicalResult initialize(MLIRContext *context) override {
    ExpandMathConfig config{hasFMA, hasRounding, hasF16Conversion, hasExtremes};
    RewritePatternSet set(context);
    populateExpandMathPatterns(set, config);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.enableConstantCSE(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), patterns, config)))
      signalPassFailure();
  }

private:
  FrozenRewritePatternSet patterns;
};
} // namespace
