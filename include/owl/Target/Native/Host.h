//===- Host.h - This machine as a target ------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The triple, the CPU and the features of the machine that runs the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_NATIVE_HOST_H
#define OWL_TARGET_NATIVE_HOST_H

#include "owl/Target/Common/Target.h"

namespace mlir::owl {

/// This machine, with every feature that it has.
TargetSpec getHostTarget();

} // namespace mlir::owl

#endif // OWL_TARGET_NATIVE_HOST_H
