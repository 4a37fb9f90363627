//===- Functions.h - The functions of the math dialect ----------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What each function becomes, by name and format. The bound on its error, in
// ulp of the result, stands at its definition.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_CONVERSION_EXPANDMATH_FUNCTIONS_H
#define OWL_LIB_CONVERSION_EXPANDMATH_FUNCTIONS_H

#include "Expr.h"

namespace mlir::owl {

/// ln 2 in two parts, the first with so few bits that n times it is exact.
constexpr double kLn2Hi = 0x1.62e42fee00000p-1;
constexpr double kLn2Lo = 0x1.a39ef35793c76p-33;
constexpr double kLn2Hi32 = 0x1.62e4000000000p-1;
constexpr double kLn2Lo32 = 0x1.7f7d1c0000000p-20;

// Exponential.cpp

Num exp32(Num x);
/// exp(x) * 2^shift, shift being 0 or -1.
Num exp64(Num x, double shift = 0);
/// The same bits, for an x that is not above 0, in fewer instructions.
Num nonPositiveExp32(Num x);
Num nonPositiveExp64(Num x);
/// m * 2^n for an integral n.
struct ScaledTwice {
  Twice m;
  Num n;
};
/// exp(hi + lo), in two parts or rounded to one.
ScaledTwice expScaled64(Twice x);
Num expTwice64(Twice x);
Num exp2_32(Num x);
/// -2^x = m * scale in f32, for -126 < x < 127; a NaN stays. With what is added
/// to it, it takes one mad.
struct NegatedPower {
  Num m, scale;
};
/// 2^r = 1 + r * polynomial(r).
NegatedPower negatedExp2(Num x, ArrayRef<double> polynomial);
Num exp2_64(Num x);
Num expm1_64(Num x);
Num sinh64(Num x);
Num cosh64(Num x);
Num tanh32(Num x);
Num tanh64(Num x);

// Logarithm.cpp

/// x = 2^k m with m in [sqrt(1/2), sqrt(2)), for positive finite x.
struct Binary64 {
  Num k, m;
};
Binary64 split64(Num x);

Num log32(Num x);
Num log64(Num x);
Num log2_64(Num x);
Num log10_64(Num x);
Num log1p64(Num x);
Num asinh64(Num x);
Num acosh64(Num x);
Num atanh64(Num x);

// Power.cpp

Num rsqrt(Num x);
Num cbrt32(Num x);
Num cbrt64(Num x);
Num pow32(Num x, Num y);
Num pow64(Num x, Num y);
/// x^n, in either format.
Num powInteger(Num x, Int n);

// Trigonometric.cpp

struct SinCos {
  Num sin, cos;
};
SinCos sinCos32(Num x);
SinCos sinCos64(Num x);
Num tan32(Num x);
Num tan64(Num x);
Num asin64(Num x);
Num acos64(Num x);
Num atan64(Num x);
Num atan2_64(Num y, Num x);

// ErrorFunction.cpp

Num erf32(Num x);
Num erf64(Num x);
Num erfc64(Num x);

// Rounding.cpp

Num expandRoundEven(Num x);
Num expandFloor(Num x);
Num expandCeil(Num x);
Num expandTrunc(Num x);
Num expandRound(Num x);
/// a * b + c rounded to odd, if the product is exact: rounding the result to a
/// narrower format is then right.
Num fmaToOdd64(Num a, Num b, Num c);
Num fma32(Num a, Num b, Num c);
Num fma64(Num a, Num b, Num c);

} // namespace mlir::owl

#endif // OWL_LIB_CONVERSION_EXPANDMATH_FUNCTIONS_H
