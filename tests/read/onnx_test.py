# ONNX operators by version and attribute: what espalier computes in float32 is what ONNX Runtime computes, and what it does
# not support is refused by a sentence. The models are the seeds of the fuzz corpus and the variants listed here.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import importlib.util
import os
import pathlib
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))

spec = importlib.util.spec_from_file_location("make_corpus", ROOT / "tests" / "fuzz" / "make_corpus.py")
make_corpus = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_corpus)
model, node, constant, weights = make_corpus.model, make_corpus.node, make_corpus.constant, make_corpus.weights


def variants():
    """(name, model): attributes and versions that the corpus does not hold."""
    for kind in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        for stride in (1, 2, 3):
            yield f"conv_{kind}_{stride}", model([node("Conv", ["x", "w"], auto_pad=kind, strides=[stride, stride])],
                                                 [weights("w", 2, 4, 3, 2)], [("x", [1, 4, 7, 8])])
    yield "conv_groups", model([node("Conv", ["x", "w", "b"], group=2, dilations=[2, 2], pads=[2, 1, 0, 1])],
                               [weights("w", 6, 2, 3, 3), weights("b", 6)])
    yield "conv_1d", model([node("Conv", ["x", "w", "b"], strides=[2], pads=[1, 2], dilations=[2], kernel_shape=[3])],
                           [weights("w", 2, 4, 3), weights("b", 2)], [("x", [2, 4, 9])])
    yield "conv_1d_same", model([node("Conv", ["x", "w"], auto_pad="SAME_LOWER")], [weights("w", 2, 4, 4)], [("x", [1, 4, 9])])
    yield "conv_of_a_batch", model([node("Conv", ["x", "w"])], [weights("w", 2, 4, 3, 3)], [("x", [3, 4, 5, 6])])
    for kernel, stride, dilation, pads, extra in (
            (2, 2, 1, [0, 0, 0, 0], [0, 0]), (3, 2, 1, [1, 1, 1, 1], [1, 1]), (4, 2, 1, [1, 1, 1, 1], [0, 0]), (3, 1, 1, [1, 1, 1, 1], [0, 0]),
            (3, 3, 2, [2, 0, 1, 3], [1, 2]), (1, 2, 1, [0, 0, 0, 0], [1, 0]), (5, 2, 1, [2, 2, 2, 2], [1, 0]), (2, 4, 3, [0, 1, 2, 0], [0, 3])):
        name = f"conv_transpose_{kernel}_{stride}_{dilation}_{''.join(map(str, pads + extra))}"
        options = dict(strides=[stride, stride], dilations=[dilation, dilation], pads=pads, output_padding=extra)
        yield name, model([node("ConvTranspose", ["x", "w", "b"], **options)],
                          [weights("w", 4, 3, kernel, kernel), weights("b", 3)], [("x", [1, 4, 5, 6])])
        yield f"{name}_groups", model([node("ConvTranspose", ["x", "w"], group=2, **options)],
                                      [weights("w", 4, 3, kernel, kernel)], [("x", [2, 4, 3, 4])])
    for kind in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield f"conv_transpose_{kind}", model([node("ConvTranspose", ["x", "w"], auto_pad=kind, strides=[2, 2])], [weights("w", 4, 3, 3, 3)])
    yield "conv_transpose_output_shape", model([node("ConvTranspose", ["x", "w"], output_shape=[17, 16], strides=[2, 2])],
                                               [weights("w", 4, 3, 3, 3)])
    for ceil in (0, 1):
        for pads in ([0, 0, 0, 0], [1, 0, 1, 1]):
            name = f"ceil{ceil}_pads{''.join(map(str, pads))}"
            yield f"max_pool_{name}", model([node("MaxPool", ["x"], kernel_shape=[3, 2], strides=[2, 3], pads=pads, ceil_mode=ceil)],
                                            (), [("x", [1, 4, 8, 9])])
            yield f"average_pool_{name}", model(
                [node("AveragePool", ["x"], kernel_shape=[3, 2], strides=[2, 3], pads=pads, ceil_mode=ceil)],
                (), [("x", [1, 4, 8, 9])], opset=19)
    yield "average_pool_counting_padding", model(
        [node("AveragePool", ["x"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)])
    yield "max_pool_dilated", model([node("MaxPool", ["x"], kernel_shape=[2, 2], dilations=[3, 2])])
    for opset in (8, 11, 13, 17):
        for axis in (1, 2, 3):
            yield f"softmax_{opset}_axis{axis}", model([node("Softmax", ["x"], axis=axis)], opset=opset)
        yield f"softmax_{opset}_default", model([node("Softmax", ["x"])], opset=opset)
    for keep in (0, 1):
        for axes in ([1], [2, 3], [-1, 1], [0, 1, 2, 3]):
            name = "_".join(map(str, axes))
            yield f"reduce_mean_{name}_keep{keep}", model([node("ReduceMean", ["x"], axes=axes, keepdims=keep)], opset=13)
            yield f"reduce_mean_18_{name}_keep{keep}", model([node("ReduceMean", ["x", "a"], keepdims=keep)],
                                                             [constant("a", axes, np.int64)], opset=18)
    yield "reduce_mean_of_all", model([node("ReduceMean", ["x"])], opset=13)
    yield "reduce_mean_of_nothing", model([node("ReduceMean", ["x"], noop_with_empty_axes=1)], opset=18)
    for coordinates in ("asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"):
        for scales in ([1, 1, 2, 2], [1, 1, 0.5, 1.5], [1, 1, 3, 0.3]):
            name = f"{coordinates}_{scales[2]}_{scales[3]}"
            yield f"resize_linear_{name}", model(
                [node("Resize", ["x", "", "s"], mode="linear", coordinate_transformation_mode=coordinates)], [constant("s", scales)])
            for rounding in ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"):
                yield f"resize_{rounding}_{name}", model(
                    [node("Resize", ["x", "", "s"], mode="nearest", coordinate_transformation_mode=coordinates, nearest_mode=rounding)],
                    [constant("s", scales)])
    for mode in ("linear", "cubic"):
        for scales in ([1, 1, 0.4, 2.5], [1, 1, 2, 0.6] if mode == "cubic" else [1, 0.5, 2, 1]):
            name = f"{mode}_{scales[1]}_{scales[2]}"
            yield f"resize_{name}", model([node("Resize", ["x", "", "s"], mode=mode)], [constant("s", scales)], [("x", [1, 4, 8, 8])])
        yield f"resize_{mode}_antialiased", model([node("Resize", ["x", "", "s"], mode=mode, antialias=1)], [constant("s", [1, 1, 0.4, 0.7])],
                                                  opset=18)
    yield "resize_nearest_of_all_axes", model([node("Resize", ["x", "", "s"])], [constant("s", [1, 2, 2, 0.5])])
    yield "conv_transpose_strides_1_3", model([node("ConvTranspose", ["x", "w"], strides=[1, 3])], [weights("w", 4, 3, 3, 2)])
    for mode in ("reflect", "edge"):
        yield f"pad_{mode}", model([node("Pad", ["x", "p"], mode=mode)], [constant("p", [0, 0, 1, 3, 0, 1, 2, 0], np.int64)])
    for policy in ("not_larger", "not_smaller"):
        for mode in ("nearest", "linear", "cubic"):
            yield f"resize_{mode}_{policy}", model(
                [node("Resize", ["x", "", "", "s"], mode=mode, axes=[2, 3], keep_aspect_ratio_policy=policy)],
                [constant("s", [10, 11], np.int64)], [("x", [2, 4, 7, 9])], opset=19)
    for scales in ([1, 1, 0.6, 0.45], [1, 1, 0.6, 2.5], [1, 0.5, 2, 2]):
        yield f"resize_10_nearest_{scales[1]}_{scales[3]}", model([node("Resize", ["x", "s"])], [constant("s", scales)], [("x", [2, 4, 7, 9])],
                                                                  opset=10)
    for p in (1, 2):
        yield f"lp_normalization_{p}_of_zeros", model([node("Mul", ["x", "c"], ["m"]), node("LpNormalization", ["m"], p=p, axis=1)],
                                                      [constant("c", [1, 0, 1, 0, 1, 1, 1, 1])])
    yield "resize_10", model([node("Resize", ["x", "s"], mode="linear")], [constant("s", [1, 1, 2, 2])], opset=10)
    yield "upsample_linear", model([node("Upsample", ["x", "s"], mode="linear")], [constant("s", [1, 1, 2, 2])], opset=9)
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        for shape in ([2, 4, 9], [1, 4, 3, 5, 2]):
            yield f"{op}_of_{len(shape)}_dimensions", model([node(op, ["x"])], (), [("x", shape)])
    # Tiles move, overlapping blocks add up, padding and gaps are left out; 1, 2 and 3 dimensions of the picture.
    for name, picture, block, places, attributes in (
            ("tiles", [6, 8], [3, 2], 8, dict(strides=[3, 2])), ("overlap", [5, 6], [3, 2], 15, {}),
            ("gaps", [7, 5], [2, 2], 12, dict(strides=[2, 1], dilations=[2, 1], pads=[1, 0, 0, 0])),
            ("row", [9], [3], 5, dict(strides=[2], pads=[1, 1])), ("volume", [4, 4, 3], [2, 2, 2], 8, dict(strides=[2, 2, 1]))):
        taps = int(np.prod(block))
        yield f"col2im_{name}", model([node("Col2Im", ["x", "p", "b"], **attributes)],
                                      [constant("p", picture, np.int64), constant("b", block, np.int64)], [("x", [2, 3 * taps, places])], opset=18)
    for trans_b in (0, 1):
        yield f"gemm_{trans_b}", model([node("Gemm", ["x", "w", "c"], transB=trans_b, beta=0.5)],
                                       [weights("w", *((3, 5) if trans_b else (5, 3))), weights("c", 4, 3)], [("x", [4, 5])])
    yield "gemm_transposed_input", model([node("Gemm", ["x", "w"], transA=1)], [weights("w", 4, 3)], [("x", [4, 5])])
    yield "matmul_of_three", model([node("MatMul", ["x", "w"])], [weights("w", 8, 3)], [("x", [2, 4, 8])])
    for axis in (0, 1, 2, 4, -1):
        yield f"flatten_{axis}", model([node("Flatten", ["x"], axis=axis)])
    yield "reshape_zero", model([node("Reshape", ["x", "s"])], [constant("s", [0, -1, 0], np.int64)])
    yield "squeeze_all", model([node("Squeeze", ["x"])], (), [("x", [1, 4, 1, 8])])
    yield "clip_without_bounds", model([node("Clip", ["x"])])
    yield "clip_upper", model([node("Clip", ["x", "", "h"])], [constant("h", 0.25)])
    yield "leaky_relu", model([node("LeakyRelu", ["x"], alpha=0.3)])
    yield "hard_sigmoid", model([node("HardSigmoid", ["x"], alpha=0.3, beta=0.4)])
    yield "elu", model([node("Elu", ["x"], alpha=0.5)])
    for op in ("Neg", "Abs", "Exp", "Erf", "Sin", "Cos", "Floor", "Ceil", "Softplus", "Reciprocal"):
        yield f"unary_{op}", model([node(op, ["x"])])
    for op in ("Log", "Sqrt"):
        yield f"unary_{op}", model([node("Abs", ["x"], ["a"]), node(op, ["a"])])
    yield "gelu", model([node("Gelu", ["x"])], opset=20)
    yield "mish", model([node("Mish", ["x"])], opset=18)
    for op in ("Max", "Min"):
        yield f"{op}_of_three", model([node(op, ["x", "c", "d"])], [weights("c", 8), constant("d", 0.1)])
    for exponent in (1, 2, 0.5, 3, -1.5):
        yield f"pow_{exponent}", model([node("Abs", ["x"], ["a"]), node("Pow", ["a", "e"])], [constant("e", exponent)])
    yield "pow_integer", model([node("Pow", ["x", "e"])], [constant("e", [2], np.int64)], opset=15)
    yield "pow_of_rows", model([node("Pow", ["x", "e"])], [constant("e", [0, 1, 2, 3, 4, 5, 6, 7])])
    yield "reduce_sum_11", model([node("ReduceSum", ["x"], axes=[1, -1], keepdims=0)], opset=11)
    yield "reduce_sum_13", model([node("ReduceSum", ["x", "a"])], [constant("a", [2, 3], np.int64)], opset=13)
    for shape in ([2, 4, 1, 8], [3, 1, 1, 1, 1], [1]):
        yield f"expand_{len(shape)}", model([node("Expand", ["x", "s"])], [constant("s", shape, np.int64)], [("x", [1, 4, 1, 8])])
    for mode in ("DCR", "CRD"):
        yield f"depth_to_space_{mode}", model([node("DepthToSpace", ["x"], blocksize=2, mode=mode)], (), [("x", [1, 8, 3, 4])])
    yield "div_by_itself_plus", model([node("Add", ["x", "c"], ["d"]), node("Div", ["x", "d"])], [constant("c", 100)])
    yield "broadcast_row", model([node("Sub", ["c", "x"])], [weights("c", 8)])
    yield "slice_backwards", model([node("Slice", ["x", "b", "e", "a", "s"])],
                                   [constant("b", [-1], np.int64), constant("e", [-(1 << 62)], np.int64),
                                    constant("a", [-1], np.int64), constant("s", [-3], np.int64)])
    yield "gather_of_a_scalar", model([node("Gather", ["x", "i"], axis=2)], [constant("i", 3, np.int64)])
    yield "pad_18_axes", model([node("Pad", ["x", "p", "", "a"])], [constant("p", [2, 1], np.int64), constant("a", [-2], np.int64)],
                               opset=18)
    yield "pad_crops", model([node("Pad", ["x", "p", "v"])],
                             [constant("p", [0, -1, 1, -2, 0, 0, -3, 4], np.int64), constant("v", -1.5)])
    yield "batch_norm_9", model([node("BatchNormalization", ["x", "s", "b", "m", "v"], epsilon=0.01)],
                                [weights("s", 4), weights("b", 4), weights("m", 4), constant("v", [1, 2, 3, 4])], opset=9)
    yield "split_2", model([node("Split", ["x"], ["y", "z"], axis=3, split=[3, 5])], outputs=("y", "z"), opset=2 + 9)
    yield "split_equal", model([node("Split", ["x"], ["y", "z"], axis=-1)], outputs=("y", "z"), opset=13)


MODELS = {**{f"corpus_{name}": made for name, made in make_corpus.onnx_models() if name != "unsupported"}, **dict(variants())}


def run(folder, made, inputs):
    onnx.save(made, folder / "net.onnx")
    np.savez(folder / "in.npz", **inputs)
    done = subprocess.run([CLI, "run", folder / "net.onnx", folder / "in.npz", "-o", folder / "out.npz"], capture_output=True, text=True)
    return done


@pytest.mark.parametrize("name", MODELS)
def test_float_results_are_onnx_runtimes(name, tmp_path):
    made = MODELS[name]
    session = onnxruntime.InferenceSession(made.SerializeToString())
    random = np.random.default_rng(1)
    inputs = {value.name: (2 * random.standard_normal(value.shape)).astype(np.float32) for value in session.get_inputs()}
    expected = dict(zip([output.name for output in session.get_outputs()], session.run(None, inputs)))
    done = run(tmp_path, made, inputs)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "out.npz") as got:
        assert sorted(got) == sorted(expected)
        for output, reference in expected.items():
            assert got[output].shape == reference.shape, output
            room = 1e-4 * (reference.max() - reference.min()) + 1e-6
            assert np.abs(got[output] - reference).max() <= room, output


def test_the_logarithm_of_sums_of_infinite_powers(tmp_path):
    x = np.array([[-np.inf, -np.inf], [np.inf, 1], [-np.inf, 2], [np.inf, -np.inf], [3, 90]], np.float32)
    made = model([node("ReduceLogSumExp", ["x"], axes=[1])], inputs=[("x", x.shape)])
    expected = onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"x": x})[0]
    assert np.isneginf(expected[0, 0]) and np.isposinf(expected[1, 0])
    done = run(tmp_path, made, {"x": x})
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "out.npz")["y"], expected, rtol=1e-6)


@pytest.mark.parametrize("raw", [False, True])
def test_bfloat16_constants_are_read_as_float32(raw, tmp_path):
    values = [1.0, -2.5, 3.140625, 0.0]
    bits = (np.array(values, np.float32).view(np.uint32) >> 16).astype(np.uint16)
    c = helper.make_tensor("c", TensorProto.BFLOAT16, [4], bits.tobytes() if raw else values, raw=raw)
    made = model([node("Cast", ["c"], ["f"], to=TensorProto.FLOAT), node("Add", ["x", "f"])], [c], [("x", [4])])
    done = run(tmp_path, made, {"x": np.zeros(4, np.float32)})
    assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "out.npz")["y"].tolist() == values


def test_an_element_type_that_is_not_read_is_named(tmp_path):
    c = helper.make_tensor("c", TensorProto.COMPLEX64, [1], [1 + 2j])
    done = run(tmp_path, model([node("Add", ["x", "c"])], [c]), {"x": np.zeros((1, 4, 8, 8), np.float32)})
    assert done.returncode == 2 and "COMPLEX64" in done.stderr


def test_concat_of_opset_1_joins_channels(tmp_path):
    # ONNX Runtime has none of this version; the schema's default is axis 1.
    done = run(tmp_path, model([node("Concat", ["x", "x"])], opset=1), {"x": np.ones((1, 4, 8, 8), np.float32)})
    assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "out.npz")["y"].shape == (1, 8, 8, 8)


@pytest.mark.parametrize("made, words", [
    (model([node("MaxPool", ["x"], ["y", "i"], kernel_shape=[2, 2]), node("Cast", ["i"], ["z"], to=TensorProto.FLOAT)],
           outputs=("y", "z")), ["not supported"]),
    (model([node("Pad", ["x", "p"], mode="mirror")], [constant("p", [0, 0, 1, 1, 0, 0, 1, 1], np.int64)]), ["mirror"]),
    (model([node("Resize", ["x", "", "s"], mode="area")], [constant("s", [1, 1, 2, 2])]), ["area"]),
    (model([node("Resize", ["x", "", "s"])], [constant("s", [1, 2, 2])]), ["3 scales for 4"]),
    (model([node("Conv", ["x", "w"])], [weights("w", 2, 4, 3, 3, 3)], [("x", [1, 4, 9, 9, 9])]), ["5 dimensions"]),
    (model([node("Conv", ["x", "w"])], [weights("w", 2, 3, 3, 3)]), ["channels", "4", "3"]),
    (model([node("Conv", ["x", "w"], strides=[0, 1])], [weights("w", 2, 4, 3, 3)]), ["strides", "0"]),
    (model([node("Conv", ["x", "w"], pads=[1, 1])], [weights("w", 2, 4, 3, 3)]), ["pads"]),
    (model([node("Conv", ["x", "w"])], [weights("w", 2, 4, 9, 3)]), ["9", "8"]),
    (model([node("Softmax", ["x"], axis=4)]), ["axis 4"]),
    (model([node("Reshape", ["x", "s"])], [constant("s", [7, -1], np.int64)]), ["256 elements"]),
    (model([node("Concat", ["x", "c"], axis=1)], [weights("c", 1, 4, 8, 9)]), ["joined"]),
    (model([node("Add", ["x", "c"])], [weights("c", 3)]), ["broadcast"]),
    (model([node("Add", ["x", "c"])], [constant("c", [1], np.int64)]), ["one type"]),
    (model([node("Add", ["x", "c"])], [constant("c", [1], np.float64)], opset=17), []),
    (model([node("Gather", ["x", "i"])], [constant("i", [5], np.int64)]), ["index 5"]),
    (model([node("Split", ["x"], ["y", "z"], axis=1, split=[1, 1])], opset=11), ["extent 4"]),
    (model([node("Transpose", ["x"], perm=[0, 1, 2, 2])]), ["permutation"]),
    (model([node("BatchNormalization", ["x", "s", "b", "m", "v"], training_mode=1)],
           [weights("s", 4), weights("b", 4), weights("m", 4), constant("v", [1, 2, 3, 4])], opset=15), ["training mode"]),
    (model([node("Dropout", ["x", "", "t"])], [constant("t", True, bool)], opset=13), ["training mode"]),
    (model([node("Gelu", ["x"], approximate="sine")], opset=20), ["approximate", "sine"]),
    (model([node("DepthToSpace", ["x"], blocksize=3)]), ["4 channels", "3 x 3"]),
    (model([node("ConvTranspose", ["x", "w"], strides=[1, 65])], [weights("w", 4, 3, 3, 3)]), ["strides of 1 x 65"]),
    (model([node("ConvTranspose", ["x", "w"])], [weights("w", 3, 3, 3, 3)]), ["input channels"]),
    (model([node("ConvTranspose", ["x", "w"], pads=[9, 0, 9, 0])], [weights("w", 4, 3, 3, 3)]), ["pads of 9 and 9"]),
    (model([node("LeakyRelu", ["x"], alpha=1)]), ["alpha", "real number"]),
    (model([node("Einsum", ["x"], equation="ab.d->bad.")]), ["character 2", "no letter"]),
    (model([node("Einsum", ["x"], equation="abc\x01->cba\x01")]), ["character 3", "no letter"]),
    (model([node("Einsum", ["x"], equation="...a......->...a")]), ["no letter"]),
    (model([node("Concat", ["x", "x"])]), ["axis is missing"]),
    (model([node("Clip", ["x", "l", "h"])], [constant("l", 6), constant("h", 0)]), ["clip from 6 to 0"]),
    (model([node("Concat", ["a", "a"], ["c"], axis=0), node("Cast", ["c"], ["f"], to=TensorProto.FLOAT), node("Add", ["x", "f"])],
           [constant("a", [1, 2, 3, 4], np.int8)]), ["one scale"]),
])
def test_what_is_not_supported_is_refused(made, words, tmp_path):
    done = run(tmp_path, made, {"x": np.zeros([dim.dim_value for dim in made.graph.input[0].type.tensor_type.shape.dim], np.float32)})
    if not words:  # a type that is read as another
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 2, done.stdout
    assert "node" in done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "out.npz").exists()
