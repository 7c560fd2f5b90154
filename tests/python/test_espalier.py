# The Python package against the bundled network: the same results as ONNX Runtime in float, one exception class, no copies
# of wrong types, and a package that does not depend on how the samples came.
import importlib
import pathlib
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
    with pytest.raises(espalier.EspalierError, match="takes f32 of shape 1x3x160x160"):
        session.run({"image": np.zeros((1, 3, 8, 8), np.float32)})
    with pytest.raises(espalier.EspalierError, match="takes f32"):
        session.run({"image": np.zeros((1, 3, 160, 160), np.int32)})
    with pytest.raises(espalier.EspalierError, match="not C-contiguous"):
        session.run({"image": np.zeros((1, 160, 160, 3), np.float32).transpose(0, 3, 1, 2)})
    with pytest.raises(espalier.EspalierError, match='"image" is not given'):
        session.run({})
    with pytest.raises(espalier.EspalierError, match="cannot be opened"):
        espalier.Session(tmp_path / "absent.esp")
    with pytest.raises(espalier.EspalierError, match="threads"):
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


def test_stubs_are_up_to_date():
    """python/espalier/_espalier.pyi is generated: python -m nanobind.stubgen -m espalier._espalier -o _espalier.pyi"""
    stubgen = pytest.importorskip("nanobind.stubgen")
    generator = stubgen.StubGen(module=importlib.import_module("espalier._espalier"))
    generator.put(generator.module)
    golden = pathlib.Path(__file__).resolve().parents[2] / "python" / "espalier" / "_espalier.pyi"
    assert generator.get() == golden.read_text()
