//===- VectorBits.h - The size of vector registers --------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_VECTORBITS_H
#define OWL_CONVERSION_VECTORBITS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::owl {

/// Refuses bits of a vector register that a pass over `op` cannot work with.
inline LogicalResult checkVectorBits(Operation *op, unsigned vectorBits) {
  if (vectorBits >= 64 && llvm::isPowerOf2_32(vectorBits))
    return success();
  return emitError(op->getLoc())
         << "expected vector-bits to be a power of 2 from 64 on, got "
         << vectorBits;
}

} // namespace mlir::owl

#endif // OWL_CONVERSION_VECTORBITS_H
