//===- Verify.h - The parts of owl-verify-model -----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What VerifyModel.cpp asks of the other files.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_TRANSFORMS_VERIFY_H
#define OWL_DIALECT_OWL_TRANSFORMS_VERIFY_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::owl {

/// Fails, with a diagnostic, where upstream's lowering of the TOSA op `op` has
/// no code for it or would take unsigned integers to be signed.
LogicalResult verifyTosa(Operation *op);

/// Fails, with a diagnostic, where not all that a public function of `module`
/// calls can be inlined, or where that would make too much of it or nest too
/// many loops that carry tensors.
LogicalResult verifyCalls(ModuleOp module);

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_TRANSFORMS_VERIFY_H
