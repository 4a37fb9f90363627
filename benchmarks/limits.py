# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The limit of a case: how fast this machine can do its reading and writing.

A case reads R bytes and writes W bytes that it cannot do without, on arrays of F
bytes in all. Hand-written loops (limits.c) on as many bytes give

    r  seconds a byte of reading F bytes,
    w  seconds a byte of filling F bytes,
    c  seconds a byte of copying F/2 bytes to F/2 others,

each in the fastest of a few ways: with plain stores or stores that bypass the
caches, with prefetching or without, from one page or several. Reading and writing at
once is a copy as far as there is as much of both, and the rest is one of them alone:

    limit = c min(R, W) + r max(0, R - W) + w max(0, W - R)

The three loops are timed in each round, between the systems, so that what slows
the machine slows the limit too. Data that fits a cache is read from that cache,
here as there, and is the same data, because what a cache holds depends on who read
what before.
"""

import ctypes
import functools

import numpy as np

import timing
from cases import buffer
from peers.native import kernels, native

KERNELS = {
    "read": ("read_plain", "read_prefetched", "read_prefetched_near",
             "read_prefetched_far", "read_4_pages", "read_8_pages"),
    "fill": ("fill_plain", "fill_streamed"),
    "copy": ("copy_plain", "copy_streamed", "copy_streamed_prefetched",
             "copy_streamed_prefetched_far"),
}
# Bytes that a kernel moves at once, on each of two threads.
GRANULE = 1024


@functools.cache
def scratch(size):
    """What kernels of about one size write to."""
    return buffer((size,), np.uint8)


class Limits:
    """The three kernels for one footprint, and what they say of a problem."""

    def __init__(self, problem, threads):
        self.read, self.written = problem.traffic
        # Half of it must be a whole number of granules too.
        self.bytes = max(2 * GRANULE, problem.footprint // (2 * GRANULE) * 2 * GRANULE)
        self.source = problem.block
        # A power of two that is large enough, so that few are ever made.
        self.target = scratch(1 << max(16, (self.bytes - 1).bit_length()))
        self.threads = threads
        self.counts = {
            "read": self.bytes, "fill": self.bytes, "copy": self.bytes // 2}
        self.runs = {kind: self.fastest(kind) for kind in KERNELS}

    def run(self, kernel, count):
        library = kernels()
        function = ctypes.cast(getattr(library, kernel), ctypes.c_void_p).value
        return native(
            library.threaded, [function, self.source.ctypes.data,
                               self.target.ctypes.data, count, self.threads],
            lambda: None, keep=self)

    def fastest(self, kind):
        runs = [self.run(kernel, self.counts[kind]) for kernel in KERNELS[kind]]
        repeats = max(1, 2**24 // self.bytes)
        clock = timing.clock_for(self.threads)
        return min(runs, key=lambda run: min(
            timing.seconds(run, repeats, clock) for _ in range(5)))

    def seconds(self, read, fill, copy):
        """The limit, from the seconds that each kernel took."""
        both = min(self.read, self.written)
        return (copy / self.counts["copy"] * both
                + read / self.counts["read"] * (self.read - both)
                + fill / self.counts["fill"] * (self.written - both))
