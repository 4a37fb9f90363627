//===- MakeError.h - Errors that are sentences ------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_SUPPORT_MAKEERROR_H
#define OWL_SUPPORT_MAKEERROR_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace mlir::owl {

/// An error that has no code, only what it says.
inline llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

} // namespace mlir::owl

#endif // OWL_SUPPORT_MAKEERROR_H
