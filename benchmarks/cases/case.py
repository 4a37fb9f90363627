# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a case is, and a case on arrays of one size.

A case says the same computation five times, as each system's users write it:
MLIR for Owl, NumPy (also the reference, then on f64), PyTorch, an ONNX graph, and
C. Each is a function of the inputs, so that one text serves every size.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Callable
import math
import mmap
import zlib

import numpy as np

from .graph import Graph
from .mlir import Builder

DTYPES = {"f32": np.float32, "i64": np.int64}
PAGE = 4096
C_TYPES = {"f32": "float", "i64": "long"}
# A rounded result may be off by this much of the largest: sums of many f32 in a row lose
# that, wrong results more.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Case:
    name: str
    # Which bar applies: copy, reduction, repetition, norm, softmax or other.
    kind: str
    # (elements of the largest array, last axis) -> the shapes of the inputs.
    shapes: Callable
    # (Builder, *values) -> value
    mlir: Callable
    # (*arrays, out=None) -> array, written to `out` where that is given
    numpy: Callable
    # (out, *tensors) -> tensor, `out` where PyTorch can write to it
    torch: Callable
    # (Graph, *values): the last op gives the result
    onnx: Callable
    # (*shapes) -> the body of `void f(x0, x1, ..., y)`
    c: Callable
    # (tf, *tensors) -> tensor in JavaScript, or None where tfjs has no such op
    tfjs: str | None = None
    # What each input's elements are; an i64 is a label below the last axis of the
    # first input.
    elements: tuple = ("f32",)
    # Which inputs must be positive.
    positive: tuple = ()
    # Whether nothing is rounded, so that the result is exact.
    exact: bool = False
    # How often each input is read, where one pass cannot know enough.
    passes: int = 1
    # Bytes of the largest array, at most; larger sizes are left out.
    largest: int = 1 << 62


@dataclass
class Problem:
    """A case with its sizes and its data."""

    case: Case
    bytes: int
    last: int
    dynamic: bool = False

    @property
    def elements(self):
        return self.bytes // 4

    @cached_property
    def shapes(self):
        return [tuple(s) for s in self.case.shapes(self.elements, self.last)]

    @property
    def arguments(self):
        return list(zip(self.case.elements, self.shapes))

    @cached_property
    def mlir(self):
        builder = Builder(self.arguments, self.dynamic)
        return builder.text(self.case.mlir(builder, *builder.arguments))

    @cached_property
    def onnx(self):
        """The model, whose inputs are x0, x1 and so on, and whose output is y."""
        graph = Graph(self.arguments)
        self.case.onnx(graph, *graph.arguments)
        return graph.bytes(*self.result)

    @cached_property
    def c(self):
        arguments = [
            f"const {C_TYPES[element]} *restrict x{i}"
            for i, element in enumerate(self.case.elements)]
        arguments.append(f"{C_TYPES[self.result[0]]} *restrict y")
        return (
            "#include <math.h>\n"
            f"void f({', '.join(arguments)}) {{\n{self.case.c(*self.shapes)}\n}}\n")

    @cached_property
    def result(self):
        """The element type and the shape of the result."""
        builder = Builder(self.arguments, dynamic=False)
        return builder.types[self.case.mlir(builder, *builder.arguments)]

    def allocate(self):
        """Makes the arrays, and what the output must be."""
        self.fill()
        wide = [x.astype(np.float64) if x.dtype == np.float32 else x for x in self.inputs]
        self.expected = np.asarray(self.case.numpy(*wide)).astype(self.output.dtype)

    def fill(self):
        """Makes the inputs (random: some machines write zeros faster) and the output,
        touched, all in one `block`."""
        *self.inputs, self.output = self.place([*self.arguments, self.result])
        for i, (x, element) in enumerate(zip(self.inputs, self.case.elements)):
            fill(x, element, self.shapes[0][-1], f"{self.case.name} {i}")
            if i in self.case.positive:
                x += 1

    def place(self, arrays):
        offsets, end = [], 0
        for element, shape in arrays:
            offsets.append(end)
            end += math.prod(shape) * np.dtype(DTYPES[element]).itemsize
            end = -(-end // PAGE) * PAGE
        self.block = buffer((end,), np.uint8)
        return [
            self.block[start:].view(DTYPES[element])[:math.prod(shape)].reshape(shape)
            for start, (element, shape) in zip(offsets, arrays)]

    @property
    def tolerance(self):
        """What a result may be off by, over the largest."""
        return 0 if self.case.exact or self.result[0] == "i64" else TOLERANCE

    @property
    def traffic(self):
        """Bytes that must be read, and that must be written."""
        read = sum(x.nbytes for x in self.inputs) * self.case.passes
        return read, self.output.nbytes

    @property
    def footprint(self):
        """Bytes of all arrays."""
        return sum(x.nbytes for x in self.inputs) + self.output.nbytes

    def spoil(self):
        """Makes sure that the next result is not the last one's."""
        self.output.fill(-1)

    def check(self, run):
        """Why `run` does not give the result, or None."""
        self.spoil()
        run.call(1)
        return self.error(run.result())

    def error(self, got):
        """Why `got` is not the result, or None."""
        got = np.asarray(got)
        if got.shape != self.expected.shape:
            return f"shape {got.shape}, expected {self.expected.shape}"
        if self.tolerance == 0:
            wrong = np.count_nonzero(got != self.expected)
            return f"{wrong} of {got.size} are wrong" if wrong else None
        scale = np.abs(self.expected).max()
        off = np.abs(got - self.expected).max()
        # Written so that NaN is wrong as well.
        return None if off <= self.tolerance * scale else f"off by {off:.3g} of {scale:.3g}"


def fill(array, element, classes, seed):
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    if element == "i64":
        array[...] = rng.integers(0, classes, array.shape)
    else:
        # A mean that is not 0, so that a relative error of a sum means something.
        rng.random(out=array, dtype=np.float32)
        array *= 2
        array -= 0.875


def buffer(shape, dtype):
    """An array on pages of its own, huge ones where the system has them."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    pages = mmap.mmap(-1, max(size, 1))
    if hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    array = np.frombuffer(pages, dtype, math.prod(shape)).reshape(shape)
    array.fill(1)
    return array


def rows(elements, last):
    """The shape of a matrix with rows of `last` elements, 1024 by default."""
    last = last or 1024
    return max(1, elements // last), last


def images(elements, last):
    """A 4-D shape: images, channels, rows, and columns of `last` elements."""
    bits = elements.bit_length() - 1
    last = last or 2 ** min(7, bits // 3)
    rest = max(1, elements // last)
    bits = rest.bit_length() - 1
    outer = 2 ** (bits // 4)
    channels = 2 ** (bits * 3 // 8)
    return outer, channels, max(1, rest // (outer * channels)), last
