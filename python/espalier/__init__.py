"""Espalier: fits vision networks to small hardware, and proves on a PC what they will do.

    import espalier
    espalier.compile("net.onnx", "net.esp", calibration="images/", preprocess="net.json")
    session = espalier.Session("net.esp")
    outputs = session.run("picture.jpg")          # or {"input": array}, or a uint8 picture of shape (h, w, 3)
    faces = session.decode("yunet")               # what the last run says about its picture; decoders() lists the names

Arrays are numpy: C-contiguous, of the input's own type. Every error is an EspalierError whose message is complete.
"""

import json
import os
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from ._espalier import EspalierError
from ._espalier import Session as _Session
from ._espalier import compile_model as _compile_model
from ._espalier import decoders as _decoders
from ._espalier import open_session as _open_session

__all__ = ["DecoderInfo", "EspalierError", "Session", "TensorInfo", "compile", "decoders"]

# One array per input by name, one array for the only input, a picture (uint8, height x width x 3, RGB), or a file.
Sample = Union[Mapping[str, np.ndarray], np.ndarray, str, "os.PathLike[str]"]
Recipe = Union[str, "os.PathLike[str]", Mapping[str, Any]]


class TensorInfo(NamedTuple):
    """A tensor at the border, as the user's model has it. `type` is the name of the element type, such as "f32"."""

    name: str
    type: str
    shape: Tuple[int, ...]


class DecoderInfo(NamedTuple):
    """A way to read outputs. `makes` is "boxes", "classes", "poses", "text boxes", "text", "masks" or "depth"."""

    name: str
    makes: str
    summary: str


def decoders() -> List[DecoderInfo]:
    """The decoders of Session.decode."""
    return [DecoderInfo(*info) for info in _decoders()]


def _recipe_json(preprocess: Optional[Recipe]) -> Optional[str]:
    if preprocess is None:
        return None
    if isinstance(preprocess, Mapping):
        return json.dumps(dict(preprocess))
    with open(preprocess, encoding="utf-8") as file:
        return file.read()


def _set_sample(session: _Session, sample: Sample) -> None:
    if isinstance(sample, (str, os.PathLike)):
        session.set_image_file(os.fspath(sample))
    elif isinstance(sample, Mapping):
        known = [name for name, _, _ in session.inputs]
        for missing in (name for name in known if name not in sample):
            raise EspalierError(f'input "{missing}" is not given; the network has the inputs {known}')
        for name, array in sample.items():
            session.set_input(name, _contiguous(name, array))
    elif isinstance(sample, np.ndarray) and sample.ndim == 3 and sample.dtype == np.uint8:
        session.set_image(_contiguous("picture", sample))
    else:
        inputs = session.inputs
        if len(inputs) != 1:
            raise EspalierError(f"the network has {len(inputs)} inputs; give a dictionary with one array per input")
        session.set_input(inputs[0][0], _contiguous(inputs[0][0], sample))


def _contiguous(name: str, array: Any) -> np.ndarray:
    if not isinstance(array, np.ndarray):
        raise EspalierError(f'"{name}" must be a numpy array, it is a {type(array).__name__}')
    if not array.flags.c_contiguous:
        raise EspalierError(f'"{name}" is not C-contiguous; pass numpy.ascontiguousarray(array)')
    return array


class Session:
    """A package (.esp: integers) or a model file (.onnx: float32) at work. One caller at a time; clones are independent."""

    def __init__(
        self,
        path: Union[str, "os.PathLike[str]"],
        *,
        threads: int = 1,
        kernels: str = "best",
        preprocess: Optional[Recipe] = None,
        input_shapes: Optional[Mapping[str, Sequence[int]]] = None,
    ) -> None:
        """`preprocess` and `input_shapes` apply to model files; a package carries its own recipe and shapes."""
        shapes = {name: list(shape) for name, shape in (input_shapes or {}).items()}
        self._session = _open_session(os.fspath(path), threads, kernels, _recipe_json(preprocess), shapes)

    def clone(self) -> "Session":
        """The same network and weights with inputs and outputs of its own, for another thread."""
        copy = object.__new__(Session)
        copy._session = self._session.clone()
        return copy

    @property
    def inputs(self) -> List[TensorInfo]:
        return [TensorInfo(*info) for info in self._session.inputs]

    @property
    def outputs(self) -> List[TensorInfo]:
        return [TensorInfo(*info) for info in self._session.outputs]

    @property
    def labels(self) -> List[str]:
        return self._session.labels

    def run(self, sample: Sample) -> Dict[str, np.ndarray]:
        """Runs one sample and returns one array per output, by the model's own names. Releases the GIL meanwhile."""
        _set_sample(self._session, sample)
        self._session.run()
        return {name: self._session.output(name) for name, _, _ in self._session.outputs}


    def decode(
        self, decoder: str, *, score: Optional[float] = None, iou: Optional[float] = None, labels: Sequence[str] = ()
    ) -> Union[List[Dict[str, Any]], np.ndarray]:
        """What the last run says about its picture: a list of dictionaries, best first, or an array of the picture's size.

        Boxes have class, label, score, box (left, top, right, bottom) and key_points; classes have class, label and
        score; poses score and key_points; text boxes score and corners; text text and score. Key points are (x, y, score).
        A mask is uint8 (255: not seen), depth float32 (NaN: not seen). `score` and `iou` are thresholds, the decoder's
        own where they are not given; `labels` are names of classes or symbols of text, the package's own by default.
        """
        return self._session.decode(decoder, score, iou, list(labels))


def compile(  # noqa: A001 - the field's word for it
    model: Union[str, "os.PathLike[str]"],
    output: Union[str, "os.PathLike[str]"],
    *,
    calibration: Union[str, "os.PathLike[str]", Iterable[Sample]],
    preprocess: Optional[Recipe] = None,
    device: str = "cpu",
    input_shapes: Optional[Mapping[str, Sequence[int]]] = None,
    range_method: str = "percentile",
    percentile: float = 99.99,
    labels: Sequence[str] = (),
    threads: int = 1,
) -> Dict[str, Any]:
    """Quantizes a model with calibration samples and writes a package.

    `calibration` is a folder (pictures, or .npz files with one array per input) or an iterable of samples as Session.run
    takes them. Returns samples, macs, integer_macs, package_size_bytes, notes and float_layers (name, operator, reason).
    """
    if device != "cpu":
        raise EspalierError(f'device "{device}" is not known; "cpu" is the only one')
    shapes = {name: list(shape) for name, shape in (input_shapes or {}).items()}
    folder, source = "", None
    if isinstance(calibration, (str, os.PathLike)):
        folder = os.fspath(calibration)
    else:
        samples = iter(calibration)

        def source(session: _Session) -> bool:
            try:
                sample = next(samples)
            except StopIteration:
                return False
            _set_sample(session, sample)
            return True

    return _compile_model(
        os.fspath(model), os.fspath(output), folder, source, _recipe_json(preprocess), shapes, range_method, percentile,
        list(labels), threads,
    )
