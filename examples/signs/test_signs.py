"""The example "signs" is what its scripts make: pictures to the byte, the network by its hash, training by a short run.

    python3 -m pytest examples/signs

Drawing needs numpy and pillow; the tests that need onnx, onnxruntime, pycocotools or torch are skipped without them.
"""

import hashlib
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from decode import decode
from draw import draw, parse_size, random_plane, write_folder
from dice import Dice
from paint import Brush
from signs import SIGNS

HERE = pathlib.Path(__file__).parent
BUNDLED = {"count": 16, "seed": 11, "sizes": "160x160,160x160,320x240,160x160",
           "formats": "jpg,png,jpg,jpg,jpg,jpg,jpg,jpg"}  # the command line is in README.md
PICTURE_LIMIT_BYTES = 400_000
MODEL_LIMIT_BYTES = 500_000


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory):
    out = tmp_path_factory.mktemp("redrawn")
    write_folder(out, BUNDLED["count"], BUNDLED["seed"], [parse_size(s) for s in BUNDLED["sizes"].split(",")],
                 BUNDLED["formats"].split(","))
    return out


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bundled_pictures_are_what_the_seed_draws(redrawn):
    assert names(HERE / "images") == names(redrawn / "images")
    for name in names(HERE / "images"):
        ours, drawn = HERE / "images" / name, redrawn / "images" / name
        if ours.read_bytes() == drawn.read_bytes():
            continue
        # Another zlib packs the same pixels into other bytes; another JPEG encoder may round a few of them differently.
        difference = np.abs(np.asarray(Image.open(ours), int) - np.asarray(Image.open(drawn), int)).max()
        assert difference <= (0 if name.endswith("png") else 4), f"{name} differs by {difference} levels"


def test_bundled_labels_are_what_the_seed_draws(redrawn):
    assert (HERE / "classes.txt").read_text() == (redrawn / "classes.txt").read_text()
    assert names(HERE / "labels") == names(redrawn / "labels")
    for name in names(HERE / "labels"):
        assert (HERE / "labels" / name).read_text() == (redrawn / "labels" / name).read_text(), name


def test_bundled_files_are_small():
    size_bytes = sum(p.stat().st_size for folder in ("images", "labels") for p in (HERE / folder).iterdir())
    assert size_bytes < PICTURE_LIMIT_BYTES
    assert (HERE / "signs.onnx").stat().st_size < MODEL_LIMIT_BYTES


def test_pixels_do_not_depend_on_the_machine():
    """The hash holds for any processor and NumPy: draw.py uses operations that all of them round alike."""
    pixels = b"".join(draw(3, index, 200, 170)[0].tobytes() for index in range(12))
    assert hashlib.sha256(pixels).hexdigest() == "499e3825011de58aab62f17981686164d25fa3e685d6a6abb42e4161612520db"


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)
def test_the_label_encloses_the_sign(sign):
    """The box of the outline is the box of the painted pixels, within one pixel on every side."""
    for seed in range(30):
        picture = np.zeros((400, 400, 3), np.float32)
        plane = random_plane(Dice(99, seed), 400, 400)
        bounds = plane.bounds(sign.outline)
        if min(bounds) < 0 or max(bounds) > 400:
            continue  # cut by the border
        brush = Brush(picture, plane)
        brush.fill(sign.shape(brush.u, brush.v), (255, 255, 255))
        rows, columns = np.nonzero(picture[..., 0] > 127)
        painted = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        assert np.abs(np.array(painted) - bounds).max() <= 1.0, seed


def test_decode_puts_the_box_around_the_centre_of_the_cell():
    p8, p16 = np.full((9, 20, 20), -9, np.float32), np.full((9, 10, 10), -9, np.float32)
    p16[:4, 3, 5], p16[4 + 2, 3, 5] = (1, 2, 3, 1.5), 4  # cell x 5, y 3: centre (88, 56)
    (kind, score, *rectangle), = decode([p8, p16])
    assert kind == 2 and abs(score - 0.98201) < 1e-5
    assert rectangle == [88 - 16, 56 - 32, 88 + 48, 56 + 24]


def test_decode_keeps_the_best_of_overlapping_boxes_of_a_class():
    p8, p16 = np.full((9, 20, 20), -9, np.float32), np.full((9, 10, 10), -9, np.float32)
    p8[:4, 4, 4:6], p8[4, 4, 4:6] = 2, (1, 2)  # two cells side by side see the same stop sign
    p8[:4, 4, 4], p8[5, 4, 4] = 2, 3  # and one of them a warning
    assert [(kind, round(score, 3)) for kind, score, *_ in decode([p8, p16])] == [(1, 0.953), (0, 0.881)]


def test_network_has_the_recorded_hash():
    digest, name = (HERE / "signs.onnx.sha256").read_text().split()
    assert name == "signs.onnx"
    assert hashlib.sha256((HERE / name).read_bytes()).hexdigest() == digest


def test_network_finds_the_bundled_signs():
    """Guards the recipe, the decoder and the file against each other; the accuracy is measured on more pictures."""
    for module in ("onnx", "onnxruntime", "pycocotools"):
        pytest.importorskip(module, reason=f"{module} is not installed; it is needed to run the network")
    from evaluate import evaluate
    totals, _ = evaluate(HERE / "signs.onnx", HERE)
    assert totals["mAP50"] > 0.9


def interface(path):
    """What a short training run must reproduce: nodes, attributes, shapes; not the weights."""
    import onnx
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    onnx.checker.check_model(model)
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    return {
        "nodes": [(n.op_type, n.name, list(n.input), list(n.output)) for n in model.graph.node],
        "attributes": [sorted(str(a) for a in n.attribute if n.op_type != "Constant") for n in model.graph.node],
        "values": [(v.name, [d.dim_value for d in v.type.tensor_type.shape.dim]) for v in values],
        "weights": [(w.name, list(w.dims), w.data_type) for w in model.graph.initializer],
        "opset": [(o.domain, o.version) for o in model.opset_import],
    }


def test_training_exports_the_same_network(tmp_path):
    for module in ("torch", "onnx"):
        pytest.importorskip(module, reason=f"{module} is not installed; it is needed to train the network")
    subprocess.run([sys.executable, str(HERE / "train.py"), "--steps", "3", "--out", str(tmp_path)], check=True)
    assert interface(tmp_path / "signs.onnx") == interface(HERE / "signs.onnx")
    assert (tmp_path / "signs.onnx").read_bytes() != (HERE / "signs.onnx").read_bytes()
    assert (tmp_path / "signs.onnx.sha256").exists()
