# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs owl-bargain for longer than it takes to show progress, and prints the first line of
it; then a short run, which shows none.

    progress.py PROBLEM
"""

import subprocess
import sys

command = ["owl-bargain", sys.argv[1], "--progress"]
# This one would last for days; it is ended when it has said something.
endless = [*command, "--solver=subgradient", "--slack=inf", "--gap=0",
           "--max-rounds=1000000000000"]
with subprocess.Popen(endless, stderr=subprocess.PIPE, text=True) as process:
    print("long:", process.stderr.readline(), end="")
    process.kill()
short = subprocess.run([*command], capture_output=True, text=True, check=True)
print("short:", repr(short.stderr))
