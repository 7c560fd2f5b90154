# What the tests of this folder share: models built by hand, run by espalier and by ONNX Runtime without its own rewrites.
#
# ESPALIER_CLI names the command; build/release/espalier otherwise.
import os
import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))


def info(name, array):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)


def model(nodes, feed, outputs, constants=None, functions=(), opset=17, ir_version=8):
    """`outputs` maps names to element types; functions live in the domain "my"."""
    graph = helper.make_graph(
        nodes, "g", [info(name, array) for name, array in feed.items()],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs.items()],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()])
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid("my", 1)] if functions else [])
    return helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=ir_version)


def ours(folder, made, feed, *options, timeout=60):
    """(what the command did, outputs by name)"""
    onnx.save(made, folder / "net.onnx")
    np.savez(folder / "in.npz", **feed)
    done = subprocess.run([CLI, "run", folder / "net.onnx", folder / "in.npz", "-o", folder / "out.npz", *options], capture_output=True,
                          text=True, timeout=timeout)
    return done, dict(np.load(folder / "out.npz")) if done.returncode == 0 else {}


def theirs(made, feed):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed)))


def reference(made, feed):
    """The judge for what ONNX Runtime does not accept."""
    return dict(zip([output.name for output in made.graph.output], ReferenceEvaluator(made).run(None, feed)))


def check_refused(folder, made, feed, *words):
    done, _ = ours(folder, made, feed)
    assert done.returncode == 2, f"exit code {done.returncode}: {done.stdout}{done.stderr}"
    for word in words:
        assert word in done.stderr, done.stderr
