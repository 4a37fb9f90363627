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

class Costs {
public:
  /// The cost of an element of `tensor`, in additions. Saturates.
  unsigned get(Value tensor);

  /// What the op that computes `tensor` adds to that of its operands.
  static unsigned getOwn(Value tensor);
  /// Whether that is a function or more.
  static bool isFunction(Value tensor) { return getOwn(tensor) > kKept; }

  /// Whether to compute an element again is dearer than to keep it in cache.
  bool isDear(Value tensor) { return get(tensor) > kKept; }

private:
  /// Storing an element to cache and loading it again, in additions.
  static constexpr unsigned kKept = 16;

  llvm::DenseMap<Value, unsigned> costs;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_COST_H
