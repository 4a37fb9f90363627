//===- CInterface.cpp - Functions that C can call -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After bufferization a model is a function from memrefs to memrefs that it
// allocates. C has neither descriptors nor results of that kind, and Owl's code
// never allocates. So each public function
//
//   func.func @f(%x: memref<?x4xf32>) -> memref<?xf32>
//
// becomes one over bare pointers (memrefs of rank 0), with the caller's buffer
// for each result, the dynamic dimensions, and one workspace for what the body
// used to allocate:
//
//   func.func @owl_f(%x: memref<f32>, %y: memref<f32>, %d0: i64,
//                    %ws: memref<i8>) -> i32
//   func.func @owl_f_workspace_size(%d0: i64) -> index
//   func.func @owl_f_out_shape(%result: i32, %d0: i64, %shape: memref<i64>)
//
// All that the last two compute, and the checks (`cf.assert`) that become the
// status, are functions of the dimensions alone: the slices of the body that
// compute them are cloned to where they are needed.
//
//===----------------------------------------------------------------------===//

#include "Entry.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_EMITCINTERFACE
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Refuses bodies that cannot be compiled.
static LogicalResult checkFunction(func::FuncOp func) {
  for (Type type : llvm::concat<const Type>(func.getArgumentTypes(),
                                            func.getResultTypes())) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (isa<ShapedType>(type) && !(buffer && buffer.getLayout().isIdentity()))
      return emitError(func.getLoc())
             << "expects a function on dense buffers, got " << type
             << ": bufferize before this pass";
  }
  if (!func.getBody().hasOneBlock())
    return func.emitOpError("expects a body of one block to compile");
  WalkResult walk = func.walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op)) {
      call.emitError("expects calls that can be inlined: '")
          << call.getCallee()
          << "' is recursive, has no body or has not been inlined";
      return WalkResult::interrupt();
    }
    if (!isa<memref::AllocOp>(op))
      return WalkResult::advance();
    // What an op does for each element has no place in the order of the
    // program: more than one may be under way.
    Operation *parent = op->getParentOp();
    while (isa<scf::SCFDialect>(parent->getDialect()))
      parent = parent->getParentOp();
    if (parent == func)
      return WalkResult::advance();
    op->emitError("expects no tensor to be allocated inside of '")
        << parent->getName() << "'";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

/// Replaces `func` by @`symbol` and the functions beside it.
static LogicalResult wrap(func::FuncOp func, StringRef symbol,
                          unsigned indexBits) {
  if (failed(checkFunction(func)))
    return failure();
  Entry entry(func, symbol, indexBits);
  func.erase();
  resolveDims(entry.getFunction());
  SmallVector<Extent> results;
  if (failed(emitOutShape(entry)) || failed(writeResults(entry, results)))
    return failure();
  FailureOr<Value> workspaceFits = placeAllocs(entry);
  if (failed(workspaceFits))
    return failure();
  return emitChecks(entry, results, *workspaceFits);
}

namespace {
struct EmitCInterface : public owl::impl::EmitCInterfaceBase<EmitCInterface> {
  using EmitCInterfaceBase::EmitCInterfaceBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (indexBits != 32 && indexBits != 64) {
      // Not module.emitError, which prints the whole module along.
      emitError(module.getLoc())
          << "expected index-bits of 32 or 64, got " << indexBits.getValue();
      return signalPassFailure();
    }
    SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
    DenseSet<StringAttr> used;
    if (auto uses = SymbolTable::getSymbolUses(module))
      for (SymbolTable::SymbolUse use : *uses)
        used.insert(use.getSymbolRef().getRootReference());
    for (func::FuncOp func : functions) {
      if (func.isPrivate()) {
        // Inlined wherever it was called, or never called at all.
        if (!used.contains(func.getSymNameAttr()))
          func.erase();
        continue;
      }
      std::string symbol = symbolPrefix + func.getSymName().str();
      if (failed(wrap(func, symbol, indexBits)))
        return signalPassFailure();
    }
  }
};
} // namespace
