# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# RUN: %python %s
"""Everything that can be wrong with a problem is one line that says where, exit code
1, and nothing on standard output."""

import copy
import json
import subprocess
import sys

GOOD = {
    "devices": [
        {"name": "a", "weight": 1, "disagreement": 0.5, "memory": 50, "count": 1},
        {"name": "b"},
    ],
    "categories": [{"name": "x", "count": 3, "memory": 2}, {"name": "y", "count": 4}],
    "gain": [[1, 2], [2, None]],
    "time": [[1, 1], [1, None]],
    "saved_bytes": [[10, 20], [20, None]],
    "saturation": [[1, 2], [None, None]],
}

DELETE = object()

# A path in the problem, what is put there, and the message.
CASES = [
    ((), [], "expected an object, got an array of 0"),
    ((), 3, "expected an object, got 3"),
    (("devices",), DELETE, "devices: expected an array of objects"),
    (("devices",), {}, "devices: expected an array of objects, got an object"),
    (("devices",), [], "gain: expected an array of 0, a row for each device, got an array of 2"),
    (("devices", 1), "b", 'devices[1]: expected an object, got "b"'),
    (("devices", 1, "name"), DELETE, "devices[1].name: expected a string"),
    (("devices", 1, "name"), 7, "devices[1].name: expected a string, got 7"),
    (("devices", 1, "name"), "", "device 1 (counted from 0) has no name"),
    (("devices", 1, "name"), "a", 'two devices are named "a"'),
    (("devices", 1, "name"), "b\x1b[31m", "device 1 (counted from 0) has a control character in its name"),
    (("categories", 0, "name"), "x\u009b", "category 0 (counted from 0) has a control character in its name"),
    (("devices", 0, "we\x1bght"), 1, "devices[0].we\\1Bght: expected no such key"),
    (("devices", 0, "wieght"), 1, "devices[0].wieght: expected no such key, but one of name, "
                                  "weight, disagreement, memory, count"),
    (("devices", 0, "weight"), "1", 'devices[0].weight: expected a finite number, got "1"'),
    (("devices", 0, "weight"), None, "devices[0].weight: expected a finite number, got null"),
    (("devices", 0, "weight"), -1, 'the weight of device "a" is -1; '
                                   'expected a number from 1e-30 to 1e30'),
    (("devices", 0, "weight"), 1e-300, 'the weight of device "a" is 1e-300; expected'),
    (("devices", 0, "disagreement"), -1e300, 'the disagreement of device "a" is -1e+300; expected '
                                             '0 or a number from 1e-30 to 1e30, or one below 0'),
    (("gain", 0, 0), 1e31, 'the gain of category "x" on device "a" is 1e+31; expected 0 or'),
    (("devices", 0, "weight"), 0, 'the weight of device "a" is 0'),
    (("devices", 0, "memory"), [], "devices[0].memory: expected a finite number, got an array of 0"),
    (("devices", 0, "memory"), -5, 'the memory of device "a" is -5'),
    (("devices", 0, "count"), 1.5, 'the count of device "a" is 1.5; expected a whole number'),
    (("devices", 0, "count"), 0, 'the count of device "a" is 0'),
    (("categories",), DELETE, "categories: expected an array of objects"),
    (("categories", 0, "count"), DELETE, "categories[0].count: expected a finite number"),
    (("categories", 0, "count"), 2.5, 'the count of category "x" is 2.5; expected a whole number'),
    (("categories", 0, "count"), -1, 'the count of category "x" is -1'),
    (("categories", 0, "memory"), -1, 'the memory of category "x" is -1'),
    (("categories", 1, "name"), "x", 'two categories are named "x"'),
    (("gain",), DELETE, "gain: expected an array of 2, a row for each device"),
    (("gain", 1), [1], "gain[1]: expected an array of 2, one for each category, got an array of 1"),
    (("gain", 1), 5, "gain[1]: expected an array of 2, one for each category, got 5"),
    (("gain", 0, 1), "2", 'gain[0][1]: expected a finite number, got "2"'),
    (("gain", 0, 1), True, "gain[0][1]: expected a finite number, got true"),
    (("gain", 0, 1), -2, 'the gain of category "y" on device "a" is -2'),
    (("gain", 0, 1), None, 'no device can run category "y", of which there are 4'),
    (("time",), [], "time: expected an array of 2, a row for each device, got an array of 0"),
    (("time", 0, 0), None, "time[0][0]: expected a finite number, got null"),
    (("time", 0, 0), -1, 'the time of category "x" on device "a" is -1'),
    (("saved_bytes", 0), [], "saved_bytes[0]: expected an array of 2"),
    (("saturation", 0), [], "saturation[0]: expected an array of 2"),
    (("gian",), [], "gian: expected no such key, but one of devices, categories"),
    # A disagreement that no plan reaches.
    (("devices", 0, "disagreement"), 1e3, "no plan gives every device what it has without one"),
]

# What is no JSON, or none of a problem that has a plan.
TEXTS = [
    ("", "no JSON"),
    ("{", "no JSON"),
    (json.dumps(GOOD)[:-1], "no JSON"),
    (json.dumps(GOOD) + "x", "no JSON"),
    (json.dumps(GOOD).replace("0.5", "NaN"), "no JSON"),
    (json.dumps(GOOD).replace("0.5", "1e999"), "devices[0].disagreement: expected a finite number"),
    ("\0" * 20, "no JSON"),
    # A key twice, spelt in two ways, in an object in an array.
    (json.dumps(GOOD).replace('"count": 1', '"count": 1, "c\\u006funt": 2'),
     'line 1, column 88: the object already has "c\\u006funt"; expected each key once'),
    (json.dumps(GOOD)[:-1] + ',\n "gain": []}',
     'line 2, column 2: the object already has "gain"; expected each key once'),
    ("[" * 100000, "nested too deeply"),
    # Something to lose, and nothing to gain.
    ('{"devices": [{"name": "a"}, {"name": "b", "disagreement": 1}], "categories": '
     '[{"name": "x", "count": 5}], "gain": [[1], [0]]}',
     'no plan gives every device what it has without one: device "b" and category "x"'),
    # Something to lose, and nothing to run.
    ('{"devices": [{"name": "a"}, {"name": "b", "disagreement": 1}], "categories": '
     '[{"name": "x", "count": 5}], "gain": [[1], [null]]}',
     'no plan gives every device what it has without one: device "b" binds, which can run nothing'),
    # The same in numbers of any size.
    ('{"devices": [{"name": "a", "count": 1000000000, "disagreement": 4e9}, {"name": "b"}], '
     '"categories": [{"name": "x", "count": 2}], "gain": [[2], [2]]}',
     'no plan gives every device what it has without one: device "a" and category "x" bind'),
]

# Options, and the message, on a good problem.
OPTIONS = [
    (["--slack=-1"], "--slack: expected a number of at least 0"),
    (["--slack=nan"], "--slack: expected a number of at least 0"),
    (["--gap=nan"], "--gap: expected a number of at least 0"),
    (["--threads=0"], "--threads: expected a number from 1 to 1024"),
    (["--max-rounds=0"], "--max-rounds: expected a number of at least 1"),
    (["--json", "--trace=-"], "only one of --json and --trace can go to standard output"),
    (["--trace=/nowhere/t.csv"], "/nowhere/t.csv: cannot write it"),
    (["--solver=proportional-response"], "proportional response is for linear utilities without limits"),
    (["--solver=simplex"], "Cannot find option named 'simplex'"),
    (["--utility=fun"], "Cannot find option named 'fun'"),
    (["/nowhere.json"], "Too many positional arguments"),
]


def put(path, value):
    """GOOD with `value` at `path`."""
    if not path:
        return value
    problem = copy.deepcopy(GOOD)
    place = problem
    for key in path[:-1]:
        place = place[key]
    if value is DELETE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return problem


def run(text, *options):
    return subprocess.run(["owl-bargain", "-", *options], input=text, text=True,
                          capture_output=True, timeout=60)


def main():
    problems = []

    def check(what, text, message, *options):
        done = run(text, *options)
        lines = done.stderr.splitlines()
        if (done.returncode != 1 or done.stdout or message not in done.stderr
                or (len(lines) != 1 and "option" not in message and "argument" not in message)):
            problems.append(f"{what}: exit code {done.returncode}, expected 1 and\n  {message}\n"
                            f"got\n  {done.stderr[:500]}{done.stdout[:200]}")

    cases = 0
    for path, value, message in CASES:
        check(path, json.dumps(put(path, value)), message)
        cases += 1
    for text, message in TEXTS:
        check(repr(text[:30]), text, message)
        cases += 1
    for options, message in OPTIONS:
        check(options, json.dumps(GOOD), message, *options)
        cases += 1
    for options in ([], ["--utility=saved-bytes"], ["--utility=diminishing"], ["--json"],
                    ["--integer"], ["--solver=subgradient"], ["--threads=5"],
                    ["--solver=distributed-newton", "--slack=0"]):
        done = run(json.dumps(GOOD), *options)
        cases += 1
        if done.returncode or done.stderr or not done.stdout:
            problems.append(f"a good problem with {options}: {done.returncode} {done.stderr}")
    print("\n".join(problems))
    print(f"{cases} cases, {len(problems)} problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
