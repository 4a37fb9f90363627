//===- DispatchTable.cpp - Functions called without their types -----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The start-up code, compiled long before any model, learns of its functions
// from a constant: what they are called, what they take, and where their
// adapters are.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/BuiltinTypes.h"
#include "owl/Target/Common/Adapters.h"
#include "owl/Target/Unikernel/Unikernel.h"
#include "llvm/IR/IRBuilder.h"

using namespace mlir;
using namespace mlir::owl;
using llvm::Constant;
using llvm::ConstantInt;
using llvm::ConstantStruct;
using llvm::GlobalValue;

/// The code of an element type in the protocol, and its size in bytes.
static std::pair<uint32_t, uint32_t> getElementType(Type type) {
  if (type.isF16())
    return {9, 2};
  if (type.isBF16())
    return {10, 2};
  if (type.isF32())
    return {11, 4};
  if (type.isF64())
    return {12, 8};
  if (type.isIndex())
    return {4, 8};
  if (type.isInteger(1))
    return {0, 1};
  auto integer = cast<IntegerType>(type);
  uint32_t code = llvm::Log2_32(integer.getWidth()) - 2;
  return {integer.isUnsigned() ? code + 4 : code, integer.getWidth() / 8};
}

static int64_t countDynamic(ArrayRef<int64_t> shape) {
  return llvm::count_if(shape, ShapedType::isDynamic);
}

namespace {
/// Builds the table within one module.
class TableBuilder {
public:
  explicit TableBuilder(llvm::Module &module)
      : module(module), b(module.getContext()), i32(b.getInt32Ty()),
        i64(b.getInt64Ty()), ptr(b.getPtrTy()),
        tensorType(llvm::StructType::get(i32, i32, i32, i32, ptr)),
        functionType(llvm::StructType::get(
            b.getContext(), {ptr, i32, i32, i32, i32, ptr, ptr, ptr, ptr})) {}

  void build(ArrayRef<FunctionSignature> functions);

private:
  /// A private constant. Its address means nothing, so that equal ones merge.
  Constant *addConstant(Constant *value);
  Constant *addArray(ArrayRef<Constant *> values, llvm::Type *type);
  Constant *describe(const TensorSignature &tensor);
  Constant *describe(const FunctionSignature &function);

  llvm::Module &module;
  llvm::IRBuilder<> b;
  llvm::Type *i32, *i64, *ptr;
  llvm::StructType *tensorType, *functionType;
};
} // namespace

Constant *TableBuilder::addConstant(Constant *value) {
  auto *global = new llvm::GlobalVariable(module, value->getType(),
                                          /*isConstant=*/true,
                                          GlobalValue::PrivateLinkage, value);
  global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return global;
}

Constant *TableBuilder::addArray(ArrayRef<Constant *> values,
                                 llvm::Type *type) {
  return addConstant(llvm::ConstantArray::get(
      llvm::ArrayType::get(type, values.size()), values));
}

/// A `struct Tensor`.
Constant *TableBuilder::describe(const TensorSignature &tensor) {
  auto [code, size] = getElementType(tensor.elementType);
  SmallVector<Constant *> shape;
  for (int64_t dim : tensor.shape)
    shape.push_back(ConstantInt::getSigned(i64, dim));
  return ConstantStruct::get(
      tensorType,
      {b.getInt32(code), b.getInt32(size), b.getInt32(tensor.shape.size()),
       b.getInt32(countDynamic(tensor.shape)), addArray(shape, i64)});
}

/// A `struct Function`.
Constant *TableBuilder::describe(const FunctionSignature &function) {
  SmallVector<Constant *> tensors;
  size_t maxRank = 0;
  for (auto &list : {function.arguments, function.results})
    for (const TensorSignature &tensor : list) {
      tensors.push_back(describe(tensor));
      maxRank = std::max(maxRank, tensor.shape.size());
    }
  Adapters adapters = emitAdapters(module, function);
  Constant *outShape = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (adapters.outShape)
    outShape = adapters.outShape;
  for (llvm::Function *adapter :
       {adapters.call, adapters.workspaceSize, adapters.outShape})
    if (adapter)
      adapter->setLinkage(GlobalValue::InternalLinkage);
  return ConstantStruct::get(
      functionType,
      {addConstant(
           llvm::ConstantDataArray::getString(b.getContext(), function.name)),
       b.getInt32(function.arguments.size()),
       b.getInt32(function.results.size()), b.getInt32(function.getNumDims()),
       b.getInt32(maxRank), addArray(tensors, tensorType), adapters.call,
       adapters.workspaceSize, outShape});
}

void TableBuilder::build(ArrayRef<FunctionSignature> functions) {
  SmallVector<Constant *> descriptions;
  for (const FunctionSignature &function : functions)
    descriptions.push_back(describe(function));
  Constant *table = ConstantStruct::getAnon(
      {b.getInt64(functions.size()), addArray(descriptions, functionType)});
  new llvm::GlobalVariable(module, table->getType(), /*isConstant=*/true,
                           GlobalValue::ExternalLinkage, table,
                           dispatchTableSymbol);
}

void owl::addDispatchTable(ArrayRef<FunctionSignature> functions,
                           llvm::Module &module) {
  TableBuilder(module).build(functions);
}
