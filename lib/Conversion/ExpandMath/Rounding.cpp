//===- Rounding.cpp - floor, ceil, trunc, round, roundeven, fma -----------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What most targets have an instruction for, for those that have none.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

using namespace mlir;
using namespace mlir::owl;

/// `result` with the sign of x, where x has a fraction at all; infinities and
/// NaN are among those that have none.
static Num whereFractional(Num x, Num result) {
  Bool fractional = abs(x) < (x.isWide() ? 0x1p52 : 0x1p23);
  return select(fractional, copySign(result, x), x);
}

/// Adding and subtracting 2^(mantissa bits) rounds a positive number.
static Num roundSize(Num x) {
  double magic = x.isWide() ? 0x1p52 : 0x1p23;
  return (abs(x) + magic) - magic;
}

/// Exact.
Num owl::expandRoundEven(Num x) { return whereFractional(x, roundSize(x)); }

/// Exact.
Num owl::expandTrunc(Num x) {
  Num rounded = roundSize(x);
  return whereFractional(x, select(rounded > abs(x), rounded - 1.0, rounded));
}

/// Exact.
Num owl::expandFloor(Num x) {
  Num rounded = expandRoundEven(x);
  return whereFractional(x, select(rounded > x, rounded - 1.0, rounded));
}

/// Exact.
Num owl::expandCeil(Num x) {
  Num rounded = expandRoundEven(x);
  return whereFractional(x, select(rounded < x, rounded + 1.0, rounded));
}

/// Exact: halves go away from zero, and the largest number below one half does
/// not become 1.
Num owl::expandRound(Num x) {
  double half = x.isWide() ? 0x1.fffffffffffffp-2 : 0x1.fffffep-2;
  return trunc(x + copySign(constantLike(x, half), x));
}

/// hi + lo rounded to odd: what is cut off stays visible in the last bit, so
/// that another rounding to fewer bits is right.
static Num roundToOdd(Twice sum) {
  Bool inexact = (sum.lo > 0.0) | (sum.lo < 0.0);
  Int bits = asInt(sum.hi);
  Bool outward = !((sum.lo > 0.0) ^ (sum.hi > 0.0));
  Int neighbour = select(outward, bits + 1, bits - 1);
  Bool change = inexact & ((bits & 1) == 0);
  return asNum(select(change, neighbour, bits), sum.hi.type());
}

Num owl::fmaToOdd64(Num a, Num b, Num c) {
  return roundToOdd(twoSum(a * b, c));
}

/// Correctly rounded: the product is exact in binary64.
Num owl::fma32(Num a, Num b, Num c) {
  return toF32(fmaToOdd64(toF64(a), toF64(b), toF64(c)));
}

/// Correctly rounded after Boldo and Melquiond (IEEE Trans. Comput. 57, 2008)
/// on operands scaled to a common exponent; 1 ulp where the result is denormal.
Num owl::fma64(Num a, Num b, Num c) {
  auto regular = [](Num x) { return (abs(x) > 0.0) & (abs(x) < kInf); };
  Bool plain = !(regular(a) & regular(b) & regular(c));
  Binary64 sa = split64(select(plain, 1.0, abs(a)));
  Binary64 sb = split64(select(plain, 1.0, abs(b)));
  Binary64 sc = split64(select(plain, 1.0, abs(c)));
  // Exponents below the larger one; past 140 only the sign still matters.
  Num kp = sa.k + sb.k;
  Num k = select(kp > sc.k, kp, sc.k);
  auto below = [&](Num exponent) {
    Num distance = exponent - k;
    return pow2(select(distance < -140.0, -140.0, distance));
  };
  Twice product = twoProd(copySign(sa.m, a), copySign(sb.m, b));
  Num factor = below(kp);
  product = {product.hi * factor, product.lo * factor};
  Num addend = copySign(sc.m, c) * below(sc.k);

  Twice low = twoSum(addend, product.lo);
  Twice high = twoSum(product.hi, low.hi);
  Num rest = roundToOdd(twoSum(low.lo, high.lo));
  Twice sum = twoSum(high.hi, rest);
  // Scaling rounds once more if the result is denormal.
  k = select(k < -1200.0, -1200.0, select(k > 1100.0, 1100.0, k));
  Num result = scale(sum.hi, k);
  result = select(abs(result) < 0x1p-1022, scale(roundToOdd(sum), k), result);

  // a * b must not overflow beside an infinite c.
  Bool addendOnly = (abs(c) == kInf) & (abs(a) < kInf) & (abs(b) < kInf);
  return select(plain, select(addendOnly, c, a * b + c), result);
}
