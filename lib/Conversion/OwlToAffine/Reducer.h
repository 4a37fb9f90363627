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

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"

namespace mlir::owl {

/// How many vector registers may hold accumulators all along a loop. Where
/// there are no more than 16 registers some are spilled, which is worth it if
/// memory is read in its order for that, but not for what a cache holds.
constexpr unsigned kAccumulators = 16, kCachedAccumulators = 8;

/// How many rows are worked on at once at most, and how many such steps in a
/// row are accumulated in the type of contributions: three additions in a
/// pairwise sum and 15 on the way are as many as NumPy's pairwise sum has
/// within its blocks of 128 numbers.
constexpr int64_t kRows = 8, kBlockSteps = 16, kBlockRows = kRows * kBlockSteps;

/// The arithmetic of one kind of reduction on one element type. An accumulator
/// is one value, or an extreme and its index for argmax and argmin, or a sum
/// and a sum of squares for variance.
///
/// What elements contribute may be combined before it is accumulated, in a type
/// that is narrower: a few f32 are added before they join a sum in f64. That is
/// about as accurate as adding all in pairs, and much faster.
class Reducer {
public:
  /// `element` is the declared type of the source's elements; i1 is handled in
  /// bytes of 0 and 1.
  Reducer(ReduceKind kind, Type element, bool isUnsigned);
  explicit Reducer(ReduceOp op);

  /// The type of the result in memory.
  Type getResultType() const;

  /// The types of an accumulator.
  SmallVector<Type> getAccumulatorTypes() const;

  /// Bits of an accumulator.
  int64_t getAccumulatorBits() const;

  /// The same reduction; for a block of rows, with accumulators of the type of
  /// what elements contribute.
  Reducer ofBlock(bool isOfBlock) const;

  /// Whether such accumulators are narrower, and worth it.
  bool hasNarrowContributions() const {
    return contribution != accumulator && combinesEarly() && !isDear();
  }

  /// How many times as wide accumulators are as what they accumulate, where
  /// that is narrow.
  int64_t getWidening() const {
    return hasNarrowContributions()
               ? std::max<int64_t>(1, getAccumulatorBits() /
                                          contribution.getIntOrFloatBitWidth())
               : 1;
  }

  /// Bits of what registers hold all along a loop.
  int64_t getHeldBits() const {
    return hasNarrowContributions() ? contribution.getIntOrFloatBitWidth()
                                    : getAccumulatorBits();
  }

  /// Bits of the widest type that `map` works on: it decides how long a strip
  /// is.
  unsigned getBits() const;

  /// Whether it looks for the index of an extreme.
  bool isArg() const {
    return kind == ReduceKind::ArgMax || kind == ReduceKind::ArgMin;
  }

  /// Whether what elements contribute may be combined before it is accumulated.
  bool combinesEarly() const { return !isArg(); }

  /// Whether it computes a function of each element, which is exp.
  bool isDear() const { return kind == ReduceKind::LogSumExp; }

  /// Whether it computes a function of what it has accumulated.
  bool isDearToFinish() const {
    return kind == ReduceKind::LogSum || kind == ReduceKind::LogSumExp;
  }

  /// The accumulator of nothing, `lanes` times.
  SmallVector<Value> init(OpBuilder &b, Location loc, int64_t lanes) const;

  /// The type of indices, for argmax and argmin.
  IntegerType getIndexType() const { return indexType; }

  /// What an element `x` at flat index `index` (of the index type and of `x`'s
  /// shape, called for argmax and argmin only) contributes.
  SmallVector<Value> map(OpBuilder &b, Location loc, Value x,
                         function_ref<Value()> index) const;

  /// Combines two accumulators, or two contributions; associative up to
  /// rounding.
  SmallVector<Value> combine(OpBuilder &b, Location loc, ArrayRef<Value> lhs,
                             ArrayRef<Value> rhs) const;

  /// The same, where all that `rhs` has been made of comes after all that `lhs`
  /// has been made of.
  SmallVector<Value> combineInOrder(OpBuilder &b, Location loc,
                                    ArrayRef<Value> lhs,
                                    ArrayRef<Value> rhs) const;

  /// An accumulator of what `map` gives.
  SmallVector<Value> accumulate(OpBuilder &b, Location loc,
                                ArrayRef<Value> contribution) const;

  /// Combines the first half of `values` with the second one, then the halves
  /// of that, and so on. Where instructions load one operand, those of the
  /// first half are loaded before, and those of the second one then: memory is
  /// read in its order, which prefetchers need.
  SmallVector<Value> combineHalves(OpBuilder &b, Location loc,
                                   ArrayRef<SmallVector<Value>> values) const;

  /// Cuts vectors into `count` slices and combines these in halves.
  SmallVector<Value> combineSlices(OpBuilder &b, Location loc,
                                   ArrayRef<Value> values, int64_t count) const;

  /// The extreme among the lanes of `parts` and its index, of argmax or argmin.
  /// It is the least of the indices whose lanes hold the extreme, or NaN if
  /// there is one: fewer instructions than to carry an index along. What
  /// nothing has beaten has index 0, which is right if all are like it. The
  /// parts are vectors of fewer and fewer lanes, each a power of 2, and
  /// scalars.
  SmallVector<Value> findExtreme(OpBuilder &b, Location loc,
                                 ArrayRef<SmallVector<Value>> parts) const;

  /// Combines the lanes of a vector accumulator into a scalar one.
  SmallVector<Value> combineLanes(OpBuilder &b, Location loc,
                                  ArrayRef<Value> accumulator) const;

  /// The result, in its storage type, from an accumulator of `count` (an index)
  /// elements.
  Value finish(OpBuilder &b, Location loc, ArrayRef<Value> accumulator,
               Value count) const;

  /// Some kinds need a number to subtract from each element, which the reducer
  /// that `shifted` gives then does: the finished result of `getShift`. For
  /// logsumexp that is the maximum. For variance it is the mean, or, where the
  /// accumulator is wider than the elements and any number near them will do,
  /// the first of them, which takes no pass over all.
  bool needsShift() const {
    return (kind == ReduceKind::LogSumExp || kind == ReduceKind::Variance) &&
           !shift;
  }
  bool isShiftedByFirst() const {
    return kind == ReduceKind::Variance && getPasses(kind, storage) == 1;
  }
  Reducer getShift() const;
  Reducer shifted(OpBuilder &b, Location loc, Value value) const;

private:
  /// How extremes combine, of those kinds that look for one.
  vector::CombiningKind getExtremeKind() const;
  /// The type in which what is shifted by is subtracted.
  Type getShiftedType() const;
  /// `x` in the type `into`, which is no narrower.
  Value widen(OpBuilder &b, Location loc, Value x, Type into) const;
  /// The accumulator's value in the type of the result.
  Value narrow(OpBuilder &b, Location loc, Value x) const;
  /// The same for a sum, of which accumulators start with -0: that of nothing
  /// is 0.
  Value narrowSum(OpBuilder &b, Location loc, Value x) const;

  ReduceKind kind;
  /// The declared type and the one in memory.
  Type element, storage;
  /// The type of the accumulator, and of what is accumulated.
  Type accumulator, contribution;
  bool isUnsigned;
  IntegerType indexType;
  /// What is subtracted from each element.
  Value shift;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_REDUCER_H
