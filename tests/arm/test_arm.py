# Packages that x86-64 compiled, end to end on AArch64 under qemu-user: ./test arm. Every layer has the bytes of x86, on a
# processor without dot products (Cortex-A53) and on one with them (Cortex-A76). No times: an emulator has none.
import os
import pathlib
import re
import subprocess

import numpy as np
import onnx
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ESPALIER_SHARED", ROOT.parent / "shared"))
X86 = ROOT / "build" / "release"
ARM = ROOT / "build" / "aarch64-linux-gnu"
SIGNS = ROOT / "examples" / "signs"
MODELS = SHARED / "models" / "onnx"
# The shape of an input that its model leaves open.
NETWORKS = {
    "signs": None, "yolox_nano": None, "efficientnet_lite0_224": None, "resnet20_cifar10": None, "resnet44_cifar10": None,
    "centernet_mbv3_512": None, "face_detection_short_range": None, "face_landmark": None, "hand_landmark_lite": None,
    "movenet_lightning_192": None, "nanodet_m": None, "ppocrv4_det_640": None, "ppocrv4_rec_48x320": None,
    "selfie_segmentation_landscape": None, "text_detection_en_ppocrv3_2023may": (1, 3, 224, 224), "ultraface_rfb_320": None,
    "vitTracker": None, "yunet_n_320_320": None}
# These run in other ways too.
CHOSEN = ["signs", "yolox_nano", "efficientnet_lite0_224", "resnet20_cifar10"]
# What each processor has, and what multiplies bytes on it.
PROCESSORS = {"cortex-a53": ("neon", "neon"), "cortex-a76": ("neon neondot", "neondot")}


class Run:
    """One run of espalier-run, here or under qemu; (hash, kernel, layer) of every layer."""

    def __init__(self, *arguments, processor=None, code=0):
        emulator = ["qemu-aarch64", "-cpu", processor, "-L", "/usr/aarch64-linux-gnu"] if processor else []
        done = subprocess.run([*emulator, (ARM if processor else X86) / "espalier-run", *map(str, arguments)],
                              capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        self.text = done.stdout
        self.layers = re.findall(r"^([0-9a-f]{32}) +[0-9.]+ us  (\S+) +(.*)$", done.stdout, re.MULTILINE)

    def hashes(self):
        return [(layer, digest) for digest, _, layer in self.layers]


def noise_for(model, shape, folder):
    """An .npz with seeded noise for every input: it sets scales, and nothing here asks for accuracy."""
    graph = onnx.load(model).graph
    constants = {initializer.name for initializer in graph.initializer}
    generator = np.random.default_rng(1)
    np.savez(folder / "noise.npz", **{
        value.name: generator.uniform(0, 1, shape or [extent.dim_value or 1 for extent in value.type.tensor_type.shape.dim]
                                      ).astype(np.float32)
        for value in graph.input if value.name not in constants})
    # Only an open shape is given: the name of the input is that of the single array.
    return [] if shape is None else ["--input-shape", f"{graph.input[0].name}:{'x'.join(map(str, shape))}"]


@pytest.fixture(scope="session", params=NETWORKS)
def package(request, tmp_path_factory):
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    model = SIGNS / "signs.onnx" if name == "signs" else MODELS / f"{name}.onnx"
    if not model.exists():
        pytest.skip("the shared models are not there")
    arguments = ["--calibration", folder, *noise_for(model, NETWORKS[name], folder)]
    if name == "signs":  # with its recipe, for an outside project that gives a picture
        arguments = ["--calibration", SIGNS / "images", "--preprocess", SIGNS / "signs.json"]
    subprocess.run([X86 / "espalier", "compile", model, *arguments, "-o", folder / f"{name}.esp"], check=True, capture_output=True)
    return folder / f"{name}.esp"


@pytest.fixture(scope="session")
def on_x86(package):
    return Run(package)


@pytest.mark.parametrize("processor", PROCESSORS)
def test_every_layer_of_the_golden_case_is_that_of_x86(package, on_x86, processor):
    features, products = PROCESSORS[processor]
    run = Run(package, "--threads", "2", processor=processor)
    assert f"cpu {features}, kernels best" in run.text
    assert "golden case: the stored bits" in run.text
    assert len(on_x86.layers) > 10
    assert run.hashes() == on_x86.hashes()
    kernels = {kernel for _, kernel, _ in run.layers}
    assert f"conv2d_s8_{products}" in kernels
    assert "reference" not in kernels - {kernel for _, kernel, _ in on_x86.layers}


@pytest.mark.parametrize("package", CHOSEN, indirect=True)
@pytest.mark.parametrize("kernels", ["portable", "neon"])
def test_lesser_kernels_give_the_same_bytes(package, on_x86, kernels):
    run = Run(package, "--kernels", kernels, processor="cortex-a76")
    assert run.hashes() == on_x86.hashes()
    assert not any(kernel.endswith("_neondot") for _, kernel, _ in run.layers)


def input_of(package):
    lines = subprocess.run([X86 / "espalier", "disassemble", package], check=True, capture_output=True, text=True).stdout
    shape, name = re.search(r'= input .*user=f32\[([0-9,]+)\].* @"([^"]+)"$', lines, re.MULTILINE).groups()
    return name, [int(extent) for extent in shape.split(",")]


@pytest.mark.parametrize("package", CHOSEN, indirect=True)
def test_outputs_for_an_array_are_those_of_x86(package, tmp_path):
    name, shape = input_of(package)
    outputs = {}
    for seed in (1, 2):
        np.save(tmp_path / "x.npy", np.random.default_rng(seed).uniform(0, 2, shape).astype(np.float32))
        for processor in (None, "cortex-a53"):
            folder = tmp_path / f"{processor}_{seed}"
            folder.mkdir()
            run = Run(package, f"{name}={tmp_path / 'x.npy'}", "--output", folder, "--quiet", processor=processor)
            assert "golden" not in run.text and run.layers == []
            outputs[processor, seed] = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert len(outputs[None, seed]) > 0
        assert outputs["cortex-a53", seed] == outputs[None, seed]
    # The comparison can fail: another input gives other bytes.
    assert outputs[None, 1] != outputs[None, 2]


@pytest.mark.parametrize("package", ["signs"], indirect=True)
def test_an_outside_project_uses_the_installed_runtime(package, tmp_path):
    toolchain = f"-DCMAKE_TOOLCHAIN_FILE={ROOT / 'cmake' / 'toolchains' / 'aarch64-linux-gnu.cmake'}"
    configure = ["cmake", "-S", ROOT / "tests" / "install", toolchain, f"-DCMAKE_PREFIX_PATH={tmp_path / 'prefix'}"]
    for command in (["cmake", "--install", ARM, "--prefix", tmp_path / "prefix"],
                    [*configure, "-B", tmp_path / "outside", "-DCOMPONENTS=runtime"],
                    ["cmake", "--build", tmp_path / "outside"]):
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
    program = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", tmp_path / "outside" / "run_package", package]
    assert subprocess.run(list(map(str, program)), check=True, capture_output=True, text=True).stdout == "p8 1x9x20x20\np16 1x9x10x10\n"
    # Who asks for the compiler too is told.
    refused = subprocess.run(list(map(str, [*configure, "-B", tmp_path / "compiler"])), capture_output=True, text=True)
    assert refused.returncode != 0
    assert "built without espalier::compiler" in " ".join(refused.stderr.split())
