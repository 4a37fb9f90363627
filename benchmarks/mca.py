# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What llvm-mca says of the loops that Owl and clang make for a Cortex-A72, in cycles
for an element of the largest array: docs/benchmarks.md says how."""

import json
import math
import pathlib
import subprocess
import tempfile

import numpy as np

import assembly
from cases import Problem
from peers import clang, native, owl

CPU = "cortex-a72"
CLANG = ["clang-22", "--target=aarch64-linux-gnu", f"-mcpu={CPU}", "-O3"]
SIZE = 4 << 20
# llvm-mca runs a body that often and twice that often: the difference has nothing
# of the start in it.
ITERATIONS = 100
# What a called function takes cannot be seen. One call for so many elements, the
# logarithm of a row for example, is left out; more are too many.
ELEMENTS_A_CALL = 256

# Calls the function on arrays from standard input; what they and the counters hold
# then goes to standard output.
DRIVER = """
#include <stdio.h>
#include <stdlib.h>
extern unsigned long counters[];
int FUNCTION();
// Only Owl's functions have one.
__attribute__((weak)) size_t owl_f_workspace_size();
int main(void) {
  char *data = aligned_alloc(4096, BYTES);
  if (fread(data, 1, BYTES, stdin) != BYTES)
    return 1;
  size_t workspace = owl_f_workspace_size ? owl_f_workspace_size() : 0;
  FUNCTION(ARRAYS, aligned_alloc(64, (workspace + 63) & -64));
  fwrite(data, 1, BYTES, stdout);
  fwrite(counters, sizeof *counters, BLOCKS, stdout);
  return 0;
}
"""


def compile_owl(problem, folder):
    (folder / "f.mlir").write_text(problem.mlir)
    native.run([owl.TRANSLATE, str(folder / "f.mlir"), "--target=aarch64",
                "--emit=asm", "-o", str(folder / "f.s")])


def compile_c(source, folder):
    (folder / "f.c").write_text(source)
    # A loop that clang makes a call of memcpy or memset would not be seen.
    native.run([*CLANG, "-fno-builtin-memcpy", "-fno-builtin-memset", "-S",
                str(folder / "f.c"), "-o", str(folder / "f.s")])


# System -> what writes its f.s, and the name of the function there.
SYSTEMS = {
    "owl": (compile_owl, "owl_f"),
    "clang": (lambda problem, folder: compile_c(problem.c, folder), "f"),
    "clang-reassociate": (
        lambda problem, folder: compile_c(clang.REASSOCIATE + problem.c, folder), "f"),
}


def measure(case, size, last, names):
    """The row of one case. A ratio is the system's cycles over Owl's."""
    problem = Problem(case, size, last)
    problem.allocate()
    elements = max(map(math.prod, (*problem.shapes, problem.result[1])))
    systems = {}
    for name in names:
        try:
            with tempfile.TemporaryDirectory() as folder:
                loops = measure_loops(problem, elements, name, pathlib.Path(folder))
            total = sum(loop["runs"] * loop["cycles"] for loop in loops)
            systems[name] = {"cycles_per_element": total / elements, "loops": loops}
        except assembly.Unreadable as why:
            systems[name] = {"unknown": str(why)}
        except (RuntimeError, OSError) as error:
            systems[name] = {"error": str(error)}
    own = systems.get("owl", {})
    for system in systems.values():
        if "cycles_per_element" not in system:
            continue
        if "cycles_per_element" in own:
            system["ratio"] = system["cycles_per_element"] / own["cycles_per_element"]
        elif "error" in own:
            system["ratio"] = 0
    return {"case": case.name, "kind": case.kind, "shapes": problem.shapes,
            "bytes": size, "last": last, "elements": elements, "systems": systems}


def measure_loops(problem, elements, name, folder):
    """The bodies of all loops that run."""
    compile_, symbol = SYSTEMS[name]
    compile_(problem, folder)
    text = (folder / "f.s").read_text()
    blocks = assembly.blocks(text, symbol)
    (folder / "f.s").write_text(assembly.counted(text, blocks))
    counts = execute(problem, symbol, len(blocks), folder)
    for block, count in zip(blocks, counts):
        if block.calls and count * ELEMENTS_A_CALL > elements:
            raise assembly.Unreadable(f"calls {', '.join(block.calls)}")
    bodies = assembly.bodies(blocks, counts)
    if not bodies:
        raise assembly.Unreadable("has no loops")
    texts = [[i for block in body for i in block.instructions if not i.startswith("bl")]
             for _, body in bodies]
    return [{"label": " ".join(body[0].labels), "runs": runs, "cycles": cycles,
             "instructions": len(instructions)}
            for (runs, body), instructions, cycles
            in zip(bodies, texts, simulate(texts, folder))]


def execute(problem, symbol, blocks, folder):
    """How often each block of the counted function runs until the result is there,
    which must be right."""
    arrays = [f"data + {x.ctypes.data - problem.block.ctypes.data}"
              for x in (*problem.inputs, problem.output)]
    (folder / "main.c").write_text(DRIVER)
    program = str(folder / "program")
    size = problem.block.nbytes
    native.run([*CLANG, "-w", "-static", f"-DFUNCTION={symbol}", f"-DBYTES={size}",
                f"-DARRAYS={','.join(arrays)}", f"-DBLOCKS={blocks}",
                str(folder / "main.c"), str(folder / "f.s"), "-o", program, "-lm"])
    problem.spoil()
    done = subprocess.run(["qemu-aarch64", program], input=problem.block.tobytes(),
                          capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"qemu-aarch64: exit code {done.returncode}")
    problem.block[...] = np.frombuffer(done.stdout, np.uint8, size)
    if wrong := problem.error(problem.output):
        raise RuntimeError(wrong)
    return np.frombuffer(done.stdout, np.uint64, blocks, size).tolist()


def simulate(texts, folder):
    """The cycles of each body, in a loop of its own that goes on and on."""
    lines = []
    for i, instructions in enumerate(texts):
        lines += [f"// LLVM-MCA-BEGIN {i}", *instructions, "// LLVM-MCA-END"]
    (folder / "bodies.s").write_text("\n".join([*lines, ""]))
    short, long = (
        total_cycles(folder, count) for count in (ITERATIONS, 2 * ITERATIONS))
    # What is empty without its calls is not there.
    return [(long.get(str(i), 0) - short.get(str(i), 0)) / ITERATIONS
            for i in range(len(texts))]


def total_cycles(folder, iterations):
    result = json.loads(native.run(
        ["llvm-mca-22", "-mtriple=aarch64", f"-mcpu={CPU}", f"-iterations={iterations}",
         "-instruction-info=false", "-resource-pressure=false", "-json",
         str(folder / "bodies.s")]))
    return {region["Name"]: region["SummaryView"]["TotalCycles"]
            for region in result["CodeRegions"]}
