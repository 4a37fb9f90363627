# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times Owl beside other systems: docs/benchmarks.md says what and how. The exit status
is 1 where Owl gives no result or a wrong one."""

import argparse
import os
import pathlib
import platform
import re
import shlex
import subprocess
import sys

import compiling
import limits
import markdown
import mca
import memory
import report
import timing
import wasm
from cases import CASES, Problem
from peers import SYSTEMS, Unsupported

FOLDER = pathlib.Path(__file__).resolve().parent
SIZES = ("16K", "256K", "4M", "64M", "256M")
LASTS = (0, 1000, 49, 7, 3)
THREADS = (1, 2)
ROUNDS = 15
# The C library gives large blocks back to the system at once, and gets them anew
# page by page. Like this it keeps them, so that no system's temporaries cost it
# page faults, and uses huge pages as NumPy does.
TUNABLES = ":".join((
    "glibc.malloc.hugetlb=1", "glibc.malloc.mmap_max=0",
    "glibc.malloc.trim_threshold=17179869184", "glibc.malloc.top_pad=67108864"))


def parse_size(text):
    match = re.fullmatch(r"(\d+)([KM]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 16K or 4M")
    return int(match[1]) << {"": 0, "K": 10, "M": 20}[match[2]]


def listed(convert):
    return lambda text: [convert(item) for item in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--cases", metavar="REGEX", default="", help="those whose names match")
    add("--sizes", type=listed(parse_size),
        help="bytes of the largest array, such as 16K,4M")
    add("--last", type=listed(int),
        help="last axes; 0 is a power of two that suits the size")
    add("--peers", type=listed(str),
        help=f"of {','.join(SYSTEMS)}; with --wasm of {','.join(wasm.SYSTEMS)}")
    add("--threads", type=listed(int), help=f"by default {THREADS}")
    add("--rounds", type=int, help=f"samples, by default {ROUNDS}")
    add("--dynamic", action="store_true", help="compile Owl's for any size")
    add("--rerun", action="store_true",
        help="time what falls short once more, at the end, before it counts")
    add("--json", metavar="FILE", help="write the rows")
    add("--markdown", metavar="FILE", help="write them as a page")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--wasm", action="store_true",
                       help="in Node, against tfjs and ONNX Runtime")
    modes.add_argument("--memory", action="store_true",
                       help="peak memory instead of time")
    modes.add_argument("--compile", action="store_true",
                       help="the time that compiling takes")
    modes.add_argument("--mca", action="store_true",
                       help="cycles of a Cortex-A72 by llvm-mca")
    add("--quick", action="store_true",
        help="three small cases, to see that everything works")
    options = parser.parse_args()
    options.mode = next(
        (name for name in MODES if getattr(options, name, False)), "times")
    _, systems, taken = MODES[options.mode]
    for name in ("sizes", "last", "peers", "threads", "rounds", "dynamic", "rerun"):
        if getattr(options, name) and name not in taken.split():
            parser.error(f"--{options.mode} does not take --{name}")
    if unknown := set(options.peers or ()) - set(systems):
        parser.error(f"no such peers: {', '.join(sorted(unknown))}")
    options.peers = [name for name in systems if name in (options.peers or systems)]
    if options.quick:
        options.cases = options.cases or "^(copy|sum-nh|softmax)$"
        options.sizes, options.last, options.threads = [1 << 14], [0], [1]
        options.rounds = 3
    if options.mca:
        options.sizes, options.last = options.sizes or [mca.SIZE], options.last or [0]
    options.sizes = options.sizes or [*map(parse_size, SIZES)]
    options.last = options.last or LASTS
    options.threads = options.threads or THREADS
    options.rounds = options.rounds or ROUNDS
    return options


def prepare(problem, peers, threads):
    """The systems that give the right result, and what is wrong with the others."""
    runs, errors = {}, {}
    for name in peers:
        try:
            run = SYSTEMS[name](problem, threads)
            if wrong := problem.check(run):
                errors[name] = wrong
            else:
                runs[name] = run
        except Unsupported:
            pass
        except (RuntimeError, OSError, ImportError, ValueError) as error:
            errors[name] = f"{type(error).__name__}: {error}"
    return runs, errors


def measure(case, size, last, threads, options):
    """The row of one case."""
    problem = Problem(case, size, last, options.dynamic)
    problem.allocate()
    runs, errors = prepare(problem, options.peers, threads)
    limit = limits.Limits(problem, threads)
    samples = timing.measure(
        runs, options.rounds, threads,
        {f"limit {kind}": run for kind, run in limit.runs.items()})
    for name, run in runs.items():
        if wrong := problem.check(run):
            errors[name] = f"after many calls: {wrong}"
            del samples[name]
    return report.row(problem, threads, samples, limit, errors)


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {
        "cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(),
        "system": platform.platform(), "python": platform.python_version(),
    }


def run_times(cases, options):
    return run_rows(
        [(case, size, last, threads)
         for threads in options.threads for case in cases
         for size in options.sizes if size <= case.largest for last in options.last],
        lambda *point: measure(*point, options), options.peers, options.rerun)


def run_wasm(cases, options):
    return run_rows(
        [(case, size, last) for case in cases for size in options.sizes
         if size <= min(wasm.LARGEST, case.largest) for last in options.last],
        lambda *point: wasm.measure(*point, options.peers, options.rounds),
        options.peers, options.rerun)


def run_rows(points, measure_point, names, rerun):
    """Prints a row for each point, and what they say together."""
    print(report.header(names))
    rows = []
    for point in points:
        rows.append(measure_point(*point))
        print(report.line(rows[-1], names), flush=True)
    for i, point in enumerate(points if rerun else []):
        # What was wrong once stays so.
        if report.shortfalls(rows[i]) and not report.failed(rows[i]):
            rows[i] = {**measure_point(*point), "rerun": True}
            print(report.line(rows[i], names) + " again", flush=True)
    print(*report.summary(rows), sep="\n")
    return rows


def run_memory(cases, options):
    return run_values(
        [(case, size) for case in cases for size in options.sizes
         if size <= case.largest],
        lambda *point: memory.measure(*point, options.peers), options.peers,
        "extra_bytes")


def run_mca(cases, options):
    rows = run_values(
        [(case, size, last) for case in cases for size in options.sizes
         if size <= case.largest for last in options.last],
        lambda *point: mca.measure(*point, options.peers), options.peers,
        "cycles_per_element")
    print(*report.cycle_summary(rows), sep="\n")
    return rows


def run_values(points, measure_point, names, key):
    """Prints what is measured at each point instead of times."""
    print(report.value_header(key, names))
    rows = []
    for point in points:
        rows.append(measure_point(*point))
        print(report.value_line(rows[-1], key, names), flush=True)
    return rows


def run_compile(cases, options):
    rows = []
    for row in compiling.rows(cases, options.rounds):
        rows.append(row)
        print(report.compile_line(row), flush=True)
    return rows


# What is measured -> how, in which systems, and the options that say something there.
MODES = {
    "times": (run_times, SYSTEMS, "sizes last peers threads rounds dynamic rerun"),
    "wasm": (run_wasm, wasm.SYSTEMS, "sizes last peers rounds rerun"),
    "memory": (run_memory, SYSTEMS, "sizes peers"),
    "compile": (run_compile, (), "rounds"),
    "mca": (run_mca, mca.SYSTEMS, "sizes last peers"),
}
INSTALLED = {"torch", "onnxruntime", "tfjs", "onnxruntime-web"}


def set_up(options):
    """Installs what is compared with, where it is not there."""
    if INSTALLED & set(options.peers):
        subprocess.run([FOLDER / "setup.sh"], check=True)


def main():
    options = arguments()
    run, *_ = MODES[options.mode]
    if run is run_times and os.environ.get("GLIBC_TUNABLES") != TUNABLES:
        os.environ["GLIBC_TUNABLES"] = TUNABLES
        os.execv(sys.executable, [sys.executable, *sys.argv])
    set_up(options)
    rows = run([case for case in CASES if re.search(options.cases, case.name)], options)
    result = {"command": shlex.join(["benchmarks/run.py", *sys.argv[1:]]),
              "machine": machine(), "rows": rows}
    if options.json:
        report.write(options.json, result)
    if options.markdown:
        markdown.write(options.markdown, result)
    return 1 if any(map(report.failed, rows)) else 0


if __name__ == "__main__":
    sys.exit(main())
