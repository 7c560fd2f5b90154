"""Makes the binary seeds of corpus/onnx and corpus/package: three small models, and packages of them.

    .venv/bin/python tests/fuzz/make_corpus.py      needs build/release/espalier; inputs that a fuzzer found are kept
"""

import pathlib
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
ESPALIER = HERE.parent.parent / "build" / "release" / "espalier"


def weights(name, shape):
    rng = np.random.default_rng(len(name))
    return numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)


def model(nodes, initializers, output_shape):
    graph = helper.make_graph(
        nodes, "seed", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output_shape)], initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def models():
    yield "convolutions", model(
        [helper.make_node("Conv", ["x", "w1", "b1"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
         helper.make_node("BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["n"]),
         helper.make_node("Relu", ["n"], ["r"]),
         helper.make_node("Conv", ["r", "w2"], ["d"], group=4, pads=[1, 1, 1, 1]),
         helper.make_node("Add", ["r", "d"], ["s"]),
         helper.make_node("GlobalAveragePool", ["s"], ["p"]),
         helper.make_node("Flatten", ["p"], ["f"]),
         helper.make_node("Gemm", ["f", "w3", "b3"], ["y"], transB=1)],
        [weights("w1", (4, 3, 3, 3)), weights("b1", (4,)), weights("scale", (4,)), weights("shift", (4,)),
         weights("mean", (4,)), numpy_helper.from_array(np.ones(4, np.float32), "variance"),
         weights("w2", (4, 1, 3, 3)), weights("w3", (5, 4)), weights("b3", (5,))], [1, 5])
    yield "shapes", model(
        [helper.make_node("Shape", ["x"], ["shape"]),
         helper.make_node("Gather", ["shape", "zero"], ["batch"]),
         helper.make_node("Concat", ["batch", "rest"], ["target"], axis=0),
         helper.make_node("Reshape", ["x", "target"], ["flat"]),
         helper.make_node("Transpose", ["flat"], ["turned"], perm=[0, 2, 1]),
         helper.make_node("Slice", ["turned", "starts", "ends", "axes", "steps"], ["cut"]),
         helper.make_node("Softmax", ["cut"], ["y"], axis=-1)],
        [numpy_helper.from_array(np.array([0], np.int64), "zero"),
         numpy_helper.from_array(np.array([3, -1], np.int64), "rest"),
         numpy_helper.from_array(np.array([1], np.int64), "starts"),
         numpy_helper.from_array(np.array([64], np.int64), "ends"),
         numpy_helper.from_array(np.array([1], np.int64), "axes"),
         numpy_helper.from_array(np.array([2], np.int64), "steps")], [1, 32, 3])
    yield "resize", model(
        [helper.make_node("MaxPool", ["x"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
         helper.make_node("Resize", ["p", "", "scales"], ["u"], mode="linear"),
         helper.make_node("Clip", ["u", "low", "high"], ["c"]),
         helper.make_node("Concat", ["c", "x"], ["y"], axis=1)],
        [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"),
         numpy_helper.from_array(np.array(0, np.float32), "low"),
         numpy_helper.from_array(np.array(6, np.float32), "high")], [1, 6, 8, 8])


def main():
    for name, made in models():
        path = HERE / "corpus" / "onnx" / f"{name}.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(made, path)
        with tempfile.TemporaryDirectory() as folder:
            rng = np.random.default_rng(7)
            for i in range(4):
                np.savez(pathlib.Path(folder) / f"{i}.npz", x=rng.standard_normal((1, 3, 8, 8)).astype(np.float32))
            package = HERE / "corpus" / "package" / f"{name}.esp"
            package.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([ESPALIER, "compile", path, "--calibration", folder, "-o", package], check=True)


if __name__ == "__main__":
    main()
