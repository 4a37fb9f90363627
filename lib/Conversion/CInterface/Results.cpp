//===- Results.cpp - Results in the caller's buffers ----------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the body returns is written where the caller wants it, and the caller is
// told how large that has to be.
//
//===----------------------------------------------------------------------===//

#include "Entry.h"
#include "Pointers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "owl/Support/Status.h"

using namespace mlir;
using namespace mlir::owl;

LogicalResult owl::emitOutShape(Entry &entry) {
  func::ReturnOp returnOp = entry.getReturn();
  ArrayRef<Type> resultTypes = entry.getResultTypes();
  OperandRange dims = returnOp.getOperands().drop_front(resultTypes.size());
  if (dims.empty())
    return success();
  Location loc = returnOp.getLoc();
  OpBuilder b(returnOp);
  func::FuncOp target = entry.createShapeFunction(
      b, "_out_shape", b.getI32Type(), MemRefType::get({}, b.getI64Type()), {});
  ShapeSlicer slicer =
      entry.createSlicer(b, target.getArguments().drop_front(1).drop_back(1));
  SmallVector<SmallVector<Value>> shapes;
  int64_t maxRank = 0;
  for (Type type : resultTypes) {
    SmallVector<Value> &shape = shapes.emplace_back();
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      continue;
    maxRank = std::max(maxRank, memref.getRank());
    for (int64_t size : memref.getShape()) {
      if (!ShapedType::isDynamic(size)) {
        shape.push_back(arith::ConstantIndexOp::create(b, loc, size));
        continue;
      }
      FailureOr<Value> dim = slicer.compute(dims.front());
      if (failed(dim))
        return returnOp.emitError("expects the shapes of results to depend on "
                                  "the shapes of arguments alone");
      dims = dims.drop_front();
      shape.push_back(*dim);
    }
  }
  Value out = viewPointer(b, loc, target.getArguments().back(),
                          MemRefType::get({maxRank}, b.getI64Type()), {});
  for (size_t i = 0; i < shapes.size(); ++i) {
    Value index = arith::ConstantIntOp::create(b, loc, i, 32);
    Value isThis = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                         target.getArgument(0), index);
    scf::IfOp::create(b, loc, isThis, [&](OpBuilder &b, Location loc) {
      for (auto [dim, size] : llvm::enumerate(shapes[i]))
        memref::StoreOp::create(
            b, loc, arith::IndexCastOp::create(b, loc, b.getI64Type(), size),
            out, arith::ConstantIndexOp::create(b, loc, dim).getResult());
      scf::YieldOp::create(b, loc);
    });
  }
  func::ReturnOp::create(b, loc);
  return success();
}

/// Lets the body write into `pointer` what it allocates only to return it.
static LogicalResult writeInPlace(Entry &entry, memref::AllocOp alloc,
                                  Value pointer) {
  OpBuilder b = OpBuilder::atBlockBegin(&entry.getBody());
  ShapeSlicer slicer = entry.createSlicer(b);
  SmallVector<Value> sizes;
  for (Value size : alloc.getDynamicSizes()) {
    FailureOr<Value> computed = slicer.compute(size);
    if (failed(computed))
      return alloc.emitError(kExpectsKnownShapes);
    sizes.push_back(*computed);
  }
  alloc.replaceAllUsesWith(
      viewPointer(b, alloc.getLoc(), pointer, alloc.getType(), sizes));
  alloc.erase();
  return success();
}

LogicalResult owl::writeResults(Entry &entry,
                                SmallVectorImpl<Extent> &extents) {
  func::ReturnOp returnOp = entry.getReturn();
  Location loc = returnOp.getLoc();
  OpBuilder b(returnOp);
  size_t numResults = entry.getResultTypes().size();
  OperandRange dims = returnOp.getOperands().drop_front(numResults);
  for (size_t i = 0; i < numResults; ++i) {
    Value result = returnOp.getOperand(i);
    Value pointer = entry.getResultPointer(i);
    auto type = dyn_cast<MemRefType>(result.getType());
    if (!type) {
      if (result.getType().isIndex())
        result = arith::IndexCastOp::create(b, loc, b.getI64Type(), result);
      memref::StoreOp::create(b, loc, result, pointer);
      continue;
    }
    SmallVector<Value> sizes(dims.take_front(type.getNumDynamicDims()));
    dims = dims.drop_front(type.getNumDynamicDims());
    FailureOr<Extent> extent =
        getExtent(type, sizes, returnOp, entry.getMaxBytes());
    if (failed(extent))
      return failure();
    extents.push_back(*extent);
    if (memref::AllocOp alloc = getReshapedAlloc(result)) {
      if (failed(writeInPlace(entry, alloc, pointer)))
        return failure();
      continue;
    }
    Value out = viewPointer(
        b, loc, pointer,
        MemRefType::get(type.getShape(), type.getElementType()), sizes);
    memref::CopyOp::create(b, loc, result, out);
  }
  func::ReturnOp::create(
      b, loc,
      arith::ConstantIntOp::create(b, loc, static_cast<int32_t>(Status::Ok), 32)
          .getResult());
  returnOp.erase();
  return success();
}
