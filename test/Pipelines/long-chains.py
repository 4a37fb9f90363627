# RUN: %python %s
#
# Long graphs compile in time: chains of element-wise ops several orders of
# magnitude below what a square of their length would take, and layers that are
# equal in a fraction of what each of them takes alone. So do groups that are needed
# in the opposite order.

import subprocess


def chain(op, length):
    t = "tensor<?xf32>"
    lines = [f"func.func @f(%x0: {t}, %y: {t}) -> {t} {{"]
    for i in range(length):
        operands = f"%x{i}, %y" if op == "arith.addf" else f"%x{i}"
        lines.append(f"  %x{i + 1} = {op} {operands} : {t}")
    return "\n".join([*lines, f"  return %x{length} : {t}", "}", ""])


def layers(size, count):
    t = f"tensor<{size}x{size}xf32>"
    lines = [f"func.func @f(%x0: {t}, %w: {t}, %b: {t}) -> {t} {{"]
    for i in range(count):
        lines += [f"  %p{i} = linalg.matmul ins(%x{i}, %w : {t}, {t}) "
                  f"outs(%b : {t}) -> {t}",
                  f"  %x{i + 1} = math.tanh %p{i} : {t}"]
    return "\n".join([*lines, f"  return %x{count} : {t}", "}", ""])


def skips(length):
    """What is needed last of a chain is what its first op has computed."""
    t = "tensor<8xf32>"
    lines = [f"func.func @f(%x0: {t}, %e: tensor<1xf32>) -> {t} {{"]
    for i in range(length):
        lines += [f"  %s{i} = tensor.insert_slice %e into %x{i}[0] [1] [1] : "
                  f"tensor<1xf32> into {t}",
                  f"  %x{i + 1} = math.absf %s{i} : {t}"]
    lines.append(f"  %y{length} = math.absf %x{length} : {t}")
    for i in reversed(range(length)):
        lines += [f"  %n{i} = arith.negf %x{i} : {t}",
                  f"  %y{i} = arith.addf %y{i + 1}, %n{i} : {t}"]
    return "\n".join([*lines, f"  return %y0 : {t}", "}", ""])


for graph in (chain("arith.addf", 5000), chain("math.sin", 300),
              layers("?", 500), layers("64", 500)):
    subprocess.run(["owl-translate", "-", "--target=x86_64", "-o", "/dev/null"],
                   input=graph, text=True, timeout=60, check=True)
subprocess.run(["owl-opt", "-", "--owl-fuse", "-o", "/dev/null"],
               input=skips(10000), text=True, timeout=60, check=True)
