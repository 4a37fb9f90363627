# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the cost model predicts for Owl's loops on this machine, beside what they take:
docs/benchmarks.md says how. One thread."""

import argparse
import bisect
import concurrent.futures
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile

import run as benchmarks
import timing
from cases import CASES, Problem
from peers import native, owl
from report import size, title

BENCH_DEVICE, OPT = (str(owl.TOOLS / name) for name in ("owl-bench-device", "owl-opt"))
SIZES = ("16K", "256K", "4M", "64M")
ROUNDS = 9
# The figures of a device that a machine's name may have.
FIGURES = ("bandwidth", "flops", "transcendentals", "launch", "cache", "memory")
# Between two modules in a file.
SPLIT = "// -----\n"
NEST = re.compile(r":(\d+):\d+: remark: \[Passed\] nest .*\bSeconds=([-+.e\d]+)")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--cases", metavar="REGEX", default="", help="those whose names match")
    add("--sizes", type=benchmarks.listed(benchmarks.parse_size),
        default=[*map(benchmarks.parse_size, SIZES)],
        help=f"bytes of the largest array, by default {','.join(SIZES)}")
    add("--last", type=benchmarks.listed(int), default=[0],
        help="last axes, by default 0: a power of two that suits the size")
    add("--rounds", type=int, default=ROUNDS, help=f"samples, by default {ROUNDS}")
    add("--machine", help="a machine as owl-opt takes it, by default this one, measured")
    add("--json", metavar="FILE", help="write the rows")
    add("--quick", action="store_true", help="two small cases, to see that it works")
    options = parser.parse_args()
    if options.quick:
        options.cases = options.cases or "^(copy|softmax)$"
        options.sizes, options.rounds = [1 << 14], 3
    return options


def measured_machine(quick):
    """This machine as owl-opt takes it."""
    seconds = ["--seconds=1"] if quick else []
    device = json.loads(native.run([BENCH_DEVICE, "--json", *seconds]))
    return ":".join([device["target"], *(f"{key}={device[key]}" for key in FIGURES)])


def predict(problems, machine):
    """The seconds of each problem: the sum over its loop nests. None where none of its
    loops are Owl's own."""
    texts = [problem.mlir for problem in problems]
    starts, line = [], 1
    for text in texts:
        starts.append(line)
        line += text.count("\n") + 1
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "f.mlir")
        path.write_text(SPLIT.join(texts))
        remarks = native.run(
            [OPT, str(path), "--split-input-file", f"--owl-to-affine=machine={machine}",
             "--remarks-filter=owl-cost", "-o", os.devnull], stderr=True)
    seconds = [None] * len(problems)
    for found in NEST.finditer(remarks):
        i = bisect.bisect(starts, int(found[1])) - 1
        seconds[i] = (seconds[i] or 0) + float(found[2])
    return seconds


def measure(problem, library, rounds):
    """The median of the seconds that a call takes."""
    problem.fill()
    samples = timing.measure({"owl": owl.bind(problem, library)}, rounds, threads=1)
    return statistics.median(samples["owl"])


def ranks(values):
    """The place of each value among all; equal ones share theirs."""
    ordered = sorted(values)
    return [(bisect.bisect_left(ordered, v) + bisect.bisect_right(ordered, v)) / 2
            for v in values]


def rank_correlation(rows):
    """Spearman's."""
    pairs = [ranks([r[key] for r in rows]) for key in ("predicted", "measured")]
    return statistics.correlation(*pairs) if len(rows) > 1 else 1.0


def summary(rows):
    """A line for each size, and one for all."""
    groups = {size(n): [r for r in rows if r["bytes"] == n]
              for n in dict.fromkeys(r["bytes"] for r in rows)}
    for name, group in {**groups, "all": rows}.items():
        errors = [abs(r["predicted"] / r["measured"] - 1) for r in group]
        yield (f"{name}: {len(group)} cases, mean relative error "
               f"{100 * statistics.mean(errors):.0f}%, rank correlation "
               f"{rank_correlation(group):.3f}")


def main():
    options = arguments()
    machine = options.machine or measured_machine(options.quick)
    print(f"machine {machine}")
    problems = [
        Problem(case, n, last) for n in options.sizes for last in options.last
        for case in CASES if re.search(options.cases, case.name) and n <= case.largest]
    predicted = predict(problems, machine)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        libraries = list(pool.map(lambda p: owl.build(p, threads=1), problems))
    # To be moved from one core to another costs what the caches hold.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'':44}{'size':>7}{'measured':>12}{'predicted':>12}{'ratio':>8}")
    rows = []
    for problem, seconds, library in zip(problems, predicted, libraries):
        row = {"case": problem.case.name, "shapes": problem.shapes,
               "bytes": problem.bytes, "last": problem.last, "predicted": seconds}
        start = f"{title(row):44}{size(problem.bytes):>7}"
        if seconds is None:
            print(f"{start}  no loops of Owl's own")
            continue
        row["measured"] = measure(problem, library, options.rounds)
        rows.append(row)
        print(f"{start}{1e6 * row['measured']:9.3g} us{1e6 * seconds:9.3g} us"
              f"{seconds / row['measured']:8.2f}", flush=True)
    print(*summary(rows), sep="\n")
    if options.json:
        pathlib.Path(options.json).write_text(
            json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
