//===- InverseTrigonometric.cpp - asin, acos, atan, atan2 -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Polynomials near zero, and identities that bring other arguments there.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "Polynomials.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

constexpr double kPiHi = 0x1.921fb54442d18p+1;
constexpr double kPiLo = 0x1.1a62633145c07p-53;
/// 3 pi/4 has its own rounding.
constexpr double kThreeQuarterPiHi = 0x1.2d97c7f3321d2p+1;
constexpr double kThreeQuarterPiLo = 0x1.a79394c9e8a0ap-54;

/// asin(t) = t + tail for a t in two parts, which is |x|, or, past 1/2,
/// sqrt((1 - |x|)/2): asin(x) = pi/2 - 2 asin(sqrt((1 - x)/2)).
struct Arcsine {
  Bool folded;
  Num t, tail;
};

Arcsine arcsine(Num size) {
  Bool folded = size > 0.5;
  Num half = (1.0 - size) * 0.5;
  Twice root = sqrt(Twice{half, constantLike(size, 0.0)});
  Num z = select(folded, half, size * size);
  Num t = select(folded, root.hi, size);
  Num low = select(folded, root.lo, 0.0);
  return {folded, t, mad(t * z, horner(z, kAsin64), low)};
}

/// The sum of two numbers in two parts.
Num fromBase(Num baseHi, Num baseLo, Num hi, Num lo) {
  Twice sum = twoSum(baseHi, hi);
  return sum.hi + (sum.lo + (baseLo + lo));
}

Num negateIf(Bool condition, Num x) { return select(condition, -x, x); }

} // namespace

/// 1 ulp.
Num owl::asin64(Num x) {
  Num size = abs(x);
  Arcsine a = arcsine(size);
  Num folded = fromBase(constantLike(x, kPiHi / 2), constantLike(x, kPiLo / 2),
                        a.t * -2.0, a.tail * -2.0);
  return copySign(select(a.folded, folded, a.t + a.tail), x);
}

/// 1 ulp.
Num owl::acos64(Num x) {
  Arcsine a = arcsine(abs(x));
  Bool negative = x < 0.0;
  // 2 asin(..) for x > 1/2, pi - 2 asin(..) for x < -1/2, else pi/2 - asin(x).
  Num factor = select(a.folded, select(negative, constantLike(x, -2.0), 2.0),
                      select(negative, constantLike(x, 1.0), -1.0));
  Num turns =
      select(a.folded, select(negative, constantLike(x, 1.0), 0.0), 0.5);
  return fromBase(turns * kPiHi, turns * kPiLo, a.t * factor, a.tail * factor);
}

/// 1 ulp.
Num owl::atan64(Num x) { return atan2_64(x, constantLike(x, 1.0)); }

/// 1 ulp.
Num owl::atan2_64(Num y, Num x) {
  Num height = abs(y), width = abs(x);
  Bool swap = height > width;
  Num large = select(swap, height, width), small = select(swap, width, height);

  // Neither 0/0 nor inf/inf, nor a denominator that over- or underflows.
  Num factor = select(large > 0x1p1000, constantLike(x, 0x1p-200),
                      select(large < 0x1p-500, constantLike(x, 0x1p400), 1.0));
  Num a = large * factor, b = small * factor;
  b = select(large == kInf, select(small == kInf, constantLike(x, 1.0), 0.0),
             b);
  a = select((large == kInf) | (large == 0.0), 1.0, a);

  // Nor a quotient whose product with the denominator is denormal.
  Bool tiny = b < 0x1p-900;
  b = b * select(tiny, constantLike(x, 0x1p200), 1.0);
  Num down = select(tiny, constantLike(x, 0x1p-200), 1.0);

  // Past tan(pi/8): atan(b/a) = pi/4 + atan((b - a)/(b + a)).
  Bool folded = b > a * 0.41421356237309503;
  Num zero = constantLike(x, 0.0);
  Twice difference = twoSum(b, -a), sum = twoSum(b, a);
  Twice t = Twice{select(folded, difference.hi, b),
                  select(folded, difference.lo, zero)} /
            Twice{select(folded, sum.hi, a), select(folded, sum.lo, zero)};
  t = {t.hi * down, t.lo * down};
  Num z = t.hi * t.hi;
  Num tail = mad(t.hi * z, horner(z, kAtan64), t.lo - t.lo * z);

  // Into the right octant.
  Bool left = asInt(x) < 0;
  Bool negate = swap ^ left;
  auto base = [&](double pi, double threeQuarters) {
    return select(folded, select(left, constantLike(x, threeQuarters), pi / 4),
                  select(swap, constantLike(x, pi / 2),
                         select(left, constantLike(x, pi), 0.0)));
  };
  Num angle =
      fromBase(base(kPiHi, kThreeQuarterPiHi), base(kPiLo, kThreeQuarterPiLo),
               negateIf(negate, t.hi), negateIf(negate, tail));
  return select(x.compare(arith::CmpFPredicate::UNO, y), kNaN,
                copySign(angle, y));
}
