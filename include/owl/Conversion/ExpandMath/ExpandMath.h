//===- ExpandMath.h - Floating-point functions as arithmetic ----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns of --owl-expand-math, for use in other passes. Each works on
// scalars and on vectors of any shape.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_CONVERSION_EXPANDMATH_EXPANDMATH_H
#define OWL_CONVERSION_EXPANDMATH_EXPANDMATH_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::owl {

/// What the target can do, as in TargetTraits.
struct ExpandMathConfig {
  /// A fused multiply-add instruction for f32 and f64.
  bool hasFMA = false;
  /// Instructions for floor, ceil, trunc and round to even.
  bool hasRounding = false;
  /// Instructions between f16 and f32.
  bool hasF16Conversion = false;
  /// Maxima and minima of f32 and f64 that propagate NaN.
  bool hasExtremes = false;
};

/// Bits of the widest elements through which `op`, element-wise and of scalars
/// or tensors, is computed once it is expanded.
unsigned getExpandedBits(Operation *op);

/// Arithmetic on f16 and bf16 becomes arithmetic on f32 that is rounded back,
/// and conversions that lack an instruction become integer arithmetic.
void populateNarrowFloatPatterns(RewritePatternSet &patterns,
                                 const ExpandMathConfig &config);

/// Functions of the math dialect on f32 and f64 become polynomials.
void populateMathFunctionPatterns(RewritePatternSet &patterns,
                                  const ExpandMathConfig &config);

/// Rounding, remainders, fused multiply-add, minima, classification and powers
/// of integers become simple arithmetic.
void populateMathBasicPatterns(RewritePatternSet &patterns,
                               const ExpandMathConfig &config);

/// Maxima and minima of more than two numbers, or of the lanes of a vector,
/// that ignore the sign of zero become comparisons.
void populateExtremePatterns(RewritePatternSet &patterns);

/// All of the above that the target needs. The result of one pattern may need
/// another: apply them until nothing changes.
void populateExpandMathPatterns(RewritePatternSet &patterns,
                                const ExpandMathConfig &config);

} // namespace mlir::owl

#endif // OWL_CONVERSION_EXPANDMATH_EXPANDMATH_H
