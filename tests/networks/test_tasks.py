# What networks with a decoder find, in float and in INT8, on pictures and on drawn text: ./test networks. Needs the shared
# test material; text needs DejaVu's fonts. Figures are printed: pytest -s shows them. Bounds lie a little below what was
# measured; they guard against falling back and are no claims.
import json

import numpy as np
import pytest
from PIL import Image

import draw_text
import object_crops
from test_networks import IMAGES, MODELS, RECIPES, espalier, espalier_json, work  # noqa: F401

pytestmark = pytest.mark.skipif(not MODELS.exists() or not IMAGES.exists(), reason="the shared models and images are not there")

FACES = {"yunet": "yunet_n_320_320", "ultraface": "ultraface_rfb_320", "blazeface": "face_detection_short_range"}
DETECTORS = {"nanodet": "nanodet_m", "centernet": "centernet_mbv3_512"}
TEXT_DETECTORS = {"ppocrv4_det": "ppocrv4_det_640", "ppocrv3_det": "text_detection_en_ppocrv3_2023may"}
COCO = ["--calibration", IMAGES / "coco128" / "images", "--count", "32"]
PERSON = 1  # of the masks of coco128


class Network:
    """The arguments that open a network in float and in INT8."""

    def __init__(self, name, file, calibration, folder, *options):
        self.name, self.package = name, folder / f"{name}.esp"
        recipe = ["--preprocess", RECIPES / f"{name}.json", *options]
        report = espalier_json("compile", MODELS / f"{file}.onnx", *calibration, "-o", self.package, *recipe)
        assert report["integer_macs"] >= 0.99 * report["macs"]
        self.opened = {"float": (MODELS / f"{file}.onnx", recipe), "INT8": (self.package, [])}

    def run(self, kind, picture, *options):
        network, recipe = self.opened[kind]
        return espalier_json("run", network, picture, *options, *recipe)

    def evaluate(self, *options):
        """INT8, with the paired difference to float."""
        return espalier_json("evaluate", self.package, *options, "--against", self.opened["float"][0])


def overlap(a, b):
    common = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return common / (area(a) + area(b) - common)


@pytest.mark.parametrize("decoder", FACES)
def test_the_face_of_a_portrait(decoder, work):  # noqa: F811
    network = Network(decoder, FACES[decoder], COCO, work)
    found = {}
    for kind in ("float", "INT8"):
        faces = network.run(kind, IMAGES / "grace_hopper.bmp", "--decoder", decoder)["detections"]
        assert len(faces) == 1
        found[kind] = faces[0]
        print(f"{decoder} {kind}: score {faces[0]['score']:.3f}, box {[round(x) for x in faces[0]['box']]}")
        assert faces[0]["label"] == "face" and faces[0]["score"] >= 0.9
    assert overlap(found["float"]["box"], found["INT8"]["box"]) >= 0.8
    size = found["float"]["box"][2] - found["float"]["box"][0]
    for (x, y, _), (other_x, other_y, _) in zip(found["float"].get("key_points", []), found["INT8"].get("key_points", [])):
        assert np.hypot(x - other_x, y - other_y) <= 0.15 * size


@pytest.mark.parametrize("decoder", DETECTORS)
def test_objects(decoder, work):  # noqa: F811
    network = Network(decoder, DETECTORS[decoder], COCO, work)
    result = network.evaluate("--task", "detection", "--decoder", decoder, "--data", IMAGES / "coco128")
    difference = result["differences"][0]
    print(f"{decoder}: map50 float {result['value'] - difference['value']:.3f}, INT8 {result['value']:.3f}")
    assert result["value"] - difference["value"] >= {"nanodet": 0.46, "centernet": 0.49}[decoder]
    assert result["value"] >= {"nanodet": 0.39, "centernet": 0.38}[decoder]


def test_people_are_cut_out(work):  # noqa: F811
    network = Network("selfie_segmentation", "selfie_segmentation_landscape", COCO, work)
    for kind in ("float", "INT8"):
        network.run(kind, IMAGES / "grace_hopper.bmp", "--decoder", "mask", "--map", work / "person.npz")
        mask = np.load(work / "person.npz")["mask"]
        assert mask.shape == (600, 512) and mask[300, 256] == 1 and mask[0, -1] == 0
    # The network is made for one person near the camera; on COCO's pictures its figure is low in float too.
    result = network.evaluate("--task", "segmentation", "--data", IMAGES / "coco128", "--foreground", PERSON)
    difference = result["differences"][0]
    print(f"selfie_segmentation: miou float {result['value'] - difference['value']:.3f}, INT8 {result['value']:.3f}")
    assert abs(difference["value"]) <= 0.04


def people():
    """Pictures of coco128 with one labelled person at least a tenth of the picture large, and their masks."""
    for path in sorted((IMAGES / "coco128" / "masks").glob("*.png")):
        mask = np.asarray(Image.open(path)) == PERSON
        labels = IMAGES / "coco128" / "labels" / f"{path.stem}.txt"
        persons = [line for line in labels.read_text().splitlines() if line.startswith("0 ")] if labels.exists() else []
        if len(persons) == 1 and mask.mean() >= 0.1:
            yield IMAGES / "coco128" / "images" / f"{path.stem}.jpg", mask


def test_a_body(work):  # noqa: F811
    network = Network("movenet", "movenet_lightning_192", COCO, work)
    squat = {}
    for kind in ("float", "INT8"):
        (pose,) = network.run(kind, IMAGES / "squat.bmp", "--decoder", "movenet")["poses"]
        squat[kind] = np.array(pose["key_points"])
        print(f"movenet {kind}: squat.bmp {int((squat[kind][:, 2] >= 0.3).sum())} of 17 points, score {pose['score']:.2f}")
        assert (squat[kind][:, 2] >= 0.3).sum() == 17
    moved = np.hypot(*(squat["float"] - squat["INT8"])[:, :2].T)
    print(f"movenet: points move by {moved.mean():.1f} pixels, at most {moved.max():.1f}")
    assert moved.mean() <= 8
    for kind in ("float", "INT8"):
        inside = []
        for path, mask in people():
            for pose in network.run(kind, path, "--decoder", "movenet", "--score", "0")["poses"]:
                for x, y, score in pose["key_points"]:
                    if score >= 0.3:
                        row, column = int(np.clip(y, 0, mask.shape[0] - 1)), int(np.clip(x, 0, mask.shape[1] - 1))
                        inside.append(mask[row, column])
        print(f"movenet {kind}: {100 * np.mean(inside):.1f} % of {len(inside)} confident points on the person")
        assert len(inside) >= 50 and np.mean(inside) >= 0.85


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """Drawn lines and pages, others for calibration."""
    if not draw_text.fonts_are_there():
        pytest.skip("DejaVu's fonts are not there (Debian: fonts-dejavu-core)")
    folder = tmp_path_factory.mktemp("text")
    for name, count, pages, seed in (("test", 200, 12, 1), ("calibration", 32, 16, 11)):
        draw_text.draw_lines(folder / name, count, seed)
        draw_text.draw_pages(folder / name, pages, seed + 1)
    return folder


@pytest.mark.parametrize("name", TEXT_DETECTORS)
def test_lines_of_text_are_found(name, work, text):  # noqa: F811
    options = ["--input-shape=x:1x3x736x736"] if name == "ppocrv3_det" else []
    network = Network(name, TEXT_DETECTORS[name], ["--calibration", text / "calibration" / "pages"], work, *options)
    truth = json.loads((text / "test" / "pages.json").read_text())
    for kind in ("float", "INT8"):
        found, boxes_found, boxes_there = 0, 0, 0
        for page, boxes in truth.items():
            decoded = network.run(kind, text / "test" / "pages" / page, "--decoder", "db_text")["text_boxes"]
            upright = [(*np.min(box["corners"], axis=0), *np.max(box["corners"], axis=0)) for box in decoded]
            found += sum(any(overlap(box, other) >= 0.5 for other in upright) for box in boxes)
            boxes_found, boxes_there = boxes_found + len(upright), boxes_there + len(boxes)
        print(f"{name} {kind}: {found} of {boxes_there} lines, {boxes_found} boxes")
        assert found >= 0.95 * boxes_there and boxes_found <= 1.1 * boxes_there


def exact_with_onnx_runtime(folder, symbols_file, work):  # noqa: F811
    """Share of lines that the decoder reads right from ONNX Runtime's outputs, which a network passes on to it."""
    onnxruntime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    session = onnxruntime.InferenceSession(str(MODELS / "ppocrv4_rec_48x320.onnx"))
    symbols_file.write_text(session.get_modelmeta().custom_metadata_map["character"], encoding="utf-8")
    shape = session.get_outputs()[0].shape
    ports = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", ports[:1], ports[1:])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 12)], ir_version=8), work / "passes_on.onnx")
    right, count = 0, 0
    for row in (folder / "lines.csv").read_text().splitlines()[1:]:
        name, expected = row.split(",", 1)
        line = np.full((48, 320, 3), 127.5, np.float32)
        picture = np.asarray(Image.open(folder / "lines" / name))[..., ::-1]
        line[:, : picture.shape[1]] = picture
        (steps,) = session.run(None, {"x": ((line / 127.5) - 1).transpose(2, 0, 1)[None]})
        np.savez(work / "steps.npz", x=steps)
        read = espalier_json("run", work / "passes_on.onnx", work / "steps.npz", "--decoder", "ctc", "--size", "48,320", "--labels", symbols_file)
        right, count = right + (read["text"][0]["text"] == expected), count + 1
    return right / count


def test_lines_of_text_are_read(work, text):  # noqa: F811
    # The decoder alone, then with our own run of the network before it.
    exact = exact_with_onnx_runtime(text / "test", work / "symbols.txt", work)
    print(f"ppocrv4_rec: the decoder on ONNX Runtime's outputs reads {exact:.3f} exactly")
    assert exact >= 0.98
    network = Network("ppocrv4_rec", "ppocrv4_rec_48x320", ["--calibration", text / "calibration" / "lines"], work)
    result = network.evaluate("--task", "text", "--data", text / "test" / "lines", "--labels", text / "test" / "lines.csv")
    difference = result["differences"][0]
    print(f"ppocrv4_rec: exact float {result['value'] - difference['value']:.3f}, INT8 {result['value']:.3f}")
    assert result["value"] - difference["value"] >= 0.98 and result["value"] >= 0.84


def test_objects_are_tracked(work):  # noqa: F811
    """Centres that the network finds in search regions around objects of pictures that calibration has not seen."""
    for name in ("calibration", "test"):
        (work / "tracks" / name).mkdir(parents=True)
    object_crops.write_tracks(IMAGES, work / "tracks" / "calibration", range(32))
    centres = object_crops.write_tracks(IMAGES, work / "tracks" / "test", range(32, 128))
    model, package = MODELS / "vitTracker.onnx", work / "tracker.esp"
    report = espalier_json("compile", model, "--calibration", work / "tracks" / "calibration", "-o", package)
    assert report["integer_macs"] >= 0.99 * report["macs"]
    # A Hanning window damps what is far from the middle, as users of the tracker do.
    window = np.outer(np.hanning(18)[1:-1], np.hanning(18)[1:-1])
    medians = {}
    for kind, network in (("float", model), ("INT8", package)):
        errors = []
        for i, centre in enumerate(centres):
            espalier("run", network, work / "tracks" / "test" / f"{i:03}.npz", "-o", work / "tracks" / "out.npz")
            with np.load(work / "tracks" / "out.npz") as outputs:
                y, x = np.unravel_index(np.argmax(outputs["output1"][0, 0] * window), (16, 16))
                found = (np.array([x, y]) + outputs["output3"][0, :, y, x]) / 16
            errors.append(4 * np.hypot(*(found - centre)))  # the search region is four times the object
        medians[kind] = np.median(errors)
        print(f"vitTracker {kind}: median centre error {medians[kind]:.4f} of the object's size, {np.mean(np.array(errors) <= 0.2) * 100:.0f} % "
              f"within a fifth, of {len(errors)}")
    assert medians["float"] <= 0.03 and medians["INT8"] <= 0.035
