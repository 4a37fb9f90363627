# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: owl-test-image unikernel-x86_64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.x86_64
# RUN: %python %s %t.x86_64 x86_64
# RUN: owl-test-image unikernel-aarch64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.aarch64
# RUN: %python %s %t.aarch64 aarch64
"""Calls of functions of every shape and type give what NumPy gives, through the
serial port and through shared memory."""

import struct
import sys

import numpy as np
from owl_unikernel import CALL, ELEMENT_TYPES, StatusError, Unikernel

random = np.random.default_rng(1)


def check(kernel, name, arrays, expected):
    results = kernel.call(name, *arrays)
    assert len(results) == len(expected), name
    for result, want in zip(results, expected):
        want = np.asarray(want)
        assert result.dtype == want.dtype and result.shape == want.shape, name
        assert result.tobytes() == want.tobytes(), (name, result, want)


def check_calls(kernel):
    for size in 0, 1, 17, 1000:
        x = random.standard_normal(size, np.float32)
        check(kernel, "double", [x], [2 * x])
        check(kernel, "reverse", [x], [x[::-1]])
    for m, n in (3, 5), (1, 1), (0, 4), (4, 0), (40, 50):
        x = random.integers(-9, 9, m, np.int32)
        y = random.integers(-9, 9, n, np.int32)
        check(kernel, "outer", [x, y], [np.outer(x, y), np.int64(m * n)])

    x = random.standard_normal((2, 3))
    check(kernel, "increment", [x], [x + 1])
    check(kernel, "increment", [x.T.copy().T], [x + 1])
    arrays = []
    for name, dtype in ELEMENT_TYPES:
        bits = np.frombuffer(random.bytes(2 * np.dtype(dtype).itemsize), dtype)
        arrays.append(bits > 0 if name == "i1" else bits)
    check(kernel, "types", arrays, arrays)
    x = random.integers(-128, 128, 9, np.int8)
    check(kernel, "unaligned", [x], [np.frombuffer(x.tobytes()[1:], np.int64)[0]])
    check(kernel, "status", [np.int32(0)], [np.int32(0)])
    for status in 1, -5, 2**31 - 1:
        try:
            kernel.call("status", np.int32(status))
            assert False, "a status was lost"
        except StatusError as error:
            assert error.status == status


def check_negative_dimension(kernel):
    """A function complains about its shapes itself."""
    function = kernel.functions["outer"]
    head = struct.pack("<IIIIqq", function.index, 0, 1, 2, -3, 2)
    reply = kernel.request(CALL, head + bytes(8))
    assert struct.unpack_from("<iI", reply) == (1, 0)


def check_wrong_arguments(kernel):
    """The client refuses what would not fit, and says what would."""
    for name, arrays in (
        ("nothing", []),
        ("double", []),
        ("double", [np.zeros(3)]),
        ("double", [np.zeros((1, 3), np.float32)]),
        ("increment", [np.zeros((3, 2))]),
    ):
        try:
            kernel.call(name, *arrays)
            assert False, "wrong arguments were taken"
        except ValueError as error:
            assert name in str(error), error


def check_timing(kernel):
    x = np.zeros(100000, np.float32)
    kernel.call("double", x, repeat=20)
    timing = kernel.timing
    assert 0 < timing.least <= timing.total / 20 < 1, timing
    kernel.call("double", x)
    assert kernel.timing.least == kernel.timing.total


for share_above in None, 0, 1 << 16:
    with Unikernel(*sys.argv[1:], share_above=share_above) as kernel:
        check_calls(kernel)
        check_negative_dimension(kernel)
        check_wrong_arguments(kernel)
        if share_above:
            check_timing(kernel)
