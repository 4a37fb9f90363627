# RUN: %python %s %source_dir
#
# The example of docs/devices.md: four devices share two networks. The plan is what
# the page says it is, keeps what it promises, and computes what one device does, merged
# again and as a package that runs on all four targets.

import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

REQUESTS = 5
INPUTS = REQUESTS * [(64, 128)] + REQUESTS * [(1, 48, 24, 24)] + [
    (5, 128, 128), (4, 128), (48, 48, 3, 3), (48, 48, 3, 3)]
SLACK = 0.5
TARGETS = {"server", "rpi4", "browser", "unikernel"}


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def check_plan(plan):
    ways = {way["name"]: way for way in plan["plans"]}
    assigned = ways["assigned"]
    assert math.isclose(plan["least_makespan"], ways["fastest"]["makespan"]), plan
    assert assigned["makespan"] <= (1 + SLACK) * plan["least_makespan"], plan
    assert assigned["nash_log"] <= plan["certificate"]["dual"], plan
    assert assigned["individually_rational"], plan
    for device in plan["devices"]:
        assert device["utility"] > device["disagreement"], device
    for name, way in ways.items():
        if name != "assigned" and way["makespan"] <= plan["deadline"]:
            # None stands for minus infinity: somebody gains nothing.
            product = way["nash_log"]
            assert product is None or product < assigned["nash_log"], way


def check_page(page, table):
    """Whether a page shows the table. Of plans that are fair or efficient in fractions
    there are several, and what the last bits make of them in whole groups differs."""
    shown = re.search(r"```text\n(device  .*?)```", page.read_text(), re.S).group(1)
    for left, right in zip(shown.splitlines(), table.splitlines(), strict=True):
        if left.startswith(("utilitarian", "max-min")):
            continue
        for word, other in zip(left.split(), right.split(), strict=True):
            try:
                same = math.isclose(float(word), float(other), rel_tol=0.01, abs_tol=1e-9)
            except ValueError:
                same = word == other
            assert same, (left, right)


def main():
    source = pathlib.Path(sys.argv[1])
    model = source / "utils/demo/fleet.mlir"
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        inputs = []
        for i, shape in enumerate(INPUTS):
            path = folder / f"x{i}.npy"
            np.save(path, 0.1 * random.standard_normal(shape, np.float32))
            inputs.append(f"--input={path}")
        table = run("owl-opt", model, "--owl-raise", f"--owl-assign-devices=slack={SLACK}",
                    f"--owl-print-plan=slack={SLACK}", "-o", folder / "assigned.mlir")
        check_page(source / "docs/devices.md", table)
        check_plan(json.loads(run("owl-opt", folder / "assigned.mlir",
                                  f"--owl-print-plan=json slack={SLACK}", "-o", "/dev/null")))

        partitioned = folder / "partitioned.mlir"
        run("owl-opt", folder / "assigned.mlir", "--owl-partition",
            "--owl-verify-partition", "-o", partitioned)
        run("owl-translate", partitioned, "--emit=package", "-o", folder / "package")
        plan = folder / "package/plan.json"
        assert {path.name for path in plan.parent.iterdir() if path.is_dir()} == TARGETS

        results = []
        for name, what in (("whole", [model, "--entry=fleet"]),
                           ("merged", [partitioned, "--entry=fleet"]),
                           ("package", [f"--plan={plan}", "--entry=fleet"])):
            paths = [folder / f"{name}{i}.npy" for i in range(2 * REQUESTS)]
            run("owl-run", *what, *inputs, *(f"--output={path}" for path in paths))
            results.append([np.load(path) for path in paths])
        for others in results[1:]:
            for whole, other in zip(results[0], others, strict=True):
                np.testing.assert_allclose(other, whole, rtol=1e-5, atol=1e-5)


if __name__ == "__main__":
    main()
