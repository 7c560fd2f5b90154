"""Writes the seeds of the fuzz targets to tests/fuzz/corpus/<target>/: small files that reach every reader and operator.

    .venv/bin/python tests/fuzz/make_corpus.py --cli build/release/espalier

Files whose name begins with "found" were found by a fuzzer; they are kept as they are.
"""

import argparse
import pathlib
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
RANDOM = np.random.default_rng(1)


def constant(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.asarray(values, dtype), name)


def weights(name, *shape):
    return constant(name, RANDOM.uniform(-1, 1, shape))


def model(nodes, initializers=(), inputs=(("x", [1, 4, 8, 8]),), outputs=("y",), opset=17):
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs], list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(op, inputs, outputs=("y",), **attributes):
    return helper.make_node(op, list(inputs), list(outputs), name=f"n_{op}_{outputs[0]}", **attributes)


def onnx_models():
    """(name, model): each converter once or more, and networks that make the passes work."""
    yield "conv", model([node("Conv", ["x", "w", "b"], pads=[1, 1, 1, 1])], [weights("w", 3, 4, 3, 3), weights("b", 3)])
    yield "conv_same", model([node("Conv", ["x", "w"], auto_pad="SAME_UPPER", strides=[2, 2])], [weights("w", 2, 4, 3, 3)])
    yield "depthwise", model([node("Conv", ["x", "w"], group=4, dilations=[2, 1])], [weights("w", 4, 1, 3, 3)])
    yield "batch_norm", model(
        [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["n"]),
         node("Relu", ["n"])],
        [weights("w", 2, 4, 1, 1), weights("s", 2), weights("b", 2), weights("m", 2), constant("v", [1, 2])])
    yield "gemm", model([node("Flatten", ["x"], ["f"]), node("Gemm", ["f", "w", "b"], transB=1, alpha=0.5, beta=2.0)],
                        [weights("w", 3, 32), weights("b", 3)], [("x", [1, 2, 4, 4])])
    yield "matmul", model([node("MatMul", ["x", "w"])], [weights("w", 8, 3)])
    for op in ("MaxPool", "AveragePool"):
        yield op.lower(), model([node(op, ["x"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)])
    yield "global_average", model([node("GlobalAveragePool", ["x"])])
    yield "reduce_mean_13", model([node("ReduceMean", ["x"], axes=[2, 3], keepdims=0)], opset=13)
    yield "reduce_mean_18", model([node("ReduceMean", ["x", "a"])], [constant("a", [-1], np.int64)], opset=18)
    yield "softmax_11", model([node("Softmax", ["x"], axis=1)], opset=11)
    yield "softmax_13", model([node("Softmax", ["x"], axis=1)], opset=13)
    for op in ("Add", "Sub", "Mul", "Div"):
        yield op.lower(), model([node(op, ["x", "c"])], [weights("c", 4, 1, 1)])
    for op in ("Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "Tanh", "Identity"):
        yield op.lower(), model([node(op, ["x"])])
    yield "hard_swish", model([node("HardSwish", ["x"])], opset=14)
    yield "silu", model([node("Sigmoid", ["x"], ["s"]), node("Mul", ["x", "s"])])
    yield "clip_6", model([node("Clip", ["x"], min=0.0, max=6.0)], opset=8)
    yield "clip_11", model([node("Clip", ["x", "", "h"])], [constant("h", 6)], opset=11)
    yield "dropout", model([node("Dropout", ["x"])])
    yield "cast", model([node("Cast", ["x"], ["i"], to=TensorProto.INT32), node("Cast", ["i"], to=TensorProto.FLOAT)])
    yield "constants", model(
        [node("Constant", [], ["a"], value=constant("a", [[1], [2], [3], [4]])),
         node("Constant", [], ["s"], value_ints=[4, 1, 1]), node("Reshape", ["a", "s"], ["c"]),
         node("Constant", [], ["f"], value_float=0.5), node("Mul", ["c", "f"], ["d"]), node("Add", ["x", "d"])])
    yield "constant_of_shape", model(
        [node("ConstantOfShape", ["s"], ["c"], value=constant("v", [2])), node("Add", ["x", "c"])],
        [constant("s", [1, 4, 1, 1], np.int64)])
    yield "shape_arithmetic", model(
        [node("Shape", ["x"], ["s"]), node("Gather", ["s", "i"], ["n"]), node("Unsqueeze", ["n", "z"], ["u"]),
         node("Concat", ["u", "m"], ["t"], axis=0), node("Reshape", ["x", "t"])],
        [constant("i", 0, np.int64), constant("z", [0], np.int64), constant("m", [-1], np.int64)])
    yield "squeeze", model([node("Unsqueeze", ["x", "a"], ["u"]), node("Squeeze", ["u", "a"])],
                           [constant("a", [0, 3], np.int64)])
    yield "squeeze_11", model([node("Unsqueeze", ["x"], ["u"], axes=[1]), node("Squeeze", ["u"], axes=[1])], opset=11)
    yield "transpose", model([node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]), node("Relu", ["t"], ["r"]),
                              node("Transpose", ["r"], perm=[0, 3, 1, 2])])
    yield "split_11", model([node("Split", ["x"], ["a", "b"], axis=1, split=[1, 3]),
                             node("Concat", ["b", "a"], axis=1)], opset=11)
    yield "split_18", model([node("Split", ["x"], ["a", "b", "c"], axis=2, num_outputs=3),
                             node("Concat", ["a", "c"], axis=2)], opset=18)
    yield "slice_9", model([node("Slice", ["x"], starts=[1], ends=[-1], axes=[2])], opset=9)
    yield "slice_13", model([node("Slice", ["x", "b", "e", "a", "s"])],
                            [constant("b", [7, 0], np.int64), constant("e", [-100, 100], np.int64),
                             constant("a", [2, 3], np.int64), constant("s", [-2, 3], np.int64)])
    yield "pad", model([node("Pad", ["x", "p", "v"], ["q"]), node("Conv", ["q", "w"])],
                       [constant("p", [0, 0, 1, 1, 0, 0, 1, -1], np.int64), constant("v", 0.0), weights("w", 2, 4, 3, 3)])
    yield "pad_10", model([node("Pad", ["x"], pads=[0, 0, 1, 0, 0, 0, 0, 1], value=1.0)], opset=10)
    yield "gather", model([node("Gather", ["x", "i"], axis=1)], [constant("i", [3, -1], np.int64)])
    yield "space_to_depth", model([node("SpaceToDepth", ["x"], blocksize=2)])
    yield "resize", model([node("Resize", ["x", "", "s"], mode="linear", coordinate_transformation_mode="half_pixel")],
                          [constant("s", [1, 1, 2, 2])])
    yield "resize_sizes", model(
        [node("Resize", ["x", "", "", "z"], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")],
        [constant("z", [1, 4, 5, 11], np.int64)])
    yield "upsample", model([node("Upsample", ["x", "s"], mode="nearest")], [constant("s", [1, 1, 2, 2])], opset=9)
    yield "focus", model(
        [node("Slice", ["x", f"b{i}", "e", "a", "s"], [f"s{i}"]) for i in range(4)] +
        [node("Concat", [f"s{i}" for i in range(4)], ["c"], axis=1), node("Conv", ["c", "w"])],
        [constant(f"b{i}", [i % 2, i // 2], np.int64) for i in range(4)] +
        [constant("e", [100, 100], np.int64), constant("a", [2, 3], np.int64), constant("s", [2, 2], np.int64),
         weights("w", 2, 16, 1, 1)])
    yield "residual", model(
        [node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]), node("Clip", ["c", "l", "h"], ["r"]),
         node("Add", ["r", "x"], ["a"]), node("Conv", ["a", "w"], ["d"], pads=[1, 1, 1, 1]),
         node("Concat", ["d", "a"], ["k"], axis=1), node("Sigmoid", ["k"])],
        [weights("w", 4, 4, 3, 3), constant("l", 0.0), constant("h", 6.0)])
    unsupported = model([node("Einsum", ["x", "x"], equation="abcd,abcd->abcd")])
    yield "unsupported", unsupported
    yield "raw_types", model(
        [node("Cast", [f"c{i}"], [f"f{i}"], to=TensorProto.FLOAT) for i in range(6)] +
        [node("Concat", [f"f{i}" for i in range(6)], ["c"], axis=0), node("ReduceMean", ["c"], ["m"]), node("Add", ["x", "m"])],
        [constant(f"c{i}", [0, 1], dtype) for i, dtype in
         enumerate((np.float64, np.float16, np.uint8, np.bool_, np.uint32, np.int16))])
    blocks = [constant("p", [5, 6], np.int64), constant("b", [3, 2], np.int64)]
    yield "col2im", model([node("Col2Im", ["x", "p", "b"])], blocks, [("x", [1, 12, 15])], opset=18)
    yield "col2im_tiles", model([node("Col2Im", ["x", "p", "b"], strides=[3, 2])],
                                [constant("p", [6, 4], np.int64), blocks[1]], [("x", [1, 12, 4])], opset=18)


def quantized_models():
    """(name, model): files that hold scales of their own, as ONNX Runtime's quantizer, PyTorch and tf2onnx write them."""
    scales = [constant("s", 0.05), constant("z", 120, np.uint8), constant("t", 0.01), constant("zs", 0, np.int8),
              constant("u", 0.02), constant("v", 100, np.uint8), constant("sw", [0.01, 0.02, 0.03]), constant("zw", [0, 0, 0], np.int8)]
    w = constant("w", RANDOM.integers(-128, 127, (3, 4, 3, 3)), np.int8)
    b = constant("b", [5, -7, 70000], np.int32)
    first = [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "z"], ["d"])]
    last = [node("QuantizeLinear", ["c", "u", "v"], ["p"]), node("DequantizeLinear", ["p", "u", "v"])]
    yield "qdq_conv", model(
        first + [node("DequantizeLinear", ["w", "sw", "zw"], ["k"], axis=0), node("DequantizeLinear", ["b", "sb"], ["e"], axis=0),
                 node("Conv", ["d", "k", "e"], ["f"]), node("Clip", ["f", "l", "h"], ["c"])] + last,
        scales + [w, b, constant("sb", np.float32(0.05) * np.float32([0.01, 0.02, 0.03])), constant("l", -0.5), constant("h", 1.0)])
    yield "qdq_real_bias", model(
        first + [node("DequantizeLinear", ["w", "t", "zs"], ["k"]), node("Conv", ["d", "k", "e"], ["f"]), node("Transpose", ["f"], ["g"], perm=[0, 2, 3, 1]),
                 node("Reshape", ["g", "n"], ["c"])] + last, scales + [w, weights("e", 3), constant("n", [36, 3], np.int64)])
    yield "qdq_weights_quantized_in_the_file", model(
        first + [node("QuantizeLinear", ["r", "sw", "zw"], ["i"], axis=0), node("DequantizeLinear", ["i", "sw", "zw"], ["k"], axis=0),
                 node("Conv", ["d", "k"], ["c"])] + last, scales + [weights("r", 3, 4, 1, 1)])
    yield "qdq_moves", model(
        first + [node("MaxPool", ["d"], ["m"], kernel_shape=[2, 2], strides=[2, 2]), node("Split", ["m"], ["a", "e"], axis=1),
                 node("Concat", ["e", "a"], ["g"], axis=1), node("Resize", ["g", "", "n"], ["c"], mode="nearest")] + last,
        scales + [constant("n", [1, 1, 2, 2])])
    yield "qdq_island", model(
        first + [node("Softmax", ["d"], ["f"], axis=1), node("Sigmoid", ["d"], ["g"]), node("Add", ["f", "g"], ["c"])] + last, scales)
    yield "integers_that_move", model(
        [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Clip", ["q", "l", "h"], ["a"]), node("Pad", ["a", "n"], ["e"]),
         node("Transpose", ["e"], ["f"], perm=[0, 2, 3, 1]), node("DequantizeLinear", ["f", "s", "z"])],
        scales + [constant("l", 3, np.uint8), constant("h", 200, np.uint8), constant("n", [0, 0, 1, 1, 0, 0, 0, 0], np.int64)])
    yield "qlinear_conv", model(
        [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("QLinearConv", ["q", "s", "z", "w", "sw", "zw", "u", "v", "b"], ["p"], pads=[1, 1, 1, 1]),
         node("Cast", ["p"], ["i"], to=TensorProto.INT32), node("Gather", ["e", "i"], ["f"]), node("DequantizeLinear", ["f", "u", "v"])],
        scales + [w, b, constant("e", RANDOM.permutation(256), np.uint8)])
    yield "qlinear_matmul", model(
        [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("QLinearMatMul", ["q", "s", "z", "w", "sw", "zw", "u", "v"], ["p"]),
         node("DequantizeLinear", ["p", "u", "v"])], scales + [constant("w", RANDOM.integers(-128, 127, (8, 3)), np.int8)])
    contrib = model(
        [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("QLinearAdd", ["q", "s", "z", "q", "s", "z", "u", "v"], ["a"], domain="com.microsoft"),
         node("QLinearMul", ["a", "u", "v", "q", "s", "z", "u", "v"], ["e"], domain="com.microsoft"),
         node("QLinearConcat", ["s", "z", "a", "u", "v", "e", "u", "v"], ["f"], domain="com.microsoft", axis=1),
         node("QLinearAveragePool", ["f", "s", "z", "u", "v"], ["g"], domain="com.microsoft", kernel_shape=[2, 2]),
         node("QLinearSigmoid", ["g", "u", "v", "t", "z"], ["h"], domain="com.microsoft"),
         node("QLinearLeakyRelu", ["h", "t", "z", "u", "v"], ["i"], domain="com.microsoft"),
         node("QLinearSoftmax", ["i", "u", "v", "t", "z"], ["j"], domain="com.microsoft", axis=1, opset=17),
         node("QLinearGlobalAveragePool", ["j", "t", "z", "u", "v"], ["k"], domain="com.microsoft"),
         node("Reshape", ["k", "n"], ["m"]),
         node("QGemm", ["m", "u", "v", "w", "sw", "zw", "b", "u", "v"], ["o"], domain="com.microsoft", transB=1, alpha=0.5),
         node("DequantizeLinear", ["o", "u", "v"])],
        scales + [constant("n", [1, 8], np.int64), constant("w", RANDOM.integers(-128, 127, (3, 8)), np.int8), b])
    contrib.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    yield "qlinear_of_microsoft", contrib
    yield "integer_products", model(
        [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("ConvInteger", ["q", "w", "z", "zs"], ["i"]), node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
         node("MatMulInteger", ["q", "k"], ["j"]), node("Cast", ["j"], ["g"], to=TensorProto.FLOAT), node("ReduceMean", ["g"], ["h"]), node("Add", ["f", "h"])],
        scales + [constant("w", RANDOM.integers(-9, 9, (2, 4, 3, 3)), np.int8), constant("k", RANDOM.integers(0, 9, (8, 2)), np.uint8)])
    yield "dynamic", model([node("DynamicQuantizeLinear", ["x"], ["q", "a", "e"]), node("DequantizeLinear", ["q", "a", "e"])])


def onnx_regressions():
    """Files that a release once crashed on, hung on, or took all memory for."""
    yield "int8_concat", model(  # integers without a scale, where the operator computes with scales
        [node("Concat", ["a", "a"], ["c"], axis=0), node("Cast", ["c"], ["f"], to=TensorProto.FLOAT), node("Add", ["x", "f"])],
        [constant("a", [1, 2, 3, 4], np.int8)])
    yield "int8_conv", model(
        [node("Conv", ["a", "w"], ["c"]), node("Cast", ["c"], ["f"], to=TensorProto.FLOAT), node("Add", ["x", "f"])],
        [constant("a", np.ones((1, 1, 8, 8)), np.int8), constant("w", np.ones((1, 1, 1, 1)), np.int8)])
    yield "pad_and_padding", model(  # each is permitted, their sum is not
        [node("Pad", ["x", "p"], ["q"]), node("Conv", ["q", "w"], pads=[1 << 24, 0, 0, 0])],
        [constant("p", [0, 0, 1 << 24, 0, 0, 0, 0, 0], np.int64), weights("w", 1, 4, 1, 1)])
    yield "constants_without_bound", model(
        [node("ConstantOfShape", ["s"], ["c"]), node("Concat", ["c", "c", "c"], ["d"], axis=0), node("Add", ["x", "d"])],
        [constant("s", [1 << 24, 8], np.int64)])
    yield "expensive_constant", model(
        [node("ConstantOfShape", ["s"], ["c"]), node("AveragePool", ["c"], ["p"], kernel_shape=[1000, 1000]), node("Add", ["x", "p"])],
        [constant("s", [1, 1, 1500, 1500], np.int64)])
    yield "split_sizes", model([node("Split", ["x"], ["y", "a", "b"], axis=1, split=[1 << 62, 1 << 62, 1 << 62])], opset=11)
    yield "huge_resize", model([node("Resize", ["x", "", "s"])], [constant("s", [1, 1, 1e5, 1e5])], [("x", [1, 1, 1 << 20, 1 << 19])])
    yield "no_elements", model([node("Slice", ["x", "b", "e"], ["s"]), node("Mul", ["s", "w"])],
                               [constant("b", [1, 1, 1, 1], np.int64), constant("e", [1, 1, 1, 1], np.int64), weights("w", 1)])
    yield "slice_step", model([node("Slice", ["x", "b", "e", "a", "s"])],
                              [constant(name, [value], np.int64) for name, value in (("b", 1), ("e", 2), ("a", 2), ("s", 1 << 62))])
    yield "many_macs", model([node("Conv", ["x", "w"])], [weights("w", 2, 1, 8, 8)], [("x", [1, 1, 1 << 20, 1 << 20])])


GRAPH_TEXT_REGRESSIONS = {
    "no_scale": "%x = input s8[2]\n%y = dequantize %x\noutput %y\n",
    "infinite_multiplier": "%x = input s8[2]{scale=1e38,zero_point=0}\n%y = mul %x %x -> s8[2]{scale=1e-38,zero_point=0}\noutput %y\n",
    "sum_of_products": "%x = input s8[1,70000]{scale=1.0,zero_point=-128}\n%y = linear %x w=s8:splat(127)[1,70000]"
                       "{scale=1.0,zero_point=0} -> s8[1,1]{scale=1.0,zero_point=0}\noutput %y\n",
    "no_elements": "%x = input f32[1,4,4,0]\n%y = conv2d %x w=values()[0,1,1,0]\n%z = mul %y b=values(2)[1]\noutput %z\n",
    "scales_of_no_index": "%x = input s8[0,2]{scale=[.],axis=0,zero_point=0} user=f32[0,2] permutation=[]\n%y = dequantize %x\noutput %y\n",
    "empty_clip": "%x = input f32[2]\n%y = add %x %x\n%z = clip %y clip_min=6.0 clip_max=0.0\noutput %z\n",
    "port_type": "%x = input f32[2] user=s32[2] permutation=[]\noutput %x\n",
    "constants_without_bound": "output splat(1)[33554432]\noutput splat(1)[33554432]\noutput splat(1)[33554432]\n",
    "block_overflow": "%x = input f32[1,0,0,1099511627776]\n%y = space_to_depth %x block=64\noutput %y\n",
    "kind_of_attribute": "%x = input f32[1,2,2,1]\n%y = conv2d %x w=splat(1)[1,1,1,1] groups=1.0\noutput %y\n",
}

GRAPH_TEXTS = {
    "float_network": """%x = input f32[1,6,6,4] user=f32[1,4,6,6] permutation=[0,2,3,1] @"image"
%c = conv2d %x w=random(1)[8,3,3,4] bias=values(0,0.5,1,2,-1,-2,3,4)[8] padding=[1,1,1,1] activation="clip" clip_min=0.0 clip_max=6.0 @"block/conv"
%d = conv2d %c w=random(2)[8,3,3,1] groups=8 strides=[2,2] dilations=[1,1]
%p = max_pool %c kernel=[2,2] strides=[2,2]
%m = reduce_mean %p axes=[1,2]
%l = linear %m w=splat(0.25)[3,8]
%s = softmax %l
output %d
output %s @"scores"
""",
    "elementwise": """%x = input f32[2,3]
%a = add %x b=values(1,-2.5,inf)[3]
%b = sub %a b=values(3)[1]
%c = mul %a %b
%d = div %c b=splat(2)[2,3]
%e = silu %d
%f = hard_swish %e
%g = leaky_relu %f alpha=0.1
%h = hard_sigmoid %g alpha=0.2 beta=0.5
%i = tanh %h
%j = clip %i clip_min=-1.0 clip_max=1.0
output %j
""",
    "moves": """%x = input f32[1,4,4,2]
%t = transpose %x permutation=[0,3,1,2]
%r = reshape %t shape=[2,16]
%s = slice %r begin=[1,0] end=[2,9] step=[1,3]
%p = pad %s before=[1,0] after=[0,2] value=1.5
%c = concat %p %p axis=0
%g = gather %c indices=s64:values(2,0)[2] axis=0
%d = space_to_depth %x block=2
%z = resize %d size=[3,5] scales=[1.5,2.5] mode="linear" coordinates="half_pixel"
%y = cast %g to="s32"
output %y
output %z
""",
    "integer_network": """%x = input s8[1,4,4,2]{scale=0.05,zero_point=-3} user=f32[1,4,4,2] permutation=[]
%c = conv2d %x w=s8:random(1)[3,3,3,2]{scale=[0.01,0.02,0.03],axis=0,zero_point=0} bias=s32:values(10,-20,30)[3] activation="relu" padding=[1,1,1,1] -> s8[1,4,4,3]{scale=0.1,zero_point=-128}
%t = table %c entries=s8:random(2)[256] function="silu" -> s8[1,4,4,3]{scale=0.02,zero_point=4}
%a = add %c %t -> s8[1,4,4,3]{scale=0.11,zero_point=0}
%k = concat %a %t axis=3 -> s8[1,4,4,6]{scale=0.1,zero_point=1}
%p = average_pool %k kernel=[2,2] strides=[2,2] -> s8[1,2,2,6]{scale=0.09,zero_point=1}
%m = reduce_mean %p axes=[1,2] -> s8[1,1,1,6]{scale=0.08,zero_point=0}
%l = linear %m w=s8:random(3)[2,6]{scale=0.01,zero_point=0} bias=s32:values(5,-5)[2] -> s8[1,1,1,2]{scale=0.1,zero_point=0}
%d = dequantize %l
%q = quantize %d -> s8[1,1,1,2]{scale=0.5,zero_point=7}
%n = pad %q before=[0,0,0,1] after=[0,0,0,0] value=1.0 -> s8[1,1,1,3]{scale=0.5,zero_point=7}
output %n user=f32[1,1,1,3] permutation=[] @"scores"
output %d
""",
    "depthwise_integer": """%x = input s8[1,5,5,40]{scale=0.05,zero_point=9} user=f32[1,5,5,40] permutation=[]
%c = conv2d %x w=s8:random(1)[40,3,3,1]{scale=0.02,zero_point=0} groups=40 padding=[1,1,1,1] -> s8[1,5,5,40]{scale=0.1,zero_point=5}
%m = mul %c %x -> s8[1,5,5,40]{scale=0.3,zero_point=2}
%s = sub %m %c -> s8[1,5,5,40]{scale=0.3,zero_point=2}
%z = resize %s size=[7,7] scales=[1.4,1.4] mode="nearest" coordinates="asymmetric" rounding="floor" -> s8[1,7,7,40]{scale=0.3,zero_point=2}
output %z user=f32[1,7,7,40] permutation=[]
""",
    "constant_output": """%x = input f32[1]
%y = relu %x
output values(1,2,nan)[3]
output %y
""",
}

RECIPES = {
    "letterbox": b'{"size": [416, 416], "geometry": "letterbox", "pad_value": 114, "anchor": "top_left", "color": "bgr"}',
    "crop": b'{"size": [224, 224], "geometry": "short_side_crop", "resize_short": 256, "filter": "bicubic", '
            b'"antialias": false, "add": [-123.7, -116.3, -103.5], "mul": [0.017, 0.018, 0.0174], "input": "images"}',
}


def write(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def write_packages(cli):
    """Compiles three of the models; the packages change only when the format or the arithmetic does."""
    models = dict(onnx_models())
    for name in ("residual", "gemm", "focus"):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            onnx.save(models[name], folder / "model.onnx")
            (folder / "samples").mkdir()
            shape = [dim.dim_value for dim in models[name].graph.input[0].type.tensor_type.shape.dim]
            np.savez(folder / "samples" / "sample.npz", x=RANDOM.standard_normal(shape).astype(np.float32))
            subprocess.run([cli, "compile", folder / "model.onnx", "--calibration", folder / "samples", "-o",
                            folder / "model.esp"], check=True, stdout=subprocess.DEVNULL)
            write("package", f"{name}.esp", (folder / "model.esp").read_bytes())


def decode_seeds():
    """(name, bytes): for each decoder the shapes that it takes, then shapes of any kind; quiet values and loud ones."""
    generator = np.random.default_rng(2)
    decoder_count = len((ROOT / "src" / "decode" / "decoders.inc").read_text().split("DECODER(")) - 2  # one in the comment
    for decoder in range(decoder_count):
        for fits in (0, 1):
            geometry = bytes([0, 1, 0, 3, 16, 1, 40, 50]) if fits else bytes([8, 12, 0, 3, 16, 1, 40, 50])
            values = generator.integers(8, 256, 900, dtype=np.uint8).tobytes()
            yield f"decoder_{decoder:02}_{'fits' if fits else 'any'}.bin", bytes([decoder, fits]) + geometry + values


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", default=ROOT / "build" / "release" / "espalier", help="the espalier command")
    options = parser.parse_args()
    for name, made in onnx_models():
        write("onnx", f"{name}.onnx", made.SerializeToString())
    for name, made in onnx_regressions():
        write("onnx", f"regression_{name}.onnx", made.SerializeToString())
    for name, text in GRAPH_TEXT_REGRESSIONS.items():
        write("graph_text", f"regression_{name}.txt", text.encode())
    for name, text in GRAPH_TEXTS.items():
        write("graph_text", f"{name}.txt", text.encode())
    for name, text in RECIPES.items():
        write("recipe", f"{name}.json", text)
    fixtures = ROOT / "tests" / "dataset" / "fixtures"
    for path in sorted(fixtures.iterdir()):
        if path.suffix in (".png", ".jpg", ".bmp") and path.stat().st_size < 4000:
            write("image", path.name, path.read_bytes())
        if path.suffix == ".npz" and path.stat().st_size < 4000:
            write("npz", path.name, path.read_bytes())
    for name, content in decode_seeds():
        write("decode", name, content)
    write_packages(options.cli)
    for name, made in quantized_models():
        write("onnx", f"{name}.onnx", made.SerializeToString())


if __name__ == "__main__":
    main()
