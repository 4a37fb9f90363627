# RUN: %python %s %source_dir
#
# The example of docs/devices.md: four devices share two networks. The plan is what
# the page says it is, keeps what it promises, also of all plans that there are, and
# computes what one device does, merged again and as a package that runs on all four
# targets.

import json
import math
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
from decimal import Decimal, InvalidOperation

import numpy as np

REQUESTS = 5
INPUTS = REQUESTS * [(64, 128)] + REQUESTS * [(1, 48, 24, 24)] + [
    (5, 128, 128), (4, 128), (48, 48, 3, 3), (48, 48, 3, 3)]
SLACK = 0.5
TARGETS = {"server", "rpi4", "browser", "unikernel"}


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE,
                          text=True).stdout


class Times:
    """What plans take, from nothing but the figures that the plan is printed with."""

    def __init__(self, plan):
        self.plan = plan
        self.devices = range(len(plan["devices"]))
        self.tasks = range(len(plan["groups"]))
        self.seconds = [plan["categories"][group["category"]]["seconds"]
                        for group in plan["groups"]]
        self.links = {(link["from"], link["to"]): link for link in plan["transfers"]}
        self.uses = [[value for value in plan["values"] if task in value["users"]]
                     for task in self.tasks]

    def send(self, source, to, value):
        if source == to:
            return 0
        link = self.links[source, to]
        return link["latency"] + value["bytes"] * link["seconds_per_byte"]

    def get_makespan(self, devices):
        place = [*devices, *self.plan["fixed"]]
        loads = [0 for _ in self.devices]
        for task in self.tasks:
            loads[place[task]] += self.seconds[task][place[task]]
        for value in self.plan["values"]:
            for to in {place[user] for user in value["users"]}:
                loads[to] += self.send(place[value["maker"]], to, value)
        return max(loads)

    def get_caller_loads(self):
        """What the first device, which calls, takes at least, for each set of groups
        that it can have: a number whose bits are these."""
        sets = np.arange(1 << len(self.tasks))
        has = [(sets >> task & 1).astype(bool) for task in self.tasks]
        has += [np.full(len(sets), device == 0) for device in self.plan["fixed"]]
        loads = np.zeros(len(sets))
        for task in self.tasks:
            loads += np.where(has[task], self.seconds[task][0], 0)
        for value in self.plan["values"]:
            needed = np.any([has[user] for user in value["users"]], axis=0)
            loads += np.where(needed & ~has[value["maker"]],
                              min(self.send(i, 0, value) for i in self.devices if i != 0), 0)
        return loads

    def find_least(self, known):
        """The least makespan of all plans, if `known` is that of one."""
        loads = self.get_caller_loads()
        least = known
        for number in map(int, np.argsort(loads)):
            if loads[number] >= least * (1 - 1e-9):
                break
            rest = [task for task in self.tasks if not number >> task & 1]
            place = [0 for _ in self.tasks] + self.plan["fixed"]
            least = self.place(rest, place, {i: 0 for i in self.devices if i != 0},
                               frozenset(), least)
        return least

    def place(self, rest, place, loads, received, least):
        """The same for plans in which groups but `rest` are at their places. Each comes
        after those that make what it uses."""
        if not rest:
            return min(least, self.get_makespan(place[:len(self.tasks)]))
        task = rest[0]
        for i in loads:
            load = loads[i] + self.seconds[task][i]
            if load >= least * (1 - 1e-9):
                continue
            new = set()
            for value in self.uses[task]:
                if (id(value), i) not in received:
                    new.add((id(value), i))
                    load += self.send(place[value["maker"]], i, value)
            if load < least * (1 - 1e-9):
                place[task] = i
                least = self.place(rest[1:], place, loads | {i: load}, received | new, least)
        return least


def check_plan(plan):
    ways = {way["name"]: way for way in plan["plans"]}
    assert all(way["found"] for way in ways.values()), ways
    assigned = ways.pop("assigned")
    assert assigned["individually_rational"], assigned
    assert assigned["keeps_deadline"] and assigned["keeps_memory"], assigned
    for device in plan["devices"]:
        assert device["utility"] > device["disagreement"], device
    check_times(plan, ways, assigned)

    # None stands for minus infinity: somebody gains nothing.
    fair = [way for way in ways.values() if way["keeps_deadline"] and way["keeps_memory"]
            and way["nash_log"] is not None]
    assert "max-min" in {way["name"] for way in fair}, ways
    for way in fair:
        assert way["nash_log"] <= assigned["nash_log"], way
    # These are as good as any of the others at what they are for.
    for name, key in (("utilitarian", "total_utility"), ("max-min", "least_gain")):
        for way in (assigned, *ways.values()):
            if way["keeps_deadline"] and way["keeps_memory"]:
                assert way[key] <= ways[name][key] * (1 + 1e-9), (name, way)

    bound = plan["certificate"]["dual"]
    assert assigned["nash_log"] <= bound, plan
    assert math.isclose(plan["factor"],
                        math.exp((bound - assigned["nash_log"]) / len(plan["devices"]))), plan


def check_times(plan, ways, assigned):
    times = Times(plan)
    assert plan["fixed"] == [0], plan
    assert math.isclose(times.get_makespan([group["device"] for group in plan["groups"]]),
                        assigned["makespan"]), plan
    # No other plan, of all there are, ends sooner than the one that is found.
    fastest = ways["fastest"]["makespan"]
    least = times.find_least(fastest)
    assert math.isclose(least, fastest), (least, plan)
    assert plan["least_makespan"] <= least, plan
    assert assigned["makespan"] <= (1 + SLACK) * least, (least, plan)
    assert math.isclose(plan["deadline"], (1 + SLACK) * least), (least, plan)


def read_page(page):
    """The command that a page shows, and what that prints."""
    command, table = re.search(r"```sh\n(owl-opt utils/demo/fleet.mlir .*?)\n```\s+"
                               r"```text\n(.*?)```", page.read_text(), re.S).groups()
    return shlex.split(command), table


def is_same(word, other):
    """Whether two words are the same, or two numbers but for the last digit shown. What
    is free has a price that is a rounding error."""
    try:
        left, right = Decimal(word), Decimal(other)
    except InvalidOperation:
        return word == other
    if not left.is_finite():
        return left == right
    return abs(left - right) <= max(Decimal(10) ** left.as_tuple().exponent, Decimal("1e-9"))


def check_table(shown, table):
    for left, right in zip(shown.splitlines(), table.splitlines(), strict=True):
        for word, other in zip(left.split(), right.split(), strict=True):
            assert is_same(word, other), (left, right)


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
        command, shown = read_page(source / "docs/devices.md")
        paths = {"utils/demo/fleet.mlir": model, "assigned.mlir": folder / "assigned.mlir"}
        check_table(shown, run(*(paths.get(word, word) for word in command)))
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
