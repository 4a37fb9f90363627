//===- Lanes.h - Values at a strip of points --------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inside the loops of a group code works on a strip of points at once. A strip
// is `count` neighbours along one loop, and all of the short loops inside it:
//
//   lanes of [w: 8, t: 3]    w t: 00 01 02 10 11 12 ... 72
//
// A tensor that depends on both is a vector of 24 elements there, one that
// depends on w alone a vector of 8, one that depends on none of them a scalar.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_LANES_H
#define OWL_CONVERSION_OWLTOAFFINE_LANES_H

#include "GroupLoops.h"
#include "Reducer.h"

namespace mlir::owl {

/// Some of the loops of a strip, as bits.
using LaneMask = unsigned;

/// The value of a tensor at a strip: a vector with one element for each
/// combination of the loops in `mask`, or a scalar if that is empty.
struct LaneValue {
  Value value;
  LaneMask mask = 0;
};

/// The loops that the strips of a nest cover, outermost first, and how much of
/// each. All but the first are covered whole.
class Lanes {
public:
  void push(Loop loop, int64_t count) { loops.push_back({loop, count}); }
  bool empty() const { return loops.empty(); }
  void clear() { loops.clear(); }

  /// Sets how much of the first loop a strip covers.
  void setWidth(int64_t width) { loops.front().count = width; }
  /// Those of `list` that strips cover.
  LaneMask getMask(ArrayRef<Loop> list) const;
  /// How many elements a value of `mask` has.
  int64_t getCount(LaneMask mask) const;
  /// The type of a value of `mask`.
  Type getType(Type element, LaneMask mask) const;

  /// `x`, for each lane of `mask`, which has all loops of `x`.
  Value broadcast(OpBuilder &b, Location loc, LaneValue x, LaneMask mask) const;

  /// Combines the lanes of an accumulator of `mask` along all loops but those
  /// of `kept`.
  SmallVector<Value> reduce(OpBuilder &b, Location loc, const Reducer &reducer,
                            ArrayRef<Value> accumulator, LaneMask mask,
                            LaneMask kept) const;

  /// Where each lane of `mask` stands along `loop`, counted from the first.
  SmallVector<int64_t> getCoordinates(Loop loop, LaneMask mask) const;

private:
  /// The number of each lane of `mask` among those of `subset`.
  SmallVector<int64_t> project(LaneMask mask, LaneMask subset) const;

  struct Part {
    Loop loop;
    int64_t count;
  };
  SmallVector<Part, 2> loops;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_LANES_H
