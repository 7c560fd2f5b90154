# Outputs whose length is data, also behind nodes that take the places on: as long as ONNX Runtime's. What would compute
# with the empty places is refused.
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from quantized_test import run, runtime


def model_of(nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
                              [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs],
                              [numpy_helper.from_array(np.asarray(value), name) for name, value in constants])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def boxes_model(tail, outputs):
    """Boxes are found, and their rows taken from the boxes."""
    nodes = [helper.make_node("NonMaxSuppression", ["boxes", "scores", "most", "iou", "least"], ["found"], name="nms"),
             helper.make_node("Gather", ["found", "two"], ["rows"], name="column", axis=1),
             helper.make_node("Squeeze", ["boxes", "zero"], ["flat"], name="flat"),
             helper.make_node("Gather", ["flat", "rows"], ["taken"], name="rows", axis=0), *tail]
    return model_of(nodes, [("boxes", TensorProto.FLOAT, (1, 12, 4)), ("scores", TensorProto.FLOAT, (1, 2, 12))], outputs,
                    [("most", np.int64(5)), ("iou", np.float32(0.4)), ("least", np.float32(0.3)), ("two", np.int64(2)), ("zero", np.int64([0]))])


def boxes_feed():
    random = np.random.default_rng(3)
    corners = random.uniform(0, 1, (1, 12, 2)).astype(np.float32)
    return {"boxes": np.concatenate([corners, corners + 0.3], 2), "scores": random.uniform(0, 0.6, (1, 2, 12)).astype(np.float32)}


def points_model(tail, outputs):
    nodes = [helper.make_node("Greater", ["x", "limit"], ["mask"], name="mask"), helper.make_node("NonZero", ["mask"], ["places"], name="found"),
             helper.make_node("Transpose", ["places"], ["rows"], name="rows"), helper.make_node("GatherND", ["x", "rows"], ["values"], name="values"), *tail]
    return model_of(nodes, [("x", TensorProto.FLOAT, (4, 5))], outputs, [("limit", np.float32(0.5)), ("one", np.float32(1)), ("axes", np.int64([0]))])


def points_feed():
    return {"x": np.random.default_rng(4).standard_normal((4, 5)).astype(np.float32)}


CASES = {
    "boxes": (boxes_model([helper.make_node("Mul", ["taken", "taken"], ["squares"], name="squares")], [("found", 7), ("taken", 1), ("squares", 1)]), boxes_feed()),
    "points": (points_model([helper.make_node("Add", ["values", "one"], ["sums"], name="sums")], [("rows", 7), ("values", 1), ("sums", 1)]), points_feed()),
    "no points": (points_model([], [("rows", 7), ("values", 1)]), {"x": np.full((4, 5), -1, np.float32)}),
    "all points": (points_model([], [("places", 7), ("values", 1)]), {"x": np.full((4, 5), 2, np.float32)}),
}


@pytest.mark.parametrize("case", CASES)
def test_outputs_have_their_true_length(case, tmp_path):
    model, feed = CASES[case]
    onnx.save(model, tmp_path / "net.onnx")
    np.savez(tmp_path / "in.npz", **feed)
    done = run("run", tmp_path / "net.onnx", tmp_path / "in.npz", "--output", tmp_path / "out.npz")
    assert done.returncode == 0, done.stderr
    ours = dict(np.load(tmp_path / "out.npz"))
    for info, expected in zip(model.graph.output, runtime(model).run(None, feed)):
        assert ours[info.name].shape == expected.shape and np.array_equal(ours[info.name], expected), info.name


@pytest.mark.parametrize("tail", [
    [helper.make_node("ReduceSum", ["values", "axes"], ["y"], name="sum")],
    [helper.make_node("Concat", ["values", "values"], ["y"], name="joined", axis=0)],
    [helper.make_node("Shape", ["values"], ["s"], name="shape"), helper.make_node("Cast", ["s"], ["y"], name="cast", to=1)],
    [helper.make_node("MatMul", ["values", "values"], ["y"], name="product")]], ids=["sum", "concat", "shape", "product"])
def test_computing_with_empty_places_is_refused(tail, tmp_path):
    onnx.save(points_model(tail, [("y", 1)]), tmp_path / "net.onnx")
    np.savez(tmp_path / "in.npz", **points_feed())
    done = run("run", tmp_path / "net.onnx", tmp_path / "in.npz", "--output", tmp_path / "out.npz")
    assert done.returncode == 2 and f'node "{tail[0].name}"' in done.stderr and "as many places are filled as" in done.stderr, done.stderr
    assert f'"{tail[0].name}"' in run("check", tmp_path / "net.onnx", "--json").stdout


def test_no_package_is_written_that_a_session_would_refuse(tmp_path):
    # Of one box at most, simplify makes the transpose a reshape between extents of 1, where a length has no place.
    model = boxes_model([helper.make_node("Transpose", ["found"], ["turned"], name="turned", perm=[1, 0])], [("turned", 7)])
    for constant in model.graph.initializer:
        if constant.name == "most":
            constant.CopyFrom(numpy_helper.from_array(np.int64(1), "most"))
    model.graph.input[1].type.tensor_type.shape.dim[1].dim_value = 1
    onnx.save(model, tmp_path / "net.onnx")
    feed = boxes_feed()
    (tmp_path / "samples").mkdir()
    np.savez(tmp_path / "samples" / "0.npz", boxes=feed["boxes"], scores=feed["scores"][:, :1])
    done = run("compile", tmp_path / "net.onnx", "--calibration", tmp_path / "samples", "-o", tmp_path / "net.esp")
    assert done.returncode == 2 and "net.onnx" in done.stderr and "as many places are filled as" in done.stderr, done.stderr
    assert not (tmp_path / "net.esp").exists()
