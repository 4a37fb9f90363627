//===- GroupWork.h - What a loop nest of ops does ---------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which ops of a graph on tensors may be in a group, and the work of those that
// are one loop nest: each tensor that comes from outside is read once, each one
// that something outside needs is written once, and each op does its arithmetic
// once. Sizes that are not known count as kUnknownSize.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_ANALYSIS_GROUPWORK_H
#define OWL_DIALECT_OWL_ANALYSIS_GROUPWORK_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"

namespace mlir::owl {

/// Whether `op` may be in a group. What is empty is left to those who remove
/// it.
bool isFusible(Operation *op);

/// Ops that only make a tensor, or a constant.
bool isFree(Operation *op);

/// Whether a group makes the result of `op` again for itself: it is cheap and
/// needs no tensor.
bool isRemade(Operation *op);

/// Ops that group for the sake of others.
bool onlyMoves(Operation *op);

/// The product that `op` adds up, which is larger than all that it is made of
/// and must never be a tensor in memory. See owl-raise-contractions.
linalg::GenericOp getContracted(Operation *op);

/// The elements of a tensor, and the bytes of all of them.
double getCount(Value tensor);
double getBytes(Value tensor);

/// What one loop nest of `ops` does, which are of one block.
Work getWorkTogether(ArrayRef<Operation *> ops);
/// What each of the loop nests does that `ops` are one by one.
SmallVector<Work> getWorkApart(ArrayRef<Operation *> ops);

/// The seconds that `nests` take on `machine`, one after the other.
double getTime(ArrayRef<Work> nests, const MachineModel &machine);

/// What it takes to write and read `count` elements of `elementBytes` that
/// `uses` need, of which `keptBytes` wait at a time: they go to memory where
/// the cache of `machine` does not hold them.
Work getAccessWork(double uses, double count, double elementBytes,
                   double keptBytes, const MachineModel &machine);

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_GROUPWORK_H
