# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the form of what run.py wrote, and that no system was wrong."""

import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def rows(name):
    result = json.loads((folder / name).read_text())
    assert set(result["machine"]) == {"cpu", "cores", "system", "python"}, result
    assert [r["case"] for r in result["rows"]] == ["copy", "sum-nh", "softmax"], result
    return result["rows"]


def check_times(name, systems, dynamic):
    for row in rows(name):
        assert row["bytes"] == 1 << 14 and row["threads"] == 1, row
        assert row["dynamic"] == dynamic and row["limit_ms"] > 0, row
        assert set(row["systems"]) == systems, row
        for system in row["systems"].values():
            assert set(system) == {"min_ms", "median_ms", "gb_s", "fraction", "ratio"}, row
            assert 0 < system["min_ms"] <= system["median_ms"], row
        assert row["systems"]["owl"]["ratio"] == 1, row


check_times("static.json", {"owl", "numpy", "clang", "clang-reassociate"}, False)
check_times("dynamic.json", {"owl", "numpy"}, True)
for row in rows("wasm.json"):
    assert set(row["systems"]) == {"owl", "owl-bindings"}, row
    for system in row["systems"].values():
        assert set(system) == {"min_ms", "median_ms", "gb_s", "ratio"}, row
for row in rows("memory.json"):
    assert row["array_bytes"] >= row["bytes"], row
    for system in row["systems"].values():
        assert set(system) == {"extra_bytes"} and system["extra_bytes"] >= 0, row
for row in rows("cycles.json"):
    assert set(row["systems"]) == {"owl", "clang", "clang-reassociate"}, row
    for name, system in row["systems"].items():
        if row["case"] == "softmax" and name != "owl":
            assert system == {"unknown": "calls expf"}, row
            continue
        assert set(system) == {"cycles_per_element", "loops", "ratio"}, row
        total = sum(loop["runs"] * loop["cycles"] for loop in system["loops"])
        assert 0 < total == system["cycles_per_element"] * row["elements"], row
