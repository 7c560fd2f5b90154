# --export-qdq and --export-qoperator: files that onnx.checker and ONNX Runtime accept, with the user's names and layouts,
# whose integers are ours: QLinearConv and QLinearMatMul in every byte, other operators within one step, and read back by
# espalier the same network.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import importlib.util
import json
import os
import pathlib
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
SIGNS = ROOT / "examples" / "signs"

spec = importlib.util.spec_from_file_location("node_by_node", pathlib.Path(__file__).parent / "node_by_node.py")
node_by_node = importlib.util.module_from_spec(spec)
spec.loader.exec_module(node_by_node)

# Steps beside ONNX Runtime's integers, alone in a node. What is not named here is equal.
STEPS = {"QLinearAdd": 1, "QLinearMul": 1, "QLinearConcat": 1, "QLinearAveragePool": 1, "QLinearGlobalAveragePool": 1}


def run(*arguments, code=0):
    done = subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


class Net:
    """A float model that grows node by node, and samples for it."""

    def __init__(self, shape=(1, 4, 10, 10)):
        self.nodes, self.constants, self.shape, self.count = [], [], shape, 0
        self.random = np.random.default_rng(4)

    def constant(self, values, dtype=np.float32):
        self.count += 1
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), f"c{self.count}"))
        return f"c{self.count}"

    def weights(self, *shape):
        return self.constant(self.random.uniform(-0.5, 0.5, shape))

    def node(self, op, *inputs, **attributes):
        self.count += 1
        self.nodes.append(helper.make_node(op, list(inputs), [f"t{self.count}"], name=f"user/{op}_{self.count}", **attributes))
        return f"t{self.count}"

    def conv(self, x, outputs, inputs, kernel=3, **attributes):
        groups = attributes.get("group", 1)
        return self.node("Conv", x, self.weights(outputs, inputs // groups, kernel, kernel), self.weights(outputs), pads=[kernel // 2] * 4, **attributes)

    def save(self, folder, *outputs):
        graph = helper.make_graph(self.nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
                                  [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs], self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "float.onnx")
        (folder / "samples").mkdir(exist_ok=True)
        for i in range(3):
            np.savez(folder / "samples" / f"{i}.npz", **self.feed())
        return self.feed()

    def feed(self):
        return {"x": self.random.standard_normal(self.shape).astype(np.float32)}


def ours(folder, package, feed):
    np.savez(folder / "in.npz", **feed)
    run("run", package, folder / "in.npz", "--output", folder / "out.npz")
    return dict(np.load(folder / "out.npz"))


def exported(folder, model=None, samples=None, *options):
    run("compile", model or folder / "float.onnx", "--calibration", samples or folder / "samples", "-o", folder / "net.esp",
        "--export-qdq", folder / "qdq.onnx", "--export-qoperator", folder / "qoperator.onnx", *options)
    models = {form: onnx.load(folder / f"{form}.onnx") for form in ("qdq", "qoperator")}
    for model in models.values():
        onnx.checker.check_model(model, full_check=True)
    return models


def check_exports(folder, feed, steps_of_output=1):
    """Accepted, within steps of ONNX Runtime, read back to the same bytes; returns the rows of the QOperator file. Node by
    node every operator keeps to STEPS; end to end the single steps of a chain add up, for which `steps_of_output` leaves
    room."""
    models = exported(folder)
    expected = ours(folder, folder / "net.esp", feed)
    floats = onnx.load(folder / "float.onnx")
    for form, model in models.items():
        assert [value.name for value in model.graph.input] == [value.name for value in floats.graph.input]
        assert [value.name for value in model.graph.output] == [value.name for value in floats.graph.output]
        for name, got in zip(expected, node_by_node.runtime(model).run(list(expected), feed)):
            values = np.unique(expected[name])
            step = np.diff(values).min() if values.size > 1 else 1
            assert got.shape == expected[name].shape and got.dtype == np.float32
            assert np.abs(got - expected[name]).max() <= 1.001 * steps_of_output * max(step, 1e-6), (form, name)
        report = json.loads(run("compile", folder / f"{form}.onnx", "-o", folder / "again.esp", "--json"))
        assert report["scales"] == "model"
        for name, again in ours(folder, folder / "again.esp", feed).items():
            assert np.array_equal(again, expected[name]), f"{form}: {name} differs after reading back"
    rows = node_by_node.compare(CLI, models["qoperator"], feed, folder)
    for op, row in rows.items():
        print(f"{op}: {row}")
        assert row.steps <= STEPS.get(op, 0), f"{op}: {row}"
    return rows


def test_convolutions_equal_onnx_runtime_in_every_byte(tmp_path):
    net = Net()
    a = net.node("Relu", net.conv("x", 8, 4))
    b = net.node("Clip", net.conv(a, 8, 8, group=8, strides=[2, 2]), net.constant(-0.25), net.constant(1.0))
    c = net.conv(b, 12, 8, 1)
    d = net.conv(c, 6, 12, 3, group=2, dilations=[2, 2])
    rows = check_exports(tmp_path, net.save(tmp_path, d), steps_of_output=0)
    assert rows["QLinearConv"].nodes == 4 and rows["QLinearConv"].differing == 0

def test_matrices_equal_onnx_runtime_in_every_byte(tmp_path):
    net = Net((3, 5, 16))
    a = net.node("MatMul", "x", net.weights(16, 24))
    b = net.node("Add", net.node("MatMul", a, net.weights(24, 8)), net.weights(8))
    y = net.node("Gemm", net.node("Reshape", b, net.constant([15, 8], np.int64)), net.weights(8, 10), net.weights(10))
    rows = check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=0)
    assert rows["QLinearMatMul"].nodes == 1 and rows["QLinearMatMul"].differing == 0
    assert rows["QLinearConv"].nodes == 2 and rows["QLinearConv"].differing == 0


def test_operators_that_move_are_equal(tmp_path):
    net = Net()
    a = net.conv("x", 8, 4)
    b = net.node("MaxPool", a, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    c = net.node("Resize", b, "", net.constant([1, 1, 2, 2]), mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric")
    d = net.node("Slice", net.node("Pad", c, net.constant([0, 0, 1, 2, 0, 0, 2, 1], np.int64)), net.constant([-1, 0], np.int64),
                 net.constant([-100, 12], np.int64), net.constant([3, 2], np.int64), net.constant([-1, 2], np.int64))
    e = net.node("DepthToSpace", d, blocksize=2, mode="CRD")
    f = net.node("SpaceToDepth", net.node("MaxPool", e, kernel_shape=[1, 2], strides=[1, 1], pads=[0, 0, 0, 1]), blocksize=2)
    g = net.node("Gather", f, net.constant([0, 5, 2], np.int64), axis=1)
    h = net.node("Reshape", net.node("Transpose", g, perm=[0, 2, 1, 3]), net.constant([-1, 13], np.int64))
    y = net.node("Gemm", h, net.weights(13, 4))
    rows = check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=0)
    assert {"MaxPool", "Resize", "Pad", "Slice", "Gather"} <= set(rows)


def test_sums_products_and_pools_are_within_a_step(tmp_path):
    net = Net()
    a, b = net.conv("x", 8, 4), net.conv("x", 8, 4)
    c = net.node("Relu", net.node("Add", a, b))
    d = net.node("Mul", net.node("Add", c, net.weights(8, 1, 1)), net.node("Sigmoid", b))
    e = net.node("Concat", d, b, axis=1)  # b is read elsewhere too, so it has a scale of its own
    f = net.node("AveragePool", e, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    g = net.node("GlobalAveragePool", net.conv(f, 6, 16))
    y = net.node("Sub", g, net.node("ReduceMean", g, axes=[1]))
    rows = check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=8)
    assert {"QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearAveragePool", "QLinearGlobalAveragePool", "Gather"} <= set(rows)


def test_attention_and_norms(tmp_path):
    net = Net((1, 6, 16))
    n = net.node("LayerNormalization", "x", net.weights(16), net.weights(16))
    q, k, v = (net.node("MatMul", n, net.weights(16, 16)) for _ in range(3))
    scores = net.node("Softmax", net.node("MatMul", q, net.node("Transpose", k, perm=[0, 2, 1])), axis=-1)
    a = net.node("MatMul", scores, v)
    g = net.node("Mul", net.node("Mul", a, net.node("Add", net.node("Erf", net.node("Div", a, net.constant(2.0**0.5))), net.constant(1.0))), net.constant(0.5))
    y = net.node("MatMul", net.node("PRelu", g, net.weights(16)), net.weights(16, 5))
    rows = check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=8)
    assert rows["QLinearMatMul"].nodes >= 3 and rows["QLinearMatMul"].differing == 0


def test_functions_are_joined_at_one_scale(tmp_path):
    net = Net()
    silu = lambda x: net.node("Mul", x, net.node("Sigmoid", x))  # noqa: E731
    a, b = silu(net.conv("x", 8, 4)), net.node("Tanh", net.conv("x", 4, 4))
    joined = net.node("Concat", a, net.node("MaxPool", b, kernel_shape=[3, 3], pads=[1, 1, 1, 1]), net.conv("x", 3, 4), axis=1)
    rows = check_exports(tmp_path, net.save(tmp_path, net.conv(joined, 6, 15)), steps_of_output=0)
    assert "Concat" in rows and "QLinearConcat" not in rows  # nothing is left to rescale


FUNCTIONS = ["Relu", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid", "LeakyRelu", "Elu", "Softplus", "Neg", "Abs", "Exp", "Erf", "Sin", "Cos", "Floor",
             "Ceil", "Round", "Sign", "Softsign", "Selu", "Celu", "ThresholdedRelu", "Shrink"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_are_tables_and_equal(function, tmp_path):
    net = Net()
    attributes = {"LeakyRelu": {"alpha": 0.3}, "Elu": {"alpha": 0.7}, "HardSigmoid": {"alpha": 0.3, "beta": 0.4}, "Celu": {"alpha": 0.7},
                  "ThresholdedRelu": {"alpha": 0.3}, "Shrink": {"lambd": 0.3, "bias": 0.1}}.get(function, {})
    # Behind max_pool, so that nothing takes a clamp into itself.
    a = net.node("MaxPool", net.conv("x", 8, 4), kernel_shape=[2, 2])
    rows = check_exports(tmp_path, net.save(tmp_path, net.conv(net.node(function, a, **attributes), 4, 8, 1)), steps_of_output=4)
    assert rows["Gather"].nodes == 1 and rows["Gather"].differing == 0


def test_a_float_island_stays_float(tmp_path):
    net = Net()
    a = net.node("Softmax", net.conv("x", 8, 4), axis=1)
    y = net.conv(net.node("Div", a, net.node("Add", a, net.constant(2.0))), 4, 8)
    check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=1)


def test_integers_at_the_border_stay(tmp_path):
    net = Net()
    scale, zero = net.constant(0.03), net.constant(120, np.uint8)
    x = net.node("DequantizeLinear", "x", scale, zero)
    w = net.node("DequantizeLinear", net.constant(net.random.integers(-128, 127, (8, 4, 3, 3)), np.int8), net.constant(0.01), net.constant(3, np.int8))
    clip = net.node("Clip", net.node("Conv", x, w), net.constant(-0.5), net.constant(1.25))
    y = net.node("QuantizeLinear", clip, net.constant(0.05), zero)
    net.save(tmp_path, y)
    model = onnx.load(tmp_path / "float.onnx")
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.elem_type = TensorProto.UINT8
    onnx.save(model, tmp_path / "float.onnx")
    feed = {"x": net.random.integers(0, 255, net.shape, endpoint=True).astype(np.uint8)}
    expected = None
    for form in ("qdq", "qoperator"):
        run("compile", tmp_path / "float.onnx", "-o", tmp_path / "net.esp", f"--export-{form}", tmp_path / f"{form}.onnx")
        expected = ours(tmp_path, tmp_path / "net.esp", feed)[y]
        assert expected.dtype == np.uint8
        got = node_by_node.runtime(onnx.load(tmp_path / f"{form}.onnx")).run(None, feed)[0]
        assert got.dtype == np.uint8
        assert np.abs(got.astype(int) - expected).max() <= (0 if form == "qoperator" else 1)


def test_channels_last_networks_keep_their_layout(tmp_path):
    net = Net((1, 10, 9, 4))
    y = net.node("Transpose", net.conv(net.node("Transpose", "x", perm=[0, 3, 1, 2]), 8, 4), perm=[0, 2, 3, 1])
    check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=0)


@pytest.fixture(scope="module")
def signs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signs")
    models = exported(folder, SIGNS / "signs.onnx", SIGNS / "images", "--preprocess", SIGNS / "signs.json")
    feed = {"image": np.random.default_rng(2).standard_normal((1, 3, 160, 160)).astype(np.float32)}
    return folder, models, feed


def test_the_bundled_network_node_by_node(signs):
    folder, models, feed = signs
    rows = node_by_node.compare(CLI, models["qoperator"], feed, folder)
    for op, row in rows.items():
        print(f"{op}: {row}")
        assert row.steps <= STEPS.get(op, 0), op
    assert rows["QLinearConv"].nodes == 22
    assert rows["QLinearAdd"].differing <= 1e-3 * rows["QLinearAdd"].elements


def test_the_bundled_network_end_to_end(signs):
    folder, models, feed = signs
    expected = ours(folder, folder / "net.esp", feed)
    spelled = node_by_node.runtime(node_by_node.with_sums_spelled_out(models["qoperator"]))
    for name, got in zip(expected, spelled.run(list(expected), feed)):
        assert np.array_equal(got, expected[name]), name


def test_the_canary_sees_a_wrong_byte(signs, monkeypatch):
    folder, models, feed = signs
    true_bytes = node_by_node.our_bytes

    def one_step_beside(*arguments):
        tensors = true_bytes(*arguments)
        name = next(node.output[0] for node in models["qoperator"].graph.node if node.op_type == "QLinearConv")
        tensors[name].flat[0] ^= 1
        return tensors

    monkeypatch.setattr(node_by_node, "our_bytes", one_step_beside)
    assert node_by_node.compare(CLI, models["qoperator"], feed, folder)["QLinearConv"].differing >= 1


# ---- files and options ----

def test_an_export_needs_no_package(tmp_path):
    net = Net()
    net.save(tmp_path, net.conv("x", 8, 4))
    run("compile", tmp_path / "float.onnx", "--calibration", tmp_path / "samples", "--export-qdq", tmp_path / "out.onnx")
    assert (tmp_path / "out.onnx").exists() and not list(tmp_path.glob("*.esp"))
    first = (tmp_path / "out.onnx").read_bytes()
    run("compile", tmp_path / "float.onnx", "--calibration", tmp_path / "samples", "--export-qdq", tmp_path / "out.onnx", "--threads", "2")
    assert (tmp_path / "out.onnx").read_bytes() == first


def test_what_cannot_be_written_is_refused(tmp_path):
    net = Net()
    net.save(tmp_path, net.conv("x", 8, 4))
    base = ["compile", tmp_path / "float.onnx", "--calibration", tmp_path / "samples"]
    assert "--export-qdq" in run(*base, code=2)
    assert "the output is the model itself" in run(*base, "--export-qdq", tmp_path / "float.onnx", code=2)
    assert "written twice" in run(*base, "--export-qdq", tmp_path / "a.onnx", "--export-qoperator", tmp_path / "a.onnx", code=2)
    assert "lost" in run(*base, "--export-qdq", tmp_path / "lost" / "a.onnx", code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["float.onnx", "samples"]


def test_an_operator_without_a_form_is_named(tmp_path):
    net = Net()
    net.save(tmp_path, net.conv(net.node("AveragePool", "x", kernel_shape=[2, 2], dilations=[2, 2]), 8, 4))
    model = onnx.load(tmp_path / "float.onnx")
    model.opset_import[0].version = 19
    onnx.save(model, tmp_path / "float.onnx")
    for form in ("qdq", "qoperator"):
        message = run("compile", tmp_path / "float.onnx", "--calibration", tmp_path / "samples", "-o", tmp_path / "net.esp",
                      f"--export-{form}", tmp_path / "out.onnx", code=2)
        assert "user/AveragePool_1" in message and "dilations" in message
        assert not (tmp_path / "out.onnx").exists() and not (tmp_path / "net.esp").exists()


@pytest.mark.parametrize("name", ["", "same", "t2"])
def test_nodes_without_names_of_their_own(name, tmp_path):
    net = Net()
    y = net.conv(net.conv("x", 8, 4), 5, 8)
    for node in net.nodes:
        node.name = name
    check_exports(tmp_path, net.save(tmp_path, y), steps_of_output=0)
