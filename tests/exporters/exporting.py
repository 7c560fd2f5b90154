# What both exporting scripts share: the folder that they write, cell by cell.
#
#   FOLDER/samples/MODULE/0.npz ...              inputs under their names: the first is judged, all calibrate
#   FOLDER/samples/MODULE/expected/0.npy ...     the framework's own outputs of the first, in their order
#   FOLDER/EXPORTER/OPSET/MODULE.onnx            the exported file, or
#   FOLDER/EXPORTER/OPSET/MODULE.failed          the sentence by which the exporter failed
import sys
import time

import numpy as np
import onnx

SAMPLE_COUNT = 4


def write_samples(folder, module, shapes, run):
    """`run` takes a dictionary of inputs and returns the framework's outputs as a list of arrays."""
    folder = folder / "samples" / module
    (folder / "expected").mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(sum(module.encode()))
    samples = [{name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()} for _ in range(SAMPLE_COUNT)]
    for i, sample in enumerate(samples):
        np.savez(folder / f"{i}.npz", **sample)
    for i, output in enumerate(run(samples[0])):
        np.save(folder / "expected" / f"{i}.npy", output)


def export_cell(folder, exporter, opset, module, export):
    """`export` takes the path to write. A file of another opset than the wanted one, or with operators that ONNX has not,
    is a failure of the exporter too."""
    path = folder / exporter / str(opset) / f"{module}.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in (path, path.with_suffix(".failed")):
        left.unlink(missing_ok=True)
    begin = time.monotonic()
    try:
        export(path)
        onnx.checker.check_model(path)
        written = [entry.version for entry in onnx.load(path, load_external_data=False).opset_import if entry.domain in ("", "ai.onnx")]
        if written != [opset]:
            raise RuntimeError(f"the file is of opset {written}, not {opset}")
    except Exception as failure:  # whatever an exporter throws: its sentence is the result
        path.unlink(missing_ok=True)
        lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
        path.with_suffix(".failed").write_text(f"{type(failure).__name__}: {lines[0] if lines else 'without a word'}\n")
    if sys.stdout.isatty():
        print(f"{exporter} {opset} {module}: {time.monotonic() - begin:.1f} s")
