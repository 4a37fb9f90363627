//===- Extent.h - How many bytes a buffer takes -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes in bytes that are computed at run time, in i64 whatever the width of an
// index, together with whether they are right: a product of dimensions may be
// more than can be addressed, or counted.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_CINTERFACE_EXTENT_H
#define OWL_CONVERSION_CINTERFACE_EXTENT_H

#include "ShapeSlicer.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::owl {

/// The size of a buffer: `bytes` for its static part, times `sizes`.
struct Extent {
  int64_t bytes = 0;
  SmallVector<Value> sizes;

  bool isStatic() const { return sizes.empty(); }
};

/// A size in i64, and an i1: without it, the size may be any number.
struct CheckedSize {
  Value bytes, fits;
};

/// The extent of a buffer of `type` whose dynamic dimensions are `sizes`. Fails
/// with a diagnostic at `op` where the static part is more than `maxBytes`.
FailureOr<Extent> getExtent(MemRefType type, ValueRange sizes, Operation *op,
                            int64_t maxBytes);

/// Computes `extent`, at most `maxBytes`, where `slicer` computes. Fails
/// without a diagnostic where it cannot. A negative size does not fit, and
/// counts as 0.
FailureOr<CheckedSize> emitBytes(ShapeSlicer &slicer, Location loc,
                                 const Extent &extent, int64_t maxBytes);

} // namespace mlir::owl

#endif // OWL_CONVERSION_CINTERFACE_EXTENT_H
