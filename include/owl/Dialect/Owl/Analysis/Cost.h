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
#include "llvm/ADT/DenseMap.h"

namespace mlir::owl {

/// The arithmetic of one element: ops that take about as long as an addition,
/// and calls of functions.
struct Arithmetic {
  double flops = 0, calls = 0;

  /// Both, in additions.
  unsigned getAdditions() const { return flops + 20 * calls; }
  Arithmetic &operator+=(Arithmetic other) {
    flops += other.flops;
    calls += other.calls;
    return *this;
  }
};

class Costs {
public:
  /// What an element of `tensor` takes, operands that several need counted as
  /// often. Saturates.
  Arithmetic get(Value tensor);

  /// What the op that computes `tensor` adds to that of its operands.
  static Arithmetic getOwn(Value tensor);
  /// Whether that is a function or more.
  static bool isFunction(Value tensor) {
    return getOwn(tensor).getAdditions() > 16;
  }

private:
  llvm::DenseMap<Value, Arithmetic> costs;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_COST_H
