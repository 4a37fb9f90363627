//===- GroupLoops.h - The loops of a group and its buffers ------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the loop generation of a group knows of its index space: the loops,
// which are the axes of its tensors with neighbours merged where every buffer
// allows it, and for each buffer a view with one dimension a loop.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_GROUPLOOPS_H
#define OWL_CONVERSION_OWLTOAFFINE_GROUPLOOPS_H

#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// A loop, as an index into GroupLoops' table.
using Loop = unsigned;
using LoopList = SmallVector<Loop, 4>;

/// A buffer of the group: memory, in its storage type, with one dimension for
/// each of `loops`. Neighbours along the last one lie `innerStride` elements
/// apart, and the last `numContiguous` dimensions are dense.
struct GroupBuffer {
  Value view;
  LoopList loops;
  unsigned numContiguous = 0;
  /// Those of `loops` of which it holds the current strip alone.
  LoopList origins;
  /// Whether no cache is to hold it, and all of its rows are aligned for that.
  bool isNonTemporal = false;
};

class GroupLoops {
public:
  /// Creates the views of the buffers of `group`, which is in buffer form, at
  /// the insertion point. Fails where the ops of the region share no loops.
  /// Results of at least `nonTemporalBytes` are non-temporal, unless that is 0.
  static FailureOr<GroupLoops> create(OpBuilder &b, GroupOp group,
                                      uint64_t nonTemporalBytes);

  unsigned getNumLoops() const { return sizes.size(); }
  OpFoldResult getSize(Loop loop) const { return sizes[loop]; }

  /// The loops that a tensor of the region depends on, outermost first.
  LoopList getLoops(Value tensor) const;
  /// The loops that `reduce` reduces, in row-major order.
  LoopList getReduced(ReduceOp reduce) const;

  /// The buffer behind an argument of the region.
  const GroupBuffer &getInput(Value argument) const {
    return inputs.find(argument)->second;
  }
  /// Whether there is a non-temporal buffer.
  bool hasNonTemporal() const {
    return llvm::any_of(outputs, [](const GroupBuffer &buffer) {
      return buffer.isNonTemporal;
    });
  }
  /// The buffer of the i-th yielded value.
  const GroupBuffer &getOutput(unsigned i) const { return outputs[i]; }

private:
  void mergeAxes(GroupOp group);
  LoopList toLoops(ArrayRef<Axis> list) const;
  GroupBuffer createBuffer(OpBuilder &b, Location loc, Value memref,
                           ArrayRef<AxisList> dims) const;

  Axes axes;
  /// The loop of each axis, and the axes of each loop.
  DenseMap<Axis, Loop> loopOfAxis;
  SmallVector<AxisList> members;
  SmallVector<OpFoldResult> sizes;
  DenseMap<Axis, OpFoldResult> axisSizes;
  DenseMap<Value, GroupBuffer> inputs;
  SmallVector<GroupBuffer> outputs;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_GROUPLOOPS_H
