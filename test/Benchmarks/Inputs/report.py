# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what report.py makes of times."""

import sys

sys.path.insert(0, sys.argv[1])
import cases
import report

problem = cases.Problem(next(c for c in cases.CASES if c.name == "sum-n"), 4 << 20, 0)
problem.allocate()

# Who copies is compared with who copies.
row = report.row(problem, 1, {
    "owl": [1e-3], "owl-bindings": [4e-3], "tfjs": [3e-3], "onnxruntime-web": [6e-3]})
ratios = {name: system["ratio"] for name, system in row["systems"].items()}
assert ratios == {
    "owl": 1, "owl-bindings": 4, "tfjs": 3, "onnxruntime-web": 1.5}, ratios
