//===- GroupsToAffine.cpp - Fusion groups become loop nests ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass around GroupEmitter.
//
//===----------------------------------------------------------------------===//

#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_CONVERTGROUPSTOAFFINE
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

namespace {
struct ConvertGroupsToAffine
    : public owl::impl::ConvertGroupsToAffineBase<ConvertGroupsToAffine> {
  using ConvertGroupsToAffineBase::ConvertGroupsToAffineBase;

  void runOnOperation() override {
    SmallVector<GroupOp> groups;
    getOperation()->walk([&](GroupOp group) { groups.push_back(group); });
    // Nothing on the stack of a function is there for one group alone.
    DenseMap<Operation *, unsigned> stackLeft;
    for (GroupOp group : groups) {
      if (group.hasTensorSemantics() && !group.getInits().empty()) {
        group.emitOpError("expects buffers here: bufferize before this pass");
        return signalPassFailure();
      }
      OpBuilder b(group);
      FailureOr<GroupLoops> loops =
          GroupLoops::create(b, group, nonTemporalBytes);
      if (failed(loops)) {
        group.emitOpError("expects ops that can share loops");
        return signalPassFailure();
      }
      LoopBuilder builder(b, group.getLoc());
      unsigned &left =
          stackLeft
              .try_emplace(group->getParentOfType<FunctionOpInterface>(),
                           stackBytes)
              .first->second;
      GroupEmitter emitter(builder, group, *loops,
                           {vectorBits, stripRegisters, left});
      emitter.emit();
      left = emitter.getStackLeft();
      // Ordinary stores of this thread must not pass the others.
      if (loops->hasNonTemporal())
        LLVM::FenceOp::create(b, group.getLoc(), LLVM::AtomicOrdering::seq_cst);
      group.erase();
    }
  }
};
} // namespace
