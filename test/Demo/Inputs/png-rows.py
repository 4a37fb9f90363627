# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads pictures whose rows are predicted in each way of the PNG standard.

    png-rows.py SOURCE_DIR FOLDER
"""

import struct
import sys
import zlib

import numpy as np

source_dir, folder = sys.argv[1:]
sys.path.insert(0, f"{source_dir}/utils/demo")
import png  # noqa: E402

HEIGHT, WIDTH = 10, 7


def paeth(left, up, corner):
    """The predictor of the standard's section 9.4, spelt out as it is there."""
    p = left + up - corner
    pa, pb, pc = abs(p - left), abs(p - up), abs(p - corner)
    if pa <= pb and pa <= pc:
        return left
    return up if pb <= pc else corner


def encode(picture):
    """A PNG file; row i is predicted in way i modulo 5."""
    raw = b""
    for y in range(HEIGHT):
        raw += bytes([y % 5])
        for x in range(WIDTH):
            for c in range(3):

                def at(dy, dx):
                    inside = y >= dy and x >= dx
                    return int(picture[y - dy, x - dx, c]) if inside else 0

                left, up, corner = at(0, 1), at(1, 0), at(1, 1)
                guess = (0, left, up, (left + up) // 2, paeth(left, up, corner))
                raw += bytes([(at(0, 0) - guess[y % 5]) & 255])
    data = b"\x89PNG\r\n\x1a\n"
    # The standard allows the data to be cut anywhere, and other chunks.
    packed = zlib.compress(raw)
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
        (b"gAMA", struct.pack(">I", 45455)),
        (b"IDAT", packed[:5]),
        (b"IDAT", packed[5:]),
        (b"IEND", b""),
    ):
        data += struct.pack(">I", len(body)) + kind + body
        data += struct.pack(">I", zlib.crc32(kind + body))
    return data


path = f"{folder}/picture.png"
picture = np.random.default_rng(1).integers(
    0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8
)
data = encode(picture)
with open(path, "wb") as file:
    file.write(data)
assert (png.read(path) == picture).all()

png.write(path, picture)
assert (png.read(path) == picture).all()

for bad, expected in (
    (data.replace(b"gAMA", b"gAMB"), "wrong checksum"),
    (b"GIF89a", "not a PNG file"),
):
    with open(path, "wb") as file:
        file.write(bad)
    try:
        png.read(path)
        sys.exit(f"{expected}: was not noticed")
    except ValueError as error:
        assert expected in str(error), error
