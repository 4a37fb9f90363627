# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The ops that random graphs are made of.

Each op proposes a node for a graph (`propose`), evaluates itself with NumPy and
bounds its error (`evaluate`), and prints itself (`lines`).
"""

import math

import numpy as np

from graph import Reject, Value, apply
from owltest import backends, elements, reference, values
from owltest.case import Tensor
from owltest.elements import Wide

LIMIT = 1 << 16  # elements of a value, at most


class Op:
    name = "?"

    def lines(self, node, name, operands):
        raise NotImplementedError


def same_type(graph, rng, value):
    """A node of the type and shape of `value`, perhaps its own."""
    fits = [n for n in graph
            if n.value.type == value.type and n.value.shape == value.shape]
    return fits[rng.integers(len(fits))]


def pick(graph, rng, test):
    """A node whose value passes `test`; late ones are likelier."""
    fits = [n for n in graph if test(n.value)]
    if not fits:
        raise Reject
    return fits[max(rng.integers(len(fits), size=2))]


def require(condition):
    if not condition:
        raise Reject


def with_bound(value_type, exact, bound):
    """A float whose data is `exact` (Wide), off by `bound` and then rounded.

    Where the bound is not zero the data must be finite and stay clear of
    overflow, else a difference could not be told from an error.
    """
    element = value_type.element
    bound = np.where(np.isnan(exact) | np.isinf(exact), 0, bound)
    data = element.round(exact)
    loose = bound > 0
    require(not (np.isnan(bound) | np.isinf(bound)).any())
    require(not (loose & ((np.abs(exact) + bound) > element.max / 4)).any())
    unit = element.ulp(np.where(np.isfinite(exact), np.abs(exact) + bound, 0))
    bound = np.where(loose, bound + unit, bound)
    # Errors as large as the values themselves find nothing.
    require(not (loose & (bound > 1e3 * (1 + np.abs(exact)))).any())
    return Value(value_type, data.astype(element.values), bound)


def clean(*operands):
    """Non-finite elements must be exact."""
    for value in operands:
        require(not (~np.isfinite(value.data.astype(Wide)) & (value.bound > 0)).any())


def is_float(value):
    return value.element.is_float


def is_signless(value):
    """What arith works on: no ui8 and the like."""
    return value.element.kind != "u"


def is_int(value):
    return value.element.kind in "sb"


class FloatBinary(Op):
    def __init__(self, name, compute, bound):
        self.name, self.compute, self.bound = name, compute, bound

    def propose(self, graph, rng):
        x = pick(graph, rng, is_float)
        y = same_type(graph, rng, x.value)
        return apply(self, [x, y] if rng.random() < 0.5 else [y, x])

    def evaluate(self, node, x, y):
        clean(x, y)
        a, b = x.data, y.data
        if self.name == "arith.divf":
            require((np.abs(b.astype(Wide)) > y.bound).all() or x.data.size == 0)
        native = x.element.round(self.compute(a, b))
        exact = (x.bound == 0) & (y.bound == 0)
        bound = self.bound(np.abs(a.astype(Wide)), x.bound, np.abs(b.astype(Wide)), y.bound)
        # A non-finite operand beside an inexact one.
        require(not (~exact & ~np.isfinite(native)).any())
        result = with_bound(x.type, native, np.where(exact, 0, bound))
        return result

    def lines(self, node, name, operands):
        return [f"{name} = {self.name} {operands[0]}, {operands[1]} : {node.value.type}"]


class FloatUnary(Op):
    """`smooth` functions take inexact values; monotone ones by their end points."""

    def __init__(self, name, compute, *, rounds=0.0, jumps=False, lipschitz=None,
                 positive=False):
        self.name, self.compute = name, compute
        self.rounds, self.jumps = rounds, jumps
        self.lipschitz, self.positive = lipschitz, positive

    def propose(self, graph, rng):
        return apply(self, [pick(graph, rng, is_float)])

    def evaluate(self, node, x):
        clean(x)
        require(not self.jumps or x.is_exact)
        wide = x.data.astype(Wide)
        if self.name == "math.rsqrt" or self.positive:
            require((wide > 2 * x.bound).all())
        if self.name in ("math.sin", "math.cos"):
            require((np.abs(wide) < 1000).all())
        y = self.compute(wide)
        if self.lipschitz is not None:
            bound = x.bound * self.lipschitz
        else:
            ends = [np.abs(self.compute(wide + s * x.bound) - y) for s in (-1, 1)]
            bound = np.where(x.bound > 0, np.maximum(*ends), 0)
        if self.rounds:
            unit = working_type(x.element).ulp(np.where(np.isfinite(y), y, 0))
            bound = bound + self.rounds * unit
        return with_bound(x.type, y, bound)

    def lines(self, node, name, operands):
        return [f"{name} = {self.name} {operands[0]} : {node.value.type}"]


def working_type(element):
    return elements.f32 if element.bits == 16 else element


def reject_upstream_fold(x, y):
    """Upstream's folders make a constant of `x ^ x`, `x - x` and `x < x` on a
    dynamic tensor, which has no size. Owl's pipelines keep them off such ops;
    `owl-opt --canonicalize` cannot. Other folders may show that y is x."""
    is_same = x is y or np.array_equal(x.value.data, y.value.data)
    require(not (backends.passes and is_same and None in x.value.type.shape))


class IntBinary(Op):
    def __init__(self, name, compute, guard=None, booleans=True):
        self.name, self.compute, self.guard = name, compute, guard
        self.booleans = booleans

    def propose(self, graph, rng):
        x = pick(graph, rng, is_int)
        y = same_type(graph, rng, x.value)
        reject_upstream_fold(x, y)
        return apply(self, [x, y])

    def evaluate(self, node, x, y):
        require(self.booleans or x.element.kind == "s")
        a, b = x.data, y.data
        require(self.guard is None or self.guard(x.element, a, b).all())
        z = self.compute(a, b)
        return Value(x.type, z.astype(x.element.values))

    lines = FloatBinary.lines


def unsigned_of(a):
    return a.view(f"u{a.dtype.itemsize}")


def as_unsigned(compute):
    return lambda a, b: compute(unsigned_of(a), unsigned_of(b)).view(a.dtype)


def divides(element, a, b):
    return (b != 0) & ~((a == element.min) & (b == -1))


def truncated_quotient(a, b):
    q = np.floor_divide(a, b)
    return q + ((q * b != a) & ((a < 0) != (b < 0)))


class CompareFloat(Op):
    name = "arith.cmpf"
    predicates = {"oeq": np.equal, "olt": np.less, "ole": np.less_equal,
                  "ogt": np.greater, "oge": np.greater_equal, "une": np.not_equal}

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: is_float(v) and v.is_exact)
        y = same_type(graph, rng, x.value)
        return apply(self, [x, y], predicate=str(rng.choice(list(self.predicates))))

    def evaluate(self, node, x, y):
        require(x.is_exact and y.is_exact)
        compare = self.predicates[node.attributes["predicate"]]
        return Value(Tensor(elements.i1, x.type.shape), compare(x.data, y.data))

    def lines(self, node, name, operands):
        t = node.operands[0].value.type
        return [f"{name} = {self.name} {node.attributes['predicate']}, "
                f"{operands[0]}, {operands[1]} : {t}"]


class CompareInt(CompareFloat):
    name = "arith.cmpi"
    predicates = {"eq": np.equal, "ne": np.not_equal, "slt": np.less,
                  "sle": np.less_equal, "sgt": np.greater, "sge": np.greater_equal}

    def propose(self, graph, rng):
        x = pick(graph, rng, lambda v: v.element.kind == "s")
        y = same_type(graph, rng, x.value)
        reject_upstream_fold(x, y)
        return apply(self, [x, y], predicate=str(rng.choice(list(self.predicates))))


class Select(Op):
    name = "arith.select"

    def propose(self, graph, rng):
        c = pick(graph, rng, lambda v: v.element.kind == "b")
        x = pick(graph, rng, lambda v: is_signless(v)
                 and v.type.shape == c.value.type.shape and v.shape == c.value.shape)
        return apply(self, [c, x, same_type(graph, rng, x.value)])

    def evaluate(self, node, c, x, y):
        return Value(x.type, np.where(c.data, x.data, y.data),
                     np.where(c.data, x.bound, y.bound))

    def lines(self, node, name, operands):
        c = node.operands[0].value.type
        return [f"{name} = {self.name} {', '.join(operands)} : {c}, {node.value.type}"]


class Cast(Op):
    name = "cast"
    targets = elements.floats + [elements.i1] + elements.signed

    def propose(self, graph, rng):
        x = pick(graph, rng, is_signless)
        target = self.targets[rng.integers(len(self.targets))]
        return apply(self, [x], target=target)

    def op(self, source, target):
        if source.is_float and target.is_float:
            require(source.bits != target.bits)
            return "arith.extf" if target.bits > source.bits else "arith.truncf"
        if source.is_float:
            require(target.kind != "b")
            return "arith.fptosi"
        if target.is_float:
            return "arith.uitofp" if source.kind == "b" else "arith.sitofp"
        require(source.bits != target.bits)
        if target.bits > source.bits:
            return "arith.extui" if source.kind == "b" else "arith.extsi"
        return "arith.trunci"

    def evaluate(self, node, x):
        target = node.attributes["target"]
        op = self.op(x.element, target)
        t = Tensor(target, x.type.shape)
        if target.is_float:
            clean(x)
            return with_bound(t, x.data.astype(Wide), x.bound)
        if op == "arith.fptosi":
            require(x.is_exact)
            wide = x.data.astype(Wide)
            require(((wide > Wide(int(target.min)) - 1) &
                     (wide < Wide(int(target.max)) + 1)).all())
        if op == "arith.trunci" and target.kind == "b":
            return Value(t, (x.data & 1).astype(bool))
        return Value(t, x.data.astype(target.values))

    def lines(self, node, name, operands):
        source = node.operands[0].value.type
        op = self.op(source.element, node.attributes["target"])
        return [f"{name} = {op} {operands[0]} : {source} to {node.value.type}"]


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
        require(x.is_exact or np.isfinite(x.data.astype(Wide)).all())
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


def product_bound(a, ea, b, eb):
    return a * eb + b * ea + ea * eb


def quotient_bound(a, ea, b, eb):
    return (ea + a / b * eb) / np.maximum(b - eb, Wide(1e-300))


def _in_type(function):
    """In the type of the values; f16 by way of NumPy's own f16."""
    return lambda a, b: function(a, b).astype(Wide)


FLOAT_BINARY = [
    FloatBinary("arith.addf", _in_type(np.add), lambda a, ea, b, eb: ea + eb),
    FloatBinary("arith.subf", _in_type(np.subtract), lambda a, ea, b, eb: ea + eb),
    FloatBinary("arith.mulf", _in_type(np.multiply), product_bound),
    FloatBinary("arith.divf", _in_type(np.divide), quotient_bound),
    FloatBinary("arith.maximumf", _in_type(np.maximum),
                lambda a, ea, b, eb: np.maximum(ea, eb)),
    FloatBinary("arith.minimumf", _in_type(np.minimum),
                lambda a, ea, b, eb: np.maximum(ea, eb)),
]

FLOAT_UNARY = [
    FloatUnary("arith.negf", np.negative, lipschitz=1),
    FloatUnary("math.absf", np.abs, lipschitz=1),
    FloatUnary("math.exp", np.exp, rounds=4),
    FloatUnary("math.log", np.log, rounds=4, positive=True),
    FloatUnary("math.sqrt", np.sqrt, positive=True),
    FloatUnary("math.rsqrt", lambda x: 1 / np.sqrt(x), rounds=4),
    FloatUnary("math.tanh", np.tanh, rounds=4, lipschitz=1),
    FloatUnary("math.sin", np.sin, rounds=4, lipschitz=1),
    FloatUnary("math.cos", np.cos, rounds=4, lipschitz=1),
    FloatUnary("math.floor", np.floor, jumps=True),
    FloatUnary("math.ceil", np.ceil, jumps=True),
    FloatUnary("math.roundeven", np.rint, jumps=True),
]

INT_BINARY = [
    IntBinary("arith.addi", np.add, booleans=False),
    IntBinary("arith.subi", np.subtract, booleans=False),
    IntBinary("arith.muli", np.multiply, booleans=False),
    IntBinary("arith.andi", np.bitwise_and),
    IntBinary("arith.ori", np.bitwise_or),
    IntBinary("arith.xori", np.bitwise_xor),
    IntBinary("arith.maxsi", np.maximum, booleans=False),
    IntBinary("arith.minsi", np.minimum, booleans=False),
    IntBinary("arith.maxui", as_unsigned(np.maximum), booleans=False),
    IntBinary("arith.minui", as_unsigned(np.minimum), booleans=False),
    IntBinary("arith.divsi", truncated_quotient, divides, booleans=False),
    IntBinary("arith.floordivsi", np.floor_divide, divides, booleans=False),
    IntBinary("arith.remsi", lambda a, b: a - b * truncated_quotient(a, b), divides,
              booleans=False),
    IntBinary("arith.shli", np.left_shift,
              lambda e, a, b: (b >= 0) & (b < e.bits), booleans=False),
    IntBinary("arith.shrsi", np.right_shift,
              lambda e, a, b: (b >= 0) & (b < e.bits), booleans=False),
]


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
)
