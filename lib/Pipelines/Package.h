//===- Package.h - Compiling for several devices ----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `--emit=package` makes of a module that owl-partition has been at.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_PIPELINES_PACKAGE_H
#define LIB_PIPELINES_PACKAGE_H

#include "owl/Pipelines/Compile.h"

namespace mlir::owl {

/// Compiles the module of each device for it, and writes down the schedules of
/// the others as plan.json. Paths are relative to the folder of the package.
FailureOr<SmallVector<OutputFile>>
compilePackage(ModuleOp module, const CompileOptions &options);

} // namespace mlir::owl

#endif // LIB_PIPELINES_PACKAGE_H
