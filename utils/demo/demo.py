# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles model.mlir for every target, runs it on each with a photograph and
compares what they return with NumPy.

    demo.py BUILD OUT

BUILD is a build of Owl; pictures and intermediate files go to OUT.
"""

import pathlib
import subprocess
import sys
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent)]

import png  # noqa: E402
from owl_unikernel import Unikernel  # noqa: E402

MODEL = HERE / "model.mlir"
LLVM_NM = "/usr/lib/llvm-22/bin/llvm-nm"
# The results are f32 and of the order of 1.
TOLERANCE = 1e-5


def reference(photo):
    """The model in NumPy, in double precision."""
    x = photo.astype(np.float64)
    normal = (x - x.mean(axis=(0, 1))) / np.sqrt(x.var(axis=(0, 1)) + 1e-5)
    large = normal.repeat(2, axis=0).repeat(2, axis=1)
    active = large / (1 + np.exp(-large))
    weights = np.exp(active.mean(axis=(0, 1)))
    return active, weights / weights.sum()


def run(*command):
    """Runs a program; where it fails, what it printed is the error."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{command[0]} failed ({done.returncode}): {done.stdout.strip()}"
        )
    return done.stdout


class Demo:
    def __init__(self, build, out):
        self.bin = pathlib.Path(build).resolve() / "bin"
        self.out = pathlib.Path(out).resolve()
        self.out.mkdir(parents=True, exist_ok=True)
        self.photo = png.read(HERE / "photo.png")
        self.expected = reference(self.photo)
        (self.out / "photo.raw").write_bytes(self.photo.tobytes())
        np.save(self.out / "photo.npy", self.photo)

    # -- Compiling -----------------------------------------------------------

    def translate(self, target, emit, name):
        """Makes `name` of the model; returns its path."""
        path = self.out / name
        run(self.bin / "owl-translate", MODEL, f"--target={target}",
            f"--emit={emit}", "-o", path)  # fmt: skip
        return path

    def compile(self, target):
        """An object file, and the milliseconds that it took."""
        start = time.monotonic()
        path = self.translate(target, "obj", f"{target}.o")
        return path, (time.monotonic() - start) * 1e3

    # -- Running -------------------------------------------------------------

    def read_results(self, target):
        return [
            np.fromfile(path, np.float32).reshape(expected.shape)
            for path, expected in zip(self.result_paths(target), self.expected)
        ]

    def result_paths(self, target):
        return [self.out / f"{target}-{name}.raw" for name in ("active", "shares")]

    def run_jit(self, target):
        paths = [self.out / f"{target}-{name}.npy" for name in ("active", "shares")]
        run(self.bin / "owl-run", MODEL, f"--input={self.out / 'photo.npy'}",
            *(f"--output={path}" for path in paths))  # fmt: skip
        return [np.load(path) for path in paths]

    def run_c(self, target, compiler, emulator=()):
        """Links the object with a C program and runs that."""
        self.translate(target, "header", "model.h")
        program = self.out / f"{target}.exe"
        run(*compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-I", self.out,
            HERE / "main.c", self.out / f"{target}.o", "-o", program)  # fmt: skip
        run(*emulator, program, self.out / "photo.raw", *self.result_paths(target))
        return self.read_results(target)

    def run_wasm(self, target):
        self.translate(target, "module", "model.wasm")
        run("node", HERE / "run.mjs", self.out / "model.mjs",
            self.out / "photo.raw", *self.result_paths(target))  # fmt: skip
        return self.read_results(target)

    def run_unikernel(self, target):
        run(self.bin / "owl-translate", "--check", self.out / f"{target}.o")
        image = self.translate(target, "image", f"{target}.img")
        with Unikernel(image, target.split("-")[1]) as kernel:
            return kernel.call("demo", self.photo.view(np.int8))

    # -- The table -----------------------------------------------------------

    def show(self, target, where, runner, *arguments):
        """Compiles and runs for one target and prints its row; returns whether
        all is well, and the results."""
        try:
            size = undefined = took = "-"
            if target != "host":
                object_file, milliseconds = self.compile(target)
                size = f"{object_file.stat().st_size}"
                symbols = run(LLVM_NM, "-u", object_file).split()
                undefined = str(len(symbols))
                took = f"{milliseconds:.0f}"
            results = runner(target, *arguments)
        except Exception as error:  # One target must not hide the others.
            print(f"{target:18} {where:24} failed: {error}", flush=True)
            return False, None
        difference = max(
            np.abs(result - expected).max()
            for result, expected in zip(results, self.expected)
        )
        # Not a number is no success either.
        good = difference <= TOLERANCE and undefined in ("-", "0")
        print(
            f"{target:18} {where:24} {size:>7} {undefined:>9} "
            f"{difference:14.2e} {took:>10}" + ("" if good else "  WRONG"),
            flush=True,
        )
        return good, results

    def main(self):
        print(f"{'target':18} {'ran on':24} {'object,':>7} {'undefined':>9} "
              f"{'max difference':>14} {'compiling,':>10}")  # fmt: skip
        print(f"{'':18} {'':24} {'bytes':>7} {'symbols':>9} "
              f"{'from NumPy':>14} {'ms':>10}")  # fmt: skip
        rows = [
            self.show("host", "owl-run", self.run_jit),
            self.show("x86_64", "a C program", self.run_c, ["clang-22"]),
            self.show("aarch64", "a C program, qemu-aarch64", self.run_c,
                      ["aarch64-linux-gnu-gcc", "-static"],
                      ["qemu-aarch64"]),
            self.show("wasm32", "Node", self.run_wasm),
            self.show("unikernel-x86_64", "qemu-system-x86_64",
                      self.run_unikernel),
            self.show("unikernel-aarch64", "qemu-system-aarch64",
                      self.run_unikernel),
        ]  # fmt: skip
        if not all(good for good, _ in rows):
            return 1

        active, shares = rows[0][1]
        print(
            "\nshares of the colours: "
            + ", ".join(f"{n} {s:.4f}" for n, s in zip("rgb", shares))
        )
        # SiLU is above -0.28; what is normalised is seldom above 3.
        after = np.clip((active + 0.3) * (255 / 3.3), 0, 255).astype(np.uint8)
        png.write(self.out / "before.png", self.photo)
        png.write(self.out / "after.png", after)
        for name in ("before", "after"):
            height, width, _ = png.read(self.out / f"{name}.png").shape
            print(f"{self.out / name}.png: {width} x {height}")
        return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(Demo(sys.argv[1], sys.argv[2]).main())
