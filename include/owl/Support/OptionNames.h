//===- OptionNames.h - Names that LLVM takes itself -------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_OPTIONNAMES_H
#define OWL_SUPPORT_OPTIONNAMES_H

#include "llvm/Support/CommandLine.h"

namespace mlir::owl {

/// Takes the option `name` of LLVM's own out of its registry, so that a tool
/// can have one of that name. (`threads` is that of link-time optimisation.)
inline bool freeOptionName(llvm::StringRef name) {
  auto &options = llvm::cl::getRegisteredOptions();
  auto it = options.find(name);
  if (it != options.end())
    it->second->removeArgument();
  return true;
}

} // namespace mlir::owl

#endif // OWL_SUPPORT_OPTIONNAMES_H
