//===- Reducer.h - The arithmetic of reductions -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How each kind of reduction maps an element, combines and finishes, in the
// types that keep NumPy's and ONNX's numerics. Everything works on scalars and
// on vectors alike, so that one loop nest serves both.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_REDUCER_H
#define OWL_CONVERSION_OWLTOAFFINE_REDUCER_H

#include "mlir/IR/Builders.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// The arithmetic of one kind of reduction on one element type. An accumulator
/// is one value, or an extreme and its index for argmax and argmin.
class Reducer {
public:
  /// `element` is the declared type of the source's elements; i1 is handled in
  /// bytes of 0 and 1.
  Reducer(ReduceKind kind, Type element, bool isUnsigned);

  /// The type of the result in memory.
  Type getResultType() const;

  /// Bits of the widest type in the loop: it decides how long a strip is.
  unsigned getBits() const;

  /// How many vector registers a strip takes, where vectors are mapped and
  /// combined, and finished too if `finishesVectors`.
  unsigned getRegisters(bool finishesVectors) const;

  /// The accumulator of nothing, `lanes` times.
  SmallVector<Value> init(OpBuilder &b, Location loc, int64_t lanes) const;

  /// What an element `x` at flat index `index` (i64, of `x`'s shape, called for
  /// argmax and argmin only) contributes.
  SmallVector<Value> map(OpBuilder &b, Location loc, Value x,
                         function_ref<Value()> index) const;

  /// Combines two accumulators; associative up to rounding.
  SmallVector<Value> combine(OpBuilder &b, Location loc, ArrayRef<Value> lhs,
                             ArrayRef<Value> rhs) const;

  /// Combines the lanes of a vector accumulator into a scalar one.
  SmallVector<Value> combineLanes(OpBuilder &b, Location loc,
                                  ArrayRef<Value> accumulator) const;

  /// The result, in its storage type, from an accumulator of `count` (an index)
  /// elements.
  Value finish(OpBuilder &b, Location loc, ArrayRef<Value> accumulator,
               Value count) const;

  /// logsumexp takes two passes: `getMaxPass` first, whose finished result is
  /// then subtracted from each element by the reducer that `shifted` gives.
  bool needsMaxPass() const { return kind == ReduceKind::LogSumExp && !shift; }
  Reducer getMaxPass() const;
  Reducer shifted(OpBuilder &b, Location loc, Value max) const;

private:
  bool isArg() const {
    return kind == ReduceKind::ArgMax || kind == ReduceKind::ArgMin;
  }
  /// `x` in the type of the accumulator.
  Value widen(OpBuilder &b, Location loc, Value x) const;
  /// The accumulator's value in the type of the result.
  Value narrow(OpBuilder &b, Location loc, Value x) const;

  ReduceKind kind;
  /// The declared type and the one in memory.
  Type element, storage;
  /// The type of the accumulator.
  Type accumulator;
  bool isUnsigned;
  /// What logsumexp subtracts before it exponentiates: a finite maximum.
  Value shift;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_REDUCER_H
