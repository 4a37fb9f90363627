# RUN: %python %s
#
# Everything that can be wrong with what the tools are given. Each case must end
# with exit code 1 and one diagnostic that mentions what is expected, leave no
# output file and no temporary one, and never crash or hang.

import io
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

GOOD = """\
func.func @f(%x: tensor<3x4xf32>) -> tensor<3xf32> {
  %s = owl.reduce <sum> %x axes = [1] : tensor<3x4xf32> -> tensor<3xf32>
  return %s : tensor<3xf32>
}
"""


def body(line, argument="tensor<3x4xf32>"):
    return f"func.func @f(%x: {argument}) {{\n  {line}\n  return\n}}\n"


# Models that no tool may take: name, text, what the diagnostic says.
MODELS = [
    ("binary junk", bytes(range(1, 256)) * 4, ""),
    ("zeros", bytes(64), ""),
    ("half a function", GOOD[: len(GOOD) // 2], ""),
    ("no closing brace", GOOD.rstrip()[:-1], ""),
    ("not UTF-8", b"func.func @\xff\xfe() { return }\n", ""),
    ("bytecode cut short", b"ML\xefR\x06\x00\x00", ""),
    ("unknown op", body('"owl.nothing"() : () -> ()'), "unregistered|unknown|unrecognized"),
    ("unknown dialect", body("foo.bar %x"), ""),
    ("undefined value", body(
        "%s = owl.reduce <sum> %y axes = [1] : tensor<3x4xf32> -> tensor<3xf32>"),
     "undeclared"),
    ("unknown kind", body(
        "%s = owl.reduce <median> %x axes = [1] : tensor<3x4xf32> -> tensor<3xf32>"),
     "sum"),
    ("negative axis", body(
        "%s = owl.reduce <sum> %x axes = [-1] : tensor<3x4xf32> -> tensor<3xf32>"),
     r"each axis in \[0, 2\), got -1; did you mean 1"),
    ("axis beyond the rank", body(
        "%s = owl.reduce <sum> %x axes = [2] : tensor<3x4xf32> -> tensor<3xf32>"),
     r"each axis in \[0, 2\), got 2"),
    ("axis twice", body(
        "%s = owl.reduce <sum> %x axes = [1, 1] : tensor<3x4xf32> -> tensor<3xf32>"),
     "distinct"),
    ("axis that is no integer", body(
        "%s = owl.reduce <sum> %x axes = [1.5] : tensor<3x4xf32> -> tensor<3xf32>"), ""),
    ("axis beyond int64", body(
        "%s = owl.reduce <sum> %x axes = [99999999999999999999] : "
        "tensor<3x4xf32> -> tensor<3xf32>"), ""),
    ("no axes", body("%s = owl.reduce <sum> %x : tensor<3x4xf32> -> tensor<3xf32>"),
     "axes"),
    ("wrong result shape", body(
        "%s = owl.reduce <sum> %x axes = [1] : tensor<3x4xf32> -> tensor<4xf32>"),
     "tensor<3xf32>"),
    ("wrong result rank", body(
        "%s = owl.reduce <sum> %x axes = [1] keep_dims : tensor<3x4xf32> -> tensor<3xf32>"),
     "tensor<3x1xf32>"),
    ("wrong result element", body(
        "%s = owl.reduce <argmax> %x axes = [1] : tensor<3x4xf32> -> tensor<3xf32>"),
     "i64"),
    ("element type without arithmetic", body(
        "%s = owl.reduce <sum> %x axes = [0] : tensor<3xcomplex<f32>> -> "
        "tensor<complex<f32>>", "tensor<3xcomplex<f32>>"), "f32"),
    ("odd integer", body(
        "%s = owl.reduce <sum> %x axes = [0] : tensor<3xi7> -> tensor<i7>", "tensor<3xi7>"),
     "i8"),
    ("unranked", body(
        "%s = owl.reduce <sum> %x axes = [0] : tensor<*xf32> -> tensor<f32>",
        "tensor<*xf32>"), "ranked"),
    ("max of nothing", body(
        "%s = owl.reduce <max> %x axes = [0] : tensor<0xf32> -> tensor<f32>",
        "tensor<0xf32>"), "at least one element"),
    ("unsigned float", body(
        "%s = owl.reduce <sum> %x axes = [0] unsigned : tensor<3x4xf32> -> tensor<4xf32>"),
     "signless"),
    ("type of the operand and its use", body(
        "%s = owl.reduce <sum> %x axes = [1] : tensor<3x5xf32> -> tensor<3xf32>"),
     "different type"),
    ("too few counts", body(
        "%s = owl.repeat %x by [2] : tensor<3x4xf32> -> tensor<6x4xf32>"), "2 counts"),
    ("negative count", body(
        "%s = owl.tile %x by [2, -1] : tensor<3x4xf32> -> tensor<6x?xf32>"),
     "0 or more"),
    ("count of a wrong type", "func.func @f(%x: tensor<3xf32>, %n: i64) {\n"
     "  %s = owl.tile %x by [%n] : tensor<3xf32> -> tensor<?xf32>\n  return\n}\n", ""),
    ("repeat beyond int64", body(
        "%s = owl.repeat %x by [9223372036854775807] : tensor<3xf32> -> tensor<?xf32>",
        "tensor<3xf32>"), "64-bit"),
    ("elements beyond int64", body(
        "%s = owl.reduce <sum> %x axes = [0, 1] : "
        "tensor<9223372036854775807x9223372036854775807xf32> -> tensor<f32>",
        "tensor<9223372036854775807x9223372036854775807xf32>"), "64-bit"),
    ("bytes beyond int64", body(
        "%s = owl.reduce <sum> %x axes = [0] : tensor<4611686018427387904xf64> -> tensor<f64>",
        "tensor<4611686018427387904xf64>"), "64-bit"),
    ("dimension beyond int64", body(
        "%s = owl.reduce <sum> %x axes = [0] : tensor<99999999999999999999xf32> -> "
        "tensor<f32>", "tensor<99999999999999999999xf32>"), ""),
    ("fold of a wrong region", body(
        "%c = arith.constant 0.0 : f32\n"
        "  %s = owl.fold %x init %c axes = [1] {\n  ^bb0(%e: f64, %a: f32):\n"
        "    owl.yield %a : f32\n  } : tensor<3x4xf32>, f32 -> tensor<3xf32>"),
     "accumulator"),
    ("fold that yields another type", body(
        "%c = arith.constant 0.0 : f32\n"
        "  %s = owl.fold %x init %c axes = [1] {\n  ^bb0(%e: f32, %a: f32):\n"
        "    %w = arith.extf %a : f32 to f64\n"
        "    owl.yield %w : f64\n  } : tensor<3x4xf32>, f32 -> tensor<3xf32>"),
     "accumulator"),
    ("fold without an end", body(
        "%c = arith.constant 0.0 : f32\n"
        "  %s = owl.fold %x init %c axes = [1] {\n  ^bb0(%e: f32, %a: f32):\n"
        "  } : tensor<3x4xf32>, f32 -> tensor<3xf32>"), ""),
    ("yield outside of a fold", body(
        "%c = arith.constant 0.0 : f32\n  owl.yield %c : f32"), ""),
    ("two functions of one name", GOOD + GOOD, "redefinition"),
    ("deep nesting", "module { " * 5000, ""),
    ("deep nesting behind a string with slashes",
     'module attributes {t.u = "http://x", t.b = ' + "[" * 60000, "nests too deeply"),
    ("deep nesting with brackets in strings",
     "module attributes {t.b = " + r'["]\"]", ' * 60000, "nests too deeply"),
    ("deep nesting between comparisons",
     "module attributes {t.b = " + "[affine_set<(d0) : (d0 >= 0)>, " * 60000,
     "nests too deeply"),
    ("deep negation",
     "module attributes {t.m = affine_map<(d0) -> (" + "-" * 60000 + "d0)>} {}\n",
     "nests too deeply"),
    ("deep types", "func.func @f(%x: " + "tuple<" * 5000 + "f32", ""),
    ("endless string", 'func.func @"' + "f" * 100000, ""),
]

# Models that parse and cannot be compiled: for owl-translate and owl-run.
UNCOMPILABLE = [
    ("empty file", "", "function"),
    ("only a comment", "// nothing\n", "function"),
    ("two modules", f"module {{\n{GOOD}}}\nmodule {{\n{GOOD}}}\n", "expected one module"),
    ("a module in a module", f"module {{\nmodule {{\n{GOOD}}}\n}}\n",
     "expected one module"),
    ("only private functions", GOOD.replace("@f", "private @f"), "public"),
    ("a declaration without a body", "func.func @f(tensor<3xf32>) -> tensor<3xf32>\n"
     .replace("func.func @f", "func.func private @g") +
     "func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {\n"
     "  %y = call @g(%x) : (tensor<3xf32>) -> tensor<3xf32>\n"
     "  return %y : tensor<3xf32>\n}\n", ""),
    ("an unranked argument", "func.func @f(%x: tensor<*xf32>) { return }\n", ""),
    ("an argument of no element type", "func.func @f(%x: tensor<3xi7>) { return }\n", ""),
    ("a memref argument", "func.func @f(%x: memref<3xf32>) { return }\n", ""),
    ("a function argument", "func.func @f(%x: () -> ()) { return }\n", ""),
    ("a tensor of indices", "func.func @f(%x: tensor<3xindex>) { return }\n", "index"),
    ("a rounding mode", """\
func.func @f(%x: tensor<3x4xf32>) -> tensor<3x4xf16> {
  %y = arith.truncf %x toward_zero : tensor<3x4xf32> to tensor<3x4xf16>
  return %y : tensor<3x4xf16>
}
""", "nearest even"),
    ("an op without loops", """\
func.func @f(%x: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %i = arith.constant dense<1> : tensor<2x1xi64>
  %y = tensor.gather %x[%i] gather_dims([0]) : (tensor<3x4xf32>, tensor<2x1xi64>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
""", "tensor.gather"),
    ("a name that is no C identifier", GOOD.replace("@f", '@"a b"'), "identifier"),
    ("a result shape that depends on data", """\
func.func @f(%n: index, %x: tensor<1xf32>) -> tensor<?xf32> {
  %r = owl.repeat %x by [%n] : tensor<1xf32> -> tensor<?xf32>
  return %r : tensor<?xf32>
}
""", ""),
    ("recursion", """\
func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
  %y = call @f(%x) : (tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}
""", ""),
]


def npy(data):
    file = io.BytesIO()
    np.save(file, data)
    return file.getvalue()


X = np.arange(12, dtype=np.float32).reshape(3, 4)


# Diagnostics, complaints about the command line, and rules that --check says are
# broken.
ERROR = re.compile(
    r"^(?:.*\berror: |owl-\w+: (?:Unknown command line argument|for the -)"
    r"|[\w.]+: not a relocatable).*$", re.M)


class Checker:
    def __init__(self, folder):
        self.folder, self.count, self.failures = folder, 0, []

    def check(self, name, command, expect="", files=(), writes=("out",)):
        """Runs a command in a folder of its own with `files` in it."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        for path, data in dict(files).items():
            data = data if isinstance(data, bytes) else data.encode()
            (folder / path).write_bytes(data)
        before = set(folder.iterdir())
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return self.fail(name, command, "took more than 60 s", "")
        except FileNotFoundError:
            return self.fail(name, command, "is not there", "")
        text = done.stderr.decode(errors="replace")
        errors = ERROR.findall(text)
        left = {path.name for path in set(folder.iterdir()) - before}
        if done.returncode != 1:
            self.fail(name, command, f"ended with {done.returncode}", text)
        elif len(errors) != 1:
            self.fail(name, command, f"printed {len(errors)} errors", text)
        elif not re.search(expect, text):
            self.fail(name, command, f"did not say '{expect}'", text)
        elif left:
            self.fail(name, command, f"left {sorted(left)}", text)
        elif done.stdout:
            self.fail(name, command, "wrote to standard output", text)

    def fail(self, name, command, what, text):
        self.failures.append(name)
        print(f"FAIL {name}: {' '.join(command)} {what}\n{text[:1500]}")


def check_opt(checker):
    for name, text, expect in MODELS:
        checker.check(f"owl-opt: {name}", ["owl-opt", "model.mlir", "-o", "out"], expect,
                      {"model.mlir": text})
    good = {"model.mlir": GOOD}
    checker.check("owl-opt: missing file", ["owl-opt", "none.mlir"], "none.mlir")
    checker.check("owl-opt: a folder", ["owl-opt", "."], "")
    checker.check("owl-opt: unknown pass", ["owl-opt", "model.mlir", "--no-such-pass"],
                  "no-such-pass", good)
    checker.check("owl-opt: unwritable output",
                  ["owl-opt", "model.mlir", "-o", "none/out"], "none/out", good)


def check_translate(checker):
    def command(*extra):
        return ["owl-translate", "model.mlir", *extra]

    for name, text, expect in MODELS + UNCOMPILABLE:
        checker.check(f"owl-translate: {name}",
                      command("--target=x86_64", "-o", "out"), expect, {"model.mlir": text})
    for target in ("aarch64", "wasm32", "unikernel-x86_64", "unikernel-aarch64", "host"):
        checker.check(f"owl-translate: bad model for {target}",
                      command(f"--target={target}", "-o", "out"), "each axis",
                      {"model.mlir": MODELS[10][1]})
    for emit in ("asm", "llvm-ir", "llvm-bc", "mlir", "header", "signature"):
        checker.check(f"owl-translate: bad model for {emit}",
                      command("--target=x86_64", f"--emit={emit}", "-o", "out"), "each axis",
                      {"model.mlir": MODELS[10][1]})
    good = {"model.mlir": GOOD}
    for name, extra, expect in (
        ("unknown target", ["--target=mips", "-o", "out"], "x86_64.*aarch64.*wasm32"),
        ("empty target", ["--target=", "-o", "out"], ""),
        ("unknown emit", ["--target=x86_64", "--emit=pdf", "-o", "out"], "pdf"),
        ("module of a native target", ["--target=x86_64", "--emit=module", "-o", "out"],
         "wasm32"),
        ("image of a native target", ["--triple=x86_64-apple-macos", "--emit=image", "-o", "out"],
         "unikernel"),
        ("image of wasm", ["--target=wasm32", "--emit=image", "-o", "out"], "unikernel"),
        ("unknown CPU", ["--target=x86_64", "--mcpu=abacus", "-o", "out"], "abacus"),
        ("unknown feature", ["--target=x86_64", "--mattr=+magic", "-o", "out"], "magic"),
        ("unknown triple", ["--triple=foo-bar-baz", "-o", "out"], "foo"),
        ("unknown flag", ["--target=x86_64", "--nothing", "-o", "out"], "nothing"),
        ("unwritable output", ["--target=x86_64", "-o", "none/out"], "none/out"),
        ("output that is a folder", ["--target=x86_64", "-o", "."], ""),
        ("module of another name", ["--target=wasm32", "--emit=module", "-o", "out"],
         r"NAME\.wasm"),
        ("AVX in a unikernel", ["--target=unikernel-x86_64", "--mattr=+avx2", "--emit=image", "-o", "out"],
         "AVX"),
        ("SVE in a unikernel", ["--target=unikernel-aarch64", "--mattr=+sve", "--emit=image", "-o", "out"],
         "does not switch on SVE"),
        ("SVE of a CPU in a unikernel", ["--target=unikernel-aarch64", "--mcpu=neoverse-v1", "--emit=image", "-o", "out"],
         "does not switch on SVE"),
        ("SME in a unikernel", ["--target=unikernel-aarch64", "--mattr=+sme", "--emit=image", "-o", "out"],
         "does not switch on SME"),
        ("bad prefix", ["--target=x86_64", "--symbol-prefix=9-", "-o", "out"], ""),
    ):
        checker.check(f"owl-translate: {name}", command(*extra), expect, good)
    checker.check("owl-translate: missing file",
                  ["owl-translate", "none.mlir", "--target=x86_64", "-o", "out"],
                  "none.mlir")
    checker.check("owl-translate: nothing on standard input",
                  ["owl-translate", "-", "--target=x86_64", "-o", "out"], "function")
    checker.check("owl-translate: check of a missing file",
                  ["owl-translate", "--check", "none.o"], "none.o")
    checker.check("owl-translate: check of no object",
                  ["owl-translate", "--check", "model.mlir"], "", good)


def check_run(checker):
    def command(*extra):
        return ["owl-run", "model.mlir", "--entry=f", "--output=out", *extra]

    x = npy(X)
    for name, text, expect in MODELS + UNCOMPILABLE:
        checker.check(f"owl-run: {name}", command("--input=x.npy"), expect,
                      {"model.mlir": text, "x.npy": x})
    for name, data, expect in (
        ("empty", b"", "npy"),
        ("junk", bytes(range(256)), "npy"),
        ("only the magic number", x[:6], ""),
        ("no header", x[:10], ""),
        ("half a header", x[:40], ""),
        ("no data", x[:128], ""),
        ("truncated", x[:-1], ""),
        ("too long", x + b"\0", ""),
        ("unknown version", x[:6] + b"\x09\x00" + x[8:], "version"),
        ("header that is no dictionary", x[:10] + b"[" * 118, ""),
        ("wrong dtype", npy(X.astype(np.float64)), "float32"),
        ("complex", npy(X.astype(np.complex64)), ""),
        ("strings", npy(np.array(["a", "b"])), ""),
        ("wrong shape", npy(X.T.copy()), "3x4"),
        ("wrong rank", npy(X.ravel()), ""),
        ("negative shape", x.replace(b"(3, 4)", b"(-3, 4)"), ""),
        ("huge shape", x.replace(b"(3, 4)", b"(3, 4000000000000000000)"), ""),
    ):
        checker.check(f"owl-run: {name} input", command("--input=x.npy"), expect,
                      {"model.mlir": GOOD, "x.npy": data})
    good = {"model.mlir": GOOD, "x.npy": x}
    for name, line, expect in (
        ("missing file", ["owl-run", "none.mlir", "--entry=f", "--input=x.npy"],
         "none.mlir"),
        ("missing input", command("--input=none.npy"), "none.npy"),
        ("no input", command(), "1"),
        ("too many inputs", command("--input=x.npy", "--input=x.npy"), "1"),
        ("one output twice", command("--input=x.npy", "--output=out"), "1 result, got 2"),
        ("too many outputs", command("--input=x.npy", "--output=out2"), "1"),
        ("unknown entry", ["owl-run", "model.mlir", "--entry=g", "--input=x.npy"], "'?@?g"),
        ("unwritable output",
         ["owl-run", "model.mlir", "--entry=f", "--input=x.npy", "--output=none/y.npy"],
         "none/y.npy"),
        ("repeat of no number", command("--input=x.npy", "--repeat=many"), ""),
        ("unknown flag", command("--input=x.npy", "--nothing"), "nothing"),
    ):
        checker.check(f"owl-run: {name}", line, expect, good)


def main():
    tools = sys.argv[1:] or ["opt", "translate", "run"]
    with tempfile.TemporaryDirectory() as scratch:
        checker = Checker(pathlib.Path(scratch))
        for tool in tools:
            globals()[f"check_{tool}"](checker)
        print(f"{checker.count} cases, {len(checker.failures)} failed")
        return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main())
