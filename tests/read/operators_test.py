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
    shapes = {"x": [1, 4, 6, 6], "x2": [4, 6], "x3": [1, 4, 6], "condition": [1, 4, 6, 6]}
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
    "Transpose": ("x", {}), "Clip": ("x", {}), "Col2Im": ("x3 picture block", {}),
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
        "picture": np.array([4, 3], np.int64), "block": np.array([2, 2], np.int64),
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


# ---- what is refused ----

KNOWN = "known when the network is compiled|must be constants|one number"
# An operator, its inputs ("?k": computed while the network runs), attributes, and words of the sentence that refuses it.
REFUSED = [
    ("Conv", "x5 w5", {}, "only 1-d and 2-d"), ("MatMul", "x4i w4i", {}, "permitted are"), ("Gemm", "x x", {}, "both need 2 dimensions"),
    ("BatchNormalization", "x v4 v4 v4 ?v4", {}, KNOWN), ("BatchNormalization", "x v4 v4 v4 v4", dict(training_mode=1), "training mode"),
    ("Einsum", "x x", dict(equation="...i,...i->i"), r"sums over"), ("Einsum", "x2 x2 x2", dict(equation="ij,ij,ij->ij"), "1 or 2 are supported"),
    ("ConvTranspose", "x3 w3", {}, "only 2-d"), ("ConvTranspose", "x5 w5", {}, "only 2-d"), ("ConvTranspose", "x w4", dict(strides=[65, 1]), "1 to 64"),
    ("ConvTranspose", "x w4", dict(output_padding=[-1, 0]), "must be 0 to"), ("MaxPool", "x5", dict(kernel_shape=[2, 2, 2]), "2-d"),
    ("AveragePool", "x5", dict(kernel_shape=[2, 2, 2]), "2-d"), ("Col2Im", "x3 ?picture block", {}, KNOWN), ("Col2Im", "x3 picture ?block", {}, KNOWN),
    ("Col2Im", "x picture block", {}, "blocks of 4 taps at 6 places"), ("Col2Im", "x3 block picture", {}, "does not fit"),
    ("GlobalAveragePool", "x2", {}, "at least one more"), ("GlobalMaxPool", "x2", {}, "at least one more"),
    ("AveragePool", "x", dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, count_include_pad=1), "count_include_pad"),
    ("LpPool", "x", dict(kernel_shape=[2, 2], p=65), "1 to 64"), ("LpPool", "x5", dict(kernel_shape=[2, 2, 2]), "2-d"),
    ("GlobalLpPool", "x", dict(p=0), "1 to 64"), ("GlobalLpPool", "x5", {}, "2-d"),
    *((f"Reduce{kind}", "x ?k", {}, KNOWN) for kind in ("Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")),
    ("TopK", "x ?k", {}, KNOWN), ("CumSum", "x ?k", {}, KNOWN), ("InstanceNormalization", "x2 v6 v6", {}, "at least 3"),
    ("GroupNormalization", "x2 v6 v6", dict(num_groups=2), "at least 3"), ("LpNormalization", "x", dict(p=3), "1 and 2"),
    ("LRN", "x", dict(size=2**20 + 1), "window"), ("Clip", "x ?scale", {}, KNOWN), ("Clip", "x one_f scale", {}, "is empty"),
    ("Dropout", "x scale true", {}, "training mode"), ("Cast", "x", dict(to=TensorProto.STRING), "element type"),
    ("Cast", "x", dict(to=TensorProto.FLOAT8E4M3FN), "element type"), ("Constant", "", dict(value_string="a"), "text"),
    ("ConstantOfShape", "?k", {}, KNOWN), ("Range", "one ?one one", {}, KNOWN), ("Reshape", "x ?shape", {}, KNOWN),
    ("Squeeze", "x ?k", {}, KNOWN), ("Unsqueeze", "x ?k", {}, KNOWN), ("Concat", "x k", dict(axis=0), "joined"),
    ("Split", "x ?k2", {}, KNOWN), ("Split", "x parts", dict(axis=1), "no element"), ("Slice", "x ?k k2", {}, KNOWN), ("Pad", "x ?pads", {}, KNOWN),
    ("Pad", "x4i pads", {}, "whole numbers|real numbers|permitted"), ("Expand", "x ?shape", {}, KNOWN), ("Tile", "x ?ones", {}, KNOWN),
    ("Trilu", "x ?k", {}, KNOWN), ("SpaceToDepth", "x", dict(blocksize=5), "do not divide"), ("DepthToSpace", "x", dict(blocksize=3), "no whole number"),
    ("SpaceToDepth", "x3", dict(blocksize=2), "2-d"), ("DepthToSpace", "x3", dict(blocksize=2), "2-d"),
    ("Gather", "x far", {}, "outside of extent"), ("GatherElements", "x far4", {}, "outside of extent"), ("GatherND", "x far", {}, "outside of extent"),
    ("ScatterElements", "x far4 x1", {}, "outside of extent"), ("ScatterND", "x far row", {}, "outside of extent"),
    ("OneHot", "k ?one pair", {}, KNOWN), ("GridSample", "x5 grid", {}, "2-d"), ("RoiAlign", "x boxes k", dict(sampling_ratio=65), "0 to 64"),
    ("NonMaxSuppression", "boxes3 boxscores ?one", {}, KNOWN), ("NonMaxSuppression", "boxes3 boxscores one ?scale", {}, KNOWN),
    ("Resize", "x _ ?scales", {}, KNOWN),
    ("Resize", "x region scales", dict(coordinate_transformation_mode="tf_crop_and_resize", mode="nearest"), "beyond the input"),
    ("QuantizeLinear", "x ?scale", {}, KNOWN), ("QuantizeLinear", "x scale", dict(block_size=2), "blocks"), ("QuantizeLinear", "x v4", {}, "one is supported"),
]


def test_what_the_limits_refuse_is_refused(tmp_path):
    values = {tensor.name: tensor for tensor in constants(np.float32)}
    more = {
        "w5": np.ones((4, 4, 3, 3, 3), np.float32), "w3": np.ones((4, 4, 3), np.float32), "w4i": np.ones((6, 6), np.int64),
        "true": np.array(True), "one_f": np.array(1, np.float32), "parts": np.array([0, 4], np.int64), "far": np.array([7], np.int64),
        "far4": np.full((1, 4, 6, 6), 7, np.int64), "pair": np.arange(2, dtype=np.float32),
        "region": np.array([0, 0, 0, 0, 1, 1, 2, 2], np.float32),
    }
    values.update({name: numpy_helper.from_array(value, name) for name, value in more.items()})
    inputs = {"x": (TensorProto.FLOAT, [1, 4, 6, 6]), "x2": (TensorProto.FLOAT, [4, 6]), "x3": (TensorProto.FLOAT, [1, 4, 6]),
              "x5": (TensorProto.FLOAT, [1, 4, 6, 6, 6]), "x4i": (TensorProto.INT64, [1, 4, 6, 6])}
    nodes = []
    for index, (op, words, attributes, _) in enumerate(REFUSED):
        for word in words.split():
            if word.startswith("?"):
                inputs[word] = (values[word[1:]].data_type, list(values[word[1:]].dims))
        outputs = [f"y{index}.{i}" for i in range(2 if op in ("TopK", "Split") else 1)]
        nodes.append(helper.make_node(op, ["" if word == "_" else word for word in words.split()], outputs, name=f"{index}", **attributes))
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(name, *type_) for name, type_ in inputs.items()],
                              [onnx.ValueInfoProto(name=node.output[0]) for node in nodes], list(values.values()))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET_MAX)], ir_version=8), tmp_path / "net.onnx")
    done = subprocess.run([CLI, "check", tmp_path / "net.onnx", "--json"], capture_output=True, text=True)
    reasons = {node["name"]: node["reason"] for node in json.loads(done.stdout)["nodes"] if not node["supported"]}
    for index, (op, words, attributes, refusal) in enumerate(REFUSED):
        assert re.search(refusal, reasons.get(str(index), "")), f"{op} {words} {attributes}: {reasons.get(str(index))}"


def test_every_limit_has_a_refused_case():
    covered = {op for op, *_ in REFUSED} | SKIPPED
    for name, row in OPERATORS.items():
        refuses = re.search("known when|constants|refused|only with|1 to|1 or 2", re.sub(r"Before opset 7,.*", "", row["limits"]))
        if name in HISTORY and not name.startswith("QLinear") and refuses:
            assert name in covered, f"{name}: {row['limits']}"
