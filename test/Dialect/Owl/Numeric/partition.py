# RUN: %python %s %source_dir/utils/demo/fleet.mlir
#
# What has been distributed over a fleet computes what it did before: both are
# run on one machine, on random numbers.

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

PASSES = [
    "--inline", "--symbol-dce", "--linalg-generalize-named-ops", "--owl-raise-contractions",
    "--owl-assign-devices", "--owl-partition", "--owl-verify-partition",
]
INPUTS = [(64, 128), (5, 128, 128), (4, 128), (4, 16, 32, 32), (16, 16, 3, 3), (16, 16, 3, 3)]
NUM_OUTPUTS = 2


def run(model, folder):
    outputs = [folder / f"{model.stem}{i}.npy" for i in range(NUM_OUTPUTS)]
    subprocess.run(
        ["owl-run", model, "--entry=fleet",
         *(f"--input={folder}/x{i}.npy" for i in range(len(INPUTS))),
         *(f"--output={output}" for output in outputs)],
        check=True)
    return [np.load(output) for output in outputs]


def main():
    model = pathlib.Path(sys.argv[1])
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for i, shape in enumerate(INPUTS):
            np.save(folder / f"x{i}.npy", random.standard_normal(shape, np.float32))
        partitioned = folder / "partitioned.mlir"
        subprocess.run(["owl-opt", model, *PASSES, "-o", partitioned], check=True)
        text = partitioned.read_text()
        assert text.count("owl.call") > 1 and "owl.transfer" in text
        for before, after in zip(run(model, folder), run(partitioned, folder)):
            np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4)
    print("the same")


if __name__ == "__main__":
    main()
