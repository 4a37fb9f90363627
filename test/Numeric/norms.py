# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
#
# Means, variances and norms as models write them out, on data where what is
# written would fail: far from 0, with an outlier, beyond what squares and
# exponentials can be.

import itertools

import numpy as np

from owltest import driver, elements, reference, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

FLOATS = [elements.f32, elements.f16, elements.bf16]


class Lines:
    """The body of a function of one tensor, line by line."""

    def __init__(self, element, shape):
        self.element, self.shape, self.lines = element, shape, []
        self.type = Tensor(element, shape)
        for i, size in enumerate(shape):
            if size is None:
                self.add(f"%i{i} = arith.constant {i} : index")
                self.add(f"%d{i} = tensor.dim %a0, %i{i} : {self.type}")

    def add(self, line):
        self.lines.append("  " + line)

    def reduce(self, name, kind, source, axes, keep_dims):
        t = Tensor(self.element, reference.result_shape(self.shape, axes, keep_dims))
        self.add(f"{name} = owl.reduce <{kind}> {source} axes = {axes}"
                 f"{' keep_dims' if keep_dims else ''} : {self.type} -> {t}")
        return t

    def broadcast(self, name, source, axes):
        """Of what was reduced along `axes`, back to the whole shape."""
        t = Tensor(self.element, reference.result_shape(self.shape, axes, True))
        counts = ["1" if i not in axes else f"%d{i}" if size is None else str(size)
                  for i, size in enumerate(self.shape)]
        self.add(f"{name} = owl.repeat {source} by [{', '.join(counts)}] : {t} -> {self.type}")

    def function(self, name, result, t):
        return Function(name, [self.type], [t],
                        "\n".join(self.lines + [f"  return {result} : {t}"]))


def variance_function(name, element, shape, axes):
    """mean((x - mean(x))^2)"""
    b = Lines(element, shape)
    b.reduce("%m", "mean", "%a0", axes, True)
    b.broadcast("%b", "%m", axes)
    b.add(f"%c = arith.subf %a0, %b : {b.type}")
    b.add(f"%q = arith.mulf %c, %c : {b.type}")
    return b.function(name, "%v", b.reduce("%v", "mean", "%q", axes, False))


def moments_function(name, element, shape, axes):
    """mean(x^2) - mean(x)^2"""
    b = Lines(element, shape)
    b.add(f"%q = arith.mulf %a0, %a0 : {b.type}")
    b.reduce("%s", "mean", "%q", axes, False)
    t = b.reduce("%m", "mean", "%a0", axes, False)
    b.add(f"%p = arith.mulf %m, %m : {t}")
    b.add(f"%v = arith.subf %s, %p : {t}")
    return b.function(name, "%v", t)


def hard(rng, element, shape):
    """Arrays of `shape` whose variance is hard to compute, by name."""
    plain = rng.standard_normal(shape)
    for far in (1e4, -1e6):
        yield f"far {far}", values.as_values(element, plain + far)
    outlier = plain.copy()
    outlier.flat[:1] = 3e4
    yield "outlier", values.as_values(element, outlier)
    yield "constant", values.as_values(element, np.full(shape, 0.1))
    for special in (np.nan, np.inf, -np.inf):
        for place in (0, plain.size // 2):
            x = plain.copy()
            x.flat[place:place + 1] = special
            yield f"{special} at {place}", values.as_values(element, x)


def variances():
    # What is not known counts as large, so that these take one pass.
    for element, axes in itertools.product(
            FLOATS, ([0, 1, 2, 3, 4], [0, 2, 3, 4], [0, 1], [0])):
        tag = f"{element}_{''.join(map(str, axes))}"
        rng = values.generator("variances", tag)
        shape = (None,) * 5
        for function in (variance_function(f"variance_{tag}", element, shape, axes),
                         moments_function(f"moments_{tag}", element, shape, axes)):
            for size in ((1, 1, 1, 1, 1), (3, 5, 1, 7, 1), (16, 4, 3, 43, 1), (2, 1, 1, 1, 3),
                         (2, 3, 2, 2, 33), (0, 2, 1, 3, 1), (2, 3, 1, 1, 0)):
                for label, x in hard(rng, element, size):
                    yield Call(function, [x], [
                        reference.reduce("variance", element, x, axes)], label=label)
    # And so do these, which are.
    rng = values.generator("large variances")
    for element, shape, axes in (
            (elements.f32, (1 << 22,), [0]), (elements.f32, (3, 900000), [0]),
            (elements.f32, (8, 16, 130, 130), [0, 2, 3]), (elements.bf16, (1 << 22,), [0])):
        tag = f"{element}_{'x'.join(map(str, shape))}"
        function = variance_function(f"large_variance_{tag}", element, shape, axes)
        x = values.as_values(element, rng.standard_normal(shape) + 1e3)
        yield Call(function, [x], [reference.reduce("variance", element, x, axes)])


def normalised():
    """(x - mean) / sqrt(variance), in one pass and another, and in three."""
    # Rows of a few elements are computed in columns, a few of longer ones side by side.
    short = [((size, n), [1]) for size in (37, None) for n in (3, 5, 6, 7, 20, 49)]
    for shape, axes in (((None,) * 5, [0, 2, 3, 4]), ((4, 100), [1]), ((4, 6, 5, 5), [0, 2, 3]),
                        *short):
        b = Lines(elements.f32, shape)
        kept = b.reduce("%m", "mean", "%a0", axes, True)
        b.broadcast("%b", "%m", axes)
        b.add(f"%c = arith.subf %a0, %b : {b.type}")
        b.add(f"%q = arith.mulf %c, %c : {b.type}")
        b.reduce("%v", "mean", "%q", axes, True)
        b.add(f"%r = math.rsqrt %v : {kept}")
        b.broadcast("%s", "%r", axes)
        b.add(f"%y = arith.mulf %c, %s : {b.type}")
        tag = "x".join("n" if size is None else str(size) for size in shape)
        function = b.function(f"normalised_{tag}", "%y", b.type)
        rng = values.generator("normalised", tag)
        size = tuple(5 if n is None else n for n in shape)
        x = values.as_values(elements.f32, rng.standard_normal(size) + 3)
        wide = x.astype(Wide)
        mean = wide.mean(tuple(axes), keepdims=True)
        y = (wide - mean) / wide.std(tuple(axes), keepdims=True)
        bound = Wide(2.0**-24) * 16 * (np.abs(y) + np.abs(mean))
        yield Call(function, [x], [reference.rounded(elements.f32, y, bound)])


def logsumexp_function(name, shape, shifted):
    b = Lines(elements.f32, shape)
    source = "%a0"
    if shifted:
        b.reduce("%m", "max", "%a0", [1], True)
        b.broadcast("%b", "%m", [1])
        b.add(f"%c = arith.subf %a0, %b : {b.type}")
        source = "%c"
    b.add(f"%e = math.exp {source} : {b.type}")
    t = b.reduce("%s", "sum", "%e", [1], True)
    b.add(f"%l = math.log %s : {t}")
    if shifted:
        b.add(f"%r = arith.addf %l, %m : {t}")
    return b.function(name, "%r" if shifted else "%l", t)


def logarithms():
    rng = values.generator("logarithms")
    x = values.plain(rng, elements.f32, (6, 33))
    x[1] += 1000
    x[2] -= 1000
    x[3] = -np.inf
    x[4, 5] = np.inf
    x[5, 6] = np.nan
    expected = reference.reduce("logsumexp", elements.f32, x, [1], True)
    for shape, shifted in itertools.product(((None, None), (6, 33)), (False, True)):
        tag = f"{'static' if shape[0] else 'dynamic'}_{'shifted' if shifted else 'plain'}"
        yield Call(logsumexp_function(f"logsumexp_{tag}", shape, shifted), [x], [expected])


def kept_in_another_order():
    """What one reduction keeps for the next has another axis last than its source."""
    source, result = Tensor(elements.f32, (None, None, None, 5)), Tensor(elements.f32, (5,))
    turned, over_a, over_b = (
        Tensor(elements.f32, shape)
        for shape in ((None, 5, None, None), (None, 5, None), (5, None, None)))
    function = Function("kept_in_another_order", [source], [result, result], f"""\
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %i2 = arith.constant 2 : index
  %d0 = tensor.dim %a0, %i0 : {source}
  %d1 = tensor.dim %a0, %i1 : {source}
  %d2 = tensor.dim %a0, %i2 : {source}
  %e = tensor.empty(%d1, %d0, %d2) : {turned}
  %t = linalg.transpose ins(%a0 : {source}) outs(%e : {turned}) permutation = [1, 3, 0, 2]
  %p = owl.reduce <logsumexp> %t axes = [3] : {turned} -> {over_a}
  %s = owl.reduce <max> %p axes = [0, 2] : {over_a} -> {result}
  %q = owl.reduce <logsumexp> %t axes = [0] : {turned} -> {over_b}
  %m = owl.reduce <min> %q axes = [1, 2] : {over_b} -> {result}
  return %s, %m : {result}, {result}""")
    for shape in ((2, 3, 2, 5), (1, 20, 3, 5)):
        x = values.plain(values.generator("kept", shape), elements.f32, shape)
        logs = [np.log(np.exp(x.astype(Wide)).sum(axis)) for axis in (2, 1)]
        expected = logs[0].max((0, 1)), logs[1].min((0, 1))
        yield Call(function, [x], [
            Expected(elements.f32, y, Wide(2.0**-20) * (1 + np.abs(y))) for y in expected])


def roots():
    for element in FLOATS:
        b = Lines(element, (None, None))
        b.add(f"%q = arith.mulf %a0, %a0 : {b.type}")
        t = b.reduce("%s", "sum", "%q", [1], False)
        b.add(f"%r = math.sqrt %s : {t}")
        function = b.function(f"root_{element}", "%r", t)
        rng = values.generator("roots", element.name)
        for scale in (1, 300, 1e-3) + ((1e25, 1e-25) if element.bits == 32 else ()):
            x = values.as_values(element, rng.standard_normal((5, 40)) * scale)
            yield Call(function, [x], [reference.reduce("l2", element, x, [1])],
                       label=str(scale))


def means():
    for element in FLOATS:
        b = Lines(element, (5, 49))
        t = b.reduce("%s", "sum", "%a0", [1], False)
        b.add(f"%n = arith.constant dense<49.0> : {t}")
        b.add(f"%m = arith.divf %s, %n : {t}")
        function = b.function(f"mean_{element}", "%m", t)
        # The sum of f16 would overflow.
        x = values.as_values(
            element, values.generator("means", element.name).uniform(3e4, 6e4, (5, 49)))
        yield Call(function, [x], [reference.reduce("mean", element, x, [1])])


def linalg_forms():
    """Reductions that linalg writes, and pooling of whole images."""
    for combiner, kind, init in (("addf", "sum", "0.0"), ("maximumf", "max", "0xFF800000"),
                                 ("minimumf", "min", "1.5"), ("mulf", "prod", "1.0")):
        source, result = Tensor(elements.f32, (4, 6, 5)), Tensor(elements.f32, (6,))
        function = Function(f"linalg_{combiner}", [source], [result], f"""
  %z = arith.constant dense<{init}> : {result}
  %r = linalg.reduce {{ arith.{combiner} }} ins(%a0 : {source}) outs(%z : {result}) dimensions = [0, 2]
  return %r : {result}""")
        x = values.for_kind(values.generator(combiner), kind, elements.f32, (4, 6, 5))
        x[1, 2, 3] = np.nan
        expected = reference.reduce(kind, elements.f32, x, [0, 2])
        if kind == "min":
            expected = Expected(elements.f32, np.minimum(expected.value, 1.5))
        yield Call(function, [x], [expected])
    source, result = Tensor(elements.f32, (1, 7, 5, 16)), Tensor(elements.f32, (1, 1, 1, 16))
    x = values.plain(values.generator("pooling"), elements.f32, source.shape)
    function = Function("pooling", [source], [result], f"""
  %z = arith.constant dense<0.0> : tensor<1xf32>
  %r = tosa.avg_pool2d %a0, %z, %z {{kernel = array<i64: 7, 5>, pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, acc_type = f32}}
      : ({source}, tensor<1xf32>, tensor<1xf32>) -> {result}
  return %r : {result}""")
    yield Call(function, [x], [reference.reduce("mean", elements.f32, x, [1, 2], True)])


if __name__ == "__main__":
    driver.main([
        *variances(), *normalised(), *logarithms(), *kept_in_another_order(), *roots(),
        *means(), *linalg_forms(),
    ])
