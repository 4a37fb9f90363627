# RUN: %python %s
#
# Files of the formats that are read by LLVM and MLIR, with a few bytes changed
# at random, the same ones each time: whatever they say then, no tool may crash or
# hang, and it says at most one thing.

import pathlib
import random
import struct
import subprocess
import sys
import tempfile

MODEL = """\
func.func @f(%x: tensor<?x4xf32>) -> tensor<?xf32> {
  %e = math.exp %x : tensor<?x4xf32>
  %s = owl.reduce <sum> %e axes = [1] : tensor<?x4xf32> -> tensor<?xf32>
  return %s : tensor<?xf32>
}
"""
COUNT = 100  # of each format
SECTION_TABLE, NUM_SECTIONS = 0x28, 0x3C  # in the header of an ELF file
SIZE_OF_SECTION = 64


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace",
                          timeout=60, stdin=subprocess.DEVNULL)


def damage(data, numbers):
    data = bytearray(data)
    if numbers.random() < 0.1:
        del data[numbers.randrange(1, len(data)):]
    # Half of it in the header and at the end, where ELF has its tables.
    for _ in range(numbers.randint(1, 3)):
        near = numbers.choice([len(data), min(64, len(data)), -min(900, len(data))])
        at = numbers.randrange(near) if near > 0 else numbers.randrange(near, 0)
        data[at] = numbers.choice([data[at] ^ 1 << numbers.randrange(8), 0, 255])
    return bytes(data)


def zero_entry_sizes(data):
    """The object with entries of 0 bytes in its tables of relocations."""
    data = bytearray(data)
    table, = struct.unpack_from("<Q", data, SECTION_TABLE)
    count, = struct.unpack_from("<H", data, NUM_SECTIONS)
    for at in range(table, table + count * SIZE_OF_SECTION, SIZE_OF_SECTION):
        if struct.unpack_from("<I", data, at + 4)[0] == 4:  # SHT_RELA
            struct.pack_into("<Q", data, at + 56, 0)  # sh_entsize
    return bytes(data)


def main():
    numbers = random.Random(1)
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "model.mlir").write_text(MODEL)
        model, damaged = str(folder / "model.mlir"), str(folder / "damaged")

        def check(data, tools, expected=""):
            nonlocal failures
            pathlib.Path(damaged).write_bytes(data)
            for tool in tools:
                done = run(*tool)
                lines = done.stderr.count("error: ")
                if done.returncode == 0 and not expected:
                    continue
                if done.returncode == 1 and lines <= 1 and done.stderr and \
                        expected in done.stderr and "cannot go on" not in done.stderr:
                    continue
                failures += 1
                print(f"FAIL {tool} ended with {done.returncode}\n{done.stderr[:800]}\n"
                      f"{data.hex()}")

        checker = ["owl-translate", "--check", damaged]
        for target in ("unikernel-x86_64", "unikernel-aarch64"):
            whole = str(folder / target)
            assert run("owl-translate", model, f"--target={target}", "-o", whole).returncode == 0
            data = pathlib.Path(whole).read_bytes()
            if target == "unikernel-x86_64":  # The other has no relocations.
                check(zero_entry_sizes(data), [checker], "malformed object: ")
            for _ in range(COUNT):
                check(damage(data, numbers), [checker])

        whole = str(folder / "bytecode")
        assert run("owl-opt", model, "--emit-bytecode", "-o", whole).returncode == 0
        data = pathlib.Path(whole).read_bytes()
        for _ in range(COUNT):
            check(damage(data, numbers), [
                ["owl-opt", damaged, "-o", "/dev/null"],
                ["owl-translate", damaged, "--target=x86_64", "-o", "/dev/null"]])
    print(f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
