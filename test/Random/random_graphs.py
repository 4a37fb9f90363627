# RUN: %python %s --count 200 --seed 1 --backend host --reproducer %t
# RUN: %python %s --count 100 --seed 2 --backend host --reproducer %t \
# RUN:     --passes canonicalize owl-simplify=one-pass-bytes=0
# RUN: %python %s --count 50 --seed 3 --backend aarch64 --reproducer %t
# RUN: %python %s --count 50 --seed 4 --backend wasm32 --reproducer %t
# RUN: %python %s --count 50 --seed 5 --backend host --threads 2 3 7 --reproducer %t
# RUN: %python %s --count 40 --seed 10 --distribute --reproducer %t
# RUN: %python %s --count 20 --seed 6 --backend wasm32 --threads 3 --reproducer %t
#
# What only large arrays get otherwise, and each choice of what is kept:
#
# RUN: %python %s --count 40 --seed 7 --reproducer %t --lowering edges=buffer \
# RUN:     stack-bytes=64 non-temporal-bytes=1 prefetch-bytes=64
# RUN: %python %s --count 40 --seed 8 --reproducer %t --lowering edges=recompute \
# RUN:     stack-bytes=64 non-temporal-bytes=1 prefetch-bytes=64
# RUN: %python %s --count 40 --seed 9 --reproducer %t --lowering edges=materialise \
# RUN:     stack-bytes=64 non-temporal-bytes=1 prefetch-bytes=64 --threads 3
# RUN: %python %s --count 60 --seed 11 --reproducer %t --odd
# RUN: %python %s --count 60 --seed 12 --reproducer %t --odd --threads 3 --lowering \
# RUN:     non-temporal-bytes=1 prefetch-bytes=64 vector-bits=256 \
# RUN:     machine=x86_64:bandwidth=1:cache=1:flops=1e15:transcendentals=1e15
#
# Random graphs of owl and element-wise ops against NumPy.
#
#   random_graphs.py --count 10000 --seed 42 --jobs 2
#
# makes that many graphs, compiles them many at a time, and compares every result
# within a bound that is computed along with it (see graph.py). A failure is made
# smaller as long as it fails, and left as an .mlir file with its inputs.

import argparse
import pathlib
import sys
import tempfile

import numpy as np

import graph
import ops
import shape_ops
from owltest import driver, elements, npy, values
from owltest.case import Tensor


def random_shape(rng):
    rank = int(rng.choice([0, 1, 2, 2, 3, 3, 4, 5]))
    sizes = [1, 2, 3, 4, 5, 7, 8, 13, 16, 33] if rank < 4 else [1, 2, 3, 4, 5]
    shape = [int(rng.choice(sizes)) for _ in range(rank)]
    if 0 < rank < 4 and rng.random() < 0.15:
        # Rows of more than a strip, of more than the stack's buffers, and of tiles.
        shape = [int(rng.choice([1, 2, 3, 5])) for _ in range(rank)]
        shape[rng.integers(rank)] = int(rng.choice([100, 257, 1000, 4099, 9000]))
    if rank and rng.random() < 0.05:
        shape[rng.integers(rank)] = 0
    return tuple(shape)


def odd_shape(rng):
    """Of some thousand elements, mostly in rows that are no multiple of anything."""
    sizes = [1, 2, 3, 5, 7, 17, 33, 49, 101, 301, 1021, 1028, 2047, 4099]
    while True:
        rank = int(rng.choice([2, 2, 3, 3, 4]))
        shape = tuple(int(rng.choice(sizes)) for _ in range(rank))
        if 2000 < np.prod(shape) < 60000:
            return shape


# What makes the shape of an argument.
new_shape = random_shape


def random_argument(rng, shape, mode, element):
    pattern = {
        "static": shape,
        "dynamic": (None,) * len(shape),
        "mixed": tuple(None if rng.random() < 0.5 else size for size in shape),
    }[mode]
    make = [values.plain, values.plain, values.small, values.sparse][rng.integers(4)]
    data = make(rng, element, shape)
    if element.is_float and rng.random() < 0.1:
        special = rng.random(shape) < 0.1
        data = np.where(special, rng.choice(values.specials(element), shape), data)
    return graph.argument(graph.Value(Tensor(element, pattern), data))


# The ops of the dialect come most often.
OPS = ops.OPS + shape_ops.SHAPE_OPS * 2


def random_graph(seed):
    """The outputs of a graph of up to a dozen ops."""
    rng = np.random.default_rng(seed)
    mode = str(rng.choice(["static", "static", "dynamic", "mixed"]))
    element = elements.elements[rng.integers(len(elements.elements))]
    shape = new_shape(rng)
    nodes = []
    for _ in range(rng.integers(1, 4)):
        if rng.random() < 0.3:
            element = elements.elements[rng.integers(len(elements.elements))]
        if rng.random() < 0.3:
            shape = new_shape(rng)
        nodes.append(random_argument(rng, shape, mode, element))
    wanted = len(nodes) + int(rng.integers(1, 13))
    for _ in range(wanted * 8):
        if len(nodes) == wanted:
            break
        try:
            nodes.append(OPS[rng.integers(len(OPS))].propose(nodes, rng))
        except graph.Reject:
            pass
    used = {id(o) for node in nodes for o in node.operands}
    leaves = [n for n in nodes if n.op and id(n) not in used]
    others = [n for n in nodes if n.op and id(n) in used and rng.random() < 0.1]
    return (leaves + others)[:6] or [nodes[0]]


class Runner:
    """Runs graphs on a back end."""

    def __init__(self, backend, threads, folder):
        self.backend, self.threads = backend, threads
        self.folder, self.runs = folder, 0

    def problems(self, named_outputs, batch, jobs):
        """What is wrong with each graph, or None."""
        calls = [graph.to_call(name, outputs) for name, outputs in named_outputs]
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        outcomes = driver.run_with_threads(
            self.threads,
            lambda name: driver.run_calls(
                calls, self.backend, folder / name, batch, jobs))
        return [outcome.problem(call) for call, outcome in zip(calls, outcomes)]

    def fails(self, outputs):
        return self.problems([("f", outputs)], 1, 1)[0] is not None


def rebuilt(outputs, replaced):
    """The graph with the nodes of `replaced` as arguments of their own value."""
    new = {}
    for node in graph.cone(outputs):
        if node.op is None:
            new[id(node)] = node
        elif node in replaced:
            value = node.value
            new[id(node)] = graph.argument(graph.Value(value.type, value.data))
        else:
            operands = [new[id(o)] for o in node.operands]
            new[id(node)] = graph.apply(node.op, operands, **node.attributes)
    return [new[id(o)] for o in outputs]


def minimise(outputs, fails):
    """A smaller graph that fails too: one result, as few ops as possible."""
    for output in outputs:
        if len(outputs) > 1 and fails([output]):
            outputs = [output]
            break
    progress = True
    while progress:
        progress = False
        for node in graph.cone(outputs):
            if node.op is None or node in outputs:
                # An operand that fails by itself is smaller still.
                continue
            for smaller in (lambda: rebuilt(outputs, [node]), lambda: [node]):
                try:
                    candidate = smaller()
                except graph.Reject:
                    continue
                if fails(candidate):
                    outputs, progress = candidate, True
                    break
            if progress:
                break
    return outputs


def write_reproducer(name, outputs, folder):
    """The function as .mlir, its arguments as .npy, and how to run it."""
    folder.mkdir(parents=True, exist_ok=True)
    call = graph.to_call(name, outputs)
    path = folder / f"{name}.mlir"
    path.write_text(call.function.text)
    command = f"owl-run {path} --entry={name}"
    for i, (t, data) in enumerate(zip(call.function.arguments, call.encoded())):
        file = folder / f"{name}-{i}.npy"
        npy.write(file, t.element, data.reshape(np.shape(call.arguments[i])))
        command += f" --input={file}"
    return call.function.text, command


def main():
    parser = argparse.ArgumentParser()
    driver.add_arguments(parser)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="run just the graphs of these numbers: 7,12")
    parser.add_argument("--batch", type=int, default=50, help="graphs per module")
    parser.add_argument("--minimise", type=int, default=3, metavar="N",
                        help="make the first N failures smaller")
    parser.add_argument("--reproducer", default="owl-random-failures",
                        help="folder for failures")
    parser.add_argument("--odd", action="store_true",
                        help="larger arrays, of odd shapes, which are cut into more parts")
    arguments = parser.parse_args()
    driver.set_up(arguments)
    if arguments.odd:
        global new_shape
        new_shape = odd_shape

    numbers = range(arguments.count)
    if arguments.only:
        numbers = [int(n) for n in arguments.only.split(",")]
    failures = 0
    chunk = arguments.batch * arguments.jobs * 4
    with tempfile.TemporaryDirectory() as scratch:
        runner = Runner(
            arguments.backend, arguments.threads, pathlib.Path(scratch))
        for start in range(0, len(numbers), chunk):
            graphs = [(f"g{n}", random_graph([arguments.seed, n]))
                      for n in numbers[start : start + chunk]]
            problems = runner.problems(graphs, arguments.batch, arguments.jobs)
            for (name, outputs), problem in zip(graphs, problems):
                if problem is None:
                    continue
                failures += 1
                print(f"FAIL seed {arguments.seed} graph {name[1:]}: {problem}")
                if failures <= arguments.minimise:
                    outputs = minimise(outputs, runner.fails)
                text, command = write_reproducer(
                    name, outputs, pathlib.Path(arguments.reproducer))
                if failures <= arguments.minimise:
                    print(text + "// " + command, flush=True)
            if sys.stderr.isatty():
                done = min(start + chunk, len(numbers))
                print(f"\r{done} of {len(numbers)} graphs, {failures} failed",
                      end="", file=sys.stderr)
    print(f"{arguments.backend}: {len(numbers)} graphs, {failures} failed")
    return 1 if failures or not numbers else 0


if __name__ == "__main__":
    sys.exit(main())
