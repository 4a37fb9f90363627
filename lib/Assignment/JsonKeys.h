//===- JsonKeys.h - Keys that are there twice -------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of two members of an object with the same key, LLVM's parser of JSON keeps
// the last one and says nothing.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_JSONKEYS_H
#define OWL_LIB_ASSIGNMENT_JSONKEYS_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace owl::assignment {

/// Where a key is there again.
struct RepeatedKey {
  /// As JSON.
  std::string key;
  /// Counted from 1.
  size_t line, column;
};

/// The first key of an object in `text`, which is JSON, that it already has.
std::optional<RepeatedKey> findRepeatedKey(llvm::StringRef text);

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_JSONKEYS_H
