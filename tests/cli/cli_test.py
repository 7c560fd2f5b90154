# The command line against inputs of every wrong kind: exit code, nothing written, a message that says what, where, why and
# what now; and the happy paths: help, JSON keys, outputs equal to ONNX Runtime.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import json
import os
import pathlib
import resource
import shutil
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
SIGNS = ROOT / "examples" / "signs"
RANDOM = np.random.default_rng(7)


def run(*arguments, **options):
    return subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=300, **options)


def refused(*arguments, words=(), written=None, **options):
    """The command fails with a complete message and without a crash; `written` does not exist afterwards."""
    done = run(*arguments, **options)
    assert done.returncode in (1, 2), f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    message = done.stderr if done.returncode == 2 else done.stdout
    assert "internal error" not in done.stderr
    for word in words:
        assert word in message, f'"{word}" is not in: {message}'
    if written is not None:
        assert not pathlib.Path(written).exists()
        leftovers = [path for path in pathlib.Path(written).parent.iterdir() if path.name.endswith(".part")]
        assert leftovers == []
    return message


def accepted(*arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def accepted_json(*arguments):
    return json.loads(accepted(*arguments, "--json"))


def tensor(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.asarray(values, dtype), name)


def model(nodes, initializers=(), shape=(1, 2, 6, 6), outputs=("y",), opset=17, domain=""):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
                              list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def conv_model(weights=None, bias=None, **options):
    weights = RANDOM.uniform(-1, 1, (3, 2, 3, 3)) if weights is None else weights
    initializers = [tensor("w", weights)] + ([] if bias is None else [tensor("b", bias)])
    nodes = [helper.make_node("Conv", ["x", "w"] + ([] if bias is None else ["b"]), ["c"], name="first/conv", pads=[1, 1, 1, 1]),
             helper.make_node("Relu", ["c"], ["y"], name="relu")]
    return model(nodes, initializers, **options)


@pytest.fixture
def files(tmp_path):
    """A folder with a small model, calibration arrays and a package."""
    onnx.save(conv_model(), tmp_path / "net.onnx")
    (tmp_path / "samples").mkdir()
    for i in range(3):
        np.savez(tmp_path / "samples" / f"{i}.npz", x=RANDOM.standard_normal((1, 2, 6, 6)).astype(np.float32))
    accepted("compile", tmp_path / "net.onnx", "--calibration", tmp_path / "samples", "-o", tmp_path / "net.esp")
    return tmp_path


@pytest.fixture(scope="module")
def signs(tmp_path_factory):
    path = tmp_path_factory.mktemp("signs") / "signs.esp"
    accepted("compile", SIGNS / "signs.onnx", "--preprocess", SIGNS / "signs.json", "--calibration", SIGNS / "images",
             "--labels", SIGNS / "classes.txt", "-o", path)
    return path


def compile_refused(folder, made, words, *options, samples=None, **process):
    path = folder / "bad.onnx"
    if made is not None:
        path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    output = folder / "bad.esp"
    return refused("compile", path, "--calibration", samples or folder / "samples", "-o", output, *options, words=words,
                   written=output, **process)


# ---- model files ----

def test_truncated_model(files):
    whole = (files / "net.onnx").read_bytes()
    for size in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        compile_refused(files, whole[:size], ["bad.onnx"])
    compile_refused(files, b"", ["bad.onnx", "no ONNX"])


def test_flipped_bits_in_a_model_never_crash(files):
    whole = (files / "net.onnx").read_bytes()
    for at in RANDOM.integers(0, len(whole), 60):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << int(RANDOM.integers(8))
        (files / "bad.onnx").write_bytes(flipped)
        done = run("check", files / "bad.onnx")
        assert done.returncode in (0, 1, 2), f"byte {at}: {done.returncode} {done.stderr}"


def test_a_text_file_is_no_model(files):
    compile_refused(files, b"# Readme\n\nThis is text.\n", ["bad.onnx", "no ONNX"])
    refused("check", files / "lost.onnx", words=["lost.onnx", "cannot be opened"])
    refused("check", files, words=["is not a regular file"])


def test_cycle(files):
    nodes = [helper.make_node("Add", ["x", "b"], ["a"], name="one"), helper.make_node("Relu", ["a"], ["b"], name="two"),
             helper.make_node("Relu", ["b"], ["y"], name="end")]
    compile_refused(files, model(nodes), ["cycle", '"two"', '"b"'])


def test_missing_initializer(files):
    made = conv_model()
    del made.graph.initializer[:]
    compile_refused(files, made, ['"first/conv"', '"w"', "initializer", "inconsistent"])


@pytest.mark.parametrize("place", ["absolute", "parent", "link", "lost", "short"])
def test_external_data_outside_of_the_folder(files, tmp_path_factory, place):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.bin"
    elsewhere.write_bytes(bytes(3 * 2 * 9 * 4))
    locations = {"absolute": str(elsewhere), "parent": os.path.relpath(elsewhere, files), "link": "link.bin",
                 "lost": "lost.bin", "short": "short.bin"}
    (files / "link.bin").symlink_to(elsewhere)
    (files / "short.bin").write_bytes(bytes(8))
    made = conv_model()
    stored = made.graph.initializer[0]
    stored.ClearField("raw_data")
    stored.data_location = TensorProto.EXTERNAL
    stored.external_data.add(key="location", value=locations[place])
    words = {"lost": ["cannot be opened"], "short": ["bytes"]}.get(place, ["lies outside of the model's folder"])
    compile_refused(files, made, ['initializer "w"', *words])


def test_external_data_inside_of_the_folder_is_read(files):
    made = conv_model()
    onnx.save(made, files / "external.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    accepted("check", files / "external.onnx")


def test_external_data_belongs_to_the_model(files):
    onnx.save(conv_model(), files / "external.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    accepted("compile", files / "external.onnx", "--calibration", files / "samples", "-o", files / "external.esp")
    accepted("verify", files / "external.esp", "--model", files / "external.onnx")
    weights = bytearray((files / "weights.bin").read_bytes())
    weights[0] ^= 1
    (files / "weights.bin").write_bytes(weights)
    refused("verify", files / "external.esp", "--model", files / "external.onnx", words=["is not the file"])
    refused("compare", files / "external.onnx", files / "external.esp", "--images", files / "samples", words=["was not compiled from"])


def test_absurd_dimensions(files):
    compile_refused(files, conv_model(shape=(1, 2, 1 << 40, 1 << 40)), ['input "x"', "impossible shape"])
    huge = model([helper.make_node("ConstantOfShape", ["s"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
                 [tensor("s", [1 << 20, 1 << 19], np.int64)])
    compile_refused(files, huge, ["too large"])
    padded = model([helper.make_node("Pad", ["x", "p"], ["q"], name="pad"), helper.make_node("Relu", ["q"], ["y"])],
                   [tensor("p", [0, 0, 1 << 18, 1 << 18, 0, 0, 0, 0], np.int64)])
    compile_refused(files, padded, ["GB of memory, this machine has"])
    stored = conv_model()
    stored.graph.initializer[0].dims[0] = 1 << 62
    compile_refused(files, stored, ['initializer "w"', "shape"])
    small = conv_model()
    small.graph.initializer[0].dims[0] = 300
    compile_refused(files, small, ['initializer "w"', "5400 elements"])


def test_more_memory_than_is_permitted(files):
    padded = model([helper.make_node("Pad", ["x", "p"], ["q"], name="pad"), helper.make_node("Relu", ["q"], ["y"])],
                   [tensor("p", [0, 0, 8000, 8000, 0, 0, 0, 0], np.int64)])
    limit = 400 << 20
    compile_refused(files, padded, ["memory"], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))


def test_unsupported_operator(files):
    made = model([helper.make_node("Relu", ["x"], ["a"]), helper.make_node("Det", ["a"], ["y"], name="odd")])
    compile_refused(files, made, ['"odd"', "Det", "not supported: determinants", "espalier ops --onnx"])
    message = refused("check", files / "bad.onnx", words=["odd", "NOT SUPPORTED"])
    assert "1 not supported" in message


def test_foreign_domain(files):
    node = helper.make_node("FusedConv", ["x"], ["y"], name="odd", domain="com.microsoft")
    compile_refused(files, model([node]), ['"odd"', "com.microsoft", "not supported"])


@pytest.mark.parametrize("opset", [0, 99])
def test_unsupported_opset(files, opset):
    compile_refused(files, conv_model(opset=opset), [f"opset {opset}", "are supported", "Re-export"])


def test_dynamic_shape(files):
    made = conv_model(shape=("n", 2, "h", 6))
    compile_refused(files, made, ['input "x"', '"h"', "--input-shape x:"])
    accepted("compile", files / "bad.onnx", "--input-shape", "x:1x2x6x6", "--calibration", files / "samples", "-o", files / "ok.esp")
    refused("check", files / "net.onnx", "--input-shape", "z:1x2x6x6", words=["--input-shape", '"z"'])
    for text in ("x", "x:", "x:1x", "x:0x2", "x:1xax3", ":1", "x:99999999999999999999"):
        refused("check", files / "bad.onnx", "--input-shape", text, words=["--input-shape", "must look like"])


def test_a_symbolic_batch_is_one_with_a_note(files):
    onnx.save(conv_model(shape=("n", 2, 6, 6)), files / "batch.onnx")
    report = accepted_json("compile", files / "batch.onnx", "--calibration", files / "samples", "-o", files / "ok.esp")
    assert any("batch" in note and "1" in note for note in report["notes"])


def test_only_a_map_has_a_batch(files):
    compile_refused(files, model([helper.make_node("Relu", ["x"], ["y"])], shape=("n",)), ['input "x"', '"n"', "--input-shape"])


def test_a_shape_is_given_once_and_does_not_overrule_in_silence(files):
    refused("check", files / "net.onnx", "--input-shape", "x:1x2x6x6,x:1x2x8x8", words=["--input-shape", '"x" two shapes'])
    refused("check", files / "net.onnx", "--input-shape", "x:2x6x6", words=['"x" 3 dimensions', "it has 4"])
    notes = accepted_json("check", files / "net.onnx", "--input-shape", "x:1x2x6x9")["notes"]
    assert notes == ['dimension 3 of input "x" is 6 in the model, --input-shape makes it 9']


def test_casts_to_other_floats_are_noted(files):
    onnx.save(model([helper.make_node("Cast", ["x"], ["h"], name="half", to=TensorProto.FLOAT16),
                     helper.make_node("Cast", ["h"], ["y"], to=TensorProto.FLOAT)]), files / "half.onnx")
    assert accepted_json("check", files / "half.onnx")["notes"] == ['node "half" casts to FLOAT16; here it is float32']


def test_nan_weights(files):
    weights = np.ones((3, 2, 3, 3))
    weights[1, 0, 2, 1] = np.nan
    compile_refused(files, conv_model(weights), ['"first/conv"', "weights", "nan", "element"])
    weights[1, 0, 2, 1] = np.inf
    compile_refused(files, conv_model(weights), ['"first/conv"', "inf"])
    compile_refused(files, conv_model(bias=[0, np.nan, 0]), ['"first/conv"', "bias", "nan"])


# ---- samples ----

def test_empty_calibration_folder(files):
    (files / "empty").mkdir()
    compile_refused(files, conv_model(), ["empty", "holds no image"], samples=files / "empty")
    compile_refused(files, conv_model(), ["no such file or folder"], samples=files / "lost")
    output = files / "bad.esp"
    refused("compile", files / "net.onnx", "-o", output, words=["no calibration samples", "--calibration"], written=output)


def test_a_picture_that_is_none(files):
    pictures = files / "pictures"
    pictures.mkdir()
    (pictures / "one.png").write_bytes(b"this is no picture")
    onnx.save(conv_model(np.ones((3, 3, 3, 3)), shape=(1, 3, 6, 6)), files / "rgb.onnx")
    output = files / "bad.esp"
    refused("compile", files / "rgb.onnx", "--calibration", pictures, "--size", "6,6", "-o", output, words=["one.png"], written=output)
    refused("compile", files / "rgb.onnx", "--calibration", pictures, "-o", output, words=["recipe", "--preprocess"], written=output)
    whole = (SIGNS / "images" / "11_00000.jpg").read_bytes()
    for size in (0, 20, 400):
        (pictures / "one.png").write_bytes(whole[:size])
        refused("compile", files / "rgb.onnx", "--calibration", pictures, "--size", "6,6", "-o", output, words=["one.png"], written=output)


def test_samples_of_wrong_shape_names_or_type(files):
    def samples(**arrays):
        folder = files / "wrong"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        np.savez(folder / "s.npz", **arrays)
        return folder

    right = np.zeros((1, 2, 6, 6), np.float32)
    compile_refused(files, conv_model(), ["s.npz", "1x2x6x6", "1x6x6x2"], samples=samples(x=right.transpose(0, 2, 3, 1)))
    compile_refused(files, conv_model(), ["s.npz", '"z"', '"x"'], samples=samples(z=right))
    compile_refused(files, conv_model(), ["s.npz", "2 arrays", "1 inputs"], samples=samples(x=right, z=right))
    compile_refused(files, conv_model(), ["s.npz", "f32", "u8"], samples=samples(x=right.astype(np.uint8)))


def test_nan_samples(files):
    folder = files / "nan"
    folder.mkdir()
    sample = np.zeros((1, 2, 6, 6), np.float32)
    sample[0, 1, 2, 3] = np.nan
    np.savez(folder / "s.npz", x=sample)
    compile_refused(files, conv_model(), ["s.npz", '"x"', "nan", "element 51"], samples=folder)


def test_damaged_npz(files):
    folder = files / "damaged"
    folder.mkdir()
    whole = (files / "samples" / "0.npz").read_bytes()
    for damaged in (whole[:50], whole[:-1], bytearray(whole[:100]) + b"x" + whole[101:], b""):
        (folder / "s.npz").write_bytes(bytes(damaged))
        compile_refused(files, conv_model(), ["s.npz"], samples=folder)


def test_selection_out_of_range(files):
    compile_refused(files, conv_model(), ["3"], "--first", "3")
    compile_refused(files, conv_model(), ["4 samples", "3"], "--count", "4")
    compile_refused(files, conv_model(), ["step"], "--step", "0")


def test_network_and_sample_do_not_match(files):
    np.savez(files / "wrong.npz", x=np.zeros((1, 2, 5, 6), np.float32))
    for network in ("net.onnx", "net.esp"):
        refused("run", files / network, files / "wrong.npz", "-o", files / "out.npz", words=["wrong.npz", "1x2x6x6"],
                written=files / "out.npz")
        refused("run", files / network, SIGNS / "images" / "11_00000.jpg", "-o", files / "out.npz", words=["recipe"],
                written=files / "out.npz")
        refused("run", files / network, files / "lost.npz", words=["lost.npz", "cannot be opened"])


def test_arrays_and_inputs_do_not_match(files):
    x = np.ones((1, 2, 6, 6), np.float32)
    np.savez(files / "more.npz", x=x, unused=x)
    np.savez(files / "other.npz", z=x, unused=x)
    for network in ("net.onnx", "net.esp"):
        done = run("run", files / network, files / "more.npz", "-o", files / "out.npz")
        assert done.returncode == 0 and "note" in done.stderr and '"unused"' in done.stderr
        refused("run", files / network, files / "other.npz", "-o", files / "other_out.npz", words=["other.npz", '"x"', "2 arrays"],
                written=files / "other_out.npz")


# ---- degenerate networks that are fine ----

def test_all_zero_weights(files):
    onnx.save(conv_model(np.zeros((3, 2, 3, 3)), bias=[0, 1, -1]), files / "zero.onnx")
    accepted("compile", files / "zero.onnx", "--calibration", files / "samples", "-o", files / "zero.esp")
    assert accepted_json("verify", files / "zero.esp")["ok"]
    accepted("run", files / "zero.esp", files / "samples" / "0.npz", "-o", files / "out.npz")
    output = np.load(files / "out.npz")["y"]
    for channel, expected in enumerate((0, 1, 0)):
        assert np.allclose(output[0, channel], expected, atol=0.01)


def test_constant_input(files):
    folder = files / "constant"
    folder.mkdir()
    for value in (0.0, 3.5):
        np.savez(folder / "s.npz", x=np.full((1, 2, 6, 6), value, np.float32))
        accepted("compile", files / "net.onnx", "--calibration", folder, "-o", files / "constant.esp")
        assert accepted_json("verify", files / "constant.esp")["ok"]


# ---- packages ----

def test_truncated_package(files):
    whole = (files / "net.esp").read_bytes()
    for size in (0, 8, 100, len(whole) // 2, len(whole) - 1):
        (files / "cut.esp").write_bytes(whole[:size])
        refused("verify", files / "cut.esp", words=["cut.esp"])
        refused("disassemble", files / "cut.esp", words=["cut.esp"])


def test_flipped_bits_in_a_package_are_noticed(files):
    whole = (files / "net.esp").read_bytes()
    for at in list(range(64)) + list(RANDOM.integers(0, len(whole), 60)):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << int(RANDOM.integers(8))
        (files / "bad.esp").write_bytes(flipped)
        refused("verify", files / "bad.esp", words=["bad.esp"])


def test_a_later_format_version(files):
    whole = bytearray((files / "net.esp").read_bytes())
    whole[8] = 9
    (files / "later.esp").write_bytes(whole)
    refused("run", files / "later.esp", files / "samples" / "0.npz", words=["format version 9", "compile the model again"])


def test_another_model_than_the_packages(files):
    onnx.save(conv_model(), files / "other.onnx")
    refused("verify", files / "net.esp", "--model", files / "other.onnx", words=["is not the file that the package was compiled from"])
    accepted("verify", files / "net.esp", "--model", files / "net.onnx")


def test_options_of_models_do_not_apply_to_packages(files):
    refused("evaluate", files / "net.esp", "--data", files, "--size", "6,6", words=["is a package", "model files only"])
    refused("compare", files / "net.onnx", files / "net.esp", "--images", files / "samples", "--size", "6,6", words=["--size"])
    refused("run", files / "net.esp", files / "samples" / "0.npz", "--size", "6,6", words=["is a package", "model files only"])
    refused("compare", files / "net.onnx", files / "net.onnx", "--images", files / "samples", words=["is no package"])


# ---- options ----

@pytest.mark.parametrize("threads", ["0", "-1", "100000"])
def test_impossible_thread_counts(files, threads):
    sample = files / "samples" / "0.npz"
    for arguments in (("run", files / "net.esp", sample), ("compare", files / "net.onnx", files / "net.esp", "--images", sample)):
        refused(*arguments, f"--threads={threads}", words=["threads", "1 to 256"])
    refused("bench", files / "net.esp", f"--threads={threads}", words=["1 to 256"])
    compile_refused(files, conv_model(), ["1 to 256"], f"--threads={threads}")


def test_wrong_kernels(files):
    for command in (("run", files / "net.esp", files / "samples" / "0.npz"), ("bench", files / "net.esp")):
        refused(*command, "--kernels", "fastest", words=['"fastest"', "best, reference, portable"])


def test_wrong_options(files):
    refused("frobnicate", words=['no command "frobnicate"', "check, compile, run"])
    refused("run")
    refused()
    refused("ops", "--onnx", "--attributes", words=["--onnx", "--attributes", "one of them"])
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "bad.esp", "--range", "widest",
            words=["widest", "percentile, min-max, mean-square"], written=files / "bad.esp")
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "bad.esp", "--percentile", "20",
            words=["percentile 20"], written=files / "bad.esp")
    refused("compile", files / "net.onnx", "--calibration", files / "samples", words=["-o"])
    refused("bench", files / "net.esp", "--runs", "0", words=["--runs"])
    refused("bench", files / "net.esp", "--runs", str(2**63 - 1), words=["--runs must be 1 to 1000000"])
    refused("bench", files / "net.esp", "--threads", "1,x", words=["--threads", '"x"'])
    refused("run", files / "net.esp", files / "samples" / "0.npz", "--labels", files / "t.txt", words=["--labels", "--decoder"])
    refused("run", files / "net.esp", files / "samples" / "0.npz", "--score", "0.5", words=["--score", "--decoder"])
    refused("evaluate", files / "net.esp", "--data", files, "--iou", "0.5", words=["--iou", "boxes"])
    refused("evaluate", files / "net.esp", "--data", files, "--decoder", "fcos", words=["fcos", "boxes", "classification"])
    refused("evaluate", files / "net.esp", "--task", "detection", "--data", files, "--decoder", "classification", words=["classes", "detection"])
    refused("evaluate", files / "net.esp", "--task", "detection", "--decoder", "yolox", "--data", files, "--labels", files / "t.csv",
            words=["--labels", "YOLO folder"])
    refused("run", files / "net.onnx", files / "samples" / "0.npz", "--preprocess", files / "lost.json", words=["lost.json"])
    (files / "bad.json").write_text('{"size": [6]}')
    refused("run", files / "net.onnx", files / "samples" / "0.npz", "--preprocess", files / "bad.json", words=["bad.json", '"size"'])


# ---- output files ----

def test_an_existing_output_survives_a_failure_and_is_replaced_by_a_success(files):
    output = files / "old.esp"
    output.write_text("the old file")
    (files / "empty").mkdir()
    refused("compile", files / "net.onnx", "--calibration", files / "empty", "-o", output)
    assert output.read_text() == "the old file"
    accepted("compile", files / "net.onnx", "--calibration", files / "samples", "-o", output)
    assert output.read_bytes() == (files / "net.esp").read_bytes()
    assert sorted(path.name for path in files.iterdir() if "part" in path.name) == []


def test_an_output_folder_that_is_not_there(files):
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "lost" / "net.esp",
            words=["cannot be written", "folder"])
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files, words=[str(files)])


def test_options_are_refused_before_calibration(files):
    arguments = ["compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "x.esp"]
    refused(*arguments, "--disable-pass", "fuse_activatoin", words=['no pass "fuse_activatoin"', "fuse_activation"], written=files / "x.esp")
    refused(*arguments, "--percentile", "200", words=["percentile 200"], written=files / "x.esp")


def test_compare_refuses_another_model(files):
    shutil.copy(SIGNS / "signs.onnx", files / "other.onnx")
    refused("compare", files / "other.onnx", files / "net.esp", "--images", files / "samples", words=["was not compiled from"])


def test_an_output_that_must_not_be_replaced(files):
    model = (files / "net.onnx").read_bytes()
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "net.onnx",
            words=["the model itself"], written=None)
    assert (files / "net.onnx").read_bytes() == model
    os.mkfifo(files / "pipe")
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "pipe", words=["no regular file"])
    assert (files / "pipe").is_fifo()
    target, link = files / "target.esp", files / "link.esp"
    target.write_text("the old file")
    link.symlink_to(target)
    accepted("compile", files / "net.onnx", "--calibration", files / "samples", "-o", link)
    assert link.is_symlink() and target.read_bytes() == (files / "net.esp").read_bytes()


class Mounted:
    """A small file system of its own at `folder`; skips where that is not permitted."""

    def __init__(self, folder, options):
        self.folder = folder
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"a file system cannot be mounted here, which this test needs: {done.stderr.strip()}")

    def __enter__(self):
        return self.folder

    def __exit__(self, *unused):
        subprocess.run(["umount", self.folder], check=True)


def test_full_disk(files):
    with Mounted(files / "disk", "size=4k") as disk:
        (disk / "filler").write_bytes(bytes(2000))
        output = disk / "net.esp"
        refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", output,
                words=["net.esp", "No space left"], written=output)
        refused("run", files / "net.esp", files / "samples" / "0.npz", "-o", disk / "out.npz", words=["out.npz"])


def test_full_disk_behind_standard_output(files):
    with open("/dev/full", "w") as full:
        done = subprocess.run([CLI, "disassemble", files / "net.esp"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "standard output" in done.stderr


def test_read_only_folder(files):
    folder = files / "readonly"
    with Mounted(folder, "size=64k"):
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", folder / "net.esp",
                words=["net.esp", "cannot be written", "Read-only"], written=folder / "net.esp")


# ---- happy paths ----

def verbs():
    return [line.split('"')[0] for line in (ROOT / "cli" / "commands.inc").read_text().replace("COMMAND(", "").replace(")", "").split("\n")
            if line and not line.startswith("//")]


@pytest.mark.parametrize("verb", verbs())
def test_help_has_an_example(verb):
    text = accepted(verb, "--help")
    assert "Example:" in text and f"espalier {verb}" in text
    assert "--json" in text


def test_help_and_version():
    for verb in verbs():
        assert verb in accepted("--help")
    assert accepted("--version").startswith("espalier ")


def test_json_of_bench(files):
    result = accepted_json("bench", files / "net.esp", "--threads", "1,2", "--runs", "3", "--warmup", "1")
    assert set(result["latency_ms"]) == {"min", "median", "p90"}
    assert set(result["per_threads"]) == {"1", "2"}
    for figures in result["per_threads"].values():
        assert 0 < figures["min"] <= figures["median"] <= figures["p90"]
    assert {"name", "op", "kernel", "macs", "time_us", "refusals"} <= set(result["layers"][0])


def test_bench_says_why_better_kernels_did_not_run(files):
    layers = accepted_json("bench", files / "net.esp", "--runs", "1", "--kernels", "portable")["layers"]
    text = accepted("bench", files / "net.esp", "--runs", "1", "--kernels", "portable", "--per-layer")
    for layer in layers:
        for refusal in layer["refusals"]:
            assert refusal.split("_")[0] in ("conv2d", "depthwise", "quantize")
            assert f": {refusal}\n" in text
    float_layers = accepted_json("bench", files / "net.onnx", "--runs", "1")["layers"]
    assert any("the input is f32, not s8" in refusal for layer in float_layers for refusal in layer["refusals"])


def test_json_of_compare(files):
    result = accepted_json("compare", files / "net.onnx", files / "net.esp", "--images", files / "samples")
    for rows in (result["layers"], result["outputs"]):
        assert rows and {"name", "op", "snr_db", "max_error"} <= set(rows[0])
    assert result["outputs"][0]["name"] == "y"
    assert result["outputs"][0]["snr_db"] > 25


def test_json_of_verify(files):
    result = accepted_json("verify", files / "net.esp")
    assert result["ok"] is True and result["reference_equal"] is True
    assert {"kernels", "threads", "equal", "first_different"} == set(result["runs"][0])
    assert {(run["kernels"], run["threads"]) for run in result["runs"]} >= {("reference", 1), ("portable", 1), ("portable", 2)}
    assert all(run["equal"] and run["first_different"] == "" for run in result["runs"])


def test_json_of_check(files):
    result = accepted_json("check", files / "net.onnx")
    assert {"name", "op", "supported", "reason", "macs"} <= set(result["nodes"][0])
    by_name = {node["name"]: node for node in result["nodes"]}
    assert by_name["first/conv"]["macs"] == 36 * 3 * 18
    assert all(node["supported"] for node in result["nodes"])
    assert by_name["relu"]["reason"] == "folded away, or part of another node"


def test_check_counts_what_feeds_an_unsupported_node(files):
    onnx.save(model([helper.make_node("Conv", ["x", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
                     helper.make_node("Det", ["c"], ["n"], name="odd"),
                     helper.make_node("MaxPool", ["c"], ["p", "i"], name="pool", kernel_shape=[2, 2]),
                     helper.make_node("Cast", ["i"], ["y"], name="cast", to=TensorProto.FLOAT)],
                    [tensor("w", RANDOM.uniform(-1, 1, (3, 2, 3, 3)))], outputs=("n", "p", "y")), files / "odd.onnx")
    done = run("check", files / "odd.onnx", "--json")
    assert done.returncode == 1, done.stderr
    rows = {node["name"]: node for node in json.loads(done.stdout)["nodes"]}
    assert rows["conv"]["macs"] == 36 * 3 * 18 and rows["conv"]["supported"]
    assert not rows["odd"]["supported"] and rows["pool"]["supported"]
    assert not rows["cast"]["supported"] and '"i"' in rows["cast"]["reason"]


def test_names_at_the_border_are_there_once(files):
    refused("check", files / "net.onnx", "--outputs", "y,y", words=['output "y" is there twice'])
    twice = conv_model()
    twice.graph.output.append(twice.graph.output[0])
    compile_refused(files, twice, ['output "y" is there twice'])
    twice = conv_model()
    twice.graph.input.append(twice.graph.input[0])
    compile_refused(files, twice, ['two inputs "x"'])
    refused("check", files / "net.onnx", "--outputs", "y", "--inputs", "c,x", "--input-shape", "c:1x3x6x6", words=['"x"', "do not need"])


def test_compare_takes_the_graph_that_the_package_was_made_from(files):
    accepted("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "plain.esp", "--disable-pass", "fuse_activation")
    plain = accepted_json("compare", files / "net.onnx", files / "plain.esp", "--images", files / "samples")
    assert [row["op"] for row in plain["layers"]] == ["conv2d", "table"]
    assert all(row["snr_db"] > 25 for row in plain["layers"])
    accepted("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "cut.esp", "--outputs", "c")
    refused("compare", files / "net.onnx", files / "cut.esp", "--images", files / "samples", words=["another graph", "--outputs"])
    accepted("compare", files / "net.onnx", files / "cut.esp", "--images", files / "samples", "--outputs", "c")


def test_windows_that_span_the_world_run_on_the_reference(files):
    far = (1 << 24) - 1
    weights = np.zeros((1, 8192, 2, 2), np.float32)
    weights[0, 0, 1, 1] = 1
    onnx.save(model([helper.make_node("Conv", ["x", "w"], ["y"], name="far", dilations=[far, far], pads=[far, far, 0, 0])],
                    [tensor("w", weights)], shape=(1, 8192, 1, 1)), files / "far.onnx")
    (files / "far").mkdir()
    np.savez(files / "far" / "0.npz", x=RANDOM.standard_normal((1, 8192, 1, 1)).astype(np.float32))
    accepted("compile", files / "far.onnx", "--calibration", files / "far", "-o", files / "far.esp")
    accepted("verify", files / "far.esp")
    layers = accepted_json("bench", files / "far.esp", "--runs", "1")["layers"]
    far_layer = next(layer for layer in layers if layer["name"] == "far")
    assert far_layer["kernel"] == "reference"
    assert any("staging the input of one row takes" in refusal for refusal in far_layer["refusals"])


def test_notes_reach_the_user_of_a_model(files):
    onnx.save(conv_model(shape=("n", 2, 6, 6)), files / "batch.onnx")
    done = run("run", files / "batch.onnx", files / "samples" / "0.npz")
    assert done.returncode == 0 and "note: the batch of input" in done.stderr


def test_check_tells_nodes_of_one_name_apart(files):
    onnx.save(model([helper.make_node("Conv", ["x", "w"], ["a"], name="conv"), helper.make_node("Conv", ["a", "v"], ["y"], name="conv")],
                    [tensor("w", RANDOM.uniform(-1, 1, (3, 2, 3, 3))), tensor("v", RANDOM.uniform(-1, 1, (1, 3, 1, 1)))]), files / "twice.onnx")
    rows = accepted_json("check", files / "twice.onnx")["nodes"]
    assert [(row["name"], row["macs"]) for row in rows] == [("conv", 16 * 3 * 18), ("y", 16 * 3)]
    # A node without a name takes that of its output, which another node may have as its own.
    onnx.save(model([helper.make_node("Conv", ["x", "w"], ["a"], name="y"), helper.make_node("Conv", ["a", "v"], ["y"])],
                    [tensor("w", RANDOM.uniform(-1, 1, (3, 2, 3, 3))), tensor("v", RANDOM.uniform(-1, 1, (1, 3, 1, 1)))]), files / "twice.onnx")
    rows = accepted_json("check", files / "twice.onnx")["nodes"]
    assert [(row["name"], row["macs"]) for row in rows] == [("y", 16 * 3 * 18), ("y_2", 16 * 3)]


def test_json_of_evaluate(signs):
    result = accepted_json("evaluate", signs, "--task", "detection", "--decoder", "fcos", "--data", SIGNS)
    assert {"metric", "value", "count", "interval_low", "interval_high", "per_image"} <= set(result)
    assert result["count"] == 16 == len(result["per_image"])
    assert result["interval_low"] <= result["value"] <= result["interval_high"]
    assert result["value"] > 0.7


def test_a_package_and_its_model_in_either_order(signs, tmp_path):
    data = ["--task", "detection", "--decoder", "fcos", "--data", SIGNS, "--count", "2"]
    there = accepted_json("evaluate", signs, *data, "--against", SIGNS / "signs.onnx")
    back = accepted_json("evaluate", SIGNS / "signs.onnx", *data, "--against", signs)
    assert there["differences"][0]["value"] == -back["differences"][0]["value"]


def test_json_of_the_rest(files):
    assert "outputs" in accepted_json("run", files / "net.esp", files / "samples" / "0.npz")
    assert "conv2d" in accepted_json("disassemble", files / "net.esp")["text"]
    assert {"name", "summary", "inputs", "attributes"} <= set(accepted_json("ops")["ops"][0])
    assert {"name", "since", "operators", "integer", "limits"} == set(accepted_json("ops", "--onnx")["onnx"][0])
    report = accepted_json("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "again.esp")
    assert report["samples"] == 3 and report["macs"] == report["integer_macs"]
    assert (files / "again.esp").read_bytes() == (files / "net.esp").read_bytes()


def test_run_writes_what_the_model_calls_its_outputs(files):
    for network in ("net.onnx", "net.esp"):
        accepted("run", files / network, files / "samples" / "0.npz", "-o", files / "out.npz")
        with np.load(files / "out.npz") as outputs:
            assert list(outputs) == ["y"]
            assert outputs["y"].dtype == np.float32
            assert outputs["y"].shape == (1, 3, 6, 6)


def test_float_run_is_onnx_runtimes(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    image = RANDOM.standard_normal((1, 3, 160, 160)).astype(np.float32)
    np.savez(tmp_path / "image.npz", image=image)
    session = onnxruntime.InferenceSession(str(SIGNS / "signs.onnx"))
    expected = session.run(None, {"image": image})
    for kernels in ("reference", "portable", "best"):
        accepted("run", SIGNS / "signs.onnx", tmp_path / "image.npz", "-o", tmp_path / "out.npz", "--kernels", kernels)
        with np.load(tmp_path / "out.npz") as got:
            assert list(got) == [output.name for output in session.get_outputs()]
            for output, reference in zip(session.get_outputs(), expected):
                assert got[output.name].shape == reference.shape
                error = np.abs(got[output.name] - reference).max()
                assert error <= 1e-4 * (reference.max() - reference.min()), f"{output.name}: {error}"


def test_integer_run_is_near_the_float_one(signs, tmp_path):
    picture = SIGNS / "images" / "11_00003.jpg"
    outputs = []
    for network, options in ((signs, ()), (SIGNS / "signs.onnx", ("--preprocess", SIGNS / "signs.json"))):
        accepted("run", network, picture, "-o", tmp_path / "out.npz", *options)
        with np.load(tmp_path / "out.npz") as arrays:
            outputs.append(dict(arrays))
    for name, integer in outputs[0].items():
        real = outputs[1][name]
        assert 20 * np.log10(np.linalg.norm(real) / np.linalg.norm(real - integer)) > 15, name


def test_cuts_at_inner_tensors(files):
    report = accepted_json("check", files / "net.onnx", "--outputs", "c")
    assert [node["name"] for node in report["nodes"]] == ["first/conv"]
    accepted("run", files / "net.onnx", files / "samples" / "0.npz", "--outputs", "c,y", "-o", files / "out.npz")
    with np.load(files / "out.npz") as outputs:
        assert sorted(outputs) == ["c", "y"]
        assert np.array_equal(np.maximum(outputs["c"], 0), outputs["y"])
        np.savez(files / "inner.npz", c=outputs["c"])
        y = outputs["y"]
    accepted("run", files / "net.onnx", files / "inner.npz", "--inputs", "c", "--input-shape", "c:1x3x6x6", "-o", files / "out2.npz")
    with np.load(files / "out2.npz") as outputs:
        assert np.array_equal(outputs["y"], y)
    refused("check", files / "net.onnx", "--outputs", "lost", words=['"lost"'])
    refused("check", files / "net.onnx", "--inputs", "c", words=['"c"', "--input-shape c:"])
    onnx.save(model([helper.make_node("Relu", ["x"], ["r"]), helper.make_node("Add", ["x", "r"], ["y"])]), files / "two.onnx")
    refused("run", files / "two.onnx", files / "samples" / "0.npz", "--inputs", "r", "--input-shape", "r:1x2x6x6",
            words=['"x" is an input', "--inputs"])


def test_dump_writes_every_stage_as_text(files):
    folder = files / "dump"
    accepted("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "dumped.esp", "--dump", folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "00_read.txt" and "20_simplified.txt" in names and names[-1] == "30_quantized.txt"
    assert any(name.startswith("10_simplify_") for name in names)
    assert "conv2d" in (folder / "30_quantized.txt").read_text()
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "bad.esp", "--dump", files / "net.onnx",
            words=["cannot be written"], written=files / "bad.esp")


def test_passes_are_timed(files):
    arguments = ["compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "timed.esp"]
    rows = accepted_json(*arguments)["passes"]
    assert all(row["time_ms"] >= 0 for row in rows)
    assert rows[-1]["rewrites"] == 0  # the last round changes nothing
    text = accepted(*arguments, "--passes")
    assert "fuse_activation" in text and "(unchanged)" in text and "1 rewrites" in text


def test_passes_can_be_left_out(files):
    report = accepted_json("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "fused.esp")
    assert "fuse_activation" in [entry["name"] for entry in report["passes"]]
    report = accepted_json("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "plain.esp",
                           "--disable-pass", "fuse_activation")
    assert "fuse_activation" not in [entry["name"] for entry in report["passes"]]
    refused("compile", files / "net.onnx", "--calibration", files / "samples", "-o", files / "bad.esp", "--disable-pass",
            "fuse_activations", words=["fuse_activations", "no pass"], written=files / "bad.esp")


def test_decoded_results_and_a_drawn_picture(signs, tmp_path):
    result = accepted_json("run", signs, SIGNS / "images" / "11_00000.jpg", "--decoder", "fcos", "--draw", tmp_path / "seen.png")
    assert len(result["detections"]) >= 1
    assert {"class", "label", "score", "box"} <= set(result["detections"][0])
    assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")
    refused("run", signs, SIGNS / "images" / "11_00000.jpg", "--draw", tmp_path / "x.png", words=["--decoder"], written=tmp_path / "x.png")
    refused("run", signs, SIGNS / "images" / "11_00000.jpg", "--decoder", "magic", words=["magic", "fcos"])
