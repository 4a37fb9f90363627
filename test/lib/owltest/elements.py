# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The element types: how each is stored, and how to round to it.

An array of *values* is a NumPy array in a type that holds every value of the
element type: float32 for bf16, bool for i1, else the type of the same name. An
array of *storage* is what is passed to compiled code: uint16 for f16 and bf16,
uint8 for i1.
"""

from dataclasses import dataclass

import numpy as np

# Wide enough to serve as exact for everything but f64, and nearly so for that.
Wide = np.longdouble


@dataclass(frozen=True)
class Element:
    name: str
    values: type
    storage: type
    c_type: str
    kind: str  # f: float, s: signed, u: unsigned, b: i1
    bits: int
    precision: int = 0  # of floats: bits of the significand
    min_exponent: int = 0  # of floats: of the smallest normal number

    def __str__(self):
        return self.name

    @property
    def is_float(self):
        return self.kind == "f"

    @property
    def mlir_int(self):
        """The signless type that arith works on."""
        return f"i{self.bits}" if not self.is_float else self.name

    @property
    def eps(self):
        """Half the distance from 1 to the next number."""
        return Wide(2.0) ** -self.precision

    @property
    def max(self):
        if self.is_float:
            top = Wide(2) ** (2 - self.min_exponent)
            return top - top * self.eps
        return 1 if self.kind == "b" else np.iinfo(self.values).max

    @property
    def min(self):
        if self.is_float:
            return -self.max
        return 0 if self.kind == "b" else np.iinfo(self.values).min

    def encode(self, values):
        """Values, rounded to nearest even, as storage."""
        values = np.asarray(values)
        if self.name == "bf16":
            bits = self.round(values).astype(np.float32).view(np.uint32)
            quiet = np.where(np.isnan(values), 0x400000, 0).astype(np.uint32)
            return ((bits | quiet) >> 16).astype(np.uint16)
        return np.ascontiguousarray(values.astype(self.values)).view(self.storage)

    def decode(self, storage):
        """Storage as values."""
        if self.name == "bf16":
            return (storage.astype(np.uint32) << 16).view(np.float32)
        if self.name == "i1":
            if (storage > 1).any():
                raise ValueError(f"an i1 is stored as {storage.max()}")
            return storage.astype(bool)
        return storage.view(self.values)

    def ulp(self, x):
        """The distance between neighbouring numbers at x."""
        magnitude = np.abs(np.asarray(x, Wide))
        finite = np.where(np.isfinite(magnitude) & (magnitude > 0), magnitude, 0)
        exponent = np.frexp(np.where(finite > 0, finite, 1))[1] - 1
        exponent = np.where(finite > 0, exponent, self.min_exponent)
        exponent = np.maximum(exponent, self.min_exponent) - self.precision + 1
        return np.ldexp(Wide(1), exponent)

    def round(self, x):
        """x rounded to nearest even, as an array of Wide."""
        x = np.asarray(x, Wide)
        with np.errstate(all="ignore"):
            unit = self.ulp(x)
            rounded = np.where(np.isfinite(x), np.rint(x / unit) * unit, x)
            overflow = np.isfinite(x) & (np.abs(rounded) > self.max)
            return np.where(overflow, np.copysign(Wide(np.inf), x), rounded)


def _float(name, values, storage, c_type, bits, precision, min_exponent):
    return Element(name, values, storage, c_type, "f", bits, precision, min_exponent)


f16 = _float("f16", np.float16, np.uint16, "uint16_t", 16, 11, -14)
bf16 = _float("bf16", np.float32, np.uint16, "uint16_t", 16, 8, -126)
f32 = _float("f32", np.float32, np.float32, "float", 32, 24, -126)
f64 = _float("f64", np.float64, np.float64, "double", 64, 53, -1022)
i1 = Element("i1", np.bool_, np.uint8, "uint8_t", "b", 1)
i8 = Element("i8", np.int8, np.int8, "int8_t", "s", 8)
i16 = Element("i16", np.int16, np.int16, "int16_t", "s", 16)
i32 = Element("i32", np.int32, np.int32, "int32_t", "s", 32)
i64 = Element("i64", np.int64, np.int64, "int64_t", "s", 64)
ui8 = Element("ui8", np.uint8, np.uint8, "uint8_t", "u", 8)
ui16 = Element("ui16", np.uint16, np.uint16, "uint16_t", "u", 16)
ui32 = Element("ui32", np.uint32, np.uint32, "uint32_t", "u", 32)
ui64 = Element("ui64", np.uint64, np.uint64, "uint64_t", "u", 64)

floats = [f16, bf16, f32, f64]
signed = [i8, i16, i32, i64]
unsigned = [ui8, ui16, ui32, ui64]
elements = floats + [i1] + signed + unsigned
by_name = {element.name: element for element in elements}
