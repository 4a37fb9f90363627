# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions of a 4-D array over every subset of its axes, argmax and variance."""

import itertools
import math

import numpy as np

from .case import Case, images, rows
from .movement import AXES


def reduction(kind, axes):
    ufunc = {"sum": np.sum, "mean": np.mean, "max": np.max}[kind]

    def torch(out, x):
        import torch
        function = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}[kind]
        return function(x, axes, out=out)

    def onnx(g, x):
        # Opset 17 has ReduceSum's axes as an input, the others' as an attribute.
        if kind == "sum":
            return g.op("ReduceSum", x, g.ints(axes), keepdims=0)
        return g.op(f"Reduce{kind.capitalize()}", x, axes=list(axes), keepdims=0)

    return Case(
        name=f"{kind}-{''.join(AXES[axis] for axis in axes)}", kind="reduction",
        exact=kind == "max",
        shapes=lambda elements, last: [images(elements, last)],
        mlir=lambda b, x: b.reduce(kind, x, axes, keep_dims=False),
        numpy=lambda x, out=None: ufunc(x, axis=axes, out=out),
        torch=torch, onnx=onnx, c=lambda shape: loops(kind, axes, shape),
        tfjs=f"tf.{kind}(x0, {list(axes)})")


def loops(kind, axes, shape):
    """One pass over the source in its order; a row that vanishes has a scalar of
    its own."""
    start = "-INFINITY" if kind == "max" else "0"

    def combine(into, value):
        if kind == "max":
            return f"{into} = {value} > {into} ? {value} : {into}"
        return f"{into} += {value}"

    kept = [(AXES[i], n) for i, n in enumerate(shape) if i not in axes]
    outer = " ".join(
        f"for (long {AXES[i]} = 0; {AXES[i]} < {n}; ++{AXES[i]})"
        for i, n in enumerate(shape[:3]))
    target = "0"
    for axis, n in kept:
        target = f"({target}) * {n} + {axis}"
    size = math.prod([n for _, n in kept])
    row = f"const float *row = x0 + ((n * {shape[1]} + c) * {shape[2]} + h) * {shape[3]};"
    inner = f"for (long w = 0; w < {shape[3]}; ++w)"
    if 3 in axes:
        body = (f"float t = {start}; {inner} {combine('t', 'row[w]')}; "
                f"float *r = y + {target}; {combine('*r', 't')};")
    else:
        target = target.replace("+ w", "+ 0")
        body = f"float *r = y + {target}; {inner} {combine('r[w]', 'row[w]')};"
    lines = [f"for (long i = 0; i < {size}; ++i) y[i] = {start};",
             f"{outer} {{ {row} {body} }}"]
    if kind == "mean":
        count = math.prod([shape[i] for i in axes])
        lines.append(f"for (long i = 0; i < {size}; ++i) y[i] *= 1.0f / {count};")
    return "\n".join(lines)


def argmax_torch(out, x):
    import torch
    return torch.argmax(x, -1, out=out)


ARGMAX = Case(
    name="argmax", kind="reduction",
    shapes=lambda elements, last: [rows(elements, last)],
    mlir=lambda b, x: b.reduce("argmax", x, [1], keep_dims=False),
    numpy=lambda x, out=None: np.argmax(x, axis=-1, out=out),
    torch=argmax_torch,
    onnx=lambda g, x: g.op("ArgMax", x, axis=-1, keepdims=0),
    c=lambda shape: f"""for (long i = 0; i < {shape[0]}; ++i) {{
  const float *row = x0 + i * {shape[1]};
  long best = 0;
  for (long j = 1; j < {shape[1]}; ++j) if (row[j] > row[best]) best = j;
  y[i] = best;
}}""",
    tfjs="tf.argMax(x0, 1)")


def variance_mlir(b, x):
    centred = b.op("arith.subf", x, b.broadcast(b.reduce("mean", x, [1]), x))
    return b.reduce("mean", b.op("arith.mulf", centred, centred), [1], keep_dims=False)


def variance_torch(out, x):
    import torch
    return torch.var(x, 1, unbiased=False, out=out)


def variance_onnx(g, x):
    centred = g.op("Sub", x, g.op("ReduceMean", x, axes=[1]))
    return g.op("ReduceMean", g.op("Mul", centred, centred), axes=[1], keepdims=0)


VARIANCE = Case(
    name="variance", kind="reduction",
    shapes=lambda elements, last: [rows(elements, last)],
    mlir=variance_mlir,
    numpy=lambda x, out=None: np.var(x, axis=1, out=out),
    torch=variance_torch, onnx=variance_onnx,
    c=lambda shape: f"""for (long i = 0; i < {shape[0]}; ++i) {{
  const float *row = x0 + i * {shape[1]};
  float mean = 0, square = 0;
  for (long j = 0; j < {shape[1]}; ++j) mean += row[j];
  mean /= {shape[1]};
  for (long j = 0; j < {shape[1]}; ++j) square += (row[j] - mean) * (row[j] - mean);
  y[i] = square / {shape[1]};
}}""",
    tfjs="tf.moments(x0, 1).variance")

CASES = [
    *(reduction(kind, axes)
      for kind in ("sum", "max", "mean")
      for count in range(1, 5)
      for axes in itertools.combinations(range(4), count)),
    ARGMAX,
    VARIANCE,
]
