//===- OutlineTasks.cpp - Regions of parallel loops become functions ------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns each owl.parallel_for into a function and an owl.parallel_call.
//
//===----------------------------------------------------------------------===//

#include "../BarePointers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Transforms/RegionUtils.h"
#include "owl/Conversion/Passes.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "owl/Support/Threads.h"

namespace mlir::owl {
#define GEN_PASS_DEF_OUTLINETASKS
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;

/// Whether `op` is made again in a task: constants, also those in memory, views
/// of buffers, and f16 and bf16 made of bits, which some targets cannot pass
/// without a library.
static bool isMadeAgain(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         (isMemoryEffectFree(op) &&
          isa<ViewLikeOpInterface, UnrealizedConversionCastOp,
              memref::GetGlobalOp, arith::BitcastOp>(op));
}

/// Replaces argument `number` of `region`, a buffer that stands for `outside`,
/// by ones for its base and for those of its offset, sizes and strides that are
/// not known; they are appended to `captures`.
static void passParts(IRRewriter &rewriter, Region &region, unsigned number,
                      SmallVectorImpl<Value> &captures, Operation *op) {
  Location loc = op->getLoc();
  Value outside = captures[number - 1];
  rewriter.setInsertionPoint(op);
  auto parts = memref::ExtractStridedMetadataOp::create(rewriter, loc, outside);
  auto pass = [&](Value value) -> Value {
    captures.push_back(value);
    return region.addArgument(value.getType(), loc);
  };
  auto passAll = [&](SmallVector<OpFoldResult> values) {
    for (OpFoldResult &value : values)
      if (auto dynamic = dyn_cast<Value>(value))
        value = pass(dynamic);
    return values;
  };
  Value base = pass(parts.getBaseBuffer());
  OpFoldResult offset = passAll({parts.getConstifiedMixedOffset()}).front();
  SmallVector<OpFoldResult> sizes = passAll(parts.getConstifiedMixedSizes());
  SmallVector<OpFoldResult> strides =
      passAll(parts.getConstifiedMixedStrides());
  rewriter.setInsertionPointToStart(&region.front());
  Value inside = memref::ReinterpretCastOp::create(
      rewriter, loc, cast<MemRefType>(outside.getType()), base, offset, sizes,
      strides);
  region.getArgument(number).replaceAllUsesWith(inside);
  region.eraseArgument(number);
  captures.erase(captures.begin() + number - 1);
}

/// Makes again in `region` what is to be made again.
static void makeAgain(IRRewriter &rewriter, Region &region) {
  for (bool found = true; found;) {
    found = false;
    SetVector<Value> used;
    getUsedValuesDefinedAbove(region, used);
    for (Value value : used) {
      Operation *op = value.getDefiningOp();
      if (!op || !isMadeAgain(op))
        continue;
      rewriter.setInsertionPointToStart(&region.front());
      Operation *copy = rewriter.clone(*op);
      for (auto [from, to] :
           llvm::zip_equal(op->getResults(), copy->getResults()))
        replaceAllUsesInRegionWith(from, to, region);
      found = true;
    }
  }
}

/// Makes all that `op` uses an argument of its region.
static SmallVector<Value> isolate(IRRewriter &rewriter, ParallelForOp op) {
  Region &region = op.getBody();
  makeAgain(rewriter, region);
  SetVector<Value> used;
  getUsedValuesDefinedAbove(region, used);
  SmallVector<Value> captures = used.takeVector();
  for (Value value : captures)
    replaceAllUsesInRegionWith(
        value, region.addArgument(value.getType(), op.getLoc()), region);
  for (unsigned number = captures.size(); number > 0; --number)
    if (!isPassable(captures[number - 1].getType()))
      passParts(rewriter, region, number, captures, op);
  return captures;
}

/// Whether nothing but views of `memory` points to it.
static bool isOwn(Value memory) {
  if (auto argument = dyn_cast<BlockArgument>(memory)) {
    auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
    return function &&
           function.getArgAttr(argument.getArgNumber(),
                               LLVM::LLVMDialect::getNoAliasAttrName());
  }
  return memory.getDefiningOp<memref::AllocaOp>() != nullptr;
}

/// Those of `captures` that point to memory which no other one points to.
static SmallVector<unsigned> getUnaliased(func::FuncOp function,
                                          ValueRange captures) {
  BufferViewFlowAnalysis analysis(function);
  // What each may point into, and how many point there.
  SmallVector<std::pair<unsigned, SmallVector<Value>>> origins;
  DenseMap<Value, unsigned> uses;
  for (auto [number, value] : llvm::enumerate(captures)) {
    if (!isa<MemRefType>(value.getType()))
      continue;
    auto &[_, memories] = origins.emplace_back(number, SmallVector<Value>());
    for (Value memory : analysis.resolveReverse(value)) {
      if (!analysis.mayBeTerminalBuffer(memory))
        continue;
      memories.push_back(memory);
      ++uses[memory];
    }
  }
  // What is no own memory may be anywhere.
  if (llvm::any_of(uses, [](auto &use) { return !isOwn(use.first); }))
    return {};
  SmallVector<unsigned> unaliased;
  for (auto &[number, memories] : origins)
    if (llvm::all_of(memories, [&](Value memory) { return uses[memory] == 1; }))
      unaliased.push_back(number);
  return unaliased;
}

/// Moves the region of `op` into a function; arguments are `captures`.
static func::FuncOp outline(IRRewriter &rewriter, ParallelForOp op,
                            ValueRange captures, SymbolTable &symbols) {
  auto parent = op->getParentOfType<func::FuncOp>();
  Region &region = op.getBody();
  rewriter.setInsertionPoint(parent);
  auto function = func::FuncOp::create(
      rewriter, op.getLoc(), parent.getSymName().str() + ".task",
      rewriter.getFunctionType(region.getArgumentTypes(), {}));
  function.setPrivate();
  function->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(op.getContext(), LLVM::Linkage::Internal));
  symbols.insert(function);

  // What the caller promises of the pointers it gives holds here as well.
  for (unsigned number : getUnaliased(parent, captures))
    function.setArgAttr(number + 1, LLVM::LLVMDialect::getNoAliasAttrName(),
                        rewriter.getUnitAttr());

  function.getBody().takeBody(region);
  Operation *yield = function.getBody().front().getTerminator();
  rewriter.setInsertionPoint(yield);
  rewriter.replaceOpWithNewOp<func::ReturnOp>(yield);
  return function;
}

static void convert(IRRewriter &rewriter, ParallelForOp op,
                    SymbolTable &symbols) {
  Location loc = op.getLoc();
  SmallVector<Value> captures = isolate(rewriter, op);
  func::FuncOp function = outline(rewriter, op, captures, symbols);
  rewriter.setInsertionPoint(op);
  auto callAll = [&](OpBuilder &b, Location loc) {
    ParallelCallOp::create(b, loc, function.getSymName(), op.getCount(),
                           captures);
  };
  std::optional<int64_t> count = getConstantIntValue(op.getCount());
  if (count && *count > 1) {
    callAll(rewriter, loc);
  } else {
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value several = arith::CmpIOp::create(
        rewriter, loc, arith::CmpIPredicate::ugt, op.getCount(), one);
    scf::IfOp::create(
        rewriter, loc, several,
        [&](OpBuilder &b, Location loc) {
          callAll(b, loc);
          scf::YieldOp::create(b, loc);
        },
        [&](OpBuilder &b, Location loc) {
          SmallVector<Value> operands = {
              arith::ConstantIndexOp::create(b, loc, 0)};
          llvm::append_range(operands, captures);
          func::CallOp::create(b, loc, function, operands);
          scf::YieldOp::create(b, loc);
        });
  }
  rewriter.eraseOp(op);
}

namespace {
struct OutlineTasks : public owl::impl::OutlineTasksBase<OutlineTasks> {
  using OutlineTasksBase::OutlineTasksBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<ParallelForOp> ops;
    module.walk([&](ParallelForOp op) { ops.push_back(op); });
    if (ops.empty())
      return;
    SymbolTable symbols(module);
    if (Operation *other = symbols.lookup(kParallelForHook)) {
      other->emitError("expects another name for a function than that of the "
                       "hook for threads, '")
          << kParallelForHook << "'";
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    for (ParallelForOp op : ops)
      convert(rewriter, op, symbols);
  }
};
} // namespace
