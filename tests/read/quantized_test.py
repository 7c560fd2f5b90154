# Quantized ONNX files: what espalier makes of them without calibration is what ONNX Runtime computes with exact integers
# (session.x64quantprecision), for the habits of ONNX Runtime's quantizer, PyTorch and tf2onnx; and files that are wrong
# are refused by a sentence.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import json
import os
import pathlib
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
U8, S8 = np.uint8, np.int8


def run(*arguments):
    return subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True)


def runtime(model, optimized=True):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Net:
    """A model that grows node by node; each method returns the name of what it makes."""

    def __init__(self, shape=(1, 4, 8, 8), opset=17, dtype=U8, seed=1):
        self.nodes, self.constants, self.count = [], [], 0
        self.shape, self.opset, self.dtype = shape, opset, dtype
        self.random = np.random.default_rng(seed)
        self.input_type, self.output_types = TensorProto.FLOAT, {}

    def constant(self, values, dtype=np.float32):
        self.count += 1
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), f"c{self.count}"))
        return f"c{self.count}"

    def node(self, op, *inputs, domain="", outputs=1, **attributes):
        self.count += 1
        names = [f"t{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=f"{op}_{self.count}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def quantize(self, x, scale=0.03, zero=None, dtype=None, **attributes):
        dtype = dtype or self.dtype
        zero = (120 if dtype == U8 else -8) if zero is None else zero
        return self.node("QuantizeLinear", x, self.constant(scale), self.constant(zero, dtype), **attributes)

    def dequantize(self, q, scale=0.03, zero=None, dtype=None, **attributes):
        dtype = dtype or self.dtype
        zero = (120 if dtype == U8 else -8) if zero is None else zero
        return self.node("DequantizeLinear", q, self.constant(scale), self.constant(zero, dtype), **attributes)

    def fake(self, x, scale=0.03, zero=None, dtype=None):
        return self.dequantize(self.quantize(x, scale, zero, dtype), scale, zero, dtype)

    def weights(self, *shape, dtype=S8, scale=0.01, zero=0, axis=None):
        low, high = (-128, 127) if dtype == S8 else (0, 255)
        values = self.random.integers(low, high, shape, endpoint=True)
        values.flat[0] = low
        if axis is None:
            return self.dequantize(self.constant(values, dtype), scale, zero, dtype)
        scales = self.random.uniform(0.5 * scale, scale, shape[axis]).astype(np.float32)
        zeros = np.broadcast_to(zero, scales.shape)
        return self.node("DequantizeLinear", self.constant(values, dtype), self.constant(scales), self.constant(zeros, dtype), axis=axis)

    def bias(self, count, scale):
        return self.dequantize(self.constant(self.random.integers(-2000, 2000, count), np.int32), scale, 0, np.int32)

    def conv(self, x, outputs, inputs=4, kernel=3, bias=True, input_scale=0.03, **weights):
        w = self.weights(outputs, inputs, kernel, kernel, **weights)
        more = []
        if bias and weights.get("axis") is None:
            more = [self.bias(outputs, np.float32(input_scale) * np.float32(weights.get("scale", 0.01)))]
        return self.node("Conv", x, w, *more, pads=[kernel // 2] * 4)

    def model(self, *outputs):
        graph = helper.make_graph(
            self.nodes, "g", [helper.make_tensor_value_info("x", self.input_type, self.shape)],
            [helper.make_tensor_value_info(name, self.output_types.get(name, TensorProto.FLOAT), None) for name in outputs], self.constants)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def feed(self):
        if self.input_type == TensorProto.UINT8:
            return {"x": self.random.integers(0, 255, self.shape, endpoint=True).astype(U8)}
        if self.input_type == TensorProto.INT8:
            return {"x": self.random.integers(-128, 127, self.shape, endpoint=True).astype(S8)}
        return {"x": (1.5 * self.random.standard_normal(self.shape)).astype(np.float32)}


def compiled(folder, model, *options):
    onnx.save(model, folder / "net.onnx")
    done = run("compile", folder / "net.onnx", "-o", folder / "net.esp", "--json", *options)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["scales"] == "model" and report["samples"] == 0
    return report


def outputs_of(folder, feed):
    np.savez(folder / "in.npz", **feed)
    done = run("run", folder / "net.esp", folder / "in.npz", "--output", folder / "out.npz")
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "out.npz"))


def check(folder, net, outputs, steps=0, integer=True, optimized=True, scale=0.05):
    """Ours equals ONNX Runtime's, or is at most `steps` output steps beside it; all multiplications are integer."""
    model, feed = net.model(*outputs), net.feed()
    report = compiled(folder, model)
    if integer:
        assert report["integer_macs"] == report["macs"] and report["float_layers"] == [], report["float_layers"]
    verified = run("verify", folder / "net.esp", "--model", folder / "net.onnx")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    ours = outputs_of(folder, feed)
    session = runtime(model, optimized)
    for info, expected in zip(session.get_outputs(), session.run(None, feed)):
        got = ours[info.name]
        assert got.dtype == expected.dtype and got.shape == expected.shape
        room = steps * (1 if got.dtype in (U8, S8) else scale * 1.001)
        assert np.abs(got.astype(np.float64) - expected).max() <= room, info.name
        assert np.unique(expected).size > 8  # that it compares something
    return report


@pytest.mark.parametrize("opset", [10, 13, 19, 21])
@pytest.mark.parametrize("dtype", [U8, S8])
def test_a_chain_of_convolutions(dtype, opset, tmp_path):
    net = Net(dtype=dtype, opset=opset)
    a = net.fake(net.node("Relu", net.conv(net.fake("x"), 8)), 0.05, 0 if dtype == U8 else -128)
    check(tmp_path, net, [net.fake(net.conv(a, 5, 8, input_scale=0.05), 0.05)])


@pytest.mark.parametrize("weights", [dict(axis=0), dict(dtype=U8, zero=131), dict(zero=7), dict(dtype=U8, zero=128, axis=0)])
def test_weights_keep_their_integers_and_zero_points(weights, tmp_path):
    net = Net()
    check(tmp_path, net, [net.fake(net.conv(net.fake("x"), 8, bias=False, **weights), 0.05)])


@pytest.mark.parametrize("low, high", [(0, 6), (-0.5, 1.25)])
def test_a_clip_between_operator_and_quantize(low, high, tmp_path):
    net = Net()
    c = net.node("Clip", net.conv(net.fake("x"), 8), net.constant(low), net.constant(high))
    # ONNX Runtime takes the clip away only where the integers' range does it too; elsewhere it computes in floats.
    check(tmp_path, net, [net.fake(c, 0.02, 40)], steps=1, scale=0.02)


def test_a_batch_norm_between_operator_and_quantize(tmp_path):
    net = Net()
    positive = lambda low, high: net.constant(net.random.uniform(low, high, 8))
    n = net.node("BatchNormalization", net.conv(net.fake("x"), 8, axis=0), positive(0.5, 2), positive(-1, 1), positive(-1, 1), positive(0.5, 2))
    report = check(tmp_path, net, [net.fake(net.node("Relu", n), 0.05, 0)], steps=1)
    assert any("was rounded to input scale x weight scale" in note for note in report["notes"])


@pytest.mark.parametrize("weights", [dict(), dict(axis=1), dict(zero=5)])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_transposed_convolution(stride, weights, tmp_path):
    net = Net()
    w = net.weights(4, 6, 3, 3, **weights)
    more = [] if "axis" in weights else [net.bias(6, np.float32(0.03) * np.float32(0.01))]
    y = net.node("ConvTranspose", net.fake("x"), w, *more, strides=[stride, stride], pads=[1, 1, 1, 1])
    # ONNX Runtime computes it in floats.
    check(tmp_path, net, [net.fake(y, 0.05)], steps=1)


def test_grouped_and_strided(tmp_path):
    net = Net()
    x = net.fake("x")
    w = net.weights(8, 1, 3, 3, axis=0)
    check(tmp_path, net, [net.fake(net.node("Conv", x, w, group=4, strides=[2, 2], dilations=[2, 1], pads=[1, 0, 2, 1]), 0.05)])


@pytest.mark.parametrize("trans", [0, 1])
def test_gemm(trans, tmp_path):
    net = Net(shape=(3, 16))
    w = net.weights(*((10, 16) if trans else (16, 10)))
    bias = net.bias(10, np.float32(0.03) * np.float32(0.01))
    check(tmp_path, net, [net.fake(net.node("Gemm", net.fake("x"), w, bias, transB=trans), 0.05)])


@pytest.mark.parametrize("weights", [dict(), dict(axis=1)])
def test_a_factor_of_gemm_joins_the_scale_of_the_weights(weights, tmp_path):
    net = Net(shape=(3, 16))
    check(tmp_path, net, [net.fake(net.node("Gemm", net.fake("x"), net.weights(16, 10, **weights), alpha=0.5), 0.03)])


def qgemm(net, a, b, bias, b_scale=0.01, b_zero=None, y_scale=0.05, **attributes):
    zero = net.constant(120, U8)
    y = net.node("QGemm", a, net.constant(0.03), zero, b, net.constant(b_scale), b_zero or net.constant(0, S8), bias, net.constant(y_scale),
                 zero, domain="com.microsoft", **attributes)
    return net.dequantize(y, y_scale)


@pytest.mark.parametrize("shape", [(10,), (1, 10)])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_qgemm_with_a_bias(alpha, shape, tmp_path):
    net = Net(shape=(3, 16))
    bias = net.constant(net.random.integers(-2000, 2000, shape), np.int32)
    check(tmp_path, net, [qgemm(net, net.quantize("x"), net.constant(net.random.integers(-128, 127, (16, 10)), S8), bias, alpha=alpha)])


# The factor makes reals of what is computed.
def test_qgemm_with_a_factor_of_two_computed_tensors(tmp_path):
    net = Net(shape=(6, 16))
    q = net.quantize("x")
    check(tmp_path, net, [qgemm(net, q, q, "", 0.03, net.constant(120, U8), transB=1, alpha=0.5)], integer=False, steps=1)


@pytest.mark.parametrize("weights", [dict(), dict(axis=0)])
def test_a_convolution_of_rows(weights, tmp_path):
    net = Net(shape=(1, 4, 9))
    check(tmp_path, net, [net.fake(net.node("Conv", net.fake("x"), net.weights(6, 4, 3, **weights)), 0.05)])


def test_matmul_with_scales_per_column(tmp_path):
    net = Net(shape=(2, 5, 16))
    check(tmp_path, net, [net.fake(net.node("MatMul", net.fake("x"), net.weights(16, 10, axis=1)), 0.05)])


@pytest.mark.parametrize("dtype", [U8, S8])
def test_operators_that_move(dtype, tmp_path):
    net = Net(dtype=dtype)
    a = net.fake(net.conv(net.fake("x"), 4), 0.05)
    b = net.fake(net.node("MaxPool", a, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), 0.05)
    c = net.fake(net.node("Resize", b, "", net.constant([1, 1, 2, 2]), mode="nearest", nearest_mode="floor",
                          coordinate_transformation_mode="asymmetric"), 0.05)
    d = net.node("Pad", c, net.constant([0, 0, 1, 0, 0, 0, 0, 2], np.int64))
    e = net.node("Slice", d, net.constant([1], np.int64), net.constant([9], np.int64), net.constant([3], np.int64), net.constant([2], np.int64))
    f = net.node("Reshape", net.node("Transpose", e, perm=[0, 2, 3, 1]), net.constant([4, -1], np.int64))
    check(tmp_path, net, [f])


def test_a_pool_may_change_the_scale(tmp_path):
    net = Net()
    check(tmp_path, net, [net.fake(net.node("MaxPool", net.fake("x"), kernel_shape=[2, 2]), 0.05, 60)], optimized=False)


def test_reshape_and_transpose_between_operator_and_quantize(tmp_path):
    net = Net()
    c = net.node("Transpose", net.conv(net.fake("x"), 8), perm=[0, 2, 3, 1])
    d = net.fake(net.node("Reshape", c, net.constant([64, 8], np.int64)), 0.05)
    # ONNX Runtime runs the convolution in floats where no quantize stands right behind it.
    check(tmp_path, net, [net.fake(net.node("Gemm", d, net.weights(8, 3)), 0.05)], steps=1)


def test_a_split_into_tensors_of_other_scales(tmp_path):
    net = Net()
    a, b = net.node("Split", net.fake("x"), outputs=2, axis=1, num_outputs=2) if net.opset >= 18 else net.node("Split", net.fake("x"), outputs=2, axis=1)
    check(tmp_path, net, [net.fake(a, 0.05), net.fake(b, 0.02, 100)], optimized=False)


@pytest.mark.parametrize("op", ["Add", "Mul"])
def test_two_tensors_keep_their_own_scales(op, tmp_path):
    net = Net()
    a = net.fake(net.conv(net.fake("x"), 8), 0.05)
    b = net.fake(net.conv(net.fake("x"), 8), 0.03, 100)
    report = check(tmp_path, net, [net.fake(net.node("Relu", net.node(op, a, b)), 0.04, 0)], steps=1, scale=0.04)
    assert report["transposes"] == []


def test_a_stored_operand(tmp_path):
    net = Net()
    check(tmp_path, net, [net.fake(net.node("Add", net.fake("x"), net.weights(4, 1, 1)), 0.05)], steps=1)


@pytest.mark.parametrize("scales", [(0.05, 0.02), (0.05, 0.05)])
def test_a_concat_keeps_the_scales_of_its_inputs(scales, tmp_path):
    net = Net()
    a = net.fake(net.conv(net.fake("x"), 8), scales[0])
    b = net.fake(net.conv(net.fake("x"), 8), scales[1])
    check(tmp_path, net, [net.fake(net.node("Concat", a, b, axis=1), 0.05)])
    text = run("disassemble", tmp_path / "net.esp").stdout
    assert len([line for line in text.splitlines() if "= concat" in line]) == 1


@pytest.mark.parametrize("op, attributes", [
    ("Sigmoid", {}), ("Tanh", {}), ("HardSwish", {}), ("LeakyRelu", {"alpha": 0.2}), ("Relu", {}),
    ("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}), ("GlobalAveragePool", {})])
def test_functions_and_pools(op, attributes, tmp_path):
    net = Net(shape=(1, 16, 8, 8))
    check(tmp_path, net, [net.fake(net.node(op, net.fake("x"), **attributes), 0.01, 100)], steps=1, scale=0.01)


def test_clip_on_the_integers_as_pytorch_writes_seven_bits(tmp_path):
    net = Net()
    q = net.node("Clip", net.quantize("x", 0.03, 60), net.constant(0, U8), net.constant(127, U8))
    check(tmp_path, net, [net.fake(net.conv(net.dequantize(q, 0.03, 60), 8), 0.05)])


def test_weights_that_are_quantized_in_the_file_as_pytorch_and_tf2onnx_do(tmp_path):
    net = Net()
    reals = net.constant(net.random.uniform(-1.3, 1.3, (8, 4, 3, 3)))
    scales, zeros = net.random.uniform(0.005, 0.01, 8).astype(np.float32), np.zeros(8)
    q = net.node("QuantizeLinear", reals, net.constant(scales), net.constant(zeros, S8), axis=0)
    w = net.node("DequantizeLinear", q, net.constant(scales), net.constant(zeros, S8), axis=0)
    check(tmp_path, net, [net.fake(net.node("Conv", net.fake("x"), w), 0.05)])


def test_channels_last_with_transposes_as_tf2onnx_writes_it(tmp_path):
    net = Net(shape=(1, 8, 8, 4))
    x = net.node("Transpose", net.fake("x"), perm=[0, 3, 1, 2])
    y = net.fake(net.node("Transpose", net.conv(x, 8), perm=[0, 2, 3, 1]), 0.05)
    report = check(tmp_path, net, [y], steps=1)
    assert report["transposes"] == []


@pytest.mark.parametrize("dtype, kind", [(U8, TensorProto.UINT8), (S8, TensorProto.INT8)])
def test_integers_at_the_border(dtype, kind, tmp_path):
    net = Net(dtype=dtype)
    net.input_type = kind
    y = net.quantize(net.conv(net.dequantize("x"), 8), 0.05)
    net.output_types[y] = kind
    check(tmp_path, net, [y])


def test_a_float_island(tmp_path):
    net = Net()
    a = net.fake(net.conv(net.fake("x"), 4), 0.05)
    real = net.node("Conv", a, net.constant(net.random.uniform(-0.2, 0.2, (4, 4, 1, 1))))
    y = net.fake(net.conv(net.fake(net.node("Softmax", real, axis=1), 0.004, 0), 8, input_scale=0.004), 0.01)
    report = check(tmp_path, net, [y], integer=False, steps=1, scale=0.01)
    reasons = {layer["op"]: layer["reason"] for layer in report["float_layers"]}
    assert "stored as reals" in reasons["conv2d"] and "does not quantize its input" in reasons["softmax"]
    assert 0 < report["integer_macs"] < report["macs"]


def test_what_is_also_read_as_reals_is_not_rounded_there(tmp_path):
    net = Net()
    c = net.conv(net.fake("x"), 8)
    report = check(tmp_path, net, [net.fake(c, 0.05), c], integer=False, steps=1)
    session = runtime(net.model(c))
    feed = net.feed()
    assert np.abs(outputs_of(tmp_path, feed)[c] - session.run(None, feed)[0]).max() < 1e-4
    assert "wherever it is read" in report["float_layers"][0]["reason"]


def test_weights_only(tmp_path):
    net = Net()
    onnx.save(net.model(net.conv("x", 8, bias=False)), tmp_path / "net.onnx")
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp")
    assert done.returncode == 2 and "no calibration samples are given" in done.stderr


@pytest.mark.parametrize("kind", ["reals", "scale of its own"])
def test_a_bias_is_brought_to_the_scale_of_the_sum(kind, tmp_path):
    net = Net()
    reals = net.random.uniform(-0.5, 0.5, 8).astype(np.float32)
    b = net.constant(reals) if kind == "reals" else net.bias(8, 0.00021)
    y = net.fake(net.node("Conv", net.fake("x"), net.weights(8, 4, 3, 3), b), 0.05)
    # ONNX Runtime computes in floats with a real bias, and takes integers of any scale as if they had the right one.
    report = check(tmp_path, net, [y], steps=1, optimized=False)
    assert any("was rounded to input scale x weight scale" in note for note in report["notes"])


def test_a_large_bias_is_exact(tmp_path):
    net = Net()
    x = net.fake("x")
    stored = net.constant([2**30 - 77, -(2**30) + 77, 3, 16777217], np.int32)
    b = net.dequantize(stored, np.float32(0.03) * np.float32(1e-9), 0, np.int32)
    y = net.fake(net.node("Conv", x, net.weights(4, 4, 3, 3, scale=1e-9), b), 0.03)
    model = net.model(y)
    compiled(tmp_path, model)
    assert "1073741747,-1073741747,3,16777217" in run("disassemble", tmp_path / "net.esp").stdout


def test_requantize_discards_the_scales(tmp_path):
    net = Net()
    onnx.save(net.model(net.fake(net.conv(net.fake("x", 5.0), 8, input_scale=5.0), 9.0)), tmp_path / "net.onnx")
    (tmp_path / "samples").mkdir()
    np.savez(tmp_path / "samples" / "0.npz", **net.feed())
    def bad(*arguments):
        done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp", *arguments)
        assert done.returncode == 2
        return done.stderr
    assert "no calibration samples" in bad("--requantize")
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp", "--json", "--requantize", "--calibration", tmp_path / "samples")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["scales"] == "calibration" and report["samples"] == 1 and report["integer_macs"] == report["macs"]
    assert "scale=5" not in run("disassemble", tmp_path / "net.esp").stdout
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp", "--calibration", tmp_path / "samples")
    assert "the model's own scales are used" in done.stdout


def test_the_file_itself_runs_on_reals_between_its_integers(tmp_path):
    net = Net()
    a = net.fake(net.node("Relu", net.conv(net.fake("x"), 8, axis=0)), 0.05, 0)
    model, feed = net.model(net.fake(net.conv(a, 5, 8, input_scale=0.05), 0.05)), net.feed()
    onnx.save(model, tmp_path / "net.onnx")
    np.savez(tmp_path / "in.npz", **feed)
    done = run("run", tmp_path / "net.onnx", tmp_path / "in.npz", "--output", tmp_path / "out.npz")
    assert done.returncode == 0, done.stderr
    for name, got in dict(np.load(tmp_path / "out.npz")).items():
        # Sums of reals in another order: a tie may fall to the other side.
        assert np.abs(got - runtime(model, optimized=False).run([name], feed)[0]).max() <= 0.0501
    checked = json.loads(run("check", tmp_path / "net.onnx", "--json").stdout)
    assert checked["supported"] and checked["integer_macs"] == checked["macs"]


@pytest.mark.parametrize("border", ["integers", "quantized"])
@pytest.mark.parametrize("op", ["ConvInteger", "MatMulInteger"])
def test_sums_of_integers(op, border, tmp_path):
    net = Net()
    net.input_type = TensorProto.UINT8 if border == "integers" else TensorProto.FLOAT
    x = "x" if border == "integers" else net.quantize("x", zero=3)
    shape = (5, 4, 3, 3) if op == "ConvInteger" else (8, 5)
    w = net.constant(net.random.integers(0, 255, shape), U8)
    attributes = {"pads": [1, 1, 1, 1]} if op == "ConvInteger" else {}
    y = net.node(op, x, w, net.constant(3, U8), net.constant(131, U8), **attributes)
    net.output_types[y] = TensorProto.INT32
    model, feed = net.model(y), net.feed()
    onnx.save(model, tmp_path / "net.onnx")
    np.savez(tmp_path / "in.npz", **feed)
    done = run("run", tmp_path / "net.onnx", tmp_path / "in.npz", "--output", tmp_path / "out.npz")
    assert done.returncode == 0, done.stderr
    expected = runtime(model).run(None, feed)[0]
    got = np.load(tmp_path / "out.npz")[y]
    assert got.dtype == np.int32 and np.array_equal(got, expected)
    report = None if border == "integers" else compiled(tmp_path, model)
    assert report is None or np.array_equal(outputs_of(tmp_path, feed)[y], expected)


# ---- ONNX Runtime's quantizer ----

class Reader:
    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def quantize_static(source, target, feeds, **options):
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process
    prepared = str(target) + ".prepared.onnx"
    quant_pre_process(str(source), prepared, skip_symbolic_shape=True)
    quantization.quantize_static(prepared, str(target), Reader(feeds), **options)
    return onnx.load(target)


def quantizer_options():
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        for per_channel in (False, True):
            for activations, weights in ((QuantType.QUInt8, QuantType.QInt8), (QuantType.QInt8, QuantType.QInt8), (QuantType.QUInt8, QuantType.QUInt8)):
                yield pytest.param(dict(quant_format=form, per_channel=per_channel, activation_type=activations, weight_type=weights),
                                   id=f"{form.name}-{'channels' if per_channel else 'tensor'}-{activations.name}-{weights.name}")
    yield pytest.param(dict(quant_format=QuantFormat.QDQ, per_channel=True, calibrate_method=CalibrationMethod.Percentile), id="QDQ-percentile")


def many_operators():
    """A float network with what ONNX Runtime's quantizer has integer operators for."""
    net = Net()
    random = net.random
    conv = lambda x, o, i, k=3, **a: net.node("Conv", x, net.constant(random.uniform(-0.4, 0.4, (o, i // a.get("group", 1), k, k))),
                                              net.constant(random.uniform(-0.1, 0.1, o)), pads=[k // 2] * 4, **a)
    a = net.node("Relu", conv("x", 8, 4))
    b = net.node("LeakyRelu", conv(a, 8, 8, group=8), alpha=0.1)
    c = net.node("Add", a, b)
    d = net.node("MaxPool", c, kernel_shape=[2, 2], strides=[2, 2])
    e = net.node("Mul", d, net.node("Sigmoid", conv(d, 8, 8, 1)))
    f = net.node("Concat", e, net.node("AveragePool", c, kernel_shape=[2, 2], strides=[2, 2]), axis=1)
    g = net.node("Resize", f, "", net.constant([1, 1, 2, 2]), mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric")
    h = net.node("Flatten", net.node("GlobalAveragePool", conv(g, 12, 16)))
    y = net.node("Gemm", h, net.constant(random.uniform(-0.3, 0.3, (10, 12))), net.constant(random.uniform(-0.1, 0.1, 10)), transB=1)
    return net, net.model(y, net.node("MatMul", h, net.constant(random.uniform(-0.3, 0.3, (12, 9)))))


@pytest.mark.parametrize("options", list(quantizer_options()))
def test_files_of_onnx_runtimes_quantizer(options, tmp_path):
    net, model = many_operators()
    onnx.save(model, tmp_path / "float.onnx")
    quantized = quantize_static(tmp_path / "float.onnx", tmp_path / "net.onnx", [net.feed() for _ in range(4)], **options)
    report = compiled(tmp_path, quantized)
    # Columns of u8 get zero points of their own, which no integer operator has.
    own_zero_points = any("different zero points" in note for note in report["notes"])
    assert own_zero_points or report["integer_macs"] == report["macs"], report["float_layers"]
    feed = net.feed()
    ours = outputs_of(tmp_path, feed)
    session = runtime(quantized, optimized=False)
    for info, expected in zip(session.get_outputs(), session.run(None, feed)):
        # A dozen layers, of which the sums and functions of reals may each be one step beside ONNX Runtime's.
        step = np.unique(np.abs(np.diff(np.unique(np.round(expected, 5)))))[0] if np.unique(expected).size > 1 else 1
        assert np.abs(ours[info.name] - expected).max() <= 2.001 * step


@pytest.mark.parametrize("options", list(quantizer_options())[:1] + list(quantizer_options())[9:10])
def test_the_bundled_network_quantized_by_onnx_runtime(options, tmp_path):
    signs = ROOT / "examples" / "signs" / "signs.onnx"
    random = np.random.default_rng(3)
    feeds = [{"image": (0.5 * random.standard_normal((1, 3, 160, 160))).astype(np.float32)} for _ in range(3)]
    quantized = quantize_static(signs, tmp_path / "net.onnx", feeds[:2], **options)
    report = compiled(tmp_path, quantized)
    assert report["integer_macs"] == report["macs"] and report["float_layers"] == [] and report["transposes"] == []
    ours = outputs_of(tmp_path, feeds[2])
    session = runtime(quantized)
    for info, expected in zip(session.get_outputs(), session.run(None, feeds[2])):
        difference = np.abs(ours[info.name] - expected)
        # The four sums of the network may be a step beside; on these inputs they are not.
        assert difference.max() == 0, f"{info.name}: {(difference > 0).mean()} of the elements"


# ---- what is wrong with a file ----

def wrong(scale=0.03, zero=120, dtype=U8, **options):
    net = Net(**options)
    q = net.node("QuantizeLinear", "x", net.constant(scale), net.constant(zero, dtype))
    return net.model(net.node("DequantizeLinear", q, net.constant(scale), net.constant(zero, dtype)))


def wrong_weights(scales, zeros=None, axis=0, dtype=S8):
    net = Net()
    w = net.constant(net.random.integers(-9, 9, (8, 4, 3, 3)), S8)
    more = [] if zeros is None else [net.constant(zeros, dtype)]
    return net.model(net.node("Conv", net.fake("x"), net.node("DequantizeLinear", w, net.constant(scales), *more, axis=axis)))


def other_scale():
    net = Net()
    return net.model(net.dequantize(net.quantize("x", 0.03), 0.04))


def other_zero():
    net = Net()
    return net.model(net.dequantize(net.quantize("x", 0.03, 120), 0.03, 121))


def zero_of_another_type():
    net = Net()
    return net.model(net.dequantize(net.quantize("x", 0.03, 120), 0.03, 0, S8))


def computes_on_integers(op="Relu"):
    net = Net(dtype=S8)
    return net.model(net.dequantize(net.node(op, net.quantize("x"))))


def interpolates_integers(dtype):
    net = Net(dtype=dtype)
    return net.model(net.dequantize(net.node("Resize", net.quantize("x"), "", net.constant([1, 1, 2, 2]), mode="linear")))


def no_scales():
    net = Net(shape=(1, 3))
    empty = net.node("DequantizeLinear", net.constant(np.zeros((0, 3)), S8), net.constant([]), net.constant([], S8), axis=0)
    return net.model(net.node("Concat", "x", empty, axis=0))


def joins_scales():
    net = Net()
    return net.model(net.dequantize(net.node("Concat", net.quantize("x", 0.03), net.quantize("x", 0.04), axis=1)))


def bias_beyond_32_bits():
    net = Net()
    return net.model(net.fake(net.node("Conv", net.fake("x"), net.weights(2, 4, 3, 3, scale=1e-9), net.constant([0.01, 2000])), 0.05))


def cast_of_integers():
    net = Net()
    return net.model(net.node("Cast", net.quantize("x"), to=TensorProto.FLOAT))


def large_sums():
    net = Net(shape=(1, 5000))
    y = net.node("MatMulInteger", net.quantize("x"), net.constant(np.full((5000, 2), 127), S8))
    return net.model(net.node("Cast", y, to=TensorProto.FLOAT))


def dynamic():
    net = Net()
    q, scale, zero = net.node("DynamicQuantizeLinear", "x", outputs=3)
    return net.model(net.node("DequantizeLinear", q, scale, zero))


def qlinear_conv(bias=None, weight_scale=0.01, **attributes):
    net = Net()
    w = net.constant(net.random.integers(-9, 9, (8, 4, 3, 3)), S8)
    zero = np.zeros(np.shape(weight_scale))
    y = net.node("QLinearConv", net.quantize("x"), net.constant(0.03), net.constant(120, U8), w, net.constant(weight_scale), net.constant(zero, S8),
                 net.constant(0.05), net.constant(120, U8), *([] if bias is None else [net.constant(*bias)]), **attributes)
    return net.model(net.dequantize(y, 0.05))


@pytest.mark.parametrize("model, words", [
    (wrong(scale=0), ["scale 0 of input 1 is 0", "positive"]),
    (wrong(scale=-0.5), ["is -0.5", "positive"]),
    (wrong(scale=np.nan), ["is nan", "positive"]),
    (wrong(scale=np.inf), ["is inf", "positive"]),
    (wrong(scale=[0.1, 0.2, 0.3, 0.4], zero=[0, 0, 0, 0]), ["4 scales", "one is supported"]),
    (wrong(scale=[0.1, 0.2, 0.3], zero=[0, 0, 0]), ["3 scales", "dimension 1", "4 elements"]),
    (wrong(zero=0, dtype=np.int16), ["quantizes to s16"]),
    (wrong(zero=0, dtype=np.float32), ["quantizes to f32"]),
    (wrong_weights([0.1] * 7), ["7 scales", "8 elements"]),
    (wrong_weights([0.1] * 8, axis=4), ["axis 4", "4 dimensions"]),
    (wrong_weights([0.1] * 8, axis=-5), ["axis -5"]),
    (wrong_weights([0.1] * 8, [0] * 5), ["5 zero points", "8 scales"]),
    (wrong_weights([0.1] * 8, [0] * 8, dtype=U8), ["zero point is u8", "s8"]),
    (wrong_weights([0.1] * 7 + [0]), ["scale 7 of input 1 is 0"]),
    (other_scale(), ["0.03", "0.04", "one quantization"]),
    (other_zero(), ["one quantization"]),
    (zero_of_another_type(), ["zero point is s8, the tensor is u8"]),
    (computes_on_integers(), ["computes with the integers"]),
    (interpolates_integers(U8), ["computes with the integers"]),
    (interpolates_integers(S8), ["computes with the integers"]),
    (no_scales(), ["input 1, the scale, is missing"]),
    (joins_scales(), ["different scales"]),
    (cast_of_integers(), ["casts the integers", "f32"]),
    (large_sums(), ["5000 products", "161925000", "16777216"]),
    (dynamic(), ["chooses its scale", "calibrate"]),
    (qlinear_conv(channels_last=1), ["channels_last"]),
    (qlinear_conv(bias=([0.5] * 8,)), ["bias", "s32"]),
    (qlinear_conv(bias=([1] * 7, np.int32)), ["7"]),
    (qlinear_conv(bias=([1] * 7, np.int32), weight_scale=[0.01] * 8), ["7", "8 scales"]),
])
def test_a_wrong_file_is_refused(model, words, tmp_path):
    onnx.save(model, tmp_path / "net.onnx")
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp")
    assert done.returncode == 2, done.stdout + done.stderr
    for word in ["node"] + words:
        assert word in done.stderr
    assert not (tmp_path / "net.esp").exists()


def test_a_bias_that_32_bits_cannot_hold_is_refused(tmp_path):
    onnx.save(bias_beyond_32_bits(), tmp_path / "net.onnx")
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp")
    assert done.returncode == 2
    for word in ("its bias 2000 at channel 1", "32 bits", "--requantize"):
        assert word in done.stderr


def test_channels_with_zero_points_of_their_own_stay_real(tmp_path):
    net = Net()
    w = net.weights(8, 4, 3, 3, dtype=U8, zero=np.arange(120, 128), axis=0)
    report = check(tmp_path, net, [net.fake(net.node("Conv", net.fake("x"), w), 0.05)], integer=False, steps=1, optimized=False)
    assert any("different zero points" in note for note in report["notes"])
    assert "stored as reals" in report["float_layers"][0]["reason"]


def test_blocks_and_other_domains_are_refused(tmp_path):
    net = Net(opset=21)
    w = net.node("DequantizeLinear", net.constant(np.zeros((8, 4, 3, 3)), S8), net.constant(np.full((2, 4, 3, 3), 0.1)), axis=0, block_size=4)
    onnx.save(net.model(net.node("Conv", net.fake("x"), w)), tmp_path / "net.onnx")
    assert "block_size" in run("check", tmp_path / "net.onnx").stdout
    net = Net()
    onnx.save(net.model(net.node("FusedConv", "x", net.constant(np.zeros((8, 4, 3, 3))), domain="com.microsoft")), tmp_path / "net.onnx")
    assert "com.microsoft" in run("check", tmp_path / "net.onnx").stdout


@pytest.mark.parametrize("op", ["QGemm", "QLinearAdd"])
def test_scales_that_are_inputs_must_be_bound(op, tmp_path):
    net = Net(shape=(4, 4), dtype=S8)
    q, at = net.quantize("x"), net.constant(-8, S8)
    y = net.node(op, q, "a_scale", at, q, "b_scale", at, *([""] if op == "QGemm" else []), "y_scale", at, domain="com.microsoft")
    model = net.model(net.dequantize(y))
    names = ["a_scale", "b_scale", "y_scale"]
    model.graph.input.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in names)
    onnx.save(model, tmp_path / "net.onnx")
    assert json.loads(run("check", tmp_path / "net.onnx", "--json").stdout)["constant_inputs"] == names
