//===- Expr.cpp - Sums and products in twice the precision ----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Error-free transformations and the arithmetic of unevaluated sums.
//
//===----------------------------------------------------------------------===//

#include "Expr.h"

using namespace mlir;
using namespace mlir::owl;

Twice owl::twoProd(Num a, Num b) {
  Num product = a * b;
  Emitter &e = *product.e;
  Value left = a.like(product), right = b.like(product);
  if (e.config.hasFMA)
    return {product, Num(e, math::FmaOp::create(e.builder, e.loc, left, right,
                                                (-product).v))};
  auto split = [&](Value v) {
    Num x(e, v);
    // Rounded to nearest, so that the low part, having a sign, needs no more
    // bits than the high one and all four products are exact.
    int64_t unit = int64_t(1) << (x.isWide() ? 27 : 12);
    Num high = asNum((asInt(x) + unit / 2) & -unit, x.type());
    return std::make_pair(high, x - high);
  };
  auto [ah, al] = split(left);
  auto [bh, bl] = split(right);
  return {product, (((ah * bh - product) + ah * bl) + al * bh) + al * bl};
}

Twice owl::operator+(Twice a, Num b) {
  Twice sum = twoSum(a.hi, b);
  return fastTwoSum(sum.hi, sum.lo + a.lo);
}

Twice owl::operator+(Twice a, Twice b) {
  Twice sum = twoSum(a.hi, b.hi);
  return fastTwoSum(sum.hi, sum.lo + (a.lo + b.lo));
}

Twice owl::operator*(Twice a, Twice b) {
  Twice product = twoProd(a.hi, b.hi);
  return fastTwoSum(product.hi, mad(a.hi, b.lo, mad(a.lo, b.hi, product.lo)));
}

Twice owl::operator/(Twice a, Twice b) {
  Num quotient = a.hi / b.hi;
  Twice back = twoProd(quotient, b.hi);
  Num rest = (((a.hi - back.hi) - back.lo) + a.lo) - quotient * b.lo;
  return fastTwoSum(quotient, rest / b.hi);
}

Twice owl::sqrt(Twice a) {
  Num root = sqrt(a.hi);
  Twice square = twoProd(root, root);
  Num rest = ((a.hi - square.hi) - square.lo) + a.lo;
  Num correction = rest / (root + root);
  return {root, select(root > 0.0, correction, 0.0)};
}
