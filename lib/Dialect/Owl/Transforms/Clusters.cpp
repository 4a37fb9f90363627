//===- Clusters.cpp - Which ops share a loop nest -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Forms clusters.
//
//===----------------------------------------------------------------------===//

#include "Clusters.h"
#include "mlir/IR/Remarks.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"

using namespace mlir;
using namespace mlir::owl;

/// How many ops that use the same tensor are asked to share their cluster.
static constexpr size_t kReaders = 16;

SmallVector<Operation *> owl::getProducers(Operation *op) {
  llvm::SetVector<Operation *> producers;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        if (producer->getBlock() == op->getBlock())
          producers.insert(producer);
  });
  return producers.takeVector();
}

void Clustering::remarkApart(ArrayRef<Operation *> ops,
                             StringRef reason) const {
  auto remark =
      remark::missed(ops.back()->getLoc(),
                     remark::RemarkOpts::name("apart").category("owl-fuse"));
  if (!remark)
    return;
  // What lies between them is written and read.
  DenseSet<Value> counted;
  Work traffic;
  for (Operation *op : ops)
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      Cluster *cluster = producer ? find(producer) : nullptr;
      if (cluster && cluster != find(op) && counted.insert(operand).second)
        traffic.bytes += 2 * getBytes(operand);
    }
  remark << remark::reason("{0}", reason.str())
         << remark::metric("Bytes", traffic.bytes)
         << remark::metric("Seconds", machine.getTime(traffic));
}

StringRef Clustering::join(ArrayRef<Operation *> ops,
                           ArrayRef<Cluster *> candidates) {
  size_t count = ops.size();
  unsigned cost = 0;
  for (Operation *op : ops)
    cost += Costs::getPerPoint(op).getAdditions();
  for (Cluster *candidate : candidates) {
    count += candidate->ops.size();
    cost += candidate->cost;
  }
  // Alone an op may be as large as it is.
  if (count > ops.size() && count > maxOps)
    return "more ops than max-ops";
  if (count > ops.size() && cost > maxCost)
    return "more arithmetic than max-cost";
  // The largest one takes in the others.
  Cluster *into = *llvm::max_element(candidates, [](Cluster *a, Cluster *b) {
    return a->ops.size() < b->ops.size();
  });
  Axes axes = into->axes;
  auto add = [&](Operation *other) {
    for (Value operand : other->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        if (isRemade(producer) && axes.getDims(operand).empty() &&
            failed(axes.add(producer)))
          return failure();
    return axes.add(other);
  };
  SmallVector<Operation *> added;
  for (Cluster *candidate : candidates)
    if (candidate != into)
      llvm::append_range(added, candidate->ops);
  llvm::sort(added,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  llvm::append_range(added, ops);
  for (Operation *other : added)
    if (failed(add(other)))
      return "no loops in common";
  for (Operation *other : added)
    clusterOf[other] = into;
  llvm::append_range(into->ops, added);
  into->axes = std::move(axes);
  into->cost = cost;
  for (Cluster *candidate : candidates)
    if (candidate != into)
      candidate->ops.clear();
  return "";
}

bool Clustering::callsFunctions(Value value) const {
  Operation *op = value.getDefiningOp();
  if (!op || !find(op) || isa<ReduceOp>(op) || !value.hasOneUse())
    return false;
  return Costs::isFunction(value) ||
         llvm::any_of(op->getOperands(),
                      [&](Value operand) { return callsFunctions(operand); });
}

/// The loop of `product`, which `sum` adds up, that has the vectors: the last
/// one that is kept where what varies along it lies along it, else the
/// innermost one.
static unsigned getVectorLoop(linalg::GenericOp product, ReduceOp sum) {
  unsigned innermost = product.getNumLoops() - 1, kept = innermost;
  while (kept > 0 && sum.isReduced(kept))
    --kept;
  bool lieAlong =
      llvm::all_of(product.getIndexingMapsArray(), [&](AffineMap map) {
        return !map.isFunctionOfDim(kept) ||
               map.getResult(map.getNumResults() - 1).isFunctionOfDim(kept) ||
               map.getNumResults() == product.getNumLoops();
      });
  return lieAlong && !sum.isReduced(kept) ? kept : innermost;
}

bool Clustering::callsFunctions(linalg::GenericOp product, ReduceOp sum) const {
  unsigned vectors = getVectorLoop(product, sum);
  return llvm::any_of(product.getDpsInputOperands(), [&](OpOperand *input) {
    return !product.getMatchingIndexingMap(input).isFunctionOfDim(vectors) &&
           callsFunctions(input->get());
  });
}

bool Clustering::isReduced(Value value) const {
  llvm::SetVector<Value> values;
  values.insert(value);
  for (size_t i = 0; i < values.size(); ++i) {
    Operation *op = values[i].getDefiningOp();
    if (!op || !find(op) || find(op) != find(value.getDefiningOp()))
      continue;
    if (isa<ReduceOp>(op))
      return true;
    values.insert_range(op->getOperands());
  }
  return false;
}

bool Clustering::waitsInRows(linalg::GenericOp product, ReduceOp sum) const {
  SmallVector<int64_t> sizes = product.getStaticLoopRanges();
  auto inputs = product.getDpsInputOperands();
  auto varies = [&](OpOperand *input, unsigned loop) {
    return product.getMatchingIndexingMap(input).isFunctionOfDim(loop);
  };
  return llvm::any_of(inputs, [&](OpOperand *input) {
    bool isOneOfSeveral = llvm::any_of(
        llvm::seq<unsigned>(0, product.getNumLoops()), [&](unsigned loop) {
          return sizes[loop] != 1 && !sum.isReduced(loop) &&
                 varies(input, loop) &&
                 llvm::any_of(inputs, [&](OpOperand *other) {
                   return !varies(other, loop);
                 });
        });
    return isOneOfSeveral && isReduced(input->get());
  });
}

void Clustering::place(Operation *op) {
  if (isRemade(op)) {
    // Its own operands are sizes.
    for (Operation *producer : getProducers(op))
      rankOf[op] = std::max(rankOf[op], rankOf.lookup(producer));
    return;
  }
  // A product waits for the op that adds it up.
  if (op->hasOneUse() && getContracted(*op->user_begin()) == op)
    return;
  SmallVector<Operation *, 2> ops = {op};
  SmallVector<Operation *> producers = getProducers(op);
  linalg::GenericOp product = getContracted(op);
  if (product) {
    ops.insert(ops.begin(), product);
    llvm::erase(producers, product);
    llvm::append_range(producers, getProducers(product));
  }
  auto setRank = [&](unsigned rank) {
    for (Operation *member : ops)
      rankOf[member] = rank;
  };
  unsigned rank = 0;
  llvm::SmallSetVector<Cluster *, 4> around;
  for (Operation *producer : producers) {
    Cluster *cluster = find(producer);
    rank =
        std::max(rank, cluster ? cluster->rank + 1 : rankOf.lookup(producer));
    if (cluster)
      around.insert(cluster);
  }
  setRank(rank);
  if (!isFusible(op))
    return;

  // The clusters that it uses, if nothing comes between.
  SmallVector<Cluster *> candidates;
  unsigned highest = 0;
  for (Cluster *cluster : around)
    highest = std::max(highest, cluster->rank);
  for (Cluster *cluster : around)
    if (cluster->rank == highest)
      candidates.push_back(cluster);
  bool isDirect = llvm::all_of(producers, [&](Operation *producer) {
    return find(producer) || rankOf.lookup(producer) <= highest;
  });
  constexpr StringRef leaves = "a value would leave the group and come back";
  StringRef reason;
  if (!isDirect)
    reason = leaves;
  else if (product && callsFunctions(product, cast<ReduceOp>(op)))
    reason = "functions would be called for one number at a time";
  else if (product && waitsInRows(product, cast<ReduceOp>(op)))
    reason = "each row would be multiplied as soon as it is reduced, alone";
  else if (!candidates.empty())
    reason = join(ops, candidates);
  bool isJoined = reason.empty() && !candidates.empty();
  if (!around.empty() && (!isJoined || candidates.size() < around.size()))
    remarkApart(ops, isJoined ? leaves : reason);
  if (isJoined) {
    setRank(highest);
    return;
  }
  // A cluster that reads the same tensor.
  for (Value operand : ops.front()->getOperands()) {
    if (!isa<RankedTensorType>(operand.getType()))
      continue;
    // The last ones: others are far away, or full.
    auto users = readers.find(operand);
    if (users == readers.end())
      continue;
    for (Operation *user :
         llvm::reverse(ArrayRef(users->second).take_back(kReaders))) {
      Cluster *cluster = find(user);
      if (cluster && cluster->rank >= rank && join(ops, {cluster}).empty()) {
        setRank(cluster->rank);
        return;
      }
    }
  }
  auto cluster = std::make_unique<Cluster>();
  cluster->rank = rank;
  if (join(ops, {cluster.get()}).empty())
    clusters.push_back(std::move(cluster));
}

SmallVector<const Cluster *> Clustering::getGroups(bool all) const {
  SmallVector<const Cluster *> groups;
  for (const auto &cluster : clusters) {
    unsigned count = 0;
    bool isElementwise = false;
    for (Operation *op : cluster->ops) {
      count += !onlyMoves(op);
      isElementwise |= !onlyMoves(op) && !isa<ReduceOp, RepeatOp, TileOp>(op);
    }
    if (count > 1 || isElementwise || (all && count > 0))
      groups.push_back(cluster.get());
  }
  return groups;
}
