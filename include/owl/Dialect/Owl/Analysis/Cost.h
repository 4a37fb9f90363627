//===- Cost.h - What it costs to compute an element -------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The arithmetic behind an element of a tensor, counted back to where it is in
// memory or a reduction has made it: what computing it once more would cost.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_ANALYSIS_COST_H
#define OWL_DIALECT_OWL_ANALYSIS_COST_H

#include "mlir/IR/Value.h"
#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::owl {

/// How many additions a function takes, where no device is known: between those
/// of the machine models, whose F / X is from 13 (x86) to 50 (Cortex-A53).
constexpr unsigned kFunctionAdditions = 20;

/// What a size that is not known is taken for where work is compared.
constexpr int64_t kUnknownSize = 1024;

/// The arithmetic of one element: ops that take about as long as an addition,
/// and calls of functions.
struct Arithmetic {
  double flops = 0, calls = 0;

  /// Both, in additions.
  unsigned getAdditions() const { return flops + kFunctionAdditions * calls; }
  Arithmetic &operator+=(Arithmetic other) {
    flops += other.flops;
    calls += other.calls;
    return *this;
  }
};

/// How often a reduction of elements of type `element` reads its source: twice
/// where it subtracts from each what takes all of them to compute. See
/// Reducer::needsShift.
unsigned getPasses(ReduceKind kind, Type element);

class Costs {
public:
  /// What an element of `tensor` takes, operands that several need counted as
  /// often. Saturates.
  Arithmetic get(Value tensor);

  /// What `op`, which is element-wise, does for one element.
  static Arithmetic getElementwise(Operation *op);
  /// What the op that computes `tensor` adds to that of its operands.
  static Arithmetic getOwn(Value tensor);
  /// What `op` does at each point of its loops: a reduction's are those of its
  /// source.
  static Arithmetic getPerPoint(Operation *op);
  /// What the body of `op`, an op of linalg, does for each point of its loops.
  static Arithmetic getBody(Operation *op);
  /// Whether the op that computes `tensor` does as much as a function.
  static bool isFunction(Value tensor) {
    return getOwn(tensor).getAdditions() >= kFunctionAdditions;
  }

private:
  llvm::DenseMap<Value, Arithmetic> costs;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_COST_H
