# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What predict.py makes of remarks and of numbers."""

import sys

sys.path.insert(0, sys.argv[1])
import predict
from cases import CASES, Problem

# Spearman's correlation is about the order alone; equal values share a place.
assert predict.ranks([3, 1, 2, 2]) == [3.5, 0.5, 2, 2]


def rows(*pairs):
    return [{"predicted": p, "measured": m, "bytes": 1024} for p, m in pairs]


assert abs(predict.rank_correlation(rows((1, 1), (2, 50), (3, 51))) - 1) < 1e-9
assert abs(predict.rank_correlation(rows((1, 3), (2, 2), (3, 1))) + 1) < 1e-9
assert next(predict.summary(rows((1, 2), (6, 4)))) == (
    "1 KB: 2 cases, mean relative error 50%, rank correlation 1.000")

# Each problem has the seconds of its own nests, in whatever order they come.
cases = {case.name: case for case in CASES}
problems = [Problem(cases[name], size, 0)
            for name in ("softmax", "copy") for size in (1 << 14, 1 << 15)]
machine = "x86_64:bandwidth=1e30:flops=1e30:transcendentals=1:launch=1e-9"
small, large, *copies = predict.predict(problems, machine)
assert abs(small - (1 << 12)) < 1e-6 and abs(large - 2 * small) < 1e-6, (small, large)
assert all(abs(seconds - 1e-9) < 1e-15 for seconds in copies), copies
