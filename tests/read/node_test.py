# The node tests of ONNX (Debian's libonnx-testdata): one model per case with stored inputs and outputs. node_cases.txt
# names the vision subset and what becomes of each case:
#
#   runs                    the outputs have the stored type and shape, and the stored values within 1e-3 or 1e-7
#   binds NAME...           the same; these inputs must be constants and are bound, by --bind as well as out of the .npz
#   refused: WORDS          an error sentence that holds the words
#   stored outputs wrong    the outputs differ from the stored ones, which are known to be wrong, and are ONNX Runtime's
#
#   python node_test.py --update    writes what became of the named cases into the file, to be looked at
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
CASES = pathlib.Path(__file__).with_name("node_cases.txt")
DATA = pathlib.Path("/usr/share/libonnx-testdata/data/node")

# What Espalier has no type of its own for; README and docs/vocabulary.md say what becomes of it.
READ_AS = {np.float64: np.float32, np.float16: np.float32, np.uint16: np.int32, np.uint32: np.int64, np.uint64: np.int64}


def as_ours(array):
    return array.astype(READ_AS.get(array.dtype.type, array.dtype))


def stored(path):
    return numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))


class Case:
    def __init__(self, name):
        self.path = DATA / f"test_{name}" / "model.onnx"
        self.model = onnx.load(self.path)
        folder = self.path.parent / "test_data_set_0"
        constants = {constant.name for constant in self.model.graph.initializer}
        inputs = [value.name for value in self.model.graph.input if value.name not in constants]
        read = {name for node in self.model.graph.node for name in node.input}
        self.inputs = {value: as_ours(stored(folder / f"input_{i}.pb")) for i, value in enumerate(inputs) if value in read}
        self.outputs = {value.name: stored(folder / f"output_{i}.pb") for i, value in enumerate(self.model.graph.output)}

    def run(self, folder, bound=()):
        """(exit code, what was said, outputs); `bound` inputs are given by --bind and not in the .npz."""
        np.savez(folder / "in.npz", **{name: value for name, value in self.inputs.items() if name not in bound})
        command = [CLI, "run", self.path, folder / "in.npz", "-o", folder / "out.npz"]
        for name in bound:
            np.save(folder / f"{name}.npy", self.inputs[name])
            command += ["--bind", f"{name}={folder / name}.npy"]
        done = subprocess.run(command, capture_output=True, text=True)
        outputs = dict(np.load(folder / "out.npz")) if done.returncode == 0 else {}
        return done.returncode, done.stderr + done.stdout, outputs

    def difference(self, got):
        """What differs from the stored outputs, as a sentence; empty when nothing does."""
        for name, value in self.outputs.items():
            wanted = as_ours(value)
            if got[name].dtype != wanted.dtype or got[name].shape != wanted.shape:
                return f"{name} is {got[name].dtype}{got[name].shape}, not {wanted.dtype}{wanted.shape}"
            # Half floats are stored with 11 bits.
            room = dict(rtol=1e-3, atol=1e-3 if value.dtype == np.float16 else 1e-7)
            if not np.allclose(got[name].astype(np.float64), wanted.astype(np.float64), equal_nan=True, **room):
                return f"{name} differs"
        return ""


def listed():
    rows = (line.split(None, 1) for line in CASES.read_text().splitlines() if line and not line.startswith("#"))
    return {name: outcome.strip() for name, outcome in rows}


LISTED = listed()


@pytest.mark.skipif(not DATA.exists(), reason="the node tests of ONNX are not installed (Debian: libonnx-testdata)")
@pytest.mark.parametrize("name", LISTED)
def test_node(name, tmp_path):
    outcome = LISTED[name]
    case = Case(name)
    code, said, outputs = case.run(tmp_path)
    if outcome.startswith("refused:"):
        assert code == 2, said
        assert outcome.removeprefix("refused:").strip() in said
        return
    assert code == 0, said
    if outcome == "stored outputs wrong":
        onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
        judge = onnxruntime.InferenceSession(case.path)
        names = [value.name for value in judge.get_outputs()]
        feed = {value.name: case.inputs[value.name] for value in judge.get_inputs()}
        assert case.difference(outputs)
        for output, wanted in zip(names, judge.run(names, feed)):
            np.testing.assert_allclose(outputs[output], wanted, rtol=1e-3, atol=1e-6)
        return
    assert case.difference(outputs) == ""
    if outcome.startswith("binds"):
        code, said, outputs = case.run(tmp_path, bound=outcome.split()[1:])
        assert code == 0, said
        assert case.difference(outputs) == ""
    else:
        assert outcome == "runs"


def test_the_promise_of_the_subset():
    passed = sum(not outcome.startswith("refused:") for outcome in LISTED.values())
    assert passed >= 0.95 * len(LISTED), f"{passed} of {len(LISTED)}"


# ---- --update ----


def deciding_inputs(case):
    done = subprocess.run([CLI, "check", case.path, "--json"], capture_output=True, text=True)
    return json.loads(done.stdout)["constant_inputs"] if done.stdout else []


def update():
    lines = []
    for line in CASES.read_text().splitlines():
        if not line or line.startswith("#"):
            lines.append(line)
            continue
        name = line.split()[0]
        case = Case(name)
        with tempfile.TemporaryDirectory() as folder:
            code, said, outputs = case.run(pathlib.Path(folder))
        if code == 2:
            words = said.strip().splitlines()[-1].split("model.onnx: ")[-1].split(".npz: ")[-1].split(": ", 1)[-1]
            lines.append(f"{name:<64} refused: {words[:80]}")
        elif code != 0:
            sys.exit(f"{name}: exit code {code}: {said}")
        elif case.difference(outputs):
            lines.append(f"{name:<64} {LISTED.get(name) if LISTED.get(name) == 'stored outputs wrong' else 'DIFFERS'}")
        else:
            bound = deciding_inputs(case)
            lines.append(f"{name:<64} " + ("binds " + " ".join(bound) if bound else "runs"))
    CASES.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    update() if sys.argv[1:] == ["--update"] else sys.exit("usage: node_test.py --update")
