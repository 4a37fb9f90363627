# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ops that random graphs are made of, and how often each comes."""

import numpy as np

from elementwise_ops import (FLOAT_BINARY, FLOAT_UNARY, INT_BINARY, Cast, CompareFloat,
                             CompareInt, Select)
from graph import Value, apply
from op import Op, is_signless, pick, require
from owl_ops import BroadcastBack, Reduce, Repetition
from owltest import reference, values
from owltest.case import Tensor
from owltest.elements import Wide
from window_ops import Window

class Constant(Op):
    """A splat in the type of another value."""

    name = "arith.constant"

    def propose(self, graph, rng):
        like = pick(graph, rng, is_signless)
        splat = values.plain(rng, like.value.element, ())
        if like.value.element.is_float and rng.random() < 0.5:
            splat = np.asarray(rng.choice([0.5, 1, 2, -1])).astype(splat.dtype)
        return apply(self, [like], splat=splat)

    def evaluate(self, node, like):
        splat = node.attributes["splat"]
        return Value(like.type, np.full(like.shape, splat, like.element.values))

    def lines(self, node, name, operands):
        t, splat = node.value.type, node.attributes["splat"]
        text = literal(t.element, splat)
        if None not in t.shape:
            return [f"{name} = arith.constant dense<{text}> : {t}"]
        lines, dims = [f"{name}_s = arith.constant {text} : {t.element}"
                       if t.element.kind != "b" else f"{name}_s = arith.constant {text}"], []
        for i, size in enumerate(t.shape):
            if size is None:
                lines += [f"{name}_c{i} = arith.constant {i} : index",
                          f"{name}_d{i} = tensor.dim {operands[0]}, {name}_c{i} : {t}"]
                dims.append(f"{name}_d{i}")
        return lines + [f"{name} = tensor.splat {name}_s[{', '.join(dims)}] : {t}"]


def literal(element, value):
    """A value as MLIR writes it, to the bit."""
    if element.kind == "b":
        return "true" if value else "false"
    if element.is_float:
        bits = int(element.encode(value).view(f"u{element.bits // 8}"))
        return f"0x{bits:0{element.bits // 4}X}"
    return str(int(value))


class TensorCast(Op):
    """Between static and dynamic dimensions."""

    name = "tensor.cast"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: v.shape)
        pattern = tuple(None if rng.random() < 0.5 else size for size in x.value.shape)
        return apply(self, [x], pattern=pattern)

    def evaluate(self, node, x):
        return Value(Tensor(x.element, node.attributes["pattern"]), x.data, x.bound)

    def lines(self, node, name, operands):
        source = node.operands[0].value.type
        return [f"{name} = tensor.cast {operands[0]} : {source} to {node.value.type}"]


class WrittenOut:
    """A norm as models write it out: several ops, each with values of its own."""

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: v.element.is_float and v.data.size
                 and np.isfinite(v.data.astype(Wide)).all())
        rank = len(x.value.shape)
        axes = [axis for axis in range(rank) if rng.random() < 0.5]
        require(axes)
        keep = bool(rng.random() < 0.5)

        def reduce(kind, source, keep=keep):
            return apply(REDUCE, [source], kind=kind, axes=axes, keep=keep)

        def binary(name, a, b):
            return apply(BINARY[name], [a, b])

        def unary(name, a):
            return apply(UNARY[name], [a])

        def shifted(kind):
            return binary("arith.subf", x, apply(
                BROADCAST_BACK, [reduce(kind, x, keep=True), x]))

        form = rng.integers(6)
        if form < 2:
            centred = shifted("mean")
            if rng.random() < 0.2:
                graph.append(centred)
            return reduce(["mean", "sum"][form], binary("arith.mulf", centred, centred))
        if form == 2:
            mean = reduce("mean", x)
            squares = reduce("mean", binary("arith.mulf", x, x))
            return binary("arith.subf", squares, binary("arith.mulf", mean, mean))
        if form == 3:
            squares = reduce("sum", binary("arith.mulf", x, x))
            return unary("math.sqrt", squares)
        if form == 4:
            return reduce("sum", unary("math.absf", x))
        total = unary("math.log", reduce("sum", unary("math.exp", shifted("max"))))
        top = reduce("max", x)
        return binary("arith.addf", *((top, total) if rng.random() < 0.5 else (total, top)))


REDUCE, BROADCAST_BACK = Reduce(), BroadcastBack()
BINARY = {op.name: op for op in FLOAT_BINARY}
UNARY = {op.name: op for op in FLOAT_UNARY}

# Weights: the ops of the dialect come most often.
OPS = (
    FLOAT_BINARY * 2 + FLOAT_UNARY + INT_BINARY
    + [CompareFloat(), CompareInt()] * 2
    + [Select()] * 3 + [Cast()] * 6 + [REDUCE] * 16
    + [Repetition("owl.repeat", reference.repeat)] * 6
    + [Repetition("owl.tile", np.tile)] * 6
    + [BROADCAST_BACK] * 12 + [WrittenOut()] * 6 + [Constant()] * 6 + [TensorCast()] * 2
    + [Window()] * 10
)
