//===- Passes.h - Conversions out of the owl dialect ------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declares the conversion passes.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_PASSES_H
#define OWL_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"
#include "owl/Support/Threads.h"

namespace mlir::owl {

#define GEN_PASS_DECL
#include "owl/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "owl/Conversion/Passes.h.inc"

} // namespace mlir::owl

#endif // OWL_CONVERSION_PASSES_H
