# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""No vector is wider than the registers that a strip takes, whatever an op is
expanded to: LLVM's back ends fail on some vectors that are."""
# RUN: %python %s

import pathlib
import re
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Numeric"))
import elementwise  # noqa: E402

REGISTERS, BITS = 4, 128
# index is as wide as pointers.
WIDTHS = {"index": 64, "!llvm.ptr": 64}
VECTOR = re.compile(r"vector<(\d+)x([a-z0-9]+)>")
# By default of a target that lacks everything: most is expanded.
OPTIONS = f"vector-bits={BITS} strip-registers={REGISTERS}"

functions = {c.function.name: c.function for c in elementwise.all_calls()}
text = "".join(f.text for f in functions.values())
lowered = subprocess.run(["owl-opt", f"--owl-to-llvm={OPTIONS}"], input=text, text=True,
                         check=True, capture_output=True).stdout

seen = failed = 0
for part in lowered.split("llvm.func @")[1:]:
    name = part[:part.index("(")]
    widths = {int(n) * (WIDTHS.get(t) or int(t.lstrip("bfui"))): f"vector<{n}x{t}>"
              for n, t in VECTOR.findall(part)}
    seen += bool(widths)
    if widths and max(widths) > REGISTERS * BITS:
        print(f"{name}: {widths[max(widths)]}")
        failed += 1
print(f"{seen} functions with vectors, {failed} with vectors that are too wide")
sys.exit(failed > 0 or seen < 500)
