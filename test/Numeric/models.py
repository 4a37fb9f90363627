# RUN: %python %s --backend host --threads 2 3 7
# RUN: %python %s --backend x86_64
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
# RUN: %python %s --backend unikernel-x86_64 --every 3
# RUN: %python %s --backend unikernel-aarch64 --every 3
#
# Functions of many ops, as models have them: softmax, the norms, upsampling,
# pooling and gating. Each on static and on dynamic shapes, in f32 and f16.

import numpy as np

from owltest import driver, elements, reference, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide


class Builder:
    """Writes the body of a function, op by op, and keeps the types."""

    def __init__(self, *arguments):
        self.arguments, self.lines, self.types = list(arguments), [], {}
        for i, t in enumerate(arguments):
            self.types[f"%a{i}"] = t

    def add(self, text, result):
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {text}")
        self.types[name] = result
        return name

    def op(self, op, *operands):
        t = self.types[operands[0]]
        return self.add(f"{op} {', '.join(operands)} : {t}", t)

    def constant(self, value, t):
        return self.add(f"arith.constant dense<{value}> : {t}", t)

    def reduce(self, kind, x, axes, keep_dims=True):
        source = self.types[x]
        result = Tensor(source.element,
                        reference.result_shape(source.shape, axes, keep_dims))
        flag = " keep_dims" if keep_dims else ""
        return self.add(
            f"owl.reduce <{kind}> {x} axes = {list(axes)}{flag} : {source} -> {result}",
            result)

    def dim(self, x, axis):
        c = self.add(f"arith.constant {axis} : index", None)
        return self.add(f"tensor.dim {x}, {c} : {self.types[x]}", None)

    def repeat(self, x, counts, result):
        """Counts are numbers or names of index values."""
        return self.add(
            f"owl.repeat {x} by [{', '.join(map(str, counts))}] : "
            f"{self.types[x]} -> {result}", result)

    def broadcast(self, x, like):
        """x, with unit dimensions where `like` has others, in the shape of it."""
        source, target = self.types[x], self.types[like]
        counts = []
        for axis, (have, want) in enumerate(zip(source.shape, target.shape)):
            if have == want:
                counts.append(1)
            else:
                counts.append(self.dim(like, axis) if want is None else want)
        return self.repeat(x, counts, target)

    def function(self, name, *results):
        types = [self.types[r] for r in results]
        end = f"  return {', '.join(results)} : {', '.join(map(str, types))}"
        return Function(name, self.arguments, types, "\n".join(self.lines + [end]))


def softmax(t, axis):
    b = Builder(t)
    top = b.broadcast(b.reduce("max", "%a0", [axis]), "%a0")
    e = b.op("math.exp", b.op("arith.subf", "%a0", top))
    total = b.broadcast(b.reduce("sum", e, [axis]), e)
    y = b.op("arith.divf", e, total)

    def compute(x):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True)) if x.size else x
        return e / np.sum(e, axis=axis, keepdims=True)
    return b, [y], compute, 40


def layer_norm(t):
    b = Builder(t)
    last = len(t.shape) - 1
    centred = b.op("arith.subf", "%a0", b.broadcast(b.reduce("mean", "%a0", [last]), "%a0"))
    variance = b.reduce("mean", b.op("arith.mulf", centred, centred), [last])
    eps = b.types[variance]
    if None in eps.shape:
        shifted = b.broadcast(variance, "%a0")
        c = b.add(f"arith.constant 1.0e-2 : {t.element}", None)
        filled = b.add(f"tensor.splat {c}{splat_dims(b, t)} : {t}", t)
        root = b.op("math.rsqrt", b.op("arith.addf", shifted, filled))
    else:
        root = b.broadcast(
            b.op("math.rsqrt", b.op("arith.addf", variance, b.constant("1.0e-2", eps))),
            "%a0")
    y = b.op("arith.mulf", centred, root)
    small = t.element.round(Wide(0.01))

    def compute(x):
        c = x - np.mean(x, axis=-1, keepdims=True)
        return c / np.sqrt(np.mean(c * c, axis=-1, keepdims=True) + small)
    return b, [y], compute, 60


def splat_dims(b, t):
    dims = [b.dim("%a0", axis) for axis, d in enumerate(t.shape) if d is None]
    return f"[{', '.join(dims)}]" if dims else ""


def batch_norm(t):
    """Statistics over the batch and the picture, for each channel."""
    b = Builder(t)
    mean = b.broadcast(b.reduce("mean", "%a0", [0, 2, 3]), "%a0")
    centred = b.op("arith.subf", "%a0", mean)
    variance = b.broadcast(
        b.reduce("mean", b.op("arith.mulf", centred, centred), [0, 2, 3]), "%a0")
    y = b.op("arith.divf", centred, b.op("math.sqrt", variance))

    def compute(x):
        c = x - np.mean(x, axis=(0, 2, 3), keepdims=True)
        return c / np.sqrt(np.mean(c * c, axis=(0, 2, 3), keepdims=True))
    return b, [y], compute, 60


def l2_normalise(t):
    b = Builder(t, t)
    norm = b.broadcast(b.reduce("l2", "%a0", [1]), "%a0")
    y = b.op("arith.mulf", b.op("arith.divf", "%a0", norm), "%a1")

    def compute(x, scale):
        return x / np.sqrt(np.sum(x * x, axis=1, keepdims=True)) * scale
    return b, [y], compute, 40


def upsample_add(t, larger):
    b = Builder(t, larger)
    y = b.op("arith.addf", b.repeat("%a0", [1, 1, 2, 2], larger), "%a1")
    return b, [y], lambda x, s: x.repeat(2, axis=2).repeat(2, axis=3) + s, 4


def squeeze_excite(t):
    """Global pooling, a sigmoid of the means, and a scale of each channel."""
    b = Builder(t)
    pooled = b.broadcast(b.reduce("mean", "%a0", [2, 3]), "%a0")
    e = b.op("math.exp", b.op("arith.negf", pooled))
    one = b.op("math.exp", b.op("arith.subf", pooled, pooled))
    gate = b.op("arith.divf", one, b.op("arith.addf", one, e))
    y = b.op("arith.mulf", "%a0", gate)

    def compute(x):
        return x / (1 + np.exp(-np.mean(x, axis=(2, 3), keepdims=True)))
    return b, [y], compute, 20


def statistics(t):
    """Several results of one argument, of different ranks."""
    b = Builder(t)
    rows = b.reduce("sum", "%a0", [1], keep_dims=False)
    columns = b.reduce("mean", "%a0", [0], keep_dims=False)
    everything = b.reduce("sumsq", "%a0", [0, 1], keep_dims=False)

    def compute(x):
        return [np.sum(x, axis=1), np.mean(x, axis=0), np.sum(x * x)]
    return b, [rows, columns, everything], compute, 40


def layers(t, count=12):
    """So many loops that they become functions, of which several are equal."""
    b = Builder(t)
    y = "%a0"
    for _ in range(count):
        for kind, axis in (("mean", 1), ("max", 0)):
            part = b.broadcast(b.reduce(kind, y, [axis]), y)
            y = b.op("math.tanh", b.op("arith.subf", y, part))

    def compute(x):
        for _ in range(count if x.size else 0):
            x = np.tanh(x - np.mean(x, axis=1, keepdims=True))
            x = np.tanh(x - np.max(x, axis=0, keepdims=True))
        return x
    return b, [y], compute, 40 * count


def calls(name, element, static, shapes, build):
    """A model on one static shape, and dynamic with several."""
    dynamic = tuple(None for _ in static)
    for pattern, use in ((static, [static]), (dynamic, shapes)):
        b, results, compute, factor = build(Tensor(element, pattern))
        suffix = "dynamic" if pattern is dynamic else "static"
        fn = b.function(f"{name}_{element}_{suffix}", *results)
        for shape in use:
            rng = values.generator(name, shape)
            arguments = [values.plain(rng, element, shape) for _ in b.arguments]
            wide = [x.astype(Wide) for x in arguments]
            with np.errstate(all="ignore"):
                outputs = compute(*wide)
            outputs = outputs if isinstance(outputs, list) else [outputs]
            yield Call(fn, arguments, [within(element, y, factor) for y in outputs])


def within(element, value, factor):
    """`factor` roundings of the element type, at the size of the largest value."""
    with np.errstate(all="ignore"):
        value = np.asarray(value, Wide)
        sizes = np.abs(np.where(np.isfinite(value), value, 0))
        top = sizes.max() if value.size else Wide(0)
        return Expected(element, value, factor * element.eps * max(top, 1))


def upsample_calls(element):
    for shape in ((2, 3, 4, 5), (1, 1, 1, 1), (1, 2, 7, 16)):
        larger = shape[:2] + tuple(2 * d for d in shape[2:])
        b, results, compute, factor = upsample_add(
            Tensor(element, shape), Tensor(element, larger))
        tag = "x".join(map(str, shape))
        fn = b.function(f"upsample_{element}_{tag}", *results)
        rng = values.generator("upsample", shape)
        x, y = values.plain(rng, element, shape), values.plain(rng, element, larger)
        z = compute(x.astype(Wide), y.astype(Wide))
        yield Call(fn, [x, y], [within(element, z, factor)])


def weighted(tensor, type, weight, axis, result):
    """The sum along `axis` of the elements of `tensor`, each times `weight`. The
    lines of `weight` make %w of indices."""
    sizes = "" if None not in type.shape else "%d0, %d1"
    return f"""  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim {tensor}, %c0 : {type}
  %d1 = tensor.dim {tensor}, %c1 : {type}
  %e = tensor.empty({sizes}) : {type}
  %v = linalg.generic {{
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}}
    ins({tensor} : {type}) outs(%e : {type}) {{
  ^bb0(%x: f32, %out: f32):
{weight}
    %n = arith.index_cast %w : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.mulf %x, %f : f32
    linalg.yield %y : f32
  }} -> {type}
  %r = owl.reduce <sum> %v axes = [{axis}] : {type} -> {result}
  return %r : {result}"""


def tiled_index_call(static):
    """An index along a dimension of several loops, of which one is tiled."""
    shape, count = (24, 1500), 3
    source = Tensor(elements.f32, shape if static else (None, None))
    tiled = Tensor(elements.f32, (24, 4500) if static else (None, None))
    result = Tensor(elements.f32, (4500,) if static else (None,))
    body = f"  %t = owl.tile %a0 by [1, {count}] : {source} -> {tiled}\n" + weighted(
        "%t", tiled, "    %w = linalg.index 1 : index", 0, result)
    kind = "static" if static else "dynamic"
    fn = Function(f"tiled_index_{kind}", [source], [result], body)
    x = values.plain(values.generator(kind), elements.f32, shape)
    wide = np.tile(x.astype(Wide), (1, count)) * np.arange(4500)
    return Call(fn, [x], [within(elements.f32, np.sum(wide, axis=0), 40)])


def two_directions_call():
    """Rows and columns of what is too wide for registers, of large numbers."""
    source = Tensor(elements.f32, (4, 4001))
    results = [Tensor(elements.f32, (4001,)), Tensor(elements.f32, ())]
    body = f"""  %m = owl.reduce <mean> %a0 axes = [0] : {source} -> {results[0]}
  %n = owl.reduce <mean> %a0 axes = [0, 1] : {source} -> {results[1]}
  return %m, %n : {results[0]}, {results[1]}"""
    fn = Function("two_directions", [source], results, body)
    x = np.full((4, 4001), 8e36, np.float32)
    return Call(fn, [x], [within(elements.f32, np.full(shape, x[0, 0]), 4)
                          for shape in ((4001,), ())])


def transposed_sums_call():
    """Sums of rows, beside sums that lie in memory in another order than they are
    added up in."""
    source = Tensor(elements.f32, (3, 4, 8))
    turned = Tensor(elements.f32, (3, 8, 4))
    results = [Tensor(elements.f32, (3, 4)), Tensor(elements.f32, (8, 4))]
    body = f"""  %r = owl.reduce <sum> %a0 axes = [2] : {source} -> {results[0]}
  %e = tensor.empty() : {turned}
  %t = linalg.transpose ins(%a0 : {source}) outs(%e : {turned}) permutation = [0, 2, 1]
  %c = owl.reduce <sum> %t axes = [0] : {turned} -> {results[1]}
  return %r, %c : {results[0]}, {results[1]}"""
    fn = Function("transposed_sums", [source], results, body)
    x = values.plain(values.generator("transposed_sums"), elements.f32, (3, 4, 8))
    wide = x.astype(Wide)
    return Call(fn, [x], [within(elements.f32, np.sum(wide, axis=2), 10),
                          within(elements.f32, np.sum(wide, axis=0).T, 10)])


def kept_variances_call(static):
    """Variances that are a result, and are needed again by a pass over all of them."""
    shape = (2, 4, 3, 5)
    source = Tensor(elements.f32, shape if static else (None, 4, None, None))
    sums = Tensor(elements.f32, (2, 3, 5) if static else (None,) * 3)
    total = Tensor(elements.f32, (5,) if static else (None,))
    body = f"""  %s = owl.reduce <variance> %a0 axes = [1] : {source} -> {sums}
  %n = arith.negf %s : {sums}
  %q = arith.subf %s, %s : {sums}
  %t = owl.reduce <variance> %q axes = [1, 0] : {sums} -> {total}
  return %n, %t : {sums}, {total}"""
    kind = "static" if static else "dynamic"
    fn = Function(f"kept_variances_{kind}", [source], [sums, total], body)
    x = values.plain(values.generator("kept_variances"), elements.f32, shape)
    s = np.var(x.astype(Wide), axis=1)
    return Call(fn, [x], [within(elements.f32, -s, 10),
                          within(elements.f32, np.zeros(5), 0)])


def indexed_calls():
    """Bodies that ask where they are: each element times its row and its column,
    added up along either axis, whichever loops that gives."""
    weight = """    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %w = arith.muli %i, %j : index"""
    for shape in ((5, 7), (9, 1100), (3, 2500), (1, 1), (40, 8)):
        for axis in (0, 1):
            for static in (True, False):
                source = Tensor(elements.f32, shape if static else (None, None))
                result = Tensor(elements.f32, reference.result_shape(
                    source.shape, [axis], False))
                tag = "x".join(map(str, shape)) + f"_{axis}"
                kind = "static" if static else "dynamic"
                fn = Function(f"indexed_{tag}_{kind}", [source], [result],
                              weighted("%a0", source, weight, axis, result))
                x = values.plain(values.generator(tag), elements.f32, shape)
                i, j = np.indices(shape).astype(Wide)
                yield Call(fn, [x], [within(
                    elements.f32, np.sum(x.astype(Wide) * i * j, axis=axis), 40)])


def everything():
    yield from calls("layers", elements.f32, (40, 1100), [(40, 1100), (3, 5), (17, 1)],
                     layers)
    yield from indexed_calls()
    yield tiled_index_call(static=True)
    yield tiled_index_call(static=False)
    yield two_directions_call()
    yield transposed_sums_call()
    yield kept_variances_call(static=True)
    yield kept_variances_call(static=False)
    for element in (elements.f32, elements.f16, elements.f64, elements.bf16):
        matrices = [(1, 1), (3, 1000), (17, 31), (64, 8), (0, 4)]
        yield from calls("softmax", element, (64, 100), matrices,
                         lambda t: softmax(t, 1))
        yield from calls("softmax_columns", element, (100, 13), matrices[:-1],
                         lambda t: softmax(t, 0))
        yield from calls("layer_norm", element, (4, 6, 33),
                         [(2, 3, 64), (1, 5, 7), (2, 0, 5)], layer_norm)
        yield from calls("batch_norm", element, (4, 3, 8, 9),
                         [(2, 5, 7, 3), (3, 1, 4, 4)], batch_norm)
        yield from calls("l2_normalise", element, (8, 50),
                         [(2, 129), (13, 4)], l2_normalise)
        yield from calls("squeeze_excite", element, (2, 3, 8, 8),
                         [(1, 2, 7, 5), (3, 4, 1, 1)], squeeze_excite)
        yield from calls("statistics", element, (9, 31),
                         [(1, 1), (20, 3), (3, 77)], statistics)
        yield from upsample_calls(element)


if __name__ == "__main__":
    driver.main(list(everything()))
