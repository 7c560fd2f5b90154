# What `run` and `evaluate` say about a network's outputs: boxes, masks, key points, text, depth. The networks pass their
# input on, so that a test feeds what a decoder sees.
import csv

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from cli_test import accepted, accepted_json, refused

GREY_MASK, COLOURED = (7, 7, 7), (7, 7, 8)
SHARE = ",".join([str(1 / 255)] * 3)


def write_bmp(path, rows):
    """rows: height x width x 3, RGB."""
    pixels = np.asarray(rows, np.uint8)
    height, width, _ = pixels.shape
    padded = np.zeros((height, (3 * width + 3) // 4 * 4), np.uint8)
    padded[:, : 3 * width] = pixels[::-1, :, ::-1].reshape(height, -1)
    header = b"BM" + np.array([54 + padded.size, 0, 54, 40, width, height], "<i4").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + np.array([1, 24], "<i2").tobytes() + np.array([0, padded.size, 0, 0, 0, 0], "<i4").tobytes() + padded.tobytes())
    return path


def passes_on(path, shape, metadata=()):
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, dict(metadata))
    onnx.save(model, path)
    return path


def arrays(path, values):
    np.savez(path, x=np.asarray(values, np.float32))
    return path


def test_a_mask_as_json_and_as_an_array(tmp_path):
    values = np.zeros((1, 1, 4, 6))
    values[0, 0, 1:3] = 1
    network, sample = passes_on(tmp_path / "m.onnx", [1, 1, 4, 6]), arrays(tmp_path / "x.npz", values)
    decoded = ["--decoder", "mask", "--size", "4,6"]
    result = accepted_json("run", network, sample, *decoded, "--map", tmp_path / "mask.npz")
    assert result["mask"] == {"height": 4, "width": 6, "classes": [{"class": 0, "label": "0", "pixels": 12},
                                                                   {"class": 1, "label": "1", "pixels": 12}]}
    assert np.array_equal(np.load(tmp_path / "mask.npz")["mask"], values[0, 0])
    (tmp_path / "names.txt").write_text("nothing\nperson\n")
    assert "person" in accepted("run", network, sample, *decoded, "--labels", tmp_path / "names.txt")


def test_depth_as_json_and_as_an_array(tmp_path):
    network, sample = passes_on(tmp_path / "d.onnx", [1, 1, 2, 2]), arrays(tmp_path / "x.npz", [[[[1, 2], [3, 5]]]])
    result = accepted_json("run", network, sample, "--decoder", "depth", "--size", "2,2", "--map", tmp_path / "d.npz")
    assert result["depth"] == {"height": 2, "width": 2, "smallest": 1, "largest": 5}
    assert np.load(tmp_path / "d.npz")["depth"].tolist() == [[1, 2], [3, 5]]


def test_a_body_as_json(tmp_path):
    values = np.zeros((1, 17, 4, 4))
    values[0, :, 2, 1] = 0.5
    network, sample = passes_on(tmp_path / "p.onnx", [1, 17, 4, 4]), arrays(tmp_path / "x.npz", values)
    result = accepted_json("run", network, sample, "--decoder", "heat_maps", "--size", "8,8")
    assert result["poses"] == [{"score": 0.5, "key_points": [[2, 4, 0.5]] * 17}]
    assert "key point 16" in accepted("run", network, sample, "--decoder", "heat_maps", "--size", "8,8")


def test_text_boxes_as_json(tmp_path):
    values = np.zeros((1, 1, 32, 32))
    values[0, 0, 10:14, 8:20] = 1
    network, sample = passes_on(tmp_path / "t.onnx", [1, 1, 32, 32]), arrays(tmp_path / "x.npz", values)
    (box,) = accepted_json("run", network, sample, "--decoder", "db_text", "--size", "32,32")["text_boxes"]
    assert box["score"] == 1
    assert box["corners"] == [[5.75, 7.75], [22.25, 7.75], [22.25, 16.25], [5.75, 16.25]]


def spelled(*classes):
    values = np.zeros((1, len(classes), 5))
    values[0, np.arange(len(classes)), classes] = 1
    return values


def test_text_with_the_symbols_of_the_file_of_the_model_or_of_the_package(tmp_path):
    sample = arrays(tmp_path / "x.npz", spelled(1, 1, 0, 1, 3, 4, 2))
    decoded = ["--decoder", "ctc", "--size", "4,4"]
    (tmp_path / "symbols.txt").write_text("a\nb\nc\n")
    plain = passes_on(tmp_path / "plain.onnx", [1, 7, 5])
    assert accepted_json("run", plain, sample, *decoded, "--labels", tmp_path / "symbols.txt")["text"] == [{"text": "aac b", "score": 1}]
    refused("run", plain, sample, *decoded, words=["5 classes", "there are 0 labels"])
    own = passes_on(tmp_path / "own.onnx", [1, 7, 5], {"character": "x\n\u00e9\nz"})
    assert accepted_json("run", own, sample, *decoded)["text"][0]["text"] == "xxz \u00e9"
    accepted("compile", own, "--calibration", sample, "--size", "4,4", "-o", tmp_path / "own.esp")
    assert accepted_json("run", tmp_path / "own.esp", sample, "--decoder", "ctc")["text"][0]["text"] == "xxz \u00e9"


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    (tmp_path / "symbols.txt").write_bytes(b"a\n\xff\nc\n")
    network, sample = passes_on(tmp_path / "n.onnx", [1, 1, 5]), arrays(tmp_path / "x.npz", spelled(2))
    result = accepted_json("run", network, sample, "--decoder", "ctc", "--size", "4,4", "--labels", tmp_path / "symbols.txt")
    assert result["text"][0]["text"] == "\ufffd"


def test_wrong_requests_for_results(tmp_path):
    network, sample = passes_on(tmp_path / "m.onnx", [1, 1, 4, 6]), arrays(tmp_path / "x.npz", np.zeros((1, 1, 4, 6)))
    size = ["--size", "4,6"]
    refused("run", network, sample, *size, "--map", tmp_path / "m.npz", words=["--map", "--decoder"], written=tmp_path / "m.npz")
    refused("run", network, sample, *size, "--decoder", "heat_maps", "--map", tmp_path / "m.npz", words=["no mask and no depth"],
            written=tmp_path / "m.npz")
    refused("run", network, sample, *size, "--decoder", "yunet", words=["decoder yunet", "4 x 6"])
    refused("run", network, sample, *size, "--decoder", "mask", "--score", "nan", words=["threshold is nan"])
    for wild in (np.nan, np.inf, 7):
        values = np.zeros((1, 1, 4, 6))
        values[0, 0, 2, 3] = wild
        # Relu passes NaN and infinity on.
        words = ["between 0 and 1"] if wild == 7 else ["finite numbers only", "element 15"]
        refused("run", network, arrays(tmp_path / "wild.npz", values), *size, "--decoder", "mask", words=words)


@pytest.fixture
def masks(tmp_path):
    """Pictures whose red channel is the mask of a network that passes it on; masks with other values."""
    for number, share in enumerate((2, 4)):
        picture = np.zeros((4, 6, 3))
        picture[:, :3, 0] = 255
        write_bmp(tmp_path / "images" / f"{number}.bmp", picture)
        label = np.zeros((4, 6, 3))
        label[:, :share] = 9
        write_bmp(tmp_path / "masks" / f"{number}.bmp", label)
    ports = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 4, 6]), helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 4, 6])]
    constants = [helper.make_tensor(name, TensorProto.INT64, [1], [value]) for name, value in (("s", 0), ("e", 1), ("a", 1))]
    graph = helper.make_graph([helper.make_node("Slice", ["x", "s", "e", "a"], ["y"])], "g", ports[:1], ports[1:], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "red.onnx")
    return tmp_path


def test_masks_are_evaluated(masks):
    arguments = ["evaluate", masks / "red.onnx", "--task", "segmentation", "--data", masks, "--size", "4,6", "--mul", SHARE]
    result = accepted_json(*arguments, "--foreground", "9", "--against", masks / "red.onnx")
    # Of 48 pixels 24 are found and 24 labelled, 20 of both: either class has 20 of 28.
    assert result["metric"] == "miou" and result["value"] == pytest.approx(20 / 28)
    assert result["metrics"][1]["metric"] == "pixel_accuracy" and result["metrics"][1]["value"] == pytest.approx(40 / 48)
    assert result["differences"][0]["value"] == 0
    assert [row["image"] for row in result["per_image"]] == ["0.bmp", "1.bmp"] and result["per_image"][0]["miou"] < 1
    # Without --foreground class 9 is one that the network never finds.
    assert accepted_json(*arguments)["value"] < 0.5


def test_wrong_masks_are_refused(masks):
    arguments = ["evaluate", masks / "red.onnx", "--task", "segmentation", "--data", masks, "--size", "4,6", "--mul", SHARE]
    refused(*arguments, "--foreground", "255", words=["--foreground must be 0 to 254"])
    refused(*arguments, "--labels", "x.csv", words=["--labels", "masks"])
    refused(*arguments, "--iou", "0.5", words=["--iou", "boxes"])
    refused(*arguments, "--decoder", "yunet", words=["yunet makes boxes", "segmentation"])
    write_bmp(masks / "masks" / "1.bmp", [[COLOURED] * 6] * 4)
    refused(*arguments, words=["1.bmp", "column 0, row 0 is coloured"])
    write_bmp(masks / "masks" / "1.bmp", [[GREY_MASK] * 5] * 4)
    refused(*arguments, words=["1.bmp has 4 x 5 pixels", "4 x 6"])
    refused("evaluate", masks / "red.onnx", "--task", "segmentation", "--data", masks / "images", words=["masks"])


def test_texts_are_evaluated(tmp_path):
    # Classes come from the red, green and blue of a picture of one row: a step per pixel.
    ports = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 1, 4]), helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 3])]
    shape = helper.make_tensor("s", TensorProto.INT64, [3], [1, 3, 4])
    nodes = [helper.make_node("Reshape", ["x", "s"], ["r"]), helper.make_node("Transpose", ["r"], ["y"], perm=[0, 2, 1])]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], [shape])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "read.onnx")
    blank, a, b = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    write_bmp(tmp_path / "lines" / "0.bmp", [[a, b, blank, b]])
    write_bmp(tmp_path / "lines" / "1.bmp", [[a, a, blank, a]])
    with open(tmp_path / "lines.csv", "w", newline="") as file:
        csv.writer(file).writerows([("name", "text"), ("0.bmp", "abb"), ("1.bmp", "ab")])
    (tmp_path / "symbols.txt").write_text("a\nb\n")
    arguments = ["evaluate", tmp_path / "read.onnx", "--task", "text", "--data", tmp_path / "lines", "--size", "1,4"]
    labelled = [*arguments, "--labels", tmp_path / "lines.csv"]
    result = accepted_json(*labelled, "--symbols", tmp_path / "symbols.txt")
    assert result["metric"] == "exact" and result["value"] == 0.5
    assert result["metrics"][1]["value"] == 0.75
    assert result["per_image"][1] == {"image": "1.bmp", "text": "ab", "read": "aa"}
    refused(*arguments, words=["--task text needs --labels"])
    refused(*labelled, words=["3 classes", "there are 0 labels"])
    refused(*labelled, "--score", "0.5", words=["--score", "text"])
    refused("evaluate", tmp_path / "read.onnx", "--data", tmp_path, "--symbols", "x.txt", words=["--symbols is for --task text"])
    (tmp_path / "lines.csv").write_text("name,text\nlost.bmp,x\n")
    refused(*labelled, words=["line 2", "lost.bmp"])


def test_key_points_are_evaluated(tmp_path):
    # Three heat maps are the picture's three channels; the body is the whole picture of 10 x 10, so 1 pixel is near enough.
    network = passes_on(tmp_path / "maps.onnx", [1, 3, 10, 10])
    picture = np.zeros((10, 10, 3))
    picture[2, 3, 0] = picture[5, 5, 1] = picture[7, 1, 2] = 255
    write_bmp(tmp_path / "images" / "0.bmp", picture)
    (tmp_path / "labels").mkdir()
    label = tmp_path / "labels" / "0.txt"
    label.write_text("0 0.5 0.5 1 1  0.3 0.3 2  0.9 0.9 1  0 0 0\n")
    arguments = ["evaluate", network, "--task", "key_points", "--data", tmp_path, "--size", "10,10"]
    result = accepted_json(*arguments, "--decoder", "heat_maps")
    assert result["metric"] == "pck10" and result["value"] == 0.5
    refused(*arguments, words=["--task key_points needs --decoder", "movenet, heat_maps"])
    label.write_text("0 0.5 0.5 1 1  0.3 0.3 2\n")
    refused(*arguments, "--decoder", "heat_maps", words=["1 key points", "finds 3"])
    label.write_text("0 0.5 0.5 1 1  0.3 0.3\n")
    refused(*arguments, "--decoder", "heat_maps", words=["0.txt: line 1", "visibility"])


def test_an_unknown_task_is_refused(tmp_path):
    refused("evaluate", tmp_path / "x.onnx", "--task", "smell", "--data", tmp_path, words=["classification, detection, segmentation"])
