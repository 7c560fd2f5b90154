# Each node of an exported ONNX file alone in ONNX Runtime, fed with espalier's bytes, against espalier's bytes.
import collections
import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

# Operators that hand on 8-bit integers when they get them.
MOVERS = {"MaxPool", "Reshape", "Transpose", "Slice", "Pad", "SpaceToDepth", "DepthToSpace", "Resize", "Concat", "Clip", "Expand", "Identity"}


def runtime(model):
    """ONNX Runtime with exact 16-bit sums and without its optimizations."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def integer_tensors(model):
    """Names of the u8 tensors that nodes make."""
    names = set()
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        makes = node.op_type == "QuantizeLinear" or node.op_type.startswith("QLinear")
        looks_up = node.op_type == "Gather" and constants.get(node.input[0]) is not None and constants[node.input[0]].data_type == TensorProto.UINT8
        moves = node.op_type in MOVERS | {"Gather"} and node.input[0] in names
        if makes or looks_up or moves:
            names.add(node.output[0])
    return names


def our_bytes(cli, model, feed, folder):
    """What espalier makes of every u8 tensor: the file with these tensors as outputs, compiled and run."""
    folder = pathlib.Path(folder)
    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    known = {output.name for output in model.graph.output}
    for name in sorted(integer_tensors(model) - known):
        tapped.graph.output.append(helper.make_tensor_value_info(name, TensorProto.UINT8, None))
    onnx.save(tapped, folder / "taps.onnx")
    np.savez(folder / "taps_in.npz", **feed)
    for arguments in (["compile", folder / "taps.onnx", "-o", folder / "taps.esp"],
                      ["run", folder / "taps.esp", folder / "taps_in.npz", "--output", folder / "taps.npz"]):
        done = subprocess.run([cli, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "taps.npz"))


class Row:
    """One operator: how many nodes and elements, how many differ, and by how many steps at most."""

    def __init__(self):
        self.nodes = self.elements = self.differing = self.steps = 0

    def __str__(self):
        return f"{self.nodes} nodes, {self.elements} elements, {self.differing} differ ({self.differing / max(self.elements, 1):.1e}), by {self.steps}"


def compare(cli, model, feed, folder):
    """{operator: Row} over the nodes whose inputs and output are integers (QuantizeLinear: of the user's reals)."""
    tensors = our_bytes(cli, model, feed, folder)
    tensors.update(feed)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    rows = collections.defaultdict(Row)
    casts = {node.output[0]: node for node in model.graph.node if node.op_type == "Cast"}
    for node in model.graph.node:
        chain = [casts[node.input[1]], node] if node.op_type == "Gather" and node.input[1] in casts else [node]
        inputs = {name for part in chain for name in part.input if name and name not in constants} - {part.output[0] for part in chain}
        if node.output[0] not in integer_tensors(model) or any(name not in tensors for name in inputs):
            continue
        expected = tensors[node.output[0]]
        graph = helper.make_graph(
            chain, "node",
            [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(tensors[name].dtype), tensors[name].shape) for name in sorted(inputs)],
            [helper.make_tensor_value_info(node.output[0], TensorProto.UINT8, None)],
            [constants[name] for name in dict.fromkeys(n for part in chain for n in part.input) if name in constants])
        alone = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
        got = runtime(alone).run(None, {name: tensors[name] for name in inputs})[0]
        steps = np.abs(got.astype(int) - expected.astype(int))
        row = rows[node.op_type]
        row.nodes += 1
        row.elements += steps.size
        row.differing += int((steps > 0).sum())
        row.steps = max(row.steps, int(steps.max()))
    return dict(rows)


def with_sums_spelled_out(model):
    """QLinearAdd as the formula of src/ops/add.cpp, in operators of ONNX that round as it does: both quotients of scales as
    the scales of DequantizeLinear, one sum, and QuantizeLinear with the scale 1."""
    spelled = onnx.ModelProto()
    spelled.CopyFrom(model)
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = list(spelled.graph.node)
    del spelled.graph.node[:]
    one = onnx.numpy_helper.from_array(np.float32(1), "spelled.one")
    spelled.graph.initializer.append(one)
    for node in nodes:
        if node.op_type != "QLinearAdd":
            spelled.graph.node.append(node)
            continue
        a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = node.input
        reals = []
        for x, scale, zero in ((a, a_scale, a_zero), (b, b_scale, b_zero)):
            quotient = f"{node.output[0]}.{len(reals)}.scale"
            spelled.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(constants[scale] / constants[y_scale]), quotient))
            reals.append(f"{node.output[0]}.{len(reals)}.real")
            spelled.graph.node.append(helper.make_node("DequantizeLinear", [x, quotient, zero], [reals[-1]]))
        spelled.graph.node.append(helper.make_node("Add", reals, [node.output[0] + ".sum"]))
        spelled.graph.node.append(helper.make_node("QuantizeLinear", [node.output[0] + ".sum", "spelled.one", y_zero], [node.output[0]]))
    return spelled
