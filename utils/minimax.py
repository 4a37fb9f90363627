#!/usr/bin/python3
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Derives the polynomials of lib/Conversion/ExpandMath.

Each entry of FITS is approximated by Remez's exchange algorithm in 50 digits and
rounded to the target's format. Printed is lib/Conversion/ExpandMath/Polynomials.h
(or only the arrays named). Needs python3-mpmath.

    utils/minimax.py [NAME...] > Polynomials.h
"""
import struct
import sys

import mpmath as mp

mp.mp.dps = 50


def remez(function, weight, low, high, degree, iterations=12):
    """The polynomial p of `degree` with the least max |weight*(function-p)|."""
    count = degree + 2
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle - half * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]
    grid = [middle - half * mp.cos(mp.pi * i / (24 * count)) for i in range(24 * count + 1)]
    values = [(function(x), weight(x)) for x in grid]
    for _ in range(iterations):
        matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
        for row, x in enumerate(nodes):
            for column in range(degree + 1):
                matrix[row, column] = x**column
            matrix[row, degree + 1] = (-1) ** row / weight(x)
            right[row] = function(x)
        solution = mp.lu_solve(matrix, right)
        poly = [solution[i] for i in range(degree + 1)]
        errors = [w * (f - mp.polyval(poly[::-1], x)) for x, (f, w) in zip(grid, values)]
        # One extreme in each run of errors of the same sign.
        peaks = []
        for index, error in enumerate(errors):
            if peaks and mp.sign(errors[peaks[-1]]) == mp.sign(error):
                if abs(error) > abs(errors[peaks[-1]]):
                    peaks[-1] = index
            else:
                peaks.append(index)
        while len(peaks) > count:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if len(peaks) < count:
            break
        nodes = [grid[i] for i in peaks]
    return poly, max(abs(e) for e in errors)


def to_format(value, bits):
    """`value` rounded to binary32 or binary64."""
    if bits == 64:
        return float(value)
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def fit(function, weight, low, high, degree, bits):
    """Coefficients in the format of `bits`, and their largest weighted error."""
    low, high = mp.mpf(low), mp.mpf(high)
    exact, _ = remez(function, weight, low, high, degree)
    rounded = [to_format(c, bits) for c in exact]
    xs = [low + (high - low) * i / 1000 for i in range(1001)]
    worst = max(weight(x) * abs(function(x) - mp.polyval([mp.mpf(c) for c in rounded[::-1]], x)) for x in xs)
    return rounded, worst


def series(function):
    """`function` with its removable singularity at zero taken from a series."""
    memo = {}

    def wrapped(x):
        if x in memo:
            return memo[x]
        with mp.workdps(200):
            argument = x if abs(x) > mp.mpf(10) ** -30 else mp.mpf(10) ** -30
            memo[x] = +function(argument)
        return memo[x]

    return wrapped


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def erfc_shape(t):
    """(1 + 2x) erfcx(x) in t = (x - 4)/(x + 4), 0 <= x < inf."""
    if t >= 1:
        return 2 / mp.sqrt(mp.pi)
    x = 4 * (1 + t) / (1 - t)
    if x > 100:
        total, term = mp.mpf(0), mp.mpf(1)
        for k in range(20):
            total += term
            term *= -(2 * k + 1) / (2 * x * x)
        return (1 + 2 * x) * total / (x * mp.sqrt(mp.pi))
    return (1 + 2 * x) * erfcx(x)


def atanh_tail(z):
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) / s - 2) / z


LN2 = mp.log(2)
ONE = lambda x: mp.mpf(1)
# name: (function, weight, low, high, degree, bits)
FITS = {
    # exp(r) = 1 + r + r^2 P(r)
    "kExp32": (series(lambda r: (mp.exp(r) - 1 - r) / r**2), ONE, -0.3468, 0.3468, 4, 32),
    "kExp64": (series(lambda r: (mp.exp(r) - 1 - r) / r**2), ONE, -0.3468, 0.3468, 10, 64),
    # exp2(r) = 1 + r P(r)
    "kExp2_32": (series(lambda r: (mp.power(2, r) - 1) / r), ONE, -0.5001, 0.5001, 5, 32),
    # The same where what is left of 1 after it matters, as in erf
    "kExp2Tail32": (series(lambda r: (mp.power(2, r) - 1) / r), lambda r: abs(r) + 0.1, -0.5001, 0.5001, 4, 32),
    # log(1 + f) = f - f^2/2 + f^3 P(f)
    "kLog32": (series(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3), ONE, -0.2930, 0.4143, 8, 32),
    # log((1 + s)/(1 - s)) = 2s + s z P(z), z = s^2
    "kLog64": (series(atanh_tail), ONE, 0, 0.02945, 6, 64),
    # ... = 2s + s z (2/3 + z P(z))
    "kLogTail64": (series(lambda z: (atanh_tail(z) - mp.mpf(2) / 3) / z), ONE, 0, 0.02945, 7, 64),
    # tanh(x) = x + x z P(z), z = x^2
    "kTanh32": (series(lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), ONE, 0, 0.391, 4, 32),
    # erf(x) = x + x P(z)
    "kErf32": (series(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1), ONE, 0, 1.0, 5, 32),
    # erf(x) = 1 - 2^P(x), 1 <= x <= 4
    "kErfTail32": (lambda x: mp.log(mp.erfc(x), 2), lambda x: mp.erfc(x) * LN2, 0.99, 4.0, 5, 32),
    "kErf64": (series(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1), ONE, 0, 0.5, 9, 64),
    "kErfc64": (erfc_shape, ONE, -1, 1, 26, 64),
    # sin(y) = y + y z P(z), cos(y) = 1 - z/2 + z^2 P(z), z = y^2, |y| <= pi/4
    "kSin64": (series(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), ONE, 0, 0.6170, 6, 64),
    "kCos64": (series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2), ONE, 0, 0.6170, 6, 64),
    # sin(pi/2 f) = f P(f^2), cos(pi/2 f) = P(f^2), |f| <= 1/2, for binary32
    "kSinTurn": (series(lambda z: mp.sin(mp.pi / 2 * mp.sqrt(z)) / mp.sqrt(z)), ONE, 0, 0.2501, 4, 64),
    "kCosTurn": (series(lambda z: mp.cos(mp.pi / 2 * mp.sqrt(z))), ONE, 0, 0.2501, 5, 64),
    # asin(x) = x + x z P(z), z = x^2
    "kAsin64": (series(lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), ONE, 0, 0.2501, 12, 64),
    # atan(x) = x + x z P(z), z = x^2
    "kAtan64": (series(lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), ONE, 0, 0.1716, 10, 64),
    # cbrt(m)
    "kCbrt64": (lambda m: mp.cbrt(m), ONE, 0.7071, 1.4143, 4, 64),
}


HEADER = """\
//===- Polynomials.h - Coefficients -----------------------------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written by utils/minimax.py, which says what each polynomial approximates.
// Constant term first; above each array stands the largest error.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_CONVERSION_EXPANDMATH_POLYNOMIALS_H
#define OWL_LIB_CONVERSION_EXPANDMATH_POLYNOMIALS_H

// clang-format off
"""


def main(names):
    print(HEADER)
    for name in names or FITS:
        function, weight, low, high, degree, bits = FITS[name]
        coefficients, error = fit(function, weight, low, high, degree, bits)
        digits = 9 if bits == 32 else 17
        print(f"// 2^{float(mp.log(error, 2)):.1f}")
        print(f"constexpr double {name}[] = {{")
        print("\n".join(f"    {c:.{digits}g}," for c in coefficients))
        print("};\n", flush=True)
    print("// clang-format on")
    print("#endif // OWL_LIB_CONVERSION_EXPANDMATH_POLYNOMIALS_H")


if __name__ == "__main__":
    main(sys.argv[1:])
