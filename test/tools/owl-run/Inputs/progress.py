# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs owl-run on a pseudo-terminal and prints what appears on it.

    progress.py FOLDER
"""

import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import time

import numpy as np

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
np.save(folder / "x.npy", np.ones(1 << 20, np.int32))
command = ["owl-run", pathlib.Path(__file__).with_name("models.mlir"),
           "--entry=double", f"--input={folder / 'x.npy'}",
           f"--output={folder / 'y.npy'}"]  # fmt: skip

# A run so short may be slow on a busy machine, but not two seconds.
terminal, end = pty.openpty()
subprocess.run(command, stderr=end, check=True)
readable = select.select([terminal], [], [], 0)[0]
print("short:", os.read(terminal, 1000) if readable else b"")

# This one would last for minutes; it is ended when it has said something.
long = [*command, "--repeat=1000000"]
with subprocess.Popen(long, stderr=end) as process:
    shown = b""
    deadline = time.monotonic() + 60
    while b"of" not in shown and time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 1000)
    time.sleep(0.1)
    process.kill()
while select.select([terminal], [], [], 0)[0]:
    shown += os.read(terminal, 1000)
found = re.search(rb"\r(running \d+ s, \d+ of \d+)\x1b\[K", shown)
print("long:", found[1].decode() if found else shown)

with open(folder / "log", "w+b") as log:
    with subprocess.Popen(long, stderr=log) as process:
        time.sleep(3)
        process.kill()
    log.seek(0)
    print("file:", log.read())
