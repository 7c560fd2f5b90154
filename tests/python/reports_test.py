# espalier.check and espalier.verify give what the commands print with --json.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

espalier = pytest.importorskip("espalier", reason="the Python package is not installed: pip install .")
pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

import networks  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
BORDERS = ("inputs", "outputs")


def command(*arguments):
    return json.loads(subprocess.run([CLI, *map(str, arguments), "--json"], capture_output=True, text=True).stdout)


def as_json(report):
    tensors = {border: [{"name": t.name, "type": t.type, "shape": list(t.shape)} for t in report[border]] for border in BORDERS}
    return {**report, **tensors}


def test_check(tmp_path):
    net = networks.two_in_two_out(tmp_path / "net.onnx")
    assert as_json(espalier.check(net)) == command("check", net)
    assert set(espalier.check(net)) == set(espalier.ModelCheck.__annotations__)
    assert espalier.check(net)["supported"] and espalier.check(net, outputs=["sum"])["outputs"][0].dtype == np.float32
    odd = networks.save(tmp_path / "odd.onnx", [helper.make_node("Det", ["x"], ["y"], name="odd")], {"x": [3, 3]}, ["y"])
    (node,) = espalier.check(odd)["nodes"]
    assert not node["supported"] and "determinants" in node["reason"]


def test_check_names_what_must_be_bound(tmp_path):
    net = networks.save(tmp_path / "net.onnx", [helper.make_node("Reshape", ["x", "shape"], ["y"])], {"x": [4], "shape": [2]}, ["y"],
                        types={"shape": TensorProto.INT64})
    assert espalier.check(net)["constant_inputs"] == ["shape"]
    bound = espalier.check(net, bind={"shape": np.array([2, 2])})
    assert bound["constant_inputs"] == [] and bound["outputs"][0].shape == (2, 2)


def test_verify(tmp_path):
    net, package = networks.two_in_two_out(tmp_path / "net.onnx"), tmp_path / "net.esp"
    espalier.compile(net, package, calibration=[networks.sample()])
    report = espalier.verify(package, model=net)
    assert report == command("verify", package, "--model", net)
    assert report["ok"] and {run["kernels"] for run in report["runs"]} >= {"reference", "portable"}
    other = networks.large(tmp_path / "other.onnx")
    assert not espalier.verify(package, model=other)["ok"]
    package.write_bytes(package.read_bytes()[:-100])
    with pytest.raises(espalier.Error, match="net.esp"):
        espalier.verify(package)
