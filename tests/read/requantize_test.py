# --requantize on files of ONNX Runtime's quantizer, which leaves out a Relu or Clip where the saturation of a tensor does
# the same: the network that is calibrated anew still has them.
import json

import numpy as np
import onnx
import pytest

from quantized_test import Net, outputs_of, quantize_static, run, runtime


def float_net(activation):
    net = Net()
    conv = lambda x, o, i, k=3: net.node("Conv", x, net.constant(net.random.uniform(-0.8, 0.8, (o, i, k, k))), pads=[k // 2] * 4)
    x = conv("x", 8, 4)
    if activation == "Relu":
        x = net.node("Relu", x)
    elif activation == "Clip":
        x = net.node("Clip", x, net.constant(0.0), net.constant(6.0))
    elif activation == "SignedClip":
        x = net.node("Clip", x, net.constant(-1.0), net.constant(1.0))
    elif activation == "Silu":
        x = net.node("Mul", x, net.node("Sigmoid", x))
    elif activation == "ReluOfAdd":
        x = net.node("Relu", net.node("Add", x, conv("x", 8, 4)))
    elif activation == "ReluOfPool":
        x = net.node("Relu", net.node("MaxPool", x, kernel_shape=[2, 2]))
    return net, net.model(conv(x, 5, 8))


@pytest.mark.parametrize("activation", ["None", "Relu", "Clip", "SignedClip", "Silu", "ReluOfAdd", "ReluOfPool"])
def test_activations_stay(activation, tmp_path):
    from onnxruntime.quantization import QuantFormat, QuantType
    net, model = float_net(activation)
    onnx.save(model, tmp_path / "float.onnx")
    feeds = [net.feed() for _ in range(4)]
    quantized = quantize_static(tmp_path / "float.onnx", tmp_path / "net.onnx", feeds, quant_format=QuantFormat.QDQ,
                                activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    left_out = not any(node.op_type in ("Relu", "Clip") for node in quantized.graph.node)
    assert left_out  # else this case would prove nothing
    (tmp_path / "samples").mkdir()
    for number, feed in enumerate(feeds):
        np.savez(tmp_path / "samples" / f"{number}.npz", **feed)
    done = run("compile", tmp_path / "net.onnx", "-o", tmp_path / "net.esp", "--json", "--requantize", "--calibration", tmp_path / "samples",
               "--range", "min-max")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["integer_macs"] == report["macs"] and any("leave a clip to their range" in note for note in report["notes"])
    # The float network's function, not that of one without the activation: 8 bits on three tensors leave about 30 dB.
    expected = runtime(model).run(None, feeds[0])[0]
    (got,) = outputs_of(tmp_path, feeds[0]).values()
    noise = np.square(got - expected).mean() / np.square(expected).mean()
    assert 10 * np.log10(noise) <= -25, 10 * np.log10(noise)
    if activation == "Silu":
        assert "silu" in run("disassemble", tmp_path / "net.esp").stdout
