//===- WriteFiles.h - Output files, all or none -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files get their names only when all of them have been written. Those that
// stood there before stay as they were when anything fails.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_WRITEFILES_H
#define OWL_TARGET_COMMON_WRITEFILES_H

#include "owl/Target/Common/Target.h"

namespace mlir::owl {

/// One file of an output.
struct OutputFile {
  /// Where to write it; "-" is standard output.
  std::string path;
  SmallString<0> contents;
  /// Whether it may be run.
  bool isProgram = false;
};

/// Writes all of `files`, each to a temporary name before any is renamed, or
/// fails with one diagnostic and leaves everything as it was. A link stays, and
/// what it points to is written, with the permissions that it had; no two paths
/// may lead to one file. What cannot be renamed over, a stream, a
/// device or a pipe, is written to as it is, before any file gets its name.
LogicalResult writeFiles(ArrayRef<OutputFile> files, EmitErrorFn emitError);

/// Writes `files`, whose paths are relative, as all that the folder `path`
/// holds, or fails with one diagnostic and leaves everything as it was. A
/// folder that is there is replaced where it is empty or `check` succeeds.
LogicalResult writeFolder(StringRef path, ArrayRef<OutputFile> files,
                          function_ref<LogicalResult()> check,
                          EmitErrorFn emitError);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_WRITEFILES_H
