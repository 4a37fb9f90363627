//===- Owl.h - The owl dialect ----------------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect, its attributes and its ops.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_IR_OWL_H
#define OWL_DIALECT_OWL_IR_OWL_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "owl/Dialect/Owl/IR/OwlDialect.h.inc"
#include "owl/Dialect/Owl/IR/OwlEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "owl/Dialect/Owl/IR/OwlAttributes.h.inc"

#define GET_OP_CLASSES
#include "owl/Dialect/Owl/IR/OwlOps.h.inc"

namespace mlir::owl {

/// Elements that are no more than so many apart are loaded as vectors, together
/// with what lies between them.
constexpr int64_t kMaxStep = 4;

/// Whether tensors of the ops may have elements of `type`.
bool isElementType(Type type);

/// The element type of the result of reducing elements of type `source`: i1 for
/// any and all, i64 for argmax and argmin, else `source` itself.
Type getReducedElementType(ReduceKind kind, Type source);

/// Whether a reduction of `kind` has no value on an empty set: max, min,
/// argmax and argmin.
bool isUndefinedOnEmpty(ReduceKind kind);

/// The shape that remains of `shape` when `axes` are reduced.
SmallVector<int64_t> getReducedShape(ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> axes, bool keepDims);

/// Whether a reduction of `kind` over `axes` of a tensor of `shape` certainly
/// has a result without a value: the reduced axes hold nothing, the kept ones
/// something. Sizes that only run time knows are given the benefit of the
/// doubt.
bool isReductionOfNothing(ReduceKind kind, ArrayRef<int64_t> shape,
                          ArrayRef<int64_t> axes);

/// Whether the product of `counts`, some of them dynamic, could hide a dynamic
/// count below 0, which is an error at run time: behind another one, or a 0.
bool hidesNegativeCount(ArrayRef<int64_t> counts);

/// The shape of repeating or tiling `shape` by `counts`, or failure where a
/// static dimension does not fit int64.
FailureOr<SmallVector<int64_t>> getRepeatedShape(ArrayRef<int64_t> shape,
                                                 ArrayRef<int64_t> counts);

/// Whether the bytes of a tensor of this shape can be counted in an int64, as
/// far as its dimensions are static.
bool hasAddressableSize(ArrayRef<int64_t> shape, Type elementType);

/// A tensor in the shape of `like` whose elements are all `element`: a signless
/// or floating-point constant, or a value.
Value createSplat(OpBuilder &builder, Location loc, OpFoldResult element,
                  Value like);

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_IR_OWL_H
