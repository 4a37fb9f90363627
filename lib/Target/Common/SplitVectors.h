//===- SplitVectors.h - Vectors become registers ----------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM passes that make registers of vectors. See SplitVectors.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_SPLITVECTORS_H
#define OWL_LIB_TARGET_COMMON_SPLITVECTORS_H

#include "llvm/IR/PassManager.h"

namespace mlir::owl {

/// Adds passes that split vectors into such of at most `registerBits` bits:
/// all of them, so that memory is read and written in its order, or only those
/// of functions that LLVM would make scalars in.
void addSplitVectors(llvm::FunctionPassManager &pm, unsigned registerBits,
                     bool inMemoryOrder);

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_SPLITVECTORS_H
