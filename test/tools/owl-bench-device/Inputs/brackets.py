# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whether the figures of a measured device, a file of JSON, are possible: no bounds on
what they are, but on what they are of one another."""

import json
import sys

with open(sys.argv[1]) as file:
    device = json.load(file)
assert device["measured"] is True, device
rates = ("bandwidth", "flops", "transcendentals", "launch")
assert all(device[key] > 0 and device[f"{key}_spread"] >= 0 for key in rates), device
# An exponential is several additions, and no processor needs thousands.
assert 1 < device["flops"] / device["transcendentals"] < 1000, device
# An addition moves an element at most that is there; memory is no faster than what
# computes by far, and no slower by far.
assert 1e-3 < device["bandwidth"] / device["flops"] < 100, device
# A loop nest is more than an addition, and less than a million.
assert 1 < device["launch"] * device["flops"] < 1e6, device
assert 0 < device["cache"] < device["memory"], device
