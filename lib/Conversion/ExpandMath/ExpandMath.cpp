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
