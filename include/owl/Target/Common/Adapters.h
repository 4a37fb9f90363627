//===- Adapters.h - Calls with arrays of arguments --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface has as many parameters as a function has buffers and dynamic
// dimensions. A caller that learns of a function only at run time cannot write
// such a call; these adapters give every function the same type.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_TARGET_COMMON_ADAPTERS_H
#define OWL_TARGET_COMMON_ADAPTERS_H

#include "owl/Target/Common/Signature.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

namespace mlir::owl {

/// What emitAdapters adds for the function `owl_f`. In C:
///
///   int32_t  owl_f.call(void *const *buffers, const int64_t *dims,
///                       void *workspace);
///   uint64_t owl_f.call.workspace_size(const int64_t *dims);
///   void     owl_f.call.out_shape(int32_t result, const int64_t *dims,
///                                 int64_t *shape);
///
/// `buffers` holds the arguments, then the results. The dot, which no C
/// identifier has, keeps the names apart from those of other functions.
struct Adapters {
  llvm::Function *call;
  llvm::Function *workspaceSize;
  /// Null where every result is static.
  llvm::Function *outShape;
};

/// Declares the functions of `signature` in `module`, for a machine of 64 bits.
void declareFunctions(llvm::Module &module, const FunctionSignature &signature);

/// Adds the adapters of `signature` to `module`, which has the function.
/// They are external; a caller may make them internal.
Adapters emitAdapters(llvm::Module &module, const FunctionSignature &signature);

} // namespace mlir::owl

#endif // OWL_TARGET_COMMON_ADAPTERS_H
