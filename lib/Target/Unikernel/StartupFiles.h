//===- StartupFiles.h - The compiled start-up code --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The object files and linker scripts that the build embeds, so that the
// compiler finds them wherever it is installed.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_UNIKERNEL_STARTUPFILES_H
#define OWL_LIB_TARGET_UNIKERNEL_STARTUPFILES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::owl::startup {

/// The start-up code of one kind of image.
struct Files {
  /// Empty where the linker's own layout will do.
  llvm::StringRef linkerScript;
  llvm::ArrayRef<llvm::StringRef> objects;
};

Files getX86_64();
Files getAArch64();
Files getLinuxX86_64();
Files getLinuxAArch64();

} // namespace mlir::owl::startup

#endif // OWL_LIB_TARGET_UNIKERNEL_STARTUPFILES_H
