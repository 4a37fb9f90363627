# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line of a file of cases.

A file gives its calls as a list; `main(calls)` runs them on one back end, says
how many there were, shows what went wrong, and exits with 1 if anything did.
"""

import argparse
import concurrent.futures
import dataclasses
import pathlib
import re
import sys
import tempfile

from owltest import backends


def run_calls(calls, backend, folder, batch=64, jobs=1):
    """The outcomes of `calls`, whose functions are compiled `batch` at a time."""
    run = backends.BACKENDS[backend]
    names = list(dict.fromkeys(call.function.name for call in calls))
    part_of = {name: i // batch for i, name in enumerate(names)}
    parts = {}
    for i, call in enumerate(calls):
        parts.setdefault(part_of[call.function.name], []).append(i)
    outcomes = [None] * len(calls)

    def run_part(part):
        number, members = part
        done = run([calls[i] for i in members], folder / f"batch{number}")
        for i, outcome in zip(members, done):
            outcomes[i] = outcome

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run_part, parts.items()))
    return outcomes


def run_with_threads(counts, run):
    """The outcomes of run(), and for each of `counts` threads also what is no
    longer the same with them, bit by bit. Loops are split however short."""
    outcomes = run("")
    for threads in counts:
        backends.options[:] = [f"--threads={threads}", "--task-bytes=1"]
        for outcome, other in zip(outcomes, run(f"threads{threads}")):
            if not outcome.error and not outcome.same(other):
                outcome.error = (
                    other.error or f"{threads} threads do not give the same as one")
        backends.options[:] = []
    return outcomes


def select(calls, every=1, pattern=None, limit=None):
    """The calls of each `every`-th function whose name matches `pattern`: `limit`
    of each, spread over all."""
    functions = backends.functions_of(calls)
    clash = len({id(call.function) for call in calls}) - len(functions)
    assert not clash, f"{clash} functions share a name"
    if pattern:
        functions = [f for f in functions if re.search(pattern, f.name)]
    chosen = {f.name for f in functions[::every]}
    of_function = {}
    for call in calls:
        if call.function.name in chosen:
            of_function.setdefault(call.function.name, []).append(call)
    return [
        call
        for some in of_function.values()
        for call in (some if limit is None else some[:: -(-len(some) // limit)])
    ]


def with_sizes(calls):
    """The calls that have one dynamic size, with functions of that size alone."""
    functions = {}

    def fix(types, size):
        return [dataclasses.replace(t, shape=tuple(size if d is None else d
                                                   for d in t.shape))
                for t in types]

    for call in calls:
        old = call.function
        if call.given_dims is not None or len(sizes := set(call.dims)) != 1:
            continue
        size = sizes.pop()
        if (old.name, size) not in functions:
            functions[old.name, size] = dataclasses.replace(
                old, name=f"{old.name}_{size}", arguments=fix(old.arguments, size),
                results=fix(old.results, size), body=old.body.replace("?", str(size)))
        yield dataclasses.replace(call, function=functions[old.name, size])


def add_arguments(parser):
    """What every program that runs calls takes."""
    parser.add_argument("--backend", choices=sorted(backends.BACKENDS), default="host")
    parser.add_argument("--passes", nargs="+", default=[], metavar="PASS",
                        help="run these passes of owl-opt first, without their dashes")
    parser.add_argument("--distribute", action="store_true",
                        help="share groups among devices, compile for these, merge them")
    parser.add_argument("--lowering", nargs="+", default=[], metavar="OPTION=VALUE",
                        help="lower with these options of owl-opt's --owl-to-llvm, "
                        "for this machine")
    parser.add_argument("--threads", type=int, nargs="+", default=[], metavar="N",
                        help="compare with what so many threads give, bit by bit")
    parser.add_argument("--jobs", type=int, default=1)


def set_up(arguments):
    backends.passes[:] = ["--" + name for name in arguments.passes]
    backends.distribute = arguments.distribute
    backends.lowering[:] = arguments.lowering


def main(calls):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    parser.add_argument("--every", type=int, default=1,
                        help="run only each N-th function")
    parser.add_argument("--static", action="store_true",
                        help="make sizes static where a call has one")
    parser.add_argument("--calls", type=int, help="calls of each function, at most")
    parser.add_argument("--filter", help="run only functions that match this regex")
    parser.add_argument("--batch", type=int, default=64, help="functions per module")
    parser.add_argument("--keep", help="work in this folder, and keep it")
    parser.add_argument("--show", type=int, default=5, help="failures to show in full")
    arguments = parser.parse_args()
    set_up(arguments)

    if arguments.static:
        calls = list(with_sizes(calls))
    calls = select(calls, arguments.every, arguments.filter, arguments.calls)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(arguments.keep or scratch)
        outcomes = run_with_threads(
            arguments.threads,
            lambda name: run_calls(
                calls, arguments.backend, folder / name, arguments.batch,
                arguments.jobs,
            ),
        )
    problems = [
        (call, problem)
        for call, outcome in zip(calls, outcomes)
        if (problem := outcome.problem(call))
    ]
    for number, (call, problem) in enumerate(problems):
        print(f"FAIL {call.name}: {problem}")
        if number < arguments.show:
            print(call.function.text)
    functions = len(backends.functions_of(calls))
    print(
        f"{arguments.backend}: {len(calls)} calls of {functions} functions, "
        f"{len(problems)} failed"
    )
    sys.exit(1 if problems or not calls else 0)
