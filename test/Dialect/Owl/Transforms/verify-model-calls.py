# RUN: %python %s
#
# Functions that each call the one before them twice make more ops than anything
# could compile, which is known before any is made.

import subprocess


def doubling(depth):
    text = "func.func private @g0(%x: i32) -> i32 {\n  %y = arith.addi %x, %x : i32\n" \
           "  return %y : i32\n}\n"
    for i in range(1, depth + 1):
        visibility = "" if i == depth else "private "
        text += f"func.func {visibility}@g{i}(%x: i32) -> i32 {{\n"
        text += f"  %y = func.call @g{i - 1}(%x) : (i32) -> i32\n"
        text += f"  %z = func.call @g{i - 1}(%y) : (i32) -> i32\n  return %z : i32\n}}\n"
    return text


def compile(text):
    return subprocess.run(["owl-opt", "--owl-to-affine", "-o", "/dev/null"], input=text,
                          capture_output=True, text=True, timeout=60)


for depth in (24, 200):
    run = compile(doubling(depth))
    assert run.returncode == 1, run
    assert "error: expects calls that make at most 100000 ops" in run.stderr, run.stderr
    assert run.stderr.count("error:") == 1, run.stderr
run = compile(doubling(8))
assert run.returncode == 0, run.stderr
# A long way is none that doubles.
chain = "func.func private @g0(%x: i32) -> i32 {\n  return %x : i32\n}\n"
for i in range(1, 100):
    chain += f"func.func {'' if i == 99 else 'private '}@g{i}(%x: i32) -> i32 {{\n" \
             f"  %y = func.call @g{i - 1}(%x) : (i32) -> i32\n  return %y : i32\n}}\n"
run = compile(chain)
assert run.returncode == 0, run.stderr
# Nor is a function that calls itself and is never called.
run = compile(chain + "func.func private @r(%x: i32) -> i32 {\n"
              "  %y = func.call @r(%x) : (i32) -> i32\n  return %y : i32\n}\n")
assert run.returncode == 0, run.stderr
