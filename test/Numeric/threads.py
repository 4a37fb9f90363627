# RUN: %python %s --backend host --threads 2 3 7
# RUN: %python %s --backend aarch64 --threads 3 --every 2
# RUN: %python %s --backend wasm32 --threads 2 5 --every 2
# RUN: %python %s --backend jit --threads 2 --every 4
#
# What is large enough to be cut into pieces, on one thread and on several: the
# numbers are NumPy's, and the same bits whatever the number of threads.

import itertools

import numpy as np

import models
import reduce
import repetition
import tensor_ops
from owltest import driver, elements, values

f32 = elements.f32
MATRICES = [(1201, 301), (3, 100003), (100003, 3), (257, 1500)]


def patterns(shape):
    """Static, dynamic and half of each."""
    dynamic = (None,) * len(shape)
    return {"static": shape, "dynamic": dynamic, "mixed": dynamic[:-1] + shape[-1:]}


def reductions():
    kinds = ["sum", "max", "argmin", "logsumexp", "l2", "any"]
    for (number, shape), axes in itertools.product(
            enumerate(MATRICES), ([0], [1], [0, 1])):
        for i, (pattern, pattern_shape) in enumerate(patterns(shape).items()):
            kind = kinds[(number + i) % len(kinds)]
            tag = "".join(map(str, axes))
            yield one_reduction(f"{kind}_{pattern}_{number}_{tag}", kind, f32, shape,
                                pattern_shape, axes)
    for kind, element in itertools.product(
            ("sum", "prod", "max", "argmax"),
            (elements.f16, elements.f64, elements.i8, elements.i64)):
        shape = (20, 31, 1021)
        for axes in ([0, 1, 2], [0, 1], [1]):
            tag = "".join(map(str, axes))
            yield one_reduction(f"{kind}_{element}_{tag}", kind, element, shape,
                                shape, axes)
    # Long pieces that follow one another: of all channels, and of tiles of them.
    for shape in ((9, 3, 4100), (9, 5, 130, 33), (3, 40, 4100)):
        for kind in (*kinds, "variance", "mean", "argmax"):
            yield one_reduction(f"{kind}_{'x'.join(map(str, shape))}", kind, f32, shape,
                                shape, [0, 2])
    # Rows that go side by side, of which some remain in each task.
    for kind, element in itertools.product(
            ("max", "argmax", "variance", "mean"),
            (f32, elements.f16, elements.f64, elements.i32)):
        yield one_reduction(f"{kind}_{element}_short", kind, element, (12003, 49),
                            (12003, 49), [1])


def one_reduction(name, kind, element, shape, pattern, axes):
    fn = reduce.reduce_function(name, kind, element, pattern, axes)
    x = values.for_kind(values.generator(name), kind, element, shape)
    return reduce.call(fn, kind, element, x, axes)


def zeros():
    """Which of 0 and -0 is the extreme does not depend on threads either."""
    shape = (100003, 7)
    for kind, axes in itertools.product(("max", "min"), ([0], [1], [0, 1])):
        tag = "".join(map(str, axes))
        fn = reduce.reduce_function(f"{kind}_zeros_{tag}", kind, f32, shape, axes)
        x = values.generator(kind, axes).choice(np.float32([0.0, -0.0]), shape)
        yield reduce.call(fn, kind, f32, x, axes)


def nans():
    """Nor which NaN there is."""
    shape = (100003, 20)
    bits = values.generator("nans").choice(
        np.uint32([0x3f800000, 0xffc00000, 0x7fc00001, 0xffc12345]), shape)
    for kind in ("max", "min", "sum"):
        fn = reduce.reduce_function(f"{kind}_nans", kind, f32, shape, [1])
        yield reduce.call(fn, kind, f32, bits.view(np.float32), [1])


def repetitions():
    for op, (shape, counts) in itertools.product(
            repetition.OPS, [((700, 333), [2, 3]), ((3, 50001), [1, 2]),
                             ((3, 50001), [2, 1])]):
        for pattern, pattern_shape in patterns(shape).items():
            tag = "x".join(map(str, (*shape, *counts)))
            fn = repetition.function(
                f"{op}_{tag}_{pattern}", op, f32, pattern_shape, counts)
            x = repetition.data(values.generator(op, shape), f32, shape)
            yield repetition.call(fn, op, f32, x, counts)


def transposes():
    for shape, order in (((601, 1000), (1, 0)), ((100003, 9), (1, 0)),
                         ((31, 40, 257), (0, 2, 1)), ((40, 131, 57), (2, 0, 1))):
        for pattern, pattern_shape in patterns(shape).items():
            tag = "x".join(map(str, shape))
            yield from tensor_ops.transpose(f"transpose_{tag}_{pattern}", f32, order,
                                            pattern_shape, [shape])


def whole_models():
    matrix, picture = (601, 1000), (5, 16, 51, 49)
    yield from models.calls("softmax", f32, matrix, [matrix, (1, 5), (0, 7)],
                            lambda t: models.softmax(t, 1))
    yield from models.calls("softmax_columns", f32, matrix, [matrix, (3, 4)],
                            lambda t: models.softmax(t, 0))
    # Rows that no stack holds: each task has one in the workspace.
    yield from models.calls("softmax_long", f32, (7, 20011), [(7, 20011)],
                            lambda t: models.softmax(t, 1))
    yield from models.calls("layer_norm", f32, (31, 40, 257), [(31, 40, 257)],
                            models.layer_norm)
    # Rows that are normalised side by side, of which some remain in each task.
    yield from models.calls("layer_norm_short", f32, (12003, 49), [(12003, 49)],
                            models.layer_norm)
    yield from models.calls("batch_norm", f32, picture, [picture, (1, 2, 3, 4)],
                            models.batch_norm)
    yield from models.calls("squeeze_excite", f32, picture, [picture],
                            models.squeeze_excite)
    yield from models.calls("statistics", f32, matrix, [matrix, (2, 2)],
                            models.statistics)


def everything():
    yield from reductions()
    yield from zeros()
    yield from nans()
    yield from repetitions()
    yield from transposes()
    yield from whole_models()


if __name__ == "__main__":
    driver.main(list(everything()))
