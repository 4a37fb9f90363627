# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# RUN: %python %s %t
"""The processes of an mpirun find what threads find, bit by bit, and one process but for
rounding errors.

    processes.py FOLDER
"""

import itertools
import json
import os
import pathlib
import random
import subprocess
import sys

# Solver -> its options, and how far prices may be from those of one process.
SOLVERS = {
    "interior-point": ([], 1e-9),
    "distributed-newton": ([], 1e-9),
    "subgradient": (["--max-rounds=60"], 1e-9),
    "proportional-response": ([], 1e-9),
}
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "3"]


def draw(rng, devices, categories, timed=False):
    problem = {
        "devices": [{"name": f"d{i}", "weight": rng.uniform(0.5, 2)} for i in range(devices)],
        "categories": [{"name": f"c{k}", "count": rng.randint(1, 30)}
                       for k in range(categories)],
        "gain": [[rng.uniform(0, 1) for _ in range(categories)] for _ in range(devices)],
    }
    if timed:
        problem["time"] = [[rng.uniform(0.1, 1) for _ in range(categories)]
                           for _ in range(devices)]
    return problem


def run(command, stdin=None):
    # Open MPI wants a home, and to bind each process to a core of its own.
    environment = dict(os.environ, HOME=os.environ.get("HOME", "/tmp"),
                       OMPI_MCA_hwloc_base_binding_policy="none",
                       OMPI_MCA_btl_vader_single_copy_mechanism="none")
    return subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=200,
                          env=environment)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(1)
    text = json.dumps(draw(rng, 20, 6))
    paths = {False: folder / "problem.json", True: folder / "timed.json"}
    paths[False].write_text(text)
    paths[True].write_text(json.dumps(draw(rng, 20, 6, timed=True)))
    problems = []

    def check(what, holds, *got):
        if not holds:
            problems.append(" ".join([what, *map(str, got)]))

    for (solver, (options, tolerance)), timed in itertools.product(SOLVERS.items(), paths):
        if timed and solver == "proportional-response":
            continue
        command = ["owl-bargain", str(paths[timed]), "--json", f"--solver={solver}", *options]
        processes, threads, alone = (
            run(MPIRUN + command), run([*command, "--threads=3"]), run(command))
        check(f"{solver}: exit codes", not processes.returncode and not threads.returncode
              and not alone.returncode, processes, threads, alone)
        if problems:
            break
        check(f"{solver}: processes and threads differ:",
              processes.stdout == threads.stdout, processes.stdout, threads.stdout)
        many, one = json.loads(processes.stdout), json.loads(alone.stdout)
        error = max(abs(p - q) / max(abs(q), 1e-3)
                    for p, q in zip(many["prices"], one["prices"]))
        check(f"{solver}: prices differ from those of one process:", error <= tolerance, error)

    # The first process reads for all, and speaks for all.
    read = run([*MPIRUN, "owl-bargain", "-", "--solver=subgradient"], text)
    check("standard input:", read.returncode == 0 and read.stdout.count("status:") == 1,
          read)
    broken = run([*MPIRUN, "owl-bargain", "-"], text.replace('"c0"', '"c1"'))
    check("an error:", broken.returncode == 1 and not broken.stdout
          and broken.stderr.count('two categories are named "c1"') == 1, broken)
    print("\n".join(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
