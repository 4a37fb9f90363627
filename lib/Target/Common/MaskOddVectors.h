//===- MaskOddVectors.h - Odd vectors are loaded under masks ----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An LLVM pass for targets with masks, such as AVX-512. LLVM loads seven floats
// as four, two and one, and puts them together; here they become one load of
// eight lanes, of which the last is off. The same for stores.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_TARGET_COMMON_MASKODDVECTORS_H
#define OWL_LIB_TARGET_COMMON_MASKODDVECTORS_H

#include "llvm/IR/PassManager.h"

namespace mlir::owl {

/// Of vectors of 32 or 64-bit elements, up to `registerBits`.
class MaskOddVectors : public llvm::PassInfoMixin<MaskOddVectors> {
public:
  explicit MaskOddVectors(unsigned registerBits) : registerBits(registerBits) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &);

private:
  unsigned registerBits;
};

} // namespace mlir::owl

#endif // OWL_LIB_TARGET_COMMON_MASKODDVECTORS_H
