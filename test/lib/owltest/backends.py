# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ways of running calls.

`BACKENDS[name](calls, folder)` gives an Outcome for each call. The functions of
the calls are compiled together, as one module; where that fails, in halves,
until it is known which function is to blame.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import struct
import subprocess

import numpy as np

from owltest import npy
from owltest.case import Outcome

HERE = pathlib.Path(__file__).parent


class ToolError(Exception):
    """A tool failed; the text says which and what it printed."""


def run_tool(command, **options):
    """Runs a command; what it writes to stdout."""
    options.setdefault("timeout", 600)
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, stdin=subprocess.DEVNULL,
            **options,
        )
    except FileNotFoundError:
        raise ToolError(f"{command[0]}: not installed") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"{command[0]}: took more than {options['timeout']} s") from None
    if done.returncode:
        text = done.stderr.decode(errors="replace").strip()
        if len(text) > 2000:
            text = text[:2000] + " ..."
        raise ToolError(f"{command[0]} ended with {done.returncode}: {text}")
    return done.stdout


def functions_of(calls):
    """The functions that `calls` call, each once, in order."""
    return list({call.function.name: call.function for call in calls}.values())


# Passes of owl-opt that every module goes through before it is compiled.
passes = []
# Whether the groups of every module are shared among devices at random first.
distribute = False
FLEET = """owl.device @a {target = "x86_64"}
owl.device @b {target = "wasm32"}
owl.device @c {target = "unikernel-aarch64"}
owl.link @a, @b {bandwidth = 1.0e9, latency = 1.0e-6}
owl.link @b, @c {bandwidth = 1.0e9, latency = 1.0e-6}
"""
# Options that every module is compiled with: those for threads.
options = []
# Where not empty, what owl-opt's pipeline lowers modules with, for this machine: it
# takes options that owl-translate chooses by itself.
lowering = []
RUNTIME = HERE.parents[2] / "lib" / "Runtime"


def write_module(functions, path):
    preludes = dict.fromkeys(f.prelude for f in functions)
    bodies = [f.text[len(f.prelude):] for f in functions]
    path.write_text("".join(preludes) + "\n".join(bodies))
    if passes:
        run_tool(["owl-opt", path, *passes, "-o", path])
    if distribute:
        share(path)


def share(path):
    """Makes one module a device of the module, compiles all, and merges them again."""
    path.write_text(FLEET + path.read_text())
    text = run_tool(["owl-opt", path, "--owl-assign-devices"]).decode()
    rng = random.Random(text)
    path.write_text(re.sub("device = @a}", lambda _: f"device = @{rng.choice('abc')}}}", text))
    run_tool(["owl-opt", path, "--owl-partition", "--owl-verify-partition", "-o", path])
    run_tool(["owl-translate", path, "--emit=package", "-o", path.with_suffix(".package")])
    run_tool(["owl-opt", path, "--owl-merge-devices", "-o", path])


def in_halves(run, calls, folder):
    """run(calls, folder); where a tool fails, the same on each half."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return run(calls, folder)
    except ToolError as error:
        functions = functions_of(calls)
        if len(functions) == 1:
            return [Outcome(error=str(error)) for _ in calls]
        tool = str(error)
    outcomes = [None] * len(calls)

    def run_those(names, name):
        part = [i for i, call in enumerate(calls) if call.function.name in names]
        done = in_halves(run, [calls[i] for i in part], folder / name)
        for i, outcome in zip(part, done):
            outcomes[i] = outcome
        return done

    names = [f.name for f in functions]
    if len(names) > 8 and not tool.startswith("owl-translate ended"):
        # What is wrong with the set-up is wrong with each function.
        ends = [run_those([name], "end")[0].error for name in (names[0], names[-1])]
        if all(ends):
            return [outcome or Outcome(error=ends[0]) for outcome in outcomes]
    middle = len(names) // 2
    run_those(names[:middle], "half0")
    run_those(names[middle:], "half1")
    return outcomes


def workers():
    return len(os.sched_getaffinity(0))


# The C program.


def write_adapters(functions, path, prefix="owl_"):
    """harness.h's table for `functions`, calling what the header declares."""
    lines = ['#include "harness.h"', '#include "model.h"']
    rows = []
    for f in functions:
        dims = sum(t.shape.count(None) for t in f.arguments)
        ds = [f"d[{i}]" for i in range(dims)]
        pointers = [
            f"(const {t.element.c_type} *)p[{i}]" for i, t in enumerate(f.arguments)
        ] + [
            f"({t.element.c_type} *)p[{i + len(f.arguments)}]"
            for i, t in enumerate(f.results)
        ]
        symbol = prefix + f.name
        lines += [
            f"static int32_t call_{f.name}(void *const *p, const int64_t *d, "
            f"void *w) {{ return {symbol}({', '.join(pointers + ds + ['w'])}); }}",
            f"static size_t size_{f.name}(const int64_t *d) "
            f"{{ return {symbol}_workspace_size({', '.join(ds)}); }}",
        ]
        shape = "NULL"
        if f.has_out_shape:
            shape = f"shape_{f.name}"
            lines.append(
                f"static void {shape}(int32_t r, const int64_t *d, int64_t *s) "
                f"{{ {symbol}_out_shape({', '.join(['r'] + ds + ['s'])}); }}"
            )
        rows.append(
            f"  {{{len(f.arguments)}, {len(f.results)}, {dims}, call_{f.name}, "
            f"size_{f.name}, {shape}}},"
        )
    lines += ["const HarnessFunction harnessFunctions[] = {", *rows, "};", ""]
    path.write_text("\n".join(lines))


def write_input(calls, functions, path):
    index = {f.name: i for i, f in enumerate(functions)}
    with open(path, "wb") as file:

        def ints(*values):
            file.write(struct.pack(f"<{len(values)}q", *values))

        ints(len(calls))
        for call in calls:
            ints(index[call.function.name], *call.dims)
            for data in call.encoded():
                ints(data.nbytes)
                file.write(data.tobytes())
            for expected in call.expected:
                size = int(np.prod(expected.shape, dtype=np.int64))
                ints(size * np.dtype(expected.element.storage).itemsize)
                ints(len(expected.shape))


def read_output(calls, data):
    """The outcomes in `data`: as many as there are complete ones."""
    outcomes, at = [], 0

    def take(size):
        nonlocal at
        if at + size > len(data):
            raise EOFError
        at += size
        return data[at - size : at]

    try:
        for call in calls:
            status, damage = struct.unpack("<2q", take(16))
            outcome = Outcome(status=status)
            if damage:
                outcome.error = f"wrote outside its results (buffers {damage:#b})"
            shapes = []
            for expected in call.expected:
                if call.function.has_out_shape:
                    rank = len(expected.shape)
                    shapes.append(struct.unpack(f"<{rank}q", take(8 * rank)))
                size = int(np.prod(expected.shape, dtype=np.int64))
                outcome.results.append(
                    take(size * np.dtype(expected.element.storage).itemsize)
                )
            outcome.shapes = shapes or None
            outcomes.append(outcome)
    except EOFError:
        pass
    return outcomes


def compile_lowered(model):
    """The object of a module beside it, for this machine, as `lowering` asks."""
    dialect, text = model.with_suffix(".llvm.mlir"), model.with_suffix(".ll")
    # Its options for threads have the same names.
    given = " ".join([*lowering, *(option.lstrip("-") for option in options)])
    run_tool(["owl-opt", model, f"--owl-to-llvm={given}", "-o", dialect])
    run_tool(["mlir-translate-22", "--mlir-to-llvmir", dialect, "-o", text])
    run_tool(["clang-22", "-O2", "-march=native", "-Wno-override-module", "-c", text,
              "-o", model.with_suffix(".o")])


def run_program(target, compiler, emulator):
    """A back end: the C program, statically linked, under `emulator`."""

    def run(calls, folder):
        functions = functions_of(calls)
        write_module(functions, folder / "model.mlir")
        write_adapters(functions, folder / "adapters.c")
        write_input(calls, functions, folder / "in.bin")
        model = folder / "model.mlir"
        if lowering:
            compile_lowered(model)
        else:
            run_tool(
                ["owl-translate", model, *target, *options, "-o", folder / "model.o"])
        run_tool(["owl-translate", model, "--emit=header", *options,
                  "-o", folder / "model.h"])
        run_tool(
            [*compiler, "-std=c11", "-O1", "-Wall", "-Wextra", "-Wno-unused-parameter",
             "-Werror", "-static",
             f"-I{HERE}", f"-I{folder}", HERE / "harness.c", folder / "adapters.c",
             *([RUNTIME / "ParallelFor.c", "-pthread"] if options else []),
             folder / "model.o", "-o", folder / "program"]
        )
        outcomes = []
        while len(outcomes) < len(calls):
            command = [*emulator, folder / "program", folder / "in.bin",
                       folder / "out.bin", len(outcomes)]
            try:
                run_tool(command)
                crash = None
            except ToolError as error:
                crash = str(error)
            data = (folder / "out.bin").read_bytes()
            outcomes += read_output(calls[len(outcomes) :], data)
            if len(outcomes) < len(calls):
                outcomes.append(Outcome(error=crash or "the program wrote too little"))
        return outcomes

    return lambda calls, folder: in_halves(run, calls, folder)


# The JIT.


def run_jit(calls, folder):
    """owl-run, one process for each call."""
    folder.mkdir(parents=True, exist_ok=True)

    def run(numbered):
        number, call = numbered
        model = folder / f"{call.function.name}.mlir"
        inputs, outputs = [], []
        for i, (t, data) in enumerate(zip(call.function.arguments, call.encoded())):
            inputs.append(folder / f"{number}-in{i}.npy")
            npy.write(inputs[-1], t.element, data.reshape(np.shape(call.arguments[i])))
        for i, _ in enumerate(call.expected):
            outputs.append(folder / f"{number}-out{i}.npy")
        command = ["owl-run", model, f"--entry={call.function.name}", *options]
        command += [f"--input={path}" for path in inputs]
        command += [f"--output={path}" for path in outputs]
        try:
            run_tool(command)
            read = [npy.read(p, e.element) for p, e in zip(outputs, call.expected)]
        except (ToolError, OSError, ValueError) as error:
            return npy.failure(str(error))
        finally:
            for path in inputs + outputs:
                path.unlink(missing_ok=True)
        return Outcome(
            results=[data for data, _ in read], shapes=[shape for _, shape in read]
        )

    for function in functions_of(calls):
        write_module([function], folder / f"{function.name}.mlir")
    with concurrent.futures.ThreadPoolExecutor(workers()) as pool:
        return list(pool.map(run, enumerate(calls)))


# WebAssembly.


def _run_wasm(calls, folder):
    """The module in Node, through the generated NAME.mjs."""
    model = folder / "model.mlir"
    write_module(functions_of(calls), model)
    run_tool(["owl-translate", model, "--target=wasm32", "--emit=module",
              *options, "-o", folder / "model.wasm"])
    listed, blob = [], bytearray()
    for call in calls:
        arguments = []
        for t, array, data in zip(call.function.arguments, call.arguments, call.encoded()):
            arguments.append({
                "type": t.element.name, "shape": list(np.shape(array)),
                "offset": len(blob), "dynamic": None in t.shape,
            })
            blob += data.tobytes()
        listed.append({"name": call.function.name, "arguments": arguments})
    (folder / "calls.json").write_text(json.dumps(listed))
    (folder / "in.bin").write_bytes(blob)
    printed = run_tool(["node", HERE / "run.mjs", folder / "model.mjs",
                        folder / "calls.json", folder / "in.bin", folder / "out.bin"])
    data = (folder / "out.bin").read_bytes()
    outcomes, at = [], 0
    for call, item in zip(calls, json.loads(printed)):
        if "error" in item:
            outcomes.append(npy.failure(item["error"]))
            continue
        results = []
        for size in item["sizes"]:
            results.append(data[at : at + size])
            at += size
        shapes = [e.shape if shape is None else shape
                  for e, shape in zip(call.expected, item["shapes"])]
        outcomes.append(Outcome(results=results, shapes=shapes))
    return outcomes


def run_wasm(calls, folder):
    return in_halves(_run_wasm, calls, folder)


# The unikernels.


def run_unikernel(arch):
    """An image in QEMU, called over its serial port."""

    def run(calls, folder):
        import owl_unikernel

        model, image = folder / "model.mlir", folder / "model.img"
        write_module(functions_of(calls), model)
        run_tool(["owl-translate", model, f"--target=unikernel-{arch}", "--emit=image",
                  "-o", image])
        outcomes, kernel = [], None
        for call in calls:
            try:
                if kernel is None:
                    kernel = owl_unikernel.Unikernel(image, arch)
                arrays = [
                    data.view(npy.dtype(t.element)).reshape(np.shape(array))
                    for t, array, data in zip(
                        call.function.arguments, call.arguments, call.encoded())
                ]
                results = kernel.call(call.function.name, *arrays)
                outcomes.append(Outcome(
                    results=[result.tobytes() for result in results],
                    shapes=[result.shape for result in results]))
            except owl_unikernel.StatusError as error:
                outcomes.append(Outcome(status=error.status))
            except (owl_unikernel.UnikernelError, ValueError) as error:
                outcomes.append(Outcome(error=str(error)))
                if kernel:
                    kernel.kill()
                kernel = None
        if kernel:
            kernel.shutdown()
            kernel.kill()
        return outcomes

    return lambda calls, folder: in_halves(run, calls, folder)


BACKENDS = {
    "jit": run_jit,
    "host": run_program(["--target=host"], ["clang-22"], []),
    "x86_64": run_program(["--target=x86_64"], ["clang-22"], []),
    "aarch64": run_program(
        ["--target=aarch64"],
        ["clang-22", "--target=aarch64-linux-gnu", "-fuse-ld=lld"],
        ["qemu-aarch64"],
    ),
    "wasm32": run_wasm,
    "unikernel-x86_64": run_unikernel("x86_64"),
    "unikernel-aarch64": run_unikernel("aarch64"),
}
