# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies, repetitions, tilings and upsampling."""

import math

import numpy as np

from .case import Case, images, rows

AXES = "nchw"


def copy_torch(out, x):
    return out.copy_(x)


def copy_numpy(x, out=None):
    if out is None:
        return x.copy()
    np.copyto(out, x)
    return out


def expansion(name, op, counts, **others):
    """Repeating and tiling differ in the order of the count and the axis."""
    def split(shape, count_of):
        pairs = zip(shape, count_of)
        return [d for n, c in pairs for d in ((n, c) if op == "repeat" else (c, n))]

    ones = [1] * len(counts)

    def shapes(elements, last):
        expanded = images(elements // math.prod(counts), last)
        return [expanded]

    def target(shape):
        return [n * c for n, c in zip(shape, counts)]

    # One broadcasting copy into the result: several times as fast as the calls
    # named repeat and tile in NumPy and PyTorch, which write every intermediate.
    def numpy(x, out=None):
        out = np.empty(target(x.shape), x.dtype) if out is None else out
        np.copyto(out.reshape(split(x.shape, counts)), x.reshape(split(x.shape, ones)))
        return out

    def torch(out, x):
        out.view(split(x.shape, counts)).copy_(x.view(split(x.shape, ones)))
        return out

    def onnx(g, x):
        shape = shape_of(g, x)
        if op == "tile":
            return g.op("Tile", x, g.ints(counts))
        split_source = g.op("Reshape", x, g.ints(split(shape, ones)))
        wide = g.op("Expand", split_source, g.ints(split(shape, counts)))
        return g.op("Reshape", wide, g.ints(target(shape)))

    def c(shape):
        return loops(shape, counts, op)

    definition = dict(
        name=name, kind="repetition", exact=True, shapes=shapes,
        mlir=lambda b, x: b.expand(op, x, counts),
        numpy=numpy, torch=torch, onnx=onnx, c=c)
    return Case(**{**definition, **others})


def shape_of(g, x):
    value = g.inputs[g.arguments.index(x)]
    return [d.dim_value for d in value.type.tensor_type.shape.dim]


def loops(shape, counts, op):
    """Loops over the result in its order."""
    lines, source = [], "0"
    for axis, (n, count) in zip(AXES, zip(shape, counts)):
        if op == "repeat":
            lines.append(f"for (long {axis} = 0; {axis} < {n}; ++{axis})")
            lines.append(f"for (long r{axis} = 0; r{axis} < {count}; ++r{axis})")
        else:
            lines.append(f"for (long r{axis} = 0; r{axis} < {count}; ++r{axis})")
            lines.append(f"for (long {axis} = 0; {axis} < {n}; ++{axis})")
        source = f"({source}) * {n} + {axis}"
    return "\n".join(["long i = 0;", *lines, f"  y[i++] = x0[{source}];"])


def upsample():
    """Nearest, by 2: peers have an op of that name."""
    def torch(out, x):
        import torch
        # What torch.nn.functional.interpolate calls, with an `out`.
        return torch._C._nn.upsample_nearest2d(x, out.shape[2:], out=out)

    def onnx(g, x):
        return g.op("Resize", x, "", g.floats([1, 1, 2, 2]), mode="nearest",
                    coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    return expansion("upsample-2x", "repeat", (1, 1, 2, 2), torch=torch, onnx=onnx)


COPY = Case(
    name="copy", kind="copy", exact=True,
    shapes=lambda elements, last: [rows(elements, last)],
    mlir=lambda b, x: x,
    numpy=copy_numpy, torch=copy_torch,
    onnx=lambda g, x: g.op("Identity", x),
    c=lambda shape: f"for (long i = 0; i < {math.prod(shape)}; ++i) y[i] = x0[i];",
    # In WebAssembly, as slow as adding 0: it does not only count a reference.
    tfjs="tf.clone(x0)")

COUNTS = {"w": (1, 1, 1, 2), "c": (1, 2, 1, 1), "hw": (1, 1, 2, 2), "nchw": (2, 2, 2, 2)}

CASES = [
    COPY,
    *(expansion(f"repeat-{axes}", "repeat", counts) for axes, counts in COUNTS.items()),
    *(expansion(f"tile-{axes}", "tile", counts, tfjs=f"tf.tile(x0, {list(counts)})")
      for axes, counts in COUNTS.items()),
    upsample(),
]
