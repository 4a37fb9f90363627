# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch, into a tensor that exists where the function has an `out`."""

from . import native


def prepare(problem, threads):
    import torch

    torch.set_num_threads(threads)
    # Nothing is recorded for derivatives.
    torch.set_grad_enabled(False)
    inputs = [torch.from_numpy(x) for x in problem.inputs]
    output = torch.from_numpy(problem.output)
    return native.interpreted(lambda: problem.case.torch(output, *inputs))
