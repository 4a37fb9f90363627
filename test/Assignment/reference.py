# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# RUN: %python %s --count 30
"""Random small problems through `owl-bargain --json`, against CVXOPT.

    reference.py [--count N] [--seed S]

CVXOPT shares nothing with Owl: the makespan is its linear program, and the bargain its
convex program."""

import argparse
import json
import math
import random
import subprocess
import sys

from cvxopt import matrix, solvers

solvers.options.update(show_progress=False, abstol=1e-9, reltol=1e-9, feastol=1e-9)

# Solver -> (the gap that it is asked for, whether it knows limits).
SOLVERS = {
    "interior-point": (1e-7, True), "distributed-newton": (1e-7, True),
    "subgradient": (1e-2, True), "proportional-response": (1e-3, False),
}


def draw(rng):
    """A problem that has a plan, and the utility to ask for. Everybody gains more than
    from a random plan that the limits are made for."""
    n, m = rng.randint(1, 5), rng.randint(1, 5)
    utility = rng.choice(["capped", "saved-bytes", "diminishing"])
    counts = [rng.randint(1, 30) for _ in range(m)]
    gain = [[rng.uniform(0.1, 1) for _ in range(m)] for _ in range(n)]
    for i in range(1, n):
        for k in range(m):
            if rng.random() < 0.15:
                gain[i][k] = None
    problem = {
        "devices": [{"name": f"d{i}"} for i in range(n)],
        "categories": [{"name": f"c{k}", "count": counts[k]} for k in range(m)],
        "saved_bytes" if utility == "saved-bytes" else "gain": gain,
    }
    if rng.random() < 0.5:
        problem["time"] = [[rng.uniform(0.1, 1) if v is not None else None for v in row]
                           for row in gain]
    if utility == "diminishing" and rng.random() < 0.5:
        problem["saturation"] = [[rng.uniform(1, 20) for _ in row] for row in gain]
    # The plan that there is.
    plan = [[0.0] * m for _ in range(n)]
    for k in range(m):
        parts = [rng.uniform(0.1, 1) if gain[i][k] is not None else 0 for i in range(n)]
        for i in range(n):
            plan[i][k] = counts[k] * parts[i] / sum(parts)
    if rng.random() < 0.5:
        for category in problem["categories"]:
            category["memory"] = rng.uniform(0.1, 1)
        for i, device in enumerate(problem["devices"]):
            used = sum(c["memory"] * s for c, s in zip(problem["categories"], plan[i]))
            if rng.random() < 0.7:
                device["memory"] = used * 1.05
    market = Market(problem, utility)
    # Where time binds, less can be promised.
    part = 0 if "time" in problem else rng.choice([0, 0.7])
    for i, device in enumerate(problem["devices"]):
        device["weight"] = rng.choice([1, rng.uniform(0.5, 3)])
        device["disagreement"] = part * market.utility(
            i, {k: plan[i][k] for k in range(m)})
    return problem, utility


class Market:
    """A problem with its variables s_ik in a row."""

    def __init__(self, problem, utility):
        self.problem = problem
        self.gain = problem["saved_bytes" if utility == "saved-bytes" else "gain"]
        self.diminishing = utility == "diminishing"
        self.devices, self.categories = problem["devices"], problem["categories"]
        self.places = [(i, k) for i, row in enumerate(self.gain)
                       for k, value in enumerate(row) if value is not None]

    def bend(self, i, k):
        """c_ik."""
        rows = self.problem.get("saturation")
        return rows[i][k] if rows else self.categories[k]["count"]

    def part(self, i, k, s):
        """What s instances are worth, and the two derivatives."""
        v = self.gain[i][k]
        if not self.diminishing:
            return v * s, v, 0
        c = self.bend(i, k)
        return v * c * math.log1p(s / c), v / (1 + s / c), -v / c / (1 + s / c) ** 2

    def utility(self, i, row):
        return sum(self.part(i, k, s)[0] for k, s in row.items()
                   if self.gain[i][k] is not None)

    def limits(self, deadline):
        """Rows of G s <= h: s >= 0, memory, time."""
        rows, bounds = [], []
        for index in range(len(self.places)):
            rows.append({index: -1.0})
            bounds.append(0.0)
        for i, device in enumerate(self.devices):
            own = [(index, k) for index, (j, k) in enumerate(self.places) if j == i]
            if "memory" in device:
                rows.append({x: self.categories[k].get("memory", 0.0) for x, k in own})
                bounds.append(device["memory"])
            if deadline is not None:
                rows.append({x: self.problem["time"][i][k] for x, k in own})
                bounds.append(deadline)
        return rows, bounds

    def placed(self):
        """A s = b: every category whole."""
        rows = [{x: 1.0 for x, (_, k) in enumerate(self.places) if k == category}
                for category in range(len(self.categories))]
        return rows, [float(c["count"]) for c in self.categories]

    def makespan(self):
        size = len(self.places)
        rows, bounds = self.limits(None)
        for i in range(len(self.devices)):
            rows.append({x: self.problem["time"][i][k]
                         for x, (j, k) in enumerate(self.places) if j == i})
            rows[-1][size] = -1.0
            bounds.append(0.0)
        a, b = self.placed()
        cost = matrix([0.0] * size + [1.0])
        return solvers.lp(cost, dense(rows, size + 1), matrix(bounds),
                          dense(a, size + 1), matrix(b))["x"][size]

    def nash(self, slack):
        """The largest sum of w log(U - d)."""
        deadline = (1 + slack) * self.makespan() if "time" in self.problem else None
        size = len(self.places)
        own = [[x for x, (j, _) in enumerate(self.places) if j == i]
               for i in range(len(self.devices))]
        rows, bounds = self.limits(deadline)
        a, b = self.placed()

        def evaluate(x=None, z=None):
            if x is None:
                return 0, self.start(deadline)
            if min(x) < -1e-6:
                return None
            value, slope = 0.0, matrix(0.0, (1, size))
            second = matrix(0.0, (size, size))
            for i, device in enumerate(self.devices):
                parts = [self.part(*self.places[j], max(x[j], 0)) for j in own[i]]
                u = sum(p[0] for p in parts) - device["disagreement"]
                if u <= 0:
                    return None
                w = device["weight"]
                value -= w * math.log(u)
                for j, p in zip(own[i], parts):
                    slope[j] = -w * p[1] / u
                    for l, q in zip(own[i], parts):
                        second[j, l] = w * p[1] * q[1] / u**2
                    second[j, j] -= w * p[2] / u
            if z is None:
                return value, slope
            return value, slope, z[0] * second

        found = solvers.cp(evaluate, dense(rows, size), matrix(bounds),
                           A=dense(a, size), b=matrix(b))
        if found["status"] != "optimal":
            return None
        return -found["primal objective"]

    def start(self, deadline):
        """A point where all logarithms are finite: s of the most least gain."""
        size = len(self.places)
        rows, bounds = self.limits(deadline)
        for i, device in enumerate(self.devices):
            # A diminishing utility is at least this for s up to what there is.
            rows.append({x: -self.chord(i, k) for x, (j, k) in enumerate(self.places)
                         if j == i})
            rows[-1][size] = 1.0
            bounds.append(-device["disagreement"])
        a, b = self.placed()
        found = solvers.lp(matrix([0.0] * size + [-1.0]), dense(rows, size + 1),
                           matrix(bounds), dense(a, size + 1), matrix(b))
        if found["status"] != "optimal" or found["x"][size] <= 0:
            # An equal split may do where the chord is too low.
            runners = [sum(1 for _, k in self.places if k == c)
                       for c in range(len(self.categories))]
            return matrix([self.categories[k]["count"] / runners[k]
                           for _, k in self.places])
        return found["x"][:size]

    def chord(self, i, k):
        count = self.categories[k]["count"]
        return self.part(i, k, count)[0] / count


def dense(rows, columns):
    result = matrix(0.0, (len(rows), columns))
    for r, row in enumerate(rows):
        for c, value in row.items():
            result[r, c] = value
    return result


def bargain(problem, *options):
    done = subprocess.run(["owl-bargain", "-", "--json", *options], text=True,
                          input=json.dumps(problem), capture_output=True, timeout=100)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def check(problem, utility, rng):
    """What is wrong, one line each; nothing if CVXOPT does not know either."""
    market = Market(problem, utility)
    slack = rng.choice([0.1, 1]) if "time" in problem else 0.1
    limited = "time" in problem or any("memory" in d for d in problem["devices"])
    try:
        expected = market.nash(slack)
    except (ArithmeticError, TypeError, ValueError):
        expected = None
    if expected is None:
        return None
    weight = sum(d["weight"] for d in problem["devices"])
    wrong = []
    for solver, (gap, knows_limits) in SOLVERS.items():
        if not knows_limits and (limited or utility == "diminishing"):
            continue
        plan = bargain(problem, f"--solver={solver}", f"--utility={utility}",
                       f"--slack={slack}", f"--gap={gap}")
        # The plan is within the gap of the best, and the bounds are on both sides.
        error = (expected - plan["nash_log"]) / weight
        if not -1e-5 <= error <= gap + 1e-5:
            wrong.append(f"{solver}: {plan['nash_log']}, expected {expected}")
        if plan["dual_log"] < expected - 1e-5 * weight:
            wrong.append(f"{solver}: bound {plan['dual_log']}, expected {expected}")
        if plan["gap"] > gap or plan["status"] != "optimal":
            wrong.append(f"{solver}: {plan['status']}, gap {plan['gap']}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    problems = unknown = 0
    for seed in range(options.seed, options.seed + options.count):
        rng = random.Random(seed)
        problem, utility = draw(rng)
        wrong = check(problem, utility, rng)
        if wrong is None:
            unknown += 1
        elif wrong:
            problems += 1
            print(f"seed {seed}, {utility}:", *wrong, json.dumps(problem), sep="\n  ")
    print(f"{options.count} problems, {unknown} not solved by CVXOPT, {problems} wrong")
    sys.exit(problems > 0 or unknown > options.count / 4)


if __name__ == "__main__":
    main()
