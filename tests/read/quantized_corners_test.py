# Quantized files at the edge of what integers can say: the answer is ONNX Runtime's in reals, or a sentence.
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from quantized_test import Net, compiled, outputs_of, run, runtime


@pytest.mark.parametrize("op", ["Gather", "GatherElements", "GatherND"])
def test_a_table_with_scales_per_channel_is_read_as_reals(op, tmp_path):
    net = Net()
    table = net.weights(6, 5, scale=0.1, axis=0)
    indices = {"Gather": (3,), "GatherElements": (3, 5), "GatherND": (3, 1)}[op]
    y = net.node(op, table, "i", **({} if op == "GatherND" else {"axis": 0}))
    graph = helper.make_graph(net.nodes, "g", [helper.make_tensor_value_info("i", TensorProto.INT64, indices)],
                              [helper.make_tensor_value_info(z, TensorProto.FLOAT, None) for z in (y, net.fake(y, 0.1))], net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    report = compiled(tmp_path, model)
    assert any("scale" in layer["reason"] for layer in report["float_layers"]), report["float_layers"]
    feed = {"i": net.random.integers(0, 6, indices)}
    ours = outputs_of(tmp_path, feed)
    for info, expected in zip(model.graph.output, runtime(model, optimized=False).run(None, feed)):
        assert np.array_equal(ours[info.name], expected)


def test_an_interpolation_with_another_output_scale_rounds_once(tmp_path):
    net = Net()
    for scale in (0.008, 0.03):
        y = net.fake(net.node("Resize", net.fake("x"), "", net.constant([1, 1, 2, 2]), mode="linear"), scale, 120)
        model, feed = net.model(y), net.feed()
        report = compiled(tmp_path, model)
        reasons = [layer["reason"] for layer in report["float_layers"]]
        assert reasons == [] if scale == 0.03 else "would round twice" in reasons[0]
        expected = runtime(model, optimized=False).run(None, feed)[0]
        (got,) = outputs_of(tmp_path, feed).values()
        # Sums in another order may round a tie to the other side: of the sixteenths of 0.03 one in 16 is a tie of its own
        # steps, one in 64 of steps of 0.008 (15 a / 64 = k + 1/2). Rounding twice would move every second element.
        assert np.abs(got - expected).max() <= 1.001 * scale and (got != expected).mean() <= {0.03: 1 / 16, 0.008: 1 / 64}[scale]


def test_nan_among_constants_is_refused(tmp_path):
    net = Net()
    y = net.fake(net.node("PRelu", net.fake("x"), net.constant(np.full((4, 1, 1), np.nan))))
    onnx.save(net.model(y), tmp_path / "net.onnx")
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp")
    assert done.returncode == 2 and "nan at element 0" in done.stderr, done.stderr


def test_a_factor_that_leaves_the_range_of_scales_stays_a_product(tmp_path):
    net = Net(shape=(3, 4))
    y = net.node("Gemm", net.fake("x"), net.weights(5, 4, scale=1e-30), transB=1, alpha=1e-30)
    report = compiled(tmp_path, net.model(net.fake(y, 0.1)))
    assert report["integer_macs"] == 0 and report["float_layers"]
