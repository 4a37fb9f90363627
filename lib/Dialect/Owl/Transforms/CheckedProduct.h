//===- CheckedProduct.h - Products of sizes that may wrap -------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the checks of expanded and of repeated shapes share.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_DIALECT_OWL_TRANSFORMS_CHECKEDPRODUCT_H
#define OWL_DIALECT_OWL_TRANSFORMS_CHECKEDPRODUCT_H

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::owl {

/// Whether `size` times `count`, both 0 or more, fits an index.
inline Value productFits(OpBuilder &b, Location loc, Value size, Value count) {
  // A product that wrapped does not divide back. Zero divides nothing.
  Value divisor = arith::MaxSIOp::create(
      b, loc, count, arith::ConstantIndexOp::create(b, loc, 1));
  Value quotient = arith::DivSIOp::create(
      b, loc, arith::MulIOp::create(b, loc, size, divisor), divisor);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, quotient,
                               size);
}

} // namespace mlir::owl

#endif // OWL_DIALECT_OWL_TRANSFORMS_CHECKEDPRODUCT_H
