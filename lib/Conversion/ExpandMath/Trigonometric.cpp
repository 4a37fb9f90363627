//===- Trigonometric.cpp - sin, cos, tan ----------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The argument is multiplied by 2/pi, of which only those bits are taken that
// matter modulo a full turn, after Payne and Hanek: the parts of 2/pi whose
// product with x is a multiple of four quarter turns are skipped. So any
// argument, however large, is reduced without error that could be seen.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "Polynomials.h"

using namespace mlir;
using namespace mlir::owl;

namespace {

/// 2/pi in parts of 29 bits, the i-th to be scaled by 2^(-29 i): the product of
/// one with a binary32 is exact in binary64.
constexpr double kTwoOverPi29[] = {
    0x1.45f306dp-1, 0x1.9391054p-1, 0x1.4fe13abp-1, 0x1.d1f534dp-1,
    0x1.b81b6c5p-1, 0x1.5993c4p-3,  0x1.c820ff2p-1};

/// 2/pi in parts of 53 bits, the i-th to be scaled by 2^(-53 i).
constexpr double kTwoOverPi53[] = {
    0x1.45f306dc9c882p-1, 0x1.4a7f09d5f47d4p-1, 0x1.a6ee06db14accp-1,
    0x1.3c439041fe516p-1, 0x1.d5ef5de2b0db8p-3, 0x1.2371d2126e970p-2,
    0x1.924bba8274600p-8, 0x1.21cfe1deb1cb1p-1, 0x1.4d39f74411af8p-3,
    0x1.4baed1213a671p-1, 0x1.8135a2fbf209cp-1, 0x1.91d639835339fp-1,
    0x1.272117e2ef7e4p-2, 0x1.41d8ffc4bffeep-2, 0x1.02cc07f79788cp-1,
    0x1.6b414da3eda6cp-2, 0x1.fb3c9f2c26dd2p-2, 0x1.d18fd9a797fa8p-1,
    0x1.6ba93dd63f5f2p-1, 0x1.f17b3d0739f78p-1, 0x1.4a525d4d7f6bfp-1,
    0x1.88fc6ae842b00p-2, 0x1.98237e3db5d5fp-1};

/// x modulo four quarter turns, exactly, from -2 to 2.
Num moduloTurn(Num x) { return mad(roundEven(x * 0.25), -4.0, x); }

/// The integer that an integral x is, in the low bits.
Int lowBits(Num x) { return asInt(x + roundingMagic(x)); }

/// Turns sine and cosine of an angle in the first quadrant's octants by
/// `quarters` quarter turns.
SinCos turn(Num sin, Num cos, Int quarters) {
  Bool odd = (quarters & 1) != 0;
  auto flip = [](Num x, Int sign) {
    return asNum(asInt(x) ^ ((sign & 2) << 62), x.type());
  };
  return {flip(select(odd, cos, sin), quarters),
          flip(select(odd, sin, cos), quarters + 1)};
}

/// In binary64; x was binary32.
SinCos sinCosOfSingle(Num x) {
  // x is M 2^E, with |M| < 2^24. Parts before the j-th may be skipped when
  // E >= 29 j + 2.
  Num size = abs(x);
  Bool past1 = size >= 0x1p54, past2 = size >= 0x1p83, past3 = size >= 0x1p112;
  Num part[4] = {x, x, x, x};
  for (int i = 0; i < 4; ++i) {
    auto constant = [&](int j) {
      return constantLike(x, std::ldexp(kTwoOverPi29[j], -29 * j));
    };
    part[i] = x * select(past3, constant(i + 3),
                         select(past2, constant(i + 2),
                                select(past1, constant(i + 1), constant(i))));
  }
  Twice sum = twoSum(moduloTurn(part[0]), moduloTurn(part[1]));
  Num quarters = roundSmall(sum.hi + part[2]);
  Twice fraction = twoSum(sum.hi - quarters, part[2]);
  Num f = fraction.hi + (fraction.lo + (sum.lo + part[3]));
  Num z = f * f;
  return turn(f * horner(z, kSinTurn), horner(z, kCosTurn), lowBits(quarters));
}

/// Sine and cosine in two parts, and the quadrant they are to be turned by.
struct Octant {
  Twice sin, cos;
  Int quarters;
};

Octant octantOfDouble(Num x) {
  // x is M 2^E, with |M| < 2^53. Parts before the j-th may be skipped, where
  // j = floor((E - 2)/53): the quotient less 26/53 rounds to that.
  Int biased = (asInt(x) >> 52) & 0x7ff;
  Num exponent = asNum(biased | 0x4330000000000000, x.type()) - 0x1p52;
  Num j = roundSmall((exponent - (1075.0 + 2.0 + 26.0)) * (1.0 / 53.0));
  j = select(j > 0.0, j, 0.0);
  Num scaled = x * pow2(j * -53.0);

  // Parts j to j + 4: the list is shifted by 16, 8, 4, 2 and 1 parts, each time
  // keeping no more of it than the rest can ask for.
  SmallVector<Num> parts;
  for (double part : kTwoOverPi53)
    parts.push_back(constantLike(x, part));
  Int index = lowBits(j);
  for (int step = 16; step; step /= 2) {
    Bool shifted = (index & step) != 0;
    SmallVector<Num> next;
    for (int i = 0; i < 5 + step - 1; ++i)
      next.push_back(i + step < int(parts.size())
                         ? select(shifted, parts[i + step], parts[i])
                         : parts[i]);
    parts = next;
  }

  auto product = [&](int i) {
    return twoProd(scaled, parts[i] * std::ldexp(1.0, -53 * i));
  };
  Twice p0 = product(0), p1 = product(1), p2 = product(2), p3 = product(3);
  Num tail = scaled * (parts[4] * 0x1p-212) + p3.lo;

  // The sum as a + b + c: near a multiple of a quarter turn a vanishes when the
  // integer is taken off, and more.
  Num a = moduloTurn(p0.hi), b = constantLike(x, 0.0), c = tail;
  auto addToB = [&](Num term) {
    Twice sum = twoSum(b, term);
    b = sum.hi;
    c = c + sum.lo;
  };
  for (Num term : {moduloTurn(p0.lo), moduloTurn(p1.hi), p1.lo, p2.hi}) {
    Twice sum = twoSum(a, term);
    a = sum.hi;
    addToB(sum.lo);
  }
  addToB(p2.lo);
  addToB(p3.hi);
  Num quarters = roundSmall(a);
  Twice f = twoSum(a - quarters, b);
  f = fastTwoSum(f.hi, f.lo + c);
  Twice y = f * constantLike(x, 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54);

  Num z = y.hi * y.hi, half = z * 0.5;
  Twice sin =
      fastTwoSum(y.hi, mad(y.hi * z, horner(z, kSin64), y.lo - y.lo * half));
  Num one = constantLike(x, 1.0) - half;
  Num rest = mad(z * z, horner(z, kCos64), -(y.hi * y.lo));
  Twice cos = fastTwoSum(one, ((1.0 - one) - half) + rest);
  return {sin, cos, lowBits(quarters)};
}

} // namespace

/// 1 ulp each.
SinCos owl::sinCos32(Num x) {
  SinCos result = sinCosOfSingle(toF64(x));
  // Also keeps the sign of zero.
  return {select(abs(x) < 0x1p-13, x, toF32(result.sin)), toF32(result.cos)};
}

/// 1 ulp each.
SinCos owl::sinCos64(Num x) {
  Octant octant = octantOfDouble(x);
  SinCos result = turn(octant.sin.hi + octant.sin.lo,
                       octant.cos.hi + octant.cos.lo, octant.quarters);
  return {select(abs(x) < 0x1p-27, x, result.sin), result.cos};
}

/// 1 ulp.
Num owl::tan32(Num x) {
  SinCos result = sinCosOfSingle(toF64(x));
  return select(abs(x) < 0x1p-13, x, toF32(result.sin / result.cos));
}

/// 1 ulp.
Num owl::tan64(Num x) {
  Octant octant = octantOfDouble(x);
  Bool odd = (octant.quarters & 1) != 0;
  auto choose = [&](Twice a, Twice b) -> Twice {
    return {select(odd, a.hi, b.hi), select(odd, a.lo, b.lo)};
  };
  Twice quotient =
      choose(octant.cos, octant.sin) / choose(octant.sin, octant.cos);
  Num sum = quotient.hi + quotient.lo;
  return select(abs(x) < 0x1p-27, x, select(odd, -sum, sum));
}
