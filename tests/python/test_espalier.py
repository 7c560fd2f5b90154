# The Python package against the bundled network: the same results as ONNX Runtime in float, one exception class, no copies
# of wrong types, and a package that does not depend on how the samples came.
import importlib
import pathlib
import subprocess
import sys
import threading

import numpy as np
import pytest

espalier = pytest.importorskip("espalier", reason="the Python package is not installed: pip install .")

SIGNS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "signs"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = tmp_path_factory.mktemp("signs") / "signs.esp"
    report = espalier.compile(SIGNS / "signs.onnx", path, calibration=SIGNS / "images", preprocess=SIGNS / "signs.json")
    assert report["samples"] == len(list((SIGNS / "images").iterdir()))
    assert report["integer_macs"] >= 0.99 * report["macs"]
    return path


def picture():
    return sorted((SIGNS / "images").iterdir())[0]


def test_samples_of_a_program_are_part_of_the_package(tmp_path):
    def bytes_of(samples):
        espalier.compile(SIGNS / "signs.onnx", tmp_path / "net.esp", calibration=samples)
        return (tmp_path / "net.esp").read_bytes()

    one, two = ({"image": np.random.default_rng(seed).standard_normal((1, 3, 160, 160)).astype(np.float32)} for seed in (1, 2))
    assert bytes_of([one, two]) == bytes_of([one, two])
    # Ranges do not depend on the order, the hash over the samples does.
    assert bytes_of([one, two]) != bytes_of([two, one])


def test_float_equals_onnx_runtime():
    onnxruntime = pytest.importorskip("onnxruntime")
    image = np.random.default_rng(1).standard_normal((1, 3, 160, 160)).astype(np.float32)
    expected = onnxruntime.InferenceSession(str(SIGNS / "signs.onnx")).run(None, {"image": image})
    got = espalier.Session(SIGNS / "signs.onnx").run({"image": image})
    for reference, output in zip(expected, got.values()):
        assert np.abs(reference - output).max() <= 1e-4 * (reference.max() - reference.min())


def test_integer_is_near_float(package):
    integer = espalier.Session(package).run(picture())
    real = espalier.Session(SIGNS / "signs.onnx", preprocess=SIGNS / "signs.json").run(picture())
    assert integer.keys() == real.keys()
    for name in real:
        noise = np.square(integer[name] - real[name]).sum()
        assert 10 * np.log10(np.square(real[name]).sum() / noise) > 15  # dB


def test_an_iterable_gives_the_package_of_a_folder(package, tmp_path):
    samples = sorted((SIGNS / "images").iterdir())
    espalier.compile(SIGNS / "signs.onnx", tmp_path / "again.esp", calibration=samples, preprocess=SIGNS / "signs.json", threads=2)
    one, other = espalier.Session(package), espalier.Session(tmp_path / "again.esp", threads=2)
    for name, output in one.run(picture()).items():
        assert np.array_equal(output, other.run(picture())[name])


def test_errors_are_one_class_with_whole_sentences(package, tmp_path):
    session = espalier.Session(package)
    with pytest.raises(espalier.Error, match="takes float32 of shape 1x3x160x160, it was given float32 of shape 1x3x8x8"):
        session.run({"image": np.zeros((1, 3, 8, 8), np.float32)})
    with pytest.raises(espalier.Error, match=r"takes float32.*given int32.*astype\(numpy.float32\)"):
        session.run({"image": np.zeros((1, 3, 160, 160), np.int32)})
    with pytest.raises(espalier.Error, match="not C-contiguous"):
        session.run({"image": np.zeros((1, 160, 160, 3), np.float32).transpose(0, 3, 1, 2)})
    with pytest.raises(espalier.Error, match='"image" is not given'):
        session.run({})
    with pytest.raises(espalier.Error, match="cannot be opened"):
        espalier.Session(tmp_path / "absent.esp")
    with pytest.raises(espalier.Error, match="threads"):
        espalier.Session(package, threads=0)


def test_an_exception_of_the_iterable_is_the_users(tmp_path):
    def samples():
        raise ZeroDivisionError("mine")
        yield

    with pytest.raises(ZeroDivisionError, match="mine"):
        espalier.compile(SIGNS / "signs.onnx", tmp_path / "x.esp", calibration=samples())
    assert not (tmp_path / "x.esp").exists()


def test_clones_run_beside_each_other(package):
    session = espalier.Session(package)
    expected = session.run(picture())
    results = []
    threads = [threading.Thread(target=lambda s=s: results.append(s.run(picture()))) for s in (session.clone(), session.clone())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    for result in results:
        for name, output in expected.items():
            assert np.array_equal(output, result[name])


def test_decoded_boxes_are_those_of_the_run(package):
    session = espalier.Session(package)
    session.run(picture())
    boxes = session.decode("fcos")
    assert boxes and all(a["score"] >= b["score"] for a, b in zip(boxes, boxes[1:]))
    assert set(boxes[0]) == {"class", "label", "score", "box", "key_points"} and len(boxes[0]["box"]) == 4
    assert boxes[0]["label"] == str(boxes[0]["class"])
    assert session.decode("fcos", labels=["a", "b", "c", "d", "e"])[0]["label"] in "abcde"
    assert len(session.decode("fcos", score=0.01)) >= len(boxes) > len(session.decode("fcos", score=2)) == 0


def one_map(path, channels):
    """A network that passes its input on: what a decoder sees is what the test feeds."""
    onnx = pytest.importorskip("onnx")
    shape = [1, channels, 4, 6]
    ports = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", ports[:1], ports[1:])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)
    return espalier.Session(path, preprocess={"size": [4, 6]})


def test_masks_and_depth_are_arrays(tmp_path):
    session = one_map(tmp_path / "map.onnx", 1)
    values = np.zeros((1, 1, 4, 6), np.float32)
    values[0, 0, 1:3, 2:] = 1
    session.run(values)
    mask, depth = session.decode("mask"), session.decode("depth")
    assert mask.dtype == np.uint8 and np.array_equal(mask, values[0, 0] > 0.5)
    assert depth.dtype == np.float32 and np.array_equal(depth, values[0, 0])


def test_text_and_bodies(tmp_path):
    session = one_map(tmp_path / "maps.onnx", 3)
    values = np.zeros((1, 3, 4, 6), np.float32)
    values[0, :, 2, 4] = 0.5
    session.run(values)
    (pose,) = session.decode("heat_maps")
    assert pose["score"] == 0.5 and pose["key_points"] == [(4.0, 2.0, 0.5)] * 3
    with pytest.raises(espalier.Error, match="decoder ctc: .*1 x steps x classes"):
        session.decode("ctc", labels=["a"])


def test_what_cannot_be_decoded_is_said(package, tmp_path):
    session = espalier.Session(package)
    with pytest.raises(espalier.Error, match="run"):
        session.decode("fcos")
    session.run(picture())
    with pytest.raises(espalier.Error, match='no decoder "magic"; known are classification, yolox'):
        session.decode("magic")
    with pytest.raises(espalier.Error, match="decoder yunet: the input is 160 x 160|decoder yunet: there is no output"):
        session.decode("yunet")
    broken = one_map(tmp_path / "map.onnx", 1)
    broken.run(np.full((1, 1, 4, 6), np.inf, np.float32))
    with pytest.raises(espalier.Error, match="finite numbers only"):
        broken.decode("mask")


def test_decoders_are_listed():
    listed = espalier.decoders()
    assert ("yunet", "boxes") in [(decoder.name, decoder.makes) for decoder in listed]
    assert all(decoder.summary for decoder in listed)


def test_stubs_are_up_to_date(tmp_path):
    """python/espalier/_espalier.pyi is generated from the module alone, without the package around it:

        python -m nanobind.stubgen -i build/release/python/espalier -m _espalier -o python/espalier/_espalier.pyi
    """
    pytest.importorskip("nanobind.stubgen")
    module = pathlib.Path(importlib.import_module("espalier._espalier").__file__)
    command = [sys.executable, "-m", "nanobind.stubgen", "-i", module.parent, "-m", "_espalier", "-o", tmp_path / "made.pyi"]
    subprocess.run(command, check=True, capture_output=True)
    golden = pathlib.Path(__file__).resolve().parents[2] / "python" / "espalier" / "_espalier.pyi"
    assert (tmp_path / "made.pyi").read_text() == golden.read_text()
