//===- Clusters.h - Which ops share a loop nest -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops of a block join clusters in the order of the program.
//
// That groups stay convex follows from ranks: an op outside of all clusters has
// the largest rank of what it uses, one more where that is in a cluster, and an
// op may join a cluster only if all else that it uses is of a smaller rank (or
// no cluster, and of no larger one). So whatever depends on a cluster has a
// larger rank, and nothing of a larger rank is used by it.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_OWL_TRANSFORMS_CLUSTERS_H
#define LIB_DIALECT_OWL_TRANSFORMS_CLUSTERS_H

#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/Analysis/GroupWork.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// The ops of its block that `op`, or an op in its regions, uses.
SmallVector<Operation *> getProducers(Operation *op);

/// Ops that are to be one loop nest.
struct Cluster {
  unsigned rank = 0, cost = 0;
  SmallVector<Operation *> ops;
  Axes axes;
};

/// Forms the clusters of one block.
class Clustering {
public:
  Clustering(Block &block, unsigned maxOps, unsigned maxCost,
             const MachineModel &machine)
      : maxOps(maxOps), maxCost(maxCost), machine(machine) {
    for (Operation &op : block) {
      place(&op);
      for (Value operand : op.getOperands())
        readers[operand].push_back(&op);
    }
  }

  /// The clusters that are worth a group: those of several ops, or of one that
  /// owl-to-affine has no loops for; or `all` that do more than move.
  SmallVector<const Cluster *> getGroups(bool all) const;

private:
  void place(Operation *op);
  /// The cluster that `op` is in, if any.
  Cluster *find(Operation *op) const { return clusterOf.lookup(op); }
  /// Makes all of `clusters`, which have the same rank, and `ops`, which follow
  /// them, one; else returns why they cannot be.
  StringRef join(ArrayRef<Operation *> ops, ArrayRef<Cluster *> clusters);
  /// Says why `ops` are in another nest than some of what they use.
  void remarkApart(ArrayRef<Operation *> ops, StringRef reason) const;

  /// Whether an operand of `product`, which `sum` adds up, calls functions in
  /// the clusters and does not vary along the loop that has the vectors: one by
  /// one they would take longer than memory does.
  bool callsFunctions(linalg::GenericOp product, ReduceOp sum) const;
  /// Whether `value` calls some for the sake of one use. With more of them, it
  /// waits in a buffer.
  bool callsFunctions(Value value) const;

  /// Whether an operand of `product`, which `sum` adds up, waits in the
  /// clusters for a reduction, and all that is multiplied by it would be read
  /// again for each row of it: points of the result that share a row buffer
  /// cannot be computed side by side. See owl-jam-loops.
  bool waitsInRows(linalg::GenericOp product, ReduceOp sum) const;
  /// Whether a reduction in its cluster makes what `value` is computed from.
  bool isReduced(Value value) const;

  unsigned maxOps, maxCost;
  const MachineModel &machine;
  DenseMap<Operation *, Cluster *> clusterOf;
  DenseMap<Operation *, unsigned> rankOf;
  /// The ops of the block so far that use a value.
  DenseMap<Value, SmallVector<Operation *, 2>> readers;
  std::vector<std::unique_ptr<Cluster>> clusters;
};

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_CLUSTERS_H
