# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: owl-test-image unikernel-x86_64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.x86_64
# RUN: %python %s %t.x86_64 x86_64
# RUN: owl-test-image unikernel-aarch64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.aarch64
# RUN: %python %s %t.aarch64 aarch64
"""A call that needs too much memory is refused, and all memory can be used."""

import struct
import sys

import numpy as np
from owl_unikernel import CALL, LAYOUT, RequestError, Unikernel


def expect_out_of_memory(kernel, name, *dims):
    index = kernel.functions[name].index
    head = struct.pack(f"<IIII{len(dims)}q", index, 0, 1, len(dims), *dims)
    for kind in CALL, LAYOUT:
        try:
            kernel.request(kind, head)
            assert False, f"{name} {dims} was taken"
        except RequestError as error:
            assert error.code == 5, error
            assert f"{name} needs more memory" in str(error), error


image, arch = sys.argv[1:]
with Unikernel(image, arch, memory=256) as kernel:
    free = kernel.banner["memory"]
    assert 250 << 20 < free < 256 << 20, free
    expect_out_of_memory(kernel, "huge", 1)
    expect_out_of_memory(kernel, "double", free // 8 + 1)
    expect_out_of_memory(kernel, "double", 2**62)
    expect_out_of_memory(kernel, "double", 2**63 - 1)
    expect_out_of_memory(kernel, "outer", 2**40, 2**40)
    # A workspace counts too: 4 bytes an element, as the buffers.
    expect_out_of_memory(kernel, "reverse", free // 9)
    x = np.arange(20 << 20, dtype=np.float32)
    (y,) = kernel.call("reverse", x)
    assert (y == x[::-1]).all()
    # An empty array has no bytes, however large its other dimension.
    (z, count) = kernel.call("outer", np.zeros(0, np.int32), np.ones(9, np.int32))
    assert z.shape == (0, 9) and count == 0

# The end of 5 GiB can be read: both machines leave out one GiB below.
with Unikernel(image, arch, memory=5120) as kernel:
    assert kernel.banner["memory"] > 5100 << 20
    kernel.call("load", np.int64((6 << 30) - 8))
    x = np.arange(1000, dtype=np.float32)
    (y,) = kernel.call("double", x)
    assert (y == 2 * x).all()
