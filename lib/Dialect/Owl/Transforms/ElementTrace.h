//===- ElementTrace.h - What computes the elements of a tensor --*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same arithmetic comes as ops on tensors, as `linalg.generic`s of one op
// each or of many, with broadcasts and reshapes in between that are ops of
// their own, or maps. A trace looks through all that: from a tensor to the op,
// on tensors or on scalars, that computes its elements, and on to the operands
// of that. It says nothing about which elements belong together, which is asked
// of `Axes` once a pattern has matched.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_OWL_TRANSFORMS_ELEMENTTRACE_H
#define LIB_DIALECT_OWL_TRANSFORMS_ELEMENTTRACE_H

#include "owl/Dialect/Owl/IR/Owl.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::owl {

class ElementTrace {
public:
  /// What `value`, a tensor or a scalar in the body of a `linalg.generic`, is
  /// computed as: the result of an element-wise op, on tensors or in such a
  /// body, of a reduction, or what no op says. Equal results are equal numbers,
  /// but for where they stand.
  Value follow(Value value);

  /// The op of type `OpTy` that computes `value`, or null.
  template <typename OpTy> OpTy get(Value value) {
    return follow(value).getDefiningOp<OpTy>();
  }

  /// What `value` is the square of, or null.
  Value getSquared(Value value);

  /// Whether a loop over the elements of `reduces.front()`'s source is at the
  /// same element of the source of each of `reduces`, wherever it has come, and
  /// whether all reduce the same. Only that of what has been followed counts.
  bool areAligned(ArrayRef<ReduceOp> reduces);

private:
  /// All that has been looked through.
  llvm::SmallSetVector<Operation *, 8> ops;
  unsigned steps = 0;
};

/// The one number that all elements of `value` are, or null.
TypedAttr getConstantElement(Value value);

/// The tensor that element-wise `op` takes as `operand` of what it computes, an
/// operand of its own or an argument of its body, if it goes along with the
/// result element by element; else null.
Value getOperandTensor(Operation *op, Value operand);

} // namespace mlir::owl

#endif // LIB_DIALECT_OWL_TRANSFORMS_ELEMENTTRACE_H
