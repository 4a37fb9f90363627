//===- DissolveGroups.cpp - Groups become their ops again -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What comes before fusion in a pipeline, checks of shapes for example, belongs
// to ops, not to groups: a model that has been fused is taken apart first.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_DISSOLVEGROUPS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
struct DissolveGroups : public owl::impl::DissolveGroupsBase<DissolveGroups> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](GroupOp group) {
      if (!group.hasTensorSemantics())
        return;
      YieldOp yield = group.getYield();
      SmallVector<Value> results(yield.getValues());
      Block *body = &group.getBody().front();
      rewriter.eraseOp(yield);
      // What the arguments of the region yield is what comes in.
      for (Value &result : results)
        if (auto argument = dyn_cast<BlockArgument>(result))
          result = group.getInputs()[argument.getArgNumber()];
      rewriter.inlineBlockBefore(body, group, group.getInputs());
      rewriter.replaceOp(group, results);
    });
  }
};
} // namespace
