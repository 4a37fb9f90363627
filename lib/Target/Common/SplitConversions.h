//===- SplitConversions.h - Conversions become registers --------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits conversions between widths of elements, which LLVM's Scalarizer
// leaves, of vectors whose size is no power of 2: where such a vector lives on
// in another block, LLVM makes scalars of it. Comes after the Scalarizer, and
// looks through the shuffles that it has left to the registers behind them.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_SPLITCONVERSIONS_H
#define OWL_LIB_TARGET_COMMON_SPLITCONVERSIONS_H

#include "llvm/IR/PassManager.h"

namespace mlir::owl {

class SplitConversions : public llvm::PassInfoMixin<SplitConversions> {
public:
  explicit SplitConversions(unsigned registerBits)
      : registerBits(registerBits) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &);

private:
  unsigned registerBits;
};

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_SPLITCONVERSIONS_H
