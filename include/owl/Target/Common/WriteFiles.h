//===- WriteFiles.h - Output files, all or none -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files get their names only when all of them have been written.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_WRITEFILES_H
#define OWL_TARGET_COMMON_WRITEFILES_H

#include "owl/Target/Common/Target.h"

namespace mlir::owl {

/// One file of an output.
struct OutputFile {
  /// What replaces the extension of the output's name, ".mjs". Empty for the
  /// first file, which has that very name.
  std::string extension;
  SmallString<0> contents;
};

/// Writes `files` as `path` and beside it: each to a temporary name, then all
/// are renamed. "-" is standard output and takes the first file only; a device
/// or a pipe is written to as it is. Fails with one diagnostic and leaves
/// nothing behind.
LogicalResult writeFiles(StringRef path, ArrayRef<OutputFile> files,
                         EmitErrorFn emitError);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_WRITEFILES_H
