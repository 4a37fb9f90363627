//===- ParallelOps.cpp - Work for several threads -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The verifiers of `owl.parallel_for` and `owl.parallel_call`.
//
//===----------------------------------------------------------------------===//

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "owl/Dialect/Owl/IR/Owl.h"

using namespace mlir;
using namespace mlir::owl;

LogicalResult ParallelForOp::verifyRegions() {
  if (getBody().getNumArguments() != 1 || !getTask().getType().isIndex())
    return emitOpError("expects a region of one index, the number of the task");
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (!yield.getValues().empty())
    return emitOpError("expects a region that yields nothing");
  return success();
}

LogicalResult
ParallelCallOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  auto function = symbolTable.lookupNearestSymbolFrom<FunctionOpInterface>(
      *this, getCalleeAttr());
  if (!function)
    return emitOpError("expects a function, got ") << getCalleeAttr();
  SmallVector<Type> expected = {IndexType::get(getContext())};
  llvm::append_range(expected, getCaptures().getTypes());
  if (function.getArgumentTypes() != ArrayRef<Type>(expected) ||
      function.getNumResults() != 0)
    return emitOpError("expects a function of ")
           << TypeRange(expected) << " without results, got " << getCalleeAttr()
           << " of " << function.getArgumentTypes();
  return success();
}
