#!/usr/bin/python3
# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Boots a unikernel image in QEMU and calls its functions.

    with Unikernel("model.img", "x86_64") as kernel:
        print(kernel.functions)
        (y,) = kernel.call("softmax", x)
        print(kernel.timing.least)

docs/unikernel.md describes the protocol. Small calls go over the serial port;
the arrays of large ones are put into the machine's memory, which QEMU shares
with this process. Needs NumPy and QEMU, nothing else.

From the command line:

    owl_unikernel.py IMAGE                          lists the functions
    owl_unikernel.py IMAGE f x.npy y.npy -o out     calls f, writes out0.npy ...
"""

import argparse
import collections
import dataclasses
import math
import mmap
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
import zlib

import numpy as np

MAGIC = b"OWL1"
HEADER = struct.Struct("<4sHHII")
LIST, CALL, LAYOUT, SHUTDOWN, REPLY, ERROR = 1, 2, 3, 4, 0x8000, 0xFFFF
IN_PLACE = 1

ERROR_NAMES = {
    1: "damaged",
    2: "incomplete",
    3: "unknown request",
    4: "malformed",
    5: "out of memory",
    6: "exception",
}

# The element types in the order of their codes. A bf16 is its bits.
ELEMENT_TYPES = [
    ("i1", np.bool_),
    ("i8", np.int8),
    ("i16", np.int16),
    ("i32", np.int32),
    ("i64", np.int64),
    ("ui8", np.uint8),
    ("ui16", np.uint16),
    ("ui32", np.uint32),
    ("ui64", np.uint64),
    ("f16", np.float16),
    ("bf16", np.uint16),
    ("f32", np.float32),
    ("f64", np.float64),
]

MACHINES = {
    "x86_64": ["qemu-system-x86_64", "-vga", "none", "-net", "none",
               "-device", "isa-debug-exit,iobase=0x501,iosize=2"],
    "aarch64": ["qemu-system-aarch64", "-cpu", "cortex-a53", "-net", "none"],
}  # fmt: skip
MACHINE_TYPES = {"x86_64": "pc", "aarch64": "virt"}


class UnikernelError(Exception):
    """The machine did not start, or went silent."""


class RequestError(UnikernelError):
    """The machine refused a request."""

    def __init__(self, code, message):
        super().__init__(f"{ERROR_NAMES.get(code, code)}: {message}")
        self.code = code


class CPUException(RequestError):
    """The function made the processor fault; the machine has powered off."""


class StatusError(UnikernelError):
    """The function returned a status other than 0."""

    def __init__(self, function, status):
        super().__init__(f"{function} returned status {status}")
        self.status = status


@dataclasses.dataclass(frozen=True)
class Tensor:
    """An argument or a result; a dynamic dimension is -1."""

    element_type: str
    dtype: np.dtype
    shape: tuple

    def __str__(self):
        dims = "".join(f"{'?' if d < 0 else d}x" for d in self.shape)
        return f"tensor<{dims}{self.element_type}>"


@dataclasses.dataclass(frozen=True)
class Function:
    index: int
    name: str
    arguments: tuple
    results: tuple

    def __str__(self):
        arguments = ", ".join(map(str, self.arguments))
        results = ", ".join(map(str, self.results))
        return f"{self.name}({arguments}) -> ({results})"


# Seconds of the fastest call and of all together.
Timing = collections.namedtuple("Timing", "least total")


class Unikernel:
    """A running machine. `share_above` is the size of the arrays of a call, in
    bytes, from which they go through shared memory; None keeps to the port."""

    def __init__(self, image, arch, memory=512, timeout=60, share_above=1 << 16):
        self.timeout = timeout
        self.share_above = share_above
        self.timing = None
        self.banner = {}
        self._arch = arch
        self._received = bytearray()
        self._sequence = 0
        self._ram = None
        self._errors = tempfile.TemporaryFile()
        command = MACHINES[arch] + [
            "-M", MACHINE_TYPES[arch], "-m", str(memory), "-kernel", str(image),
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-monitor", "none", "-serial", "stdio",
        ]  # fmt: skip
        with tempfile.TemporaryDirectory(dir=_ram_folder(memory)) as folder:
            if share_above is not None:
                path = os.path.join(folder, "memory")
                with open(path, "w+b") as file:
                    file.truncate(memory << 20)
                    self._ram = mmap.mmap(file.fileno(), memory << 20)
                command += ["-object",
                            "memory-backend-file,id=ram,share=on,prealloc=off,"
                            f"size={memory}M,mem-path={path}"]  # fmt: skip
                command[command.index("-M") + 1] += ",memory-backend=ram"
            try:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    bufsize=0,
                )
            except OSError as error:
                raise UnikernelError(f"cannot run {command[0]}: {error}") from error
            try:
                # Once the banner is there, QEMU has opened the memory's file.
                self._read_banner()
                self.functions = {f.name: f for f in self._list()}
            except BaseException:
                self.kill()
                raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None and kind is None:
            self.shutdown()
        self.kill()

    # -- Calls ---------------------------------------------------------------

    def call(self, name, *arrays, repeat=1):
        """Calls a function and returns the list of its results. With `repeat`,
        it runs that many times; `timing` then tells how long that took."""
        if name not in self.functions:
            raise ValueError(
                f"no function {name!r}; there are {', '.join(self.functions)}"
            )
        function = self.functions[name]
        arrays, dims = _check_arguments(function, arrays)
        size = sum(a.nbytes for a in arrays)
        if self._ram is not None:
            # The size of the results is not known yet, but where they are much
            # larger than the arguments the layout is worth its round trip.
            layout = self._layout(function, dims)
            if sum(size for _, size in layout) >= self.share_above:
                return self._call_in_place(function, dims, arrays, layout, repeat)
        data = b"".join(a.tobytes() for a in arrays)
        reply = self.request(CALL, _call_head(function, dims, 0, repeat) + data)
        results, offset = self._read_results(function, reply)
        arrays = []
        for tensor, shape in results:
            count = math.prod(shape)
            arrays.append(np.frombuffer(reply, tensor.dtype, count, offset))
            arrays[-1] = arrays[-1].reshape(shape).copy()
            offset += count * tensor.dtype.itemsize
        if offset != len(reply):
            raise UnikernelError(f"the reply has {len(reply)} bytes, not {offset}")
        return arrays

    def _call_in_place(self, function, dims, arrays, layout, repeat):
        for array, (address, size) in zip(arrays, layout):
            self._memory(address, size)[:] = np.frombuffer(
                array.tobytes(), np.uint8
            )
        head = _call_head(function, dims, IN_PLACE, repeat)
        results, _ = self._read_results(function, self.request(CALL, head))
        return [
            self._memory(address, size).copy().view(tensor.dtype).reshape(shape)
            for (tensor, shape), (address, size) in zip(
                results, layout[len(arrays) :]
            )
        ]

    def _memory(self, address, size):
        """The bytes of the machine's memory from `address` on."""
        if self._arch == "aarch64":
            address -= 1 << 30
        elif address >= 1 << 32:
            # A PC with more than 3 GiB has the rest above 4 GiB.
            address -= 1 << 30
        return np.frombuffer(self._ram, np.uint8, size, address)

    def _layout(self, function, dims):
        """The address and size of each argument and result."""
        reply = self.request(LAYOUT, _call_head(function, dims, 0, 1))
        (count,) = struct.unpack_from("<I", reply)
        numbers = struct.unpack_from(f"<{2 * count}Q", reply, 4)
        return list(zip(numbers[::2], numbers[1::2]))

    def _read_results(self, function, reply):
        """Tensors and shapes of the results, and the offset of their data."""
        status, _, least, total = struct.unpack_from("<iIQQ", reply)
        hz = self.banner["ticks"]
        self.timing = Timing(least / hz, total / hz)
        if status:
            raise StatusError(function.name, status)
        results, offset = [], 24
        for tensor in function.results:
            rank = len(tensor.shape)
            results.append((tensor, struct.unpack_from(f"<{rank}q", reply, offset)))
            offset += 8 * rank
        return results, offset

    def _list(self):
        reply = self.request(LIST)
        offset = 4
        for index in range(struct.unpack_from("<I", reply)[0]):
            (size,) = struct.unpack_from("<I", reply, offset)
            name = reply[offset + 4 : offset + 4 + size].decode()
            offset += 4 + size
            counts = struct.unpack_from("<II", reply, offset)
            offset += 8
            tensors = []
            for _ in range(sum(counts)):
                code, rank = struct.unpack_from("<II", reply, offset)
                shape = struct.unpack_from(f"<{rank}q", reply, offset + 8)
                element_type, dtype = ELEMENT_TYPES[code]
                tensors.append(Tensor(element_type, np.dtype(dtype), shape))
                offset += 8 + 8 * rank
            split = counts[0]
            yield Function(index, name, tuple(tensors[:split]), tuple(tensors[split:]))

    # -- Frames --------------------------------------------------------------

    def request(self, kind, payload=b""):
        """Sends a request and returns the payload of its reply."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.send(frame(kind, payload, self._sequence))
        while True:
            reply, sequence, data = self.receive()
            if sequence == self._sequence or reply == ERROR:
                break
        if reply == ERROR:
            (code,) = struct.unpack_from("<I", data)
            text = data[4:].decode(errors="replace")
            if code == 6:
                self.wait()
                raise CPUException(code, text)
            raise RequestError(code, text)
        if reply != kind | REPLY:
            raise UnikernelError(f"request {kind} was answered by {reply}")
        return data

    def send(self, data):
        """Writes bytes to the serial port."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self.process.stdin.fileno(), view) :]
        except BrokenPipeError:
            raise UnikernelError(self._death()) from None

    def receive(self):
        """Kind, sequence number and payload of the next frame that is intact."""
        deadline = time.monotonic() + self.timeout
        while True:
            start = self._received.find(MAGIC)
            if start < 0:
                del self._received[: -len(MAGIC) + 1]
            else:
                del self._received[:start]
                found = self._parse_frame()
                if found:
                    return found
                if found is False:
                    continue
            self._receive_more(deadline)

    def _parse_frame(self):
        """A frame at the start of what was received; None where more bytes are
        needed, False where there is none."""
        data = self._received
        if len(data) < HEADER.size:
            return None
        _, kind, sequence, size, crc = HEADER.unpack_from(data)
        if zlib.crc32(data[:12]) != crc:
            del data[: len(MAGIC)]
            return False
        end = HEADER.size + size
        if len(data) < end + 4:
            return None
        payload = bytes(data[HEADER.size : end])
        intact = data[end : end + 4] == struct.pack("<I", zlib.crc32(payload))
        del data[: end + 4 if intact else len(MAGIC)]
        return (kind, sequence, payload) if intact else False

    def _receive_more(self, deadline):
        port = self.process.stdout.fileno()
        left = max(0, deadline - time.monotonic())
        if not select.select([port], [], [], left)[0]:
            raise UnikernelError(f"no answer within {self.timeout} seconds")
        data = os.read(port, 1 << 20)
        if not data:
            raise UnikernelError(self._death())
        self._received += data

    def _read_banner(self):
        """Waits for `OWL1 x86_64 functions=3 memory=... ticks=...`."""
        deadline = time.monotonic() + self.timeout
        start = b"\n" + MAGIC + b" "
        while True:
            begin = self._received.find(start)
            end = self._received.find(b"\n", begin + 1)
            if begin >= 0 and end >= 0:
                break
            self._receive_more(deadline)
        words = self._received[begin + len(start) : end].decode().split()
        self.banner = {k: int(v) for k, v in (word.split("=") for word in words[1:])}
        del self._received[: end + 1]

    # -- The end -------------------------------------------------------------

    def shutdown(self):
        """Powers the machine off and returns QEMU's exit code."""
        self.request(SHUTDOWN)
        return self.wait()

    def wait(self):
        """Waits for QEMU to end and returns its exit code."""
        try:
            return self.process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise UnikernelError("the machine did not power off") from None

    def kill(self):
        """Ends QEMU, whatever it does."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self._errors.close()

    def _death(self):
        code = self.wait()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace").strip()
        return f"the machine ended with exit code {code}" + (
            f": {errors}" if errors else ""
        )


def frame(kind, payload=b"", sequence=0):
    """The bytes of one frame."""
    head = HEADER.pack(MAGIC, kind, sequence, len(payload), 0)[:12]
    return (
        head
        + struct.pack("<I", zlib.crc32(head))
        + payload
        + struct.pack("<I", zlib.crc32(payload))
    )


def _call_head(function, dims, flags, repeat):
    head = struct.pack("<IIII", function.index, flags, repeat, len(dims))
    return head + struct.pack(f"<{len(dims)}q", *dims)


def _check_arguments(function, arrays):
    """The arrays, contiguous, and the values of the dynamic dimensions."""
    if len(arrays) != len(function.arguments):
        raise ValueError(
            f"{function.name} expects {len(function.arguments)} arguments, "
            f"got {len(arrays)}"
        )
    dims, contiguous = [], []
    for i, (array, tensor) in enumerate(zip(arrays, function.arguments)):
        array = np.asarray(array)
        agrees = len(array.shape) == len(tensor.shape) and all(
            want in (-1, got) for got, want in zip(array.shape, tensor.shape)
        )
        if array.dtype != tensor.dtype or not agrees:
            raise ValueError(
                f"argument {i} of {function.name} is a {tensor}, "
                f"got {array.dtype} of shape {array.shape}"
            )
        dims += [d for d, want in zip(array.shape, tensor.shape) if want < 0]
        contiguous.append(np.ascontiguousarray(array))
    return contiguous, dims


def _ram_folder(megabytes):
    """A folder in memory with room for the machine's, if there is one."""
    try:
        status = os.statvfs("/dev/shm")
        if status.f_bavail * status.f_frsize > megabytes << 20:
            return "/dev/shm"
    except OSError:
        pass
    return None


def guess_architecture(image):
    """The architecture that an ELF file is for."""
    with open(image, "rb") as file:
        head = file.read(20)
    machines = {62: "x86_64", 183: "aarch64"}
    if head[:4] != b"\x7fELF" or head[18] not in machines:
        raise UnikernelError(f"{image} is no image for x86_64 or aarch64")
    return machines[head[18]]


def main():
    parser = argparse.ArgumentParser(
        description="Boots a unikernel image in QEMU and calls a function."
    )
    parser.add_argument("image")
    parser.add_argument("function", nargs="?", help="list them where absent")
    parser.add_argument("inputs", nargs="*", metavar="x.npy")
    parser.add_argument("-o", "--output", default="out", metavar="PREFIX")
    parser.add_argument("-m", "--memory", type=int, default=512, metavar="MIB")
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    try:
        arch = guess_architecture(options.image)
        with Unikernel(options.image, arch, memory=options.memory) as kernel:
            if options.function is None:
                for function in kernel.functions.values():
                    print(function)
                return 0
            arrays = [np.load(path) for path in options.inputs]
            results = kernel.call(options.function, *arrays, repeat=options.repeat)
            for i, result in enumerate(results):
                np.save(f"{options.output}{i}.npy", result)
            print(f"{kernel.timing.least:.6f} s")
    except (UnikernelError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
