# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads and writes PNG pictures of eight-bit RGB with the standard library."""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunks(data):
    """Yields the type and the contents of each chunk; checks its sum."""
    at = len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(kind + body) != checksum:
            raise ValueError("damaged PNG: wrong checksum")
        yield kind, body
        at += 12 + length


def _unfilter(kind, row, above):
    """Undoes one of PNG's five predictions of a row from what is left of it
    and from the row above."""
    row = bytearray(row)
    for i, value in enumerate(row):
        left = row[i - 3] if i >= 3 else 0
        up = above[i]
        corner = above[i - 3] if i >= 3 else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        elif kind == 4:
            estimate = left + up - corner
            guess = min(
                (left, up, corner), key=lambda near: abs(estimate - near)
            )
        else:
            guess = 0
        row[i] = (value + guess) & 255
    return row


def read(path):
    """The picture as an array of bytes, height x width x 3."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(SIGNATURE):
        raise ValueError(f"{path}: not a PNG file")
    packed = b""
    for kind, body in _chunks(data):
        if kind == b"IHDR":
            width, height, *form = struct.unpack(">IIBBBBB", body)
            if form != [8, 2, 0, 0, 0]:
                raise ValueError(f"{path}: expected 8-bit RGB, not interlaced")
        elif kind == b"IDAT":
            packed += body
    raw = zlib.decompress(packed)
    stride = 3 * width
    rows, above = [], bytes(stride)
    for at in range(0, height * (stride + 1), stride + 1):
        above = _unfilter(raw[at], raw[at + 1 : at + 1 + stride], above)
        rows.append(above)
    return np.frombuffer(b"".join(rows), np.uint8).reshape(height, width, 3)


def write(path, picture):
    """Writes an array of bytes, height x width x 3."""
    height, width, channels = picture.shape
    if channels != 3 or picture.dtype != np.uint8:
        raise ValueError("expected bytes, height x width x 3")
    # Each row predicted from the one above: smaller than as it is.
    previous = np.vstack([np.zeros_like(picture[:1]), picture[:-1]])
    rows = (picture - previous).reshape(height, 3 * width)
    rows = np.hstack([np.full((height, 1), 2, np.uint8), rows])
    with open(path, "wb") as file:
        file.write(SIGNATURE)
        for kind, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows.tobytes(), 9)),
            (b"IEND", b""),
        ):
            file.write(struct.pack(">I", len(body)) + kind + body)
            file.write(struct.pack(">I", zlib.crc32(kind + body)))
