# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles every op of arith and math in every format, on scalars and vectors,
for every kind of target, with LLVM's optimizations, and fails if an object asks
for a symbol."""
# RUN: %python %s

import itertools
import pathlib
import subprocess
import sys
import tempfile

import ulp

HARDWARE = "has-fma=true has-rounding=true has-f16-conversion=true"
TARGETS = {
    "x86-64": ("", ["--target=x86_64-unknown-none-elf", "-march=x86-64"]),
    "x86-64-v3": (HARDWARE, ["--target=x86_64-unknown-linux-gnu", "-march=x86-64-v3"]),
    "aarch64": (HARDWARE, ["--target=aarch64-unknown-linux-gnu", "-mcpu=cortex-a72"]),
    "wasm32": ("has-rounding=true", ["--target=wasm32-unknown-unknown", "-msimd128", "-mbulk-memory"]),
}


def more(table):
    """What ulp.py has no need to run: every conversion on vectors too, ops with
    two results, and on integers."""
    text = []
    for width, suffix in ((1, "_all"), (8, "_all_v")):
        def shaped(type):
            return f"vector<{width}x{type}>" if width > 1 else type
        for type in ulp.FORMATS:
            t = shaped(type)
            text.append(ulp.loop(f"sincos_{type}{suffix}", [type], type,
                                 f"%y, %z = math.sincos %a0 : {t}", width))
            text.append(ulp.loop(f"select_{type}{suffix}", [type] * 2, type,
                                 f"%c = arith.cmpf ult, %a0, %a1 : {t}\n"
                                 f"    %y = arith.select %c, %a1, %a0 : {shaped('i1')}, {t}", width))
            for integer, op in itertools.product(["i1"] + ulp.INTEGERS, ("sitofp", "uitofp")):
                text.append(ulp.loop(f"{op}_{integer}_{type}{suffix}", [integer], type,
                                     f"%y = arith.{op} %a0 : {shaped(integer)} to {t}", width))
            for integer, op in itertools.product(ulp.INTEGERS, ("fptosi", "fptoui")):
                text.append(ulp.loop(f"{op}_{type}_{integer}{suffix}", [type], integer,
                                     f"%y = arith.{op} %a0 : {t} to {shaped(integer)}", width))
        for source, target in itertools.permutations(ulp.FORMATS, 2):
            if ulp.BITS[source] != ulp.BITS[target]:
                op = "extf" if ulp.BITS[source] < ulp.BITS[target] else "truncf"
                text.append(ulp.loop(f"{op}_{source}_{target}{suffix}", [source], target,
                                     f"%y = arith.{op} %a0 : {shaped(source)} to {shaped(target)}", width))
        for type in ulp.INTEGERS:
            for name in ("ctlz", "cttz", "ctpop", "absi"):
                text.append(ulp.loop(f"{name}_{type}{suffix}", [type], type,
                                     f"%y = math.{name} %a0 : {shaped(type)}", width))
            for name in ("divsi", "divui", "remsi", "remui", "muli", "shrsi", "maxsi", "minui"):
                text.append(ulp.loop(f"{name}_{type}{suffix}", [type] * 2, type,
                                     f"%y = arith.{name} %a0, %a1 : {shaped(type)}", width))
    return "".join(text)


def main():
    table = ulp.bounds()
    text, failed = ulp.module(table) + more(table), False
    with tempfile.TemporaryDirectory() as folder:
        for target, (options, flags) in TARGETS.items():
            source, object = pathlib.Path(folder, "all.ll"), pathlib.Path(folder, "all.o")
            source.write_text(ulp.llvm_ir(text, options))
            subprocess.run(["clang", "-x", "ir", "-O3", "-w", "-c", *flags, "-o", object, source], check=True)
            undefined = subprocess.run(["llvm-nm", "--undefined-only", "--format=just-symbols", object],
                                       text=True, check=True, stdout=subprocess.PIPE).stdout.split()
            # The linker's own names for wasm's memory and stack.
            undefined = [name for name in undefined if not name.startswith(("__linear_memory", "__stack_pointer"))]
            print(f"{target}: undefined: {' '.join(undefined) or 'none'}")
            failed |= bool(undefined)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
