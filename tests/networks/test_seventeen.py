# All networks of the shared models: ./test networks. Each compiles with at least 99 % of its multiply-accumulates in INT8,
# gives the stored bits on every kernel and thread count, and spends less than 5 % of its time in reference kernels. The
# table is printed: pytest -s shows it.
import time

import numpy as np
import pytest

import draw_text
import object_crops
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
# Signal to noise of the worst output, in dB: one or two below what was measured, so that noise for an answer fails.
SNR_MIN = {"yolox_nano": 7, "nanodet_m": 15, "centernet_mbv3_512": 3, "yunet_n_320_320": 9, "ultraface_rfb_320": 11.5, "face_detection_short_range": 13,
           "face_landmark": 22, "hand_landmark_lite": 1.5, "selfie_segmentation_landscape": 9, "movenet_lightning_192": 7,
           "text_detection_en_ppocrv3_2023may": 11.5, "ppocrv4_det_640": 12.5, "ppocrv4_rec_48x320": 9.5, "vitTracker": 25, "resnet20_cifar10": 24,
           "resnet44_cifar10": 23, "efficientnet_lite0_224": 18}


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
        if kind == "tracks":
            object_crops.write_tracks(IMAGES, chosen, range(CALIBRATION_COUNT + TEST_COUNT))
        else:
            object_crops.write_crops(IMAGES, chosen, range(CALIBRATION_COUNT + TEST_COUNT), info[0]["name"], info[0]["shape"][1])
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
    for name, ratio in ratios.items():
        assert ratio >= SNR_MIN[file], name
