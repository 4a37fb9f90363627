//===- BarePointers.h - Buffers that functions can take ---------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions take buffers as bare pointers.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_BAREPOINTERS_H
#define OWL_CONVERSION_BAREPOINTERS_H

#include "mlir/IR/BuiltinTypes.h"

namespace mlir::owl {

/// Whether a function can take a value of `type`: it is no buffer, or one of
/// which the type says all but where it begins.
inline bool isPassable(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  return !buffer ||
         (buffer.hasStaticShape() && buffer.getLayout().isIdentity());
}

} // namespace mlir::owl

#endif // OWL_CONVERSION_BAREPOINTERS_H
