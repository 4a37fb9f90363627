# RUN: %python %s --backend host
# RUN: %python %s --backend x86_64
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
# RUN: %python %s --backend unikernel-x86_64 --every 3
# RUN: %python %s --backend unikernel-aarch64 --every 3
#
# Matrix products with what comes before and after them: on static and on dynamic
# shapes, of all element types, in every order of the axes.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

SIZES = [(64, 48, 40), (1, 1, 1), (3, 4, 5), (17, 33, 1029), (5, 600, 7), (2, 0, 3),
         (33, 70, 1)]


KNOWN = {}


def function(name, *rest):
    """One that calls of several sizes share."""
    return KNOWN.setdefault(name, Function(name, *rest))


def contraction(name, a, b, c, maps, loops, ins, out="%c"):
    """`maps` are those of linalg.generic, of an f32, f64, f16 or integer type."""
    kinds = ", ".join(f'"{kind}"' for kind in loops)
    dims = ", ".join(f"d{i}" for i in range(len(loops)))
    maps = ", ".join(f"affine_map<({dims}) -> ({m})>" for m in maps)
    suffix = "f" if c.element.is_float else "i"
    if a.element is c.element:
        extend = "    %m = arith.mulX %x, %y : T"
    else:
        extend = (f"    %xe = arith.extX %x : {a.element} to T\n"
                  f"    %ye = arith.extX %y : {b.element} to T\n"
                  "    %m = arith.mulX %xe, %ye : T").replace(
                      "extX", "extf" if c.element.is_float else "extsi")
    body = (extend + "\n    %n = arith.addX %z, %m : T").replace(
        "X", suffix).replace(" T", f" {c.element}").replace("extff", "extf")
    return f"""  {name} = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}
    ins({ins} : {a}, {b}) outs({out} : {c}) {{
  ^bb0(%x: {a.element}, %y: {b.element}, %z: {c.element}):
{body}
    linalg.yield %n : {c.element}
  }} -> {c}"""


def expected(element, exact, magnitude, factor=4):
    """Off by a few roundings of the terms' magnitude, and of the result."""
    if not element.is_float:
        return Expected(element, exact)
    sizes = np.maximum(np.abs(exact), magnitude)
    return Expected(element, exact, factor * element.eps * np.maximum(sizes, 1))


def matrices(element, m, k, n, tag):
    rng = values.generator("contraction", tag)
    return [values.plain(rng, element, shape) for shape in ((m, k), (k, n), (m, n))]


def wide(element, x):
    return x.astype(Wide if element.is_float else np.int64)


def types(element, sizes, accumulator=None):
    m, k, n = sizes
    return (Tensor(element, (m, k)), Tensor(element, (k, n)),
            Tensor(accumulator or element, (m, n)))


def products(element, accumulator=None):
    """c + a b, with either or both transposed."""
    result = accumulator or element
    forms = {"nn": ("d0, d2", "d2, d1"), "nt": ("d0, d2", "d1, d2"),
             "tn": ("d2, d0", "d2, d1")}
    for name, (left, right) in forms.items():
        for dynamic in (False, True):
            for sizes in SIZES if dynamic else SIZES[:5:2]:
                m, k, n = sizes
                A, B, C = types(element, (None,) * 3 if dynamic else sizes, result)
                if name == "nt":
                    B = Tensor(element, B.shape[::-1])
                if name == "tn":
                    A = Tensor(element, A.shape[::-1])
                body = contraction("%r", A, B, C, (left, right, "d0, d1"),
                                   ["parallel", "parallel", "reduction"], "%a0, %a1",
                                   "%a2")
                tag = "dynamic" if dynamic else "x".join(map(str, sizes))
                fn = function(f"{name}_{element}_{result}_{tag}", [A, B, C], [C],
                              body + f"\n  return %r : {C}")
                a, b, _ = matrices(element, m, k, n, sizes)
                c = values.plain(values.generator("c", sizes), result, (m, n))
                x, y, z = (wide(result, v) for v in (a, b, c))
                exact = z + x @ y
                magnitude = np.abs(z) + np.abs(x) @ np.abs(y)
                if not result.is_float:
                    exact = exact.astype(result.values)
                yield Call(fn, [a.T.copy() if name == "tn" else a,
                                b.T.copy() if name == "nt" else b, c],
                           [expected(result, exact, magnitude)])


ZERO = """  %zero = arith.constant 0.0 : f32
  %zeros = tensor.splat %zero{sizes} : {type}
"""


def layers():
    """exp(a) exp(b) + bias, clipped, and its row sums: what comes before, after,
    and several results."""
    f32 = elements.f32
    for dynamic in (False, True):
        for sizes in SIZES if dynamic else SIZES[:5:2]:
            m, k, n = sizes
            A, B, C = types(f32, (None,) * 3 if dynamic else sizes)
            bias, row = Tensor(f32, C.shape[1:]), Tensor(f32, C.shape[:1])
            splat = "[%d0, %d1]" if dynamic else ""
            body = (f"""  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %a0, %c0 : {A}
  %d1 = tensor.dim %a1, %c1 : {B}
""" + ZERO.format(sizes=splat, type=C) + f"""  %ea = math.exp %a0 : {A}
  %eb = math.exp %a1 : {B}
  %p = linalg.matmul ins(%ea, %eb : {A}, {B}) outs(%zeros : {C}) -> {C}
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]}} ins(%p, %a2 : {C}, {bias}) outs(%zeros : {C}) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.addf %x, %y : f32
    %t = arith.maximumf %s, %zero : f32
    linalg.yield %t : f32
  }} -> {C}
  %q = owl.reduce <sum> %r axes = [1] : {C} -> {row}
  return %r, %q : {C}, {row}""")
            tag = "dynamic" if dynamic else "x".join(map(str, sizes))
            fn = function(f"layer_{tag}", [A, B, bias], [C, row], body)
            a, b, _ = matrices(f32, m, k, n, sizes)
            v = values.plain(values.generator("bias", sizes), f32, (n,))
            x, y = np.exp(wide(f32, a)), np.exp(wide(f32, b))
            exact = np.maximum(x @ y + v, 0)
            magnitude = x @ y + np.abs(v)
            yield Call(fn, [a, b, v],
                       [expected(f32, exact, magnitude, 16),
                        expected(f32, exact.sum(axis=1), magnitude.sum(axis=1), 16)])


def attention():
    """softmax(q k^T) v, a batch of them."""
    f32 = elements.f32
    for dynamic in (False, True):
        for heads, rows, depth in ((2, 24, 16), (1, 5, 3), (3, 130, 8)):
            if not dynamic and depth == 8:
                continue
            shape = (None,) * 3 if dynamic else (heads, rows, depth)
            Q = Tensor(f32, shape)
            S = Tensor(f32, (shape[0], shape[1], shape[1]))
            small = Tensor(f32, (shape[0], shape[1], 1))
            counts = "%d1" if dynamic else rows
            loops = ["parallel", "parallel", "parallel", "reduction"]
            maps = ("d0, d1, d3", "d0, d2, d3", "d0, d1, d2")
            body = (f"""  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %d0 = tensor.dim %a0, %c0 : {Q}
  %d1 = tensor.dim %a0, %c1 : {Q}
  %d2 = tensor.dim %a0, %c2 : {Q}
  %zero = arith.constant 0.0 : f32
  %c = tensor.splat %zero{"[%d0, %d1, %d1]" if dynamic else ""} : {S}
  %o = tensor.splat %zero{"[%d0, %d1, %d2]" if dynamic else ""} : {Q}
""" + contraction("%s", Q, Q, S, maps, loops, "%a0, %a1") + f"""
  %m = owl.reduce <max> %s axes = [2] keep_dims : {S} -> {small}
  %mb = owl.repeat %m by [1, 1, {counts}] : {small} -> {S}
  %d = arith.subf %s, %mb : {S}
  %e = math.exp %d : {S}
  %t = owl.reduce <sum> %e axes = [2] keep_dims : {S} -> {small}
  %tb = owl.repeat %t by [1, 1, {counts}] : {small} -> {S}
  %p = arith.divf %e, %tb : {S}
  %r = linalg.batch_matmul ins(%p, %a2 : {S}, {Q}) outs(%o : {Q}) -> {Q}
  return %r : {Q}""")
            tag = "dynamic" if dynamic else f"{heads}x{rows}x{depth}"
            fn = function(f"attention_{tag}", [Q, Q, Q], [Q], body)
            rng = values.generator("attention", heads, rows)
            q, k, v = (values.plain(rng, f32, (heads, rows, depth)) for _ in range(3))
            x, y, z = (wide(f32, t) for t in (q, k, v))
            scores = x @ y.swapaxes(1, 2)
            p = np.exp(scores - scores.max(axis=2, keepdims=True))
            p /= p.sum(axis=2, keepdims=True)
            # An error of the scores is one of the exponent.
            size = np.abs(scores).max() * np.abs(z).max()
            yield Call(fn, [q, k, v], [expected(f32, p @ z, size, 16)])


def others():
    f32 = elements.f32
    A, v, w = Tensor(f32, (40, 30)), Tensor(f32, (30,)), Tensor(f32, (40,))
    a, b = (values.plain(values.generator("vector", s), f32, s) for s in ((40, 30), (30,)))
    fn = function("matvec", [A, v, w], [w],
                  f"  %r = linalg.matvec ins(%a0, %a1 : {A}, {v}) outs(%a2 : {w}) -> {w}\n"
                  f"  return %r : {w}")
    c = values.plain(values.generator("vector", 0), f32, (40,))
    x, y, z = (wide(f32, t) for t in (a, b, c))
    yield Call(fn, [a, b, c], [expected(f32, z + x @ y, np.abs(z) + np.abs(x) @ np.abs(y))])
    # A tensor that is needed at two places.
    for n, sizes in ((6, (6, 6)), (40, (40, 40))):
        S = Tensor(f32, (n, n))
        body = contraction("%r", S, S, S, ("d0, d2", "d1, d2", "d0, d1"),
                           ["parallel", "parallel", "reduction"], "%a0, %a0", "%a1")
        fn = function(f"gram_{n}", [S, S], [S], body + f"\n  return %r : {S}")
        a, c = (values.plain(values.generator("gram", i), f32, (n, n)) for i in range(2))
        x, z = wide(f32, a), wide(f32, c)
        # Not raised: it accumulates in f32, in order.
        yield Call(fn, [a, c], [expected(f32, z + x @ x.T,
                                         np.abs(z) + np.abs(x) @ np.abs(x.T), 4 + n)])
    # A convolution by one point.
    X, W, B = Tensor(f32, (2, 5, 6, 7)), Tensor(f32, (9, 1, 1, 7)), Tensor(f32, (9,))
    Y, Z = Tensor(f32, (2, 5, 6, 9)), Tensor(f32, (1,))
    fn = function(
        "pointwise", [X, W, B], [Y],
        f"""  %z = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> {Z}
  %r = tosa.conv2d %a0, %a1, %a2, %z, %z {{acc_type = f32, dilation = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}} :
    ({X}, {W}, {B}, {Z}, {Z}) -> {Y}
  return %r : {Y}""")
    a, b, c = (values.plain(values.generator("point", s), f32, s)
               for s in ((2, 5, 6, 7), (9, 1, 1, 7), (9,)))
    x, y, z = (wide(f32, t) for t in (a, b, c))
    exact = np.einsum("nhwc,fxyc->nhwf", x, y) + z
    size = np.einsum("nhwc,fxyc->nhwf", np.abs(x), np.abs(y)) + np.abs(z)
    yield Call(fn, [a, b, c], [expected(f32, exact, size)])


def everything():
    for element in (elements.f32, elements.f64, elements.f16, elements.bf16,
                    elements.i32, elements.i8, elements.i64):
        yield from products(element)
    yield from products(elements.i8, elements.i32)
    yield from products(elements.f16, elements.f32)
    yield from layers()
    yield from attention()
    yield from others()


if __name__ == "__main__":
    driver.main(list(everything()))
