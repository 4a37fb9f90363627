# RUN: %python %s
#
# A model of unknown sizes whose groups go round among four devices: attention, whose
# rows are then joined, shortened and averaged. Each device learns the sizes that it needs.

import contextlib
import itertools
import pathlib
import re
import subprocess
import tempfile

import numpy as np

FLEET = """
owl.device @pc {target = "x86_64"}
owl.device @pi {target = "aarch64"}
owl.device @web {target = "wasm32"}
owl.device @kernel {target = "unikernel-x86_64"}
owl.link @pc, @pi {bandwidth = 1.0e8, latency = 1.0e-4}
owl.link @pc, @web {bandwidth = 1.0e8, latency = 1.0e-4}
owl.link @web, @kernel {bandwidth = 1.0e8, latency = 1.0e-4}
"""
MODEL = """
func.func @attend(%q: tensor<?x8xf32>, %k: tensor<?x8xf32>, %v: tensor<?x4xf32>)
    -> (tensor<?x2xf32>, tensor<?x?x1xf32>, tensor<?xf32>, index) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %q, %c0 : tensor<?x8xf32>
  %m = tensor.dim %k, %c0 : tensor<?x8xf32>
  %kt_init = tensor.empty(%m) : tensor<8x?xf32>
  %kt = linalg.transpose ins(%k : tensor<?x8xf32>) outs(%kt_init : tensor<8x?xf32>) permutation = [1, 0]
  %s_init = tensor.empty(%n, %m) : tensor<?x?xf32>
  %s_zero = linalg.fill ins(%zero : f32) outs(%s_init : tensor<?x?xf32>) -> tensor<?x?xf32>
  %s = linalg.matmul ins(%q, %kt : tensor<?x8xf32>, tensor<8x?xf32>) outs(%s_zero : tensor<?x?xf32>) -> tensor<?x?xf32>
  %max = owl.reduce <max> %s axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  %maxes = owl.repeat %max by [1, %m] : tensor<?x1xf32> -> tensor<?x?xf32>
  %d = arith.subf %s, %maxes : tensor<?x?xf32>
  %e = math.exp %d : tensor<?x?xf32>
  %sum = owl.reduce <sum> %e axes = [1] keep_dims : tensor<?x?xf32> -> tensor<?x1xf32>
  %sums = owl.repeat %sum by [1, %m] : tensor<?x1xf32> -> tensor<?x?xf32>
  %p = arith.divf %e, %sums : tensor<?x?xf32>
  %y_init = tensor.empty(%n) : tensor<?x4xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_init : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.matmul ins(%p, %v : tensor<?x?xf32>, tensor<?x4xf32>) outs(%y_zero : tensor<?x4xf32>) -> tensor<?x4xf32>
  %c2 = arith.constant 2 : index
  %n2 = arith.muli %n, %c2 : index
  %rows = tensor.expand_shape %y [[0], [1, 2]] output_shape [%n, 2, 2] : tensor<?x4xf32> into tensor<?x2x2xf32>
  %pairs = tensor.collapse_shape %rows [[0, 1], [2]] : tensor<?x2x2xf32> into tensor<?x2xf32>
  %first = tensor.extract_slice %pairs[0, 0] [%n, 2] [1, 1] : tensor<?x2xf32> to tensor<?x2xf32>
  %twice = tensor.concat dim(0) %first, %pairs : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %shown = math.tanh %twice : tensor<?x2xf32>
  %ones = tensor.splat %zero[%n2] : tensor<?xf32>
  %cos = math.cos %ones : tensor<?xf32>
  %q3 = tensor.expand_shape %p [[0], [1, 2]] output_shape [%n, %m, 1] : tensor<?x?xf32> into tensor<?x?x1xf32>
  %log = math.log1p %q3 : tensor<?x?x1xf32>
  return %shown, %log, %cos, %n2 : tensor<?x2xf32>, tensor<?x?x1xf32>, tensor<?xf32>, index
}
"""


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def results(inputs, *model):
    for name, array in inputs.items():
        np.save(name, array)
    outputs = [f"out{i}.npy" for i in range(4)]
    run("owl-run", *model, *(f"--input={name}.npy" for name in inputs),
        *(f"--output={output}" for output in outputs))
    return [np.load(output) for output in outputs]


with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
    pathlib.Path("model.mlir").write_text(MODEL)
    pathlib.Path("fleet.mlir").write_text(FLEET + MODEL)
    assigned = run("owl-opt", "fleet.mlir", "--owl-raise", "--owl-assign-devices")
    devices = itertools.cycle(["pi", "kernel", "web", "pc"])
    shared, count = re.subn("device = @pc}", lambda _: f"device = @{next(devices)}}}", assigned)
    assert count >= 4, assigned
    pathlib.Path("shared.mlir").write_text(shared)
    run("owl-opt", "shared.mlir", "--owl-partition", "--owl-verify-partition", "-o", "split.mlir")
    run("owl-translate", "split.mlir", "--emit=package", "-o", "package")
    rng = np.random.default_rng(1)
    for n, m in [(5, 7), (1, 1), (3, 40), (0, 3)]:
        inputs = {name: rng.normal(size=shape).astype(np.float32)
                  for name, shape in [("q", (n, 8)), ("k", (m, 8)), ("v", (m, 4))]}
        whole = results(inputs, "model.mlir")
        parts = results(inputs, "--plan=package/plan.json")
        for expected, got in zip(whole, parts, strict=True):
            assert expected.shape == got.shape, (n, m, expected.shape, got.shape)
            np.testing.assert_allclose(expected, got, rtol=1e-5, atol=1e-6)
