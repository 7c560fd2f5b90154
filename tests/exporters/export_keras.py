# Exports the Keras modules: export_keras.py FOLDER [MODULE...]. tf2onnx writes opsets to 18. Keras' own
# model.export(format="onnx") calls the same tf2onnx.convert.from_function, so it is no exporter of its own.
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # before the import: TensorFlow reads it once

import keras_modules
import numpy as np
import tensorflow as tf
import tf2onnx
from exporting import export_cell, write_samples

OPSETS = {"tf2onnx": (11, 13, 17, 18), "tf2onnx_open": (18,)}  # "open": without a size of the batch


def export_module(folder, name):
    model, shape = keras_modules.made(name), keras_modules.MODULES[name][1]

    def run(sample):
        outputs = model(sample["x"], training=False)
        return [np.asarray(output) for output in (outputs if isinstance(outputs, (tuple, list)) else [outputs])]

    write_samples(folder, name, {"x": shape}, run)
    for exporter, opsets in OPSETS.items():
        signature = [tf.TensorSpec((None if exporter.endswith("_open") else 1, *shape[1:]), tf.float32, name="x")]
        for opset in opsets:
            export_cell(folder, exporter, opset, name, lambda path: tf2onnx.convert.from_keras(model, signature, opset=opset, output_path=str(path)))


if __name__ == "__main__":
    for name in sys.argv[2:] or keras_modules.MODULES:
        export_module(pathlib.Path(sys.argv[1]), name)
