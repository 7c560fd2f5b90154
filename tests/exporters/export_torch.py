# Exports the PyTorch modules: export_torch.py FOLDER [MODULE...]. Opsets are those that an exporter writes itself:
# TorchScript's symbolics know every opset to 20; the functions behind torch.export are written for 18, with newer ones for
# operators of 20 (GELU), and lower opsets come from a converter of ONNX files, which is no exporter's habit.
import logging
import pathlib
import sys
import warnings

import torch

import torch_modules
from exporting import export_cell, write_samples

OPSETS = {"torchscript": (11, 13, 17, 18, 20), "dynamo": (18, 20)}


def arrays(outputs):
    return [output.numpy() for output in (outputs if isinstance(outputs, (tuple, list)) else [outputs])]


def export_module(folder, name):
    module, shapes = torch_modules.made(name), torch_modules.MODULES[name][1]
    with torch.no_grad():
        write_samples(folder, name, shapes, lambda sample: arrays(module(*map(torch.from_numpy, sample.values()))))
    inputs = tuple(torch.zeros(shape) for shape in shapes.values())
    for exporter, opsets in OPSETS.items():
        options = dict(dynamo=True, external_data=False, verbose=False) if exporter == "dynamo" else dict(dynamo=False)
        for opset in opsets:
            export_cell(folder, exporter, opset, name, lambda path: torch.onnx.export(
                module, inputs, path, input_names=list(shapes), opset_version=opset, **options))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    for name in sys.argv[2:] or torch_modules.MODULES:
        export_module(pathlib.Path(sys.argv[1]), name)
