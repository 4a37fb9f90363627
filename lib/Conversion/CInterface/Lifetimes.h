//===- Lifetimes.h - From where to where a buffer is needed -----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What allocations live for, in the terms of WorkspacePlan.h.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_CINTERFACE_LIFETIMES_H
#define OWL_CONVERSION_CINTERFACE_LIFETIMES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "owl/Conversion/CInterface/WorkspacePlan.h"

namespace mlir::owl {

/// The lifetimes of what `allocs` of `func` allocate: from the first to the
/// last access to it, through all that may alias it. Positions are those of the
/// ops in the one block of `func`: a loop or a branch is one position, however
/// much happens inside of it.
///
/// Fails with a diagnostic where a buffer would be needed twice at a time:
/// where a loop allocates one that it carries into the next iteration.
FailureOr<SmallVector<Lifetime>> getLifetimes(func::FuncOp func,
                                              ArrayRef<memref::AllocOp> allocs);

} // namespace mlir::owl

#endif // OWL_CONVERSION_CINTERFACE_LIFETIMES_H
