# Small networks for the Python tests.
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path, nodes, inputs, outputs, constants=(), types=None, opset=17):
    """A model of float inputs {name: shape}, or of the types that are given for some of them."""
    types = types or {}
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info(name, types.get(name, TensorProto.FLOAT), shape) for name, shape in inputs.items()],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), path)
    return path


def two_in_two_out(path):
    """sum = conv(left) + right, and larger = relu(sum)."""
    weights = np.random.default_rng(1).uniform(-1, 1, (4, 3, 1, 1)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["left", "w"], ["c"]), helper.make_node("Add", ["c", "right"], ["sum"]),
             helper.make_node("Relu", ["sum"], ["larger"])]
    return save(path, nodes, {"left": [1, 3, 6, 8], "right": [1, 4, 6, 8]}, ["sum", "larger"], [("w", weights)])


def large(path):
    """A convolution of 236 million multiply-accumulates, x -> y: half a second for the portable kernel."""
    weights = np.random.default_rng(1).uniform(-0.1, 0.1, (64, 64, 3, 3)).astype(np.float32)
    return save(path, [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])], {"x": [1, 64, 80, 80]}, ["y"], [("w", weights)])


def sample(seed=1):
    random = np.random.default_rng(seed)
    return {name: random.standard_normal(shape).astype(np.float32) for name, shape in (("left", (1, 3, 6, 8)), ("right", (1, 4, 6, 8)))}
