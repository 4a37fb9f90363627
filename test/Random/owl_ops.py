# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions and repetitions."""

import math

import numpy as np

from graph import Reject, Value, apply
from op import LIMIT, Op, clean, pick, require, with_bound
from owltest import reference
from owltest.case import Tensor
from owltest.elements import Wide

class Reduce(Op):
    name = "owl.reduce"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: True)
        rank = len(x.value.shape)
        axes = [axis for axis in range(rank) if rng.random() < 0.5]
        rng.shuffle(axes)
        kind = str(rng.choice(reference.KINDS))
        return apply(self, [x], kind=kind, axes=[int(a) for a in axes],
                     keep=bool(rng.random() < 0.3))

    def evaluate(self, node, x):
        kind, axes, keep = (node.attributes[k] for k in ("kind", "axes", "keep"))
        empty = any(x.shape[axis] == 0 for axis in axes)
        require(not empty or kind in ("sum", "sumsq", "l1", "l2", "any", "all")
                or (kind == "prod"))
        # Multi-axis arg-reductions flatten in the order of the dimensions.
        t = Tensor(reference.result_element(kind, x.element),
                   reference.result_shape(x.type.shape, axes, keep))
        if not x.element.is_float:
            self.check_integers(kind, x, axes)
            return Value(t, reference.reduce(kind, x.element, x.data, axes, keep).value)
        if kind in ("any", "all", "argmax", "argmin"):
            require(x.is_exact)
            return Value(t, reference.reduce(kind, x.element, x.data, axes, keep).value)
        clean(x)
        # Norms are found without the squares that may have overflowed.
        require(np.isfinite(x.data.astype(Wide)).all()
                or (x.is_exact and node.operands[0].op is None))
        self.check_order(kind, x, axes)
        expected = reference.reduce(kind, x.element, x.data, axes, keep)
        bound = expected.bound
        if kind in ("max", "min"):
            # The choice does not round.
            inherited = np.maximum.reduce(x.bound, axis=tuple(axes), keepdims=keep,
                                          initial=0)
            return Value(t, expected.value, inherited)
        value = np.asarray(expected.value, Wide)
        bound = np.where(np.isfinite(value), bound, 0)
        # sum(repeat(x)) may be computed as k * sum(x), rounded twice.
        bound = bound + np.where(np.isfinite(value), np.abs(value) * x.element.eps * 2, 0)
        bound = bound + self.inherited(kind, x, axes, keep, value)
        if not axes and kind in ("sum", "prod", "mean"):
            return Value(t, x.data, x.bound + x.element.ulp(
                np.where(np.isfinite(x.data.astype(Wide)), x.data, 0)) / 4)
        return with_bound(t, value, bound)

    def check_order(self, kind, x, axes):
        """Where a part of a sum may overflow, the order decides what comes out."""
        finite = np.abs(np.where(np.isfinite(x.data), x.data, 0).astype(Wide))
        terms = finite * finite if kind in ("sumsq", "l2", "variance") else finite
        accumulator = reference.ACCUMULATOR[x.element.name]
        if kind not in ("max", "min", "logsumexp", "prod"):
            require(np.add.reduce(terms, axis=None) < accumulator.max / 2)
        if kind == "logsum":
            # Whether a sum that cancels ends above or below 0.
            total = lambda terms: np.add.reduce(terms, axis=tuple(axes))
            error = total(finite) * accumulator.eps * x.data.size
            sums = total(x.data.astype(Wide))
            require((~np.isfinite(sums) | (error == 0) | (np.abs(sums) > error)).all())

    def check_integers(self, kind, x, axes):
        if kind in ("mean", "l2", "logsum", "logsumexp", "variance") and x.data.size:
            count = math.prod(x.shape[axis] for axis in axes)
            top = int(np.abs(x.data.astype(Wide)).max())
            require(count and top * count < 1 << 52 and top * top * count < 1 << 52)

    def inherited(self, kind, x, axes, keep, value):
        """What the error of the source does to the result."""
        if x.is_exact:
            return Wide(0)
        wide, b = np.abs(x.data.astype(Wide)), x.bound
        total = lambda terms: np.add.reduce(terms, axis=tuple(axes), keepdims=keep)
        count = math.prod(x.shape[axis] for axis in axes)
        if kind in ("sum", "l1"):
            return total(b)
        if kind == "mean":
            return total(b) / count
        if kind == "sumsq":
            return total(2 * wide * b + b * b)
        if kind == "l2":
            return np.sqrt(total(b * b))
        if kind == "variance":
            # Each distance from the mean changes with both.
            mean = np.mean(x.data.astype(Wide), axis=tuple(axes), keepdims=True)
            distance = np.abs(x.data.astype(Wide) - mean)
            b = b + np.mean(b, axis=tuple(axes), keepdims=True)
            return total(2 * distance * b + b * b) / count
        if kind == "logsumexp":
            return np.maximum.reduce(b, axis=tuple(axes), keepdims=keep, initial=0)
        if kind == "logsum":
            s = total(x.data.astype(Wide))
            require((s > 4 * total(b)).all())
            return 2 * total(b) / s
        raise Reject

    def lines(self, node, name, operands):
        source, a = node.operands[0].value.type, node.attributes
        flag = " keep_dims" if a["keep"] else ""
        return [f"{name} = owl.reduce <{a['kind']}> {operands[0]} axes = {a['axes']}"
                f"{flag} : {source} -> {node.value.type}"]


class Repetition(Op):
    """repeat and tile; a count may be the dimension of another value."""

    def __init__(self, name, compute):
        self.name, self.compute = name, compute

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: v.shape)
        counts, operands = [], [x]
        for size in x.value.shape:
            choices = [1, 1, 2, 3]
            if size <= 1:
                choices += [5, 8]
            if rng.random() < 0.05:
                choices = [0]
            count = int(rng.choice(choices))
            if rng.random() < 0.3:
                other = pick(graph, rng, lambda v: v.shape)
                axis = int(rng.integers(len(other.value.shape)))
                if other.value.shape[axis] <= 8:
                    counts.append((len(operands), axis))
                    operands.append(other)
                    continue
            counts.append(count)
        return apply(self, operands, counts=counts)

    def evaluate(self, node, x, *others):
        counts, pattern = [], []
        for size, count in zip(x.type.shape, node.attributes["counts"]):
            if isinstance(count, tuple):
                counts.append(node.operands[count[0]].value.shape[count[1]])
                pattern.append(None)
            else:
                counts.append(count)
                pattern.append(None if size is None else size * count)
        require(math.prod(s * c for s, c in zip(x.shape, counts)) <= LIMIT)
        t = Tensor(x.element, tuple(pattern))
        return Value(t, self.compute(x.data, counts), self.compute(x.bound, counts))

    def lines(self, node, name, operands):
        lines, counts = [], []
        for i, count in enumerate(node.attributes["counts"]):
            if isinstance(count, tuple):
                operand, axis = count
                t = node.operands[operand].value.type
                lines += [f"{name}_c{i} = arith.constant {axis} : index",
                          f"{name}_d{i} = tensor.dim {operands[operand]}, {name}_c{i} : {t}"]
                counts.append(f"{name}_d{i}")
            else:
                counts.append(str(count))
        source = node.operands[0].value.type
        return lines + [f"{name} = {self.name} {operands[0]} by [{', '.join(counts)}] : "
                        f"{source} -> {node.value.type}"]


class BroadcastBack(Op):
    """repeat of a value with unit dimensions to the shape of another."""

    name = "broadcast"

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: 1 in v.shape)
        y = pick(graph, rng, lambda v: len(v.shape) == len(x.value.shape) and all(
            a in (1, b) for a, b in zip(x.value.shape, v.shape)))
        return apply(self, [x, y])

    def evaluate(self, node, x, y):
        for size, have, want in zip(x.shape, x.type.shape, y.type.shape):
            require(have == 1 or have == want)
        t = Tensor(x.element, y.type.shape)
        return Value(t, np.broadcast_to(x.data, y.shape).copy(),
                     np.broadcast_to(x.bound, y.shape).copy())

    def lines(self, node, name, operands):
        lines, counts = [], []
        x, y = (operand.value for operand in node.operands)
        for i, (have, want) in enumerate(zip(x.type.shape, y.type.shape)):
            if have == want and x.shape[i] == y.shape[i]:
                counts.append("1")
            elif want is not None:
                counts.append(str(want))
            else:
                lines += [f"{name}_c{i} = arith.constant {i} : index",
                          f"{name}_d{i} = tensor.dim {operands[1]}, {name}_c{i} : {y.type}"]
                counts.append(f"{name}_d{i}")
        return lines + [f"{name} = owl.repeat {operands[0]} by [{', '.join(counts)}] : "
                        f"{x.type} -> {node.value.type}"]
