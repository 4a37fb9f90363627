//===- ProtectArguments.cpp - Arguments are read-only ---------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keeps bufferization from writing into what the caller passes as const.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "owl/Dialect/Owl/Transforms/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_PROTECTARGUMENTS
#include "owl/Dialect/Owl/Transforms/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using bufferization::BufferizationDialect;

namespace {
struct ProtectArguments
    : public owl::impl::ProtectArgumentsBase<ProtectArguments> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto no = BoolAttr::get(&getContext(), false);
    for (BlockArgument argument : func.getArguments())
      if (isa<TensorType>(argument.getType()))
        func.setArgAttr(argument.getArgNumber(),
                        BufferizationDialect::kWritableAttrName, no);
  }
};
} // namespace
