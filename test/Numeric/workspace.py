# RUN: %python %s --backend host
# RUN: %python %s --backend aarch64
# RUN: %python %s --backend wasm32
# RUN: %python %s --backend jit
#
# Functions of many buffers, which share the workspace: chains, where two live at
# a time, diamonds, where one lives across a chain, and random graphs. Integers
# wrap, so that whatever is overwritten too early shows.

import numpy as np

from owltest import driver, elements, values
from owltest.case import Call, Expected, Function, Tensor

i32 = elements.i32
SHAPES = [(4, 6), (1, 1), (3, 40), (17, 5), (0, 3), (2, 0)]


class Graph:
    """Values of one shape, in MLIR and in NumPy. No two steps are fused into
    one loop: between them is a reduction, a repetition or a slice."""

    def __init__(self, shape):
        self.shape, self.lines, self.steps = shape, [], [lambda x: x]
        self.type = Tensor(i32, shape)
        self.names = ["%a0"]
        n, m = shape
        if n is None:
            self.lines = [
                "  %c0 = arith.constant 0 : index", "  %c1 = arith.constant 1 : index",
                f"  %n = tensor.dim %a0, %c0 : {self.type}",
                f"  %m = tensor.dim %a0, %c1 : {self.type}"]
            n, m = "%n", "%m"
        self.n, self.m = n, m

    def emit(self, text, result):
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {text} {result}")
        return name

    def step(self, name, compute):
        self.names.append(name)
        self.steps.append(compute)
        return len(self.names) - 1

    def spread(self, x, axis):
        """x, less the largest of its row or column."""
        shape = [*self.shape]
        shape[axis] = 1
        small = Tensor(i32, tuple(shape))
        counts = [1, 1]
        counts[axis] = (self.n, self.m)[axis]
        top = self.emit(f"owl.reduce <sum> {self.names[x]} axes = [{axis}] keep_dims : "
                        f"{self.type} ->", small)
        wide = self.emit(f"owl.repeat {top} by [{counts[0]}, {counts[1]}] : {small} ->",
                         self.type)
        name = self.emit(f"arith.subi {self.names[x]}, {wide} :", self.type)
        return self.step(name, lambda *v: v[x] - v[x].sum(
            axis=axis, keepdims=True, dtype=np.int32))

    def roll(self, x):
        """The first row goes last."""
        long = Tensor(i32, (2 * self.n if self.shape[0] else None, self.shape[1]))
        twice = self.emit(f"owl.tile {self.names[x]} by [2, 1] : {self.type} ->", long)
        name = self.emit(
            f"tensor.extract_slice {twice}[1, 0] [{self.n}, {self.m}] [1, 1] : {long} to",
            self.type)
        return self.step(name, lambda *v: np.roll(v[x], -1, axis=0))

    def add(self, x, y):
        name = self.emit(f"arith.addi {self.names[x]}, {self.names[y]} :", self.type)
        return self.step(name, lambda *v: v[x] + v[y])

    def calls(self, name, results, shapes):
        fn = Function(
            name, [self.type], [self.type] * len(results), "\n".join(
                self.lines + [f"  return {', '.join(self.names[r] for r in results)} : "
                              f"{', '.join([str(self.type)] * len(results))}"]))
        for shape in shapes:
            x = values.plain(values.generator(name, shape), i32, shape)
            known = [x]
            with np.errstate(over="ignore"):
                for compute in self.steps[1:]:
                    known.append(compute(*known))
            yield Call(fn, [x], [Expected(i32, known[r]) for r in results])


def chain(graph, steps=8):
    x = 0
    for i in range(steps):
        x = graph.roll(graph.spread(x, i % 2))
    return [x]


def diamonds(graph):
    """Two ways from each value to the next."""
    x = 0
    for _ in range(4):
        x = graph.add(graph.roll(graph.roll(graph.spread(x, 0))), graph.spread(x, 1))
    return [x]


def fan(graph):
    """All of a chain is needed at its end, in the order in which it was made."""
    made = [0]
    for i in range(6):
        made.append(graph.roll(graph.spread(made[-1], i % 2)))
    x = made.pop()
    for y in made:
        x = graph.roll(graph.add(x, y))
    return [x, made[2]]


def random(graph, seed):
    rng = values.generator("workspace", seed)
    last = 0
    for _ in range(25):
        near = int(rng.integers(max(0, last - 6), last + 1))
        kind = rng.integers(0, 4)
        if kind < 2:
            last = graph.spread(near, int(kind))
        elif kind == 2:
            last = graph.roll(near)
        else:
            last = graph.add(last, int(rng.integers(0, last + 1)))
    return [last, last // 2, last - 1]


def flipped():
    """Arrays of 64 n and n^2, one after the other: which is larger depends on n."""
    t = Tensor(i32, (None,))
    body = f"""\
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a0, %c0 : {t}
  %wide = owl.tile %a0 by [64] : {t} -> {t}
  %part = tensor.extract_slice %wide[%n] [%n] [1] : {t} to {t}
  %twice = owl.tile %part by [2] : {t} -> {t}
  %rolled = tensor.extract_slice %twice[1] [%n] [1] : {t} to {t}
  %square = owl.repeat %rolled by [%n] : {t} -> {t}
  %each = tensor.extract_slice %square[0] [%n] [%n] : {t} to {t}
  %s = arith.addi %a0, %each : {t}
  return %s : {t}"""
    fn = Function("flipped", [t], [t], body)
    for n in (1, 5, 64, 300):
        x = values.plain(values.generator("flipped", n), i32, n)
        with np.errstate(over="ignore"):
            yield Call(fn, [x], [Expected(i32, x + np.roll(x, -1))])


def everything():
    models = {"chain": chain, "diamonds": diamonds, "fan": fan,
              # So many loops become several functions.
              "long": lambda graph: chain(graph, 60)}
    for seed in range(8):
        models[f"random{seed}"] = lambda graph, seed=seed: random(graph, seed)
    yield from flipped()
    for name, build in models.items():
        for shape, shapes in (((5, 7), [(5, 7)]), ((None, None), SHAPES)):
            # Rolling needs a row.
            graph = Graph(shape)
            results = build(graph)
            suffix = "static" if shape[0] else "dynamic"
            yield from graph.calls(f"{name}_{suffix}", results,
                                   [s for s in shapes if s[0]])


if __name__ == "__main__":
    driver.main(list(everything()))
