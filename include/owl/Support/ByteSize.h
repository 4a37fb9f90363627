//===- ByteSize.h - How many bytes a tensor has -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The size in memory of what is stored densely, as C sees it.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_BYTESIZE_H
#define OWL_SUPPORT_BYTESIZE_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"
#include <limits>
#include <optional>

namespace mlir::owl {

/// The bytes of one element: an index is an int64_t, i1 has a byte.
inline int64_t getElementBytes(Type type) {
  return type.isIndex() ? 8 : llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

/// The bytes of an element times the static sizes of `shape`, 0 where one of
/// them is 0; nothing where that is more than `most`.
inline std::optional<int64_t>
getStaticBytes(ArrayRef<int64_t> shape, Type elementType,
               int64_t most = std::numeric_limits<int64_t>::max()) {
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t bytes = getElementBytes(elementType);
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size))
      continue;
    if (size > most / bytes)
      return std::nullopt;
    bytes *= size;
  }
  return bytes;
}

} // namespace mlir::owl

#endif // OWL_SUPPORT_BYTESIZE_H
