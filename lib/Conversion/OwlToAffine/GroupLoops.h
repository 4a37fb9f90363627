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
// Memory is read in the order in which it lies, or nearly so. Where a loop that
// is kept lies inside of one that is reduced, accumulators for all of it wait
// in memory: the loop is one of points. If they were too many for the L1 cache,
// a loop is cut into tiles of points (GroupPoints.cpp has the details):
//
//   sum over n of x[n, k]:    for k by 1024 { for n { for 1024 points {
//                               accumulator[point] += x[n, k + point] } } }
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_GROUPLOOPS_H
#define OWL_CONVERSION_OWLTOAFFINE_GROUPLOOPS_H

#include "owl/Dialect/Owl/Analysis/Axes.h"
#include "owl/Dialect/Owl/Analysis/Cost.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Dialect/Owl/IR/Owl.h"

namespace mlir::owl {

/// A loop, as an index into GroupLoops' table.
using Loop = unsigned;
using LoopList = SmallVector<Loop, 4>;

/// A buffer of the group: memory, in its storage type, with one dimension for
/// each of `loops`, of which the last `numContiguous` are dense.
struct GroupBuffer {
  Value view;
  LoopList loops;
  unsigned numContiguous = 0;
  /// How far apart its elements are along the last loop; then the last
  /// dimension also has what lies between them.
  int64_t step = 1;
  /// Those of `loops` of which it holds the current strip alone.
  LoopList origins;
  /// One of `loops` of which it holds what comes from an index on.
  std::optional<std::pair<Loop, Value>> begin;
  /// Whether no cache is to hold it. Where its size is not known this is code
  /// for the case that it is large, and its strides are aligned: see
  /// createIsLarge.
  bool isNonTemporal = false;
  /// How many elements ahead it is fetched; 0 if it is not.
  int64_t prefetchDistance = 0;
  /// How many elements follow one another in memory and in time; 0 if all do.
  int64_t pieceSize = 0;
  /// The first cache that it is fetched into: 2 where what the first cache
  /// waits for, it would wait for instead of what is needed now.
  unsigned prefetchCache = 1;
};

/// How many rows of a window are worked on at once at most.
constexpr int64_t kWindowRows = 16;

struct GroupLoopsOptions {
  /// Results of at least so many bytes are non-temporal, unless that is 0.
  uint64_t nonTemporalBytes = 0;
  /// Inputs that the last cache holds, but not the L2 cache, are fetched so
  /// many bytes ahead; 0 for not at all, also of those from memory.
  unsigned prefetchBytes = 0;
  /// The same for those from memory, alone and beside results that are stored
  /// past the caches, and into which cache the former are fetched.
  unsigned farPrefetchBytes = 0, streamedPrefetchBytes = 0;
  unsigned farPrefetchCache = 2;
  /// Bits of the registers that may hold accumulators all along.
  unsigned registerBits = 0;
  /// What has the caches that loops are cut for.
  MachineModel machine;
};

class GroupLoops {
public:
  /// The loops of `group`, which is in buffer form: two sets of them if a loop
  /// is cut into tiles and that leaves a rest. Creates the views of buffers at
  /// the insertion point. Fails where the ops of the region share no loops.
  static FailureOr<SmallVector<GroupLoops, 2>>
  create(OpBuilder &b, GroupOp group, const GroupLoopsOptions &options);

  unsigned getNumLoops() const { return sizes.size(); }
  OpFoldResult getSize(Loop loop) const { return sizes[loop]; }
  /// A size that is never below that of `loop`, and static where one is known.
  OpFoldResult getBound(Loop loop) const;
  /// Whether accumulators for all of `loop` wait in memory while loops around
  /// it are reduced.
  bool isPoint(Loop loop) const { return points[loop]; }
  /// Those of the loops `reduced`, from the innermost one outwards, of so few
  /// rows together that all of them are worked on at once: those of a window.
  LoopList getWindow(ArrayRef<Loop> reduced) const;

  /// Loops along which nothing that is read varies, and the loop over blocks,
  /// small enough for the L1 cache, that are copied for all of them.
  ArrayRef<Loop> getCopies() const { return copies; }
  Loop getBlocks() const { return blocks; }

  /// The loops that a tensor of the region depends on, outermost first.
  LoopList getLoops(Value tensor) const;
  /// The loops that `reduce` reduces, in row-major order.
  LoopList getReduced(ReduceOp reduce) const;
  /// Whether a cache holds all that `reduce` reads, and strips along what it
  /// keeps can be reduced one after the other.
  bool isFastInAnyOrder(ReduceOp reduce) const;

  /// The loops that a `linalg.index` counts, in row-major order.
  LoopList getIndexed(Operation *index) const {
    return toLoops(axes.getIndexed(index));
  }
  /// How an index in row-major order goes on at `loop`: from n to
  /// n size + index step + begin.
  struct Count {
    OpFoldResult size, begin;
    int64_t step;
  };
  Count getCount(Loop loop, OpBuilder &b) const;

  /// The buffer behind an argument of the region.
  const GroupBuffer &getInput(Value argument) const {
    return inputs.find(argument)->second;
  }
  /// Emits the condition under which buffers of unknown size are non-temporal;
  /// null if there are none.
  Value createIsLarge(OpBuilder &b, Location loc,
                      const GroupLoopsOptions &options) const;
  /// The buffer of the i-th yielded value.
  const GroupBuffer &getOutput(unsigned i) const { return outputs[i]; }

private:
  explicit GroupLoops(const MachineModel &machine) : machine(machine) {}

  /// A loop that is cut, and how much of it is a tile.
  struct Tile {
    Loop loop;
    int64_t size;
    /// The size of the loop before it is cut.
    OpFoldResult whole;
  };

  void mergeAxes(GroupOp group);
  /// The axes and their sizes.
  LogicalResult addAxes(OpBuilder &b, GroupOp group);
  void createBuffers(OpBuilder &b, GroupOp group,
                     const GroupLoopsOptions &options);
  void choosePrefetch(GroupBuffer &buffer, unsigned bytesAhead) const;

  // See GroupPoints.cpp.
  /// Chooses which loops are of points, and the tile.
  void choosePoints(GroupOp group, unsigned registerBits);
  void choosePoints(ReduceOp reduce, unsigned registerBits, uint64_t budget);
  /// The same for the only kept loop of long pieces, or how it is cut.
  void chooseLongPieces(ReduceOp reduce, Loop loop, ArrayRef<Loop> shortPieces,
                        uint64_t budget);
  /// How many iterations of `loop` there are at most; of a tile if it is cut.
  uint64_t getMost(Loop loop) const;
  /// Chooses which loops are of copies, and the tile that is a block.
  void chooseCopies(GroupOp group);
  /// How much of `loop` is a tile of at most `most`; 0 if none is good.
  int64_t chooseTile(GroupOp group, Loop loop, int64_t most) const;
  /// Cuts the tiled loop into full tiles, or leaves their rest of it.
  void keepTiles(OpBuilder &b, Location loc);
  void keepRest(OpBuilder &b, Location loc);

  LoopList toLoops(ArrayRef<Axis> list) const;
  GroupBuffer createBuffer(OpBuilder &b, Location loc, Value memref,
                           ArrayRef<AxisList> dims, bool isInput) const;

  MachineModel machine;
  Axes axes;
  /// The loop of each axis, and the axes of each loop.
  DenseMap<Axis, Loop> loopOfAxis;
  SmallVector<AxisList> members;
  SmallVector<OpFoldResult> sizes;
  DenseMap<Axis, OpFoldResult> axisSizes;
  SmallVector<bool> points;
  LoopList copies;
  Loop blocks = 0;
  std::optional<Tile> tile;
  /// The loop inside of the tiled one, if that is cut; else, where its rest
  /// begins, if that is what is left.
  std::optional<Loop> tilePoints;
  OpFoldResult restBegin;
  DenseMap<Value, GroupBuffer> inputs;
  SmallVector<GroupBuffer> outputs;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_GROUPLOOPS_H
