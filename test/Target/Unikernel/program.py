# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# RUN: rm -rf %t && mkdir %t && cd %t && %python %s
"""The image of a Linux target is a program: it answers over standard output,
skips garbage, reports a signal as an exception, and ends with its input."""

import pathlib
import struct
import subprocess
import zlib

from owl_unikernel import CALL, HEADER, SHUTDOWN, frame

pathlib.Path("model.mlir").write_text("""
func.func @divide(%x: tensor<2xi32>, %y: tensor<2xi32>) -> tensor<2xi32> {
  %q = arith.divsi %x, %y : tensor<2xi32>
  return %q : tensor<2xi32>
}
""")


def converse(program, *frames):
    """The banner, the replies as (kind, payload), and the exit code."""
    done = subprocess.run(program, input=b"".join(frames), capture_output=True, timeout=60)
    banner, data = done.stdout.lstrip().split(b"\r\n", 1)
    replies = []
    while data:
        magic, kind, _, size, _ = HEADER.unpack_from(data)
        payload = data[HEADER.size : HEADER.size + size]
        end = HEADER.size + size + 4
        assert magic == b"OWL1" and data[end - 4 : end] == struct.pack("<I", zlib.crc32(payload))
        replies.append((kind, payload))
        data = data[end:]
    return banner.decode(), replies, done.returncode


def call(*numbers):
    return frame(CALL, struct.pack("<IIII4i", 0, 0, 1, 0, *numbers))


for target, run in (("x86_64", []), ("aarch64", ["qemu-aarch64"])):
    subprocess.run(["owl-translate", "model.mlir", f"--target={target}", "--emit=image",
                    "-o", target], check=True)
    run = [*run, f"./{target}"]
    banner, replies, code = converse(run)
    assert banner.startswith(f"OWL1 {target} functions=1 memory=") and not replies, banner
    assert code == 0, code
    _, replies, code = converse(run, b"noise OWL1", call(7, -9, 2, 3), frame(SHUTDOWN), b"rest")
    assert [kind for kind, _ in replies] == [0x8000 + CALL, 0x8000 + SHUTDOWN], replies
    assert struct.unpack_from("<iI", replies[0][1]) == (0, 1), replies
    assert struct.unpack("<q2i", replies[0][1][24:]) == (2, 3, -3), replies
    assert code == 0, code
    if target == "x86_64":  # where a division by 0 is an exception
        _, replies, code = converse(run, call(1, 1, 0, 1), frame(SHUTDOWN))
        assert code == 3 and [kind for kind, _ in replies] == [0xFFFF], (code, replies)
        assert replies[0][1] == struct.pack("<I", 6) + b"arithmetic exception (signal 8)", replies
