# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend wasm32 --static
# RUN: %python %s --backend jit --every 4 --calls 1
# RUN: %python %s --backend unikernel-x86_64 --every 8
# RUN: %python %s --backend unikernel-aarch64 --every 8
#
# The element-wise ops of arith and math, on tensors of every element type that
# they take. Arithmetic is correctly rounded and integers are exact; functions
# may be off by a few units in the last place.

import itertools
import math

import numpy as np

from owltest import driver, elements, reference, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

SIZES = [0, 1, 17, 1000]
INTEGERS = [elements.i1] + elements.signed

# What a function may be off by, in units in the last place of the type it is
# computed in: the type itself, or f32 for f16 and bf16.
ULPS = 4


def function(name, sources, result, line):
    """One op on 1-D tensors of dynamic size; {t} in `line` is the source type."""
    types = [Tensor(element, (None,)) for element in sources]
    result = Tensor(result, (None,))
    body = f"  %r = {line.format(t=types[0], r=result)}\n  return %r : {result}"
    return Function(name, types, [result], body)


def float_data(rng, element, size, low=-4, high=4):
    """Numbers in a range, a part of them special."""
    x = values.as_values(element, rng.uniform(low, high, size))
    special = values.specials(element)
    picked = rng.random(size) < 0.15
    return np.where(picked, rng.choice(special, size), x)


def integer_data(rng, element, size):
    """Small numbers, any numbers, and the extremes."""
    x = np.where(rng.random(size) < 0.5, values.plain(rng, element, size),
                 values.small(rng, element, size)).astype(element.values)
    ends = np.array([element.min, element.max, 0, 1], element.values)
    return np.where(rng.random(size) < 0.2, rng.choice(ends, size), x)


def native(element, compute, *arguments):
    """`compute` in the element type itself, correctly rounded."""
    y = compute(*arguments)
    return element.round(y) if element.name == "bf16" else y


FLOAT_BINARY = {
    "arith.addf": np.add,
    "arith.subf": np.subtract,
    "arith.mulf": np.multiply,
    "arith.divf": np.divide,
    "arith.remf": np.fmod,
    "arith.maximumf": np.maximum,
    "arith.minimumf": np.minimum,
    "arith.maxnumf": np.fmax,
    "arith.minnumf": np.fmin,
    "math.copysign": np.copysign,
}

FLOAT_UNARY = {
    "arith.negf": np.negative,
    "math.absf": np.abs,
    "math.floor": np.floor,
    "math.ceil": np.ceil,
    "math.trunc": np.trunc,
    "math.roundeven": np.rint,
    "math.round": lambda x: np.copysign(
        np.floor(np.abs(x).astype(Wide) + Wide(0.5)), x).astype(x.dtype),
    "math.sqrt": np.sqrt,
}


def exact_floats():
    for element in elements.floats:
        for op, compute in FLOAT_BINARY.items():
            name = f"{op.replace('.', '_')}_{element}"
            fn = function(name, [element] * 2, element, f"{op} %a0, %a1 : {{t}}")
            rng = values.generator(name)
            for size in SIZES:
                x, y = (float_data(rng, element, size) for _ in range(2))
                z = native(element, compute, x, y)
                yield Call(fn, [x, y], [Expected(element, z)])
        for op, compute in FLOAT_UNARY.items():
            name = f"{op.replace('.', '_')}_{element}"
            fn = function(name, [element], element, f"{op} %a0 : {{t}}")
            rng = values.generator(name)
            for size in SIZES:
                x = float_data(rng, element, size, -40, 40)
                # The halves, where the ways of rounding differ.
                halves = values.as_values(element, np.round(x.astype(np.float32)) + 0.5)
                x = np.where(rng.random(size) < 0.3, halves, x)
                yield Call(fn, [x], [Expected(element, native(element, compute, x),
                                              signed_zero=True)])
        name = f"math_fma_{element}"
        fn = function(name, [element] * 3, element, "math.fma %a0, %a1, %a2 : {t}")
        rng = values.generator(name)
        for size in SIZES:
            x, y, z = (float_data(rng, element, size) for _ in range(3))
            with np.errstate(all="ignore"):
                wide = x.astype(Wide) * y.astype(Wide) + z.astype(Wide)
            # The product of two f64 does not fit, which may move a tie.
            bound = element.ulp(np.where(np.isfinite(wide), wide, 0)) * Wide(0.51)
            yield Call(fn, [x, y, z], [Expected(element, wide, bound)])


def divisions():
    """By constants, of numbers of all sizes and both signs."""
    for element, divisor in itertools.product(
            (elements.f32, elements.f64), (3, 7, -49, 1, 6, 1000, 524287, 0.3)):
        tensor = Tensor(element, (4099,))
        tag = str(divisor).translate(str.maketrans("-.", "m_"))
        body = (f"  %c = arith.constant dense<{float(divisor)}> : {tensor}\n"
                f"  %r = arith.divf %a0, %c : {tensor}\n  return %r : {tensor}")
        fn = Function(f"divf_by_{tag}_{element}", [tensor], [tensor], body)
        rng = values.generator(fn.name)
        bits = rng.bytes(4099 * element.values().itemsize)
        x = np.frombuffer(bits, element.values)
        # Multiples of the least number, of which some quotients are halfway.
        x = np.where(np.arange(4099) % 4 == 0,
                     np.nextafter(element.values(0), element.values(1))
                     * rng.integers(-200, 200, 4099), x).astype(element.values)
        x[:4] = [np.inf, -np.inf, 0.0, -0.0]
        with np.errstate(all="ignore"):
            y = x / element.values(divisor)
        yield Call(fn, [x], [Expected(element, y, signed_zero=True)])


def _wide(compute):
    """A function of doubles, for what NumPy lacks."""
    return np.vectorize(lambda x: Wide(compute(float(x))), otypes=[Wide])


# The function, and the range of arguments where it is interesting.
FUNCTIONS = {
    "exp": (np.exp, -100, 100),
    "exp2": (np.exp2, -140, 140),
    "expm1": (np.expm1, -20, 20),
    "log": (np.log, 0, 100),
    "log2": (np.log2, 0, 100),
    "log10": (np.log10, 0, 100),
    "log1p": (np.log1p, -1, 10),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 0, 100),
    "cbrt": (np.cbrt, -100, 100),
    "sin": (np.sin, -100, 100),
    "cos": (np.cos, -100, 100),
    "tan": (np.tan, -100, 100),
    "asin": (np.arcsin, -1.1, 1.1),
    "acos": (np.arccos, -1.1, 1.1),
    "atan": (np.arctan, -10, 10),
    "sinh": (np.sinh, -20, 20),
    "cosh": (np.cosh, -20, 20),
    "tanh": (np.tanh, -10, 10),
    "asinh": (np.arcsinh, -100, 100),
    "acosh": (np.arccosh, 0.9, 100),
    "atanh": (np.arctanh, -1.1, 1.1),
    "erf": (_wide(math.erf), -4, 4),
    "erfc": (_wide(math.erfc), -4, 10),
}


def approximated(element, value):
    """What a function that is `value` exactly may give."""
    if element.bits == 16:
        value = np.asarray(value, Wide)
        finite = np.where(np.isfinite(value), value, 0)
        return reference.rounded(element, value, elements.f32.ulp(finite) * ULPS)
    return reference.rounded(element, value, ulps=ULPS)


def functions():
    for (op, (compute, low, high)), element in itertools.product(
            FUNCTIONS.items(), elements.floats):
        name = f"math_{op}_{element}"
        fn = function(name, [element], element, f"math.{op} %a0 : {{t}}")
        rng = values.generator(name)
        for size in SIZES:
            x = float_data(rng, element, size, low, high)
            yield Call(fn, [x], [approximated(element, compute(x.astype(Wide)))])
    for op, compute in (("powf", np.power), ("atan2", np.arctan2)):
        for element in elements.floats:
            name = f"math_{op}_{element}"
            fn = function(name, [element] * 2, element, f"math.{op} %a0, %a1 : {{t}}")
            rng = values.generator(name)
            for size in SIZES:
                x = float_data(rng, element, size, -10, 10)
                y = float_data(rng, element, size, -10, 10)
                y = np.where(rng.random(size) < 0.3, np.round(y), y).astype(y.dtype)
                z = compute(x.astype(Wide), y.astype(Wide))
                yield Call(fn, [x, y], [approximated(element, z)])


def unsigned_view(element, x):
    return x.astype(np.uint8) if element.kind == "b" else x.view(f"u{element.bits // 8}")


def on_unsigned(compute):
    def run(element, x, y):
        z = compute(unsigned_view(element, x), unsigned_view(element, y))
        return (z & 1).astype(bool) if element.kind == "b" else z.view(element.values)
    return run


def on_signed(compute):
    """i1 has the values 0 and -1 when it is signed."""
    def run(element, x, y):
        if element.kind == "b":
            x, y = -x.astype(np.int8), -y.astype(np.int8)
            return (compute(x, y) & 1).astype(bool)
        return compute(x, y)
    return run


def truncated_division(x, y):
    q = np.abs(x.astype(object)) // np.abs(y.astype(object))
    return np.where((x < 0) != (y < 0), -q, q).astype(x.dtype)


def truncated_remainder(x, y):
    return (x.astype(object) - truncated_division(x, y).astype(object) * y).astype(x.dtype)


INTEGER_BINARY = {
    "arith.addi": on_unsigned(np.add),
    "arith.subi": on_unsigned(np.subtract),
    "arith.muli": on_unsigned(np.multiply),
    "arith.andi": on_unsigned(np.bitwise_and),
    "arith.ori": on_unsigned(np.bitwise_or),
    "arith.xori": on_unsigned(np.bitwise_xor),
    "arith.maxsi": on_signed(np.maximum),
    "arith.minsi": on_signed(np.minimum),
    "arith.maxui": on_unsigned(np.maximum),
    "arith.minui": on_unsigned(np.minimum),
    "arith.divui": on_unsigned(np.floor_divide),
    "arith.remui": on_unsigned(np.remainder),
    "arith.divsi": on_signed(truncated_division),
    "arith.remsi": on_signed(truncated_remainder),
    "arith.floordivsi": on_signed(np.floor_divide),
    "arith.ceildivsi": on_signed(lambda x, y: (-(-x.astype(object) // y)).astype(x.dtype)),
    "arith.ceildivui": on_unsigned(lambda x, y: x // y + (x % y != 0).astype(x.dtype)),
    "arith.shli": on_unsigned(np.left_shift),
    "arith.shrui": on_unsigned(np.right_shift),
    "arith.shrsi": on_signed(np.right_shift),
}


def integers():
    for element, (op, compute) in itertools.product(INTEGERS, INTEGER_BINARY.items()):
        divides = "div" in op or "rem" in op
        shifts = op.startswith("arith.sh")
        if element.kind == "b" and (divides or shifts):
            continue
        name = f"{op.replace('.', '_')}_{element}"
        fn = function(name, [element] * 2, element, f"{op} %a0, %a1 : {{t}}")
        rng = values.generator(name)
        for size in SIZES:
            x, y = (integer_data(rng, element, size) for _ in range(2))
            if shifts:
                y = rng.integers(0, element.bits, size).astype(element.values)
            if divides:
                # Division by zero and the overflow of min / -1 are undefined.
                y = np.where(y == 0, 3, y).astype(element.values)
                overflows = (x == element.min) & (y == -1)
                y = np.where(overflows, 1, y).astype(element.values)
            yield Call(fn, [x, y], [Expected(element, compute(element, x, y))])
    for element in elements.signed:
        bits = element.bits
        for op, compute in {
            "math.absi": lambda x: np.abs(x),
            "math.ctpop": lambda x: _bits(x, bits, lambda s: s.count("1")),
            "math.ctlz": lambda x: _bits(x, bits, lambda s: (s + "1").index("1")),
            "math.cttz": lambda x: _bits(x, bits, lambda s: (s[::-1] + "1").index("1")),
        }.items():
            name = f"{op.replace('.', '_')}_{element}"
            fn = function(name, [element], element, f"{op} %a0 : {{t}}")
            rng = values.generator(name)
            for size in SIZES:
                x = integer_data(rng, element, size)
                yield Call(fn, [x], [Expected(element, compute(x))])


def _bits(x, bits, count):
    mask = (1 << bits) - 1
    return np.array([count(f"{int(v) & mask:0{bits}b}") for v in x], x.dtype)


CMPF = {
    "oeq": (np.equal, False), "ogt": (np.greater, False), "oge": (np.greater_equal, False),
    "olt": (np.less, False), "ole": (np.less_equal, False),
    "one": (np.not_equal, False), "ueq": (np.equal, True), "ugt": (np.greater, True),
    "uge": (np.greater_equal, True), "ult": (np.less, True),
    "ule": (np.less_equal, True), "une": (np.not_equal, True),
}
CMPI = {"eq": np.equal, "ne": np.not_equal, "gt": np.greater, "ge": np.greater_equal,
        "lt": np.less, "le": np.less_equal}


def comparisons():
    for element in elements.floats:
        for predicate, (compare, if_nan) in CMPF.items():
            name = f"cmpf_{predicate}_{element}"
            fn = function(name, [element] * 2, elements.i1,
                          f"arith.cmpf {predicate}, %a0, %a1 : {{t}}")
            rng = values.generator(name)
            for size in SIZES:
                x, y = (float_data(rng, element, size) for _ in range(2))
                y = np.where(rng.random(size) < 0.3, x, y)
                nan = np.isnan(x) | np.isnan(y)
                yield Call(fn, [x, y], [
                    Expected(elements.i1, np.where(nan, if_nan, compare(x, y)))])
        for predicate, answer in (("ord", False), ("uno", True)):
            fn = function(f"cmpf_{predicate}_{element}", [element] * 2, elements.i1,
                          f"arith.cmpf {predicate}, %a0, %a1 : {{t}}")
            x, y = (float_data(rng, element, 100) for _ in range(2))
            nan = np.isnan(x) | np.isnan(y)
            yield Call(fn, [x, y], [Expected(elements.i1, nan == answer)])
        for op, compute in (("isnan", np.isnan), ("isinf", np.isinf),
                            ("isfinite", np.isfinite)):
            types = Tensor(element, (None,)), Tensor(elements.i1, (None,))
            fn = Function(f"math_{op}_{element}", [types[0]], [types[1]],
                          f"  %r = math.{op} %a0 : {types[0]}\n  return %r : {types[1]}")
            x = float_data(rng, element, 100)
            yield Call(fn, [x], [Expected(elements.i1, compute(x))])
    for element, sign in itertools.product(INTEGERS, "su"):
        for predicate, compare in CMPI.items():
            if sign == "u" and predicate in ("eq", "ne"):
                continue
            full = predicate if predicate in ("eq", "ne") else sign + predicate
            name = f"cmpi_{full}_{element}"
            fn = function(name, [element] * 2, elements.i1,
                          f"arith.cmpi {full}, %a0, %a1 : {{t}}")
            rng = values.generator(name)
            for size in SIZES:
                x, y = (integer_data(rng, element, size) for _ in range(2))
                y = np.where(rng.random(size) < 0.3, x, y)
                left, right = x, y
                if sign == "u":
                    left, right = unsigned_view(element, x), unsigned_view(element, y)
                elif element.kind == "b":
                    left, right = -x.astype(np.int8), -y.astype(np.int8)
                yield Call(fn, [x, y], [Expected(elements.i1, compare(left, right))])


def several_results():
    """Ops with two results: on tensors, in a body, and kept between phases."""
    for element in elements.floats:
        t = Tensor(element, (None,))
        fn = Function(f"sincos_{element}", [t], [t, t],
                      f"  %s, %c = math.sincos %a0 : {t}\n  return %s, %c : {t}, {t}")
        rng = values.generator(fn.name)
        for size in SIZES:
            x = float_data(rng, element, size, -100, 100)
            wide = x.astype(Wide)
            yield Call(fn, [x], [approximated(element, np.sin(wide)),
                                 approximated(element, np.cos(wide))])
    for element, op in itertools.product(
            elements.signed, ("addui_extended", "mulsi_extended", "mului_extended")):
        # WebAssembly has no product of 128 bits.
        if op != "addui_extended" and element.bits == 64:
            continue
        t = Tensor(element, (None,))
        second = Tensor(elements.i1 if op == "addui_extended" else element, (None,))
        types = f"{t}, {second}" if op == "addui_extended" else f"{t}"
        on_tensors = (f"  %r, %s = arith.{op} %a0, %a1 : {types}\n"
                      f"  return %r, %s : {t}, {second}")
        types = types.replace("tensor<?x", "").replace(">", "")
        second_init = "%c" if op == "addui_extended" else "%a0"
        in_body = f"""\
  %c = arith.cmpi eq, %a0, %a0 : {t}
  %r:2 = linalg.generic {{
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
                       affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}}
      ins(%a0, %a1 : {t}, {t}) outs(%a0, {second_init} : {t}, {second}) {{
  ^bb0(%x: {element}, %y: {element}, %o0: {element}, %o1: {second.element}):
    %low, %high = arith.{op} %x, %y : {types}
    linalg.yield %low, %high : {element}, {second.element}
  }} -> ({t}, {second})
  return %r#0, %r#1 : {t}, {second}"""
        for form, body in (("", on_tensors), ("_body", in_body)):
            fn = Function(f"{op}{form}_{element}", [t, t], [t, second], body)
            rng = values.generator(fn.name)
            for size in SIZES:
                x, y = (integer_data(rng, element, size) for _ in range(2))
                a, b = x, y
                if "ui" in op:
                    a, b = unsigned_view(element, x), unsigned_view(element, y)
                a, b = a.astype(object), b.astype(object)
                z = a + b if op == "addui_extended" else a * b
                mask = 2**element.bits - 1
                low, high = (np.array([v & mask for v in part], f"u{element.bits // 8}")
                             for part in (z, z >> element.bits))
                yield Call(fn, [x, y], [
                    Expected(element, low.view(element.values)),
                    Expected(second.element,
                             high.astype(bool) if op == "addui_extended"
                             else high.view(element.values))])
    # Both phases of a row need both.
    t, row = Tensor(elements.f32, (4, 64)), Tensor(elements.f32, (4, 1))
    fn = Function("kept_results", [t], [t, t], f"""\
  %s, %c = math.sincos %a0 : {t}
  %p = arith.mulf %s, %c : {t}
  %m = owl.reduce <max> %p axes = [1] keep_dims : {t} -> {row}
  %mb = owl.repeat %m by [1, 64] : {row} -> {t}
  %r0 = arith.subf %s, %mb : {t}
  %r1 = arith.addf %c, %mb : {t}
  return %r0, %r1 : {t}, {t}""")
    x = values.generator(fn.name).uniform(-4, 4, (4, 64)).astype(np.float32)
    sine, cosine = np.sin(x.astype(Wide)), np.cos(x.astype(Wide))
    most = (sine * cosine).max(axis=1, keepdims=True)
    yield Call(fn, [x], [Expected(elements.f32, value, np.full_like(value, 1e-6))
                         for value in (sine - most, cosine + most)])


def selections():
    for element in elements.floats + INTEGERS:
        types = [Tensor(e, (None,)) for e in (elements.i1, element, element)]
        fn = Function(
            f"select_{element}", types, [types[1]],
            f"  %r = arith.select %a0, %a1, %a2 : {types[0]}, {types[1]}\n"
            f"  return %r : {types[1]}")
        rng = values.generator("select", element.name)
        for size in SIZES:
            c = rng.integers(0, 2, size).astype(bool)
            x, y = (values.plain(rng, element, size) for _ in range(2))
            yield Call(fn, [c, x, y], [Expected(element, np.where(c, x, y))])


def cast_op(source, target):
    """The op from one type to another, or None where they do not differ."""
    if source.is_float and target.is_float:
        if source.bits == target.bits:
            return None
        return "arith.extf" if target.bits > source.bits else "arith.truncf"
    if source.is_float:
        return "arith.fptosi"
    if target.is_float:
        return "arith.uitofp" if source.kind == "b" else "arith.sitofp"
    if source.bits == target.bits:
        return None
    if target.bits > source.bits:
        return "arith.extui" if source.kind == "b" else "arith.extsi"
    return "arith.trunci"


def cast_values(op, source, target, x):
    if target.is_float:
        wide = x.astype(Wide)
        return target.round(wide)
    if op == "arith.trunci" and target.kind == "b":
        return (x & 1).astype(bool)
    return x.astype(target.values)


def with_ties(rng, source, target, x):
    """Replaces half of x by what lies at or next to the middle between two
    numbers of the float type `target`, where to round twice goes wrong."""
    near = target.round(x.astype(Wide))
    middle = near + target.ulp(np.where(np.isfinite(near), near, 0)) / 2
    if source.is_float:
        tie = middle.astype(source.values)
        side = np.nextafter(tie, tie * rng.choice([0, 2], x.size)).astype(tie.dtype)
    else:
        inside = (middle > source.min) & (middle < source.max)
        tie = np.where(inside, middle, x).astype(source.values)
        side = np.where(inside, tie + rng.choice([-1, 1], x.size), x)
    pick = rng.random(x.size)
    x = np.where(pick < 0.2, tie, np.where(pick < 0.5, side, x))
    return values.as_values(source, x)


def casts():
    types = elements.floats + INTEGERS
    for source, target in itertools.product(types, types):
        op = cast_op(source, target)
        if op is None or (source.is_float and target.kind == "b"):
            continue
        name = f"{op.replace('.', '_')}_{source}_{target}"
        fn = function(name, [source], target, f"{op} %a0 : {{t}} to {{r}}")
        rng = values.generator(name)
        for size in SIZES:
            if target.is_float:
                x = (float_data(rng, source, size, -1e5, 1e5) if source.is_float
                     else integer_data(rng, source, size))
                x = with_ties(rng, source, target, x)
            elif not source.is_float:
                x = integer_data(rng, source, size)
            else:
                # Out of range is undefined; so is NaN.
                limit = min(float(source.max), float(target.max)) * 0.99
                x = values.as_values(source, rng.uniform(-limit, limit, size))
                x = np.where(rng.random(size) < 0.5,
                             values.plain(rng, source, size), x).astype(x.dtype)
            yield Call(fn, [x], [Expected(target, cast_values(op, source, target, x))])
    for source, target in itertools.product(INTEGERS[1:], elements.floats):
        name = f"arith_uitofp_{source}_{target}"
        fn = function(name, [source], target, "arith.uitofp %a0 : {t} to {r}")
        rng = values.generator(name)
        x = with_ties(rng, source, target, integer_data(rng, source, 200))
        y = target.round(unsigned_view(source, x))
        yield Call(fn, [x], [Expected(target, y)])
        name = f"arith_fptoui_{target}_{source}"
        fn = function(name, [target], source, "arith.fptoui %a0 : {t} to {r}")
        limit = min(float(target.max), 2.0**source.bits) * 0.99
        x = values.generator(name).uniform(0, limit, 200)
        x = values.as_values(target, x)
        y = x.astype(Wide).astype(np.uint64).astype(f"u{source.bits // 8}")
        yield Call(fn, [x], [Expected(source, y.view(source.values))])
    for source, target in ((elements.f32, elements.i32), (elements.i64, elements.f64),
                           (elements.f16, elements.i16)):
        name = f"bitcast_{source}"
        fn = function(name, [source], target, "arith.bitcast %a0 : {t} to {r}")
        x = values.plain(values.generator(name), source, 100)
        yield Call(fn, [x], [Expected(target, x.view(target.values))])


def ranks_and_scalars():
    """Element-wise ops on every rank, on static shapes, and on bare scalars."""
    element = elements.f32
    for rank in range(9):
        shape = (2, 3, 1, 4, 1, 2, 3, 2)[:rank]
        t = Tensor(element, shape)
        fn = Function(f"add_rank{rank}", [t, t], [t],
                      f"  %r = arith.addf %a0, %a1 : {t}\n  return %r : {t}")
        rng = values.generator(fn.name)
        x, y = (values.plain(rng, element, shape) for _ in range(2))
        yield Call(fn, [x, y], [Expected(element, x + y)])
    t = Tensor(element, scalar=True)
    fn = Function("scalar", [t, t], [t, t], f"""\
  %r = arith.addf %a0, %a1 : {t}
  %s = arith.mulf %r, %a1 : {t}
  return %r, %s : {t}, {t}""")
    x, y = np.float32(1.5), np.float32(-0.25)
    yield Call(fn, [x, y], [Expected(element, x + y), Expected(element, (x + y) * y)])


def all_calls():
    with np.errstate(all="ignore"):
        return [
            *exact_floats(), *divisions(), *functions(), *integers(), *comparisons(),
            *several_results(), *selections(), *casts(), *ranks_and_scalars(),
        ]


if __name__ == "__main__":
    driver.main(all_calls())
