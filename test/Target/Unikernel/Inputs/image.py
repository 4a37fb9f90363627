# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls the functions of image.mlir."""

import sys

import numpy as np
from owl_unikernel import StatusError, Unikernel

random = np.random.default_rng(3)
with Unikernel(*sys.argv[1:]) as kernel:
    x = random.standard_normal((8, 100)).astype(np.float32)
    e = np.exp(x.astype(np.float64) - x.max(1, keepdims=True))
    (y,) = kernel.call("softmax", x)
    np.testing.assert_allclose(y, e / e.sum(1, keepdims=True), rtol=1e-6)

    for rows in 0, 1, 33, 10000:
        x = random.integers(-(1 << 20), 1 << 20, (rows, 4), np.int32)
        total, tiled = kernel.call("start", x)
        assert (total == x.sum(0, dtype=np.int32) * np.int32([1, -2, 3, -4])).all()
        assert (tiled == np.tile(x, (1, 2))).all()

    x = random.standard_normal(1000)
    assert kernel.call("serve", x) == [x.max()]
    try:
        kernel.call("serve", x[:0])
        assert False, "an empty maximum was given"
    except StatusError as error:
        assert error.status == 2
