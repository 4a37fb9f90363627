//===- ErrorFunction.cpp - erf, erfc --------------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The error function and its complement.
//
//===----------------------------------------------------------------------===//

#include "Functions.h"
#include "Polynomials.h"

using namespace mlir;
using namespace mlir::owl;

/// erfc(x) = exp(-x^2) Q(t)/(1 + 2x), t = (x - 4)/(x + 4), for x >= 0; the form
/// is that of Shepherd and Laframboise (Math. Comp. 36, 1981).
static Num erfcOfPositive(Num x) {
  x = select(x > 28.0, 28.0, x);
  Twice square = twoProd(x, x);
  ScaledTwice exponential = expScaled64({-square.hi, -square.lo});
  Num t = (x - 4.0) / (x + 4.0);
  Twice shape = fastTwoSum(constantLike(x, kErfc64[0]),
                           t * horner(t, ArrayRef(kErfc64).drop_front()));
  Twice quotient = exponential.m * shape / twoSum(x + x, constantLike(x, 1.0));
  return scale(quotient.hi, exponential.n);
}

/// 2 ulp, in f32 only: GELU waits for this one.
Num owl::erf32(Num x) {
  Num size = abs(x), z = x * x;
  Num small = mad(size, horner(z, kErf32), size);
  NegatedPower tail =
      negatedExp2(horner(atMost(size, 4.0), kErfTail32), kExp2Tail32);
  Num large = mad(tail.m, tail.scale, 1.0);
  return signedLike(select(size < 1.0, small, large), x);
}

/// 1 ulp.
Num owl::erf64(Num x) {
  Num size = abs(x), z = x * x;
  Num small = mad(size, horner(z, kErf64), size);
  return copySign(select(z < 0.5, small, 1.0 - erfcOfPositive(size)), x);
}

/// 2 ulp.
Num owl::erfc64(Num x) {
  Num size = abs(x), z = x * x;
  Num nearOne = 1.0 - mad(x, horner(z, kErf64), x);
  Num tail = erfcOfPositive(size);
  return select(size < 0.477, nearOne, select(x < 0.0, 2.0 - tail, tail));
}
