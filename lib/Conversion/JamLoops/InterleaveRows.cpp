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
  auto first = llvm::map_to_vector(loop.getBody()->without_terminator(),
                                   [](Operation &op) { return &op; });
  // Of the first there is no copy.
  SmallVector<SmallVector<Operation *>> copies(factor);
  auto record = [&](unsigned i, Operation *op, OpBuilder) {
    copies[i].push_back(op);
  };
  Block *body = loop.getBody();
  if (failed(loopUnrollByFactor(loop, factor, record)))
    return;
  DenseSet<Operation *> copied(first.begin(), first.end());
  for (ArrayRef<Operation *> copy : copies)
    copied.insert(copy.begin(), copy.end());
  // What is left are the indices of the copies, which any op may need.
  for (Operation &op : llvm::make_early_inc_range(body->without_terminator()))
    if (!copied.contains(&op))
      op.moveBefore(body, body->begin());
  for (auto [i, op] : llvm::enumerate(first)) {
    Operation *last = op;
    for (ArrayRef<Operation *> copy : ArrayRef(copies).drop_front()) {
      copy[i]->moveAfter(last);
      last = copy[i];
    }
  }
}

namespace {
/// A load or a store of a buffer.
struct Access {
  explicit Access(Operation *op);

  /// Whether both are of the same elements.
  bool isSame(const Access &other) const;
  bool isDisjoint(const Access &other) const;

  Operation *op;
  /// What is stored, or loaded.
  Value value;
  bool isStore = false;
  AffineValueMap indices;
};
} // namespace

Access::Access(Operation *op) : op(op) {
  if (auto load = dyn_cast<AffineReadOpInterface>(op)) {
    value = load.getValue();
    indices.reset(load.getAffineMap(), load.getMapOperands());
  } else if (auto store = dyn_cast<AffineWriteOpInterface>(op)) {
    value = store.getValueToStore();
    isStore = true;
    indices.reset(store.getAffineMap(), store.getMapOperands());
  }
}

/// How far each index of `y` is from that of `x`, where that is always the
/// same.
static SmallVector<std::optional<int64_t>>
getDistances(const AffineValueMap &x, const AffineValueMap &y) {
  AffineValueMap difference;
  AffineValueMap::difference(y, x, &difference);
  return llvm::map_to_vector(
      difference.getAffineMap().getResults(),
      [](AffineExpr expr) -> std::optional<int64_t> {
        auto constant = dyn_cast<AffineConstantExpr>(expr);
        return constant ? std::optional(constant.getValue()) : std::nullopt;
      });
}

bool Access::isSame(const Access &other) const {
  return value.getType() == other.value.getType() &&
         llvm::all_of(getDistances(indices, other.indices),
                      [](std::optional<int64_t> d) { return d == 0; });
}

bool Access::isDisjoint(const Access &other) const {
  auto getLength = [](const Access &access) -> int64_t {
    auto vector = dyn_cast<VectorType>(access.value.getType());
    return vector ? vector.getNumElements() : 1;
  };
  SmallVector<std::optional<int64_t>> distances =
      getDistances(indices, other.indices);
  if (distances.empty())
    return false;
  std::optional<int64_t> along = distances.pop_back_val();
  return llvm::any_of(
             distances,
             [](std::optional<int64_t> d) { return d.value_or(0) != 0; }) ||
         (along && (*along >= getLength(*this) || -*along >= getLength(other)));
}

/// Forwards what is stored to `buffer` to its loads, if all loads are of what
/// one store before them has stored, and nothing else is done with it.
static void forwardStores(Value buffer, Block *body) {
  SmallVector<Access> accesses;
  for (Operation *user : buffer.getUsers()) {
    if (user->getBlock() != body)
      return;
    Access &access = accesses.emplace_back(user);
    // Not as the value that is stored, either.
    if (!access.value || access.value == buffer)
      return;
  }
  llvm::sort(accesses, [](const Access &x, const Access &y) {
    return x.op->isBeforeInBlock(y.op);
  });
  // The store whose value each load gets.
  SmallVector<std::pair<Operation *, AffineWriteOpInterface>> forwarded;
  for (auto [i, access] : llvm::enumerate(accesses)) {
    AffineWriteOpInterface last;
    for (const Access &earlier : ArrayRef(accesses).take_front(i)) {
      bool isSame = access.isSame(earlier);
      if (isSame && earlier.isStore)
        last = cast<AffineWriteOpInterface>(earlier.op);
      else if (!isSame && !access.isDisjoint(earlier))
        return;
    }
    if (access.isStore)
      continue;
    if (!last)
      return;
    forwarded.emplace_back(access.op, last);
  }
  for (auto [load, store] : forwarded)
    load->getResult(0).replaceAllUsesWith(store.getValueToStore());
  for (const Access &access : accesses)
    access.op->erase();
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
