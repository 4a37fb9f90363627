//===- Axes.h - The axes that tensors of a graph share ----------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion needs one set of loops that serves all ops of a group. Its loops are
// *axes*: each dimension of each tensor is a row-major product of some of them
// (of none if it is 1), and an op relates the axes of its operands and results:
//
//   %m = owl.reduce <max> %x axes = [1] : tensor<8x50xf32> -> tensor<8xf32>
//   %c = tensor.expand_shape %m [[0, 1]] output_shape [8, 1] ...
//   %r = owl.repeat %c by [1, 50] ...
//   %d = arith.subf %x, %r
//
//   %x: (a)(b)   %m: (a)   %c: (a)()   %r: (a)(c)   and, by the subtraction,
//   %d: (a)(b), which makes c and b one axis.
//
// Afterwards every tensor is a function of its axes, reduce drops some, and
// repeat, tile, broadcasts and reshapes do nothing at all: that is why they are
// free in a group.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_ANALYSIS_AXES_H
#define OWL_DIALECT_OWL_ANALYSIS_AXES_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::owl {

/// An axis, as a number.
using Axis = unsigned;
/// The axes of one dimension, outermost first.
using AxisList = SmallVector<Axis, 2>;

/// Where the size of an axis comes from: `count` if that is static, else
/// dimension `dim` of the tensor `source`, or the value of the index `source`
/// if `dim` is negative.
struct AxisSize {
  int64_t count;
  Value source;
  int64_t dim = -1;
};

/// The axes of a growing set of ops on tensors.
class Axes {
public:
  /// Whether `op` is of a kind that relates axes: an element-wise op, whose
  /// body may ask for indices, a reduce, a repetition, or one that only
  /// reshapes.
  static bool isSupported(Operation *op);

  /// Relates the axes of the operands and results of `op`, which follows those
  /// that define its operands. Tensors seen for the first time, such as the
  /// arguments of a group, get axes of their own. Fails, and leaves the axes
  /// unusable, where loops cannot be shared: sizes that cannot be factored the
  /// same way, or an element that would be needed at two places at once.
  LogicalResult add(Operation *op);

  /// Gives `tensor` axes of its own, unless it has some.
  void addTensor(Value tensor);

  /// The axes of `tensor`, by dimension.
  SmallVector<AxisList> getDims(Value tensor) const;
  /// The axes along which a `linalg.index` of a `linalg.generic` counts; none
  /// where there is one index only.
  AxisList getIndexed(Operation *index) const;
  /// The axes of `tensor`, outermost first. Empty for scalars.
  AxisList getAxes(Value tensor) const;

  const AxisSize &getSize(Axis axis) const { return table[axis].size; }

  /// All axes that are in use, and all tensors.
  AxisList getAll() const;

  /// The axes that `op`, an `owl.reduce`, reduces, in row-major order of the
  /// dimensions of its source.
  AxisList getReduced(Operation *op) const;

private:
  struct Entry {
    AxisSize size;
    /// What replaces the axis: nothing, another axis, or several.
    AxisList replacement;
  };

  Axis create(AxisSize size);
  AxisList resolve(ArrayRef<Axis> axes) const;
  /// Makes the two lists, whose sizes have the same product, one.
  LogicalResult unify(ArrayRef<Axis> lhs, ArrayRef<Axis> rhs);
  /// Unifies what the two lists end, or begin, with, and drops it from both.
  /// False where that cannot be told.
  bool unifyEnd(AxisList &lhs, AxisList &rhs, bool atBack);
  void merge(Axis from, Axis into);
  LogicalResult unifyDims(Value lhs, Value rhs);
  /// Whether no tensor has an axis twice.
  bool areDistinct() const;

  LogicalResult addElementwise(Operation *op);
  LogicalResult addGeneric(Operation *op);
  LogicalResult addRepetition(Operation *op);
  LogicalResult addReshape(Operation *op);
  void addReduce(Operation *op);
  /// A fresh axis for a dimension of `size`, an attribute or an index; none if
  /// that is 1.
  AxisList createFor(OpFoldResult size);

  SmallVector<Entry> table;
  llvm::MapVector<Value, SmallVector<AxisList>> tensors;
};

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_ANALYSIS_AXES_H
