//===- VerifyCalls.cpp - What of calls can be compiled --------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every call is inlined. A function that calls the one before it twice is short
// and makes twice as much of it: what a chain of them makes is counted on the
// call graph, before it is made. So are the loops that come to be nested in one
// another.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"
#include "mlir/Analysis/CallGraph.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// More ops than a model that takes minutes to compile.
static constexpr uint64_t kMaxOps = 100000;

/// Upstream's analysis of what loops carry takes twice as long for each one
/// more that they are nested in.
static constexpr unsigned kMaxLoops = 16;

static bool carriesTensors(Operation *op) {
  return isa<scf::ForOp>(op) &&
         llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
}

/// The loops of `region` that carry tensors and that `op` lies in, or is.
static unsigned countLoops(Operation *op, Region *region) {
  unsigned count = 0;
  for (; op != region->getParentOp(); op = op->getParentOp())
    count += carriesTensors(op);
  return count;
}

namespace {
/// Of a function with all that it calls.
struct Extent {
  uint64_t numOps = 0;
  /// The most loops that carry tensors, each in the one before.
  unsigned numLoops = 0;
};
} // namespace

LogicalResult owl::verifyCalls(ModuleOp module) {
  CallGraph graph(module);
  SymbolTableCollection symbols;
  DenseMap<CallGraphNode *, Extent> extents;
  uint64_t total = 0;
  // What is called comes before what calls it.
  const CallGraph *root = &graph;
  for (auto scc = llvm::scc_begin(root); !scc.isAtEnd(); ++scc) {
    for (CallGraphNode *node : *scc) {
      if (node->isExternal())
        continue;
      Region *region = node->getCallableRegion();
      Extent extent;
      bool calls = false;
      WalkResult walk = region->walk([&](Operation *op) -> WalkResult {
        ++extent.numOps;
        unsigned numLoops = 0;
        if (auto call = dyn_cast<func::CallOp>(op)) {
          calls = true;
          CallGraphNode *callee = graph.resolveCallable(call, symbols);
          auto known = extents.find(callee);
          if (known == extents.end())
            return call.emitError("expects calls that can be inlined: '")
                   << call.getCallee() << "' "
                   << (callee->isExternal() ? "has no body" : "is recursive");
          extent.numOps =
              llvm::SaturatingAdd(extent.numOps, known->second.numOps);
          if (known->second.numLoops != 0)
            numLoops = known->second.numLoops + countLoops(op, region);
        } else if (carriesTensors(op)) {
          numLoops = countLoops(op, region);
        }
        extent.numLoops = std::max(extent.numLoops, numLoops);
        if (numLoops > kMaxLoops)
          // Not the op, which may be all of the loops.
          return mlir::emitError(op->getLoc())
                 << "expects at most " << kMaxLoops
                 << " loops that carry tensors, each in the one before, got "
                 << numLoops;
        return WalkResult::advance();
      });
      if (walk.wasInterrupted())
        return failure();
      extents[node] = extent;
      // Private functions are gone when all of their calls are inlined.
      auto func = dyn_cast<FunctionOpInterface>(region->getParentOp());
      if (calls && (!func || func.isPublic()))
        total = llvm::SaturatingAdd(total, extent.numOps);
      if (std::max(total, calls ? extent.numOps : 0) > kMaxOps)
        return mlir::emitError(region->getLoc())
               << "expects calls that make at most " << kMaxOps
               << " ops of the module when they are inlined";
    }
  }
  return success();
}
