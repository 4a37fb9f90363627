# RUN: %python %s --backend host
#
# Results of over 32 MB, which are stored past the caches where their rows allow
# it: of static and of dynamic shapes, rows that begin anywhere, and a rest of each
# row. What is computed is exact, so that nothing may differ.

import numpy as np

from owltest import driver, elements
from owltest.case import Call, Expected, Function, Tensor

ROWS = 9000


def widened(element, columns, static):
    """Differences to the row's maximum, twice in a row."""
    n, m, m2 = (ROWS, columns, 2 * columns) if static else (None,) * 3
    source, column = Tensor(element, (n, m)), Tensor(element, (n, 1))
    result = Tensor(element, (n, m2))
    size = str(columns)
    dims = ""
    if not static:
        size = "%m"
        dims = ("  %c1 = arith.constant 1 : index\n"
                f"  %m = tensor.dim %a0, %c1 : {source}\n")
    kind = "static" if static else "dynamic"
    fn = Function(f"widened_{element.name}_{columns}_{kind}", [source], [result], f"""\
{dims}  %top = owl.reduce <max> %a0 axes = [1] keep_dims : {source} -> {column}
  %b = owl.repeat %top by [1, {size}] : {column} -> {source}
  %d = arith.subf %a0, %b : {source}
  %r = owl.repeat %d by [1, 2] : {source} -> {result}
  return %r : {result}""")
    x = (np.arange(ROWS * columns) * 7919 % 128).reshape(ROWS, columns)
    x = x.astype(element.values)
    y = (x - x.max(axis=1, keepdims=True)).repeat(2, axis=1)
    return Call(fn, [x], [Expected(element, y)])


def everything():
    for columns in (512, 515):
        for static in (True, False):
            yield widened(elements.f32, columns, static)
            yield widened(elements.f16, 2 * columns, static)


if __name__ == "__main__":
    driver.main(list(everything()))
