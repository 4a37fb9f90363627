/* Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What ulp.py compares with: the C library's functions in long double, which
 * has 11 bits more than binary64, and the distance to them in ulp. */

#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef long double Real;

struct Format {
  int bits, mantissa, least, most;
};
/* The exponents of the least and of the largest normal number. */
static const struct Format formats[] = {{16, 10, -14, 15},
                                        {16, 7, -126, 127},
                                        {32, 23, -126, 127},
                                        {64, 52, -1022, 1023}};
enum { I8 = 4, I16, I32, I64, U8, U16, U32, U64 };

static Real decode(int format, const void *data, int64_t i) {
  switch (format) {
  case I8:
    return ((const int8_t *)data)[i];
  case I16:
    return ((const int16_t *)data)[i];
  case I32:
    return ((const int32_t *)data)[i];
  case I64:
    return ((const int64_t *)data)[i];
  case U8:
    return ((const uint8_t *)data)[i];
  case U16:
    return ((const uint16_t *)data)[i];
  case U32:
    return ((const uint32_t *)data)[i];
  case U64:
    return ((const uint64_t *)data)[i];
  }
  const struct Format *f = &formats[format];
  uint64_t bits = f->bits == 16   ? ((const uint16_t *)data)[i]
                  : f->bits == 32 ? ((const uint32_t *)data)[i]
                                  : ((const uint64_t *)data)[i];
  uint64_t fraction = bits & ((1ull << f->mantissa) - 1);
  int exponent = (bits & ~(1ull << (f->bits - 1))) >> f->mantissa;
  Real value;
  if (exponent == f->most * 2 + 1)
    value = fraction ? NAN : INFINITY;
  else if (exponent == 0)
    value = ldexpl(fraction, f->least - f->mantissa);
  else
    value = ldexpl(fraction + (1ull << f->mantissa),
                   exponent - f->most - f->mantissa);
  return bits >> (f->bits - 1) ? -value : value;
}

static int exponentOf(const struct Format *f, Real x) {
  int exponent = x == 0 ? f->least : ilogbl(x);
  return exponent < f->least ? f->least : exponent;
}

/* x rounded to the format, ties to even. */
static Real roundTo(const struct Format *f, Real x) {
  if (isnan(x) || isinf(x) || x == 0)
    return x;
  int unit = exponentOf(f, x) - f->mantissa;
  Real rounded = ldexpl(rintl(ldexpl(x, -unit)), unit);
  return fabsl(rounded) >= ldexpl(1, f->most + 1) ? copysignl(INFINITY, x)
                                                  : rounded;
}

/* A finite stand-in for infinity: one ulp beyond the largest number. */
static Real inRange(const struct Format *f, Real x) {
  Real limit = ldexpl(1, f->most + 1);
  return fabsl(x) > limit ? copysignl(limit, x) : x;
}

static double distance(const struct Format *f, Real got, Real exact,
                       int mustRound) {
  if (isnan(exact) || isnan(got))
    return isnan(exact) && isnan(got) ? 0 : INFINITY;
  if (exact == 0 && (got != 0 || signbit(got) != signbit(exact)))
    return INFINITY;
  if (mustRound && got != roundTo(f, exact))
    return INFINITY;
  got = inRange(f, got), exact = inRange(f, exact);
  int unit = exponentOf(f, exact) - f->mantissa;
  return ldexpl(fabsl(got - exact), -unit);
}

/* Sums, products and roots of binary64 must not be rounded to long double. */
static int inDouble;
static Real squareRoot(Real x) { return inDouble ? sqrt(x) : sqrtl(x); }
static Real rsqrtl(Real x) { return 1 / sqrtl(x); }
static Real negl(Real x) { return -x; }
static Real identityl(Real x) { return x; }
static Real addl(Real x, Real y) {
  return inDouble ? (double)x + (double)y : x + y;
}
static Real subl(Real x, Real y) {
  return inDouble ? (double)x - (double)y : x - y;
}
static Real mull(Real x, Real y) {
  return inDouble ? (double)x * (double)y : x * y;
}
static Real divl(Real x, Real y) {
  return inDouble ? (double)x / (double)y : x / y;
}
static Real maximuml_(Real x, Real y) {
  return isnan(x) || isnan(y) ? NAN
         : x == y             ? (signbit(x) ? y : x)
         : x > y              ? x
                              : y;
}
static Real minimuml_(Real x, Real y) {
  return isnan(x) || isnan(y) ? NAN
         : x == y             ? (signbit(x) ? x : y)
         : x < y              ? x
                              : y;
}

struct Function {
  const char *name;
  Real (*unary)(Real);
  Real (*binary)(Real, Real);
};
static const struct Function functions[] = {
    {"exp", expl, 0},           {"exp2", exp2l, 0},
    {"expm1", expm1l, 0},       {"log", logl, 0},
    {"log2", log2l, 0},         {"log10", log10l, 0},
    {"log1p", log1pl, 0},       {"tanh", tanhl, 0},
    {"sinh", sinhl, 0},         {"cosh", coshl, 0},
    {"asinh", asinhl, 0},       {"acosh", acoshl, 0},
    {"atanh", atanhl, 0},       {"sin", sinl, 0},
    {"cos", cosl, 0},           {"tan", tanl, 0},
    {"asin", asinl, 0},         {"acos", acosl, 0},
    {"atan", atanl, 0},         {"erf", erfl, 0},
    {"erfc", erfcl, 0},         {"cbrt", cbrtl, 0},
    {"rsqrt", rsqrtl, 0},       {"sqrt", squareRoot, 0},
    {"floor", floorl, 0},       {"ceil", ceill, 0},
    {"trunc", truncl, 0},       {"round", roundl, 0},
    {"roundeven", rintl, 0},    {"absf", fabsl, 0},
    {"negf", negl, 0},          {"convert", identityl, 0},
    {"powf", 0, powl},          {"fpowi", 0, powl},
    {"atan2", 0, atan2l},       {"remf", 0, fmodl},
    {"copysign", 0, copysignl}, {"maxnumf", 0, fmaxl},
    {"minnumf", 0, fminl},      {"maximumf", 0, maximuml_},
    {"minimumf", 0, minimuml_}, {"addf", 0, addl},
    {"subf", 0, subl},          {"mulf", 0, mull},
    {"divf", 0, divl}};

/* The largest distance of got[i] from name(a[i], b[i]), and where it is; -1 for
 * a name that is not known. `mustRound` asks for correct rounding. */
double measure(const char *name, int formatA, const void *a, int formatB,
               const void *b, int formatGot, const void *got, int64_t n,
               int mustRound, int64_t *where) {
  const struct Format *f = &formats[formatGot];
  int eitherZero = !strcmp(name, "maxnumf") || !strcmp(name, "minnumf");
  inDouble = formatGot == 3;
  for (unsigned k = 0; k < sizeof functions / sizeof *functions; ++k) {
    const struct Function *function = &functions[k];
    if (strcmp(function->name, name))
      continue;
    double worst = 0;
    for (int64_t i = 0; i < n; ++i) {
      Real x = decode(formatA, a, i);
      Real exact = function->unary ? function->unary(x)
                                   : function->binary(x, decode(formatB, b, i));
      Real value = decode(formatGot, got, i);
      if (eitherZero && exact == 0)
        exact = copysignl(exact, value);
      double error = distance(f, value, exact, mustRound);
      if (error > worst)
        worst = error, *where = i;
    }
    return worst;
  }
  return -1;
}

/* x * y + z for a product that is exact in long double, with what the sum loses
 * left visible in its last bit. */
static Real fmaToNarrow(const struct Format *f, Real x, Real y, Real z) {
  Real product = x * y, sum = product + z;
  if (isnan(sum) || isinf(sum))
    return sum;
  Real part = sum - product;
  Real lost = (product - (sum - part)) + (z - part);
  if (lost != 0)
    sum = nextafterl(sum, lost > 0 ? INFINITY : -INFINITY);
  return roundTo(f, sum);
}

/* fma has to be rounded once: the C library does that in each format. */
int64_t wrongFma(int format, const void *a, const void *b, const void *c,
                 const void *got, int64_t n, double denormalBound,
                 int64_t *where) {
  const struct Format *f = &formats[format];
  int64_t wrong = 0;
  for (int64_t i = 0; i < n; ++i) {
    Real x = decode(format, a, i), y = decode(format, b, i),
         z = decode(format, c, i), value = decode(format, got, i);
    Real exact = format == 3   ? (Real)fma(x, y, z)
                 : format == 2 ? (Real)fmaf(x, y, z)
                               : fmaToNarrow(f, x, y, z);
    double error = distance(f, value, exact, 0);
    double bound = fabsl(exact) < ldexpl(1, f->least + 1) ? denormalBound : 0;
    if (error > bound)
      ++wrong, *where = i;
  }
  return wrong;
}
