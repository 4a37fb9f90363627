//===- ParallelCallToLLVM.cpp - Calls of the hook for threads -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   owl.parallel_call @task to %count(%a, %b)
//
// becomes
//
//   context = alloca struct { a, b }
//   owl_parallel_for(@task.call, context, count)
//
// where @task.call(context, index) calls @task(index, a, b).
//
//===----------------------------------------------------------------------===//

#include "ParallelCallToLLVM.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Support/Threads.h"

using namespace mlir;
using namespace mlir::owl;

/// `value` as an integer of type `type`, which is as wide or not.
static Value resize(OpBuilder &b, Location loc, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth(),
           to = type.getIntOrFloatBitWidth();
  if (from < to)
    return LLVM::ZExtOp::create(b, loc, type, value);
  if (from > to)
    return LLVM::TruncOp::create(b, loc, type, value);
  return value;
}

static Value getField(OpBuilder &b, Location loc, Type type, Value context,
                      int32_t field) {
  return LLVM::GEPOp::create(b, loc, context.getType(), type, context,
                             ArrayRef<LLVM::GEPArg>{0, field});
}

namespace {
struct LowerParallelCall : public ConvertOpToLLVMPattern<ParallelCallOp> {
  LowerParallelCall(const LLVMTypeConverter &converter,
                    SymbolTableCollection &symbolTables)
      : ConvertOpToLLVMPattern(converter), symbolTables(symbolTables) {}

  LogicalResult
  matchAndRewrite(ParallelCallOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto module = op->getParentOfType<ModuleOp>();
    Type pointer = LLVM::LLVMPointerType::get(op.getContext());
    Type number = rewriter.getI64Type();
    FailureOr<LLVM::LLVMFuncOp> hook = LLVM::lookupOrCreateFn(
        rewriter, module, kParallelForHook, {pointer, pointer, number},
        LLVM::LLVMVoidType::get(op.getContext()), /*isVarArg=*/false,
        /*isReserved=*/false, &symbolTables);
    if (failed(hook))
      return failure();
    SmallVector<Value> values = getTypeConverter()->promoteOperands(
        loc, op.getCaptures(), adaptor.getCaptures(), rewriter,
        /*useBarePtrCallConv=*/true);
    auto type = LLVM::LLVMStructType::getLiteral(
        op.getContext(), llvm::to_vector(ValueRange(values).getTypes()));
    LLVM::LLVMFuncOp entry = createEntry(op, type, rewriter);
    symbolTables.getSymbolTable(module).insert(entry);

    Value one = LLVM::ConstantOp::create(rewriter, loc, number, 1);
    Value context = LLVM::AllocaOp::create(rewriter, loc, pointer, type, one);
    for (auto [field, value] : llvm::enumerate(values))
      LLVM::StoreOp::create(rewriter, loc, value,
                            getField(rewriter, loc, type, context, field));
    Value function = LLVM::AddressOfOp::create(rewriter, loc, entry);
    Value count = resize(rewriter, loc, adaptor.getCount(), number);
    LLVM::CallOp::create(rewriter, loc, *hook,
                         ValueRange{function, context, count});
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// The function that the hook calls.
  LLVM::LLVMFuncOp createEntry(ParallelCallOp op, LLVM::LLVMStructType type,
                               OpBuilder &b) const {
    OpBuilder::InsertionGuard guard(b);
    Location loc = op.getLoc();
    Type pointer = LLVM::LLVMPointerType::get(op.getContext());
    auto result = LLVM::LLVMVoidType::get(op.getContext());
    b.setInsertionPoint(op->getParentRegion()->getParentOp());
    auto entry = LLVM::LLVMFuncOp::create(
        b, loc, op.getCallee().str() + ".call",
        LLVM::LLVMFunctionType::get(result, {pointer, b.getI64Type()}),
        LLVM::Linkage::Internal);
    Block *body = entry.addEntryBlock(b);
    b.setInsertionPointToStart(body);
    SmallVector<Value> operands = {resize(b, loc, body->getArgument(1),
                                          getTypeConverter()->getIndexType())};
    for (auto [field, member] : llvm::enumerate(type.getBody()))
      operands.push_back(LLVM::LoadOp::create(
          b, loc, member, getField(b, loc, type, body->getArgument(0), field)));
    LLVM::CallOp::create(b, loc, TypeRange(), op.getCallee(), operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
    return entry;
  }

  SymbolTableCollection &symbolTables;
};
} // namespace

void owl::populateParallelCallToLLVMPatterns(
    const LLVMTypeConverter &converter, RewritePatternSet &patterns,
    SymbolTableCollection &symbolTables) {
  patterns.add<LowerParallelCall>(converter, symbolTables);
}
