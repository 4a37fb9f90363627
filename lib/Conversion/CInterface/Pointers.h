//===- Pointers.h - What C points to --------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bare pointers as memrefs of rank 0, and the buffers that they point to.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_CINTERFACE_POINTERS_H
#define OWL_CONVERSION_CINTERFACE_POINTERS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

namespace mlir::owl {

/// The type that stands for a C pointer to elements of `type`: index is passed
/// as int64_t.
MemRefType getPointerType(Type type);

/// Views `buffer`, whose layout is the identity, as a contiguous one of `type`
/// and `sizes`.
Value viewContiguous(OpBuilder &b, Location loc, Value buffer, MemRefType type,
                     ArrayRef<OpFoldResult> sizes);

/// Views what `pointer` points to as a contiguous buffer of `type`, whose
/// dynamic dimensions are `dims`.
Value viewPointer(OpBuilder &b, Location loc, Value pointer, MemRefType type,
                  ArrayRef<Value> dims);

/// The allocation that `buffer` is a reshape of, if all of it is.
memref::AllocOp getReshapedAlloc(Value buffer);

} // namespace mlir::owl

#endif // OWL_CONVERSION_CINTERFACE_POINTERS_H
