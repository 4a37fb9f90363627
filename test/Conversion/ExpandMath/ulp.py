# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures the error of every expanded function and holds it to docs/math.md.

A module with one loop for each function and format goes through owl-opt, LLVM
and clang into a shared library, once for each kind of target. Its results are
compared with the C library's in long double. f16 and bf16 functions of one
argument see all 65536; the others a sample of all bit patterns, of ordinary
numbers, and of every special value with every other. Vectors of eight must agree
with scalars bit for bit.

    ulp.py [--exhaustive] [--only=NAME] [--verbose]
"""
# RUN: %python %s

import argparse
import ctypes
import itertools
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FORMATS = ["f16", "bf16", "f32", "f64"]
INTEGERS = ["i8", "i16", "i32", "i64"]
BITS = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
STORE = {16: np.uint16, 32: np.uint32, 64: np.uint64}
CODE = {"f16": 0, "bf16": 1, "f32": 2, "f64": 3, "i8": 4, "i16": 5, "i32": 6,
        "i64": 7, "ui8": 8, "ui16": 9, "ui32": 10, "ui64": 11}
SEED = 20240607

# The kinds of target, by pass options, and by clang's options on x86-64.
VARIANTS = {
    "baseline": ("", ["-march=x86-64"]),
    "v3": ("has-fma=true has-rounding=true has-f16-conversion=true", ["-march=x86-64-v3"]),
}
BINARY = ["powf", "atan2", "copysign", "remf", "maxnumf", "minnumf", "maximumf",
          "minimumf", "addf", "subf", "mulf", "divf"]


def bounds():
    """The table of docs/math.md: function -> (f32, f64)."""
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| ([\d.]+) \| ([\d.]+) \|",
                      (ROOT / "docs/math.md").read_text(), re.M)
    return {name: (dialect, float(single), float(wide)) for dialect, name, single, wide in rows}


def loop(name, operands, result, body, width=1):
    """A function over arrays in C's convention. `operands` lists element types;
    `body` computes %y from %a0, %a1, ..."""
    def shaped(type):
        return f"vector<{width}x{type}>" if width > 1 else type
    pointers = "".join(f"%p{i}: !llvm.ptr, " for i in range(len(operands)))
    loads = "".join(
        f"    %q{i} = llvm.getelementptr %p{i}[%i] : (!llvm.ptr, i64) -> !llvm.ptr, {type}\n"
        f"    %a{i} = llvm.load %q{i} {{alignment = 1}} : !llvm.ptr -> {shaped(type)}\n"
        for i, type in enumerate(operands))
    return f"""
func.func @{name}({pointers}%out: !llvm.ptr, %n: i64) {{
  %zero = arith.constant 0 : i64
  %step = arith.constant {width} : i64
  scf.for %i = %zero to %n step %step : i64 {{
{loads}    {body}
    %to = llvm.getelementptr %out[%i] : (!llvm.ptr, i64) -> !llvm.ptr, {result}
    llvm.store %y, %to {{alignment = 1}} : {shaped(result)}, !llvm.ptr
  }}
  return
}}
"""


def module(table):
    text = []
    for (name, (dialect, *_)), type in itertools.product(table.items(), FORMATS):
        for width, suffix in ((1, ""), (8, "_v")):
            t = f"vector<{width}x{type}>" if width > 1 else type
            if name == "fpowi":
                n = t.replace(type, "i32")
                operands, body = [type, "i32"], f"%y = math.fpowi %a0, %a1 : {t}, {n}"
            elif name == "fma":
                operands, body = [type] * 3, f"%y = math.fma %a0, %a1, %a2 : {t}"
            elif name == "clampf":
                operands, body = [type] * 3, f"%y = math.clampf %a0 to [%a1, %a2] : {t}"
            else:
                operands = [type] * (2 if name in BINARY else 1)
                arguments = ", ".join(f"%a{i}" for i in range(len(operands)))
                body = f"%y = {dialect}.{name} {arguments} : {t}"
            text.append(loop(f"{name}_{type}{suffix}", operands, type, body, width))
    for type in FORMATS:
        text.append(loop(f"nonpositive_exp_{type}", [type], type,
                         f"%y = math.exp %a0 {{owl.nonpositive}} : {type}"))
    for type in ("f32", "f64"):
        vector = f"vector<8x{type}>"
        text.append(loop(f"fraction_{type}", [type, type], type,
                         f"%s = vector.extract %a1[0] : {type} from {vector}\n"
                         f"    %b = vector.broadcast %s : {type} to {vector}\n"
                         f"    %y = arith.divf %a0, %b {{owl.fraction}} : {vector}", 8))
    for source, target in itertools.permutations(FORMATS, 2):
        if BITS[source] != BITS[target]:
            op = "extf" if BITS[source] < BITS[target] else "truncf"
            text.append(loop(f"convert_{source}_{target}", [source], target,
                             f"%y = arith.{op} %a0 : {source} to {target}"))
    for source, target in itertools.product(INTEGERS, FORMATS):
        for op, prefix in (("sitofp", ""), ("uitofp", "u")):
            text.append(loop(f"convert_{prefix}{source}_{target}", [source], target,
                             f"%y = arith.{op} %a0 : {source} to {target}"))
    for type, name in itertools.product(FORMATS, ["isnan", "isinf", "isfinite", "isnormal"]):
        text.append(loop(f"{name}_{type}", [type], "i8",
                         f"%c = math.{name} %a0 : {type}\n    %y = arith.extui %c : i1 to i8"))
    for type in INTEGERS:
        text.append(loop(f"ipowi_{type}", [type, type], type, f"%y = math.ipowi %a0, %a1 : {type}"))
        text.append(loop(f"fptosi_f16_{type}", ["f16"], type, f"%y = arith.fptosi %a0 : f16 to {type}"))
    return "".join(text)


LOWERING = ["--convert-scf-to-cf", "--convert-vector-to-llvm", "--convert-math-to-llvm",
            "--convert-arith-to-llvm", "--convert-func-to-llvm", "--convert-cf-to-llvm",
            "--reconcile-unrealized-casts"]


def llvm_ir(text, options):
    """`text` after the pass with `options`, as LLVM IR."""
    lowered = subprocess.run(["owl-opt", f"--owl-expand-math={options}", *LOWERING],
                             input=text, text=True, check=True, stdout=subprocess.PIPE)
    return subprocess.run(["mlir-translate", "--mlir-to-llvmir"], input=lowered.stdout,
                          text=True, check=True, stdout=subprocess.PIPE).stdout


def build(table, folder):
    """The reference and, by variant, the compiled functions."""
    reference = folder / "reference.so"
    subprocess.run(["clang", "-O2", "-fno-fast-math", "-shared", "-fPIC", "-o", reference,
                    HERE / "Inputs/reference.c", "-lm"], check=True)
    reference = ctypes.CDLL(str(reference))
    reference.measure.restype = ctypes.c_double
    reference.wrongFma.restype = ctypes.c_int64
    text, libraries = module(table), {}
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    for variant, (options, march) in VARIANTS.items():
        if platform.machine() != "x86_64":
            march = []
        elif variant == "v3" and not ("avx2" in flags and "fma" in flags):
            continue
        ir, library = folder / f"{variant}.ll", folder / f"{variant}.so"
        ir.write_text(llvm_ir(text, options))
        # An undefined symbol, a function of the C library say, is an error.
        subprocess.run(["clang", "-x", "ir", "-O1", "-w", "-shared", "-fPIC", "-nostdlib",
                        "-Wl,-z,defs", *march, "-o", library, ir], check=True)
        libraries[variant] = ctypes.CDLL(str(library))
    return reference, libraries


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def specials(type):
    """Bit patterns: zeros, denormals, ones, the largest, infinities, NaN."""
    bits = BITS[type]
    mantissa = {"f16": 10, "bf16": 7, "f32": 23, "f64": 52}[type]
    top = ((1 << (bits - 1 - mantissa)) - 1) << mantissa
    one = (top >> 1) & ~((1 << mantissa) - 1)
    positive = [0, 1, 2, (1 << mantissa) - 1, 1 << mantissa, one - 1, one, one + 1,
                one - (1 << mantissa), one + (1 << mantissa), one + (3 << (mantissa - 1)),
                one + (2 << mantissa) + (1 << (mantissa - 2)), top - 1, top, top + (1 << (mantissa - 1))]
    values = positive + [p | 1 << (bits - 1) for p in positive]
    return np.array(values, dtype=STORE[bits])


def sample(type, count, random, spread=30.0):
    """All kinds of numbers as bit patterns; each f16 or bf16 where `count` is None."""
    bits = BITS[type]
    if count is None:
        return np.arange(65536, dtype=np.uint16)
    patterns = random.integers(0, 1 << bits, count, dtype=STORE[bits], endpoint=False)
    ordinary = random.uniform(-spread, spread, count)
    near = random.normal(0, 1, count)
    numbers = np.concatenate([ordinary, near, 1 + near * 2.0 ** random.integers(-52, 0, count)])
    if type == "f64":
        numbers = numbers.astype(np.float64).view(np.uint64)
    elif type == "f32":
        numbers = numbers.astype(np.float32).view(np.uint32)
    elif type == "f16":
        numbers = numbers.astype(np.float16).view(np.uint16)
    else:
        numbers = (numbers.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return np.concatenate([specials(type), patterns, numbers])


def multiple_of_8(arrays):
    n = len(arrays[0]) // 8 * 8
    return [np.ascontiguousarray(a[:n]) for a in arrays], n


class Checker:
    def __init__(self, arguments):
        self.verbose, self.only, self.failures = arguments.verbose, arguments.only, 0
        self.random = np.random.default_rng(SEED)
        self.table = bounds()
        self.folder = tempfile.TemporaryDirectory()
        self.reference, self.libraries = build(self.table, pathlib.Path(self.folder.name))

    def report(self, good, message):
        if not good:
            self.failures += 1
        if self.verbose or not good:
            print(("ok   " if good else "FAIL ") + message, flush=True)

    def call(self, variant, name, arrays, dtype):
        out = np.zeros(len(arrays[0]), dtype=dtype)
        function = getattr(self.libraries[variant], name)
        function(*map(pointer, arrays), pointer(out), ctypes.c_int64(len(out)))
        return out

    def error(self, name, codes, arrays, code, got, must_round):
        where = ctypes.c_int64(0)
        second = arrays[1] if len(arrays) > 1 else arrays[0]
        worst = self.reference.measure(name.encode(), codes[0], pointer(arrays[0]), codes[-1],
                                       pointer(second), code, pointer(got),
                                       ctypes.c_int64(len(got)), int(must_round), ctypes.byref(where))
        assert worst >= 0, name
        at = ", ".join(f"{int(a[where.value]):#x}" for a in arrays)
        return worst, f"at {at} gave {int(got[where.value]):#x}"

    def arguments(self, name, type):
        """Two or three arrays of bit patterns, or one."""
        count = 30000
        if name not in BINARY + ["fpowi", "fma", "clampf"]:
            return [sample(type, None if BITS[type] == 16 else 4 * count, self.random)]
        special = specials(type)
        left, right = (a.ravel() for a in np.meshgrid(special, special))
        first = np.concatenate([left, sample(type, count, self.random)])
        others = np.concatenate([right, self.random.permutation(first[len(right):])])
        # Exponents that a power of an ordinary base does not overflow for.
        if name == "fpowi":
            exponents = np.where(self.random.random(len(first)) < 0.8,
                                 self.random.integers(-40, 40, len(first)),
                                 self.random.integers(-(2**31), 2**31, len(first)))
            exponents[::7] = self.random.choice([0, 1, -1, 2, 2**31 - 1, -(2**31)], len(exponents[::7]))
            return [first, exponents.astype(np.int32)]
        third = self.random.permutation(first)
        return [first, others, third] if name in ("fma", "clampf") else [first, others]

    def functions(self):
        for (name, (_, single, wide)), type in itertools.product(self.table.items(), FORMATS):
            if self.only and name != self.only:
                continue
            bound = {"f32": single, "f64": wide}.get(type, 0.5 if single == 0.5 else 0.51)
            arrays, _ = multiple_of_8(self.arguments(name, type))
            for variant in self.libraries:
                got = self.call(variant, f"{name}_{type}", arrays, STORE[BITS[type]])
                vector = self.call(variant, f"{name}_{type}_v", arrays, STORE[BITS[type]])
                label = f"{name} {type} {variant}: "
                same = (got == vector) | (self.is_nan(got, type) & self.is_nan(vector, type))
                self.report(same.all(), label + "vectors agree with scalars")
                if name == "fma":
                    self.fma(label, type, variant, arrays, got)
                elif name == "clampf":
                    low = self.call(variant, f"maximumf_{type}", arrays[:2], got.dtype)
                    expected = self.call(variant, f"minimumf_{type}", [low, arrays[2]], got.dtype)
                    self.report(np.array_equal(got, expected), label + "min of max")
                else:
                    codes = [CODE[type], CODE["i32"] if name == "fpowi" else CODE[type]]
                    worst, at = self.error(name, codes, arrays, CODE[type], got, bound == 0.5)
                    self.report(worst <= bound, label + f"{worst:.3f} of {bound} ulp {at}")

    def nonpositive(self):
        """exp gives the same bits where it is told that no argument is above 0."""
        if self.only and self.only != "exp":
            return
        for variant, type in itertools.product(self.libraries, FORMATS):
            bits = sample(type, None if BITS[type] == 16 else 200000, self.random, spread=800.0)
            self.agree(variant, type, bits)

    def agree(self, variant, type, bits):
        sign = bits.dtype.type(1 << (BITS[type] - 1))
        bits = bits[(bits >= sign) | (bits == 0) | self.is_nan(bits, type)]
        expected, got = (self.call(variant, f"{name}_{type}", [bits], bits.dtype)
                         for name in ("exp", "nonpositive_exp"))
        same = (got == expected) | (self.is_nan(got, type) & self.is_nan(expected, type))
        self.report(same.all(), f"exp {type} {variant}: {np.count_nonzero(~same)} of nonpositive "
                                f"arguments differ, {[hex(b) for b in bits[~same][:3]]}")

    def fractions(self):
        """divf gives the same bits where it is told that it divides 0 to 1 by at
        least 1, or neighbours where what a product lacks is no normal number."""
        if self.only and self.only != "divf":
            return
        count = 400000
        for variant, type in itertools.product(self.libraries, ("f32", "f64")):
            store, number = STORE[BITS[type]], {"f32": np.float32, "f64": np.float64}[type]
            sums = np.exp2(self.random.uniform(0, 40, count)).astype(number)
            sums[:count // 4] = (1 + self.random.random(count // 4)).astype(number)
            sums[::1000] = number(np.nan)
            sums = np.repeat(sums[:count // 8], 8)
            anything = self.random.integers(0, number(1).view(store), count, dtype=store,
                                            endpoint=True).view(number)
            near = self.random.random(count).astype(number)
            for numbers in (anything, near, np.concatenate([[0, 1, np.nan, np.nan], near[4:]])):
                numbers = np.ascontiguousarray(numbers[:len(sums)], dtype=number)
                with np.errstate(all="ignore"):
                    expected = numbers / sums
                got = self.call(variant, f"fraction_{type}", [numbers, sums], number)
                least = np.finfo(number).tiny * 2.0 ** (np.finfo(number).nmant + 3)
                apart = np.abs(got.view(store).astype(np.int64) - expected.view(store).astype(np.int64))
                same = (apart <= np.where(expected < least, 1, 0)) | (np.isnan(got) & np.isnan(expected))
                self.report(same.all(), f"fraction {type} {variant}: {np.count_nonzero(~same)} differ, "
                                        f"{numbers[~same][:2]} / {sums[~same][:2]}")

    def is_nan(self, bits, type):
        exponent = {"f16": 0x7C00, "bf16": 0x7F80, "f32": 0x7F800000, "f64": 0x7FF0000000000000}[type]
        return (bits & bits.dtype.type((1 << (BITS[type] - 1)) - 1)) > bits.dtype.type(exponent)

    def fma(self, label, type, variant, arrays, got):
        where = ctypes.c_int64(0)
        bound = 1.0 if type == "f64" and variant == "baseline" else 0.0
        wrong = self.reference.wrongFma(CODE[type], *map(pointer, arrays), pointer(got),
                                        ctypes.c_int64(len(got)), ctypes.c_double(bound),
                                        ctypes.byref(where))
        at = ", ".join(f"{int(a[where.value]):#x}" for a in arrays)
        self.report(wrong == 0, label + f"{wrong} wrongly rounded, at {at} {int(got[where.value]):#x}")

    def conversions(self):
        if self.only and self.only != "convert":
            return
        for source, target in itertools.permutations(FORMATS, 2):
            if BITS[source] == BITS[target]:
                continue
            numbers = sample(source, None if BITS[source] == 16 else 200000, self.random)
            if BITS[target] == 16 and BITS[source] != 16:
                numbers = np.concatenate([numbers, self.ties(source, target)])
            self.conversion(source, target, numbers)
        for source, target in itertools.product(INTEGERS, FORMATS):
            bits = int(source[1:])
            numbers = self.random.integers(0, 2**bits, 100000, dtype=f"uint{bits}", endpoint=False)
            numbers >>= self.random.integers(0, bits, 100000).astype(numbers.dtype)
            # Ties of 8, 11 and 24 bits, one above and one below.
            ties = [(m << s) + d for m in (257, 385, 2049, 3073, 16777217, 25165825)
                    for s in range(64) for d in (-1, 0, 1) if (m << s) + d < 2**bits]
            numbers = np.concatenate([numbers, np.array(ties + [0, 2**bits - 1], dtype=numbers.dtype)])
            self.conversion(source, target, numbers)
            self.conversion("u" + source, target, numbers)

    def ties(self, source, target):
        """Midpoints between neighbours of `target`, and their neighbours."""
        narrow = np.arange(0, 0x8000, dtype=np.uint32)
        if target == "bf16":
            wide = ((narrow[:0x7F80] << 16) + 0x8000).view(np.float32).astype(np.float64)
        else:
            values = narrow[:0x7C01].astype(np.uint16).view(np.float16).astype(np.float64)
            values[-1] = 65536
            wide = (values[:-1] + values[1:]) / 2
        with np.errstate(all="ignore"):
            wide = wide.astype(np.float32 if source == "f32" else np.float64)
        bits = wide.view(STORE[BITS[source]])
        return np.concatenate([bits - bits.dtype.type(1), bits, bits + bits.dtype.type(1)])

    def conversion(self, source, target, numbers):
        numbers = np.ascontiguousarray(numbers)
        for variant in self.libraries:
            got = self.call(variant, f"convert_{source}_{target}", [numbers], STORE[BITS[target]])
            worst, at = self.error("convert", [CODE[source]], [numbers], CODE[target], got, True)
            self.report(worst <= 0.5, f"{source} to {target} {variant}: {worst:.3f} ulp {at}")

    def others(self):
        if self.only:
            return
        tests = {"f16": (0x7C00, 0x400), "bf16": (0x7F80, 0x80), "f32": (0x7F800000, 0x800000),
                 "f64": (0x7FF0000000000000, 1 << 52)}
        for variant, type in itertools.product(self.libraries, FORMATS):
            bits = sample(type, None if BITS[type] == 16 else 10000, self.random)
            size = bits & bits.dtype.type((1 << (BITS[type] - 1)) - 1)
            infinity, least = tests[type]
            expected = {"isnan": size > infinity, "isinf": size == infinity, "isfinite": size < infinity,
                        "isnormal": (size >= least) & (size < infinity)}
            for name, want in expected.items():
                got = self.call(variant, f"{name}_{type}", [bits], np.uint8)
                self.report(np.array_equal(got, want), f"{name} {type} {variant}")
        for variant, type in itertools.product(self.libraries, INTEGERS):
            limits = np.iinfo(type.replace("i", "int"))
            base = self.random.integers(limits.min, limits.max, 5000, dtype=limits.dtype, endpoint=True)
            base[:2500] = self.random.integers(-3, 4, 2500)
            power = self.random.integers(0, 70, 5000).astype(limits.dtype)
            want = np.array([pow(int(b), int(p), 2**64) & (2**limits.bits - 1) for b, p in zip(base, power)], dtype=object)
            got = self.call(variant, f"ipowi_{type}", [base, power], f"uint{limits.bits}")
            self.report(np.array_equal(got.astype(object), want), f"ipowi {type} {variant}")
            base = np.where(base == 0, limits.dtype.type(2), base)
            got = self.call(variant, f"ipowi_{type}", [base, -np.abs(power) - 1], limits.dtype)
            odd = np.where(power % 2 == 0, -1, 1)
            want = np.where(base == 1, 1, np.where(base == -1, odd, 0))
            self.report(np.array_equal(got, want), f"ipowi {type} {variant}, negative exponents")
            halves = np.arange(65536, dtype=np.uint16).view(np.float16)
            halves = halves[np.abs(halves.astype(np.float64)) < float(limits.max)]
            got = self.call(variant, f"fptosi_f16_{type}", [halves], limits.dtype)
            self.report(np.array_equal(got, np.trunc(halves).astype(limits.dtype)), f"fptosi f16 {type} {variant}")

    def exhaustive(self):
        """Every f32 argument of every function of one."""
        for name, (_, bound, _) in self.table.items():
            if name in BINARY + ["fpowi", "fma", "clampf"] or (self.only and name != self.only):
                continue
            for variant in self.libraries:
                worst, place = 0.0, ""
                for block in range(0, 1 << 32, 1 << 24):
                    bits = np.arange(block, block + (1 << 24), dtype=np.uint32)
                    if name == "exp":
                        self.agree(variant, "f32", bits)
                    got = self.call(variant, f"{name}_f32", [bits], np.uint32)
                    error, at = self.error(name, [2], [bits], 2, got, bound == 0.5)
                    if error > worst:
                        worst, place = error, at
                self.report(worst <= bound, f"all of {name} f32 {variant}: {worst:.4f} of {bound} ulp {place}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exhaustive", action="store_true", help="all 2^32 arguments of f32 functions")
    parser.add_argument("--only", help="one function, or `convert`")
    parser.add_argument("--verbose", action="store_true", help="also print what holds")
    arguments = parser.parse_args()
    checker = Checker(arguments)
    if arguments.exhaustive:
        checker.exhaustive()
    else:
        checker.functions()
        checker.nonpositive()
        checker.fractions()
        checker.conversions()
        checker.others()
    return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main())
