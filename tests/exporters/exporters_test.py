# What exporters write: small modules of ours in PyTorch and Keras, through each exporter at each opset that it writes
# itself, judged in float against the framework's own outputs and compiled to INT8. ./test exporters writes the files
# (export_torch.py, export_keras.py) before; ESPALIER_EXPORTED names their folder, build/exported otherwise. The table
# goes to table.txt in it.
import collections
import concurrent.futures
import os
import pathlib

import numpy as np
import pytest

import judge

FOLDER = pathlib.Path(os.environ.get("ESPALIER_EXPORTED", judge.ROOT / "build" / "exported"))
KNOWN = pathlib.Path(__file__).with_name("known_refusals.txt")

MODULES_MIN, GREEN_SHARE_MIN = 40, 0.95
TORCH_CELLS = {("torchscript", opset) for opset in (11, 13, 17, 18, 20)} | {("dynamo", 18), ("dynamo", 20), ("torchscript_open", 17), ("dynamo_open", 18)}
KERAS_CELLS = {("tf2onnx", opset) for opset in (11, 13, 17, 18)} | {("tf2onnx_open", 18)}


def cell_of(path):
    return path.parent.parent.name, int(path.parent.name), path.stem


def counted(names):
    counts = collections.Counter(names)
    return " ".join(f"{name}{f' x{count}' if count > 1 else ''}" for name, count in sorted(counts.items())) or "-"


def row(cell, verdict):
    exporter, opset, module = cell
    share = f"{100 * verdict.integer_macs / verdict.macs:.0f} %" if verdict.macs else "-"
    noise = f"{verdict.noise_db:.0f} dB" if np.isfinite(verdict.noise_db) else "-"
    figures = f"{verdict.error:5.2f} {noise:>8} {share:>6} {verdict.transposes:3}   {counted(verdict.reference_layers)} | {counted(verdict.float_layers)}"
    return f"{exporter:<16} {opset:2} {module:<26} {verdict.state:<8} {figures if verdict.state == 'green' else verdict.sentence}"


def table(verdicts, failures):
    greens = sum(verdict.state == "green" for verdict in verdicts.values())
    lines = ["exporter      opset module                  state    error  INT8 noise  in INT8  transposes   on reference kernels | float layers",
             "(error: of the allowed one; noise: of the worst output that follows no choice; open: a batch of any size)"]
    lines += [row(cell, verdict) for cell, verdict in sorted(verdicts.items())]
    lines += ["", "the exporter failed:"] + [f"{exporter:<16} {opset:2} {module:<26} {sentence}" for (exporter, opset, module), sentence in sorted(failures.items())]
    return "\n".join(lines + ["", f"{greens} of {len(verdicts)} cells are green, {100 * greens / len(verdicts):.1f} %; in {len(failures)} the exporter failed"])


@pytest.fixture(scope="module")
def failures():
    """The sentence of each cell in which the exporter itself failed."""
    return {cell_of(path): path.read_text().strip()[:160] for path in FOLDER.glob("*/*/*.failed")}


@pytest.fixture(scope="module")
def verdicts(failures):
    paths = sorted(FOLDER.glob("*/*/*.onnx"))
    assert paths, f"there are no exported files in {FOLDER}; ./test exporters writes them"

    def judged(path):
        exporter, opset, module = cell_of(path)
        return judge.judge(path, FOLDER / "samples" / module, FOLDER / "judged" / exporter / str(opset) / module)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = dict(zip(map(cell_of, paths), pool.map(judged, paths)))
    text = table(verdicts, failures)
    (FOLDER / "table.txt").write_text(text + "\n")
    print(f"\n{text}")
    return verdicts


def known_refusals():
    rows = (line.split(None, 3) for line in KNOWN.read_text().splitlines() if line and not line.startswith("#"))
    return {(exporter, int(opset), module): words for exporter, opset, module, words in rows}


def test_every_module_went_through_its_exporters(verdicts, failures):
    cells = set(verdicts) | set(failures)
    modules = {module for _, _, module in cells}
    assert modules == {path.name for path in (FOLDER / "samples").iterdir()} and len(modules) >= MODULES_MIN
    for module in modules:
        wanted = KERAS_CELLS if module.startswith("keras_") else TORCH_CELLS
        assert {(exporter, opset) for exporter, opset, name in cells if name == module} == wanted, module
    for module in {module for _, _, module in failures} - {module for _, _, module in verdicts}:
        assert module == "keras_grouped", f"no exporter writes {module}; it tests nothing"


def test_no_cell_is_wrong(verdicts):
    wrong = {cell: verdict.sentence for cell, verdict in verdicts.items() if verdict.state == "wrong"}
    assert not wrong


def test_the_refused_cells_are_the_known_ones(verdicts):
    refused = {cell: verdict.sentence for cell, verdict in verdicts.items() if verdict.state == "refused"}
    known = known_refusals()
    assert set(refused) == set(known)
    for cell, sentence in refused.items():
        assert known[cell] in sentence


def test_the_green_share(verdicts):
    greens = sum(verdict.state == "green" for verdict in verdicts.values())
    assert greens >= GREEN_SHARE_MIN * len(verdicts)


def test_every_convolution_and_product_is_in_integers(verdicts):
    floats = {cell: verdict.float_layers for cell, verdict in verdicts.items() if verdict.state == "green" and verdict.integer_macs < verdict.macs}
    assert not floats


def test_the_judge_sees_what_is_wrong():
    """A canary: one element that is off by four times what rounding explains, a shape, a type, an integer."""
    right = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 12)
    assert judge.difference(right.copy(), right, sums=3)[0] == ""
    off = right.copy()
    off[1, 3] += 4 * 3 * judge.ROOM_PER_SUM
    assert "differs" in judge.difference(off, right, sums=3)[0]
    assert judge.difference(right.T, right, sums=3)[0]
    assert judge.difference(right.astype(np.float64), right, sums=3)[0]
    assert judge.difference(np.full_like(right, np.nan), right, sums=3)[0]
    assert judge.difference(np.arange(4), np.array([0, 1, 2, 4]), sums=3)[0]
