# All networks of the shared models: ./test networks. Each compiles with at least 99 % of its multiply-accumulates in INT8,
# gives the stored bits on every kernel and thread count, and spends less than 5 % of its time in reference kernels. The
# table is printed: pytest -s shows it.
import time

import numpy as np
import pytest
from PIL import Image

import draw_text
from test_networks import IMAGES, MODELS, RECIPES, cifar, espalier, espalier_json, work  # noqa: F401

pytestmark = pytest.mark.skipif(not MODELS.exists() or not IMAGES.exists(), reason="the shared models and images are not there")

# File: recipe, where it has one, and the kind of its pictures.
NETWORKS = {
    "yolox_nano": ("yolox_nano", "coco"),
    "nanodet_m": ("nanodet", "coco"),
    "centernet_mbv3_512": ("centernet", "coco"),
    "yunet_n_320_320": ("yunet", "coco"),
    "ultraface_rfb_320": ("ultraface", "coco"),
    "face_detection_short_range": ("blazeface", "coco"),
    "face_landmark": (None, "crops"),
    "hand_landmark_lite": (None, "crops"),
    "selfie_segmentation_landscape": ("selfie_segmentation", "coco"),
    "movenet_lightning_192": ("movenet", "coco"),
    "text_detection_en_ppocrv3_2023may": ("ppocrv3_det", "pages"),
    "ppocrv4_det_640": ("ppocrv4_det", "pages"),
    "ppocrv4_rec_48x320": ("ppocrv4_rec", "lines"),
    "vitTracker": (None, "tracks"),
    "resnet20_cifar10": ("resnet20_cifar10", "cifar"),
    "resnet44_cifar10": ("resnet20_cifar10", "cifar"),
    "efficientnet_lite0_224": ("efficientnet_lite0", "imagenet"),
}
CALIBRATION_COUNT, TEST_COUNT = 32, 4
MEAN, DEVIATION = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def square(picture, centre, side, size):
    """A crop around a centre, grey where it leaves the picture, as float RGB in 0..1."""
    left, top = centre[0] - side / 2, centre[1] - side / 2
    crop = picture.transform((size, size), Image.Transform.EXTENT, (left, top, left + side, top + side), Image.Resampling.BILINEAR)
    return np.asarray(crop, np.float32) / 255


def labelled_objects():
    """(picture, centre, larger side) of the largest object of each picture of coco128."""
    for path in sorted((IMAGES / "coco128" / "images").glob("*.jpg")):
        labels = IMAGES / "coco128" / "labels" / f"{path.stem}.txt"
        if not labels.exists():
            continue
        boxes = np.loadtxt(labels, ndmin=2)
        if not len(boxes):
            continue
        picture = Image.open(path).convert("RGB")
        x, y, width, height = boxes[np.argmax(boxes[:, 3] * boxes[:, 4])][1:] * np.tile(picture.size, 2)
        yield picture, (x, y), max(width, height)


def write_crops(folder, name, size):
    for i, (picture, centre, side) in zip(range(CALIBRATION_COUNT + TEST_COUNT), labelled_objects()):
        np.savez(folder / f"{i:03}.npz", **{name: square(picture, centre, side, size)[None]})


# The template is twice as large as the object, the search region four times, the object off its centre.
def write_tracks(folder):
    generator = np.random.default_rng(1)
    for i, (picture, centre, side) in zip(range(CALIBRATION_COUNT + TEST_COUNT), labelled_objects()):
        away = np.array(centre) + generator.uniform(-1, 1, 2) * side
        parts = {"template": (square(picture, centre, 2 * side, 128) - MEAN) / DEVIATION, "search": (square(picture, away, 4 * side, 256) - MEAN) / DEVIATION}
        np.savez(folder / f"{i:03}.npz", **{name: value.transpose(2, 0, 1)[None].astype(np.float32) for name, value in parts.items()})


@pytest.fixture(scope="module")
def samples(tmp_path_factory, cifar):  # noqa: F811
    """A function from a network's name to its folder of samples."""
    folder = tmp_path_factory.mktemp("samples")

    def of(file):
        kind = NETWORKS[file][1]
        if kind in ("coco", "imagenet"):
            return IMAGES / {"coco": "coco128/images", "imagenet": "imagenet_sample"}[kind]
        if kind == "cifar":
            chosen = folder / "cifar"
            if not chosen.exists():
                chosen.mkdir()
                for path in sorted(cifar.rglob("*.jpg"))[:: 50000 // (CALIBRATION_COUNT + TEST_COUNT)][: CALIBRATION_COUNT + TEST_COUNT]:
                    (chosen / f"{path.parent.name}_{path.name}").write_bytes(path.read_bytes())
            return chosen
        if kind in ("pages", "lines"):
            if not draw_text.fonts_are_there():
                pytest.skip("DejaVu's fonts are not there (Debian: fonts-dejavu-core)")
            if not (folder / kind).exists():
                (draw_text.draw_pages if kind == "pages" else draw_text.draw_lines)(folder, CALIBRATION_COUNT + TEST_COUNT, 11)
            return folder / kind
        chosen = folder / file
        chosen.mkdir()
        info = espalier_json("check", MODELS / f"{file}.onnx")["inputs"]
        write_tracks(chosen) if kind == "tracks" else write_crops(chosen, info[0]["name"], info[0]["shape"][1])
        return chosen

    return of


def signal_to_noise(float_outputs, integer_outputs):
    signal = sum((x.astype(np.float64) ** 2).sum() for x in float_outputs)
    noise = sum(((x.astype(np.float64) - y) ** 2).sum() for x, y in zip(float_outputs, integer_outputs))
    return 10 * np.log10(signal / noise) if noise > 0 else np.inf


@pytest.mark.parametrize("file", NETWORKS)
def test_network(file, samples, work):  # noqa: F811
    recipe, _ = NETWORKS[file]
    options = ["--preprocess", RECIPES / f"{recipe}.json"] if recipe else []
    if file.startswith("text_detection"):
        options.append("--input-shape=x:1x3x736x736")
    model, package, folder = MODELS / f"{file}.onnx", work / f"{file}.seventeen.esp", samples(file)
    begin = time.monotonic()
    report = espalier_json("compile", model, "--calibration", folder, "--count", str(CALIBRATION_COUNT), "-o", package, *options)
    seconds = time.monotonic() - begin
    assert report["integer_macs"] >= 0.99 * report["macs"]
    assert espalier_json("verify", package)["ok"]

    values = {"float": {}, "INT8": {}}
    for sample in sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".JPEG", ".png", ".npz"))[-TEST_COUNT:]:
        for kind, arguments in (("float", [model, sample, *options]), ("INT8", [package, sample])):
            espalier("run", *arguments, "-o", work / "outputs.npz")
            with np.load(work / "outputs.npz") as outputs:
                for name in outputs:
                    values[kind].setdefault(name, []).append(outputs[name])
    ratios = {name: signal_to_noise(values["float"][name], values["INT8"][name]) for name in values["float"]}

    bench = espalier_json("bench", package, "--threads", "1,2", "--runs", "30")
    one, two = bench["per_threads"]["1"]["min"], bench["per_threads"]["2"]["min"]
    # Layers that stay float by choice: what joins tensors on the way to an output, for one.
    floats = sorted({layer["op"] for layer in report["float_layers"]})
    print(f"\n{file}: {100 * report['integer_macs'] / report['macs']:.1f} % of {report['macs'] * 1e-9:.3f} GMAC, compile {seconds:.1f} s, "
          f"{one:.2f} / {two:.2f} ms, reference {100 * bench['reference_time_share']:.1f} %, float: {', '.join(floats) or 'none'}, "
          f"SNR " + ", ".join(f"{name} {ratio:.1f}" for name, ratio in ratios.items()))
    assert bench["reference_time_share"] < 0.05
