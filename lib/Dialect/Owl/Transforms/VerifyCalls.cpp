//===- VerifyCalls.cpp - What of calls can be compiled --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every call is inlined. A function that calls the one before it twice is short
// and makes twice as much of it: what a chain of them makes is counted on the
// call graph, before it is made.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "mlir/Analysis/CallGraph.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// More ops than a model that takes minutes to compile.
static constexpr uint64_t kMaxOps = 100000;

LogicalResult owl::verifyCalls(ModuleOp module) {
  CallGraph graph(module);
  SymbolTableCollection symbols;
  // How many ops a function has with all that it calls.
  DenseMap<CallGraphNode *, uint64_t> sizes;
  uint64_t total = 0;
  // What is called comes before what calls it.
  const CallGraph *root = &graph;
  for (auto scc = llvm::scc_begin(root); !scc.isAtEnd(); ++scc) {
    for (CallGraphNode *node : *scc) {
      if (node->isExternal())
        continue;
      uint64_t size = 0;
      bool calls = false;
      WalkResult walk =
          node->getCallableRegion()->walk([&](Operation *op) -> WalkResult {
            ++size;
            auto call = dyn_cast<func::CallOp>(op);
            if (!call)
              return WalkResult::advance();
            calls = true;
            CallGraphNode *callee = graph.resolveCallable(call, symbols);
            auto known = sizes.find(callee);
            if (known == sizes.end())
              return call.emitError("expects calls that can be inlined: '")
                     << call.getCallee() << "' "
                     << (callee->isExternal() ? "has no body" : "is recursive");
            size = llvm::SaturatingAdd(size, known->second);
            return WalkResult::advance();
          });
      if (walk.wasInterrupted())
        return failure();
      sizes[node] = size;
      if (calls)
        total = llvm::SaturatingAdd(total, size);
      if (total > kMaxOps)
        return mlir::emitError(node->getCallableRegion()->getLoc())
               << "expects calls that make at most " << kMaxOps
               << " ops of the module when they are inlined";
    }
  }
  return success();
}
