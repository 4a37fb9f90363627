# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: owl-test-image unikernel-x86_64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.x86_64
# RUN: %python %s %t.x86_64 x86_64
# RUN: owl-test-image unikernel-aarch64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.aarch64
# RUN: %python %s %t.aarch64 aarch64
"""A CPU exception reaches the host with its kind and place, and QEMU ends."""

import sys

import numpy as np
from owl_unikernel import CPUException, Unikernel

image, arch = sys.argv[1:]
names = {
    "x86_64": {"access": "page fault", "trap": "invalid opcode"},
    "aarch64": {"access": "data abort", "trap": "breakpoint"},
}[arch]
exit_code = {"x86_64": 3, "aarch64": 0}[arch]


def expect_exception(kernel, what, function, *arrays):
    try:
        kernel.call(function, *arrays)
        assert False, f"{function} came back"
    except CPUException as error:
        assert names[what] in str(error), error
        assert "at 0x" in str(error), error
        assert kernel.process.returncode == exit_code, kernel.process.returncode
        return str(error)


with Unikernel(image, arch) as kernel:
    text = expect_exception(kernel, "access", "load", np.int64(8))
    assert text.endswith("address 0x8"), text

with Unikernel(image, arch) as kernel:
    # Of 1 MiB of stack, 900 frames of 1 KiB leave some.
    assert kernel.call("recurse", np.int64(900)) == [900]
    expect_exception(kernel, "access", "recurse", np.int64(1 << 40))

with Unikernel(image, arch) as kernel:
    expect_exception(kernel, "trap", "trap")
