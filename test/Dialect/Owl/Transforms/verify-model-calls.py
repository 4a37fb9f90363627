# RUN: %python %s
#
# Functions that each call the one before them twice make more ops than anything
# could compile, which is known before any is made; so are loops, in one function
# or through calls, that upstream would take hours for.

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

# What only public functions need is counted once, not at each step on the way.
large = "func.func private @leaf(%x: i32) -> i32 {\n  %0 = arith.addi %x, %x : i32\n"
large += "".join(f"  %{i} = arith.muli %{i - 1}, %x : i32\n" for i in range(1, 20000))
large += "  return %19999 : i32\n}\n"
for i in range(6):
    large += f"func.func {'' if i == 5 else 'private '}@h{i}(%x: i32) -> i32 {{\n" \
             f"  %y = func.call @{f'h{i - 1}' if i else 'leaf'}(%x) : (i32) -> i32\n" \
             "  return %y : i32\n}\n"


def verify(text):
    return subprocess.run(["owl-opt", "--owl-verify-model", "-o", "/dev/null"], input=text,
                          capture_output=True, text=True, timeout=60)


run = verify(large)
assert run.returncode == 0, run.stderr
run = verify(large.replace("private ", ""))
assert run.returncode == 1 and "at most 100000 ops" in run.stderr, run.stderr


def nested(depth, name="f", carried="tensor<4xf32>", inner=None):
    """Loops in one another, around a call of `inner` if there is one."""
    text = f"func.func @{name}(%a0: {carried}, %n: index) -> {carried} {{\n"
    for i in range(depth):
        text += f"  %r{i} = scf.for %i{i} = %n to %n step %n iter_args(%a{i + 1} = %a{i}) " \
                f"-> {carried} {{\n"
    result = f"%a{depth}"
    if inner:
        text += f"  %c = func.call @{inner}({result}, %n) : ({carried}, index) -> {carried}\n"
        result = "%c"
    for i in reversed(range(depth)):
        text += f"  scf.yield {result} : {carried}\n  }}\n"
        result = f"%r{i}"
    return text + f"  return {result} : {carried}\n}}\n"


for text in (nested(16), nested(24, carried="f32"),
             nested(8, "g") + nested(8, inner="g")):
    run = verify(text)
    assert run.returncode == 0, run.stderr
for text in (nested(17), nested(26), nested(8, "g") + nested(9, inner="g"),
             nested(17, "g") + nested(0, inner="g")):
    run = verify(text)
    assert run.returncode == 1 and run.stderr.count("error:") == 1, run
    assert "error: expects at most 16 loops that carry tensors" in run.stderr, run.stderr
