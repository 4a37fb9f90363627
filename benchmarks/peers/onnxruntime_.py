# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime: the library of npm's onnxruntime-node through its C interface, so
that it reads and writes the same arrays as everybody else.

The package has no header. The functions stand in a table, struct OrtApi of
onnxruntime_c_api.h, where each has kept its place since the first version.
"""

import ctypes
import functools

from . import native

LIBRARIES = "node_modules/onnxruntime-node/bin/napi-v*/linux/*/libonnxruntime.so.1"
API_VERSION = 13
SLOTS = {
    "GetErrorMessage": 2, "CreateEnv": 3, "CreateSessionFromArray": 8, "Run": 9,
    "CreateSessionOptions": 10, "SetIntraOpNumThreads": 24,
    "CreateTensorWithDataAsOrtValue": 49, "CreateCpuMemoryInfo": 69,
    "ReleaseStatus": 93, "ReleaseSession": 95, "ReleaseValue": 96,
    "ReleaseSessionOptions": 100,
}
ELEMENTS = {"float32": 1, "int64": 7}
LOG_ERRORS, DEVICE_ALLOCATOR, DEFAULT_MEMORY = 3, 0, 0
Pointer = ctypes.c_void_p


class Base(ctypes.Structure):
    _fields_ = [("get_api", ctypes.CFUNCTYPE(Pointer, ctypes.c_uint32)),
                ("get_version", ctypes.CFUNCTYPE(ctypes.c_char_p))]


class Api:
    """The functions by name, with errors as exceptions."""

    def __init__(self):
        paths = sorted(
            path for path in native.FOLDER.glob(LIBRARIES) if machine() in path.parts)
        if not paths:
            raise RuntimeError("onnxruntime-node is not there: run benchmarks/setup.sh")
        library = ctypes.CDLL(str(paths[-1]))
        library.OrtGetApiBase.restype = ctypes.POINTER(Base)
        base = library.OrtGetApiBase().contents
        self.version = base.get_version().decode()
        table = ctypes.cast(base.get_api(API_VERSION), ctypes.POINTER(Pointer))
        self.addresses = {name: table[slot] for name, slot in SLOTS.items()}
        self.environment = self.create("CreateEnv", LOG_ERRORS, b"benchmarks")
        self.memory = self.create(
            "CreateCpuMemoryInfo", DEVICE_ALLOCATOR, DEFAULT_MEMORY)

    def __call__(self, name, *arguments):
        values = [
            Pointer(a) if isinstance(a, int) and a > 2**31 else a for a in arguments]
        status = ctypes.CFUNCTYPE(Pointer)(self.addresses[name])
        status.argtypes = None
        error = status(*values)
        if error and not name.startswith("Release"):
            message = ctypes.CFUNCTYPE(ctypes.c_char_p, Pointer)(
                self.addresses["GetErrorMessage"])(error)
            self("ReleaseStatus", error)
            raise RuntimeError(message.decode().splitlines()[0])

    def create(self, name, *arguments):
        """Calls a function whose last argument is where the new object goes."""
        made = Pointer()
        self(name, *arguments, ctypes.byref(made))
        return made.value

    def tensor(self, array):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        return self.create(
            "CreateTensorWithDataAsOrtValue", self.memory, Pointer(array.ctypes.data),
            ctypes.c_size_t(array.nbytes), shape, ctypes.c_size_t(array.ndim),
            ELEMENTS[array.dtype.name])


def machine():
    import platform
    return {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())


api = functools.cache(Api)


class Session:
    """A model that runs on arrays."""

    def __init__(self, problem, threads):
        ort = api()
        options = ort.create("CreateSessionOptions")
        ort("SetIntraOpNumThreads", options, threads)
        model = problem.onnx
        try:
            self.session = ort.create(
                "CreateSessionFromArray", ort.environment, model,
                ctypes.c_size_t(len(model)), options)
        finally:
            ort("ReleaseSessionOptions", options)
        self.inputs = [ort.tensor(x) for x in problem.inputs]
        self.output = (Pointer * 1)(ort.tensor(problem.output))
        count = len(self.inputs)
        self.values = (Pointer * count)(*self.inputs)
        self.names = (ctypes.c_char_p * count)(*(b"x%d" % i for i in range(count)))
        self.result = (ctypes.c_char_p * 1)(b"y")

    def arguments(self):
        """Those of Run: no options, inputs, outputs."""
        return [
            self.session, 0, ctypes.addressof(self.names),
            ctypes.addressof(self.values), len(self.inputs),
            ctypes.addressof(self.result), 1, ctypes.addressof(self.output)]

    def __del__(self):
        if hasattr(self, "session"):
            for value in (*self.inputs, self.output[0]):
                api()("ReleaseValue", value)
            api()("ReleaseSession", self.session)


def prepare(problem, threads):
    session = Session(problem, threads)
    return native.native(
        api().addresses["Run"], session.arguments(), lambda: problem.output,
        keep=session)
