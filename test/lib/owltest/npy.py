# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The .npy files of owl-run, and what its messages mean."""

import re

import numpy as np

from owltest.case import Outcome

# What the bindings say, in words, of a status other than 0.
MEANINGS = {
    1: r"dimensions are negative, do not agree",
    2: r"argmin of no elements",
}


def dtype(element):
    """NumPy has no bf16: its bits are a uint16."""
    return np.dtype(np.uint16 if element.name == "bf16" else element.values)


def write(path, element, storage):
    np.save(path, storage.view(dtype(element)))


def read(path, element):
    """The storage and the shape of an array that must be of `element`."""
    data = np.load(path)
    # ml_dtypes has made two raw bytes the way to write a bf16.
    expected = np.dtype("V2") if element.name == "bf16" else dtype(element)
    if data.dtype != expected:
        raise ValueError(f"{path.name}: dtype {data.dtype}, expected {expected}")
    return data.tobytes(), data.shape


def failure(text):
    """The outcome of a call that failed with this message."""
    for status, meaning in MEANINGS.items():
        if re.search(meaning, text):
            return Outcome(status=status)
    match = re.search(r"\bstatus (-?\d+)", text)
    return Outcome(status=int(match.group(1))) if match else Outcome(error=text)
