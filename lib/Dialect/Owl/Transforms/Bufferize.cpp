//===- Bufferize.cpp - Tensors become buffers -----------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's pass has no option to leave ops alone; its library has.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_BUFFERIZE
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Copies what `cast` takes for dense and may not be: upstream compares
/// strides, and takes those that dense buffers of unknown sizes have for any.
static void copyToDense(memref::CastOp cast) {
  auto source = dyn_cast<MemRefType>(cast.getSource().getType()),
       target = dyn_cast<MemRefType>(cast.getType());
  if (!source || !target || source.getLayout().isIdentity() ||
      !target.getLayout().isIdentity() ||
      llvm::none_of(target.getStridesAndOffset().first, ShapedType::isDynamic))
    return;
  OpBuilder b(cast);
  Location loc = cast.getLoc();
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < target.getRank(); ++dim)
    if (target.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(b, loc, cast.getSource(), dim));
  Value dense = memref::AllocOp::create(b, loc, target, sizes);
  memref::CopyOp::create(b, loc, cast.getSource(), dense);
  cast.replaceAllUsesWith(dense);
  cast.erase();
}

namespace {
struct Bufferize : public owl::impl::BufferizeBase<Bufferize> {
  void runOnOperation() override {
    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(
        bufferization::LayoutMapOption::IdentityLayoutMap);
    // The C interface has the better diagnostic for that.
    options.allowReturnAllocsFromLoops = true;
    // A group on buffers still has tensors inside.
    options.opFilter.denyOperation([](Operation *op) {
      auto group = dyn_cast<GroupOp>(op);
      return op->getParentOfType<GroupOp>() ||
             (group && group.hasPureBufferSemantics());
    });
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(), options,
                                                        state)))
      return signalPassFailure();
    getOperation()->walk(copyToDense);
  }
};
} // namespace
