# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sends three elements of every type, in every layout that NumPy writes,
through the functions of element-types.mlir.

    element-types.py FOLDER
"""

import pathlib
import subprocess
import sys

import numpy as np

TYPES = {
    "f16": np.float16, "f32": np.float32, "f64": np.float64, "i1": np.bool_,
    "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "ui8": np.uint8, "ui16": np.uint16, "ui32": np.uint32, "ui64": np.uint64,
    # NumPy has no bfloat16; ml_dtypes writes it as two raw bytes.
    "bf16": np.dtype("V2"),
}  # fmt: skip

model = pathlib.Path(__file__).with_name("element-types.mlir")
folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
for name, dtype in TYPES.items():
    dtype = np.dtype(dtype)
    # Bits of any kind, with the sign set in one; no NaN, which has many bits.
    bits = np.arange(1, 3 * dtype.itemsize + 1, dtype=np.uint8)
    bits[dtype.itemsize - 1] |= 0x80
    x = (bits % 2 if name == "i1" else bits).view(dtype)
    layouts = [x]
    if dtype.kind in "iuf" and dtype.itemsize > 1:
        layouts.append(x.astype(dtype.newbyteorder(">")))
    for given in layouts:
        np.save(folder / "x.npy", given)
        command = ["owl-run", model, f"--entry={name}",
                   f"--input={folder / 'x.npy'}",
                   f"--output={folder / 'y.npy'}"]  # fmt: skip
        subprocess.run(command, check=True)
        y = np.load(folder / "y.npy")
        assert y.dtype == dtype and y.shape == (6,), (name, y.dtype, y.shape)
        assert y.tobytes() == x.tobytes() * 2, (name, x, y)
    print(name, "passes")
