# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times several runs side by side, round by round: what slows the machine for a
while slows them all."""

import pathlib
import random
import threading
import time

# A sample takes at least this long, in as many calls as that needs.
SAMPLE_SECONDS = 2e-3
# Before each sample come this many calls, or as many as take this long, none where that
# is less than half a call: a call that is short finds what the last ones left in the
# caches, of which the largest do not keep what was read once.
WARM_CALLS, WARM_SECONDS = 10, 20e-3
# A run this much slower than the fastest sits out the rounds after the first ones.
SLOW, SLOW_ROUNDS = 10, 3


def clock_for(threads):
    """One thread is timed by the time that it had a core: not when another program
    had it. With several, somebody waits for somebody, and that counts."""
    return time.thread_time if threads == 1 else time.perf_counter


def settle():
    """Waits, but not for ever, until no other thread of this process runs: PyTorch's
    and ONNX Runtime's look for work for some 10 ms more."""
    for _ in range(100):
        others = [
            task for task in pathlib.Path("/proc/self/task").iterdir()
            if task.name != str(threading.get_native_id())]
        # "number (name) state ...": R is running.
        if not any((task / "stat").read_text().rpartition(") ")[2].startswith("R")
                   for task in others):
            return
        time.sleep(1e-3)


def seconds(run, count, clock):
    start = clock()
    run.call(count)
    return clock() - start


def calls_for_a_sample(run, clock):
    """How many calls make a sample long enough, and what one of them takes."""
    count = 1
    while True:
        elapsed = seconds(run, count, clock)
        if elapsed >= SAMPLE_SECONDS:
            return count, elapsed / count
        count = max(2 * count, int(1.2 * count * SAMPLE_SECONDS / max(elapsed, 1e-9)))


def measure(runs, rounds, threads, limits={}):
    """Runs by name -> for each, the seconds that one call took in each round. Nobody sits
    out because of `limits`, which are more runs, nor do they."""
    clock = clock_for(threads)
    counts, first = {}, {}
    everything = {**runs, **limits}
    for name, run in everything.items():
        run.call(1)
        counts[name], first[name] = calls_for_a_sample(run, clock)
    fastest = min((first[name] for name in runs), default=0)
    samples = {name: [] for name in everything}
    for i in range(rounds):
        # In another order each time: what one leaves in the caches slows others.
        for name, run in random.Random(i).sample(
                list(everything.items()), len(everything)):
            if i >= SLOW_ROUNDS and name in runs and first[name] > SLOW * fastest:
                continue
            if threads > 1:
                settle()
            if calls := min(WARM_CALLS, round(WARM_SECONDS / first[name])):
                run.call(calls)
            samples[name].append(seconds(run, counts[name], clock) / counts[name])
    return samples
