# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: owl-test-image unikernel-x86_64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.x86_64
# RUN: owl-test-image unikernel-aarch64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.aarch64
# RUN: %python %s %t.x86_64 %t.aarch64
"""A request whose end never comes is given up after five seconds. Both machines
wait at the same time."""

import struct
import sys

from owl_unikernel import CALL, ERROR, LIST, Unikernel, frame

request = frame(CALL, struct.pack("<IIIIq", 0, 0, 1, 1, 2) + bytes(8))
with Unikernel(sys.argv[1], "x86_64") as x86_64:
    with Unikernel(sys.argv[2], "aarch64") as aarch64:
        x86_64.send(request[:20])
        aarch64.send(request[:-1])
        for kernel in x86_64, aarch64:
            kind, _, data = kernel.receive()
            assert kind == ERROR and struct.unpack_from("<I", data)[0] == 2, data
            assert b"stopped before its end" in data
            assert kernel.request(LIST)
