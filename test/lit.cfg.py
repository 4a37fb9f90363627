# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The tests that are files: .mlir with RUN lines for FileCheck, .test for all
# else. Folders of Python tests add .py in a lit.local.cfg. No test is marked
# unsupported or expected to fail.

import os

import lit.formats

config.name = "Owl"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.owl_binary_dir, "test")

# Owl's tools and LLVM's stand first: a test names them without a path.
config.environment["PATH"] = os.pathsep.join(
    [
        os.path.join(config.owl_binary_dir, "bin"),
        config.llvm_tools_dir,
        config.environment.get("PATH", ""),
    ]
)
config.environment["FILECHECK_OPTS"] = (
    "--enable-var-scope --allow-unused-prefixes=false"
)
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
config.environment["PYTHONPATH"] = os.pathsep.join(
    [
        os.path.join(config.owl_source_dir, "utils"),
        os.path.join(config.owl_source_dir, "test", "lib"),
    ]
)
for name in ("CI", "ASAN_OPTIONS", "UBSAN_OPTIONS", "HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%python", config.python),
    ("%source_dir", config.owl_source_dir),
    ("%binary_dir", config.owl_binary_dir),
]
