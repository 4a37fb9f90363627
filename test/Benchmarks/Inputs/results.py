# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks which results count as right: those of cases that round nothing are exact."""

import sys

sys.path.insert(0, sys.argv[1])
import cases
from peers import Run

# Off by as much of the largest.
SLIGHTLY, FAR = 1e-4, 1e-2
EXACT = "copy repeat-w tile-nchw upsample-2x max-nh".split()

for name in (*EXACT, "sum-nh", "softmax", "argmax"):
    problem = cases.Problem(next(c for c in cases.CASES if c.name == name), 1 << 14, 0)
    problem.allocate()

    def wrong(off):
        got = problem.expected.copy()
        got.flat[1] += type(got.flat[1])(off * abs(problem.expected).max())
        return problem.error(got)

    assert wrong(0) is None and wrong(FAR), name
    assert bool(wrong(SLIGHTLY)) == (name in EXACT), name
    # What is left from before is no result.
    problem.output[...] = problem.expected
    assert problem.check(Run(lambda count: None, lambda: problem.output)), name
