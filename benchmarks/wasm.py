# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The cases in WebAssembly: wasm.mjs times them in Node, a process for each."""

import json
import pathlib
import subprocess
import tempfile

import report
import timing
from cases import Problem
from peers import native, owl

SYSTEMS = ("owl", "owl-bindings", "tfjs", "onnxruntime-web")
# Of a module's 4 GB, what one more array of this size leaves enough.
LARGEST = 64 << 20


def measure(case, size, last, systems, rounds):
    """The row of one case."""
    problem = Problem(case, size, last)
    problem.allocate()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            write_job(problem, folder, systems, rounds)
        except (RuntimeError, OSError) as error:
            return report.row(problem, 1, {}, errors={"owl": str(error)})
        node = subprocess.run(
            ["node", "--max-old-space-size=8192", str(native.FOLDER / "wasm.mjs"), name],
            capture_output=True, text=True)
        if node.returncode != 0:
            message = (node.stderr.strip().splitlines() or ["no message"])[-1]
            return report.row(problem, 1, {}, errors={"owl": f"node: {message}"})
        # Libraries may have printed lines of their own before.
        result = json.loads(node.stdout.splitlines()[-1])
    return report.row(problem, 1, result["samples"], errors=result["errors"])


def write_job(problem, folder, systems, rounds):
    (folder / "f.mlir").write_text(problem.mlir)
    native.run([owl.TRANSLATE, str(folder / "f.mlir"), "--target=wasm32",
                "--emit=module", "-o", str(folder / "f.wasm")])
    if "onnxruntime-web" in systems:
        (folder / "f.onnx").write_bytes(problem.onnx)
    inputs = []
    for i, (type_, shape) in enumerate(problem.arguments):
        inputs.append({"file": f"x{i}.bin", "type": type_, "shape": shape})
        problem.inputs[i].tofile(folder / f"x{i}.bin")
    problem.expected.tofile(folder / "y.bin")
    type_, shape = problem.result
    output = {"file": "y.bin", "type": type_, "shape": shape}
    job = {"inputs": inputs, "output": output, "tfjs": problem.case.tfjs,
           "tolerance": problem.tolerance, "rounds": rounds, "systems": systems,
           "sampleSeconds": timing.SAMPLE_SECONDS}
    (folder / "job.json").write_text(json.dumps(job))
