//===- Power.cpp - pow, rsqrt, cbrt ---------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Powers and roots.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "Polynomials.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

/// log(x) to about 2^-66, for positive finite x. With s = f/(2 + f) and z = s^2
/// it is 2s + s z (2/3 + z P(z)), of which all but the last product need two
/// parts: the error is going to be multiplied by up to 745.
Twice logTwice(Num x) {
  Binary64 p = split64(x);
  Num f = p.m - 1.0;
  Twice s = Twice{f, constantLike(x, 0.0)} / twoSum(constantLike(x, 2.0), f);
  Twice z = s * s;
  Twice inner =
      z * constantLike(x, 0x1.5555555555555p-1, 0x1.5555555555555p-55);
  inner.lo = mad(z.hi * z.hi, horner(z.hi, kLogTail64), inner.lo);
  Twice log = s * 2.0 + s * fastTwoSum(inner.hi, inner.lo);
  Twice ln2 = twoSum(p.k * 0x1.62e42fefa3000p-1, log.hi);
  return fastTwoSum(ln2.hi, ln2.lo + mad(p.k, 0x1.3de6af278ece6p-42, log.lo));
}

/// size^y for size >= 0, as IEEE 754's pow; NaN in, NaN out, but x^0 is 1.
/// `core` computes it where both are finite and size is not 0.
template <typename Core> Num powOfSize(Num size, Num y, Core core) {
  Bool extreme = (size == 0.0) | (size == kInf) | (abs(y) == kInf);
  Num result = core(select(extreme, 1.0, size), select(extreme, 0.0, y));
  // At the extremes the result is 0, 1 or infinity.
  Bool grows = (size > 1.0) ^ (y < 0.0);
  Num atExtreme =
      select(size == 1.0, 1.0, select(grows, constantLike(size, kInf), 0.0));
  result = select(extreme, atExtreme, result);
  result = select(size.compare(arith::CmpFPredicate::UNO, y), kNaN, result);
  return select((y == 0.0) | ((size == 1.0) & !y.isNaN()), 1.0, result);
}

Num powCore64(Num size, Num y) {
  // Beyond 2^66 any logarithm but 0 takes y over the range.
  y = select(y > 0x1p66, 0x1p66, select(y < -0x1p66, -0x1p66, y));
  return expTwice64(logTwice(size) * Twice{y, constantLike(y, 0.0)});
}

/// Good enough for a result in binary32.
Num powCoreSingle(Num size, Num y) { return exp64(log64(size) * y); }

/// The result for a base of either sign, given the one for its size.
Num withSign(Num x, Num result, Bool odd, Bool integral) {
  Bool negative = asInt(x) < 0;
  result = select(negative & odd, -result, result);
  return select((x < 0.0) & (x != -kInf) & !integral, kNaN, result);
}

template <typename Core> Num power(Num x, Num y, Core core) {
  Num half = y * 0.5;
  Bool integral = trunc(y) == y;
  Bool odd = integral & (trunc(half) != half);
  Num result = powOfSize(abs(x), y, core);
  result = withSign(x, result, odd, integral);
  // 1 to any power, NaN included, and anything to the 0th are 1.
  return select((x == 1.0) | (y == 0.0), 1.0, result);
}

/// cbrt(x) = 2^q cbrt(2^r m), x = 2^(3q + r) m; then Newton's iteration.
Num cubeRoot(Num x, bool precise) {
  Num size = abs(x);
  Bool special = !((size > 0.0) & (size < kInf));
  Binary64 p = split64(select(special, 1.0, size));
  Num q = roundSmall((p.k - 1.0) * (1.0 / 3.0));
  Num r = mad(q, -3.0, p.k);
  Num m = p.m * pow2(r);
  Num t = horner(p.m, kCbrt64) *
          select(r == 0.0, 1.0,
                 select(r == 1.0, constantLike(x, 0x1.428a2f98d728bp+0),
                        0x1.965fea53d6e3dp+0));
  t = t - (t * t * t - m) / (t * t * 3.0);
  if (precise) {
    Twice cube = twoProd(t, t) * Twice{t, constantLike(x, 0.0)};
    t = t - ((cube.hi - m) + cube.lo) / (t * t * 3.0);
  }
  return select(special, x, copySign(t * pow2(q), x));
}

} // namespace

/// 1.5 ulp.
Num owl::rsqrt(Num x) { return 1.0 / sqrt(x); }

/// 1 ulp.
Num owl::cbrt32(Num x) { return toF32(cubeRoot(toF64(x), false)); }

/// 1 ulp.
Num owl::cbrt64(Num x) { return cubeRoot(x, true); }

/// 1 ulp.
Num owl::pow32(Num x, Num y) {
  return toF32(power(toF64(x), toF64(y), powCoreSingle));
}

/// 1 ulp.
Num owl::pow64(Num x, Num y) { return power(x, y, powCore64); }

/// 1 ulp. The exponent's parity comes from the integer, which may have more
/// bits than binary64.
Num owl::powInteger(Num x, Int n) {
  Emitter &e = *x.e;
  bool wide = x.isWide();
  if (!wide)
    x = toF64(x);
  Num y(e, arith::SIToFPOp::create(e.builder, e.loc, x.type(), n.v));
  Bool odd = (n & 1) != 0;
  Bool always = constantLike(n, 0) == constantLike(n, 0);
  Num result = wide ? powOfSize(abs(x), y, powCore64)
                    : powOfSize(abs(x), y, powCoreSingle);
  result = withSign(x, result, odd, always);
  return wide ? result : toF32(result);
}
