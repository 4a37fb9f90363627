//===- Lifetimes.cpp - From where to where a buffer is needed -------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Lifetimes.h.
//
//===----------------------------------------------------------------------===//

#include "Lifetimes.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::owl;

/// All that may be, or lie in, `buffer`. The analysis knows how buffers flow
/// through loops and branches. Of any other op that takes one, each memref it
/// gives is taken to alias it.
static SetVector<Value> getAliases(Value buffer,
                                   const BufferViewFlowAnalysis &analysis) {
  SetVector<Value> aliases;
  aliases.insert(buffer);
  for (size_t i = 0; i < aliases.size(); ++i) {
    Value alias = aliases[i];
    auto flow = analysis.find(alias);
    if (flow != analysis.end())
      aliases.insert(flow->second.begin(), flow->second.end());
    for (Operation *user : alias.getUsers())
      if (!isa<RegionBranchOpInterface>(user))
        for (Value result : user->getResults())
          if (isa<BaseMemRefType>(result.getType()))
            aliases.insert(result);
  }
  return aliases;
}

FailureOr<SmallVector<Lifetime>>
owl::getLifetimes(func::FuncOp func, ArrayRef<memref::AllocOp> allocs) {
  Block &body = func.getBody().front();
  DenseMap<Operation *, unsigned> positions;
  for (Operation &op : body)
    positions[&op] = positions.size();
  BufferViewFlowAnalysis analysis(func);

  SmallVector<Lifetime> lifetimes;
  for (memref::AllocOp alloc : allocs) {
    std::optional<Lifetime> lifetime;
    for (Value alias : getAliases(alloc, analysis)) {
      // What goes round a loop is there before the next one is allocated.
      auto argument = dyn_cast<BlockArgument>(alias);
      if (argument && argument.getOwner()->findAncestorOpInBlock(*alloc)) {
        InFlightDiagnostic diag = alloc.emitError(
            "expects no tensor to be allocated inside of the loop that carries "
            "it");
        diag.attachNote(argument.getOwner()->getParentOp()->getLoc())
            << "the loop";
        return diag;
      }
      for (Operation *user : alias.getUsers()) {
        // Views, casts and what only asks for sizes.
        if (isMemoryEffectFree(user))
          continue;
        unsigned position = positions.at(body.findAncestorOpInBlock(*user));
        if (!lifetime)
          lifetime = {position, position};
        lifetime->first = std::min(lifetime->first, position);
        lifetime->last = std::max(lifetime->last, position);
      }
    }
    unsigned own = positions.at(body.findAncestorOpInBlock(*alloc));
    lifetimes.push_back(lifetime.value_or(Lifetime{own, own}));
  }
  return lifetimes;
}
