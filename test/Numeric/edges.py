# RUN: %python %s
#
# Whatever becomes of values that are needed more than once, the numbers are the
# same to the last bit.

import ctypes
import pathlib
import subprocess
import tempfile

import numpy as np

CHOICES = ("auto", "recompute", "buffer", "materialise")

# Two phases of a row need %e; each row needs %g, and is not a part of it.
MODEL = """func.func @f(%x: tensor<{n}x{m}xT>, %w: tensor<{m}xT>) -> tensor<{n}x{m}xT> {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %x, %c0 : tensor<{n}x{m}xT>
  %d1 = tensor.dim %x, %c1 : tensor<{n}x{m}xT>
  %t = math.tanh %w : tensor<{m}xT>
  %v = math.exp %t : tensor<{m}xT>
  %ve = tensor.expand_shape %v [[0, 1]] output_shape [1, {k}] : tensor<{m}xT> into tensor<1x{m}xT>
  %g = owl.repeat %ve by [{l}, 1] : tensor<1x{m}xT> -> tensor<{n}x{m}xT>
  %e = math.exp %x : tensor<{n}x{m}xT>
  %s = owl.reduce <sum> %e axes = [1] keep_dims : tensor<{n}x{m}xT> -> tensor<{n}x1xT>
  %sb = owl.repeat %s by [1, {k}] : tensor<{n}x1xT> -> tensor<{n}x{m}xT>
  %y = arith.divf %e, %sb : tensor<{n}x{m}xT>
  %z = arith.mulf %y, %g : tensor<{n}x{m}xT>
  return %z : tensor<{n}x{m}xT>
}}
"""


def compile(text, edges, folder):
    """A function of the C interface."""
    lowered = subprocess.run(["owl-opt", "-", f"--owl-to-llvm=edges={edges}"],
                             input=text, capture_output=True, text=True, check=True).stdout
    subprocess.run(["owl-translate", "-", "--target=host", "-o", f"{folder}/f.o"],
                   input=lowered, text=True, check=True)
    library = pathlib.Path(folder, f"{edges}.so")
    subprocess.run(["clang-22", "-shared", f"{folder}/f.o", "-o", library], check=True)
    return ctypes.CDLL(str(library))


def run(library, x, w, is_dynamic):
    y = np.full_like(x, 7)
    dims = [ctypes.c_int64(d) for d in (*x.shape, *w.shape)] if is_dynamic else []
    library.owl_f_workspace_size.restype = ctypes.c_size_t
    workspace = np.zeros(library.owl_f_workspace_size(*dims) + 64, np.uint8)
    start = -workspace.ctypes.data % 64
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (x, w, y)]
    status = library.owl_f(*pointers, *dims,
                           ctypes.c_void_p(workspace.ctypes.data + start))
    assert status == 0, status
    return y


def check(element, dtype, tolerance, n, m, is_dynamic):
    rng = np.random.default_rng(n * m)
    x, w = (rng.uniform(-2, 2, shape).astype(dtype) for shape in ((n, m), (m,)))
    sizes = (dict(n="?", m="?", k="%d1", l="%d0") if is_dynamic
             else dict(n=n, m=m, k=m, l=n))
    text = MODEL.format(**sizes).replace("xT>", f"x{element}>")
    with tempfile.TemporaryDirectory() as folder:
        results = [run(compile(text, edges, folder), x, w, is_dynamic)
                   for edges in CHOICES]
    e = np.exp(x.astype(np.float64))
    exact = e / e.sum(axis=1, keepdims=True) * np.exp(np.tanh(w.astype(np.float64)))
    np.testing.assert_allclose(results[0].astype(np.float64), exact, rtol=tolerance)
    for edges, result in zip(CHOICES, results):
        assert (result.view(np.uint8) == results[0].view(np.uint8)).all(), (
            f"{edges} differs: {element}, {n}x{m}, dynamic={is_dynamic}")


for element, dtype, tolerance in (("f32", np.float32, 1e-6), ("f64", np.float64, 1e-13),
                                  ("f16", np.float16, 1e-2)):
    for n, m in ((5, 64), (3, 77), (40, 1000), (1, 3)):
        for is_dynamic in (False, True):
            check(element, dtype, tolerance, n, m, is_dynamic)
