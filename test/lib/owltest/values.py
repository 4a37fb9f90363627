# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of values to call functions with, from a seed made of their use."""

import zlib

import numpy as np

from owltest.elements import Wide


def generator(*key):
    """A random generator that depends on `key` alone."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def plain(rng, element, shape):
    """Numbers of mixed sign around 1, all integers of the type, or bits."""
    if element.is_float:
        return as_values(element, rng.uniform(-4, 4, shape))
    if element.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    return rng.integers(
        element.min, int(element.max), shape, dtype=element.values, endpoint=True
    )


def as_values(element, x):
    """x rounded to `element`, in the type that holds its values."""
    if not element.is_float:
        return np.asarray(x).astype(element.values)
    with np.errstate(over="ignore"):
        return element.round(x).astype(element.values)


def small(rng, element, shape):
    """Whole numbers of at most three digits: sums of them are exact."""
    low, high = (-9, 9) if element.kind in "fs" else (0, 9)
    if element.kind == "b":
        high = 1
    return rng.integers(low, high, shape, endpoint=True).astype(element.values)


def near_one(rng, element, shape):
    """Numbers whose product neither overflows nor vanishes."""
    if element.is_float:
        return as_values(element, rng.choice([-1, 1], shape) * rng.uniform(0.7, 1.4, shape))
    return plain(rng, element, shape)


def positive(rng, element, shape):
    if element.is_float:
        return as_values(element, rng.uniform(0.1, 4, shape))
    return np.abs(small(rng, element, shape)) if element.kind == "s" else small(
        rng, element, shape)


def specials(element):
    """NaN, infinities, zeros, the extremes and denormals of a float type."""
    tiny = Wide(2) ** element.min_exponent
    list_ = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, element.max, -element.max,
             tiny, -tiny, tiny * element.eps * 2, -tiny * element.eps * 2]
    return np.array(list_, Wide).astype(element.values)


def sparse(rng, element, shape):
    """Mostly zeros, so that any and all have both answers."""
    picked = plain(rng, element, shape)
    return np.where(rng.random(shape) < 0.1, picked, np.zeros_like(picked))


def for_kind(rng, kind, element, shape):
    """Numbers on which reducing by `kind` is well conditioned."""
    if kind == "prod":
        return near_one(rng, element, shape)
    if kind in ("any", "all"):
        x = sparse(rng, element, shape)
        return x if kind == "any" or x.dtype == bool else np.where(x == 0, 1, 0).astype(x.dtype)
    if kind == "logsum":
        return positive(rng, element, shape)
    if kind in ("mean", "l2", "logsumexp", "variance") and not element.is_float:
        return small(rng, element, shape)
    if kind in ("argmax", "argmin", "max", "min") and element.bits <= 16:
        return plain(rng, element, shape)
    return plain(rng, element, shape)
