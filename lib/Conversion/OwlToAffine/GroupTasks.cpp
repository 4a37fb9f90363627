//===- GroupTasks.cpp - Loops that threads share --------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of GroupEmitter that splits the outermost loop of a nest into tasks:
//
//   for i in [0, end) { ... }
//
// becomes
//
//   owl.parallel_for count { task:
//     for i in [task size, min((task + 1) size, end)) { ... }
//   }
//
// What is done for each index is the same whatever the count, so that results
// are too. Buffers that the loop writes and reads again are a task's own.
//
// A loop that reduces is cut into pieces first, whose number depends on nothing
// but sizes. Each has accumulators of its own, which are combined in order:
//
//   for p in [0, count) {
//     piece = init
//     for i in [p size, min((p + 1) size, end)) { piece = piece + x[i] }
//     sum = sum + piece
//   }
//
// For threads, the loop over pieces is one as above, that writes accumulators
// to memory, and what combines them follows it.
//
//===----------------------------------------------------------------------===//

#include "../Sizes.h"
#include "GroupEmitter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// Additions that take as long as moving a byte.
static constexpr int64_t kAdditionsPerByte = 2;

/// What a piece of a reduction has to do at least, in bytes that it moves, and
/// how many there are at most. Results depend on both.
static constexpr int64_t kPieceWork = 256 * 1024, kPieces = 256,
                         kPiecesInMemory = 16;

/// Whether iterations of `loop`, but for what targets accumulate, can run in
/// any order and at the same time.
bool GroupEmitter::canCut(ArrayRef<unsigned> set, Loop loop,
                          ArrayRef<unsigned> accumulating) {
  if (depth > 0 || llvm::any_of(set, [&](unsigned i) {
        return targets[i].reduces(loop) && !states[i].memory.isOpen &&
               !llvm::is_contained(accumulating, i);
      }))
    return false;
  // There is nothing to do, and no slice of buffers that are empty.
  for (unsigned i : set)
    for (Loop other : targets[i].domain)
      if (getConstantIntValue(loops.getSize(other)) == 0)
        return false;
  // What does not depend on the loop would be kept by each task anew, at the
  // same place.
  llvm::SetVector<Value> needed = getNeeded(set);
  return llvm::none_of(rows, [&](const auto &entry) {
    return needed.contains(entry.first) && !entry.second->isWritten &&
           !llvm::is_contained(entry.second->buffer.loops, loop);
  });
}

bool GroupEmitter::isForPieces(unsigned i) const {
  const Target &target = targets[i];
  Type element = getElementTypeOrSelf(target.value.getType());
  uint64_t bytes = 2 * getElementBytes(element);
  for (Loop loop : target.domain)
    bytes = llvm::SaturatingMultiply<uint64_t>(
        bytes, getConstantIntValue(loops.getSize(loop)).value_or(1));
  return depth == 0 && bytes >= 2 * kPieceWork;
}

/// About how many bytes `set` moves for an index of `loop`, or does something
/// else in that time.
OpFoldResult GroupEmitter::getWork(ArrayRef<unsigned> set, Loop loop) {
  OpFoldResult work = b.getIndexAttr(0);
  for (unsigned i : set) {
    const Target &target = targets[i];
    if (!target.value)
      continue;
    int64_t bytes = getElementBytes(getElementTypeOrSelf(target.value));
    Arithmetic cost = costs.get(target.value);
    if (target.reduce)
      cost += Costs::getPerPoint(target.reduce);
    // It is read as well, or written.
    OpFoldResult own =
        b.getIndexAttr(2 * bytes + cost.getAdditions() / kAdditionsPerByte);
    // Of a loop that is open it is what a strip covers.
    for (Loop other : target.domain)
      if (other != loop)
        own = multiply(b, loc, own,
                       open[other]
                           ? b.getIndexAttr(lanes.getCount(getMask({other})))
                           : loops.getSize(other));
    work = affine::makeComposedFoldedAffineApply(
        b, loc, b.getAffineSymbolExpr(0) + b.getAffineSymbolExpr(1),
        {work, own});
  }
  return work;
}

static Value divideCeil(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  return b.createOrFold<arith::CeilDivUIOp>(loc, lhs, rhs);
}

static Value atLeastOne(OpBuilder &b, Location loc, Value value) {
  return b.createOrFold<arith::MaxUIOp>(
      loc, value, arith::ConstantIndexOp::create(b, loc, 1));
}

/// How often a loop over [0, end) with `step` comes around.
static Value getTrips(OpBuilder &b, Location loc, OpFoldResult end,
                      int64_t step) {
  return getValueOrCreateConstantIndexOp(
      b, loc,
      affine::makeComposedFoldedAffineApply(
          b, loc, b.getAffineSymbolExpr(0).floorDiv(step), {end}));
}

static int64_t getLanes(Value value) {
  auto vector = dyn_cast<VectorType>(value.getType());
  return vector ? vector.getNumElements() : 1;
}

/// Cuts [0, end), walked with `step`, into pieces of `trips` iterations.
GroupEmitter::Cut GroupEmitter::cut(OpFoldResult end, int64_t step,
                                    Value trips) {
  Value size = b.createOrFold<arith::MulIOp>(
      loc, trips, arith::ConstantIndexOp::create(b, loc, step));
  Value whole = getValueOrCreateConstantIndexOp(b, loc, end);
  return {divideCeil(b, loc, whole, size), size};
}

/// Calls `emit` with where piece `number` begins and ends.
static void emitRange(OpBuilder &b, Location loc, Value number, Value size,
                      OpFoldResult end,
                      function_ref<void(OpFoldResult, OpFoldResult)> emit) {
  Value first = arith::MulIOp::create(b, loc, number, size);
  Value last = arith::AddIOp::create(b, loc, first, size);
  // Where all pieces are as long, LLVM is to see it.
  auto whole = getConstantIntValue(end), part = getConstantIntValue(size);
  if (!whole || !part || *whole % *part != 0)
    last = arith::MinUIOp::create(b, loc, last,
                                  getValueOrCreateConstantIndexOp(b, loc, end));
  emit(first, last);
}

bool GroupEmitter::emitPieces(ArrayRef<unsigned> set, Loop loop,
                              OpFoldResult end, int64_t step,
                              ArrayRef<unsigned> accumulating, EmitRange emit) {
  // Those that accumulate in memory.
  Set waiting;
  llvm::copy_if(set, std::back_inserter(waiting), [&](unsigned i) {
    return targets[i].reduces(loop) && states[i].memory.isOpen;
  });
  bool reduces = !accumulating.empty() || !waiting.empty();
  if (!reduces && resources.threads < 2)
    return false;
  Value work = getValueOrCreateConstantIndexOp(
      b, loc, multiply(b, loc, getWork(set, loop), b.getIndexAttr(step)));
  if (!reduces)
    return emitTasks(end, step, work, emit);

  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value least =
      divideCeil(b, loc, number(kPieceWork), atLeastOne(b, loc, work));
  int64_t most = waiting.empty() ? kPieces : kPiecesInMemory;
  Value trips = b.createOrFold<arith::MaxUIOp>(
      loc, least,
      divideCeil(b, loc, getTrips(b, loc, end, step), number(most)));
  Cut pieces = cut(end, step, trips);
  if (std::optional<int64_t> count = getConstantIntValue(pieces.count)) {
    if (*count < 2)
      return false;
    most = *count;
  }
  auto emitPiece = [&](Value piece) {
    restartAccumulators(accumulating);
    emitRange(b, loc, piece, pieces.size, end, emit);
  };
  if (resources.threads < 2 ||
      !emitPiecesInTasks(pieces.count, most,
                         b.createOrFold<arith::MulIOp>(loc, work, trips),
                         accumulating, waiting, emitPiece))
    combinePieces(pieces.count, accumulating, waiting, [&](Value piece) {
      for (unsigned i : waiting)
        startPieceInMemory(i);
      emitPiece(piece);
      for (unsigned i : waiting)
        std::swap(states[i].piece, states[i].memory);
    });
  return true;
}

void GroupEmitter::startPieceInMemory(unsigned i) {
  states[i].piece = std::exchange(states[i].memory, {});
  startInMemory(i, /*clears=*/true, states[i].piece.isOfBlock);
}

void GroupEmitter::combinePieces(Value count, ArrayRef<unsigned> accumulating,
                                 ArrayRef<unsigned> waiting, EmitPiece emit) {
  emitCarrying(b.getIndexAttr(0), count, 1, accumulating, [&](Value piece) {
    SmallVector<Value> before = getAccumulated(accumulating);
    emit(piece);
    addAccumulated(accumulating, before);
    for (unsigned i : waiting) {
      states[i].memory.isOpen = false;
      emitAdded(targets.addCombine(i));
      states[i].memory.isOpen = true;
      states[i].piece = {};
    }
  });
}

bool GroupEmitter::emitPiecesInTasks(Value count, int64_t most, Value work,
                                     ArrayRef<unsigned> accumulating,
                                     ArrayRef<unsigned> waiting,
                                     EmitPiece emit) {
  // What is accumulated is kept, for each piece: values here.
  SmallVector<Value> before = getAccumulated(accumulating), kept;
  for (Value value : before) {
    Type element = getElementTypeOrSelf(value.getType());
    auto type = MemRefType::get({most, getLanes(value)},
                                element.isInteger(1) ? b.getI8Type() : element);
    kept.push_back(allocate(type, {}, /*onStack=*/false));
  }
  auto getIndices = [&](Value piece) {
    return SmallVector<Value>{piece, arith::ConstantIndexOp::create(b, loc, 0)};
  };
  // And what is in memory here, as the slices of one of them.
  SmallVector<SmallVector<GroupBuffer, 2>, 1> keptInMemory;
  bool areTasks =
      emitTasks(count, 1, work, [&](OpFoldResult begin, OpFoldResult end) {
        emitCarrying(begin, end, 1, {}, [&](Value piece) {
          std::optional<Owners> task = owners;
          owners = Owners{b.getIndexAttr(most), piece, b.getInsertionBlock(),
                          /*hasStack=*/false};
          for (unsigned i : waiting)
            startPieceInMemory(i);
          owners = task;
          emit(piece);
          for (unsigned i : waiting) {
            keptInMemory.push_back(std::move(states[i].memory.buffers));
            states[i].memory = std::exchange(states[i].piece, {});
          }
          for (auto [value, buffer] :
               llvm::zip_equal(getAccumulated(accumulating), kept))
            builder.store(toStorage(b, loc, value), buffer, getIndices(piece));
        });
      });
  if (!areTasks) {
    for (Value buffer : kept)
      buffer.getDefiningOp()->erase();
    return false;
  }

  setAccumulated(accumulating, before);
  combinePieces(count, accumulating, waiting, [&](Value piece) {
    SmallVector<Value> values;
    for (auto [value, buffer] : llvm::zip_equal(before, kept))
      values.push_back(fromStorage(
          b, loc, builder.load(buffer, getIndices(piece), getLanes(value)),
          getElementTypeOrSelf(value.getType())));
    setAccumulated(accumulating, values);
    for (auto [i, buffers] : llvm::zip_equal(waiting, keptInMemory)) {
      states[i].piece.buffers = buffers;
      for (GroupBuffer &buffer : states[i].piece.buffers) {
        auto slice = buffer.view.getDefiningOp<memref::SubViewOp>();
        buffer.view = getSlice(slice.getSource(), slice.getType(), piece);
      }
    }
  });
  return true;
}

bool GroupEmitter::emitTasks(OpFoldResult end, int64_t step, Value work,
                             EmitRange emit) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value trips = getTrips(b, loc, end, step);
  Value least =
      divideCeil(b, loc, number(resources.taskBytes), atLeastOne(b, loc, work));
  Value most = b.createOrFold<arith::DivUIOp>(loc, trips, least);
  Value wanted = atLeastOne(
      b, loc,
      b.createOrFold<arith::MinUIOp>(loc, most, number(resources.threads)));
  Cut tasks =
      cut(end, step, atLeastOne(b, loc, divideCeil(b, loc, trips, wanted)));
  std::optional<int64_t> count = getConstantIntValue(tasks.count);
  if (count == 1)
    return false;
  remark::analysis(
      loc, remark::RemarkOpts::name("split").category("convert-owl-to-affine"))
      << "split for threads"
      << remark::metric("MostTasks", count.value_or(resources.threads));

  auto parallel = ParallelForOp::create(b, loc, tasks.count);
  {
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&parallel.getBody(), {}, {b.getIndexType()}, {loc});
    Operation *before = std::exchange(allocationPoint, parallel);
    owners = Owners{getAsOpFoldResult(tasks.count), parallel.getTask(),
                    b.getInsertionBlock()};
    emitRange(b, loc, parallel.getTask(), tasks.size, end, emit);
    owners.reset();
    allocationPoint = before;
    YieldOp::create(b, loc);
  }
  // What comes next cannot use the buffers of a task.
  for (State &state : states)
    if (llvm::any_of(state.memory.buffers, [&](const GroupBuffer &buffer) {
          return parallel->isProperAncestor(buffer.view.getDefiningOp());
        }))
      state.memory = {};
  return true;
}

Value GroupEmitter::allocate(MemRefType type, ValueRange sizes, bool onStack) {
  OpBuilder::InsertionGuard guard(b);
  if (onStack) {
    Block *block = owners ? owners->block
                          : &group->getParentOfType<FunctionOpInterface>()
                                 .getFunctionBody()
                                 .front();
    b.setInsertionPointToStart(block);
    return memref::AllocaOp::create(b, loc, type, ValueRange(),
                                    b.getI64IntegerAttr(64));
  }
  b.setInsertionPoint(allocationPoint);
  if (!owners)
    return memref::AllocOp::create(b, loc, type, sizes);
  SmallVector<OpFoldResult> all = {owners->count};
  llvm::append_range(all, getMixedValues(type.getShape(), sizes, b));
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(all, dynamic, shape);
  Value slices = memref::AllocOp::create(
      b, loc, MemRefType::get(shape, type.getElementType()), dynamic);
  b.setInsertionPointToStart(owners->block);
  return getSlice(slices, type, owners->number);
}

Value GroupEmitter::getSlice(Value slices, MemRefType type, Value number) {
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(b, loc, slices);
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0)),
      strides(sizes.size(), b.getIndexAttr(1));
  offsets.front() = number;
  sizes.front() = b.getIndexAttr(1);
  return memref::SubViewOp::create(
      b, loc,
      memref::SubViewOp::inferRankReducedResultType(
          type.getShape(), cast<MemRefType>(slices.getType()), offsets, sizes,
          strides),
      slices, offsets, sizes, strides);
}
