//===- Adapters.cpp - Calls with arrays of arguments ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads the arguments of a call from arrays:
//
//   define i32 @owl_f.call(ptr %buffers, ptr %dims, ptr %workspace) {
//     %x = load ptr, ptr %buffers
//     %1 = getelementptr ptr, ptr %buffers, i64 1
//     %y = load ptr, ptr %1
//     %d0 = load i64, ptr %dims
//     %status = call i32 @owl_f(ptr %x, ptr %y, i64 %d0, ptr %workspace)
//     ret i32 %status
//   }
//
//===----------------------------------------------------------------------===//

#include "owl/Target/Common/Adapters.h"
#include "llvm/IR/IRBuilder.h"

using namespace mlir::owl;

namespace {
/// The one block of an adapter of `callee` that is being written.
class AdapterBuilder {
public:
  AdapterBuilder(llvm::Function *callee, const llvm::Twine &name,
                 llvm::Type *result, llvm::ArrayRef<llvm::Type *> parameters)
      : callee(callee),
        adapter(llvm::Function::Create(
            llvm::FunctionType::get(result, parameters, /*isVarArg=*/false),
            llvm::GlobalValue::ExternalLinkage, name, callee->getParent())),
        builder(llvm::BasicBlock::Create(callee->getContext(), "", adapter)) {
    // The CPU, its features and the use of the stack are the callee's. What it
    // does to memory is not: an adapter reads arrays.
    llvm::AttrBuilder attributes(callee->getContext(),
                                 callee->getAttributes().getFnAttrs());
    attributes.removeAttribute(llvm::Attribute::Memory);
    adapter->addFnAttrs(attributes);
  }

  /// Passes parameter `index` of the adapter on.
  void pass(unsigned index) { arguments.push_back(adapter->getArg(index)); }

  /// Passes the first `count` elements of the array in parameter `index`.
  void passElements(unsigned index, int64_t count, llvm::Type *type) {
    for (int64_t i = 0; i != count; ++i)
      arguments.push_back(builder.CreateLoad(
          type, builder.CreateConstGEP1_64(type, adapter->getArg(index), i)));
  }

  /// Calls, and returns what the callee returns as the adapter's own type.
  llvm::Function *finish() {
    llvm::Value *result = builder.CreateCall(callee, arguments);
    if (adapter->getReturnType()->isVoidTy())
      builder.CreateRetVoid();
    else
      builder.CreateRet(builder.CreateZExt(result, adapter->getReturnType()));
    return adapter;
  }

private:
  llvm::Function *callee;
  llvm::Function *adapter;
  llvm::IRBuilder<> builder;
  llvm::SmallVector<llvm::Value *> arguments;
};
} // namespace

void mlir::owl::declareFunctions(llvm::Module &module,
                                 const FunctionSignature &signature) {
  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  llvm::Type *i32 = llvm::Type::getInt32Ty(context);
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  auto declare = [&](const std::string &name, llvm::Type *result,
                     ArrayRef<llvm::Type *> parameters) {
    llvm::Function::Create(
        llvm::FunctionType::get(result, parameters, /*isVarArg=*/false),
        llvm::Function::ExternalLinkage, name, module);
  };
  llvm::SmallVector<llvm::Type *> dims(signature.getNumDims(), i64),
      parameters(signature.arguments.size() + signature.results.size(),
                 pointer);
  declare(signature.workspaceSizeSymbol(), i64, dims);
  parameters.append(dims);
  parameters.push_back(pointer);
  declare(signature.symbol, i32, parameters);
  if (!signature.hasOutShape())
    return;
  dims.insert(dims.begin(), i32);
  dims.push_back(pointer);
  declare(signature.outShapeSymbol(), llvm::Type::getVoidTy(context), dims);
}

Adapters mlir::owl::emitAdapters(llvm::Module &module,
                                 const FunctionSignature &signature) {
  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  llvm::Type *i32 = llvm::Type::getInt32Ty(context);
  llvm::Type *i64 = llvm::Type::getInt64Ty(context);
  int64_t numBuffers = signature.arguments.size() + signature.results.size();
  int64_t numDims = signature.getNumDims();
  std::string name = signature.symbol + ".call";

  Adapters adapters = {};
  AdapterBuilder call(module.getFunction(signature.symbol), name, i32,
                      {pointer, pointer, pointer});
  call.passElements(0, numBuffers, pointer);
  call.passElements(1, numDims, i64);
  call.pass(2);
  adapters.call = call.finish();

  AdapterBuilder workspaceSize(
      module.getFunction(signature.workspaceSizeSymbol()),
      name + ".workspace_size", i64, {pointer});
  workspaceSize.passElements(0, numDims, i64);
  adapters.workspaceSize = workspaceSize.finish();

  if (signature.hasOutShape()) {
    AdapterBuilder outShape(module.getFunction(signature.outShapeSymbol()),
                            name + ".out_shape", llvm::Type::getVoidTy(context),
                            {i32, pointer, pointer});
    outShape.pass(0);
    outShape.passElements(1, numDims, i64);
    outShape.pass(2);
    adapters.outShape = outShape.finish();
  }
  return adapters;
}
