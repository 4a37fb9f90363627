# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes an ONNX graph op by op."""

import numpy as np

TYPES = {"f32": 1, "i64": 7}


class Graph:
    """An ONNX graph under construction. A value is its name."""

    def __init__(self, arguments):
        """`arguments` are (element type, shape)."""
        from onnx import helper

        self.helper, self.nodes, self.initializers = helper, [], []
        self.inputs = [
            helper.make_tensor_value_info(f"x{i}", TYPES[element], shape)
            for i, (element, shape) in enumerate(arguments)]
        self.arguments = [value.name for value in self.inputs]

    def op(self, kind, *operands, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(
            self.helper.make_node(kind, operands, [name], **attributes))
        return name

    def ints(self, values):
        return self._constant(np.asarray(values, np.int64))

    def floats(self, values):
        return self._constant(np.asarray(values, np.float32))

    def _constant(self, array):
        from onnx import numpy_helper

        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def bytes(self, element, shape):
        """The model as a file has it; its output, y, is what the last op gives."""
        output = self.helper.make_tensor_value_info("y", TYPES[element], shape)
        self.nodes[-1].output[0] = "y"
        graph = self.helper.make_graph(
            self.nodes, "f", self.inputs, [output], self.initializers)
        # Opset 17 has LayerNormalization; IR 8 is of the same release.
        model = self.helper.make_model(
            graph, ir_version=8, opset_imports=[self.helper.make_opsetid("", 17)])
        return model.SerializeToString()
