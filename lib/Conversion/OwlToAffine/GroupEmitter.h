//===- GroupEmitter.h - The loop nest of a group ----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the loops of one `owl.group` in buffer form. See GroupEmitter.cpp for
// loops, GroupStrips.cpp and GroupRows.cpp for vectors, GroupReductions.cpp and
// GroupValues.cpp for what is computed in them, GroupEdges.cpp for what is
// kept, GroupPrefetch.cpp for what is fetched ahead, GroupStreams.cpp for what
// goes past the caches, GroupTasks.cpp for what threads share.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_OWLTOAFFINE_GROUPEMITTER_H
#define OWL_CONVERSION_OWLTOAFFINE_GROUPEMITTER_H

#include "GroupTargets.h"
#include "Lanes.h"
#include "LoopBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "owl/Dialect/Owl/IR/MachineModel.h"
#include "owl/Support/ByteSize.h"

namespace mlir::owl {

/// What a target gives a loop nest.
struct LoopResources {
  /// Bits of a vector register, and how many a loop works on at once.
  unsigned vectorBits, registers;
  /// Bytes of the stack that are left for buffers.
  unsigned stackBytes;
  /// What decides between memory and arithmetic.
  MachineModel machine;
  /// Into how many tasks a loop may be split, and how much each has to do.
  unsigned threads;
  int64_t taskBytes;
};

class GroupEmitter {
public:
  /// Buffers are allocated before `allocationPoint`.
  GroupEmitter(LoopBuilder &builder, GroupOp group, const GroupLoops &loops,
               LoopResources resources, Operation *allocationPoint);

  void emit();
  /// The bytes of the stack that it has left over.
  unsigned getStackLeft() const { return resources.stackBytes; }

private:
  using Set = SmallVector<unsigned>;

  /// An accumulator in the making, with a part for each width that strips have
  /// where they are along a loop that it reduces.
  struct Accumulator {
    struct Part {
      SmallVector<Value> values;
      LaneMask mask;
      int64_t width;
      /// Whether nothing has been accumulated.
      bool isEmpty = true;
    };
    SmallVector<Part, 1> parts;
    /// Whether it is one of contributions: of a block of rows.
    bool isOfBlock = false;

    bool isStarted() const { return !parts.empty(); }
  };
  /// Accumulators in memory, with a buffer for each component.
  struct Memory {
    SmallVector<GroupBuffer, 2> buffers;
    bool isOpen = false, isComplete = false;
    /// Whether they are of contributions: of a block of rows.
    bool isOfBlock = false;
    /// Whether what comes now is the first, before which nothing is there; or
    /// the last, after which nobody looks there for the result.
    bool isFirst = false, isLast = false;
  };
  /// A value that several phases need and that is kept between them.
  struct RowBuffer {
    GroupBuffer buffer;
    bool isWritten = false;
  };
  /// An input of which phase `phase` fetches a row `distance` elements ahead.
  struct Fetch {
    Value input;
    unsigned phase;
    int64_t distance;
  };
  /// How far a target that reduces has come.
  struct State {
    Accumulator accumulator;
    /// Those of loops around strips, or around blocks, that accumulate on their
    /// own, innermost last.
    SmallVector<Accumulator, 1> outer;
    Memory memory;
    /// The accumulators in memory of one piece of a loop, and those of a block.
    Memory piece, block;
    /// The result, and where it is kept for others.
    LaneValue result;
    std::unique_ptr<RowBuffer> row;
  };

  // Loops.
  /// `followers` are computed where the last iteration of the outermost loop
  /// has made what they need: see canFollow.
  void emitNest(ArrayRef<unsigned> set, ArrayRef<unsigned> followers = {});
  void emitLoops(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                 ArrayRef<unsigned> followers = {});
  /// Emits the first loop of `order` in `spans`. Targets of `passing` have
  /// accumulators in memory for this loop alone. Where `start` is given, spans
  /// count from there, and `size` is what follows it.
  void emitSpans(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                 ArrayRef<Span> spans, ArrayRef<unsigned> accumulating,
                 ArrayRef<unsigned> passing, ArrayRef<unsigned> followers,
                 OpFoldResult start = {}, OpFoldResult size = {});
  /// The part `span` of a loop, whose index counts from `offset` on if that is
  /// given.
  void emitLoop(ArrayRef<unsigned> set, Loop loop, Span span,
                OpFoldResult offset, ArrayRef<unsigned> accumulating,
                function_ref<void()> body);
  /// The block of `span` that begins at `iv`.
  void emitBlock(ArrayRef<unsigned> set, Loop loop, Value iv, Span span,
                 ArrayRef<unsigned> accumulating, function_ref<void()> body);
  /// Emits what is inside of `loop`, at `iv`.
  void emitPoint(Loop loop, Value iv, function_ref<void()> body);
  void emitBody(ArrayRef<unsigned> set);
  /// Splits `set` into sets that share a nest, in the order to emit them.
  SmallVector<Set> getPhases(ArrayRef<unsigned> set) const;
  bool isInside(unsigned target) const;
  /// Those of `list` that are not open.
  LoopList getClosed(ArrayRef<Loop> list) const;
  /// Whether target `i` accumulates in memory for one loop alone, of a size
  /// that is known; then its first and last iteration are apart.
  bool passesOnce(unsigned i) const;
  /// Whether phase `number` + 1 can be computed by the last iteration of phase
  /// `number`, so that what that has accumulated is not stored for it.
  bool canFollow(ArrayRef<Set> phases, unsigned number);

  /// A loop over [begin, end) that carries what `accumulating` targets have.
  void emitCarrying(OpFoldResult begin, OpFoldResult end, int64_t step,
                    ArrayRef<unsigned> accumulating,
                    function_ref<void(Value)> body);

  // Pieces and tasks.
  using EmitRange = function_ref<void(OpFoldResult begin, OpFoldResult end)>;
  using EmitPiece = function_ref<void(Value number)>;
  /// How a loop is cut: into `count` pieces that are `size` long, but for the
  /// last one.
  struct Cut {
    Value count, size;
  };
  /// Tasks or pieces with buffers of their own: how many, which one `block` is
  /// about, and whether what it allocates on the stack is its own.
  struct Owners {
    OpFoldResult count;
    Value number;
    Block *block = nullptr;
    bool hasStack = true;
  };
  bool canCut(ArrayRef<unsigned> set, Loop loop,
              ArrayRef<unsigned> accumulating);
  /// Whether target `i` has enough to do to be cut into pieces, as far as sizes
  /// are known.
  bool isForPieces(unsigned i) const;
  OpFoldResult getWork(ArrayRef<unsigned> set, Loop loop);
  Cut cut(OpFoldResult end, int64_t step, Value trips);
  /// Emits `loop`, over [0, end) with `step`, in pieces or tasks; returns
  /// false, if that is not worth it whatever the sizes. So do the others.
  bool emitPieces(ArrayRef<unsigned> set, Loop loop, OpFoldResult end,
                  int64_t step, ArrayRef<unsigned> accumulating,
                  EmitRange emit);
  /// Emits tasks over [0, end), where a step is so much work.
  bool emitTasks(OpFoldResult end, int64_t step, Value work, EmitRange emit);
  /// Emits `count` pieces, at most `most`, in tasks, and combines them.
  bool emitPiecesInTasks(Value count, int64_t most, Value work,
                         ArrayRef<unsigned> accumulating,
                         ArrayRef<unsigned> waiting, EmitPiece emit);
  /// Adds what `emit` accumulates for each piece: in registers, or in memory.
  void combinePieces(Value count, ArrayRef<unsigned> accumulating,
                     ArrayRef<unsigned> waiting, EmitPiece emit);
  /// Lets a target accumulate in other memory, that of a piece.
  void startPieceInMemory(unsigned target);
  /// A buffer for what is emitted here: before all loops, or one for each of
  /// the owners.
  Value allocate(MemRefType type, ValueRange sizes, bool onStack);
  /// That of owner `number`.
  Value getSlice(Value slices, MemRefType type, Value number);

  // Strips.
  /// The loops that all of `set` share in a nest: not a short last one that
  /// vectors across several rows cover, where rows are reduced.
  LoopList getNestLoops(ArrayRef<unsigned> set) const;
  void chooseLanes(ArrayRef<unsigned> set, ArrayRef<Loop> order);
  /// The loops of phases inside of `order`, if they are so short that strips
  /// can cover them whole.
  LoopList getShortLoops(ArrayRef<unsigned> set, ArrayRef<Loop> order) const;
  /// Bits of the widest elements that are computed at once along `strip`, of
  /// which vectors are to fit in `registers`, and whether functions are.
  struct StripResources {
    unsigned bits, registers;
    bool hasFunctions;
  };
  StripResources getStripResources(ArrayRef<unsigned> set,
                                   const llvm::SetVector<Value> &needed,
                                   ArrayRef<Loop> strip) const;
  /// Whether a cache holds all that `target` reduces.
  bool isFastInAnyOrder(const Target &target) const;
  /// Whether registers hold the accumulators of `lanes` lanes all along.
  bool fitsRegisters(ArrayRef<unsigned> set, int64_t lanes) const;
  /// The loop of rows for strips along `strip`: the innermost one that targets
  /// reduce which keep strips. Or several, those of a window, which strips can
  /// cover whole.
  LoopList chooseRows(ArrayRef<unsigned> set, ArrayRef<Loop> strip) const;
  /// Whether `outer` comes before `inner` where a target of `set` reduces that:
  /// then each strip along `outer` walks all of `inner`.
  bool liesAround(ArrayRef<unsigned> set, Loop outer, Loop inner) const;
  /// The loop around `inner` that a target of `set` reduces, too.
  std::optional<Loop> getLoopAround(ArrayRef<unsigned> set, Loop inner) const;
  /// Adds `loop` to the lanes, `most` rows at once.
  void pushRows(Loop loop, int64_t most);
  /// Whether target `i` reduces rows in blocks, each in accumulators of
  /// contributions.
  bool isInBlocks(unsigned i) const;
  /// Whether all that is left to reduce for target `i` is so little that it is
  /// one block.
  bool isOneBlock(unsigned i) const;
  /// Lets `spans` of rows begin with blocks.
  void addBlocks(Loop rows, SmallVectorImpl<Span> &spans);
  /// Makes blocks of the first of `spans`, of a loop of `size`.
  void splitBlocks(OpFoldResult size, int64_t block,
                   SmallVectorImpl<Span> &spans) const;
  SmallVector<Span> getStripSpans(OpFoldResult size, int64_t width,
                                  int64_t registerWidth, bool isInnermost);

  // Targets.
  /// The values of all accumulators of `accumulating` targets, in a row.
  SmallVector<Value> getAccumulated(ArrayRef<unsigned> accumulating) const;
  void setAccumulated(ArrayRef<unsigned> accumulating, ArrayRef<Value> values);
  /// Combines those `before` with what has been accumulated since.
  void addAccumulated(ArrayRef<unsigned> accumulating, ArrayRef<Value> before);
  /// Lets them begin anew.
  void restartAccumulators(ArrayRef<unsigned> accumulating);
  void start(unsigned target, bool isOfBlock);
  void step(unsigned target);
  void finish(unsigned target);
  /// Combines what a target has accumulated with what comes next.
  SmallVector<Value> combineNext(unsigned target, ArrayRef<Value> before,
                                 ArrayRef<Value> next);
  /// Hands on what has been accumulated: to loops around, to memory, or as the
  /// result.
  void deliver(unsigned target, ArrayRef<Value> values, LaneMask mask);
  void startInMemory(unsigned target, bool clears, bool isOfBlock);
  void allocateMemory(unsigned target, Memory &memory, bool isOfBlock);
  /// Its result is in memory, unless its last rows have delivered it.
  void finishInMemory(unsigned target, bool isDelivered);
  void clear(unsigned target);
  void combinePiece(unsigned target);
  /// Emits a target that has just been added.
  void emitAdded(unsigned target);
  /// To what width a strip of `width` is combined before it is accumulated.
  int64_t getCombinedWidth(const Target &target, LaneMask mask,
                           int64_t width) const;
  Value finishValues(unsigned target, ArrayRef<Value> values, LaneMask mask);
  /// The result of a target that reduces.
  LaneValue getResult(unsigned target);
  /// The reducer of a target, with what it subtracts.
  Reducer getReducer(const Target &target, LaneMask mask);
  /// That of the accumulator that is being made.
  Reducer getAccumulating(unsigned target) const;
  /// The lanes, of those that are open, of `list`.
  LaneMask getMask(ArrayRef<Loop> list) const {
    return lanes.getMask(list) & active;
  }

  // Values.
  LaneValue evaluate(Value tensor);
  /// The value where the loops `pinned` begin; anything where one is empty.
  LaneValue evaluateFirst(Value tensor, ArrayRef<Loop> pinned);
  LaneValue compute(Value tensor);
  /// The results of an op that is element-wise, and of such a body.
  SmallVector<LaneValue> computeOp(Operation *op, ArrayRef<LaneValue> operands);
  SmallVector<LaneValue> computeBody(linalg::GenericOp generic);
  /// Where each lane of `mask` stands in the index space of `list`, counted in
  /// row-major order, as a number of type `element`.
  Value getIndex(ArrayRef<Loop> list, LaneMask mask, Type element);
  /// Computes what does not change in the loops to come.
  void hoist(ArrayRef<unsigned> set);
  void hoistValue(Value tensor, DenseSet<Value> &seen);
  /// What an element of `tensor` is computed from here: nothing where it is
  /// loaded, or a reduction has made it.
  ValueRange getComputedFrom(Value tensor) const;
  /// What lies in `buffer`, in its storage type.
  LaneValue load(const GroupBuffer &buffer);
  void store(const GroupBuffer &buffer, LaneValue value);

  // Past the caches.
  /// Whether `vector`, a strip of `mask`, can be stored past the caches.
  bool canStream(const GroupBuffer &buffer, VectorType vector,
                 LaneMask mask) const;
  /// Whether strips of `mask` begin at multiples of so many bytes.
  bool areStripsAligned(const GroupBuffer &buffer, LaneMask mask,
                        int64_t bytes) const;
  /// The buffer of a result, or its open stage.
  const GroupBuffer &getOutput(unsigned output) const;
  /// How many elements a step of `loop`, `width` long, stores of a result in a
  /// row; 0 if they are not to be put together.
  int64_t getStagedElements(unsigned output, Loop loop, int64_t width) const;
  /// Lets `spans` begin with blocks that are put together, if any should be,
  /// and sets aside what they take of the stack.
  void addStages(ArrayRef<unsigned> set, Loop loop,
                 SmallVectorImpl<Span> &spans);
  void openStages(Loop loop, Value iv, const Span &span);
  void closeStages(const Span &span);
  void copyStage(const GroupBuffer &buffer, const GroupBuffer &stage,
                 const Span &span);
  /// Copies `count` elements that begin at `from` and `to`, which depend on
  /// `operands`, to a part of `buffer`; `isWhole` if they begin aligned.
  void copyPiece(const GroupBuffer &buffer, Value source, Value target,
                 int64_t count, AffineExpr from, AffineExpr to,
                 ArrayRef<OpFoldResult> operands, bool isWhole);
  /// At multiples of how many bytes long strips of `buffer` should begin; 1 if
  /// it does not matter.
  int64_t getStripAlignment(const GroupBuffer &buffer) const;
  /// The result, of those of `set`, of which rows along `loop` are long and do
  /// not all begin where strips should; null if there is none.
  const GroupBuffer *findUnaligned(ArrayRef<unsigned> set, Loop loop) const;
  /// Emits the first loop of `order` so that strips of `buffer` are aligned.
  void emitAligned(ArrayRef<unsigned> set, ArrayRef<Loop> order,
                   const GroupBuffer &buffer);

  // Prefetching.
  /// Fetches what will be loaded for `input` soon, if that is worth it.
  void prefetch(Value input);
  /// Which inputs `phases` read by rows, and where they fetch the next ones.
  SmallVector<Fetch> getFetches(ArrayRef<Set> phases);
  /// How many elements of memory the loops that are not open walk in a row of
  /// `buffer`; 0 if there is no such row, or it is too long to be fetched.
  int64_t getRowSize(const GroupBuffer &buffer) const;
  /// The indices of a strip, in row `row` of several.
  SmallVector<Value> getIndices(const GroupBuffer &buffer, int64_t row);

  // What is needed more than once.
  /// Makes buffers for what several of `phases` need, where that is better than
  /// to compute it again, and for results of reductions that later phases are
  /// not inside of; returns which.
  SmallVector<Value> keepValues(ArrayRef<Set> phases);
  Set keepResults(ArrayRef<Set> phases);
  /// Computes, before `loop` is opened, what would be computed anew for each of
  /// its iterations, where that is better.
  SmallVector<Value> keepRepeated(ArrayRef<unsigned> set, Loop loop);
  /// What is done about `value`, which is needed `uses` times: by phases, or by
  /// the iterations of the loop `around`.
  Edges chooseEdge(Value value, double uses, std::optional<Loop> around = {});
  /// What the group does in any case.
  Work getCompulsoryWork() const;
  /// The iterations of `loop`, and the elements of `tensor`; a guess where
  /// sizes are not known.
  double getCount(Loop loop) const;
  double getCount(Value tensor) const;
  /// A buffer for `value`, not written yet: for a row, or for all of it.
  void keep(Value value, Edges how);
  /// All that is computed for `tensor` at a point of its loops.
  void visitNeeded(Value tensor, llvm::SetVector<Value> &seen);
  /// All that is computed for `set`, without or with what targets take where
  /// loops begin: that is not computed for all of these loops.
  llvm::SetVector<Value> getNeeded(ArrayRef<unsigned> set,
                                   bool withPinned = false);
  /// Takes the buffers of `values` for written, and adds those that were not to
  /// `written`.
  void setWritten(const llvm::SetVector<Value> &values,
                  SmallVectorImpl<RowBuffer *> &written);
  /// A buffer for what depends on `list`: where the open loops stand, or for
  /// the whole of it.
  GroupBuffer createRowBuffer(ArrayRef<Loop> list, Type element,
                              bool isWhole = false);

  LoopBuilder &builder;
  OpBuilder &b;
  Location loc;
  GroupOp group;
  const GroupLoops &loops;
  GroupTargets targets;
  LoopResources resources;

  Operation *allocationPoint;
  /// What owns the buffers that are allocated, if that is not the function.
  std::optional<Owners> owners;
  /// How many loops are open.
  unsigned depth = 0;
  /// The loops that are open, also from the outermost to the innermost, and
  /// their indices.
  SmallVector<bool> open;
  LoopList path;
  SmallVector<Value> ivs;
  Lanes lanes;
  /// The rows that are reduced in blocks.
  std::optional<Loop> blocks;
  /// Whether values are computed at the beginning of loops, ahead of the
  /// others.
  bool isAhead = false;
  /// Those lanes that are open.
  LaneMask active = 0;
  /// The targets that are complete.
  TargetSet done;
  std::vector<State> states;
  /// What has been computed in each of the loops around, innermost last.
  SmallVector<DenseMap<Value, LaneValue>> scopes;
  llvm::MapVector<Value, std::unique_ptr<RowBuffer>> rows;
  /// The inputs that code before fetches ahead, and how far those are fetched
  /// ahead of which the open phase fetches the next row: 0 for a later phase.
  DenseSet<Value> prefetched;
  DenseMap<Value, int64_t> rowFetches;
  /// The stages of results that are open: on the stack, each a block of one
  /// loop and all of those that are inside of it, in time if not in memory. And
  /// the result of which strips begin aligned wherever its rows do.
  llvm::MapVector<unsigned, GroupBuffer> stages;
  const GroupBuffer *streamed = nullptr;
  Costs costs;
  /// What the group does, as far as that is decided.
  Work work;
  /// What has been decided for values, by phases (-1) or a loop, and what of
  /// that has been said last.
  DenseMap<std::pair<Value, int64_t>, Edges> edges;
  DenseMap<Value, Edges> remarked;
};

} // namespace mlir::owl

#endif // OWL_CONVERSION_OWLTOAFFINE_GROUPEMITTER_H
