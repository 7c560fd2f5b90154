# What `espalier ops --onnx` says of the operators of ONNX is what the reader does: our operators that stand for them, the
# opsets and old attributes that are refused, and the element types.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import collections
import importlib.util
import json
import os
import pathlib
import re
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, defs, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
OPSET_MAX = 22

spec = importlib.util.spec_from_file_location("node_test", pathlib.Path(__file__).with_name("node_test.py"))
node_test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(node_test)

LISTED = json.loads(subprocess.run([CLI, "ops", "--onnx", "--json"], check=True, capture_output=True, text=True).stdout)
OPERATORS = {row["name"]: row for row in LISTED["onnx"]}

# By operator of ai.onnx: the definitions by the opset that they came with.
HISTORY = collections.defaultdict(dict)
for schema in defs.get_all_schemas_with_history():
    if schema.domain == "" and schema.since_version <= OPSET_MAX:
        HISTORY[schema.name][schema.since_version] = schema

TYPES = {"f32": TensorProto.FLOAT, "u8": TensorProto.UINT8, "s8": TensorProto.INT8, "s16": TensorProto.INT16,
         "s32": TensorProto.INT32, "s64": TensorProto.INT64, "bool": TensorProto.BOOL}


def check(folder, nodes, opset, constants=(), type_=TensorProto.FLOAT):
    """The reason why a node is not supported, empty where it is, by the name of the node. All read "x"."""
    shapes = {"x": [1, 4, 6, 6], "x2": [4, 6], "condition": [1, 4, 6, 6]}
    inputs = [helper.make_tensor_value_info(name, TensorProto.BOOL if name == "condition" else type_, shape)
              for name, shape in shapes.items()]
    outputs = [onnx.ValueInfoProto(name=node.output[0]) for node in nodes]
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(constants))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), folder / "net.onnx")
    done = subprocess.run([CLI, "check", folder / "net.onnx", "--json"], capture_output=True, text=True)
    assert done.stdout, done.stderr
    return {node["name"]: "" if node["supported"] else node["reason"] for node in json.loads(done.stdout)["nodes"]}


# ---- our operators that stand for them, over the cases that are published with ONNX ----


@pytest.mark.skipif(not node_test.DATA.exists(), reason="the node tests of ONNX are not installed (Debian: libonnx-testdata)")
def test_node_cases_become_the_operators_that_are_listed(tmp_path):
    seen = collections.defaultdict(set)
    for name, outcome in node_test.LISTED.items():
        model = onnx.load(node_test.DATA / f"test_{name}" / "model.onnx")
        op = model.graph.node[0].op_type
        if outcome.startswith("refused:"):
            assert op in {row["name"] for row in LISTED["not_read"]} or len(model.graph.node) > 1 or OPERATORS[op]["limits"], name
            continue
        if len(model.graph.node) > 1:
            continue
        case, bound = node_test.Case(name), []
        for constant in outcome.split()[1:] if outcome.startswith("binds") else []:
            np.save(tmp_path / f"{constant}.npy", case.inputs[constant])
            bound += ["--bind", f"{constant}={tmp_path / constant}.npy"]
        # The graph is dumped before calibration is asked for.
        (tmp_path / "00_read.txt").unlink(missing_ok=True)
        subprocess.run([CLI, "compile", case.path, "-o", tmp_path / "net.esp", "--dump", tmp_path, *bound], capture_output=True)
        if (tmp_path / "00_read.txt").exists():  # not where an input without elements must be bound
            seen[op] |= set(re.findall(r"^\s*%.*? = (\w+)", (tmp_path / "00_read.txt").read_text(), re.MULTILINE))
    assert len(seen) > 100
    for op, operators in seen.items():
        wanted = set(OPERATORS[op]["operators"])
        around = {"input", "transpose", "reshape"} | ({"cast"} if op.startswith(("Gather", "Scatter", "OneHot")) else set())
        # Constants need a calibration sample of nothing, so no case shows them.
        assert operators - around <= wanted, f"{op}: {operators - around - wanted} is not listed"


# ---- opsets ----


def test_since_is_a_version_of_the_operator_and_older_forms_are_refused(tmp_path):
    for name, row in OPERATORS.items():
        if name not in HISTORY:
            assert row["since"] == 1, name
            continue
        first = min(HISTORY[name])
        assert row["since"] in HISTORY[name], name
        if row["since"] > first:
            reason = check(tmp_path, [helper.make_node(name, ["x"], ["y"], name="n")], row["since"] - 1)["n"]
            assert f"its form of opset {row['since'] - 1} is not supported" in reason, name


# Inputs and attributes of a node that can be read; one input x where nothing else is said. `w` and the like are constants.
NODES = {
    "Conv": ("x w4", {}), "Gemm": ("x2 x2", dict(transB=1)), "MatMul": ("x2 w2", {}), "ConvTranspose": ("x w4", {}),
    "BatchNormalization": ("x v4 v4 v4 v4", {}), "Einsum": ("x2 x2", dict(equation="ij,kj->ik")),
    "MaxPool": ("x", dict(kernel_shape=[2, 2])), "AveragePool": ("x", dict(kernel_shape=[2, 2])),
    "LpPool": ("x", dict(kernel_shape=[2, 2])), "TopK": ("x k", {}), "CumSum": ("x k", {}),
    "LayerNormalization": ("x v6", {}), "InstanceNormalization": ("x v4 v4", {}), "LRN": ("x", dict(size=3)),
    "GroupNormalization": ("x v4 v4", dict(num_groups=2)), "Where": ("condition x x", {}), "PRelu": ("x v6", {}),
    "Cast": ("x", dict(to=TensorProto.FLOAT)), "CastLike": ("x v4", {}), "EyeLike": ("x2", {}), "Reshape": ("x shape", {}),
    "Squeeze": ("x", {}), "Unsqueeze": ("x k", {}), "Slice": ("x k k2", {}), "Pad": ("x pads", {}), "Expand": ("x shape", {}),
    "Tile": ("x ones", {}), "SpaceToDepth": ("x", dict(blocksize=2)), "DepthToSpace": ("x", dict(blocksize=2)),
    "Gather": ("x k", {}), "GatherElements": ("x k4", {}), "GatherND": ("x k", {}), "ScatterElements": ("x k4 x1", {}),
    "ScatterND": ("x k row", {}), "OneHot": ("k one x_pair", {}), "GridSample": ("x grid", {}), "Split": ("x", dict(axis=1)),
    "RoiAlign": ("x boxes k", {}), "Resize": ("x _ scales", {}), "Constant": ("", dict(value_int=1)), "Range": ("one one one", {}),
    "NonMaxSuppression": ("boxes3 boxscores one", {}), "ConstantOfShape": ("k", {}), "QuantizeLinear": ("x scale", {}),
    "Transpose": ("x", {}), "Clip": ("x", {}),
}
OLD_NODES = {  # where the form before opset 7 is another
    "TopK": ("x", dict(k=1)), "Slice": ("x", dict(starts=[0], ends=[1])), "Pad": ("x", dict(pads=[0] * 8)),
    "Unsqueeze": ("x", dict(axes=[0])), "Constant": ("", dict(value=helper.make_tensor("v", TensorProto.FLOAT, [1], [1]))),
    "Tile": ("x ones", {}), "Cast": ("x", dict(to=TensorProto.INT32)),
}
BINARY = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Pow", "Mod", "Equal", "Less", "LessOrEqual", "Greater",
          "GreaterOrEqual", "And", "Or", "Xor", "Concat"}
SKIPPED = {"If", "ConvInteger", "MatMulInteger", "Upsample", "Scatter", "DequantizeLinear"}  # by tests of their own


def constants(dtype):
    random = np.random.default_rng(1)
    values = {
        "w4": random.uniform(0, 1, (4, 4, 3, 3)).astype(dtype), "w2": random.uniform(0, 1, (6, 5)).astype(dtype),
        "v4": np.arange(1, 5).astype(dtype), "v6": np.arange(1, 7).astype(dtype), "x1": np.ones((1, 4, 6, 6), dtype),
        "x_pair": np.arange(2).astype(dtype), "row": np.ones((4, 6, 6), dtype),
        "k": np.array([0], np.int64), "k2": np.array([1], np.int64), "k4": np.zeros((1, 4, 6, 6), np.int64),
        "one": np.array([1], np.int64), "shape": np.array([1, 4, 6, 6], np.int64), "ones": np.ones(4, np.int64),
        "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64), "scales": np.array([1, 1, 2, 2], np.float32),
        "grid": np.zeros((1, 2, 2, 2), np.float32), "boxes": np.array([[0, 0, 2, 2]], np.float32),
        "boxes3": np.zeros((1, 3, 4), np.float32), "boxscores": np.zeros((1, 1, 3), np.float32), "scale": np.array(0.5, np.float32),
    }
    return [numpy_helper.from_array(value, name) for name, value in values.items()]


def node_of(name, old=False, **attributes):
    inputs, own = ("x x", {}) if name in BINARY else ("x", {})
    if name in NODES:
        inputs, own = NODES[name]
    if old and name in OLD_NODES:
        inputs, own = OLD_NODES[name]
    if name == "Concat":
        own = dict(axis=1)
    if name == "TopK" and not old:
        inputs = "x one"
    names = ["" if word == "_" else word for word in inputs.split()]
    outputs = [f"{name}.{i}" for i in range(2 if name in ("TopK", "Split") else 1)]
    return helper.make_node(name, names, outputs, name=name, **{**own, **attributes})


VALUES = {onnx.AttributeProto.INT: 1, onnx.AttributeProto.FLOAT: 0.5, onnx.AttributeProto.STRING: "NOTSET",
          onnx.AttributeProto.INTS: [1, 1], onnx.AttributeProto.FLOATS: [1.0]}


def test_old_attributes_are_refused_where_the_limits_say_so(tmp_path):
    checked = 0
    for name, row in OPERATORS.items():
        versions = [v for v in HISTORY.get(name, {}) if v < 7 and v >= row["since"]]
        if not versions or name in SKIPPED:
            continue
        logical = TensorProto.BOOL if name in ("And", "Or", "Xor", "Not") else TensorProto.FLOAT
        plain = check(tmp_path, [node_of(name, old=True)], 6, constants(np.float32), logical)[name]
        assert plain == "", f"{name}: {plain}"
        refused = set()
        for version in versions:
            for attribute, about in HISTORY[name][version].attributes.items():
                made = node_of(name, old=True)
                if attribute not in [own.name for own in made.attribute] and about.type.value in VALUES:
                    made.attribute.append(helper.make_attribute(attribute, VALUES[about.type.value]))
                    # A reason of another kind is that of a converter which has looked at the attribute.
                    if f'its attribute "{attribute}"' in check(tmp_path, [made], 6, constants(np.float32), logical)[name]:
                        refused.add(attribute)
        said = re.search(r"Before opset 7, (.*) (?:is|are) refused\.", row["limits"])
        assert refused == (set(re.split(r", | and ", said[1])) if said else set()), name
        checked += 1
    assert checked > 60


# ---- element types ----


def promised_types(limits):
    """The types of plain tensors that the sentences admit, None where they say nothing of types."""
    if said := re.match(r"Takes ([a-z0-9 ]+)\.", limits):
        return set(TYPES) if said[1] == "any type" else set(said[1].split())
    if limits.startswith("Any type"):
        return set(TYPES)
    return {"f32"} if re.search("real numbers", limits, re.IGNORECASE) and not limits.startswith("Bounds") else None


def test_types_are_those_of_the_limits(tmp_path):
    accepted = collections.defaultdict(set)
    names = [name for name in OPERATORS if name in HISTORY and name not in SKIPPED and not name.startswith("QLinear")]
    for type_name, type_ in TYPES.items():
        dtype = helper.tensor_dtype_to_np_dtype(type_)
        for name, reason in check(tmp_path, [node_of(name) for name in names], OPSET_MAX, constants(dtype), type_).items():
            if not reason:
                accepted[name].add(type_name)
    checked = 0
    for name in names:
        promised = promised_types(OPERATORS[name]["limits"])
        assert accepted[name], name
        if promised is not None:
            assert accepted[name] == promised, name
            checked += 1
    assert checked > 80
