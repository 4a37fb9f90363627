# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit --filter '_dynamic_02$' --calls 2
# RUN: %python %s --backend unikernel-x86_64 --every 8
# RUN: %python %s --backend unikernel-aarch64 --every 8
#
# owl.reduce: every kind, element type and set of axes, over a spread of shapes.

import itertools

import numpy as np

from owltest import driver, elements, reference, values
from owltest.case import Call, Function, Tensor


def reduce_function(name, kind, element, shape, axes, keep_dims=False):
    """One reduce of an argument; None in `shape` is a dynamic dimension."""
    source = Tensor(element, tuple(shape))
    result = Tensor(
        reference.result_element(kind, element),
        reference.result_shape(source.shape, axes, keep_dims),
    )
    flag = " keep_dims" if keep_dims else ""
    body = (
        f"  %r = owl.reduce <{kind}> %a0 axes = {list(axes)}{flag} : "
        f"{source} -> {result}\n  return %r : {result}"
    )
    return Function(name, [source], [result], body)


def call(function, kind, element, x, axes, keep_dims=False, label=""):
    expected = reference.reduce(kind, element, x, axes, keep_dims)
    return Call(function, [x], [expected], label=label)


def check_shape(kind, shape, axes):
    """Whether the reduction is defined on a static shape."""
    empty = any(shape[axis] == 0 for axis in axes)
    result = reference.result_shape(shape, axes, False)
    needs_one = kind in ("max", "min", "argmax", "argmin")
    return not (needs_one and empty and 0 not in result)


# Two function shapes that every kind and element type gets: a fully dynamic one
# called with many sizes, and static ones.
DYNAMIC_SIZES = [(1, 1, 1), (2, 3, 5), (7, 1, 13), (1, 64, 1), (3, 17, 31),
                 (4, 8, 16), (5, 2, 129), (0, 3, 2), (2, 0, 3), (3, 2, 0)]
STATIC = [
    ((), []),
    ((1,), [0]),
    ((13,), [0]),
    ((64,), [0]),
    ((13, 7), [0]),
    ((8, 32), [1]),
    ((6, 5, 4), []),
    ((3, 4, 8, 5), [0, 2]),
]


def all_kinds():
    for kind, element in itertools.product(reference.KINDS, elements.elements):
        rng = values.generator(kind, element.name)
        stem = f"{kind}_{element}"
        for axes in ([1], [0, 2], [2], [0, 1]):
            tag = "".join(map(str, axes))
            function = reduce_function(
                f"{stem}_dynamic_{tag}", kind, element, (None,) * 3, axes
            )
            for shape in DYNAMIC_SIZES:
                if check_shape(kind, shape, axes) and not undefined_mean(
                    kind, element, shape, axes
                ):
                    x = values.for_kind(rng, kind, element, shape)
                    yield call(function, kind, element, x, axes)
        for number, (shape, axes) in enumerate(STATIC):
            function = reduce_function(
                f"{stem}_static_{number}", kind, element, shape, axes, number % 2 == 1
            )
            x = values.for_kind(rng, kind, element, shape)
            yield call(function, kind, element, x, axes, number % 2 == 1)


def undefined_mean(kind, element, shape, axes):
    """Integers have no NaN to be the mean of nothing, nor a logarithm of 0."""
    empty = any(shape[axis] == 0 for axis in axes)
    return empty and not element.is_float and kind in (
        "mean", "logsum", "logsumexp", "variance")


def every_set_of_axes():
    shape = (3, 5, 4, 6)
    sets = [axes for n in range(5) for axes in itertools.combinations(range(4), n)]
    for kind in ("sum", "max", "argmin", "mean"):
        for axes in sets:
            for keep_dims in (False, True):
                element = elements.f32 if keep_dims else elements.i32
                rng = values.generator(kind, axes)
                tag = "".join(map(str, axes)) + ("k" if keep_dims else "")
                function = reduce_function(
                    f"{kind}_axes_{tag}", kind, element, shape, axes, keep_dims
                )
                x = values.for_kind(rng, kind, element, shape)
                yield call(function, kind, element, x, axes, keep_dims)
    # The order in which axes are named does not matter.
    function = reduce_function("axes_backwards", "sum", elements.f32, shape, [3, 0])
    x = values.plain(values.generator("backwards"), elements.f32, shape)
    yield call(function, "sum", elements.f32, x, [3, 0])


def ranks():
    for rank in range(9):
        shape = (2, 3, 1, 2, 3, 2, 1, 2)[:rank]
        for axes in (range(rank), range(0, rank, 2), range(1, rank, 2)):
            axes = list(axes)
            for kind, element in (("sum", elements.f32), ("argmax", elements.i16)):
                rng = values.generator(rank, axes)
                tag = "".join(map(str, axes))
                function = reduce_function(
                    f"{kind}_rank{rank}_{tag}", kind, element, shape, axes
                )
                if function.name in seen:
                    continue
                seen.add(function.name)
                x = values.plain(rng, element, shape)
                yield call(function, kind, element, x, axes)


seen = set()


def large():
    """More than the caches hold, and sums that lose digits when done naively."""
    for kind, element, shape, axes in (
        ("sum", elements.f32, (1 << 20,), [0]),
        ("sum", elements.f32, (1021, 1031), [0]),
        ("sum", elements.f32, (1021, 1031), [1]),
        ("sum", elements.f32, (16, 64, 32, 32), [0, 2, 3]),
        ("mean", elements.f64, (1 << 20,), [0]),
        ("max", elements.f16, (257, 4099), [1]),
        ("argmax", elements.f32, (1 << 20,), [0]),
        ("argmin", elements.i8, (1009, 1013), [0]),
        ("sum", elements.i8, (1 << 20,), [0]),
        ("sumsq", elements.i32, (1000, 1000), [0, 1]),
        ("logsumexp", elements.f32, (100, 10007), [1]),
        ("any", elements.i1, (1 << 20,), [0]),
    ):
        rng = values.generator(kind, shape)
        tag = "x".join(map(str, shape)) + "_" + "".join(map(str, axes))
        function = reduce_function(f"{kind}_{element}_large_{tag}", kind, element, shape, axes)
        x = values.for_kind(rng, kind, element, shape)
        yield call(function, kind, element, x, axes)
    # A running sum in f32 would stop growing at 2^24.
    element = elements.f32
    ones = np.ones(1 << 25, np.float32)
    function = reduce_function("sum_ones", "sum", element, ones.shape, [0])
    yield call(function, "sum", element, ones, [0])
    function = reduce_function("sum_cancel", "sum", element, (None,), [0])
    x = np.tile(np.float32([1e8, 1, -1e8, 1]), 4096)
    yield call(function, "sum", element, x, [0])
    function = reduce_function("sum_f16_ones", "sum", elements.f16, (4096,), [0])
    yield call(function, "sum", elements.f16, np.ones(4096, np.float16), [0])
    function = reduce_function("mean_bf16", "mean", elements.bf16, (None,), [0])
    yield call(function, "mean", elements.bf16, np.ones(10000, np.float32), [0])


def specials():
    """NaN, infinities, zeros and denormals among ordinary numbers."""
    for kind, element in itertools.product(reference.KINDS, elements.floats):
        function = reduce_function(
            f"{kind}_{element}_specials", kind, element, (None, None), [1]
        )
        columns = reduce_function(
            f"{kind}_{element}_special_columns", kind, element, (None, None), [0]
        )
        rng = values.generator("specials", kind, element.name)
        special = values.specials(element)
        for width in (1, 5, 16, 37):
            x = values.for_kind(rng, kind, element, (len(special) * 3, width))
            for row in range(len(special)):
                x[row, rng.integers(width)] = special[row]
                x[row + len(special)] = special[row]
                x[row + 2 * len(special), rng.integers(width)] = special[row]
                x[row + 2 * len(special), rng.integers(width)] = special[-row]
            yield call(function, kind, element, x, [1], label=f"width {width}")
            yield call(columns, kind, element, np.ascontiguousarray(x.T), [0],
                       label=f"width {width}")


def hard_variances():
    """Far from 0, where squares alone say nothing; with an outlier; of little."""
    rng = values.generator("hard variances")
    for element in elements.floats:
        rows = reduce_function(f"variance_{element}_hard", "variance", element, (None, None), [1])
        columns = reduce_function(
            f"variance_{element}_hard_columns", "variance", element, (None, None), [0])
        whole = reduce_function(
            f"variance_{element}_hard_whole", "variance", element, (None, None), [0, 1])
        fixed = reduce_function(
            f"variance_{element}_hard_static", "variance", element, (7, 1000), [1])
        for far in (1e4, -1e6, 1e-3):
            x = values.as_values(element, rng.standard_normal((7, 1000)) + far)
            outlier = x.copy()
            outlier[:, 0] = values.as_values(element, np.array(3e4))
            for label, data in (("far", x), ("outlier", outlier),
                                ("constant", np.full_like(x, x[0, 0]))):
                label = f"{label} {far}"
                yield call(rows, "variance", element, data, [1], label=label)
                yield call(fixed, "variance", element, data, [1], label=label)
                yield call(whole, "variance", element, data, [0, 1], label=label)
                yield call(columns, "variance", element, np.ascontiguousarray(data.T), [0],
                           label=label)


def first_extreme():
    for kind in ("argmax", "argmin"):
        for element in (elements.f32, elements.i8, elements.ui64, elements.i1):
            function = reduce_function(
                f"{kind}_first_{element}", kind, element, (None, None), [1])
            both = reduce_function(
                f"{kind}_flat_{element}", kind, element, (None, None, None), [0, 2])
            rng = values.generator(kind, element.name)
            x = rng.integers(0, 2, (20, 33)).astype(element.values)
            yield call(function, kind, element, x, [1])
            yield call(function, kind, element, np.ones_like(x), [1])
            yield call(both, kind, element, x.reshape(5, 4, 33), [0, 2])
        # Of a static size, the strips of a row are of several widths.
        for element, width in itertools.product(
                (elements.f32, elements.f64, elements.i8, elements.ui32), (20, 49, 100)):
            function = reduce_function(
                f"{kind}_first_{element}_{width}", kind, element, (40, width), [1])
            rng = values.generator(kind, element.name, width)
            x = rng.integers(0, 3, (40, width)).astype(element.values)
            x[0] = 1
            if element in elements.floats:
                x[1], x[2], x[3] = np.inf, -np.inf, np.nan
                x[rng.integers(4, 40, 30), rng.integers(0, width, 30)] = np.nan
            yield call(function, kind, element, x, [1])


if __name__ == "__main__":
    driver.main([
        *all_kinds(), *every_set_of_axes(), *ranks(), *large(), *specials(),
        *first_extreme(), *hard_variances(),
    ])
