# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long compiling takes: each case, graphs of many ops, and to share these out."""

import pathlib
import statistics
import tempfile
import time

from cases import Problem
from cases.mlir import Builder, tensor
from peers import native, owl

GRAPH_OPS = (1000, 10000)
TIMEOUT_SECONDS = 120
COMPILE = [owl.TRANSLATE, "f.mlir", "--target=host", "-o", "f.o"]
DISTRIBUTE = [str(owl.TOOLS / "owl-opt"), "f.mlir", "--owl-assign-devices",
              "--owl-partition", "--owl-verify-partition", "-o", "split.mlir"]
FLEET = """owl.device @server {target = "x86_64"}
owl.device @pi {target = "aarch64"}
owl.device @browser {target = "wasm32"}
owl.device @kernel {target = "unikernel-x86_64"}
owl.link @server, @pi {bandwidth = 1.0e9, latency = 1.0e-5}
owl.link @server, @browser {bandwidth = 1.0e9, latency = 1.0e-5}
owl.link @server, @kernel {bandwidth = 1.0e10, latency = 1.0e-6}
"""


def milliseconds(text, rounds, command=COMPILE):
    """The median of fresh processes from a file to what `command` makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "f.mlir").write_text(text)
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            native.run(command, TIMEOUT_SECONDS, folder=folder)
            times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def chain(b, x, count):
    """Each op works on the result of the one before."""
    while len(b.lines) < count:
        x = b.op("arith.mulf", x, x)
        x = b.op("arith.addf", x, x)
        x = b.broadcast(b.reduce("max", x, [1]), x)
        x = b.op("math.absf", x)
    return x


def diamonds(b, x, count):
    """What a reduction gives meets again what it was made of, as in a norm."""
    while len(b.lines) < count:
        centred = b.op("arith.subf", x, b.broadcast(b.reduce("mean", x, [1]), x))
        scale = b.op("math.exp", x)
        x = b.op("arith.addf", b.op("arith.mulf", centred, scale), x)
    return x


def turns(b, x, count):
    """Nothing becomes one group: an element is needed at two places at once, and each
    step has a buffer."""
    while len(b.lines) < count:
        element, (rows, columns) = b.types[x]
        flat, turned = (element, (rows * columns,)), (element, (columns, rows))
        empty = b.add(f"tensor.empty() : {tensor(*turned)}", turned)
        transposed = b.add(
            f"linalg.transpose ins({x} : {b.type(x)}) outs({empty} : {b.type(empty)}) "
            "permutation = [1, 0]", turned)
        line = b.add(f"tensor.collapse_shape {x} [[0, 1]] : {b.type(x)} into "
                     f"{tensor(*flat)}", flat)
        folded = b.add(
            f"tensor.expand_shape {line} [[0, 1]] output_shape [{columns}, {rows}] : "
            f"{b.type(line)} into {tensor(*turned)}", turned)
        x = b.op("arith.addf", transposed, folded)
    return x


GRAPHS = {"chain": chain, "diamonds": diamonds, "turns": turns}


def graph(shape, count):
    b = Builder([("f32", (64, 256))], dynamic=False)
    return b.text(GRAPHS[shape](b, b.arguments[0], count))


def rows(cases, rounds):
    """A row for each case and each graph, as JSON has it."""
    models = [(case.name, Problem(case, 64 << 20, 0).mlir, rounds, COMPILE)
              for case in cases]
    for shape in GRAPHS:
        for count in GRAPH_OPS:
            text = graph(shape, count)
            models += [(f"{shape} of {count} ops", text, 1, COMPILE),
                       (f"{shape} of {count} ops, shared out", FLEET + text, 1, DISTRIBUTE)]
    for name, text, repeats, command in models:
        row = {"case": name, "ops": text.count("\n  %")}
        try:
            row["median_ms"] = milliseconds(text, repeats, command)
        except RuntimeError as error:
            row["error"] = str(error)
        yield row
