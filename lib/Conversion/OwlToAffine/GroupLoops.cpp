//===- GroupLoops.cpp - The loops of a group and its buffers --------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See GroupLoops.h.
//
//===----------------------------------------------------------------------===//

#include "GroupLoops.h"
#include "../Sizes.h"
#include "LoopBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "owl/Support/ByteSize.h"

using namespace mlir;
using namespace mlir::owl;

/// Whether dimensions `dim` and `dim + 1` of `type` are one in memory.
static bool isDense(MemRefType type, int64_t dim) {
  if (type.getLayout().isIdentity())
    return true;
  auto [strides, offset] = type.getStridesAndOffset();
  int64_t size = type.getDimSize(dim + 1);
  return !ShapedType::isDynamic(strides[dim]) &&
         !ShapedType::isDynamic(strides[dim + 1]) &&
         !ShapedType::isDynamic(size) &&
         strides[dim] == strides[dim + 1] * size;
}

namespace {
/// Finds which axes can be one loop with the axis that follows them.
class AxisMerger {
public:
  /// Takes into account a list of axes; `breaksAfter` tells where memory, or
  /// the role in a reduction, does not go on.
  void addList(ArrayRef<Axis> list, function_ref<bool(size_t)> breaksAfter) {
    std::optional<Axis> previous;
    for (size_t i = 0; i < list.size(); ++i) {
      bool goesOn = i + 1 < list.size() && !breaksAfter(i);
      note(nexts, list[i], goesOn ? std::optional(list[i + 1]) : std::nullopt);
      note(previouses, list[i], previous);
      previous = goesOn ? std::optional(list[i]) : std::nullopt;
    }
  }

  /// The axis that stands behind `axis` wherever one of the two stands.
  std::optional<Axis> getNext(Axis axis) const {
    std::optional<Axis> next = nexts.lookup(axis);
    if (!next || previouses.lookup(*next) != axis)
      return std::nullopt;
    return next;
  }

private:
  using Neighbours = DenseMap<Axis, std::optional<Axis>>;

  /// Keeps a neighbour as long as it is always the same.
  static void note(Neighbours &neighbours, Axis axis,
                   std::optional<Axis> neighbour) {
    auto [it, isNew] = neighbours.try_emplace(axis, neighbour);
    if (!isNew && it->second != neighbour)
      it->second = std::nullopt;
  }

  Neighbours nexts, previouses;
};
} // namespace

/// The axes of all dimensions in a row, and which dimension each belongs to.
static AxisList flatten(ArrayRef<AxisList> dims,
                        SmallVectorImpl<int64_t> &dimOf) {
  AxisList flat;
  for (auto [dim, list] : llvm::enumerate(dims)) {
    llvm::append_range(flat, list);
    dimOf.append(list.size(), dim);
  }
  return flat;
}

void GroupLoops::mergeAxes(GroupOp group) {
  AxisMerger merger;
  auto addBuffer = [&](Value tensor, Value memref) {
    auto type = dyn_cast<MemRefType>(memref.getType());
    if (!type)
      return;
    SmallVector<int64_t> dimOf;
    AxisList flat = flatten(axes.getDims(tensor), dimOf);
    merger.addList(flat, [&](size_t i) {
      for (int64_t dim = dimOf[i]; dim < dimOf[i + 1]; ++dim)
        if (!isDense(type, dim))
          return true;
      return false;
    });
  };
  for (auto [argument, input] :
       llvm::zip_equal(group.getBody().getArguments(), group.getInputs()))
    addBuffer(argument, input);
  for (auto [value, init] :
       llvm::zip_equal(group.getYield().getValues(), group.getInits()))
    addBuffer(value, init);
  // What is counted is a loop, or several, but no part of one.
  group.getBody().walk([&](linalg::IndexOp index) {
    merger.addList(axes.getIndexed(index), [](size_t) { return false; });
  });
  for (auto reduce : group.getBody().getOps<ReduceOp>()) {
    SmallVector<int64_t> dimOf;
    AxisList flat = flatten(axes.getDims(reduce.getSource()), dimOf);
    merger.addList(flat, [&](size_t i) {
      return reduce.isReduced(dimOf[i]) != reduce.isReduced(dimOf[i + 1]);
    });
  }

  DenseSet<Axis> follows;
  AxisList all = axes.getAll();
  for (Axis axis : all)
    if (std::optional<Axis> next = merger.getNext(axis))
      follows.insert(*next);
  for (Axis axis : all) {
    if (follows.contains(axis))
      continue;
    AxisList &loop = members.emplace_back();
    for (std::optional<Axis> member = axis; member;
         member = merger.getNext(*member)) {
      loopOfAxis[*member] = members.size() - 1;
      loop.push_back(*member);
    }
  }
}

LoopList GroupLoops::toLoops(ArrayRef<Axis> list) const {
  LoopList loops;
  for (Axis axis : list) {
    Loop loop = loopOfAxis.lookup(axis);
    if (!loops.empty() && tilePoints == loops.back() && tile->loop == loop)
      continue;
    if (!loops.empty() && loops.back() == loop)
      continue;
    loops.push_back(loop);
    if (tilePoints && tile->loop == loop)
      loops.push_back(*tilePoints);
  }
  return loops;
}

LoopList GroupLoops::getLoops(Value tensor) const {
  return toLoops(axes.getAxes(tensor));
}

LoopList GroupLoops::getReduced(ReduceOp reduce) const {
  return toLoops(axes.getReduced(reduce));
}

GroupBuffer GroupLoops::createBuffer(OpBuilder &b, Location loc, Value memref,
                                     ArrayRef<AxisList> dims,
                                     bool isInput) const {
  GroupBuffer buffer;
  Value storage = viewAsStorage(b, loc, memref);
  auto type = cast<MemRefType>(storage.getType());
  SmallVector<OpFoldResult> strides, dimStrides;
  OpFoldResult offset = b.getIndexAttr(0);
  if (type.getLayout().isIdentity()) {
    SmallVector<OpFoldResult> dimSizes(dims.size(), b.getIndexAttr(1));
    for (auto [size, list] : llvm::zip_equal(dimSizes, dims))
      for (Axis axis : list)
        size = multiply(b, loc, size, axisSizes.lookup(axis));
    dimStrides = memref::computeStridesIRBlock(loc, b, dimSizes);
  } else {
    auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, storage);
    dimStrides = metadata.getConstifiedMixedStrides();
    offset = metadata.getConstifiedMixedOffset();
  }

  // From the innermost axis outwards, a loop's stride is its last axis'.
  SmallVector<OpFoldResult> viewSizes;
  for (int64_t dim = dims.size() - 1; dim >= 0; --dim) {
    OpFoldResult stride = dimStrides[dim];
    for (Axis axis : llvm::reverse(dims[dim])) {
      Loop loop = loopOfAxis.lookup(axis);
      if (buffer.loops.empty() || buffer.loops.back() != loop) {
        OpFoldResult loopStride = stride;
        auto add = [&](Loop loop) {
          buffer.loops.push_back(loop);
          viewSizes.push_back(sizes[loop]);
          strides.push_back(loopStride);
          loopStride = multiply(b, loc, loopStride, sizes[loop]);
        };
        if (tilePoints && tile->loop == loop)
          add(*tilePoints);
        add(loop);
        if (restBegin && tile->loop == loop)
          offset = affine::makeComposedFoldedAffineApply(
              b, loc,
              b.getAffineSymbolExpr(0) +
                  b.getAffineSymbolExpr(1) * b.getAffineSymbolExpr(2),
              {offset, restBegin, stride});
      }
      stride = multiply(b, loc, stride, axisSizes.lookup(axis));
    }
  }
  // What lies between elements that are near is loaded with them.
  std::optional<int64_t> step;
  if (isInput && !strides.empty())
    step = getConstantIntValue(strides.front());
  if (step && *step > 1 && *step <= kMaxStep &&
      getConstantIntValue(viewSizes.front()) != 0) {
    buffer.step = *step;
    viewSizes.front() = affine::makeComposedFoldedAffineApply(
        b, loc, (b.getAffineSymbolExpr(0) - 1) * *step + 1,
        {viewSizes.front()});
    strides.front() = b.getIndexAttr(1);
  }
  // Dense dimensions, from the last one on.
  OpFoldResult expected = b.getIndexAttr(1);
  for (auto [size, stride] : llvm::zip_equal(viewSizes, strides)) {
    if (!isEqualConstantIntOrValue(stride, expected))
      break;
    ++buffer.numContiguous;
    if (buffer.step > 1)
      break;
    expected = multiply(b, loc, expected, size);
  }
  std::reverse(buffer.loops.begin(), buffer.loops.end());
  std::reverse(viewSizes.begin(), viewSizes.end());
  std::reverse(strides.begin(), strides.end());
  buffer.view = memref::ReinterpretCastOp::create(b, loc, storage, offset,
                                                  viewSizes, strides);
  return buffer;
}

void GroupLoops::choosePrefetch(GroupBuffer &buffer,
                                unsigned bytesAhead) const {
  auto type = cast<MemRefType>(buffer.view.getType());
  int64_t elementBytes = getElementBytes(type.getElementType());
  // What an index takes is for the target to say.
  if (!bytesAhead || !buffer.numContiguous ||
      !type.getElementType().isIntOrFloat() ||
      (type.hasStaticShape() &&
       uint64_t(type.getNumElements() * elementBytes) < machine.cache))
    return;
  // What follows a tile in time does not follow it in memory, but where it is a
  // block of copies.
  if (tilePoints && copies.empty()) {
    auto *points = llvm::find(buffer.loops, *tilePoints);
    uint64_t bytes = elementBytes;
    for (int64_t size :
         type.getShape().drop_front(points - buffer.loops.begin()))
      bytes = llvm::SaturatingMultiply<uint64_t>(bytes, size);
    if (points != buffer.loops.end())
      buffer.pieceSize = std::min<uint64_t>(bytes / elementBytes, INT64_MAX);
  }
  buffer.prefetchDistance = bytesAhead / elementBytes;
}

LogicalResult GroupLoops::addAxes(OpBuilder &b, GroupOp group) {
  Location loc = group.getLoc();
  for (Value argument : group.getBody().getArguments())
    axes.addTensor(argument);
  for (Operation &op : group.getBody().front().without_terminator()) {
    // Scalars have no axes.
    if (isa<arith::ConstantOp>(op) &&
        !isa<ShapedType>(op.getResult(0).getType()))
      continue;
    if (!Axes::isSupported(&op) || failed(axes.add(&op)))
      return failure();
  }
  mergeAxes(group);

  IRMapping operands;
  operands.map(group.getBody().getArguments(), group.getInputs());
  for (const AxisList &list : members) {
    OpFoldResult product = b.getIndexAttr(1);
    for (Axis axis : list) {
      const AxisSize &size = axes.getSize(axis);
      OpFoldResult &value = axisSizes[axis];
      if (!ShapedType::isDynamic(size.count))
        value = b.getIndexAttr(size.count);
      else if (size.dim < 0)
        value = operands.lookup(size.source);
      else
        value = memref::getMixedSize(b, loc, operands.lookup(size.source),
                                     size.dim);
      product = multiply(b, loc, product, value);
    }
    sizes.push_back(product);
  }
  return success();
}

/// Whether the size of `buffer` is known.
static bool isStatic(const GroupBuffer &buffer) {
  return cast<MemRefType>(buffer.view.getType()).hasStaticShape();
}

/// The bytes of `buffer`, of which the size is known.
static uint64_t getBytes(const GroupBuffer &buffer) {
  auto type = cast<MemRefType>(buffer.view.getType());
  return type.getNumElements() * getElementBytes(type.getElementType());
}

/// Code for both cases of a size that is not known is for groups that wait for
/// memory: of no more arithmetic for an element, in additions.
static constexpr unsigned kCheap = 48;

static bool isCheap(GroupOp group) {
  unsigned cost = 0;
  for (Operation &op : group.getBody().front().without_terminator())
    cost += Costs::getPerPoint(&op).getAdditions();
  return cost <= kCheap;
}

void GroupLoops::createBuffers(OpBuilder &b, GroupOp group,
                               const GroupLoopsOptions &options) {
  Location loc = group.getLoc();
  for (auto [argument, input] :
       llvm::zip_equal(group.getBody().getArguments(), group.getInputs()))
    if (isa<MemRefType>(input.getType())) {
      GroupBuffer &buffer = inputs[argument];
      buffer = createBuffer(b, loc, input, axes.getDims(argument),
                            /*isInput=*/true);
    }
  for (auto [value, init] :
       llvm::zip_equal(group.getYield().getValues(), group.getInits())) {
    outputs.push_back(createBuffer(b, loc, init, axes.getDims(value),
                                   /*isInput=*/false));
    // Of a view one does not know where it begins.
    auto type = cast<MemRefType>(init.getType());
    outputs.back().isNonTemporal =
        type.getLayout().isIdentity() && options.nonTemporalBytes &&
        type.getElementType().isIntOrFloat() &&
        (!isStatic(outputs.back())
             ? isCheap(group)
             : getBytes(outputs.back()) >= options.nonTemporalBytes);
  }
  // Those of unknown size that are larger than others are asked for.
  size_t most = 0;
  for (const GroupBuffer &buffer : outputs)
    most = std::max(most, buffer.loops.size());
  bool isStreamed = false;
  for (GroupBuffer &buffer : outputs) {
    buffer.isNonTemporal &= isStatic(buffer) || buffer.loops.size() == most;
    isStreamed |= buffer.isNonTemporal;
  }
  // Where nothing is reduced and as much is written as read, that takes longer,
  // and what is read from a cache is there in time.
  bool reduces = !group.getBody().getOps<ReduceOp>().empty();
  uint64_t read = 0, written = 0;
  for (auto &[argument, buffer] : inputs)
    read += isStatic(buffer) ? getBytes(buffer) : kUnknownSize;
  for (const GroupBuffer &buffer : outputs)
    written += isStatic(buffer) ? getBytes(buffer) : 0;
  for (auto &[argument, buffer] : inputs) {
    unsigned bytes = options.prefetchBytes;
    bool isFar = options.nonTemporalBytes && isStatic(buffer) &&
                 getBytes(buffer) >= options.nonTemporalBytes;
    if (!isFar && !reduces && written >= read)
      bytes = 0;
    if (isFar && bytes) {
      bytes =
          isStreamed ? options.streamedPrefetchBytes : options.farPrefetchBytes;
      buffer.prefetchCache = isStreamed ? 2 : options.farPrefetchCache;
    }
    choosePrefetch(buffer, bytes);
  }
}

Value GroupLoops::createIsLarge(OpBuilder &b, Location loc,
                                const GroupLoopsOptions &options) const {
  Value isLarge;
  auto require = [&](arith::CmpIPredicate predicate, Value lhs, int64_t rhs) {
    Value holds = arith::CmpIOp::create(
        b, loc, predicate, lhs, arith::ConstantIndexOp::create(b, loc, rhs));
    isLarge = isLarge ? arith::AndIOp::create(b, loc, isLarge, holds) : holds;
  };
  for (const GroupBuffer &buffer : outputs) {
    if (!buffer.isNonTemporal || isStatic(buffer))
      continue;
    int64_t bytes = getElementBytes(getElementTypeOrSelf(buffer.view));
    OpFoldResult count = b.getIndexAttr(1);
    for (Loop loop : buffer.loops)
      count = multiply(b, loc, count, sizes[loop]);
    if (auto size = dyn_cast<Value>(count))
      require(arith::CmpIPredicate::sge, size,
              llvm::divideCeil(options.nonTemporalBytes, bytes));
    // Strips are to begin where a non-temporal store can.
    auto view = buffer.view.getDefiningOp<memref::ReinterpretCastOp>();
    for (Value stride : view.getStrides()) {
      Value distance = arith::MulIOp::create(
          b, loc, stride, arith::ConstantIndexOp::create(b, loc, bytes));
      Value rest =
          arith::RemUIOp::create(b, loc, distance,
                                 arith::ConstantIndexOp::create(
                                     b, loc, LoopBuilder::kStreamAlignment));
      require(arith::CmpIPredicate::eq, rest, 0);
    }
  }
  return isLarge;
}

FailureOr<SmallVector<GroupLoops, 2>>
GroupLoops::create(OpBuilder &b, GroupOp group,
                   const GroupLoopsOptions &options) {
  GroupLoops loops(options.machine);
  if (failed(loops.addAxes(b, group)))
    return failure();
  loops.choosePoints(group, options.registerBits);
  SmallVector<GroupLoops, 2> parts = {loops};
  if (loops.tile) {
    parts.front().keepTiles(b, group.getLoc());
    loops.keepRest(b, group.getLoc());
    if (getConstantIntValue(loops.sizes[loops.tile->loop]) != 0)
      parts.push_back(loops);
  }
  for (GroupLoops &part : parts)
    part.createBuffers(b, group, options);
  return parts;
}
