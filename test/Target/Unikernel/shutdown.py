# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: owl-test-image unikernel-x86_64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.x86_64
# RUN: %python %s %t.x86_64 x86_64
# RUN: owl-test-image unikernel-aarch64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.aarch64
# RUN: %python %s %t.aarch64 aarch64
"""An image boots fast and powers off when told; a file that is no image is an
error of the client, not a hang."""

import os
import sys
import time

from owl_unikernel import LIST, Unikernel, UnikernelError, guess_architecture

image, arch = sys.argv[1:]
assert guess_architecture(image) == arch

start = time.monotonic()
kernel = Unikernel(image, arch)
seconds = time.monotonic() - start
print(f"{arch} boots in {seconds:.2f} s")
assert seconds < 20
assert kernel.banner["functions"] == len(kernel.functions)
assert kernel.shutdown() == 0
try:
    kernel.request(LIST)
    assert False, "the machine is off"
except UnikernelError as error:
    assert "ended with exit code 0" in str(error), error
kernel.kill()

nothing = image + ".missing"
for start in (
    lambda: Unikernel(nothing, arch),
    lambda: Unikernel(image, arch, memory=1 << 40),
):
    try:
        start()
        assert False, "there is nothing to boot"
    except (UnikernelError, OSError) as error:
        print(error)
