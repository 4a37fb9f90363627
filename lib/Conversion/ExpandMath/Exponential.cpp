//===- Exponential.cpp - exp, exp2, expm1, sinh, cosh, tanh ---------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All reduce x = n ln 2 + r with |r| <= ln(2)/2 and evaluate a polynomial in r.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "Polynomials.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

constexpr double kLog2e = 0x1.71547652b82fep+0;

/// A NaN stays.
Num clamp(Num x, double low, double high) {
  return atLeast(atMost(x, high), low);
}

/// exp(x) = 2^n (1 + r + tail), where |r| <= 0.347.
struct Reduced {
  Num n, r, tail;
};

Reduced reduce64(Num x, Num lo = 0.0) {
  Num n = roundSmall(x * kLog2e);
  Num high = x - n * kLn2Hi;
  Num low = n * kLn2Lo;
  if (lo.e)
    low = low - lo;
  Num r = high - low;
  Num rest = (high - r) - low;
  return {n, r, mad(r * r, horner(r, kExp64), rest)};
}

/// exp of a clamped x, times 2^shift.
Num finish(const Reduced &x, double shift) {
  Num n = shift == 0 ? x.n : x.n + shift;
  return scale((x.r + x.tail) + 1.0, n);
}

/// expm1(x)/2 as hi + lo, for |x| <= 709.9 and |x| >= 2^-60.
Twice halfExpm1(Num x) {
  Reduced p = reduce64(x);
  Num power = pow2(p.n - 1.0);
  Twice sum = twoSum(power - 0.5, power * p.r);
  return fastTwoSum(sum.hi, mad(power, p.tail, sum.lo));
}

} // namespace

/// 1 ulp.
Num owl::exp64(Num x, double shift) {
  // Far enough beyond the range that the shifted result over- or underflows.
  return finish(reduce64(clamp(x, -760.0, 720.0)), shift);
}

ScaledTwice owl::expScaled64(Twice x) {
  Num high = clamp(x.hi, -760.0, 720.0);
  Reduced p = reduce64(high, select(high == x.hi, x.lo, 0.0));
  return {fastTwoSum(constantLike(high, 1.0), p.r + p.tail), p.n};
}

Num owl::expTwice64(Twice x) {
  ScaledTwice result = expScaled64(x);
  return scale(result.m.hi, result.n);
}

Num owl::nonPositiveExp64(Num x) {
  Reduced p = reduce64(atLeast(x, -746.0));
  return scaleDownShifted(((p.r + p.tail) + 1.0) * scaledDown(x),
                          p.n + scaleDownMagic(x));
}

/// unit * exp(x) = 2^n * power, and `shifted` is n + magic.
static std::pair<Num, Num> splitExp32(Num x, double magic, double unit) {
  // Two instructions find n where there is FMA.
  Num shifted = mad(x, kLog2e, magic);
  Num n = shifted - magic;
  Num r = mad(n, -kLn2Lo32, mad(n, -kLn2Hi32, x));
  auto scaled = llvm::map_to_vector(
      kExp32, [&](double coefficient) { return coefficient * unit; });
  if (x.e->config.hasFMA)
    return {mad(mad(horner(r, scaled), r, unit), r, unit), shifted};
  // A step takes twice as long, and one that is near the end another rounding.
  Num square = r * r;
  Num linear = unit == 1.0 ? r : r * unit;
  return {mad(square, hornerByPairs(r, square, scaled), linear) + unit,
          shifted};
}

/// 1.2 ulp. No f64 in it: softmax and sigmoid wait for this one.
Num owl::exp32(Num x) {
  auto [power, shifted] =
      splitExp32(clamp(x, -105.0, 90.0), scaleMagic(x), /*unit=*/1.0);
  return scaleShifted(power, shifted);
}

Num owl::nonPositiveExp32(Num x) {
  auto [power, shifted] =
      splitExp32(atLeast(x, -105.0), scaleDownMagic(x), scaledDown(x));
  return scaleDownShifted(power, shifted);
}

/// 1.3 ulp.
Num owl::exp2_32(Num x) {
  x = clamp(x, -151.0, 129.0);
  Num shifted = x + scaleMagic(x);
  Num r = x - (shifted - scaleMagic(x));
  return scaleShifted(mad(r, horner(r, kExp2_32), 1.0), shifted);
}

NegatedPower owl::negatedExp2(Num x, ArrayRef<double> polynomial) {
  // The lowest bit above the exponent is the sign.
  double magic = roundingMagic(x) + exponentBias(x) + 256.0;
  Num shifted = x + magic;
  Num r = x - (shifted - magic);
  return {mad(r, horner(r, polynomial), 1.0),
          asNum(asInt(shifted) << mantissaBits(x), x.type())};
}

/// 1 ulp.
Num owl::exp2_64(Num x) {
  x = clamp(x, -1080.0, 1030.0);
  Num n = roundSmall(x);
  // r ln 2 in twice the precision.
  Twice r = twoProd(x - n, 0x1.62e42fefa39efp-1);
  Num low = mad(x - n, 0x1.abc9e3b39803fp-56, r.lo);
  Num tail = mad(r.hi * r.hi, horner(r.hi, kExp64), low);
  return scale((r.hi + tail) + 1.0, n);
}

/// 1.1 ulp.
Num owl::expm1_64(Num x) {
  Twice half = halfExpm1(clamp(x, -45.0, 709.9));
  return select(abs(x) < 0x1p-60, x, (half.hi + half.lo) * 2.0);
}

/// 1 ulp. For tanh = t/(t + 2) with t = expm1(2x).
Num owl::tanh64(Num x) {
  Num size = abs(x);
  Twice half = halfExpm1(select(size > 22.0, 22.0, size) * 2.0);
  Twice quotient = half / (half + constantLike(x, 1.0));
  return copySign(select(size < 0x1p-30, size, quotient.hi + quotient.lo), x);
}

/// 2 ulp, in f32 only: GELU waits for this one.
Num owl::tanh32(Num x) {
  Num size = abs(x), z = x * x;
  Num small = mad(size * z, horner(z, kTanh32), size);
  // 1 - 2/(exp(2 |x|) + 1)
  NegatedPower e = negatedExp2(atMost(size, 9.5) * (2.0 * kLog2e), kExp2_32);
  Num large = 1.0 + 2.0 / mad(e.m, e.scale, -1.0);
  return signedLike(select(size < 0.625, small, large), x);
}

/// 1 ulp. With t = expm1(x): sinh = (t + t/(1 + t))/2.
Num owl::sinh64(Num x) {
  Num size = abs(x);
  Twice half = halfExpm1(select(size > 25.0, 25.0, size));
  Twice whole = half * 2.0;
  Twice sum = half + half / (whole + constantLike(x, 1.0));
  Num result = select(size > 22.0, exp64(size, -1), sum.hi + sum.lo);
  return copySign(select(size < 0x1p-30, size, result), x);
}

/// 1.5 ulp.
Num owl::cosh64(Num x) {
  Num half = exp64(abs(x), -1);
  return half + 0.25 / half;
}
