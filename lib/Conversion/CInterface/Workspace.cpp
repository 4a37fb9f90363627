//===- Workspace.cpp - Allocations become parts of the workspace ----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is decided here, once, is the order in which buffers are stacked: each
// lies on top of those before it that live at the same time. So its offset is
//
//   max(end of those), end = offset + size, rounded up to the alignment
//
// which folds to a number where sizes are static, and else is computed from the
// dimensions, in the same way for the size, the offsets and the checks. In the
// order of the offsets of a plan (WorkspacePlan.h) nothing ends higher than in
// that plan.
//
// Static buffers come first, as planned. The plan of the dynamic ones takes all
// dimensions to be kTypicalDim.
//
//===----------------------------------------------------------------------===//

#include "Entry.h"
#include "Lifetimes.h"
#include "Pointers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "owl/Conversion/CInterface/WorkspacePlan.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::owl;

/// Buffers in the workspace start at multiples of a cache line.
static constexpr int64_t kAlignment = 64;

/// What an unknown dimension is taken to be where one order of buffers is
/// preferred to another.
static constexpr int64_t kTypicalDim = 64;

namespace {
struct Buffer {
  memref::AllocOp alloc;
  Extent extent;
  Lifetime lifetime;
};

/// The plan as values of the program: i64, and an i1 that tells whether all of
/// it can be addressed.
struct Placement {
  SmallVector<Value> offsets;
  Value size, fits;
};

/// Places the buffers of one function.
class Planner {
public:
  explicit Planner(Entry &entry)
      : entry(entry), loc(entry.getFunction().getLoc()) {}

  /// Finds the buffers and puts them in order.
  LogicalResult plan();
  /// Computes the plan where `slicer` computes.
  FailureOr<Placement> emit(ShapeSlicer slicer);
  ArrayRef<Buffer> getBuffers() { return buffers; }

private:
  /// The size of `buffer`, 0 where shapes tell that it is not needed.
  FailureOr<CheckedSize> emitSize(const Buffer &buffer, ShapeSlicer &slicer);
  /// Orders `buffers` by the offsets in a plan of their own.
  LogicalResult sortByPlan(MutableArrayRef<Buffer> buffers);

  Entry &entry;
  Location loc;
  SmallVector<Buffer> buffers;
};
} // namespace

LogicalResult Planner::plan() {
  SmallVector<memref::AllocOp> allocs;
  entry.getFunction().walk([&](memref::AllocOp op) { allocs.push_back(op); });
  FailureOr<SmallVector<Lifetime>> lifetimes =
      getLifetimes(entry.getFunction(), allocs);
  if (failed(lifetimes))
    return failure();
  SmallVector<Buffer> dynamic;
  for (auto [alloc, lifetime] : llvm::zip_equal(allocs, *lifetimes)) {
    FailureOr<Extent> extent = getExtent(
        alloc.getType(), alloc.getDynamicSizes(), alloc, entry.getMaxBytes());
    if (failed(extent))
      return failure();
    (extent->isStatic() ? buffers : dynamic)
        .push_back({alloc, *extent, lifetime});
  }
  if (failed(sortByPlan(buffers)) || failed(sortByPlan(dynamic)))
    return failure();
  llvm::append_range(buffers, dynamic);
  return success();
}

LogicalResult Planner::sortByPlan(MutableArrayRef<Buffer> buffers) {
  // With constants in place of the dimensions, sizes fold.
  Block scratch;
  OpBuilder b(entry.getFunction().getContext());
  b.setInsertionPointToStart(&scratch);
  Value typical = arith::ConstantIntOp::create(b, loc, kTypicalDim, 64);
  ShapeSlicer slicer = entry.createSlicer(
      b, SmallVector<Value>(entry.getDims().size(), typical));
  SmallVector<PlannedBuffer> planned;
  for (Buffer &buffer : buffers) {
    FailureOr<CheckedSize> size = emitSize(buffer, slicer);
    if (failed(size))
      return failure();
    std::optional<int64_t> bytes = getConstantIntValue(size->bytes);
    planned.push_back({llvm::alignTo(bytes.value_or(kTypicalDim), kAlignment),
                       buffer.lifetime});
  }
  WorkspacePlan plan = planWorkspace(planned);
  auto order = llvm::to_vector(llvm::seq<size_t>(0, buffers.size()));
  llvm::sort(order, [&](size_t lhs, size_t rhs) {
    return std::make_pair(plan.offsets[lhs], lhs) <
           std::make_pair(plan.offsets[rhs], rhs);
  });
  auto sorted =
      llvm::map_to_vector(order, [&](size_t i) { return buffers[i]; });
  llvm::copy(sorted, buffers.begin());
  return success();
}

FailureOr<CheckedSize> Planner::emitSize(const Buffer &buffer,
                                         ShapeSlicer &slicer) {
  FailureOr<CheckedSize> size =
      emitBytes(slicer, loc, buffer.extent, entry.getMaxBytes());
  if (failed(size))
    return buffer.alloc->emitError(kExpectsKnownShapes);
  if (Value isReached = slicer.computeReached(buffer.alloc)) {
    Value zero = slicer.create<arith::ConstantIntOp>(loc, 0, 64);
    Value yes = slicer.create<arith::ConstantIntOp>(loc, 1, 1);
    size->bytes =
        slicer.create<arith::SelectOp>(loc, isReached, size->bytes, zero);
    size->fits =
        slicer.create<arith::SelectOp>(loc, isReached, size->fits, yes);
  }
  return size;
}

FailureOr<Placement> Planner::emit(ShapeSlicer slicer) {
  auto number = [&](int64_t value) -> Value {
    return slicer.create<arith::ConstantIntOp>(loc, value, 64);
  };
  auto maximum = [&](Value lhs, Value rhs) {
    return lhs == rhs ? lhs : slicer.create<arith::MaxSIOp>(loc, lhs, rhs);
  };
  Placement placement;
  placement.fits = slicer.create<arith::ConstantIntOp>(loc, 1, 1);
  SmallVector<Value> ends;
  // What nothing lies on.
  llvm::SmallBitVector isTop(buffers.size(), true);
  for (auto [i, buffer] : llvm::enumerate(buffers)) {
    FailureOr<CheckedSize> size = emitSize(buffer, slicer);
    if (failed(size))
      return failure();
    Value offset;
    SmallVector<Lifetime> below;
    for (size_t other : llvm::reverse(llvm::seq<size_t>(0, i))) {
      Lifetime lifetime = buffers[other].lifetime;
      if (!lifetime.overlaps(buffer.lifetime))
        continue;
      isTop.reset(other);
      // What something lies on ends below it.
      if (llvm::any_of(
              below, [&](Lifetime upper) { return upper.overlaps(lifetime); }))
        continue;
      below.push_back(lifetime);
      offset = offset ? maximum(offset, ends[other]) : ends[other];
    }
    if (!offset)
      offset = number(0);

    // The rounding up to the alignment is part of the size.
    Value most = slicer.create<arith::SubIOp>(
        loc, number(entry.getMaxBytes() - kAlignment), offset);
    Value fits = slicer.create<arith::CmpIOp>(loc, arith::CmpIPredicate::sle,
                                              size->bytes, most);
    for (Value condition : {size->fits, fits})
      placement.fits =
          slicer.create<arith::AndIOp>(loc, placement.fits, condition);
    Value rounded = slicer.create<arith::AndIOp>(
        loc,
        slicer.create<arith::AddIOp>(loc, size->bytes, number(kAlignment - 1)),
        number(-kAlignment));
    placement.offsets.push_back(offset);
    ends.push_back(slicer.create<arith::AddIOp>(loc, offset, rounded));
  }
  for (unsigned top : isTop.set_bits())
    placement.size =
        placement.size ? maximum(placement.size, ends[top]) : ends[top];
  if (!placement.size)
    placement.size = number(0);
  return placement;
}

FailureOr<Value> owl::placeAllocs(Entry &entry) {
  Planner planner(entry);
  if (failed(planner.plan()))
    return failure();
  func::FuncOp function = entry.getFunction();
  Location loc = function.getLoc();
  OpBuilder b(function);

  func::FuncOp sizeFunction =
      entry.createShapeFunction(b, "_workspace_size", {}, {}, b.getIndexType());
  FailureOr<Placement> placement =
      planner.emit(entry.createSlicer(b, sizeFunction.getArguments()));
  if (failed(placement))
    return failure();
  auto toIndex = [&](Value value) {
    return b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), value);
  };
  func::ReturnOp::create(b, loc, toIndex(placement->size));
  if (planner.getBuffers().empty())
    return Value();

  b.setInsertionPointToStart(&entry.getBody());
  placement = planner.emit(entry.createSlicer(b));
  if (failed(placement))
    return failure();
  std::optional<int64_t> fits = getConstantIntValue(placement->fits);
  if (fits == 0)
    return function.emitError("expects the tensors between ops to fit the "
                              "target's address space together");
  Value workspace =
      viewPointer(b, loc, entry.getWorkspace(),
                  MemRefType::get({ShapedType::kDynamic}, b.getI8Type()),
                  {toIndex(placement->size)});
  SmallVector<Value> offsets = llvm::map_to_vector(placement->offsets, toIndex);
  for (auto [buffer, offset] : llvm::zip_equal(planner.getBuffers(), offsets)) {
    memref::AllocOp alloc = buffer.alloc;
    b.setInsertionPoint(alloc);
    Value view =
        memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(), workspace,
                               offset, alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
  return fits ? Value() : placement->fits;
}
