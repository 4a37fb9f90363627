//===- InterleaveRows.cpp - Short rows side by side -----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See InterleaveRows.h.
//
//===----------------------------------------------------------------------===//

#include "InterleaveRows.h"
#include "PackRows.h"
#include "mlir/Dialect/Affine/Analysis/AffineAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineValueMap.h"
#include "mlir/Dialect/Affine/LoopUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::owl;
using namespace mlir::affine;

/// Whether `op` compares, which for floats takes a few instructions that wait
/// for each other.
static bool compares(Operation &op) {
  if (auto reduction = dyn_cast<vector::ReductionOp>(op))
    return !llvm::is_contained(
        {vector::CombiningKind::ADD, vector::CombiningKind::MUL,
         vector::CombiningKind::AND, vector::CombiningKind::OR,
         vector::CombiningKind::XOR},
        reduction.getKind());
  return isa<arith::SelectOp, arith::MaximumFOp, arith::MinimumFOp>(op);
}

bool owl::waitsForLanes(AffineForOp loop) {
  bool isChain = false, hasComparisons = false, hasFunctions = false;
  DenseSet<Value> combined;
  for (Operation &op : *loop.getBody()) {
    if (op.getNumRegions() > 0)
      return false;
    bool isOfCombined = llvm::any_of(op.getOperands(), [&](Value operand) {
      return combined.contains(operand);
    });
    isChain |= isa<vector::BroadcastOp>(op) && isOfCombined;
    hasFunctions |= isa_and_present<math::MathDialect>(op.getDialect());
    hasComparisons |= compares(op);
    if (isOfCombined || isa<vector::ReductionOp, vector::ExtractOp>(op))
      combined.insert(op.result_begin(), op.result_end());
  }
  return isChain || (!combined.empty() && hasComparisons && !hasFunctions);
}

void owl::interleave(AffineForOp loop, unsigned factor) {
  SmallVector<SmallVector<Operation *>> iterations(factor);
  auto record = [&](unsigned i, Operation *op, OpBuilder) {
    iterations[i].push_back(op);
  };
  Block *body = loop.getBody();
  auto next = std::next(loop->getIterator());
  if (failed(loopUnrollByFactor(loop, factor, record)))
    return;
  // What is not recorded are the indices of iterations, which stay in front.
  for (size_t i = 0, end = iterations.front().size(); i < end; ++i)
    for (ArrayRef<Operation *> iteration : iterations)
      iteration[i]->moveBefore(body->getTerminator());
  packRows(iterations);
  // What remains gives the same bits.
  for (Operation &op : llvm::make_early_inc_range(
           llvm::make_range(std::next(loop->getIterator()), next)))
    op.walk(combineInHalves);
}

/// What `access` loads or stores.
static Value getAccessed(const MemRefAccess &access) {
  if (auto store = dyn_cast<AffineWriteOpInterface>(access.opInst))
    return store.getValueToStore();
  return cast<AffineReadOpInterface>(access.opInst).getValue();
}

/// Whether both are of the same elements.
static bool isSame(const MemRefAccess &x, const MemRefAccess &y) {
  return getAccessed(x).getType() == getAccessed(y).getType() && x == y;
}

/// Whether no element of one buffer is in both.
static bool isDisjoint(const MemRefAccess &x, const MemRefAccess &y) {
  AffineValueMap indicesX, indicesY, difference;
  x.getAccessMap(&indicesX);
  y.getAccessMap(&indicesY);
  AffineValueMap::difference(indicesY, indicesX, &difference);
  auto getLength = [](const MemRefAccess &access) -> int64_t {
    auto vector = dyn_cast<VectorType>(getAccessed(access).getType());
    return vector ? vector.getNumElements() : 1;
  };
  ArrayRef<AffineExpr> distances = difference.getAffineMap().getResults();
  for (auto [dim, expr] : llvm::enumerate(distances)) {
    auto distance = dyn_cast<AffineConstantExpr>(expr);
    // A vector lies along the last dimension.
    bool isLast = dim + 1 == distances.size();
    if (distance && (distance.getValue() >= (isLast ? getLength(x) : 1) ||
                     -distance.getValue() >= (isLast ? getLength(y) : 1)))
      return true;
  }
  return false;
}

/// Forwards what is stored to `buffer` to its loads, if all loads are of what
/// one store before them has stored, and nothing else is done with it.
static void forwardStores(Value buffer, Block *body) {
  SmallVector<MemRefAccess> accesses;
  for (Operation *user : buffer.getUsers()) {
    if (user->getBlock() != body ||
        !isa<AffineReadOpInterface, AffineWriteOpInterface>(user))
      return;
    // Not as the value that is stored, either.
    if (accesses.emplace_back(user).memref != buffer)
      return;
  }
  llvm::sort(accesses, [](const MemRefAccess &x, const MemRefAccess &y) {
    return x.opInst->isBeforeInBlock(y.opInst);
  });
  // The store whose value each load gets.
  SmallVector<std::pair<Operation *, AffineWriteOpInterface>> forwarded;
  for (auto [i, access] : llvm::enumerate(accesses)) {
    AffineWriteOpInterface last;
    for (const MemRefAccess &earlier : ArrayRef(accesses).take_front(i)) {
      bool areSame = isSame(access, earlier);
      if (areSame && earlier.isStore())
        last = cast<AffineWriteOpInterface>(earlier.opInst);
      else if (!areSame && !isDisjoint(access, earlier))
        return;
    }
    if (access.isStore())
      continue;
    if (!last)
      return;
    forwarded.emplace_back(access.opInst, last);
  }
  for (auto [load, store] : forwarded)
    load->getResult(0).replaceAllUsesWith(store.getValueToStore());
  for (const MemRefAccess &access : accesses)
    access.opInst->erase();
  buffer.getDefiningOp()->erase();
}

void owl::forwardStores(AffineForOp loop) {
  SetVector<Value> buffers;
  for (Operation &op : *loop.getBody())
    if (auto store = dyn_cast<AffineWriteOpInterface>(op))
      if (store.getMemRef().getDefiningOp<memref::AllocaOp>() ||
          store.getMemRef().getDefiningOp<memref::AllocOp>())
        buffers.insert(store.getMemRef());
  for (Value buffer : buffers)
    ::forwardStores(buffer, loop.getBody());
}
