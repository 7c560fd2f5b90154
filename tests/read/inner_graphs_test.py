# Graphs inside of an ONNX graph: model functions, which are inlined, and the branches of If, one of which takes the node's
# place. Names are the matter: each call and each branch has its own.
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

judge = pytest.importorskip("judge", reason="ONNX Runtime is not installed")

FLOAT = TensorProto.FLOAT
FEED = {"x": np.array([[0.5, -1.25, 2.0], [3.5, -0.75, 0.125]], np.float32)}
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("my", 1)]
node = helper.make_node


def call(function, inputs, outputs, **options):
    return node(function, inputs, outputs, domain="my", **options)


def check(folder, nodes, outputs, constants=None, functions=(), by=judge.theirs, **options):
    made = judge.model(nodes, FEED, dict.fromkeys(outputs, FLOAT), constants, functions, **options)
    done, got = judge.ours(folder, made, FEED)
    assert done.returncode == 0, done.stderr
    for name, expected in by(made, FEED).items():
        np.testing.assert_allclose(got[name], expected, rtol=1e-5, err_msg=name)


# y = exp(-x), through an inner tensor "t"
F = helper.make_function("my", "F", ["a"], ["b"], [node("Neg", ["a"], ["t"]), node("Exp", ["t"], ["b"])], OPSETS)


# ---- functions ----


def test_calls_of_one_name(tmp_path):
    check(tmp_path, [call("F", ["x"], ["y"], name="call"), call("F", ["y"], ["z"], name="call")], ["y", "z"], functions=[F],
          by=judge.reference)


def test_a_call_named_as_an_unnamed_one_is(tmp_path):
    check(tmp_path, [call("F", ["x"], ["y"], name="F1"), call("F", ["y"], ["z"])], ["y", "z"], functions=[F])


def test_an_inner_tensor_named_as_an_initializer(tmp_path):
    check(tmp_path, [call("F", ["x"], ["y"], name="call"), node("Add", ["y", "call/t"], ["z"])], ["z"],
          {"call/t": np.array([10, 20, 30], np.float32)}, [F])


def test_an_inner_tensor_named_as_a_tensor_of_the_graph(tmp_path):
    check(tmp_path, [node("Relu", ["x"], ["call/t"]), call("F", ["call/t"], ["y"], name="call")], ["y"], functions=[F])


def test_overloads(tmp_path):
    functions = [helper.make_function("my", "G", ["a"], ["b"], [node(op, ["a"], ["b"])], OPSETS, overload=overload)
                 for op, overload in (("Neg", "one"), ("Exp", "two"))]
    check(tmp_path, [call("G", ["x"], ["y"], name="a", overload="one"), call("G", ["x"], ["z"], name="b", overload="two")], ["y", "z"],
          functions=functions, ir_version=10)


def test_an_output_that_is_an_input(tmp_path):
    function = helper.make_function("my", "Pass", ["a"], ["a", "b"], [node("Neg", ["a"], ["b"])], OPSETS)
    check(tmp_path, [call("Pass", ["x"], ["y", "n"], name="q"), node("Relu", ["y"], ["z"])], ["z", "n"], functions=[function],
          by=judge.reference)


@pytest.mark.parametrize("innermost", [[], [node("Relu", ["a"], ["t"])]], ids=["empty", "of_one_node"])
def test_functions_that_double_40_times_are_refused(innermost, tmp_path):
    functions = [helper.make_function("my", f"F{i}", ["a"], ["t"], [call(f"F{i + 1}", ["a"], ["t"], name="l"),
                                                                   call(f"F{i + 1}", ["a"], ["u"], name="r")], OPSETS) for i in range(40)]
    functions.append(helper.make_function("my", "F40", ["a"], ["t"], innermost, OPSETS))
    made = judge.model([call("F0", ["x"], ["y"], name="top"), node("Relu", ["x"], ["z"])], FEED, {"z": FLOAT}, functions=functions)
    judge.check_refused(tmp_path, made, FEED, "65536 nodes and calls")


def test_two_functions_of_one_name_are_refused(tmp_path):
    made = judge.model([call("F", ["x"], ["y"])], FEED, {"y": FLOAT}, functions=[F, F])
    judge.check_refused(tmp_path, made, FEED, "two functions \"F\"")


# ---- branches ----


def branch(name, value, output):
    return helper.make_graph([node("Add", ["x", "w"], ["t"]), node("Relu", ["t"], [output])], name, [],
                             [helper.make_tensor_value_info(output, FLOAT, None)],
                             [numpy_helper.from_array(np.array([value], np.float32), "w")])


def choice(condition, output, values, inner):
    return node("If", [condition], [output], name=f"if_{output}", then_branch=branch(f"{output}_then", values[0], inner[0]),
                else_branch=branch(f"{output}_else", values[1], inner[1]))


CONDITIONS = {"yes": np.array(True), "no": np.array(False)}


@pytest.mark.parametrize("inner", [[("a", "b"), ("c", "d")], [("o", "o"), ("o", "o")]], ids=["outputs_of_their_own", "outputs_of_one_name"])
@pytest.mark.parametrize("second", CONDITIONS)
def test_branches_beside_one_another_have_their_own_tensors(inner, second, tmp_path):
    check(tmp_path, [choice("yes", "y", (1, 2), inner[0]), choice(second, "z", (10, 20), inner[1]), node("Mul", ["y", "z"], ["p"])],
          ["y", "z", "p"], CONDITIONS)


def test_a_branch_in_a_branch(tmp_path):
    inner = helper.make_graph([choice("no", "i", (3, 4), ("o", "o")), node("Neg", ["i"], ["n"])], "outer", [],
                              [helper.make_tensor_value_info("n", FLOAT, None)])
    nodes = [node("If", ["yes"], ["y"], name="outer", then_branch=inner, else_branch=branch("else", 2, "e")),
             choice("yes", "z", (10, 20), ("o", "o"))]
    check(tmp_path, nodes, ["y", "z"], CONDITIONS)


def test_a_tensor_made_twice_in_a_branch_is_refused(tmp_path):
    twice = helper.make_graph([node("Neg", ["x"], ["t"]), node("Exp", ["x"], ["t"])], "twice", [],
                              [helper.make_tensor_value_info("t", FLOAT, None)])
    made = judge.model([node("If", ["yes"], ["y"], then_branch=twice, else_branch=branch("else", 2, "e"))], FEED, {"y": FLOAT}, CONDITIONS)
    judge.check_refused(tmp_path, made, FEED, "\"t\"", "twice")
