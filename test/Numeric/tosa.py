# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit --every 3
# RUN: %python %s --backend unikernel-x86_64 --every 3
# RUN: %python %s --backend unikernel-aarch64 --every 3
#
# What of TOSA takes care: unsigned integers, which most of its ops take to be
# signed, the fixed-point arithmetic of quantized models, and control flow.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

i1, i8, i16, i32 = elements.i1, elements.i8, elements.i16, elements.i32


def const(name, element, *data):
    text = ", ".join(map(str, data))
    t = f"tensor<{len(data)}x{element}>"
    return f'  %{name} = "tosa.const"() <{{values = dense<[{text}]> : {t}}}> : () -> {t}\n'


def case(name, types, result, body, arguments, expected):
    fn = Function(name, types, [result], f"{body}  return %r : {result}")
    return Call(fn, arguments, [Expected(result.element, expected)])


def extremes(element, size):
    """All kinds of integers, the largest and half of it among them."""
    x = values.plain(values.generator("extremes", element.name), element, size)
    x[:4] = element.max, element.max // 2, element.max // 2 + 1, 0
    return x


def casts():
    """From unsigned integers, to whatever is wider, narrower or a float."""
    for source in elements.unsigned:
        x = extremes(source, 40)
        for shape, there in (((40,), "static"), ((None,), "dynamic")):
            for target in elements.floats + [i1] + elements.signed + elements.unsigned:
                types = Tensor(source, shape), Tensor(target, shape)
                y = target.round(x) if target.is_float else x.astype(target.values)
                yield case(f"cast_{source}_{target}_{there}", [types[0]], types[1],
                           f"  %r = tosa.cast %a0 : ({types[0]}) -> {types[1]}\n", [x], y)
    # What the result promises of the size.
    types = Tensor(elements.ui8, (None,)), Tensor(elements.f32, (3,))
    fn = Function("cast_sized", [types[0]], [types[1]],
                  f"  %r = tosa.cast %a0 : ({types[0]}) -> {types[1]}\n  return %r : {types[1]}")
    yield Call(fn, [np.uint8([0, 200, 255])], [Expected(elements.f32, [0, 200, 255])])
    yield Call(fn, [np.uint8([1, 2])], [Expected(elements.f32, None, shape=(3,))], 1)


def unsigned():
    """What does not depend on the sign wraps in the unsigned type."""
    shift = const("s", i8, 0)
    binary = {
        "add": np.add, "sub": np.subtract, "bitwise_and": np.bitwise_and,
        "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor, "equal": np.equal,
        "logical_left_shift": np.left_shift, "logical_right_shift": np.right_shift,
        "mul": np.multiply,
    }
    for element in elements.unsigned[:3]:
        t = Tensor(element, (5, 8))
        x = extremes(element, 40).reshape(5, 8)
        y = x[::-1].copy()
        for op, compute in binary.items():
            z = y % element.bits if "shift" in op else y
            result = Tensor(i1, t.shape) if op == "equal" else t
            operands = "%a0, %a1, %s" if op == "mul" else "%a0, %a1"
            operand_types = f"{t}, {t}, tensor<1xi8>" if op == "mul" else f"{t}, {t}"
            yield case(f"{op}_{element}", [t, t], result,
                       f"{shift}  %r = tosa.{op} {operands} : ({operand_types}) -> {result}\n",
                       [x, z], compute(x, z))
        row = Tensor(element, (1, 8))
        yield case(f"reduce_sum_{element}", [t], row,
                   f"  %r = tosa.reduce_sum %a0 {{axis = 0 : i32}} : ({t}) -> {row}\n",
                   [x], x.sum(axis=0, keepdims=True, dtype=x.dtype))
        yield case(f"bitwise_not_{element}", [t], t,
                   f"  %r = tosa.bitwise_not %a0 : ({t}) -> {t}\n", [x], ~x)
        flipped = Tensor(element, (8, 5))
        yield case(f"transpose_{element}", [t], flipped,
                   "  %r = tosa.transpose %a0 {perms = array<i32: 1, 0>} : "
                   f"({t}) -> {flipped}\n", [x], x.T)
        image, larger = Tensor(element, (1, 5, 4, 2)), Tensor(element, (1, 10, 8, 2))
        shapes = "".join(
            f"  %{name} = tosa.const_shape {{values = dense<{data}> : "
            f"tensor<{len(data)}xindex>}} : () -> !tosa.shape<{len(data)}>\n"
            for name, data in (("scale", [4, 2, 4, 2]), ("offset", [0, 0]),
                               ("border", [2, 2])))
        x = x.reshape(1, 5, 4, 2)
        # Half way between two, the one behind.
        rows, columns = (np.minimum((np.arange(2 * n) + 1) // 2, n - 1) for n in (5, 4))
        yield case(f"resize_{element}", [image], larger, shapes +
                   "  %r = tosa.resize %a0, %scale, %offset, %border {mode = NEAREST_NEIGHBOR}"
                   f" : ({image}, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> {larger}\n",
                   [x], x[:, rows][:, :, columns])


def scaled(value, multiplier, shift, twice=False):
    """TOSA's apply_scale: value * multiplier / 2**shift, rounded half up."""
    value = np.asarray(value).astype(object)
    rounding = np.full(value.shape, 1 << (shift - 1), object)
    if twice and shift > 31:
        rounding += np.where(value >= 0, 1 << 30, -(1 << 30)).astype(object)
    return (value * multiplier + rounding) >> shift


def quantized():
    x = values.generator("rescale").integers(-30000, 30000, (4, 3)).astype(np.int32)
    x[0] = 0, 1, -1
    for mode, twice in (("SINGLE_ROUND", False), ("DOUBLE_ROUND", True)):
        for target, multiplier, shift in ((i8, 1342177280, 39), (i16, 1518500250, 31),
                                          (i32, 1073741824, 30)):
            t, result = Tensor(i32, x.shape), Tensor(target, x.shape)
            zero = 5 if target is i8 else 0
            body = (const("m", i32, multiplier) + const("s", i8, shift)
                    + const("i", i32, 0) + const("o", target, zero)) + f"""\
  %r = tosa.rescale %a0, %m, %s, %i, %o {{scale32 = true, rounding_mode = {mode},
      per_channel = false, input_unsigned = false, output_unsigned = false}}
      : ({t}, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1x{target}>) -> {result}
"""
            y = np.clip(scaled(x, multiplier, shift, twice) + zero, target.min, target.max)
            yield case(f"rescale_{mode}_{target}", [t], result, body, [x],
                       y.astype(target.values))
    t, result = Tensor(i32, x.shape), Tensor(i8, x.shape)
    body = (const("m", i16, 16384, 20000, 32767) + const("s", i8, 20, 24, 22)
            + const("i", i32, 0) + const("o", i8, 0)) + f"""\
  %r = tosa.rescale %a0, %m, %s, %i, %o {{scale32 = false, rounding_mode = SINGLE_ROUND,
      per_channel = true, input_unsigned = false, output_unsigned = false}}
      : ({t}, tensor<3xi16>, tensor<3xi8>, tensor<1xi32>, tensor<1xi8>) -> {result}
"""
    y = np.stack([scaled(x[:, c], m, s) for c, (m, s) in
                  enumerate([(16384, 20), (20000, 24), (32767, 22)])], axis=1)
    yield case("rescale_channels", [t], result, body, [x],
               np.clip(y, -128, 127).astype(np.int8))

    yield case("mul_shift", [t, t], t, const("s", i8, 5) + "  %r = tosa.mul %a0, %a1, %s : "
               f"({t}, {t}, tensor<1xi8>) -> {t}\n", [x, x[::-1].copy()],
               ((x.astype(np.int64) * x[::-1] + 16) >> 5).astype(np.int32))

    p = values.plain(values.generator("pool"), i8, (1, 5, 5, 2))
    t, result = Tensor(i8, p.shape), Tensor(i8, (1, 3, 3, 2))
    body = const("z", i8, 0) + f"""\
  %r = tosa.avg_pool2d %a0, %z, %z {{acc_type = i32, kernel = array<i64: 3, 3>,
      pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 2>}}
      : ({t}, tensor<1xi8>, tensor<1xi8>) -> {result}
"""
    y = np.zeros((1, 3, 3, 2), np.int8)
    for i, j in np.ndindex(3, 3):
        window = p[0, max(2 * i - 1, 0):2 * i + 2, max(2 * j - 1, 0):2 * j + 2]
        count = window.shape[0] * window.shape[1]
        k = (count - 1).bit_length()
        multiplier = (((1 << 30) + 1) << k) // count
        y[0, i, j] = scaled(window.sum(axis=(0, 1), dtype=np.int64), multiplier, 30 + k)
    yield case("avg_pool2d_i8", [t], result, body, [p], y)


def control_flow():
    p = Tensor(i1)
    t = Tensor(elements.f32, (3, 4))
    fn = Function("cond_if", [p, t, t], [t], f"""\
  %r = tosa.cond_if %a0 (%x = %a1, %y = %a2) : tensor<i1> ({t}, {t}) -> {t} {{
  ^bb0(%x: {t}, %y: {t}):
    %s = tosa.add %x, %y : ({t}, {t}) -> {t}
    tosa.yield %s : {t}
  }} else {{
  ^bb0(%x: {t}, %y: {t}):
    tosa.yield %y : {t}
  }}
  return %r : {t}""")
    rng = values.generator("cond_if")
    x, y = (values.plain(rng, elements.f32, (3, 4)) for _ in range(2))
    for chosen, z in ((True, x + y), (False, y)):
        yield Call(fn, [np.bool_(chosen), x, y], [Expected(elements.f32, z)],
                   label=str(chosen))
    # Squares until the largest is at least 100, and counts.
    t, n = Tensor(elements.f32, (5,)), Tensor(i32)
    fn = Function("while_loop", [t, n], [t, n], f"""\
  %limit = "tosa.const"() <{{values = dense<100.0> : tensor<1xf32>}}> : () -> tensor<1xf32>
  %r:2 = tosa.while_loop (%x = %a0, %k = %a1) : ({t}, {n}) -> ({t}, {n}) {{
    %m = tosa.reduce_max %x {{axis = 0 : i32}} : ({t}) -> tensor<1xf32>
    %g = tosa.greater %limit, %m : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xi1>
    %go = tensor.collapse_shape %g [] : tensor<1xi1> into tensor<i1>
    tosa.yield %go : tensor<i1>
  }} do {{
  ^bb0(%x: {t}, %k: {n}):
    %shift = "tosa.const"() <{{values = dense<0> : tensor<1xi8>}}> : () -> tensor<1xi8>
    %s = tosa.mul %x, %x, %shift : ({t}, {t}, tensor<1xi8>) -> {t}
    %one = "tosa.const"() <{{values = dense<1> : {n}}}> : () -> {n}
    %l = tosa.add %k, %one : ({n}, {n}) -> {n}
    tosa.yield %s, %l : {t}, {n}
  }}
  return %r#0, %r#1 : {t}, {n}""")
    for first in (2, 3, 200):
        x, count = np.float32([first, 1, 0, -1, 1.5]), 0
        y = x
        while y.max() < 100:
            y, count = y * y, count + 1
        yield Call(fn, [x, np.int32(0)], [Expected(elements.f32, y),
                                         Expected(i32, np.int32(count))])


if __name__ == "__main__":
    driver.main([*casts(), *unsigned(), *quantized(), *control_flow()])
