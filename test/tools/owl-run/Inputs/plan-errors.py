# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Damages the package in `package` in one way after the other. Each time owl-run
# must say one sentence that has certain words, end with exit code 1, and leave
# neither an output nor a process behind.

import copy
import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess

import numpy as np

PLAN = json.loads(pathlib.Path("package/plan.json").read_text())
CENTRE = [f["name"] for f in PLAN["functions"]].index("centre")
RESULTS = {f["name"]: len(f["results"]) for f in PLAN["functions"]}
np.save("x.npy", np.ones((2, 4), np.float32))
np.save("y.npy", np.ones((3, 4), np.float32))
np.save("n.npy", np.ones(8, np.int32))

# Processes that lose their parent become children of this one.
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def expect(words, plan="damaged/plan.json", entry="centre", inputs=("x",), options=(),
           environment=None):
    command = ["owl-run", f"--plan={plan}", f"--entry={entry}", *options,
               *(f"--input={name}.npy" for name in inputs)]
    outputs = [f"none{i}.npy" for i in range(RESULTS[entry])]
    command += [f"--output={path}" for path in outputs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100,
                          env=environment)
    what = (words, done.returncode, done.stdout, done.stderr)
    assert done.returncode == 1 and done.stdout == "", what
    assert done.stderr.count("error:") == 1 and re.search(words, done.stderr), what
    assert len(done.stderr.splitlines()) == 1, what
    assert not any(os.path.exists(path) for path in outputs), what
    try:
        assert os.waitpid(-1, os.WNOHANG) == "nothing", what
    except ChildProcessError:
        pass


def damage():
    shutil.rmtree("damaged", ignore_errors=True)
    shutil.copytree("package", "damaged")


# -- The plan ------------------------------------------------------------------


def expect_plan(words, change):
    plan = copy.deepcopy(PLAN)
    change(plan, plan["functions"][CENTRE]["steps"])
    pathlib.Path("damaged/plan.json").write_text(json.dumps(plan))
    expect(words, entry="subtract", inputs=("x", "x"))


damage()
S = rf"plan.json: functions\[{CENTRE}\]\.steps"
expect("no-such.json: cannot read it: No such file", plan="no-such.json")
for text, words in [("", "plan.json: "), ("{", r"\[1:1, byte=1\]"), ("[]", "expected object"),
                    ("{}", "format"), ('{"format": "owl-plan", "version": 2}', "version 1")]:
    pathlib.Path("damaged/plan.json").write_text(text)
    expect(words)
expect_plan("expected string at .*devices\\[1\\].name", lambda p, s: p["devices"][1].update(name=3))
expect_plan("missing value at .*devices\\[0\\].triple", lambda p, s: p["devices"][0].pop("triple"))
expect_plan("expected object at .*devices\\[0\\].files", lambda p, s: p["devices"][0].pop("files"))
for path in ("../pc/pc.json", "/etc/passwd"):
    expect_plan("expected a path in the package at .*devices\\[0\\].files.signature",
                lambda p, s: p["devices"][0]["files"].update(signature=path))
expect_plan(r"devices\[1\]\.name: expected another name", lambda p, s: p["devices"][1].update(name="pc"))
expect_plan("expected call, transfer, size or empty at .*steps\\[0\\].step", lambda p, s: s[0].update(step="jump"))
expect_plan("expected integer at .*steps\\[1\\].argument", lambda p, s: s[1].update(argument="x"))
expect_plan(S + r"\[0\]\.device: there is no device 'mars'", lambda p, s: s[0].update(device="mars"))
expect_plan(S + r"\[1\]\.to: there is no device 'mars'", lambda p, s: s[1].update(to="mars"))
expect_plan(S + r"\[1\]\.from: value 1 is on device 'pc', not on 'web'", lambda p, s: s[1].update({"from": "web"}))
expect_plan(S + r"\[0\]\.function: device 'pc' has no function 'f'", lambda p, s: s[0].update(function="f"))
expect_plan(S + r"\[0\]\.arguments\[0\]: expected a value below 1", lambda p, s: s[0].update(arguments=[1]))
expect_plan(S + r"\[0\]\.arguments\[0\]: expected a value below 1", lambda p, s: s[0].update(arguments=[-1]))
expect_plan(S + r"\[0\]\.arguments: 'double' takes 1, got 2", lambda p, s: s[0].update(arguments=[0, 0]))
expect_plan(S + r"\[0\]\.results: expected 1, got 0", lambda p, s: s[0].update(results=[]))
expect_plan(S + r"\[0\]\.results: expected the next value to be 1, got 7", lambda p, s: s[0].update(results=[7]))
expect_plan(S + r"\[1\]\.argument: expected an index, value 1 is tensor<\?x4xf32>",
            lambda p, s: s[1].update(step="empty"))
expect_plan(S + r"\[2\]\.arguments\[0\]: value 1 is on device 'pc': expected a transfer to 'arm'",
            lambda p, s: s[2].update(arguments=[1]))
expect_plan(S + r"\[5\]\.arguments\[0\]: 'repeat' takes tensor<\?x1xf32>, value 1 is tensor<\?x4xf32>",
            lambda p, s: s[5].update(arguments=[1]))
expect_plan(rf"functions\[{CENTRE}\]\.returns: expected 2, got 1",
            lambda p, s: p["functions"][CENTRE].update(returns=[0]))
expect_plan(rf"functions\[{CENTRE}\]\.returns\[1\]: the result is tensor<\?x1xf32>",
            lambda p, s: p["functions"][CENTRE].update(returns=[0, 0]))
expect_plan(r"arguments\[0\]\.type: expected an element type, got 'f31'",
            lambda p, s: p["functions"][CENTRE]["arguments"][0].update(type="f31"))
expect_plan(r"arguments\[0\]\.shape\[1\]: expected no negative size, got -4",
            lambda p, s: p["functions"][CENTRE]["arguments"][0].update(shape=[None, -4]))
expect_plan("functions: expected one at least", lambda p, s: p.update(functions=[]))

# -- Files ---------------------------------------------------------------------


def expect_file(path, contents, words, **options):
    damage()
    file = pathlib.Path("damaged", path)
    if contents is None:
        file.unlink()
    else:
        file.write_bytes(contents)
    expect(words, **options)


expect_file("web/web.json", None, "web.json: cannot read it")
expect_file("web/web.json", b"{}", "web.json: missing value at .*functions")
expect_file("pc/pc.o", None, "device 'pc': cannot read '.*pc.o'")
expect_file("pc/pc.o", b"no object", "device 'pc': cannot link '.*pc.o'")
expect_file("pc/pc.json", pathlib.Path("package/pc/pc.json").read_bytes().replace(b"owl_pass", b"owl_gone"),
            r"device 'pc': cannot link '.*pc.o': Symbols not found: .*owl_gone")
expect_file("arm/arm.serve", None, "device 'arm': cannot read '.*arm.serve'")
expect_file("arm/arm.serve", b"\x7fELF", "device 'arm': it ended with exit code")
expect_file("web/web.wasm", b"\0asm", "device 'web': it ended with exit code 1: .*CompileError",
            entry="sizes")

# -- Devices -------------------------------------------------------------------

# A server in JavaScript that says ANSWER to the first request.
SERVER = """
import { readSync, writeSync } from 'node:fs';
function say(kind, payload) {
  const head = Buffer.alloc(16), end = Buffer.alloc(4);
  head.write('OWL1');
  head.writeUInt16LE(kind, 4);
  head.writeUInt16LE(1, 6);
  head.writeUInt32LE(payload.length, 8);
  head.writeUInt32LE(crc(head.subarray(0, 12)), 12);
  end.writeUInt32LE(crc(payload));
  return Buffer.concat([head, payload, end]);
}
function crc(data) {
  let value = -1;
  for (const byte of data) {
    value ^= byte;
    for (let i = 0; i < 8; ++i) value = value >>> 1 ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}
writeSync(1, '\\nOWL1 fake functions=1 memory=1 ticks=1\\n');
readSync(0, Buffer.alloc(1000));
writeSync(1, ANSWER);
setInterval(() => {}, 1000);
"""
REPLY = """say(0x8002, Buffer.concat([
  Buffer.alloc(24), Buffer.from(BigInt64Array.of(2n, %s).buffer), Buffer.alloc(%d)]))"""
for program, words in [
    ("process.exit(5);", "device 'web': it ended with exit code 5"),
    ("process.kill(process.pid, 'SIGKILL');", "device 'web': it was ended by signal 9"),
    ("throw new Error('no');", "device 'web': it ended with exit code 1: Error: no"),
    ("setInterval(() => {}, 1000);", "device 'web': it did nothing for 1 seconds"),
    ("import { writeSync } from 'node:fs'; for (;;) writeSync(1, 'x'.repeat(1000));", "device 'web': it prints other things"),
    (SERVER.replace("ANSWER", "'?'.repeat(1 << 21)"), "device 'web': it answers other things"),
    (SERVER.replace("ANSWER", "say(0x8001, Buffer.alloc(0))"), "device 'web': it answers another request"),
    (SERVER.replace("ANSWER", "say(0x8002, Buffer.alloc(7))"), "device 'web': its answer is too short"),
    (SERVER.replace("ANSWER", REPLY % ("5n", 32)), "device 'web': dimension 1 of result 0 is 5, expected 4"),
    (SERVER.replace("ANSWER", REPLY % ("4n", 31)), "device 'web': its answer is too short"),
    (SERVER.replace("ANSWER", REPLY % ("4n", 33)), "device 'web': its answer is too long"),
    (SERVER.replace("ANSWER", "say(0x8002, Buffer.alloc(60)).fill(1, 30)"), "device 'web': its answer is damaged"),
    (SERVER.replace("ANSWER", "say(0xffff, Buffer.from('\\x01\\0\\0\\0sorry'))"), "device 'web': sorry"),
]:
    # Whoever is to be silent gets a second; no other process is in this function.
    options = ["--timeout=1"] if "seconds" in words else []
    expect_file("web/web.serve.mjs", program.encode(), words, entry="sizes", options=options)

expect("device 'arm': cannot run 'qemu-aarch64': No such file", plan="package/plan.json",
       environment={"PATH": os.path.dirname(shutil.which("owl-run"))})

# What the model itself refuses.
expect("device 'kernel': dimensions are negative, do not agree", plan="package/plan.json",
       entry="subtract", inputs=("x", "y"))
expect("x.npy: argument 0 of 'types' expects", plan="package/plan.json", entry="types",
       inputs=("x",) + 12 * ("n",))
