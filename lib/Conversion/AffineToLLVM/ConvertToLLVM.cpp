//===- ConvertToLLVM.cpp - Everything becomes the LLVM dialect ------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One conversion with upstream's patterns. Upstream's own passes convert a
// dialect each, and that of the vector dialect always takes an index to have 64
// bits, which leaves casts behind on wasm32.
//
//===----------------------------------------------------------------------===//

#include "ParallelCallToLLVM.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_CONVERTTOLLVM
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Vector ops without a counterpart in LLVM become ones that have one.
static LogicalResult lowerVectors(Operation *op) {
  RewritePatternSet patterns(op->getContext());
  vector::populateVectorBroadcastLoweringPatterns(patterns);
  vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
  vector::populateVectorShapeCastLoweringPatterns(patterns);
  vector::populateVectorBitCastLoweringPatterns(patterns);
  vector::populateVectorStepLoweringPatterns(patterns);
  vector::populateVectorInterleaveLoweringPatterns(patterns);
  return applyPatternsGreedily(op, std::move(patterns));
}

/// Allocates in the first block of each function what has a constant size: only
/// that is part of the frame. For anything else LLVM moves the stack pointer,
/// each time that a loop comes around to it.
static void hoistAllocations(ModuleOp module) {
  for (auto func : module.getOps<LLVM::LLVMFuncOp>()) {
    if (func.isExternal())
      continue;
    Block &entry = func.getBody().front();
    func.walk([&](LLVM::AllocaOp alloca) {
      auto size = alloca.getArraySize().getDefiningOp<LLVM::ConstantOp>();
      if (!size || alloca->getBlock() == &entry)
        return;
      OpBuilder b = OpBuilder::atBlockBegin(&entry);
      Operation *copy = b.clone(*size);
      alloca.getArraySizeMutable().assign(copy->getResult(0));
      alloca->moveAfter(copy);
    });
  }
}

namespace {
struct ConvertToLLVM : public owl::impl::ConvertToLLVMBase<ConvertToLLVM> {
  using ConvertToLLVMBase::ConvertToLLVMBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    MLIRContext *context = &getContext();
    if (indexBits != 32 && indexBits != 64) {
      // Not module.emitError, which prints the whole module along.
      emitError(module.getLoc())
          << "expected index-bits of 32 or 64, got " << indexBits.getValue();
      return signalPassFailure();
    }
    if (failed(lowerVectors(module)))
      return signalPassFailure();

    LowerToLLVMOptions options(context);
    options.useBarePtrCallConv = true;
    options.allocLowering = LowerToLLVMOptions::AllocLowering::None;
    options.overrideIndexBitwidth(indexBits);
    LLVMTypeConverter converter(context, options);

    RewritePatternSet patterns(context);
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    SymbolTableCollection symbolTables;
    populateParallelCallToLLVMPatterns(converter, patterns, symbolTables);

    LLVMConversionTarget target(*context);
    target.addLegalOp<ModuleOp>();
    if (failed(applyFullConversion(module, target, std::move(patterns))))
      return signalPassFailure();
    hoistAllocations(module);
  }
};
} // namespace
