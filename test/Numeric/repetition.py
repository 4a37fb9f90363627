# RUN: %python %s --backend host
# RUN: %python %s --backend host --lowering non-temporal-bytes=1 vector-bits=256
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit --filter '_2x3$|counts|shape' --calls 2
# RUN: %python %s --backend unikernel-x86_64 --every 4
# RUN: %python %s --backend unikernel-aarch64 --every 4
#
# owl.repeat and owl.tile: every element type, counts on one to four axes, the
# last axis, whole rows, counts of 0 and 1, counts that depend on dimensions.
# Results are compared bit by bit, but for the payload of a NaN.

import itertools

import numpy as np

from owltest import driver, elements, reference, values
from owltest.case import Call, Expected, Function, Tensor

OPS = {"repeat": reference.repeat, "tile": np.tile}


def result_shape(shape, counts):
    return tuple(None if d is None else d * n for d, n in zip(shape, counts))


def function(name, op, element, shape, counts):
    source = Tensor(element, tuple(shape))
    result = Tensor(element, result_shape(shape, counts))
    body = (
        f"  %r = owl.{op} %a0 by {list(counts)} : {source} -> {result}\n"
        f"  return %r : {result}"
    )
    return Function(name, [source], [result], body)


def data(rng, element, shape):
    x = values.plain(rng, element, shape)
    if element.is_float and x.size:
        special = values.specials(element)
        picked = rng.random(shape) < 0.2
        x = np.where(picked, rng.choice(special, shape), x)
    return x


def call(fn, op, element, x, counts, extra=()):
    y = OPS[op](x, counts) if np.ndim(x) else x
    return Call(fn, [x, *extra], [Expected(element, y, signed_zero=True)])


def every_type():
    """Static and dynamic shapes for each element type."""
    for op, element in itertools.product(OPS, elements.elements):
        rng = values.generator(op, element.name)
        for counts in ([1, 3], [2, 1], [2, 3], [1, 1]):
            tag = "x".join(map(str, counts))
            fn = function(f"{op}_{element}_{tag}", op, element, (None, None), counts)
            for shape in ((1, 1), (5, 7), (1, 33), (16, 1), (0, 3), (3, 0), (4, 64)):
                yield call(fn, op, element, data(rng, element, shape), counts)
        fn = function(f"{op}_{element}_static", op, element, (3, 4, 5), [2, 1, 3])
        yield call(fn, op, element, data(rng, element, (3, 4, 5)), [2, 1, 3])
        # Broadcasting of a unit dimension, in each position.
        for axis in range(3):
            shape = [4, 5, 6]
            counts = [1, 1, 1]
            shape[axis], counts[axis] = 1, 7
            fn = function(f"{op}_{element}_unit{axis}", op, element, shape, counts)
            yield call(fn, op, element, data(rng, element, shape), counts)


def shapes():
    """Counts on one, two, four axes; the last axis; whole rows; 0 and 1."""
    cases = [
        ((), []),
        ((1,), [1]),
        ((1,), [1000]),
        ((7,), [0]),
        ((0,), [3]),
        ((13,), [1]),
        ((13,), [2]),
        ((31,), [3]),
        ((128,), [5]),
        ((5, 8), [1, 2]),
        ((5, 8), [2, 1]),
        ((5, 8), [0, 2]),
        ((5, 8), [3, 0]),
        ((3, 64), [4, 1]),
        ((3, 64), [4, 3]),
        ((2, 3, 4), [1, 5, 1]),
        ((2, 3, 4, 5), [2, 1, 1, 3]),
        ((2, 3, 4, 5), [1, 1, 2, 2]),
        ((2, 3, 4, 5), [3, 2, 2, 3]),
        ((2, 3, 4, 5), [1, 2, 2, 1]),
        ((2, 1, 4, 1), [1, 6, 1, 5]),
        ((2, 1, 2, 1, 2, 1, 2, 1), [1, 2, 1, 2, 1, 2, 2, 2]),
        ((8, 16, 28, 28), [1, 1, 2, 2]),
        ((1, 1024), [512, 1]),
        ((1 << 18,), [4]),
        ((1 << 18, 1), [1, 4]),
        # Copied block by block: whole tiles, with a rest, and some rows.
        ((2, 5, 8192), [1, 2, 1]),
        ((3, 1, 40961), [2, 3, 1]),
        ((2, 3, 7, 4096), [3, 2, 2, 1]),
        ((2, 4, 60, 99), [1, 2, 2, 1]),
        # What goes past the caches in blocks of odd rows, or from where it can on.
        ((3, 41, 49), [1, 1, 2]),
        ((2, 3, 83, 49), [1, 1, 2, 2]),
        ((3, 5, 1021), [1, 2, 1]),
        ((3, 3, 11, 7), [2, 2, 2, 2]),
        ((3, 1, 4099), [1, 3, 1]),
        ((33, 49), [1, 1]),
    ]
    for op, (number, (shape, counts)) in itertools.product(OPS, enumerate(cases)):
        for element in (elements.f32, elements.i8):
            rng = values.generator(op, shape, tuple(counts))
            fn = function(f"{op}_shape{number}_{element}", op, element, shape, counts)
            yield call(fn, op, element, data(rng, element, shape), counts)


def dynamic_counts():
    """A count is a dimension of another argument, or computed from it."""
    element = elements.f32
    other = Tensor(elements.i8, (None, None))
    for op in OPS:
        source = Tensor(element, (None, None))
        result = Tensor(element, (None, None))
        body = f"""\
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %a1, %c0 : {other}
  %n = tensor.dim %a1, %c1 : {other}
  %r = owl.{op} %a0 by [%m, %n] : {source} -> {result}
  return %r : {result}"""
        fn = Function(f"{op}_counts", [source, other], [result], body)
        rng = values.generator(op, "counts")
        for shape, counts in (
            ((2, 3), (2, 3)), ((1, 1), (7, 5)), ((4, 5), (0, 1)), ((4, 5), (1, 1)),
            ((0, 5), (2, 2)), ((3, 16), (1, 4)), ((3, 16), (4, 1)),
        ):
            extra = np.zeros(counts, np.int8)
            yield call(fn, op, element, data(rng, element, shape), counts, [extra])

        mixed = Tensor(element, (None, 1))
        body = f"""\
  %c1 = arith.constant 1 : index
  %n = tensor.dim %a1, %c1 : {other}
  %r = owl.{op} %a0 by [1, %n] : {mixed} -> {result}
  return %r : {result}"""
        fn = Function(f"{op}_mixed_counts", [mixed, other], [result], body)
        for rows, count in ((1, 1), (3, 7), (5, 64), (2, 0)):
            extra = np.zeros((2, count), np.int8)
            x = data(rng, element, (rows, 1))
            yield call(fn, op, element, x, (1, count), [extra])


def known_sizes():
    """A size is a constant where the type does not say so."""
    element = elements.i16
    types = [Tensor(element, s) for s in ((None, 1, None), (1, None, 1), (8, None, None))]
    body = f"""\
  %c = tensor.cast %a0 : {types[0]} to {types[1]}
  %c1 = arith.constant 1 : index
  %n = tensor.dim %c, %c1 : {types[1]}
  %r = owl.OP %c by [8, %n, %n] : {types[1]} -> {types[2]}
  return %r : {types[2]}"""
    for op in OPS:
        fn = Function(f"{op}_known", types[:1], types[2:], body.replace("OP", op))
        x = data(values.generator(op, "known"), element, (1, 1, 1))
        yield call(fn, op, element, x, (8, 1, 1))


def swapped():
    """One result is walked in blocks of the axis that another walks around them."""
    element = elements.f32
    types = [Tensor(element, s) for s in ((5, 7, 171, 1), (5, 7, 171, 3), (7, 5, 171, 3))]
    fn = Function("shape_swapped", types[:1], types[1:], f"""\
  %r = owl.repeat %a0 by [1, 1, 1, 3] : {types[0]} -> {types[1]}
  %e = tensor.empty() : {types[2]}
  %t = linalg.transpose ins(%r : {types[1]}) outs(%e : {types[2]}) permutation = [1, 0, 2, 3]
  return %r, %t : {types[1]}, {types[2]}""")
    x = data(values.generator("swapped"), element, (5, 7, 171, 1))
    y = np.repeat(x, 3, axis=3)
    z = np.ascontiguousarray(y.transpose(1, 0, 2, 3))
    yield Call(fn, [x], [Expected(element, r, signed_zero=True) for r in (y, z)])


if __name__ == "__main__":
    driver.main([*every_type(), *shapes(), *dynamic_counts(), *known_sizes(), *swapped()])
