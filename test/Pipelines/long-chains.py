# RUN: %python %s
#
# Long chains of element-wise ops compile in time: several orders of magnitude
# below what a square of their length would take.

import subprocess


def chain(op, length):
    t = "tensor<?xf32>"
    lines = [f"func.func @f(%x0: {t}, %y: {t}) -> {t} {{"]
    for i in range(length):
        operands = f"%x{i}, %y" if op == "arith.addf" else f"%x{i}"
        lines.append(f"  %x{i + 1} = {op} {operands} : {t}")
    return "\n".join([*lines, f"  return %x{length} : {t}", "}", ""])


for op, length in (("arith.addf", 5000), ("math.sin", 300)):
    subprocess.run(["owl-translate", "-", "--target=x86_64", "-o", "/dev/null"],
                   input=chain(op, length), text=True, timeout=60, check=True)
