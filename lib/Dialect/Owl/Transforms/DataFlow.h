//===- DataFlow.h - What groups pass to one another -------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where the ops of a function are if its groups are distributed. Tensors are on
// devices; scalars, of which sizes are most, go along with calls.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_OWL_TRANSFORMS_DATAFLOW_H
#define LIB_DIALECT_OWL_TRANSFORMS_DATAFLOW_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "owl/Dialect/Owl/Analysis/Fleet.h"

namespace mlir::owl {

/// Whether `op` is cheap, and made again wherever it is used: a constant, an
/// empty tensor, a window, a size, or a scalar that comes of scalars. All else
/// is on a device: that of a group, else that of the first tensor it uses.
bool isMadeAnywhere(Operation *op);

/// The values that `op` or its regions use and that are defined outside of it,
/// in the order of their first uses.
SmallVector<Value> getUsedValues(Operation *op);
/// The tensors among these; instead of a window, of which there may be much
/// more, what it is seen through.
SmallVector<Value> getUsedTensors(Operation *op);

/// Refuses functions with branches or calls, or with tensors whose bytes cannot
/// be counted.
LogicalResult verifyDistributable(func::FuncOp function);

/// The groups of several functions, and what goes from one to another.
class DataFlow {
public:
  /// A value that one node makes and another one needs.
  struct Edge {
    Value value;
    unsigned from, to;
    double bytes;
  };

  /// `functions` have been verified.
  DataFlow(ArrayRef<func::FuncOp> functions, const Fleet &fleet);

  /// The groups that are placed, in the order of the program: those of the
  /// blocks of functions. Each is a node.
  ArrayRef<GroupOp> getGroups() const { return groups; }
  ArrayRef<Edge> getEdges() const { return edges; }
  /// The edges of a node that is a group, as indices.
  ArrayRef<unsigned> getEdges(unsigned group) const { return edgesOf[group]; }

  /// The device on which a node is before anything is distributed. Nodes from
  /// the number of groups on are the callers of functions, who stay there.
  unsigned getHome(unsigned node) const { return homes[node]; }
  /// Whether the function of a group says where that is.
  bool hasHome(unsigned group) const { return named[group]; }
  unsigned getNumNodes() const { return homes.size(); }

  /// Refuses a device that data could not come to from a home.
  LogicalResult verifyReachable(const Fleet &fleet) const;

private:
  void add(func::FuncOp function, unsigned caller);
  void addEdges(ArrayRef<Value> values, unsigned to);

  SmallVector<GroupOp> groups;
  std::vector<Edge> edges;
  std::vector<SmallVector<unsigned, 4>> edgesOf;
  std::vector<unsigned> homes;
  std::vector<bool> named;
  /// The node that makes each tensor; those that are made anywhere have none.
  DenseMap<Value, unsigned> nodes;
  unsigned numSeen = 0;
};

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_DATAFLOW_H
