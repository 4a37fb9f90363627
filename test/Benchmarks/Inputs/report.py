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


class Limits:
    def seconds(self, read, fill, copy):
        return read


# Where Owl is wrong or fails, no bar is reached, whatever the number of threads.
limit = {f"limit {kind}": [1e-3] for kind in ("read", "fill", "copy")}
good = report.row(
    problem, 1, {"owl": [1e-3], "numpy": [2e-3], **limit}, Limits())
assert not report.failed(good) and not report.shortfalls(good), good
for threads in (1, 2):
    wrong = report.row(
        problem, threads, {"numpy": [2e-3], **limit}, Limits(), {"owl": "off by 3"})
    assert report.failed(wrong) and report.shortfalls(wrong), wrong
    assert "error: sum-n 8x32x64x64, 4 MB: owl: off by 3" in report.summary([wrong])
wrong["threads"] = 1
assert report.bars([good, wrong]) == [
    "reduction of 4 MB and more: 1 of 2 reach 0.85 of the limit, the least has 0.00",
    "against the fastest rival: geometric mean 2.00, slower on 1 of 2"]
assert report.bars([wrong])[1] == "against the fastest rival: slower on 1 of 1"
# A rival's failure is its own.
rival = report.row(problem, 1, {"owl": [1e-3], **limit}, Limits(), {"numpy": "no"})
assert not report.failed(rival) and not report.shortfalls(rival), rival
