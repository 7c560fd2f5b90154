# Files that hold scales of their own, and exports, on real networks: ./test networks. Needs the shared test material
# (ESPALIER_SHARED, or the folder "shared" beside the checkout) and ONNX Runtime. Figures are printed: pytest -s shows them.
import importlib.util
import json
import os
import pathlib
import subprocess

import numpy as np
import onnx
import pytest

onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ESPALIER_SHARED", ROOT.parent / "shared"))
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
MODELS = SHARED / "models" / "onnx"

spec = importlib.util.spec_from_file_location("node_by_node", ROOT / "tests" / "write" / "node_by_node.py")
node_by_node = importlib.util.module_from_spec(spec)
spec.loader.exec_module(node_by_node)


def espalier(*arguments):
    done = subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def model_of(name):
    path = MODELS / f"{name}.onnx"
    if not path.exists():
        pytest.skip("the shared models are not there")
    return path


def noise(path, count, seed):
    """Feeds in the range of the network's pictures."""
    scale, offset = (50, 114) if "yolox" in path.name else (1, 0)
    random = np.random.default_rng(seed)
    inputs = onnxruntime.InferenceSession(str(path)).get_inputs()
    return [{i.name: (random.standard_normal([d if isinstance(d, int) else 1 for d in i.shape]) * scale + offset).astype(np.float32)
             for i in inputs} for _ in range(count)]


def run_package(folder, package, feed):
    np.savez(folder / "in.npz", **feed)
    espalier("run", package, folder / "in.npz", "--output", folder / "out.npz")
    return dict(np.load(folder / "out.npz"))


@pytest.fixture(scope="module", params=["resnet20_cifar10", "resnet44_cifar10", "yolox_nano", "efficientnet_lite0_224"])
def exported(request, tmp_path_factory):
    path = model_of(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "samples").mkdir()
    for i, feed in enumerate(noise(path, 3, 1)):
        np.savez(folder / "samples" / f"{i}.npz", **feed)
    espalier("compile", path, "--calibration", folder / "samples", "-o", folder / "net.esp", "--export-qdq", folder / "qdq.onnx",
             "--export-qoperator", folder / "qoperator.onnx")
    return request.param, folder, noise(path, 1, 5)[0]


def test_nodes_are_onnx_runtimes(exported):
    name, folder, feed = exported
    model = onnx.load(folder / "qoperator.onnx")
    onnx.checker.check_model(model, full_check=True)
    rows = node_by_node.compare(CLI, model, feed, folder)
    for op, row in rows.items():
        print(f"{name} {op}: {row}")
        assert row.steps <= (1 if op in ("QLinearAdd", "QLinearGlobalAveragePool", "QLinearAveragePool", "QLinearConcat") else 0), op
    assert rows["QLinearConv"].nodes >= 20 and rows["QLinearConv"].differing == 0


def test_the_chain_is_equal_end_to_end(exported):
    """QLinearAdd alone may be a step beside; with the sums as the norm has them, every output is equal."""
    name, folder, feed = exported
    expected = run_package(folder, folder / "net.esp", feed)
    model = node_by_node.with_sums_spelled_out(onnx.load(folder / "qoperator.onnx"))
    for output, got in zip(expected, node_by_node.runtime(model).run(list(expected), feed)):
        assert np.array_equal(got, expected[output]), f"{name}: {(got != expected[output]).mean()} of {output} differ"


@pytest.mark.parametrize("form", ["qdq", "qoperator"])
def test_exports_read_back_as_the_same_network(exported, form):
    name, folder, feed = exported
    onnx.checker.check_model(onnx.load(folder / f"{form}.onnx"), full_check=True)
    report = json.loads(espalier("compile", folder / f"{form}.onnx", "-o", folder / "again.esp", "--json"))
    assert report["scales"] == "model" and report["integer_macs"] == report["macs"] and report["transposes"] == []
    expected = run_package(folder, folder / "net.esp", feed)
    for output, again in run_package(folder, folder / "again.esp", feed).items():
        assert np.array_equal(again, expected[output]), f"{name} {form}: {output}"


class Reader:
    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("method", ["MinMax", "Percentile"])
@pytest.mark.parametrize("activations", ["QUInt8", "QInt8"])
def test_resnet20_quantized_by_onnx_runtime(form, per_channel, method, activations, tmp_path):
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    path = model_of("resnet20_cifar10")
    feeds = noise(path, 9, 1)
    quant_pre_process(str(path), str(tmp_path / "prepared.onnx"), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(tmp_path / "prepared.onnx"), str(tmp_path / "net.onnx"), Reader(feeds[:8]), quant_format=quantization.QuantFormat[form],
        per_channel=per_channel, calibrate_method=quantization.CalibrationMethod[method],
        activation_type=quantization.QuantType[activations], weight_type=quantization.QuantType.QInt8)
    report = json.loads(espalier("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp", "--json"))
    assert report["scales"] == "model" and report["integer_macs"] == report["macs"] and report["float_layers"] == []
    got = run_package(tmp_path, tmp_path / "net.esp", feeds[8])["output"]
    expected = node_by_node.runtime(onnx.load(tmp_path / "net.onnx")).run(["output"], feeds[8])[0]
    steps = np.abs(got - expected).max() / np.diff(np.unique(expected)).min()
    print(f"resnet20 {form} {method} {activations} per_channel={per_channel}: at most {steps:.2f} of the smallest gap between outputs")
    # Nine sums may each be a step beside; ten logits show at most a few steps of it.
    assert steps <= 3
