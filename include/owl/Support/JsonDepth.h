//===- JsonDepth.h - How deep JSON is nested --------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's parser of JSON calls itself for each bracket, as deep as a file goes.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_JSONDEPTH_H
#define OWL_SUPPORT_JSONDEPTH_H

#include "llvm/ADT/StringRef.h"
#include <algorithm>

namespace mlir::owl {

/// How deep the brackets of `text` are nested at most, outside of strings.
inline int getJsonDepth(llvm::StringRef text) {
  int depth = 0, deepest = 0;
  bool isString = false;
  for (size_t at = 0; at != text.size(); ++at) {
    const char c = text[at];
    if (c == '"')
      isString = !isString;
    else if (isString && c == '\\' && at + 1 != text.size())
      ++at;
    else if (!isString && (c == '[' || c == '{'))
      deepest = std::max(deepest, ++depth);
    else if (!isString && (c == ']' || c == '}'))
      --depth;
  }
  return deepest;
}

} // namespace mlir::owl

#endif // OWL_SUPPORT_JSONDEPTH_H
