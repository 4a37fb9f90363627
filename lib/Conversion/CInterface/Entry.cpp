//===- Entry.cpp - The function that C calls ------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Entry.h.
//
//===----------------------------------------------------------------------===//

#include "Entry.h"
#include "Pointers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

Entry::Entry(func::FuncOp func, StringRef symbol, unsigned indexBits)
    : argumentTypes(func.getArgumentTypes()),
      resultTypes(func.getResultTypes()), maxBytes(llvm::maxIntN(indexBits)) {
  OpBuilder b(func);
  SmallVector<Type> types;
  for (Type type : llvm::concat<Type>(argumentTypes, resultTypes))
    types.push_back(getPointerType(type));
  for (Type type : argumentTypes)
    if (auto memref = dyn_cast<MemRefType>(type))
      numDims += memref.getNumDynamicDims();
  types.append(numDims, b.getI64Type());
  types.push_back(MemRefType::get({}, b.getI8Type()));

  Location loc = func.getLoc();
  function = func::FuncOp::create(b, loc, symbol,
                                  b.getFunctionType(types, b.getI32Type()));
  // No two buffers of a call overlap: that is in the contract.
  for (size_t i = 0; i < types.size(); ++i)
    if (isa<MemRefType>(types[i]))
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          b.getUnitAttr());
  function.getBody().takeBody(func.getBody());
  size_t numOldArguments = argumentTypes.size();
  for (Type type : types)
    getBody().addArgument(type, loc);
  viewArguments(b, numOldArguments);
  getBody().eraseArguments(0, numOldArguments);
  exposeResultDims(b);
}

void Entry::viewArguments(OpBuilder &b, size_t numOldArguments) {
  Location loc = function.getLoc();
  Block &body = getBody();
  b.setInsertionPointToStart(&body);
  SmallVector<Value> dims;
  for (size_t i = 0; i < numDims; ++i)
    dims.push_back(arith::IndexCastOp::create(
        b, loc, b.getIndexType(),
        body.getArgument(numOldArguments + argumentTypes.size() +
                         resultTypes.size() + i)));
  ArrayRef<Value> nextDims(dims);
  for (size_t i = 0; i < numOldArguments; ++i) {
    Value pointer = body.getArgument(numOldArguments + i);
    Value view;
    if (auto type = dyn_cast<MemRefType>(argumentTypes[i])) {
      size_t count = type.getNumDynamicDims();
      view = viewPointer(b, loc, pointer, type, nextDims.take_front(count));
      nextDims = nextDims.drop_front(count);
    } else {
      view = memref::LoadOp::create(b, loc, pointer);
      if (argumentTypes[i].isIndex())
        view = arith::IndexCastOp::create(b, loc, b.getIndexType(), view);
    }
    body.getArgument(i).replaceAllUsesWith(view);
  }
}

void Entry::exposeResultDims(OpBuilder &b) {
  func::ReturnOp returnOp = getReturn();
  b.setInsertionPoint(returnOp);
  SmallVector<Value> dims;
  for (Value result : returnOp.getOperands()) {
    auto type = dyn_cast<MemRefType>(result.getType());
    for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        dims.push_back(
            memref::DimOp::create(b, function.getLoc(), result, dim));
  }
  returnOp->insertOperands(returnOp->getNumOperands(), dims);
}

func::FuncOp Entry::createShapeFunction(OpBuilder &b, StringRef suffix,
                                        ArrayRef<Type> before,
                                        ArrayRef<Type> after,
                                        TypeRange results) {
  SmallVector<Type> types(before);
  types.append(numDims, b.getI64Type());
  llvm::append_range(types, after);
  b.setInsertionPointAfter(function);
  auto target = func::FuncOp::create(b, function.getLoc(),
                                     function.getSymName().str() + suffix.str(),
                                     b.getFunctionType(types, results));
  b.setInsertionPointToStart(target.addEntryBlock());
  return target;
}

ShapeSlicer Entry::createSlicer(OpBuilder &b, ValueRange dims) {
  ShapeSlicer slicer(b);
  for (auto [from, to] : llvm::zip_equal(getDims(), dims))
    slicer.map(from, to);
  return slicer;
}
