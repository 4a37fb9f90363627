//===- CheckPackage.h - Whether a plan makes sense --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan may have been written by anyone: before any of it is executed, every
// name, number and type is looked at.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_EXECUTIONENGINE_CHECKPACKAGE_H
#define LIB_EXECUTIONENGINE_CHECKPACKAGE_H

#include "owl/Target/Common/Package.h"
#include <optional>

namespace mlir::owl {

/// The place in a list of the entry that is called `name`.
template <typename List>
std::optional<unsigned> findByName(const List &list, StringRef name) {
  for (unsigned i = 0; i != list.size(); ++i)
    if (list[i].name == name)
      return i;
  return std::nullopt;
}

/// Refuses, with its place, what could not be executed: devices or functions
/// that are not there, or twice; values that are used before they are made,
/// have another type than a function takes, or are on another device than it
/// is. `signatures` has the functions of each device.
llvm::Error checkPackage(const Package &package,
                         ArrayRef<std::vector<FunctionSignature>> signatures);

} // namespace mlir::owl

#endif // LIB_EXECUTIONENGINE_CHECKPACKAGE_H
