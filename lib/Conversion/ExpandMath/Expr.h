//===- Expr.h - Arithmetic on SSA values as C++ expressions -----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets a function read like its formula: `x + x * z * horner(z, kSin)` builds
// the arith ops that compute it. Num is a value of floating-point type, Int of
// integer type, Bool of i1; each may be a scalar or a vector of any shape. A
// C++ number stands for a constant of the other operand's type and shape.
//
// No op built here carries fast-math flags: the error-free transformations rely
// on every rounding.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_CONVERSION_EXPANDMATH_EXPR_H
#define OWL_LIB_CONVERSION_EXPANDMATH_EXPR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "owl/Conversion/ExpandMath/ExpandMath.h"
#include <cmath>

namespace mlir::owl {

/// Where expressions are built, and for which target.
struct Emitter {
  OpBuilder &builder;
  Location loc;
  const ExpandMathConfig &config;
};

/// `type` with its element type replaced.
inline Type withElement(Type type, Type element) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(element);
  return element;
}

inline Value makeConstant(Emitter &e, Type type, TypedAttr scalar) {
  TypedAttr value = scalar;
  if (auto shaped = dyn_cast<ShapedType>(type))
    value = DenseElementsAttr::get(shaped, Attribute(scalar));
  return arith::ConstantOp::create(e.builder, e.loc, type, value);
}

inline Value makeFloat(Emitter &e, Type type, double number) {
  return makeConstant(
      e, type, e.builder.getFloatAttr(getElementTypeOrSelf(type), number));
}

inline Value makeInt(Emitter &e, Type type, uint64_t number) {
  auto element = cast<IntegerType>(getElementTypeOrSelf(type));
  APInt bits = APInt(64, number).zextOrTrunc(element.getWidth());
  return makeConstant(e, type, e.builder.getIntegerAttr(element, bits));
}

struct Bool {
  Emitter *e;
  Value v;

  Bool operator&(Bool o) const { return with<arith::AndIOp>(o); }
  Bool operator|(Bool o) const { return with<arith::OrIOp>(o); }
  Bool operator^(Bool o) const { return with<arith::XOrIOp>(o); }
  Bool operator!() const {
    return with<arith::XOrIOp>({e, makeInt(*e, v.getType(), 1)});
  }

private:
  template <typename Op> Bool with(Bool o) const {
    return {e, Op::create(e->builder, e->loc, v, o.v)};
  }
};

/// Binary operators on `Self`, which is built from a C++ `Literal` too.
template <typename Self, typename Literal> struct Operand {
  Emitter *e = nullptr;
  Value v;
  Literal literal = 0;

  Operand(Emitter &e, Value v) : e(&e), v(v) {}
  Operand(Literal literal) : literal(literal) {}

  Type type() const { return v.getType(); }
  unsigned bits() const {
    return getElementTypeOrSelf(type()).getIntOrFloatBitWidth();
  }
  bool isWide() const { return bits() == 64; }

  /// This value, made a constant like `other` if it is a literal.
  Value like(const Operand &other) const {
    return v ? v : Self::constant(*other.e, other.type(), literal);
  }
};

template <typename Op, typename T> inline T apply(const T &a, const T &b) {
  Emitter &e = a.e ? *a.e : *b.e;
  Value left = a.like(b), right = b.like(a);
  return T(e, Op::create(e.builder, e.loc, left, right));
}

struct Int : Operand<Int, int64_t> {
  using Operand::Operand;
  Int(int literal) : Operand(int64_t(literal)) {}
  static Value constant(Emitter &e, Type type, int64_t literal) {
    return makeInt(e, type, literal);
  }
  Bool compare(arith::CmpIPredicate how, Int o) const {
    return {e,
            arith::CmpIOp::create(e->builder, e->loc, how, v, o.like(*this))};
  }
  Bool operator==(Int o) const { return compare(arith::CmpIPredicate::eq, o); }
  Bool operator!=(Int o) const { return compare(arith::CmpIPredicate::ne, o); }
  Bool operator<(Int o) const { return compare(arith::CmpIPredicate::slt, o); }
  Bool operator>(Int o) const { return compare(arith::CmpIPredicate::sgt, o); }
  Bool below(Int o) const { return compare(arith::CmpIPredicate::ult, o); }
  /// The logical shift.
  Int operator>>(int count) const {
    return apply<arith::ShRUIOp>(*this, Int(count));
  }
  Int operator<<(int count) const {
    return apply<arith::ShLIOp>(*this, Int(count));
  }
};
inline Int operator+(Int a, Int b) { return apply<arith::AddIOp>(a, b); }
inline Int operator-(Int a, Int b) { return apply<arith::SubIOp>(a, b); }
inline Int operator*(Int a, Int b) { return apply<arith::MulIOp>(a, b); }
inline Int operator&(Int a, Int b) { return apply<arith::AndIOp>(a, b); }
inline Int operator|(Int a, Int b) { return apply<arith::OrIOp>(a, b); }
inline Int operator^(Int a, Int b) { return apply<arith::XOrIOp>(a, b); }

struct Num : Operand<Num, double> {
  using Operand::Operand;
  static Value constant(Emitter &e, Type type, double literal) {
    return makeFloat(e, type, literal);
  }
  Num operator-() const {
    return {*e, arith::NegFOp::create(e->builder, e->loc, v)};
  }
  Bool compare(arith::CmpFPredicate how, Num o) const {
    return {e,
            arith::CmpFOp::create(e->builder, e->loc, how, v, o.like(*this))};
  }
  // All false for NaN but for !=.
  Bool operator<(Num o) const { return compare(arith::CmpFPredicate::OLT, o); }
  Bool operator<=(Num o) const { return compare(arith::CmpFPredicate::OLE, o); }
  Bool operator>(Num o) const { return compare(arith::CmpFPredicate::OGT, o); }
  Bool operator>=(Num o) const { return compare(arith::CmpFPredicate::OGE, o); }
  Bool operator==(Num o) const { return compare(arith::CmpFPredicate::OEQ, o); }
  Bool operator!=(Num o) const { return compare(arith::CmpFPredicate::UNE, o); }
  Bool isNaN() const { return compare(arith::CmpFPredicate::UNO, *this); }
};
inline Num operator+(Num a, Num b) { return apply<arith::AddFOp>(a, b); }
inline Num operator-(Num a, Num b) { return apply<arith::SubFOp>(a, b); }
inline Num operator*(Num a, Num b) { return apply<arith::MulFOp>(a, b); }
inline Num operator/(Num a, Num b) { return apply<arith::DivFOp>(a, b); }

template <typename T> inline T select(Bool condition, T a, T b) {
  Emitter &e = *condition.e;
  return T(e, arith::SelectOp::create(e.builder, e.loc, condition.v, a.like(b),
                                      b.like(a)));
}
inline Num select(Bool c, Num a, double b) { return select(c, a, Num(b)); }
inline Num select(Bool c, double a, Num b) { return select(c, Num(a), b); }

/// The constant `number` with the type and shape of `like`.
inline Num constantLike(Num like, double number) {
  return {*like.e, Num(number).like(like)};
}
inline Int constantLike(Int like, int64_t number) {
  return {*like.e, Int(number).like(like)};
}

template <typename Op> inline Num unary(Num x) {
  return {*x.e, Op::create(x.e->builder, x.e->loc, x.v)};
}
inline Num abs(Num x) { return unary<math::AbsFOp>(x); }
inline Num sqrt(Num x) { return unary<math::SqrtOp>(x); }
inline Num roundEven(Num x) { return unary<math::RoundEvenOp>(x); }
inline Num floor(Num x) { return unary<math::FloorOp>(x); }
inline Num trunc(Num x) { return unary<math::TruncOp>(x); }

/// The lesser of x and a number other than 0, and the greater one; a NaN stays.
/// NEON has instructions for the ops but not for the selects. WebAssembly,
/// which has no FMA, has them for both, but on x86 its own minimum is a long
/// sequence.
inline Num atMost(Num x, double high) {
  if (x.e->config.hasFMA)
    return apply<arith::MinimumFOp>(x, Num(high));
  return select(x > high, high, x);
}
inline Num atLeast(Num x, double low) {
  if (x.e->config.hasFMA)
    return apply<arith::MaximumFOp>(x, Num(low));
  return select(x < low, low, x);
}

/// a * b + c, in one rounding or in two, whichever is fast.
inline Num mad(Num a, Num b, Num c) {
  Num typed = a.e ? a : b.e ? b : c;
  Emitter &e = *typed.e;
  if (!e.config.hasFMA)
    return a * b + c;
  return {e, math::FmaOp::create(e.builder, e.loc, a.like(typed), b.like(typed),
                                 c.like(typed))};
}

/// c[0] + c[1] x + c[2] x^2 + ...
inline Num horner(Num x, ArrayRef<double> c) {
  Num sum = constantLike(x, c.back());
  for (double coefficient : llvm::reverse(c.drop_back()))
    sum = mad(sum, x, coefficient);
  return sum;
}

/// The same in half as many steps, of which each is two side by side.
inline Num hornerByPairs(Num x, Num square, ArrayRef<double> c) {
  auto getPair = [&](size_t i) {
    return i + 1 < c.size() ? mad(x, c[i + 1], c[i]) : constantLike(x, c[i]);
  };
  size_t i = (c.size() - 1) / 2 * 2;
  Num sum = getPair(i);
  while (i > 0) {
    i -= 2;
    sum = mad(sum, square, getPair(i));
  }
  return sum;
}

/// The bits of `x` as an integer, and back.
inline Int asInt(Num x) {
  Type type = withElement(x.type(), x.e->builder.getIntegerType(x.bits()));
  return {*x.e, arith::BitcastOp::create(x.e->builder, x.e->loc, type, x.v)};
}
inline Num asNum(Int x, Type type) {
  return {*x.e, arith::BitcastOp::create(x.e->builder, x.e->loc, type, x.v)};
}

/// |x| with the sign of `sign`. Not llvm.copysign, nor bits that LLVM takes for
/// it: a rounding to f16 is moved above that, and the sign rounded from f64 to
/// f16 by a library.
inline Num copySign(Num x, Num sign) {
  Num size = abs(x);
  return select(asInt(sign) < 0, -size, size);
}

/// `size`, which is positive, with the sign of `sign`; in f32 only, where no
/// rounding comes between the two (see copySign).
inline Num signedLike(Num size, Num sign) {
  return asNum(asInt(size) ^ (asInt(sign) & int64_t(0x80000000)), size.type());
}

inline Num toF64(Num x) {
  Type type = withElement(x.type(), x.e->builder.getF64Type());
  return {*x.e, arith::ExtFOp::create(x.e->builder, x.e->loc, type, x.v)};
}
inline Num toF32(Num x) {
  Type type = withElement(x.type(), x.e->builder.getF32Type());
  return {*x.e, arith::TruncFOp::create(x.e->builder, x.e->loc, type, x.v)};
}

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Bits of the stored mantissa.
inline int mantissaBits(Num x) { return x.isWide() ? 52 : 23; }

/// 1.5 * 2^mantissaBits: added to a small number it rounds it to an integer,
/// which then stands in the low bits.
inline double roundingMagic(Num x) { return x.isWide() ? 0x1.8p52 : 0x1.8p23; }

/// x rounded to an integer, ties to even, for |x| < 2^(mantissaBits - 1).
inline Num roundSmall(Num x) {
  double magic = roundingMagic(x);
  return (x + magic) - magic;
}

/// What is added to the exponent of a number in its bits.
inline double exponentBias(Num x) { return x.isWide() ? 1023.0 : 127.0; }

/// 2^n for an integral n from -126 to 127, or -1022 to 1023. One less gives 0,
/// one more infinity.
inline Num pow2(Num n) {
  Int biased = asInt(n + (roundingMagic(n) + exponentBias(n)));
  return asNum(biased << mantissaBits(n), n.type());
}

/// What scale takes n plus: the sum's low bits are n plus twice the bias.
inline double scaleMagic(Num x) {
  return roundingMagic(x) + 2.0 * exponentBias(x);
}

/// x * 2^n for an integral n, |n| up to twice the exponent range, where
/// `shifted` is n + scaleMagic. Rounds once, and a NaN stays.
inline Num scaleShifted(Num x, Num shifted) {
  int64_t exponentMask =
      x.isWide() ? int64_t(0x7ff) << 52 : int64_t(0xff) << 23;
  Int bits = asInt(shifted);
  // n is split in halves that have a power of 2 each; both are biased.
  Int half = (bits << (mantissaBits(x) - 1)) & exponentMask;
  Int rest = (bits << mantissaBits(x)) - half;
  return (x * asNum(rest, x.type())) * asNum(half, x.type());
}

// Where n is not above 0, one multiplication does it: what is scaled comes
// times scaledDown, as many binades as hold denormals and those that round to
// 0, and `shifted` is n + scaleDownMagic.
inline double scaledDown(Num x) {
  return std::ldexp(1.0, -mantissaBits(x) - 2);
}
inline double scaleDownMagic(Num x) {
  return roundingMagic(x) + exponentBias(x) + mantissaBits(x) + 2;
}
inline Num scaleDownShifted(Num x, Num shifted) {
  return x * asNum(asInt(shifted) << mantissaBits(x), x.type());
}

inline Num scale(Num x, Num n) { return scaleShifted(x, n + scaleMagic(n)); }

/// An unevaluated sum with |lo| at most half an ulp of hi.
struct Twice {
  Num hi, lo;
};

/// a + b exactly, where |a| >= |b| or a is 0.
inline Twice fastTwoSum(Num a, Num b) {
  Num sum = a + b;
  return {sum, b - (sum - a)};
}

/// a + b exactly (Knuth).
inline Twice twoSum(Num a, Num b) {
  Num sum = a + b;
  Num right = sum - a;
  return {sum, (a - (sum - right)) + (b - right)};
}

/// a * b exactly, as long as the low part is not denormal (Dekker's product
/// where there is no FMA).
Twice twoProd(Num a, Num b);

Twice operator+(Twice a, Num b);
Twice operator+(Twice a, Twice b);
Twice operator*(Twice a, Twice b);
Twice operator/(Twice a, Twice b);
inline Twice operator*(Twice a, double powerOfTwo) {
  return {a.hi * powerOfTwo, a.lo * powerOfTwo};
}
Twice sqrt(Twice a);

/// A constant, given to twice the precision of binary64.
inline Twice constantLike(Num like, double hi, double lo) {
  return {constantLike(like, hi), constantLike(like, lo)};
}

} // namespace mlir::owl

#endif // OWL_LIB_CONVERSION_EXPANDMATH_EXPR_H
