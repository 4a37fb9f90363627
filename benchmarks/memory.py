# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Peak memory beyond inputs and output: one case in one system in a process of its
own, with the C library's allocator as it is."""

import re
import subprocess
import sys

from cases import CASES, Problem
from peers import SYSTEMS, Unsupported


def resident():
    """What is resident, exactly, and what was at the most, to within the counters
    that each core keeps for itself."""
    with open("/proc/self/smaps_rollup") as file:
        exact = re.search(r"^Rss: +(\d+) kB", file.read(), re.M)
    with open("/proc/self/status") as file:
        status = file.read()
    peak = re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)
    return int(exact[1]) << 10, int(peak[1]) << 10


def extra(case, size, system):
    """The bytes that `system` needs beside the arrays, and those of the arrays."""
    prepare = SYSTEMS[system]
    # A first call somewhere else has what is loaded on demand loaded.
    small = Problem(case, 1 << 14, 0)
    small.allocate()
    prepare(small, 1).call(1)

    problem = Problem(case, size, 0)
    problem.allocate()
    run = prepare(problem, 1)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before, low = resident()
    run.call(1)
    after, high = resident()
    # A function that gives nothing back is known exactly. Of what another gives
    # back, the counters know enough.
    slack = 1 << 20
    grown = max(after - before, high - low if high - low > slack else 0)
    # A workspace is there beforehand, but it is not the caller's.
    return grown + run.workspace, problem.footprint


def measure(case, size, systems):
    """The row of one case, each system in a process of its own."""
    problem = Problem(case, size, 0)
    row = {"case": case.name, "kind": case.kind, "bytes": size,
           "shapes": problem.shapes, "systems": {}}
    for system in systems:
        child = subprocess.run(
            [sys.executable, __file__, case.name, str(size), system],
            capture_output=True, text=True)
        lines = child.stdout.split()
        if child.returncode != 0:
            message = child.stderr.strip().splitlines()[-1:]
            row["systems"][system] = {"error": "".join(message)}
        elif lines:
            row["systems"][system] = {"extra_bytes": int(lines[0])}
            row["array_bytes"] = int(lines[1])
    return row


def main():
    name, size, system = sys.argv[1:]
    case = next(case for case in CASES if case.name == name)
    try:
        print(*extra(case, int(size), system))
    except Unsupported:
        pass


if __name__ == "__main__":
    main()
