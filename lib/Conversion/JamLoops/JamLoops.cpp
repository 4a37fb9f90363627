//===- JamLoops.cpp - Several points share what reductions read -----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix product or a convolution reads the same vectors of weights for each
// point of its result. Iterations of a loop around the reduction become one, so
// that it reads them once for several points, whose accumulators are in
// registers side by side:
//
//   for w { for f by 16 {                   for w by 4 { for f by 16 {
//     a = for k { a + x[w, k] * v[k, f] }     a0, .. a3 = for k {
//     y[w, f] = a                               a0 + x[w, k] * v[k, f] ..
//   } }                                         a3 + x[w + 3, k] * v[k, f]
//                                             }
//                                             y[w, f] = a0 ..
//                                           } }
//
//===----------------------------------------------------------------------===//

#include "InterleaveRows.h"
#include "mlir/Dialect/Affine/Analysis/LoopAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/IR/AffineValueMap.h"
#include "mlir/Dialect/Affine/LoopUtils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "owl/Conversion/Passes.h"

namespace mlir::owl {
#define GEN_PASS_DEF_JAMLOOPS
#include "owl/Conversion/Passes.h.inc"
} // namespace mlir::owl

using namespace mlir;
using namespace mlir::owl;
using namespace mlir::affine;

/// Whether `value` is computed from `iv`.
static bool dependsOn(Value value, Value iv) {
  if (value == iv)
    return true;
  auto apply = value.getDefiningOp<AffineApplyOp>();
  return apply && llvm::any_of(apply.getOperands(), [&](Value operand) {
           return dependsOn(operand, iv);
         });
}

static bool dependsOn(OperandRange values, Value iv) {
  return llvm::any_of(values,
                      [&](Value value) { return dependsOn(value, iv); });
}

/// So many vectors of one tensor in straight code are a reduction.
static constexpr unsigned kWindow = 3;

/// Whether the innermost loop `loop` reduces vectors that are the same at each
/// iteration of the loop over `iv`, with scalars, rows or windows that are not.
static bool sharesVectors(AffineForOp loop, Value iv) {
  bool reduces = loop.getNumIterOperands() > 0, hasScalars = false;
  DenseMap<Value, unsigned> shared, other;
  for (Operation &op : *loop.getBody()) {
    if (auto load = dyn_cast<AffineVectorLoadOp>(op))
      ++(dependsOn(load.getMapOperands(), iv) ? other
                                              : shared)[load.getMemRef()];
    else if (auto load = dyn_cast<AffineLoadOp>(op))
      hasScalars |= dependsOn(load.getMapOperands(), iv);
  }
  auto hasWindow = [](auto &counts) {
    return llvm::any_of(counts,
                        [](auto &entry) { return entry.second >= kWindow; });
  };
  if (reduces && !shared.empty())
    return other.empty() ? hasScalars : other.size() == 1;
  return hasWindow(shared) && hasWindow(other);
}

/// How much `index`, which has one result, grows from one iteration of `loop`
/// to the next; 0 if it does not, not always by as much, or changes inside.
static int64_t getStep(const AffineValueMap &index, AffineForOp loop) {
  AffineExpr expr = index.getAffineMap().getResult(0), next = expr;
  MLIRContext *context = expr.getContext();
  for (auto [i, operand] : llvm::enumerate(index.getOperands())) {
    if (operand == loop.getInductionVar()) {
      AffineExpr iv = getAffineDimExpr(i, context);
      next = next.replace(iv, iv + loop.getStepAsInt());
    } else if (!loop.isDefinedOutsideOfLoop(operand)) {
      return 0;
    }
  }
  AffineExpr step = simplifyAffineExpr(next - expr, index.getNumDims(),
                                       index.getNumSymbols());
  auto constant = dyn_cast<AffineConstantExpr>(step);
  return constant ? constant.getValue() : 0;
}

/// A dimension of a buffer, and the index there.
using Place = std::tuple<Value, unsigned, AffineValueMap>;

/// Where in `buffer` each iteration of `loop` stores a value of `type` at
/// another index, further on than that is long.
static std::optional<Place> getOwnPlace(Value buffer, Type type, AffineMap map,
                                        ValueRange operands, AffineForOp loop) {
  auto vector = dyn_cast<VectorType>(type);
  for (unsigned i = 0, end = map.getNumResults(); i < end; ++i) {
    AffineValueMap index(map.getSubMap({i}), operands);
    index.composeSimplifyAndCanonicalize();
    int64_t length = vector && i + 1 == end ? vector.getNumElements() : 1;
    if (std::abs(getStep(index, loop)) >= length)
      return Place(buffer, i, index);
  }
  return std::nullopt;
}

/// Whether iterations of `loop` can run side by side: each stores elsewhere
/// what none of them loads, all to one buffer at the same place, and their
/// loops run as often.
static bool canJam(AffineForOp loop) {
  Value iv = loop.getInductionVar();
  DenseSet<Value> loaded;
  DenseMap<Value, Place> stored;
  auto addStore = [&](MemrefValue buffer, Value value, AffineMap map,
                      ValueRange indices) {
    auto place = getOwnPlace(buffer, value.getType(), map, indices, loop);
    if (!place)
      return WalkResult::interrupt();
    auto [it, isNew] =
        stored.try_emplace(memref::skipViewLikeOps(buffer), *place);
    return it->second == *place ? WalkResult::advance()
                                : WalkResult::interrupt();
  };
  WalkResult walk = loop.getBody()->walk([&](Operation *op) {
    if (auto load = dyn_cast<AffineReadOpInterface>(op)) {
      loaded.insert(
          memref::skipViewLikeOps(cast<MemrefValue>(load.getMemRef())));
    } else if (auto store = dyn_cast<AffineWriteOpInterface>(op)) {
      return addStore(cast<MemrefValue>(store.getMemRef()),
                      store.getValueToStore(), store.getAffineMap(),
                      store.getMapOperands());
    } else if (auto store = dyn_cast<vector::StoreOp>(op)) {
      // Past the caches.
      return addStore(store.getBase(), store.getValueToStore(),
                      AffineMap::getMultiDimIdentityMap(
                          store.getIndices().size(), op->getContext()),
                      store.getIndices());
    } else if (auto inner = dyn_cast<AffineForOp>(op)) {
      if (dependsOn(inner.getLowerBoundOperands(), iv) ||
          dependsOn(inner.getUpperBoundOperands(), iv))
        return WalkResult::interrupt();
    } else if (!isa<AffinePrefetchOp, memref::PrefetchOp>(op) &&
               !isMemoryEffectFree(op)) {
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return !walk.wasInterrupted() && llvm::none_of(stored, [&](auto &entry) {
    return loaded.contains(entry.first);
  });
}

/// The innermost loop around `innermost` of which iterations share the vectors
/// that it reads; null if there is none, or they cannot run side by side.
static AffineForOp findJam(AffineForOp innermost) {
  for (auto loop = innermost->getParentOfType<AffineForOp>(); loop;
       loop = loop->getParentOfType<AffineForOp>())
    if (loop.getNumIterOperands() == 0 &&
        sharesVectors(innermost, loop.getInductionVar()))
      return canJam(loop) ? loop : AffineForOp();
  return {};
}

namespace {
struct JamLoops : public owl::impl::JamLoopsBase<JamLoops> {
  using JamLoopsBase::JamLoopsBase;

  void runOnOperation() override {
    if (factor == 0) {
      emitError(getOperation().getLoc(), "expected a factor of 1 or more");
      return signalPassFailure();
    }
    if (factor == 1)
      return;
    llvm::SetVector<Operation *> loops;
    getOperation()->walk([&](AffineForOp innermost) {
      if (innermost.getBody()->getOps<AffineForOp>().empty())
        if (AffineForOp loop = findJam(innermost))
          loops.insert(loop);
    });
    SmallVector<AffineForOp> rows;
    getOperation()->walk<WalkOrder::PreOrder>([&](AffineForOp loop) {
      // These have the copies that they need.
      if (loops.contains(loop))
        return WalkResult::skip();
      // Two iterations of what it becomes at least.
      uint64_t least = uint64_t(2) * factor;
      if (loop.getNumIterOperands() == 0 && waitsForLanes(loop) &&
          getConstantTripCount(loop).value_or(least) >= least)
        rows.push_back(loop);
      return WalkResult::advance();
    });
    for (AffineForOp loop : rows) {
      forwardStores(loop);
      if (canJam(loop))
        interleave(loop, factor);
    }
    for (Operation *loop : loops)
      // What is jammed already has loops inside that are gone.
      (void)loopUnrollJamByFactor(cast<AffineForOp>(loop), factor);
  }
};
} // namespace
