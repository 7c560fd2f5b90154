# Whole numbers of ONNX: powers, and unsigned ones that the graph holds in signed types. What wraps in the file wraps here,
# and what cannot is refused.
import numpy as np
import pytest
from onnx import TensorProto, helper

judge = pytest.importorskip("judge", reason="ONNX Runtime is not installed")

node = helper.make_node
U16, U32, U64 = np.uint16, np.uint32, np.uint64
KINDS = {kind: helper.np_dtype_to_tensor_dtype(np.dtype(kind)) for kind in (np.int32, np.int64, U16, U32, U64, np.float32)}
READ_AS = {U16: np.int32, U32: np.int64, U64: np.int64}


def check(folder, nodes, feed, kind, constants=None, by=judge.theirs):
    """`nodes` make "y" of the type `kind`."""
    made = judge.model(nodes, feed, {"y": KINDS[kind]}, constants)
    fed = {name: array.astype(READ_AS.get(array.dtype.type, array.dtype)) for name, array in feed.items()}
    done, got = judge.ours(folder, made, fed)
    assert done.returncode == 0, done.stderr
    expected = by(made, feed)["y"]
    assert got["y"].dtype == READ_AS.get(kind, kind)
    np.testing.assert_array_equal(got["y"], expected)


# ---- powers ----


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@pytest.mark.parametrize("base, exponent", [
    ([3, -7, 10, -1, 0], [9, 9, 9, 7, 0]),
    ([2**24 + 1, 4097, 70000, -70000, 2**31 - 1], [2, 2, 2, 2, 2]),
    ([2**21 + 1, 4097, 70000, -70000, 3], [3, 3, 3, 3, 3]),
    ([1, -1, -1, 2, -5, 0], [-3, -3, -4, -1, -2, -1]),
])
def test_powers(base, exponent, kind, tmp_path):
    # ONNX Runtime multiplies for one exponent of 2 or 3 only, and takes reals for the others.
    constant = {"e": np.array(exponent[0], kind)} if len(set(exponent)) == 1 else {"e": np.array(exponent, kind)}
    check(tmp_path, [node("Pow", ["x", "e"], ["y"])], {"x": np.array(base, kind)}, kind, constant)


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_a_power_beyond_its_type_wraps(kind, tmp_path):
    feed = {"x": np.array([3, 7, 10, -3, 2], kind), "e": np.array([45, 30, 25, 41, 64], kind)}
    check(tmp_path, [node("Pow", ["x", "e"], ["y"])], feed, kind, by=judge.reference)


def test_a_power_of_another_type(tmp_path):
    check(tmp_path, [node("Pow", ["x", "e"], ["y"])], {"x": np.array([4097, -70001, 3], np.int32)}, np.int32, {"e": np.array(2, np.int64)})


# ---- unsigned ----


@pytest.mark.parametrize("start, values, kind", [
    (np.int32, [-1, 5, -(1 << 31)], U32), (np.int64, [-1, (1 << 32) + 3, 7], U32), (np.int32, [-1, 70000, 3], U16),
    (np.int64, [-1, 1 << 40, 70000], U16), (U32, [(1 << 32) - 1, 1 << 16, 5], U16), (U16, [65535, 3, 0], U64), (U32, [(1 << 32) - 1, 0, 9], U64),
    (U16, [65535, 4, 0], np.int32), (U32, [(1 << 32) - 1, 4, 0], np.int64), (U32, [(1 << 32) - 1, 4, 0], np.int32),
    (np.float32, [65535.5, 3.7, 0], U16), (np.float32, [3e9, 3.7, 0], U32)])
def test_casts(start, values, kind, tmp_path):
    check(tmp_path, [node("Cast", ["x"], ["y"], to=KINDS[kind])], {"x": np.array(values, start)}, kind)
    like = {"like": np.zeros(1, kind)}
    check(tmp_path, [node("CastLike", ["x", "like"], ["y"])], {"x": np.array(values, start)}, kind, like, by=judge.reference)


def test_a_cast_to_s64_is_no_longer_unsigned(tmp_path):
    nodes = [node("Cast", ["x"], ["s"], to=TensorProto.INT64), node("Mul", ["s", "s"], ["y"])]
    check(tmp_path, nodes, {"x": np.array([1 << 20, 3], U32)}, np.int64)


@pytest.mark.parametrize("kind", [U16, U32])
@pytest.mark.parametrize("op", ["Add", "Sub", "Mul"])
def test_arithmetic_wraps(op, kind, tmp_path):
    top = np.iinfo(kind).max
    feed = {"x": np.array([top, 1, 40000, 7], kind), "z": np.array([top, 2, 50000, 5], kind)}
    nodes = [node(op, ["x", "z"], ["t"]), node("Reshape", ["t", "s"], ["r"]), node("Sub", ["r", "one"], ["d"]),
             node("Cast", ["d"], ["y"], to=TensorProto.FLOAT)]
    check(tmp_path, nodes, feed, np.float32, {"s": np.array([2, 2]), "one": np.array(1, kind)}, by=judge.reference)


def test_unsigned_constants_of_a_branch_and_of_a_node(tmp_path):
    one = helper.make_tensor("one", TensorProto.UINT32, [1], [1])
    branch = helper.make_graph([node("Constant", [], ["c"], value=one)], "b", [], [helper.make_tensor_value_info("c", TensorProto.UINT32, [1])])
    nodes = [node("If", ["yes"], ["k"], then_branch=branch, else_branch=branch), node("Sub", ["x", "k"], ["y"])]
    check(tmp_path, nodes, {"x": np.array([0, 9], U32)}, U32, {"yes": np.array(True)}, by=judge.reference)


@pytest.mark.parametrize("nodes, feed", [
    ([node("Cast", ["x"], ["y"], to=TensorProto.UINT64)], {"x": np.array([-1, 3], np.int64)}),
    ([node("Cast", ["x"], ["y"], to=TensorProto.UINT64)], {"x": np.array([-1, 3], np.float32)}),
    ([node("Sub", ["x", "x"], ["y"])], {"x": np.array([1, 3], U64)}),
])
def test_what_64_bits_may_not_hold_is_refused(nodes, feed, tmp_path):
    judge.check_refused(tmp_path, judge.model(nodes, feed, {"y": TensorProto.UINT64}), feed, "u64", "s64")
