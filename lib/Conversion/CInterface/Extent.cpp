//===- Extent.cpp - How many bytes a buffer takes -------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Extent.h.
//
//===----------------------------------------------------------------------===//

#include "Extent.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "owl/Support/ByteSize.h"

using namespace mlir;
using namespace mlir::owl;

FailureOr<Extent> owl::getExtent(MemRefType type, ValueRange sizes,
                                 Operation *op, int64_t maxBytes) {
  std::optional<int64_t> bytes =
      getStaticBytes(type.getShape(), type.getElementType(), maxBytes);
  if (!bytes)
    return op->emitError("expects the size of a tensor in bytes to fit the "
                         "target's address space, got ")
           << RankedTensorType::get(type.getShape(), type.getElementType());
  return Extent{*bytes, llvm::to_vector(sizes)};
}

FailureOr<CheckedSize> owl::emitBytes(ShapeSlicer &slicer, Location loc,
                                      const Extent &extent, int64_t maxBytes) {
  auto number = [&](int64_t value) -> Value {
    return slicer.create<arith::ConstantIntOp>(loc, value, 64);
  };
  Value bytes = number(extent.bytes);
  Value fits = slicer.create<arith::ConstantIntOp>(loc, 1, 1);
  auto requireAtMost = [&](Value lhs, Value rhs) {
    Value isAtMost =
        slicer.create<arith::CmpIOp>(loc, arith::CmpIPredicate::sle, lhs, rhs);
    fits = slicer.create<arith::AndIOp>(loc, fits, isAtMost);
  };
  for (Value size : extent.sizes) {
    FailureOr<Value> computed = slicer.compute(size);
    if (failed(computed))
      return failure();
    Value wide = *computed;
    if (wide.getType().isIndex())
      wide = slicer.create<arith::IndexCastOp>(
          loc, IntegerType::get(wide.getContext(), 64), wide);
    Value divisor = slicer.create<arith::MaxSIOp>(loc, bytes, number(1));
    Value most = slicer.create<arith::DivSIOp>(loc, number(maxBytes), divisor);
    requireAtMost(wide, most);
    // A size that the model computes may be anything.
    requireAtMost(number(0), wide);
    bytes = slicer.create<arith::MulIOp>(loc, bytes, wide);
  }
  if (!extent.isStatic())
    bytes = slicer.create<arith::MaxSIOp>(loc, bytes, number(0));
  return CheckedSize{bytes, fits};
}
