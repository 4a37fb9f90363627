# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs functions of .mlir text on every back end and compares with NumPy.

elements.py   the element types, and rounding to each of them
case.py       functions, calls of them and what they must give
reference.py  what the ops of the owl dialect give, by NumPy
backends.py   JIT, host, x86_64, aarch64, wasm32 and the unikernels
driver.py     the command line of a file of cases
"""
