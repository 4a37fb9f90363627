//===- Entry.h - The function that C calls ----------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the steps of --owl-emit-c-interface share: the function with the C
// signature, on which they work one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_CINTERFACE_ENTRY_H
#define OWL_CONVERSION_CINTERFACE_ENTRY_H

#include "Extent.h"
#include "ShapeSlicer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::owl {

/// What is said of a size that depends on data.
inline constexpr llvm::StringLiteral kExpectsKnownShapes =
    "expects the shapes of tensors to depend on the shapes of arguments alone";

/// @owl_f, made of a bufferized @f.
class Entry {
public:
  /// Creates @`symbol` around the body of `func`, its arguments viewed as the
  /// body's. The return still returns memrefs, followed by their dynamic
  /// dimensions: as operands of an op these are kept up to date until slices
  /// of the body are taken. A size in bytes has to fit `indexBits`.
  Entry(func::FuncOp func, StringRef symbol, unsigned indexBits);

  func::FuncOp getFunction() { return function; }
  Block &getBody() { return function.getBody().front(); }
  func::ReturnOp getReturn() {
    return cast<func::ReturnOp>(getBody().getTerminator());
  }
  ArrayRef<Type> getArgumentTypes() { return argumentTypes; }
  ArrayRef<Type> getResultTypes() { return resultTypes; }
  /// The caller's pointers, and the dimensions: one i64 for each dynamic
  /// dimension of the arguments.
  Value getResultPointer(size_t result) {
    return function.getArgument(argumentTypes.size() + result);
  }
  ArrayRef<BlockArgument> getDims() {
    return function.getArguments().slice(
        argumentTypes.size() + resultTypes.size(), numDims);
  }
  Value getWorkspace() { return function.getArguments().back(); }
  /// The most that an index counts.
  int64_t getMaxBytes() { return maxBytes; }

  /// Adds a function with the dimensions among its arguments, after `before`,
  /// and moves `b` into it.
  func::FuncOp createShapeFunction(OpBuilder &b, StringRef suffix,
                                   ArrayRef<Type> before, ArrayRef<Type> after,
                                   TypeRange results);
  /// A slicer of the body for where the dimensions are `dims`.
  ShapeSlicer createSlicer(OpBuilder &b, ValueRange dims);
  /// A slicer for anywhere in the function itself.
  ShapeSlicer createSlicer(OpBuilder &b) {
    return createSlicer(b, ValueRange(getDims()));
  }

private:
  void viewArguments(OpBuilder &b, size_t numOldArguments);
  void exposeResultDims(OpBuilder &b);

  func::FuncOp function;
  SmallVector<Type> argumentTypes, resultTypes;
  size_t numDims = 0;
  int64_t maxBytes;
};

// The steps, in the order in which they must happen. Each fails with a
// diagnostic.

/// Creates @owl_f_out_shape where a result is dynamic.
LogicalResult emitOutShape(Entry &entry);

/// Writes results into the caller's buffers, and returns the status Ok.
/// `extents` becomes what each dynamic result takes, in values of the body.
LogicalResult writeResults(Entry &entry, SmallVectorImpl<Extent> &extents);

/// Creates @owl_f_workspace_size, and replaces the allocations of the body by
/// parts of the workspace. Returns an i1 at the start of the function that
/// tells whether all of it can be addressed; null where it always can.
FailureOr<Value> placeAllocs(Entry &entry);

/// Turns assertions into the status, beside the checks of dimensions and of the
/// sizes of arguments, of `results` and of the workspace (placeAllocs' value).
LogicalResult emitChecks(Entry &entry, ArrayRef<Extent> results,
                         Value workspaceFits);

} // namespace mlir::owl

#endif // OWL_CONVERSION_CINTERFACE_ENTRY_H
