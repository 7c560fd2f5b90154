# espalier-run on this machine: the golden case, arrays in and out, and every wrong argument refused by a sentence.
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
RUN = os.environ.get("ESPALIER_RUN", str(BUILD / "espalier-run"))
CLI = os.environ.get("ESPALIER_CLI", str(BUILD / "espalier"))
SIGNS = ROOT / "examples" / "signs"


def run(*arguments, code=0):
    done = subprocess.run([RUN, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code == 2 else done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "signs.esp"
    subprocess.run([CLI, "compile", SIGNS / "signs.onnx", "--preprocess", SIGNS / "signs.json", "--calibration", SIGNS / "images",
                    "-o", path], check=True, capture_output=True)
    return path


def hashes(text):
    return re.findall(r"^([0-9a-f]{32}) ", text, re.MULTILINE)


def test_golden_case(package):
    text = run(package, "--threads", "2")
    assert "golden case: the stored bits" in text
    assert len(hashes(text)) == int(re.search(r"^(\d+) layers", text, re.MULTILINE)[1]) > 10
    assert hashes(run(package, "--kernels", "portable")) == hashes(text)
    assert hashes(run(package, "--quiet")) == []


def test_arrays_in_and_out_are_those_of_the_command(package, tmp_path):
    shape = (1, 3, 160, 160)
    x = np.random.default_rng(1).uniform(0, 1, shape).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    run(package, f"image={tmp_path / 'x.npy'}", "--output", tmp_path)
    np.savez(tmp_path / "x.npz", image=x)
    subprocess.run([CLI, "run", package, tmp_path / "x.npz", "-o", tmp_path / "y.npz"], check=True, capture_output=True)
    expected = np.load(tmp_path / "y.npz")
    assert len(expected.files) > 0
    for name in expected.files:
        np.testing.assert_array_equal(np.load(tmp_path / f"{name.replace('/', '_')}.npy"), expected[name])


def test_help():
    assert "--kernels" in run("--help")


@pytest.mark.parametrize("arguments, sentence", [
    ([], "no package is given"),
    (["absent.esp"], "absent.esp"),
    (["{package}", "--fast"], "--fast is no option"),
    (["{package}", "--threads"], "--threads needs a value"),
    (["{package}", "--threads", "two"], "\"two\" is no number"),
    (["{package}", "--threads", "0"], "0"),
    (["{package}", "--kernels", "sse"], "\"sse\" are none of"),
    (["{package}", "x.npy"], "\"x.npy\" is no input; write NAME=FILE.npy"),
    (["{package}", "image=absent.npy"], "absent.npy"),
    (["{package}", "picture={array}"], "has no input \"picture\""),
    (["{package}", "image={array}"], "takes f32 of shape 1x3x160x160"),
    (["{package}", "--output", "/absent/folder"], "/absent/folder"),
])
def test_wrong_arguments(package, tmp_path, arguments, sentence):
    np.save(tmp_path / "small.npy", np.zeros((1, 3), np.float32))
    words = [word.format(package=package, array=tmp_path / "small.npy") for word in arguments]
    assert sentence in run(*words, code=2)
