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
// A few rows may be worked on at once, if all of them are reduced: rows are
// lanes too, the outermost ones, but far apart in memory.
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

/// A part of a loop: [begin, end) in blocks of `steps` steps of `width`.
struct Span {
  OpFoldResult begin, end;
  int64_t width, steps = 1;
  /// The results of which blocks are put together on the stack first.
  SmallVector<unsigned, 2> staged = {};

  int64_t getBlock() const { return width * steps; }
};

/// The loops that the strips of a nest cover: rows, if there are any, the loop
/// that is cut into strips, and short loops, which are covered whole.
class Lanes {
public:
  bool empty() const { return loops.empty(); }
  void clear() { *this = Lanes(); }

  /// Adds a loop of rows, before all others: walked in `spans`, or covered
  /// whole if there are none, as all are where there are several.
  void pushRows(Loop loop, int64_t count, ArrayRef<Span> spans);
  /// Adds the loop that strips are cut from, before all short ones.
  void pushStrip(Loop loop, ArrayRef<Span> spans);
  /// Adds a short loop.
  void pushShort(Loop loop, int64_t count) {
    loops.push_back({loop, count, {}});
  }

  /// The parts in which `loop`, of rows or of strips, is walked; none if it is
  /// covered whole.
  ArrayRef<Span> getSpans(Loop loop) const;
  /// Whether `loop` is covered whole.
  bool covers(Loop loop) const {
    return getMask({loop}) && getSpans(loop).empty();
  }
  /// Sets how much of `loop` is covered at once.
  void setWidth(Loop loop, int64_t width);
  std::optional<Loop> getStrip() const;

  /// The lanes of rows.
  LaneMask getRows() const { return (1u << numRows) - 1; }
  /// The lanes along the loop that strips are cut from.
  LaneMask getStripMask() const { return empty() ? 0 : 1u << numRows; }
  /// Those of `list` that strips cover.
  LaneMask getMask(ArrayRef<Loop> list) const;
  /// How many elements a value of `mask` has.
  int64_t getCount(LaneMask mask) const;
  /// The type of a value of `mask`.
  Type getType(Type element, LaneMask mask) const;

  /// `x`, for each lane of `mask`, which has all loops of `x`.
  Value broadcast(OpBuilder &b, Location loc, LaneValue x, LaneMask mask) const;

  /// The value of all rows from that of each, and that of row `i`; both of the
  /// lanes `mask`, without rows.
  Value joinRows(OpBuilder &b, Location loc, ArrayRef<Value> rows) const;
  Value getRow(OpBuilder &b, Location loc, Value x, LaneMask mask,
               int64_t i) const;

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
    SmallVector<Span> spans;
  };
  SmallVector<Part, 3> loops;
  /// How many of them are of rows.
  unsigned numRows = 0;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_LANES_H
