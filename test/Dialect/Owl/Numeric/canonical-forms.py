# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
#
# Runs each function of canonical-forms.mlir as it is and after owl-simplify, and
# compares the results with NumPy, which computes what the function says op by
# op. Dynamic dimensions are 1, 0 and more.

import pathlib
import re
import subprocess

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor
from owltest.elements import Wide

FORMS = pathlib.Path(__file__).with_suffix(".mlir")
PASSES = ["--canonicalize", "--owl-simplify", "--cse"]
EMPTY_REDUCTION = 2

FUNCTION = re.compile(r"func\.func @(\w+)\((.*?)\) -> (.*?) \{\n(.*?)\n\}\n", re.S)
TENSOR = re.compile(r"tensor<((?:[0-9?]+x)*)(\w+)>")
REDUCE = re.compile(r"%(\w+) = owl\.reduce <(\w+)> %(\w+) axes = \[(.*?)\]( keep_dims)?")
REPETITION = re.compile(r"%(\w+) = owl\.(repeat|tile) %(\w+) by \[(.*?)\]")
CONSTANT = re.compile(r"%(\w+) = arith\.constant (?:dense<(\S+)>|(\S+)) : (\S+)$")
BINARY = re.compile(r"%(\w+) = arith\.(addf|subf|mulf) %(\w+), %(\w+)")
CAST = re.compile(r"%(\w+) = tensor\.cast %(\w+)")
DIM = re.compile(r"%(\w+) = tensor\.dim %(\w+), %c0")
FOLD = re.compile(r"%(\w+) = owl\.fold %(\w+) init %(\w+) axes = \[1, 2\]")


def parse_type(text):
    dims, element = TENSOR.match(text).groups()
    shape = tuple(None if d == "?" else int(d) for d in dims.split("x")[:-1])
    return Tensor(elements.by_name[element], shape)


def reduce(kind, x, axes, keep):
    """numpy.ufunc.reduce in f64, or in the type of integers."""
    axes = tuple(axes)
    if kind.startswith("arg"):
        kept = [a for a in range(x.ndim) if a not in axes]
        flat = np.transpose(x, kept + sorted(axes))
        flat = flat.reshape([x.shape[a] for a in kept] + [-1])
        y = getattr(np, kind)(flat, axis=-1)
        return np.expand_dims(y, axes) if keep else y
    if kind in ("any", "all"):
        return getattr(np, kind)(x, axis=axes, keepdims=keep)
    wide = x.astype(np.float64) if x.dtype.kind == "f" else x
    same = {"dtype": wide.dtype} if kind in ("sum", "prod") else {}
    if kind == "sumsq":
        y = np.sum(wide * wide, axis=axes, keepdims=keep, dtype=wide.dtype)
    elif kind == "l1":
        y = np.sum(np.abs(wide), axis=axes, keepdims=keep, dtype=wide.dtype)
    elif kind == "l2":
        y = np.sqrt(np.sum(wide * wide, axis=axes, keepdims=keep))
    elif kind == "logsum":
        y = np.log(np.sum(wide, axis=axes, keepdims=keep))
    elif kind == "logsumexp":
        y = np.log(np.sum(np.exp(wide), axis=axes, keepdims=keep))
    else:
        y = getattr(np, kind)(wide, axis=axes, keepdims=keep, **same)
    return np.asarray(y, x.dtype)


def fold(x, acc):
    """What the one fold of the forms computes."""
    result = np.full(x.shape[0], acc)
    for row, elements in enumerate(x.reshape(x.shape[0], -1)):
        for e in elements:
            result[row] = np.float32(e - np.float32(result[row] * np.float32(0.5)))
    return result


def constant(dense, scalar, type_text):
    if scalar is not None:
        return np.float32(scalar) if type_text == "f32" else int(scalar)
    tensor = parse_type(type_text)
    value = np.nan if dense == "0x7FC00000" else float(dense)
    return np.full(tensor.shape, value).astype(tensor.element.values)


def interpret(body, arguments):
    """The results of a function, computed by NumPy."""
    values = {f"a{i}": x for i, x in enumerate(arguments)}

    def count(text):
        return values[text[1:]] if text.startswith("%") else int(text)

    for line in body.splitlines():
        line = line.strip()
        if m := REDUCE.match(line):
            axes = [int(a) for a in m[4].split(",") if a]
            values[m[1]] = reduce(m[2], values[m[3]], axes, bool(m[5]))
        elif m := REPETITION.match(line):
            x, counts = values[m[3]], [count(c) for c in m[4].split(", ")]
            if m[2] == "tile":
                values[m[1]] = np.tile(x, counts)
            else:
                for axis, n in enumerate(counts):
                    x = np.repeat(x, n, axis=axis)
                values[m[1]] = x
        elif m := CONSTANT.match(line):
            values[m[1]] = constant(m[2], m[3], m[4])
        elif m := FOLD.match(line):
            values[m[1]] = fold(values[m[2]], values[m[3]])
        elif m := BINARY.match(line):
            if m[3] in values:
                name = {"addf": "add", "subf": "subtract", "mulf": "multiply"}[m[2]]
                values[m[1]] = getattr(np, name)(values[m[3]], values[m[4]])
        elif m := CAST.match(line):
            values[m[1]] = values[m[2]]
        elif m := DIM.match(line):
            values[m[1]] = values[m[2]].shape[0]
        elif m := re.match(r"return (.*) : ", line):
            return [values[name[1:]] for name in m[1].split(", ")]
        elif not re.match(r"\^bb0|owl\.yield|\} :", line):
            raise ValueError(f"no meaning for: {line}")
    raise ValueError("no return")


def simplified_texts():
    """What the passes make of each function, by name, and the maps they share."""
    done = subprocess.run(["owl-opt", FORMS, *PASSES], check=True, text=True,
                          capture_output=True)
    maps = "".join(re.findall(r"^#map.*\n", done.stdout, re.M))
    found = re.findall(r"^  func\.func @(\w+)(\(.*?^  \}\n)", done.stdout, re.M | re.S)
    return maps, dict(found)


class Simplified(Function):
    """A function whose text the passes wrote."""

    def __init__(self, original, maps, rest):
        super().__init__(f"{original.name}_simplified", original.arguments,
                         original.results, "", maps)
        self.rest = rest

    @property
    def text(self):
        return f"{self.prelude}func.func @{self.name}{self.rest}"


def make_argument(rng, tensor, shape):
    x = values.plain(rng, tensor.element, shape)
    if not tensor.element.is_float:
        return x
    # Positive, so that logarithms have a value, but for a 0.
    x = np.abs(x)
    if x.size > 8:
        x.reshape(-1)[1] = 0
    return x


def expect(tensor, value):
    """Inner results are rounded to the element type: some roundings are free."""
    value = np.asarray(value, tensor.element.values)
    if not tensor.element.is_float or not value.size:
        return Expected(tensor.element, value)
    wide = value.astype(Wide)
    top = np.max(np.where(np.isfinite(wide), np.abs(wide), 0))
    return Expected(tensor.element, wide, 16 * tensor.element.eps * top)


def calls():
    maps, simplified = simplified_texts()
    np.seterr(all="ignore")
    for name, arguments, results, body in FUNCTION.findall(FORMS.read_text()):
        types = [parse_type(m[0]) for m in re.finditer(TENSOR, arguments)]
        results = [parse_type(m[0]) for m in re.finditer(TENSOR, results)]
        original = Function(name, types, results, body)
        functions = [original, Simplified(original, maps, simplified[name])]
        rng = values.generator(name)
        unknown = [Expected(t.element, None, shape=tuple(d or 1 for d in t.shape))
                   for t in results]
        dynamic = sum(t.shape.count(None) for t in types)
        choices = [(1,) * dynamic, (2, 3, 4, 5)[:dynamic], (3, 0, 2, 2)[:dynamic],
                   (17, 64, 2, 3)[:dynamic]]
        for sizes in dict.fromkeys(choices):
            left = list(sizes)
            shapes = [[left.pop(0) if d is None else d for d in t.shape] for t in types]
            inputs = [make_argument(rng, t, s) for t, s in zip(types, shapes)]
            try:
                want = interpret(body, inputs)
            except ValueError as error:
                if not re.search("zero-size|empty", str(error)):
                    raise
                for function in functions:
                    yield Call(function, inputs, unknown, status=EMPTY_REDUCTION)
                continue
            expected = [expect(t, y) for t, y in zip(results, want)]
            for function in functions:
                yield Call(function, inputs, expected)


if __name__ == "__main__":
    driver.main(list(calls()))
