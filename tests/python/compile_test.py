# espalier.compile from Python: every kind of calibration, several inputs and outputs, and what the command's options do.
import pathlib

import numpy as np
import pytest

espalier = pytest.importorskip("espalier", reason="the Python package is not installed: pip install .")
onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

import networks  # noqa: E402

SIGNS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "signs"


@pytest.fixture
def model(tmp_path):
    return networks.two_in_two_out(tmp_path / "net.onnx")


def samples(count=3):
    return [networks.sample(seed) for seed in range(count)]


def test_a_folder_a_list_and_a_generator_give_the_same_integers(model, tmp_path):
    folder = tmp_path / "samples"
    folder.mkdir()
    for index, sample in enumerate(samples()):
        np.savez(folder / f"{index}.npz", **sample)
    kinds = {"folder": folder, "list": samples(), "generator": (sample for sample in samples()), "files": sorted(folder.iterdir())}
    outputs = {}
    for kind, calibration in kinds.items():
        report = espalier.compile(model, tmp_path / f"{kind}.esp", calibration=calibration)
        assert report["samples"] == 3 and report["scales"] == "calibration"
        outputs[kind] = espalier.Session(tmp_path / f"{kind}.esp").run(networks.sample(9))
    for kind, got in outputs.items():
        assert list(got) == ["sum", "larger"], kind
        for name in got:
            assert np.array_equal(got[name], outputs["folder"][name]), kind
    # What goes into the package of a list and of a generator is the same to the byte, samples' hash included.
    assert (tmp_path / "list.esp").read_bytes() == (tmp_path / "generator.esp").read_bytes()


def test_the_hash_of_an_iterable_is_that_of_its_samples(tmp_path):
    # The ranges of both calibrations are equal, so that the hash alone can tell the packages apart.
    net = networks.save(tmp_path / "relu.onnx", [helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 2, 4, 4]}, ["y"])
    ramp = np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4)

    def package(*arrays):
        espalier.compile(net, tmp_path / "net.esp", calibration=iter(arrays))
        return (tmp_path / "net.esp").read_bytes()

    assert package(ramp) == package(ramp.copy())
    assert package(ramp) != package(ramp[:, :, ::-1].copy())
    assert package(ramp) != package(ramp, ramp)


def test_several_inputs_and_outputs_are_those_of_the_float_model(model, tmp_path):
    espalier.compile(model, tmp_path / "net.esp", calibration=samples())
    integer, real = espalier.Session(tmp_path / "net.esp"), espalier.Session(model)
    assert [(info.name, info.dtype, info.shape) for info in integer.inputs] == [
        ("left", np.float32, (1, 3, 6, 8)), ("right", np.float32, (1, 4, 6, 8))]
    got, wanted = integer.run(networks.sample()), real.run(networks.sample())
    assert list(got) == list(wanted) == ["sum", "larger"]
    for name in wanted:
        noise = np.square(got[name] - wanted[name]).sum()
        assert 10 * np.log10(np.square(wanted[name]).sum() / noise) > 30, name  # dB
    assert np.array_equal(wanted["larger"], np.maximum(wanted["sum"], 0))


def test_the_report_is_that_of_the_command(model, tmp_path):
    report = espalier.compile(model, tmp_path / "net.esp", calibration=samples())
    assert set(report) == set(espalier.CompileReport.__annotations__)
    assert set(report["passes"][0]) == set(espalier.PassRun.__annotations__)
    assert report["output"] == str(tmp_path / "net.esp") and report["macs"] == report["integer_macs"] == 4 * 3 * 48
    assert report["package_size_bytes"] == (tmp_path / "net.esp").stat().st_size
    softmax = networks.save(tmp_path / "float.onnx", [helper.make_node("Div", ["x", "x"], ["y"])], {"x": [1, 4]}, ["y"])
    report = espalier.compile(softmax, tmp_path / "net.esp", calibration=[np.ones((1, 4), np.float32)])
    assert [(layer["op"], bool(layer["reason"])) for layer in report["float_layers"]] == [("div", True)]


def test_options_do_what_those_of_the_command_do(model, tmp_path):
    # A few values lie far from the rest, and a percentile leaves them out.
    tailed = [{name: array**5 for name, array in sample.items()} for sample in samples(8)]

    def package(**options):
        espalier.compile(model, tmp_path / "net.esp", calibration=tailed, **options)
        return (tmp_path / "net.esp").read_bytes()

    plain = package()
    assert package(threads=2, kernels="reference") == plain
    assert len({plain, package(percentile=99.0), package(range_method="min-max")}) == 3
    package(range_method="mean-square")
    package(labels=["a", "b"])
    assert espalier.Session(tmp_path / "net.esp").labels == ["a", "b"]
    (tmp_path / "labels.txt").write_text("c\nd\n")
    package(labels=tmp_path / "labels.txt")
    assert espalier.Session(tmp_path / "net.esp").labels == ["c", "d"]
    package(outputs=["sum"])
    assert [info.name for info in espalier.Session(tmp_path / "net.esp").outputs] == ["sum"]
    package(dump=tmp_path / "dump", disabled_passes={"fuse_activation"})
    assert (tmp_path / "dump" / "30_quantized.txt").exists()
    assert not list((tmp_path / "dump").glob("*fuse_activation*"))


def test_files_of_a_folder_are_chosen(tmp_path):
    report = espalier.compile(SIGNS / "signs.onnx", tmp_path / "net.esp", calibration=SIGNS / "images", preprocess=SIGNS / "signs.json",
                              first=1, step=2, count=2)
    assert report["samples"] == 2


def test_exports_come_back_without_calibration(model, tmp_path):
    exported = {"export_qdq": tmp_path / "qdq.onnx", "export_qoperator": tmp_path / "qoperator.onnx"}
    report = espalier.compile(model, tmp_path / "net.esp", calibration=samples(), **exported)
    assert report["qdq"] == str(exported["export_qdq"])
    wanted = espalier.Session(tmp_path / "net.esp").run(networks.sample(5))
    for path in exported.values():
        report = espalier.compile(path, tmp_path / "again.esp")
        assert report["scales"] == "model" and report["samples"] == 0
        got = espalier.Session(tmp_path / "again.esp").run(networks.sample(5))
        for name in wanted:
            assert np.array_equal(got[name], wanted[name]), path.name
    report = espalier.compile(exported["export_qdq"], tmp_path / "again.esp", calibration=samples(), requantize=True)
    assert report["scales"] == "calibration" and report["samples"] == 3
    # An export alone needs no package.
    espalier.compile(model, calibration=samples(), export_qdq=tmp_path / "alone.onnx")
    assert (tmp_path / "alone.onnx").read_bytes() == exported["export_qdq"].read_bytes()


def test_inputs_that_decide_shapes_are_bound(tmp_path):
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["r"]), helper.make_node("Relu", ["r"], ["y"])]
    net = networks.save(tmp_path / "net.onnx", nodes, {"x": [1, 4, 6], "shape": [2]}, ["y"], types={"shape": TensorProto.INT64})
    bind, x = {"shape": np.array([4, 6])}, np.arange(24, dtype=np.float32).reshape(1, 4, 6)
    espalier.compile(net, tmp_path / "net.esp", calibration=[x], bind=bind)
    bind["shape"][:] = 0  # a copy was taken
    assert espalier.Session(tmp_path / "net.esp").run(x)["y"].shape == (4, 6)
    assert np.array_equal(espalier.Session(net, bind={"shape": np.array([6, 4])}).run(x)["y"], x.reshape(6, 4))


def test_open_dimensions_are_given(tmp_path):
    net = networks.save(tmp_path / "net.onnx", [helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 3, "h", "w"]}, ["y"])
    session = espalier.Session(net, input_shapes={"x": (1, 3, 5, 7)})
    assert session.inputs[0].shape == session.outputs[0].shape == (1, 3, 5, 7)
