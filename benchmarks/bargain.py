#!/usr/bin/python3
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long Nash bargaining takes, and how many rounds of exchanging prices."""

import argparse
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = "owl-bargain-benchmark"

# What each case is held to: seconds on two cores, and gigabytes if any.
# name: (solver, devices, categories, density, kinds, gap, seconds, gigabytes)
LARGE = {
    "many devices and categories": ("newton", 10**5, 10**3, 0.2, 0, 1e-6, 60, 4),
    "very many devices": ("newton", 10**6, 100, 1, 0, 1e-3, 60, None),
    "few kinds of very many": ("interior-point", 10**6, 10**3, 1, 100, 1e-7, 5, None),
}
METHODS = ("subgradient", "proportional-response", "newton")
GAPS = (1e-2, 1e-4, 1e-6)


def run(program, *arguments):
    """What the program says it took: a list of dictionaries."""
    lines = subprocess.run([program, *map(str, arguments)], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def large(program, threads, scale):
    rows = []
    for name, (solver, devices, categories, density, kinds, gap, seconds,
               gigabytes) in LARGE.items():
        devices = max(int(devices * scale), 2 * (kinds or 1))
        taken = run(program, solver, devices, categories, density, kinds, gap, threads,
                    10**4)[-1]
        good = taken["gap"] <= gap and taken["seconds"] < seconds and (
            gigabytes is None or taken["megabytes"] < 1000 * gigabytes)
        rows.append({"case": name, "devices": devices, "categories": categories,
                     "asked": gap, "limit_seconds": seconds, "good": good, **taken})
    return rows


def methods(program, scale, rounds):
    """When each method has reached each gap, one participant."""
    rows = []
    for method in METHODS:
        taken = run(program, method, max(int(1000 * scale), 4),
                    max(int(100 * scale), 4), 1, 0, ",".join(map(str, GAPS)), 1, rounds)
        for index, gap in enumerate(GAPS):
            reached = taken[index] if index < len(taken) and (
                taken[index]["gap"] <= gap) else None
            rows.append({"method": method, "asked": gap,
                         "best": taken[-1]["gap"], **(reached or {})})
    return rows


def table(rows):
    lines = ["| case | devices | categories | gap asked | gap | seconds | of | GB |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows["large"]:
        lines.append(
            f"| {row['case']} | {row['devices']:,} | {row['categories']:,} "
            f"| {row['asked']:g} | {row['gap']:.2g} | {row['seconds']:.1f} "
            f"| {row['limit_seconds']} | {row['megabytes'] / 1000:.2f} |")
    lines += ["", "| method | gap | rounds | seconds |", "|---|---|---|---|"]
    for row in rows["methods"]:
        what = f"{row['rounds']:,} | {row['seconds']:.2f}" if "rounds" in row else (
            f"not reached: {row['best']:.2g} | ")
        lines.append(f"| {row['method']} | {row['asked']:g} | {what} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--scale", type=float, default=1,
                        help="a part of the devices, to try it out")
    parser.add_argument("--rounds", type=int, default=20000,
                        help="after which a method gives up")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--json", type=pathlib.Path, help="where to write all of it")
    options = parser.parse_args()
    subprocess.run(["cmake", "--build", options.build, "--target", PROGRAM], check=True,
                   stdout=subprocess.DEVNULL)
    program = os.path.join(options.build, "benchmarks", PROGRAM)
    rows = {"large": large(program, options.threads, options.scale),
            "methods": methods(program, options.scale, options.rounds)}
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))
    for row in rows["large"]:
        if not row["good"]:
            print(f"short: {row['case']}: gap {row['gap']:.2g} in {row['seconds']} s")


if __name__ == "__main__":
    main()
