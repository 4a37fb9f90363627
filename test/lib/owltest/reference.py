# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What reduce, repeat and tile give, by NumPy, and how far off they may be.

The bounds follow from the numerics that the dialect promises: sums and products
of f16 and bf16 accumulate in f32, sums of f32 in f64, in any order; a result is
rounded once to its type. A sum of n terms in an arithmetic of unit roundoff u is
off by at most n u sum|x| (Higham, Accuracy and Stability of Numerical
Algorithms, section 4.2).
"""

import math

import numpy as np

from owltest import elements
from owltest.case import Expected
from owltest.elements import Wide

KINDS = [
    "sum", "prod", "max", "min", "mean", "sumsq", "l1", "l2", "logsum",
    "logsumexp", "any", "all", "argmax", "argmin", "variance",
]

# Unit roundoff of the accumulator of sums; that of products is f64.
SUM_ROUNDOFF = {"f16": 2.0**-24, "bf16": 2.0**-24, "f32": 2.0**-53, "f64": 2.0**-53}
ACCUMULATOR = {
    "f16": elements.f32, "bf16": elements.f32, "f32": elements.f64, "f64": elements.f64,
}
# What the functions log, exp and sqrt may be off by, in units of eps of f32 (of
# f64 for f64).
FUNCTION_ERROR = 4


def result_element(kind, element):
    if kind in ("any", "all"):
        return elements.i1
    return elements.i64 if kind in ("argmax", "argmin") else element


def result_shape(shape, axes, keep_dims):
    return tuple(
        1 if dim in axes else size
        for dim, size in enumerate(shape)
        if keep_dims or dim not in axes
    )


def reduce(kind, element, x, axes, keep_dims=False):
    """What `owl.reduce <kind> x axes` must give."""
    axes = tuple(axes)
    options = {"axis": axes, "keepdims": keep_dims}
    result = result_element(kind, element)
    with np.errstate(all="ignore"):
        if kind in ("argmax", "argmin"):
            return Expected(result, _arg(kind, x, axes, keep_dims))
        if kind in ("any", "all"):
            truth = np.asarray(x).astype(bool) | np.isnan(np.asarray(x, Wide))
            return Expected(result, getattr(np, kind)(truth, **options))
        if kind in ("max", "min"):
            function = np.maximum if kind == "max" else np.minimum
            return Expected(result, function.reduce(x, **options))
        if element.is_float:
            return _reduce_floats(kind, element, np.asarray(x, Wide), options)
        return Expected(result, _reduce_integers(kind, element, x, options))


def _arg(kind, x, axes, keep_dims):
    x = np.asarray(x)
    kept = [d for d in range(x.ndim) if d not in axes]
    moved = np.transpose(x, kept + sorted(axes))
    count = math.prod(x.shape[axis] for axis in axes)
    if moved.size == 0:
        moved, count = np.zeros([x.shape[d] for d in kept] + [1]), 1
    flat = moved.reshape([x.shape[d] for d in kept] + [count])
    index = getattr(np, kind)(flat, axis=-1)
    return index.reshape(result_shape(x.shape, axes, keep_dims)).astype(np.int64)


def _reduce_integers(kind, element, x, options):
    """Integers: sums wrap, the rest is f64 rounded towards zero, saturated."""
    if kind in ("sum", "prod", "sumsq", "l1"):
        # Modulo 2^64 is as good as exact for all narrower types.
        terms = np.asarray(x)
        if kind == "l1" and element.kind == "s":
            terms = terms.astype(np.int64)
            terms = np.where(terms < 0, -terms, terms)
        terms = terms.astype(np.uint64)
        terms = terms * terms if kind == "sumsq" else terms
        function = np.multiply if kind == "prod" else np.add
        return truncate(element, function.reduce(terms, dtype=np.uint64, **options))
    wide = np.asarray(x, Wide)
    count = math.prod(wide.shape[axis] for axis in options["axis"])
    if kind == "mean":
        value = np.add.reduce(wide, **options) / Wide(count)
    elif kind == "l2":
        value = np.sqrt(np.add.reduce(wide * wide, **options))
    elif kind == "variance":
        value = np.var(wide, **options)
    elif kind == "logsum":
        value = np.log(np.add.reduce(wide, **options))
    else:
        value = _logsumexp(wide, options)
    # They are computed in f64, where what is just below an integer may be it.
    return saturate(element, np.asarray(value, np.float64))


def truncate(element, value):
    """uint64 modulo the range of `element`."""
    value = np.asarray(value, np.uint64)
    if element.kind == "b":
        return (value & np.uint64(1)).astype(bool)
    return value.astype(f"u{element.bits // 8}").view(element.values)


def saturate(element, value):
    """Floats towards zero, clamped to the range; NaN is 0."""
    value = np.where(np.isnan(value), 0, np.trunc(value))
    low, high = Wide(int(element.min)), Wide(int(element.max))
    value = np.clip(value, low, high)
    convert = np.frompyfunc(int, 1, 1)
    return np.asarray(convert(value)).astype(element.values)


def _logsumexp(wide, options):
    if wide.size == 0:
        return np.log(np.add.reduce(wide, **options))
    top = np.maximum.reduce(wide, axis=options["axis"], keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.add.reduce(np.exp(wide - top), **options)
    return np.log(total) + top.reshape(total.shape)


def _reduce_floats(kind, element, wide, options):
    count = math.prod(wide.shape[axis] for axis in options["axis"])
    accumulator = elements.f64 if kind == "variance" else ACCUMULATOR[element.name]
    roundoff = Wide(SUM_ROUNDOFF[element.name]) * (count + 2)
    if element.name == "f32":
        # Up to 8 are added in pairs in f32, and up to 16 of these sums one after the
        # other, before they join the sum in f64.
        pairs = Wide(2.0**-24) * min(18, max(count - 1, 0))
    else:
        pairs = Wide(0)
    # Functions are computed in f32 for the narrow types.
    eps = Wide(2.0**-53 if element.name == "f64" else 2.0**-24)
    function_error = FUNCTION_ERROR * eps

    def add(terms):
        total = np.add.reduce(terms, **options)
        overflow = np.abs(total) > accumulator.max
        return np.where(overflow, np.copysign(Wide(np.inf), total), total)

    magnitude = add(np.abs(wide))
    if kind == "sum":
        value, bound = add(wide), (roundoff + pairs) * magnitude
    elif kind == "mean":
        value = add(wide) / Wide(count)
        bound = (roundoff + pairs) * magnitude / Wide(count)
        bound = bound + 2 * eps * np.abs(value)
    elif kind == "l1":
        value, bound = magnitude, (roundoff + pairs) * magnitude
    elif kind == "variance":
        value, bound = _variance(element, wide, add, count, options)
    elif kind == "prod":
        value, bound = _prod(element, wide, count, options)
    elif kind in ("sumsq", "l2"):
        value = add(wide * wide)
        # The squares may be rounded as well, in the type of the accumulator.
        underflow = count * accumulator.ulp(0)
        bound = 2 * roundoff * value + underflow
        if kind == "l2":
            value = np.sqrt(value)
            bound = value * (roundoff + function_error) + np.sqrt(underflow)
    elif kind == "logsum":
        total = add(wide)
        value = np.log(total)
        bound = roundoff * magnitude / np.abs(total) + function_error * (
            1 + np.abs(value))
    elif kind == "logsumexp":
        value = _logsumexp(wide, options)
        # An exponential is off by its own error and by the rounding of its
        # argument, which may be as large as the spread; below -90 it is nothing.
        spread = 0
        if wide.size:
            spread = np.ptp(wide, axis=options["axis"], keepdims=options["keepdims"])
        spread = np.where(np.isfinite(spread), np.minimum(spread, 90), 0)
        bound = function_error * (4 + spread + np.abs(value)) + roundoff + pairs
    bound = np.where(np.isfinite(value) & ~np.isnan(bound), bound, 0)
    return rounded(element, value, bound)


def _variance(element, wide, add, count, options):
    """In f64, of the distances from the first element, or of f64 from the mean."""
    mean = add(wide) / Wide(count)
    axes = options["axis"]
    aligned = mean if options["keepdims"] else np.expand_dims(mean, axes)
    value = add((wide - aligned) ** 2) / Wide(count)
    value = np.where(np.isfinite(mean), value, np.nan)
    if element.name == "f64":
        shift = Wide(2.0**-53) * (count + 2) * add(np.abs(wide)) / Wide(count)
    elif wide.size:
        first = wide[tuple(slice(0, 1) if d in axes else slice(None)
                           for d in range(wide.ndim))]
        shift = first.reshape(mean.shape) - mean
    else:
        shift = Wide(0)
    return value, Wide(2.0**-53) * (2 * count + 8) * (value + shift * shift)


def _prod(element, wide, count, options):
    value = np.multiply.reduce(wide, **options)
    bound = np.abs(value) * Wide(2.0**-53) * count
    # Where the factors above 1 overflow together, or those below 1 vanish, the
    # order decides, which is free.
    magnitude = np.where(wide == 0, 1, np.abs(wide))
    high = np.multiply.reduce(np.maximum(magnitude, 1), **options)
    low = np.multiply.reduce(np.minimum(magnitude, 1), **options)
    free = (high > elements.f64.max) | (low < Wide(2) ** elements.f64.min_exponent)
    return value, np.where(free, np.inf, bound)


def rounded(element, value, bound=0, ulps=0.5):
    """`value`, computed to within `bound` and then rounded to `element`."""
    with np.errstate(all="ignore"):
        value = np.asarray(value, Wide)
        bound = np.asarray(bound, Wide)
        top = np.abs(value) + bound
        unit = element.ulp(np.minimum(np.where(np.isfinite(top), top, 0), element.max))
        return Expected(element, value, bound + Wide(ulps) * unit)


def repeat(x, counts):
    """What `owl.repeat x by counts` gives."""
    for axis, count in enumerate(counts):
        x = np.repeat(x, count, axis=axis)
    return x
