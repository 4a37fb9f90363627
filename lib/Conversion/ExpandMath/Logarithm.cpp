//===- Logarithm.cpp - log, log2, log10, log1p, asinh, acosh, atanh -------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All split x = 2^k m with m in [sqrt(1/2), sqrt(2)).
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "Polynomials.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

/// log(m) = f + tail.
struct Mantissa {
  Num f, tail;
};

/// With s = f/(2 + f): log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R(s)).
Mantissa logMantissa64(Num m) {
  Num f = m - 1.0;
  Num s = f / (f + 2.0);
  Num z = s * s;
  Num half = f * f * 0.5;
  return {f, s * mad(z, horner(z, kLog64), half) - half};
}

/// What a logarithm of x gives where x is not positive and finite.
Num withSpecials(Num x, Num result) {
  result = select(x == kInf, x, result);
  result = select(x == 0.0, -kInf, result);
  return select(x >= 0.0, result, kNaN);
}

/// k * kScale + log(x) * scale, everything in two parts.
Num logInBase64(Num x, Twice scale, Twice kScale) {
  Binary64 p = split64(x);
  Mantissa log = logMantissa64(p.m);
  Twice sum = fastTwoSum(log.f, log.tail);
  Twice product = twoProd(sum.hi, scale.hi);
  Num low = product.lo + (sum.lo * scale.hi + sum.hi * scale.lo);
  Twice total = twoSum(p.k * kScale.hi, product.hi);
  return withSpecials(x, total.hi + (total.lo + mad(p.k, kScale.lo, low)));
}

/// log(u + c) + extra ln 2, where u is normal and |c| an ulp of it at most.
/// As good relative to a tiny logarithm as c is relative to u + c - 1.
Num logTwice64(Twice x, Num extra) {
  Binary64 p = split64(x.hi);
  Mantissa log = logMantissa64(p.m);
  // c is scaled with u, unless it is negligible and the scale might not exist.
  Num c =
      select(x.hi < 0x1p60, x.lo * pow2(select(x.hi < 0x1p60, -p.k, 0.0)), 0.0);
  Num k = extra.e ? p.k + extra : p.k;
  Num low = log.tail + mad(k, kLn2Lo, c / p.m);
  return k * kLn2Hi + (log.f + low);
}

/// log(1 + x).
Num log1pTwice64(Twice x, Num extra = 0.0) {
  Twice sum = twoSum(constantLike(x.hi, 1.0), x.hi);
  return logTwice64(fastTwoSum(sum.hi, sum.lo + x.lo), extra);
}

} // namespace

Binary64 owl::split64(Num x) {
  Bool small = x < 0x1p-1022;
  Int bits = asInt(select(small, x * 0x1p54, x));
  // Adding the distance from sqrt(1/2) to 1 makes the exponent step there.
  // Shifts are logical: no target here shifts 64-bit lanes arithmetically well.
  Int exponent = (bits + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd)) >> 52;
  Int mantissa = bits - (exponent << 52) + 0x3ff0000000000000;
  // The integer becomes a number as the low bits of 2^52.
  Num k = asNum(exponent | 0x4330000000000000, x.type()) - (0x1p52 + 1023.0);
  return {select(small, k - 54.0, k), asNum(mantissa, x.type())};
}

/// 1 ulp.
Num owl::log64(Num x) {
  Binary64 p = split64(x);
  Mantissa log = logMantissa64(p.m);
  return withSpecials(x, p.k * kLn2Hi + (log.f + mad(p.k, kLn2Lo, log.tail)));
}

/// 1 ulp. No f64 in it.
Num owl::log32(Num x) {
  Bool small = x < 0x1p-126;
  Int bits = asInt(select(small, x * 0x1p23, x));
  Int exponent = (bits + (0x3f800000 - 0x3f3504f3)) >> 23;
  Num m = asNum(bits - (exponent << 23) + 0x3f800000, x.type());
  Num k = asNum(exponent | 0x4b000000, x.type()) - (0x1p23 + 127.0);
  k = select(small, k - 23.0, k);
  Num f = m - 1.0;
  Num z = f * f;
  // f - f^2/2 + f^3 P(f) + k ln 2, from the smallest term on.
  Num tail = mad(k, kLn2Lo32, z * f * horner(f, kLog32));
  tail = mad(z, -0.5, tail);
  return withSpecials(x, mad(k, kLn2Hi32, f + tail));
}

/// 1 ulp.
Num owl::log2_64(Num x) {
  return logInBase64(
      x, constantLike(x, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56),
      constantLike(x, 1.0, 0.0));
}

/// 1 ulp.
Num owl::log10_64(Num x) {
  return logInBase64(
      x, constantLike(x, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57),
      constantLike(x, 0x1.34413509f6000p-2, 0x1.9fef311f12b36p-42));
}

/// 1 ulp.
Num owl::log1p64(Num x) {
  Num result = log1pTwice64({x, constantLike(x, 0.0)});
  result = select(abs(x) < 0x1p-60, x, result);
  result = select(x == kInf, x, result);
  result = select(x == -1.0, -kInf, result);
  return select(x >= -1.0, result, kNaN);
}

/// 1 ulp. asinh(x) = log(1 + x + x^2/(1 + sqrt(1 + x^2))); log(2x) if large.
Num owl::asinh64(Num x) {
  Num size = abs(x), one = constantLike(x, 1.0);
  Bool large = size > 0x1p30;
  Num y = select(large, 1.0, size);
  Twice square = twoProd(y, y);
  Twice sum = square / (sqrt(square + one) + one) + y;
  // Past 2^30 the logarithm's argument is x, and 1 is nothing beside it.
  Twice argument = twoSum(one, sum.hi);
  argument = fastTwoSum(argument.hi, argument.lo + sum.lo);
  Twice chosen = {select(large, size, argument.hi),
                  select(large, 0.0, argument.lo)};
  Num result = logTwice64(chosen, select(large, one, 0.0));
  result = select(size < 0x1p-30, size, result);
  // Neither infinity nor NaN has an exponent to split.
  return copySign(select(size < kInf, result, size), x);
}

/// 1 ulp. acosh(x) = log(1 + t + sqrt(t (2 + t))), t = x - 1; log(2x) if large.
Num owl::acosh64(Num x) {
  Num one = constantLike(x, 1.0), two = constantLike(x, 2.0);
  Bool large = x > 0x1p30;
  Twice t = twoSum(select(large, 1.0, x), -one);
  Twice sum = t + sqrt(t * (t + two));
  Twice argument = twoSum(one, sum.hi);
  argument = fastTwoSum(argument.hi, argument.lo + sum.lo);
  Twice chosen = {select(large, x, argument.hi),
                  select(large, 0.0, argument.lo)};
  Num result = logTwice64(chosen, select(large, one, 0.0));
  result = select(x == kInf, x, result);
  return select(x >= 1.0, result, kNaN);
}

/// 1 ulp. atanh(x) = log(1 + 2x/(1 - x))/2.
Num owl::atanh64(Num x) {
  Num size = abs(x);
  Twice below = twoSum(constantLike(x, 1.0), -select(size < 1.0, size, 0.0));
  Num result = log1pTwice64(Twice{size + size, constantLike(x, 0.0)} / below);
  result = select(size < 0x1p-30, size, result * 0.5);
  result = select(size == 1.0, kInf, result);
  return select(size <= 1.0, copySign(result, x), kNaN);
}
