# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# plan.py MODEL runs each function of MODEL, which is about several devices, on
# this machine alone and as the package in `package`, and compares the bits.

import subprocess
import sys

import numpy as np

MODEL = sys.argv[1]
rng = np.random.default_rng(5)


def run(what, entry, inputs, count):
    command = ["owl-run", *what, f"--entry={entry}"]
    for i, array in enumerate(inputs):
        np.save(f"in{i}.npy", array)
        command.append(f"--input=in{i}.npy")
    command += [f"--output=out{i}.npy" for i in range(count)]
    subprocess.run(command, check=True)
    return [np.load(f"out{i}.npy") for i in range(count)]


def compare(entry, inputs, count, ulps=0):
    whole = run([MODEL], entry, inputs, count)
    parts = run(["--plan=package/plan.json"], entry, inputs, count)
    for i, (expected, got) in enumerate(zip(whole, parts)):
        assert expected.shape == got.shape and expected.dtype == got.dtype, (entry, i)
        if ulps:
            np.testing.assert_array_max_ulp(expected, got, ulps)
        else:
            assert expected.tobytes() == got.tobytes(), (entry, i, expected, got)
    return parts


x = rng.integers(-99, 99, (5, 4)).astype(np.float32)
centred, largest = compare("centre", [x], 2)
assert (largest == 2 * x.max(1, keepdims=True)).all()
assert (centred == 2 * x - largest).all()
compare("subtract", 2 * [np.zeros((0, 4), np.float32)], 1)
compare("normalise", [rng.normal(size=(300, 4)).astype(np.float32)], 1, ulps=8)
filled, product, size = compare("sizes", [x], 3)
assert filled.shape == (5, 4) and (filled == -15).all() and product == -15 and size == 5


def bits(dtype, *shape):
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(rng.bytes(size), dtype).reshape(shape)


inputs = [
    rng.integers(0, 2, 3).astype(bool),
    bits(np.int8, 7), bits(np.int16, 2, 2), bits(np.int32, 8), bits(np.int64, 3),
    bits(np.uint8, 3), bits(np.uint16, 2), bits(np.uint32, 2), bits(np.uint64, 2),
    rng.normal(size=(5, 2)).astype(np.float16), bits(np.uint16, 3),
    rng.normal(size=4), np.float32(1.5),
]  # fmt: skip
outputs = compare("types", inputs, len(inputs))
assert (outputs[3] == inputs[3] * np.int32(32)).all()
assert (outputs[4] == inputs[4]).all()
