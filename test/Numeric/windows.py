# RUN: %python %s --backend host
# RUN: %python %s --backend x86_64
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
# RUN: %python %s --backend unikernel-x86_64 --every 3
# RUN: %python %s --backend unikernel-aarch64 --every 3
#
# Convolutions and pooling: named ops of linalg and tosa in several layouts, with
# strides and dilations, of all element types, on static and on dynamic shapes,
# alone and with what comes after them; and owl.window by itself.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

f32 = elements.f32

# name: the subscripts of input, kernel and result, the windowed ones in capitals;
# that of the kernel's window goes with that of the result.
CONVOLUTIONS = {
    "conv_1d_nwc_wcf": ("nWc", "Wcf", "nWf"),
    "conv_2d_nhwc_hwcf": ("nHWc", "HWcf", "nHWf"),
    "conv_2d_nhwc_fhwc": ("nHWc", "fHWc", "nHWf"),
    "conv_2d_nchw_fchw": ("ncHW", "fcHW", "nfHW"),
    "conv_3d_ndhwc_dhwcf": ("nDHWc", "DHWcf", "nDHWf"),
    "conv_2d_ngchw_fgchw": ("ngcHW", "fgcHW", "ngfHW"),
    "depthwise_conv_2d_nhwc_hwc": ("nHWc", "HWc", "nHWc"),
    "depthwise_conv_2d_nhwc_hwcm": ("nHWc", "HWcm", "nHWcm"),
    "depthwise_conv_2d_nchw_chw": ("ncHW", "cHW", "ncHW"),
    "depthwise_conv_1d_nwc_wc": ("nWc", "Wc", "nWc"),
}
POOLINGS = {
    "pooling_nhwc_sum": ("nHWc", np.add), "pooling_nhwc_max": ("nHWc", np.maximum),
    "pooling_nhwc_min": ("nHWc", np.minimum), "pooling_nchw_max": ("ncHW", np.maximum),
    "pooling_nchw_sum": ("ncHW", np.add), "pooling_nwc_max": ("nWc", np.maximum),
}
# Sizes of everything but windows, the windows' counts and sizes, steps, gaps.
SIZES = [
    dict(n=2, c=5, f=7, g=2, m=3, count=(5, 6, 9), size=(2, 3, 3), step=1, gap=1),
    dict(n=1, c=16, f=32, g=1, m=1, count=(3, 4, 20), size=(3, 3, 3), step=1, gap=1),
    dict(n=1, c=33, f=20, g=3, m=2, count=(2, 3, 5), size=(1, 5, 4), step=2, gap=1),
    dict(n=1, c=3, f=64, g=1, m=4, count=(2, 7, 8), size=(2, 2, 3), step=2, gap=2),
    dict(n=2, c=300, f=1, g=1, m=1, count=(1, 1, 4), size=(1, 3, 1), step=1, gap=3),
]
LETTERS = "DHW"


def windows(x, subscripts, p):
    """x seen through its windows: their dimensions come last, in lower case."""
    shape, strides, inner, inner_strides = [], [], [], []
    for letter, size, stride in zip(subscripts, x.shape, x.strides):
        if letter in LETTERS:
            i = LETTERS.index(letter)
            shape.append(p["count"][i])
            strides.append(stride * p["step"])
            inner.append(p["size"][i])
            inner_strides.append(stride * p["gap"])
        else:
            shape.append(size)
            strides.append(stride)
    return np.lib.stride_tricks.as_strided(x, shape + inner, strides + inner_strides,
                                           writeable=False)


def shape_of(subscripts, p, windowed):
    """Of the input, where `windowed` is "extent"; else counts or sizes."""
    shape = []
    for letter in subscripts:
        if letter not in LETTERS:
            shape.append(p[letter])
            continue
        i = LETTERS.index(letter)
        count, size = p["count"][i], p["size"][i]
        shape.append({"count": count, "size": size,
                      "extent": (count - 1) * p["step"] + (size - 1) * p["gap"] + 1}[windowed])
    return tuple(shape)


def convolve(x, w, subscripts, p):
    """In x's type."""
    source, kernel, result = subscripts
    rename = dict(zip(LETTERS, "xyz"))
    inner = "".join(rename[l] for l in source if l in LETTERS)
    kernel = "".join(rename.get(l, l) for l in kernel)
    return np.einsum(f"{source}{inner},{kernel}->{result}", windows(x, source, p), w)


def attributes(p, rank):
    step, gap = (f"dense<{p[k]}> : vector<{rank}xi64>" for k in ("step", "gap"))
    return f"{{strides = {step}, dilations = {gap}}}"


def tensors(element, shapes, dynamic):
    return [Tensor(element, (None,) * len(s) if dynamic else s) for s in shapes]


def tag(p, dynamic):
    return "dynamic" if dynamic else "static"


def expected(element, exact, magnitude, terms):
    """Sums of products; those that are not reductions are in f32, in order."""
    if not element.is_float:
        return Expected(element, exact.astype(element.values))
    bound = (4 + terms) * element.eps * np.maximum(np.maximum(abs(exact), magnitude), 1)
    return Expected(element, exact, bound)


def wide(element, x):
    return x.astype(Wide if element.is_float else np.int64)


def sizes(element, number):
    """All for f32, and some for each other type."""
    for i, p in enumerate(SIZES):
        if element is f32 or (i + number + len(element.name)) % 4 == 0:
            yield i, p


def convolutions(element):
    """init + conv(x, w)"""
    for number, (name, subscripts) in enumerate(CONVOLUTIONS.items()):
        rank = sum(l in LETTERS for l in subscripts[0])
        for i, p in sizes(element, number):
            for dynamic in (False, True):
                shapes = [shape_of(s, p, kind) for s, kind in
                          zip(subscripts, ("extent", "size", "count"))]
                X, W, Y = tensors(element, shapes, dynamic)
                body = (f"  %r = linalg.{name} {attributes(p, rank)} ins(%a0, %a1 : {X}, {W})"
                        f" outs(%a2 : {Y}) -> {Y}\n  return %r : {Y}")
                fn = Function(f"{name}_{element}_{i}_{tag(p, dynamic)}", [X, W, Y], [Y], body)
                rng = values.generator(name, i)
                x, w, y = (values.plain(rng, element, s) for s in shapes)
                a, b, c = (wide(element, v) for v in (x, w, y))
                exact = c + convolve(a, b, subscripts, p)
                magnitude = abs(c) + convolve(abs(a), abs(b), subscripts, p)
                terms = np.prod(shapes[1])
                yield Call(fn, [x, w, y], [expected(element, exact, magnitude, terms)])


def poolings(element):
    for number, (name, (source, ufunc)) in enumerate(POOLINGS.items()):
        rank = sum(l in LETTERS for l in source)
        letters = "HW"[2 - rank:]
        for i, p in sizes(element, number):
            for dynamic in (False, True):
                shapes = [shape_of(source, p, "extent"), shape_of(letters, p, "size"),
                          shape_of(source, p, "count")]
                X, W, Y = tensors(element, shapes, dynamic)
                # The sizes of a window are often known.
                W = Tensor(element, shapes[1])
                body = (f"  %r = linalg.{name} {attributes(p, rank)} ins(%a0, %a1 : {X}, {W})"
                        f" outs(%a2 : {Y}) -> {Y}\n  return %r : {Y}")
                fn = Function(f"{name}_{element}_{i}_{tag(p, dynamic)}", [X, W, Y], [Y], body)
                rng = values.generator(name, i)
                x, w, y = (values.plain(rng, element, s) for s in shapes)
                a, c = wide(element, x), wide(element, y)
                axes = tuple(range(-rank, 0))
                exact = ufunc(c, ufunc.reduce(windows(a, source, p), axis=axes))
                if ufunc is np.add:
                    size = abs(c) + ufunc.reduce(windows(abs(a), source, p), axis=axes)
                    out = expected(element, exact, size, np.prod(shapes[1]))
                else:
                    out = Expected(element, exact.astype(element.values))
                yield Call(fn, [x, w, y], [out])


def epilogues():
    """relu(conv(x, w) + bias) + y, its means over h and w, and its largest."""
    for i, p in enumerate(SIZES):
        for dynamic in (False, True):
            for name in ("conv_2d_nhwc_hwcf", "depthwise_conv_2d_nhwc_hwc"):
                subscripts = CONVOLUTIONS[name]
                shapes = [shape_of(s, p, kind) for s, kind in
                          zip(subscripts, ("extent", "size", "count"))]
                X, W, Y = tensors(f32, shapes, dynamic)
                B = Tensor(f32, Y.shape[3:])
                M = Tensor(f32, (Y.shape[0], Y.shape[3]))
                V = Tensor(f32, ())
                body = f"""  %zero = arith.constant 0.0 : f32
  %b = linalg.broadcast ins(%a2 : {B}) outs(%a3 : {Y}) dimensions = [0, 1, 2]
  %c = linalg.{name} {attributes(p, 2)} ins(%a0, %a1 : {X}, {W}) outs(%b : {Y}) -> {Y}
  %r = linalg.generic {{indexing_maps = [affine_map<(i, j, k, l) -> (i, j, k, l)>,
      affine_map<(i, j, k, l) -> (i, j, k, l)>, affine_map<(i, j, k, l) -> (i, j, k, l)>],
    iterator_types = ["parallel", "parallel", "parallel", "parallel"]}}
      ins(%c, %a3 : {Y}, {Y}) outs(%a3 : {Y}) {{
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.maximumf %x, %zero : f32
    %t = arith.addf %s, %y : f32
    linalg.yield %t : f32
  }} -> {Y}
  %m = owl.reduce <mean> %r axes = [1, 2] : {Y} -> {M}
  %v = owl.reduce <max> %r axes = [0, 1, 2, 3] : {Y} -> {V}
  return %r, %m, %v : {Y}, {M}, {V}"""
                fn = Function(f"{name}_layer_{i}_{tag(p, dynamic)}", [X, W, B, Y], [Y, M, V],
                              body)
                rng = values.generator(name, i)
                x, w, b, y = (values.plain(rng, f32, s)
                              for s in (shapes[0], shapes[1], shapes[2][3:], shapes[2]))
                a, k, d, c = (wide(f32, v) for v in (x, w, b, y))
                exact = np.maximum(convolve(a, k, subscripts, p) + d, 0) + c
                size = convolve(abs(a), abs(k), subscripts, p) + abs(d) + abs(c)
                terms = np.prod(shapes[1])
                yield Call(fn, [x, w, b, y], [
                    expected(f32, exact, size, terms),
                    expected(f32, exact.mean(axis=(1, 2)), size.mean(axis=(1, 2)), terms),
                    expected(f32, exact.max(), size.max(), terms)])


def padded():
    """tosa: padding, a bias, and pooling of what the convolution gives."""
    X, W, B = Tensor(f32, (1, 8, 10, 3)), Tensor(f32, (8, 3, 3, 3)), Tensor(f32, (8,))
    Y, P, Z = Tensor(f32, (1, 8, 10, 8)), Tensor(f32, (1, 4, 5, 8)), Tensor(f32, (1,))
    fn = Function("tosa_layer", [X, W, B], [P], f"""\
  %z = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> {Z}
  %c = tosa.conv2d %a0, %a1, %a2, %z, %z {{acc_type = f32, dilation = array<i64: 1, 1>,
    pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}} :
    ({X}, {W}, {B}, {Z}, {Z}) -> {Y}
  %r = tosa.clamp %c {{min_val = 0.0 : f32, max_val = 6.0 : f32}} : ({Y}) -> {Y}
  %p = tosa.max_pool2d %r {{kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 2, 2>}} : ({Y}) -> {P}
  return %p : {P}""")
    x, w, b = (values.plain(values.generator("padded", s), f32, s)
               for s in (X.shape, W.shape, B.shape))
    p = dict(n=1, c=3, f=8, count=(0, 8, 10), size=(0, 3, 3), step=1, gap=1)
    pad = lambda v: np.pad(v, ((0, 0), (1, 1), (1, 1), (0, 0)))
    a, k, d = (wide(f32, v) for v in (x, w, b))
    subscripts = CONVOLUTIONS["conv_2d_nhwc_fhwc"]
    exact = np.clip(convolve(pad(a), k, subscripts, p) + d, 0, 6)
    size = convolve(pad(abs(a)), abs(k), subscripts, p) + abs(d)
    pool = lambda v: v.reshape(1, 4, 2, 5, 2, 8).max(axis=(2, 4))
    yield Call(fn, [x, w, b], [expected(f32, pool(exact), pool(size), 27)])


def alone():
    """owl.window as a result, below an element-wise op, and of what is computed."""
    for dynamic in (False, True):
        for element in (f32, elements.i1, elements.i8, elements.bf16):
            x = values.plain(values.generator("alone"), element, (4, 9))
            X, = tensors(element, [x.shape], dynamic)
            R = Tensor(element, (2, 3, 3, 2))
            through = "affine_map<(i, j, a, b) -> (i + a, 2 * j + 3 * b)>"
            window = f"owl.window %a0[2, 3, 3, 2] through {through} : {X} -> {R}"
            fn = Function(f"alone_{element}_{tag(None, dynamic)}", [X], [R],
                          f"  %r = {window}\n  return %r : {R}")
            s, t = x.strides
            y = np.lib.stride_tricks.as_strided(x, R.shape, (s, 2 * t, s, 3 * t)).copy()
            yield Call(fn, [x], [Expected(element, y)])
        x = values.plain(values.generator("computed"), f32, (12,))
        X, N = tensors(f32, [x.shape, (2,)], dynamic)
        R = Tensor(f32, (N.shape[0], 5))
        # The number of windows is that of another tensor.
        fn = Function(f"computed_{tag(None, dynamic)}", [X, N], [R], f"""\
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a1, %c0 : {N}
  %y = arith.mulf %a0, %a0 : {X}
  %w = owl.window %y[{"%n" if dynamic else 2}, 5] through affine_map<(i, j) -> (4 * i + j + 1)> : {X} -> {R}
  %r = arith.negf %w : {R}
  return %r : {R}""")
        square = x * x
        yield Call(fn, [x, np.zeros(2, np.float32)],
                   [Expected(f32, -np.stack([square[1:6], square[5:10]]))])


def short_axes():
    """Few rows along two axes, of which the inner one is in the strip already."""
    for dynamic in (False, True):
        x = values.plain(values.generator("short"), elements.ui32, (4, 5, 2, 3, 3))
        X, Y = tensors(elements.ui32, [x.shape, (4, 2, 3)], dynamic)
        fn = Function(f"short_{tag(None, dynamic)}", [X], [Y],
                      f"  %r = owl.reduce <sum> %a0 axes = [1, 4] : {X} -> {Y}\n"
                      f"  return %r : {Y}")
        yield Call(fn, [x], [Expected(elements.ui32, x.sum(axis=(1, 4), dtype=np.uint32))])


def everything():
    for element in (f32, elements.f64, elements.f16, elements.bf16, elements.i32,
                    elements.i8):
        yield from convolutions(element)
        yield from poolings(element)
    yield from epilogues()
    yield from padded()
    yield from alone()
    yield from short_axes()


if __name__ == "__main__":
    driver.main(list(everything()))
