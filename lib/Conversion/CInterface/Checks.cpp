//===- Checks.cpp - The status of a call ----------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that may be wrong with a call is known from its dimensions, and is
// checked before anything is read or written.
//
//===----------------------------------------------------------------------===//

#include "Entry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "owl/Support/Status.h"

using namespace mlir;
using namespace mlir::owl;

namespace {
/// Builds the status of a call.
class StatusBuilder {
public:
  StatusBuilder(OpBuilder &b, Location loc) : b(b), loc(loc) {
    ok = status = getCode(Status::Ok);
  }

  /// Where `condition` does not hold, the status is `code`, whatever was
  /// required before.
  void require(Value condition, Status code = Status::BadShape) {
    status = arith::SelectOp::create(b, loc, condition, status, getCode(code));
  }

  Value get() { return status; }
  Value isOk() {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, status, ok);
  }

private:
  Value getCode(Status code) {
    return arith::ConstantIntOp::create(b, loc, static_cast<int32_t>(code), 32);
  }

  OpBuilder &b;
  Location loc;
  Value status, ok;
};
} // namespace

/// What `op` asserts: true where shapes tell that it is not reached.
static FailureOr<Value> computeCondition(cf::AssertOp op, ShapeSlicer &slicer) {
  FailureOr<Value> condition = slicer.compute(op.getArg());
  if (failed(condition))
    return op.emitError("expects a condition on the shapes of arguments alone");
  Value isReached = slicer.computeReached(op);
  if (!isReached)
    return condition;
  Value yes = slicer.create<arith::ConstantIntOp>(op.getLoc(), 1, 1);
  return slicer.create<arith::SelectOp>(op.getLoc(), isReached, *condition,
                                        yes);
}

LogicalResult owl::emitChecks(Entry &entry, ArrayRef<Extent> results,
                              Value workspaceFits) {
  func::FuncOp function = entry.getFunction();
  Location loc = function.getLoc();
  SmallVector<Extent> extents(results);
  ValueRange dims(entry.getDims());
  for (Type type : entry.getArgumentTypes()) {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      continue;
    size_t count = memref.getNumDynamicDims();
    FailureOr<Extent> extent = getExtent(memref, dims.take_front(count),
                                         function, entry.getMaxBytes());
    if (failed(extent))
      return failure();
    extents.push_back(*extent);
    dims = dims.drop_front(count);
  }
  SmallVector<cf::AssertOp> asserts;
  function.walk([&](cf::AssertOp op) { asserts.push_back(op); });
  if (asserts.empty() && entry.getDims().empty() && !workspaceFits)
    return success();

  // The checks come before the views, whose sizes they vouch for.
  Block &block = entry.getBody();
  OpBuilder b = OpBuilder::atBlockBegin(&block);
  if (workspaceFits)
    b.setInsertionPointAfterValue(workspaceFits);
  ShapeSlicer slicer = entry.createSlicer(b);
  StatusBuilder status(b, loc);
  // The first check that fails gives the status, so the last is tested first.
  for (cf::AssertOp op : llvm::reverse(asserts)) {
    FailureOr<Value> condition = computeCondition(op, slicer);
    if (failed(condition))
      return failure();
    status.require(*condition, op.getMsg().contains(kEmptyReduction)
                                   ? Status::EmptyReduction
                                   : Status::BadShape);
    op.erase();
  }

  // Sizes in bytes: of results, of arguments and of the workspace.
  for (const Extent &extent : extents) {
    if (extent.isStatic())
      continue;
    FailureOr<CheckedSize> size =
        emitBytes(slicer, loc, extent, entry.getMaxBytes());
    if (failed(size))
      return function.emitError(kExpectsKnownShapes);
    status.require(size->fits);
  }
  if (workspaceFits)
    status.require(workspaceFits);
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
  for (BlockArgument dim : entry.getDims())
    status.require(
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, dim, zero));

  Value isOk = status.isOk();
  Block *body = block.splitBlock(b.getInsertionPoint());
  Block *exit = b.createBlock(&function.getBody(), function.getBody().end());
  func::ReturnOp::create(b, loc, status.get());
  b.setInsertionPointToEnd(&block);
  cf::CondBranchOp::create(b, loc, isOk, body, exit);
  return success();
}
