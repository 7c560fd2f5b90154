# What a user gets wrong in Python is one class of exception with a whole sentence, whatever argument it is.
import pathlib
import pickle

import numpy as np
import pytest

espalier = pytest.importorskip("espalier", reason="the Python package is not installed: pip install .")
pytest.importorskip("onnx")

import networks  # noqa: E402

SIGNS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "signs"
LEFT, RIGHT = networks.sample().values()


@pytest.fixture
def model(tmp_path):
    return networks.two_in_two_out(tmp_path / "net.onnx")


@pytest.mark.parametrize("sample, words", [
    ({"left": LEFT}, '"right" is not given'),
    ({"left": LEFT, "right": RIGHT, "up": LEFT}, "no input 'up'.*left.*right"),
    ({"left": LEFT, 7: LEFT, "right": RIGHT}, "no input 7"),
    (LEFT, "2 inputs; give a dictionary"),
    ({"left": LEFT.astype(np.float64), "right": RIGHT}, '"left" holds float64'),
    ({"left": LEFT.astype(">f4"), "right": RIGHT}, '"left" holds >f4'),
    ({"left": LEFT.astype(np.int32), "right": RIGHT}, r"takes float32 of shape 1x3x6x8, it was given int32.*astype\(numpy.float32\)"),
    ({"left": LEFT[0], "right": RIGHT}, "takes float32 of shape 1x3x6x8, it was given float32 of shape 3x6x8"),
    ({"left": LEFT[:, :, ::-1], "right": RIGHT}, "not C-contiguous; pass numpy.ascontiguousarray"),
    ({"left": LEFT.tolist(), "right": RIGHT}, '"left" must be a numpy array, it is a list'),
    ({"left": np.array(["a"]), "right": RIGHT}, '"left" holds <U1'),
    ([LEFT, RIGHT], "a sample is a list"),
    (None, "a sample is a NoneType"),
    ("lost.jpg", "lost.jpg"),
    ("lost.npz", "lost.npz"),
    (np.zeros((6, 8, 3), np.uint8), "no preprocessing recipe"),
])
def test_samples(model, sample, words):
    session = espalier.Session(model)
    with pytest.raises(espalier.Error, match=words):
        session.run(sample)
    session.run(networks.sample())  # it still works


@pytest.mark.parametrize("calibration, words", [
    (None, "no calibration samples"), ([], "calibration got no sample"), (7, "calibration is an int"),
    (networks.sample(), "calibration is a dict, which is one sample"), (LEFT, "calibration is a ndarray, which is one sample"),
    ([networks.sample(), {"left": LEFT}], 'calibration sample 1: input "right" is not given'),
    ([{"left": LEFT * np.inf, "right": RIGHT}], "calibration sample 0: array \"left\" holds -?inf"),
    ([networks.sample(), {"left": LEFT, "right": RIGHT * np.nan}], "calibration sample 1: array \"right\" holds -?nan"),
    ("nowhere", "nowhere"),
])
def test_calibration(model, tmp_path, calibration, words):
    with pytest.raises(espalier.Error, match=words):
        espalier.compile(model, tmp_path / "net.esp", calibration=calibration)
    assert not (tmp_path / "net.esp").exists()


@pytest.mark.parametrize("options, words", [
    (dict(threads="two"), "threads is 'two'.*type int"), (dict(threads=0), "0 threads"), (dict(threads=2**40), "threads is 1099511627776"),
    (dict(percentile="much"), "percentile is 'much'"), (dict(percentile=20), "percentile 20 is impossible"),
    (dict(requantize="no"), "requantize is 'no'"), (dict(requantize=True), "no scales that could be discarded"),
    (dict(range_method="widest"), "widest"), (dict(kernels="fastest"), "fastest"), (dict(device="npu"), '"npu" is not known'),
    (dict(labels="lost.txt"), "lost.txt"), (dict(labels=[1]), "labels must be a list of names, it holds an int"),
    (dict(outputs="sum"), "outputs must be a list of names, it is a str"), (dict(outputs=["lost"]), '"lost"'),
    (dict(inputs=3), "inputs must be a list"), (dict(disabled_passes=["fly"]), 'no pass "fly"'),
    (dict(input_shapes=[1]), "input_shapes must be a dictionary"), (dict(input_shapes={"left": 3}), 'shape of "left"'),
    (dict(input_shapes={"left": [1, -3]}), "extents from 1 to 2147483647"), (dict(input_shapes={"left": [2**70]}), "extents from 1 to"),
    (dict(input_shapes={"left": [1.5, 3]}), "whole numbers"), (dict(input_shapes={"left": [float("inf")]}), "whole numbers"),
    (dict(bind={1: LEFT}), "must be the name of an input"), (dict(preprocess="a\0b"), "no zero byte"),
    (dict(input_shapes={"up": [1]}), '"up"'),
    (dict(bind=[1]), "bind must be a dictionary"), (dict(bind={"left": 3}), '"left" must be a numpy array'),
    (dict(bind={"up": LEFT}), '"up" is to be bound'), (dict(bind={"left": LEFT.astype(np.float16)}), '"left" holds float16'),
    (dict(preprocess="lost.json"), "lost.json"), (dict(preprocess={"size": [6]}), '"size"'), (dict(preprocess=7), "preprocess must be a path"),
    (dict(preprocess={"size": {1, 2}}), "preprocess: .*a recipe holds numbers"), (dict(export_qdq=7), "export_qdq must be a path"),
    (dict(first=1), "of an iterable"), (dict(output=None), "no output file"), (dict(output=5), "output must be a path"),
    (dict(model="lost.onnx"), "lost.onnx"), (dict(model=None), "model must be a path, it is a NoneType"),
])
def test_options_of_compile(model, tmp_path, options, words):
    arguments = {"model": model, "output": tmp_path / "net.esp", "calibration": [networks.sample()], **options}
    with pytest.raises(espalier.Error, match=words):
        espalier.compile(**arguments)
    assert not (tmp_path / "net.esp").exists()


@pytest.mark.parametrize("options, words", [
    (dict(threads="two"), "threads is 'two'"), (dict(kernels=None), "kernels is None"), (dict(threads=1000), "1000 threads"),
    (dict(kernels="fastest"), "fastest"), (dict(inputs=["lost"]), '"lost"'),
])
def test_options_of_a_session(model, options, words):
    with pytest.raises(espalier.Error, match=words):
        espalier.Session(model, **options)


def test_a_package_refuses_what_says_how_a_model_is_read(model, tmp_path):
    espalier.compile(model, tmp_path / "net.esp", calibration=[networks.sample()])
    for options in (dict(preprocess={"size": [6, 8]}), dict(input_shapes={"left": [1, 3, 6, 8]}), dict(bind={"left": LEFT}), dict(outputs=["sum"])):
        with pytest.raises(espalier.Error, match="is a package: it carries"):
            espalier.Session(tmp_path / "net.esp", **options)


def test_decoders_say_what_they_need(model):
    session = espalier.Session(model)
    with pytest.raises(espalier.Error, match="decoder is 7"):
        session.decode(7)
    with pytest.raises(espalier.Error, match="labels must be a list"):
        session.decode("mask", labels="cat")


def test_the_class_is_one_of_the_package(model):
    assert issubclass(espalier.Error, Exception) and espalier.Error.__module__ == "espalier"
    with pytest.raises(espalier.Error) as caught:
        espalier.Session("lost.esp")
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), espalier.Error)  # as process pools need it
