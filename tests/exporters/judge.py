# What becomes of one exported file: its float outputs against the framework's own, then INT8.
#
# A float output may differ by ROOM_PER_SUM of its largest magnitude for each node of the file that sums. Two sums of n
# float32 products in different orders differ by about sqrt(n) roundings of a product, and a sum of seeded weights is about
# sqrt(n) products large: one rounding of 2^-24, 6e-8, a node in the mean. 1e-6 are 16, for the worst of thousands of
# elements; errors pass through later layers without growing, since the weights keep the signal's size. Outputs that are
# whole numbers or truths are equal.
import dataclasses
import json
import os
import pathlib
import subprocess

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))

ROOM_PER_SUM = 1e-6
# Eight bits through a dozen layers leave 20 dB and more; with less than 10 a layer is broken and not merely rounded.
NOISE_DB_MIN = 10
# What follows from a choice between elements is not judged by its noise: a choice between near-equals may fall otherwise.
CHOICES = {"ArgMax", "ArgMin", "NonMaxSuppression", "NonZero", "TopK"}
SUMS = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "Softmax", "LogSoftmax", "LayerNormalization", "ReduceMean", "ReduceSum",
        "GlobalAveragePool", "AveragePool", "InstanceNormalization", "GroupNormalization", "BatchNormalization", "ReduceL2", "Resize", "GridSample"}


@dataclasses.dataclass
class Verdict:
    state: str  # green, refused, wrong
    sentence: str = ""  # why it is not green
    error: float = 0  # of the float outputs, as a share of the allowed one
    noise_db: float = float("inf")  # INT8 against the framework: signal to noise of the worst output
    macs: int = 0
    integer_macs: int = 0
    transposes: int = 0
    reference_layers: tuple = ()  # operators that run without a kernel of their own
    float_layers: tuple = ()  # operators with inputs that could be integers and stay float


def espalier(*arguments):
    done = subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, (done.stderr.strip() or done.stdout.strip()).replace("\n", " | ")


def nodes_that_sum(graph):
    inner = [attribute.g for node in graph.node for attribute in node.attribute if attribute.type == onnx.AttributeProto.GRAPH]
    return sum(node.op_type in SUMS for node in graph.node) + sum(map(nodes_that_sum, inner))


def follows_a_choice(graph, output):
    producers = {name: node for node in graph.node for name in node.output}
    waiting, seen = [output], set()
    while waiting:
        node = producers.get(waiting.pop())
        if node is None or id(node) in seen:
            continue
        if node.op_type in CHOICES:
            return True
        seen.add(id(node))
        waiting += node.input
    return False


def expected_outputs(samples):
    return [np.load(samples / "expected" / f"{i}.npy") for i in range(len(list((samples / "expected").iterdir())))]


def difference(got, wanted, sums):
    """(sentence, error as a share of the allowed one) of one output; the sentence is empty when it is right."""
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        return f"is {got.dtype}{list(got.shape)}, not {wanted.dtype}{list(wanted.shape)}", 0
    if wanted.dtype != np.float32:
        count = int((got != wanted).sum())
        return (f"differs in {count} of {wanted.size} elements" if count else ""), 0
    if not np.isfinite(got).all():
        return "is not finite", 0
    largest = np.abs(got.astype(np.float64) - wanted).max()
    share = largest / (ROOM_PER_SUM * max(sums, 1) * np.abs(wanted).max())
    return (f"differs by {largest:.3g}, {share:.3g} times what rounding explains" if share > 1 else ""), float(share)


def signal_to_noise_db(got, wanted):
    noise = ((wanted.astype(np.float64) - got) ** 2).sum()
    return 10 * np.log10((wanted.astype(np.float64) ** 2).sum() / noise) if noise > 0 else float("inf")


def judge(model, samples, folder):
    """`folder` is for what the commands write."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = onnx.load(model, load_external_data=False).graph
    names, wanted = [value.name for value in graph.output], expected_outputs(samples)
    code, _, said = espalier("run", model, samples / "0.npz", "-o", folder / "float.npz")
    if code != 0:
        return Verdict("refused" if code == 2 else "wrong", said)
    outputs, sums, verdict = dict(np.load(folder / "float.npz")), nodes_that_sum(graph), Verdict("green")
    if sorted(outputs) != sorted(names) or len(names) != len(wanted):
        return Verdict("wrong", f"its outputs are {sorted(outputs)}, the file's {names}, the framework gives {len(wanted)}")
    for name, value in zip(names, wanted):
        sentence, error = difference(outputs[name], value, sums)
        verdict.error = max(verdict.error, error)
        if sentence:
            return dataclasses.replace(verdict, state="wrong", sentence=f"{name} {sentence}")
    steady = {name: value for name, value in zip(names, wanted) if value.dtype == np.float32 and not follows_a_choice(graph, name)}
    return judge_integers(verdict, model, samples, folder, steady)


def judge_integers(verdict, model, samples, folder, steady):
    """`steady` holds the outputs whose noise is judged, as the framework gives them."""
    package = folder / "network.esp"
    code, report, said = espalier("compile", model, "--calibration", samples, "-o", package, "--json")
    if code != 0:
        return dataclasses.replace(verdict, state="refused" if code == 2 else "wrong", sentence=f"INT8: {said}")
    report = json.loads(report)
    verdict.macs, verdict.integer_macs, verdict.transposes = report["macs"], report["integer_macs"], len(report["transposes"])
    verdict.float_layers = tuple(sorted(layer["op"] for layer in report["float_layers"]))
    code, said_whole, said = espalier("verify", package, "--json")
    if code != 0 or not json.loads(said_whole)["ok"]:
        return dataclasses.replace(verdict, state="wrong", sentence=f"verify: {said}")
    code, _, said = espalier("run", package, samples / "0.npz", "-o", folder / "integer.npz")
    if code != 0:
        return dataclasses.replace(verdict, state="wrong", sentence=f"the package does not run: {said}")
    outputs = dict(np.load(folder / "integer.npz"))
    verdict.noise_db = min([signal_to_noise_db(outputs[name], value) for name, value in steady.items()] or [float("inf")])
    if verdict.noise_db < NOISE_DB_MIN:
        return dataclasses.replace(verdict, state="wrong", sentence=f"INT8: the signal is only {verdict.noise_db:.1f} dB above the noise")
    _, layers, _ = espalier("bench", package, "--runs", "1", "--warmup", "0", "--json")
    verdict.reference_layers = tuple(sorted(layer["op"] for layer in json.loads(layers)["layers"] if layer["kernel"] == "reference"))
    return verdict
