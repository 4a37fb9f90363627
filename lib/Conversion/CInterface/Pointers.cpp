//===- Pointers.cpp - What C points to ------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Pointers.h.
//
//===----------------------------------------------------------------------===//

#include "Pointers.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"

using namespace mlir;
using namespace mlir::owl;

MemRefType owl::getPointerType(Type type) {
  if (auto memref = dyn_cast<MemRefType>(type))
    type = memref.getElementType();
  if (type.isIndex())
    type = IntegerType::get(type.getContext(), 64);
  return MemRefType::get({}, type);
}

Value owl::viewContiguous(OpBuilder &b, Location loc, Value buffer,
                          MemRefType type, ArrayRef<OpFoldResult> sizes) {
  return memref::ReinterpretCastOp::create(
      b, loc, type, buffer, b.getIndexAttr(0), sizes,
      memref::computeStridesIRBlock(loc, b, sizes));
}

Value owl::viewPointer(OpBuilder &b, Location loc, Value pointer,
                       MemRefType type, ArrayRef<Value> dims) {
  if (type.getRank() == 0)
    return pointer;
  SmallVector<OpFoldResult> sizes;
  size_t next = 0;
  for (int64_t size : type.getShape())
    sizes.push_back(ShapedType::isDynamic(size)
                        ? OpFoldResult(dims[next++])
                        : OpFoldResult(b.getIndexAttr(size)));
  return viewContiguous(b, loc, pointer, type, sizes);
}

/// The number of elements of `type`, whose dynamic dimensions are `sizes`: the
/// static factor, and the others in an order that does not depend on theirs.
static std::pair<int64_t, SmallVector<void *>> countElements(MemRefType type,
                                                             ValueRange sizes) {
  int64_t factor = 1;
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      factor *= size;
  SmallVector<void *> others;
  for (Value size : sizes)
    others.push_back(size.getAsOpaquePointer());
  llvm::sort(others);
  return {factor, others};
}

memref::AllocOp owl::getReshapedAlloc(Value buffer) {
  std::optional<std::pair<int64_t, SmallVector<void *>>> count;
  while (Operation *op = buffer.getDefiningOp()) {
    // A view of only some elements is a cast as well.
    if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op))
      if (!count)
        count = countElements(cast.getType(), cast.getSizes());
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      return !count || *count == countElements(alloc.getType(),
                                               alloc.getDynamicSizes())
                 ? alloc
                 : nullptr;
    if (!isa<memref::ReinterpretCastOp, memref::CastOp>(op))
      break;
    buffer = op->getOperand(0);
  }
  return nullptr;
}
