# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: owl-test-image unikernel-x86_64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.x86_64
# RUN: %python %s %t.x86_64 x86_64
# RUN: owl-test-image unikernel-aarch64 %S/Inputs/functions.mlir %S/Inputs/functions.ll %t.aarch64
# RUN: %python %s %t.aarch64 aarch64
"""Whatever comes over the serial port, a valid request behind it is answered,
and a damaged one is refused with a reason."""

import struct
import sys

import numpy as np
from owl_unikernel import CALL, ERROR, LAYOUT, LIST, RequestError, Unikernel, frame

random = np.random.default_rng(2)


def check_alive(kernel):
    x = np.arange(10, dtype=np.float32)
    assert (kernel.call("double", x)[0] == 2 * x).all()


def expect_error(kernel, code, text):
    """The next frame is an error with this code and text."""
    kind, _, data = kernel.receive()
    assert kind == ERROR, kind
    assert struct.unpack_from("<I", data)[0] == code, data
    assert text in data[4:].decode(), data


def change(data, position):
    changed = bytearray(data)
    changed[position] ^= 0x10
    return bytes(changed)


with Unikernel(*sys.argv[1:], share_above=None) as kernel:
    listing = frame(LIST)
    for garbage in (
        b"\0",
        b"OWL",
        b"OWL1OWL1OWL1OWL1OWL1",
        b"hello\r\n" * 20,
        bytes(range(256)),
        random.bytes(3000),
        # Headers that are almost right: cut off, or with one bit flipped.
        listing[:15],
        *(change(listing, i) for i in range(16)),
    ):
        kernel.send(garbage)
        check_alive(kernel)

    call = frame(CALL, struct.pack("<IIIIq", 0, 0, 1, 1, 2) + bytes(8))
    for request in listing, call:
        for position in (16, len(request) - 1):
            kernel.send(change(request, position))
            expect_error(kernel, 1, "checksum")
            check_alive(kernel)

    # Two requests at once get two answers.
    kernel.send(frame(LIST, b"", 7) + frame(LIST, b"", 8))
    assert [kernel.receive()[1] for _ in range(2)] == [7, 8]

    for kind, payload, code, text in (
        (99, b"", 3, "no request of kind 99"),
        (CALL, b"", 4, "too short"),
        (CALL, bytes(12), 4, "too short"),
        (CALL, struct.pack("<IIII", 1000, 0, 1, 0), 4, "no function 1000"),
        (CALL, struct.pack("<IIII", 0, 0, 1, 0), 4, "1 dynamic dimensions, got 0"),
        (CALL, struct.pack("<IIII", 0, 0, 1, 1), 4, "too short"),
        (CALL, struct.pack("<IIIIq", 0, 0, 1, 1, 2), 4, "8 bytes of arguments, got 0"),
        (CALL, struct.pack("<IIIIq", 0, 0, 1, 1, 2) + bytes(9), 4, "got 9"),
        (CALL, struct.pack("<IIIIq", 0, 1, 1, 1, 2) + bytes(8), 4, "0 bytes"),
        (LAYOUT, b"", 4, "too short"),
    ):
        try:
            kernel.request(kind, payload)
            assert False, f"{kind} {payload} was taken"
        except RequestError as error:
            assert error.code == code and text in str(error), error
        check_alive(kernel)
