# Exports the PyTorch modules: export_torch.py FOLDER [MODULE...]. Opsets are those that an exporter writes itself:
# TorchScript's symbolics know every opset to 20; the functions behind torch.export are written for 18, with newer ones for
# operators of 20 (GELU), and lower opsets come from a converter of ONNX files, which is no exporter's habit. At one opset
# each, the batch is left open as well: shapes are then computed in the file.
import logging
import pathlib
import sys
import warnings

import torch

import torch_modules
from exporting import export_cell, write_samples

OPSETS = {"torchscript": (11, 13, 17, 18, 20), "torchscript_open": (17,), "dynamo": (18, 20), "dynamo_open": (18,)}


def arrays(outputs):
    return [output.numpy() for output in (outputs if isinstance(outputs, (tuple, list)) else [outputs])]


def export_module(folder, name):
    module, shapes = torch_modules.made(name), torch_modules.MODULES[name][1]
    with torch.no_grad():
        write_samples(folder, name, shapes, lambda sample: arrays(module(*map(torch.from_numpy, sample.values()))))
    for exporter, opsets in OPSETS.items():
        for opset in opsets:
            export_cell(folder, exporter, opset, name, lambda path: export(exporter, opset, module, shapes, path))


def export(exporter, opset, module, shapes, path):
    is_open = exporter.endswith("_open")
    options = dict(input_names=list(shapes), opset_version=opset, dynamo=exporter.startswith("dynamo"))
    if options["dynamo"]:
        options.update(external_data=False, verbose=False)
        if is_open:
            options["dynamic_shapes"] = tuple({0: torch.export.Dim("batch")} for _ in shapes)
    elif is_open:
        options["dynamic_axes"] = {input_name: {0: "batch"} for input_name in shapes}
    # A batch of 1 would be taken for a constant by torch.export.
    inputs = tuple(torch.zeros(2 if is_open else shape[0], *shape[1:]) for shape in shapes.values())
    torch.onnx.export(module, inputs, path, **options)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    for name in sys.argv[2:] or torch_modules.MODULES:
        export_module(pathlib.Path(sys.argv[1]), name)
