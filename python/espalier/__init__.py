"""Espalier: fits vision networks to small hardware, and proves on a PC what they will do.

    import espalier
    espalier.compile("net.onnx", "net.esp", calibration="images/", preprocess="net.json")
    session = espalier.Session("net.esp")
    outputs = session.run("picture.jpg")          # or {"input": array}, or a uint8 picture of shape (h, w, 3)
    faces = session.decode("yunet")               # what the last run says about its picture; decoders() lists the names
    espalier.check("net.onnx")["nodes"]           # every operator: supported, or the reason why not
    espalier.verify("net.esp")["ok"]              # hashes, golden case, every kernel the same bits

Arrays are numpy, C-contiguous, of the input's own type and shape; nothing is converted behind your back.

Errors: every one is an espalier.Error whose message is complete in itself. Only what your own iterables raise comes
through as it is.

Threads: compile and Session.run release the GIL. A Session serves one thread at a time; Session.clone gives another
thread one of its own, which shares the weights.
"""

import os
import threading
from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, TypedDict, Union, cast

import numpy as np

from . import _arguments, _samples
from ._espalier import CompileOptions as _CompileOptions
from ._espalier import Error
from ._espalier import Session as _Session
from ._espalier import check_model as _check_model
from ._espalier import compile_model as _compile_model
from ._espalier import decoders as _decoders
from ._espalier import open_session as _open_session
from ._espalier import read_labels as _read_labels
from ._espalier import verify_package as _verify_package

__all__ = [
    "CheckedNode", "CompileReport", "DecoderInfo", "Error", "FloatLayer", "ModelCheck", "PassRun", "Session", "TensorInfo",
    "VerifyReport", "VerifyRun", "check", "compile", "decoders", "verify",
]

Error.__module__ = __name__
Error.__doc__ = "What is wrong, where, why, and what to do about it, as a sentence."

Path = Union[str, "os.PathLike[str]"]
# One array per input by name, one array for the only input, a picture (uint8, height x width x 3, RGB), or a file.
Sample = Union[Mapping[str, np.ndarray], np.ndarray, Path]
# How a picture becomes the input: a file of JSON such as docs/recipes/yolox_nano.json, or what it holds.
Recipe = Union[Path, Mapping[str, Any]]


class TensorInfo(NamedTuple):
    """A tensor at the border, as the user's model has it. `type` is the name of the element type, such as "f32"."""

    name: str
    type: str
    shape: Tuple[int, ...]

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The element type as numpy has it."""
        return _arguments.DTYPES[self.type]


class DecoderInfo(NamedTuple):
    """A way to read outputs. `makes` is "boxes", "classes", "poses", "text boxes", "text", "masks" or "depth"."""

    name: str
    makes: str
    summary: str


class FloatLayer(TypedDict):
    """A layer that stays float, and why."""

    name: str
    op: str
    reason: str
    macs: int


class PassRun(TypedDict):
    """One run of a pass of simplify; passes run round after round until none changes anything."""

    name: str
    rewrites: int
    time_ms: float


class CompileReport(TypedDict):
    """What `espalier compile --json` prints. Files that were not asked for are empty texts."""

    output: str
    qdq: str
    qoperator: str
    samples: int
    scales: str  # "calibration", or "model" where the file's own were used
    macs: int  # multiply-accumulates of one run
    integer_macs: int
    package_size_bytes: int
    weight_size_bytes: int
    notes: List[str]
    transposes: List[str]  # layers, left after simplification
    float_layers: List[FloatLayer]
    passes: List[PassRun]


class CheckedNode(TypedDict):
    """A node of a model file. `reason`: why it is not supported, or would stay float; empty otherwise."""

    name: str
    op: str
    supported: bool
    reason: str
    macs: int
    output_shape: str


class ModelCheck(TypedDict):
    """What `espalier check --json` prints; inputs and outputs are TensorInfo."""

    supported: bool  # every node
    macs: int  # multiply-accumulates of one run
    integer_macs: int  # of nodes that have an integer meaning
    parameters: int
    inputs: List[TensorInfo]
    outputs: List[TensorInfo]
    notes: List[str]
    constant_inputs: List[str]  # those that must be bound
    transposes: List[str]
    nodes: List[CheckedNode]


class VerifyRun(TypedDict):
    """The golden case of a package on one set of kernels."""

    kernels: str
    threads: int
    equal: bool
    first_different: str  # the first layer that differs


class VerifyReport(TypedDict):
    """What `espalier verify --json` prints."""

    ok: bool
    reference_equal: bool
    differences: List[str]  # of hashes, as sentences
    runs: List[VerifyRun]


def decoders() -> List[DecoderInfo]:
    """The decoders of Session.decode."""
    return [DecoderInfo(*info) for info in _decoders()]


class Session:
    """A package (.esp: integers) or a model file (.onnx: float32) at work.

    One thread at a time: a call while another thread is inside one is an Error. Clones are independent.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        kernels: str = "best",
        preprocess: Optional[Recipe] = None,
        input_shapes: Optional[Mapping[str, Sequence[int]]] = None,
        bind: Optional[Mapping[str, np.ndarray]] = None,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
        disabled_passes: Iterable[str] = (),
    ) -> None:
        """Opens the file; `threads` is 1 to 256, `kernels` is "best" or what `espalier bench --kernels` takes.

        The rest says how a model file is read, as at compile; a package carries its own recipe and shapes and refuses it.
        """
        model = _arguments.model_options(preprocess, input_shapes, bind, inputs, outputs, disabled_passes)
        text = _arguments.path("path", path)
        try:
            self._session = _open_session(text, threads, kernels, model)
        except TypeError:
            raise Error(f"threads is {threads!r} and kernels is {kernels!r}; a whole number and a name are needed") from None
        self._busy = threading.Lock()

    def clone(self) -> "Session":
        """The same network with inputs and outputs of its own, for another thread. The weights are shared."""
        copy = object.__new__(Session)
        copy._session = self._session.clone()
        copy._busy = threading.Lock()
        return copy

    @property
    def inputs(self) -> List[TensorInfo]:
        """Names, types and shapes that run takes."""
        return [TensorInfo(*info) for info in self._session.inputs]

    @property
    def outputs(self) -> List[TensorInfo]:
        """Names, types and shapes that run returns; of an output whose length is data, the largest shape."""
        return [TensorInfo(*info) for info in self._session.outputs]

    @property
    def labels(self) -> List[str]:
        """Names of classes or symbols of text that the file carries."""
        return self._session.labels

    @property
    def notes(self) -> List[str]:
        """What reading a model file took for granted, as sentences; nothing for a package."""
        return self._session.notes

    def run(self, sample: Sample) -> Dict[str, np.ndarray]:
        """Runs one sample and returns one array per output, by the model's own names and in its order.

        A sample is a dictionary of arrays by input; one array, where there is one input; a picture, which is a uint8 array
        of shape (height, width, 3) in RGB of any size, or the path of a .jpg, .png or .bmp, and needs a recipe; or the path
        of an .npz with one array per input. Outputs that were quantized come back as float32. Releases the GIL meanwhile.

        Errors: a missing or unknown input, another type or shape, an array that is not C-contiguous, a picture without a
        recipe, a file that cannot be read, a session that another thread is using.
        """
        with self._alone():
            _samples.set_sample(self._session, sample)
            self._session.run()
            return {name: cast(np.ndarray, self._session.output(name)) for name, _, _ in self._session.outputs}

    def decode(
        self, decoder: str, *, score: Optional[float] = None, iou: Optional[float] = None, labels: Sequence[str] = ()
    ) -> Union[List[Dict[str, Any]], np.ndarray]:
        """What the last run says about its picture: a list of dictionaries, best first, or an array of the picture's size.

        Boxes have class, label, score, box (left, top, right, bottom) and key_points; classes have class, label and
        score; poses score and key_points; text boxes score and corners; text text and score. Key points are (x, y, score),
        all places in pixels of the picture. A mask is uint8 (255: not seen), depth float32 (NaN: not seen). `score` and
        `iou` are thresholds, the decoder's own where they are not given; `labels` are names of classes or symbols of text,
        the package's own by default.

        Errors: an unknown decoder, outputs that it does not read, no run before.
        """
        with self._alone():
            try:
                decoded = self._session.decode(decoder, score, iou, _arguments.names("labels", labels))
            except TypeError:
                raise Error(f"decoder is {decoder!r}, score {score!r}, iou {iou!r}; a name and two numbers are needed") from None
            return cast(Union[List[Dict[str, Any]], np.ndarray], decoded)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise Error("another thread is using this session; give each thread its own: session.clone()")
        try:
            yield
        finally:
            self._busy.release()


def compile(  # noqa: A001 - the field's word for it
    model: Path,
    output: Optional[Path] = None,
    *,
    calibration: Union[None, Path, Iterable[Sample]] = None,
    first: int = 0,
    step: int = 1,
    count: int = 0,
    range_method: str = "percentile",
    percentile: float = 99.99,
    requantize: bool = False,
    preprocess: Optional[Recipe] = None,
    input_shapes: Optional[Mapping[str, Sequence[int]]] = None,
    bind: Optional[Mapping[str, np.ndarray]] = None,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    disabled_passes: Iterable[str] = (),
    labels: Union[Path, Sequence[str]] = (),
    export_qdq: Optional[Path] = None,
    export_qoperator: Optional[Path] = None,
    device: str = "cpu",
    threads: int = 1,
    kernels: str = "best",
    dump: Optional[Path] = None,
) -> CompileReport:
    """Quantizes a model file with calibration samples and writes a package; the same as `espalier compile`.

    calibration: a folder (pictures, or .npz files with one array per input), of which `first`, `step` and `count` choose
        files; or any iterable of samples as Session.run takes them, read one by one. A model with scales of its own needs
        none, unless `requantize` discards them.
    range_method, percentile: how ranges of activations come from the samples, "percentile", "min-max" or "mean-square"; of a
        percentile, the percent of the seen values that a range holds, above 50 and at most 100.
    preprocess: the recipe that turns pictures into the input, a file or a dictionary; the package keeps it.
    input_shapes: shapes of inputs with open dimensions, by name. bind: arrays for inputs that decide shapes or scales.
    inputs, outputs: tensors at which the model is cut. disabled_passes: passes of simplify that are left out.
    labels: names of classes, or a file with one a line, which the package keeps.
    export_qdq, export_qoperator: ONNX files to write as well, or instead of a package (output=None).
    threads, kernels: of the calibration runs; the package does not depend on them. dump: a folder for the graph as text.

    Releases the GIL, except where it asks the iterable for a sample. On an error nothing is there that was not before.
    """
    if device != "cpu":
        raise Error(f'device "{device}" is not known; "cpu" is the only one')
    options = _CompileOptions()
    source = None
    if calibration is not None and not isinstance(calibration, (str, os.PathLike)):
        source = _samples.source_of(calibration)
        if (first, step, count) != (0, 1, 0):
            raise Error("first, step and count choose files of a folder; of an iterable, give what is to be used")
    _arguments.assign(
        options,
        model=_arguments.model_options(preprocess, input_shapes, bind, inputs, outputs, disabled_passes),
        calibration="" if source else _arguments.optional_path("calibration", calibration),
        first=first, step=step, count=count, range_method=range_method, percentile=percentile, requantize=requantize,
        labels=_read_labels(os.fsdecode(labels)) if isinstance(labels, (str, os.PathLike)) else _arguments.names("labels", labels),
        output=_arguments.optional_path("output", output),
        export_qdq=_arguments.optional_path("export_qdq", export_qdq),
        export_qoperator=_arguments.optional_path("export_qoperator", export_qoperator),
        threads=threads, kernels=kernels, dump=_arguments.optional_path("dump", dump),
    )
    return cast(CompileReport, _compile_model(_arguments.path("model", model), options, source))


def check(
    model: Path,
    *,
    input_shapes: Optional[Mapping[str, Sequence[int]]] = None,
    bind: Optional[Mapping[str, np.ndarray]] = None,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    disabled_passes: Iterable[str] = (),
) -> ModelCheck:
    """Every node of a model file: supported, or the reason why not. Options as at compile; an Error only for no model."""
    options = _arguments.model_options(None, input_shapes, bind, inputs, outputs, disabled_passes)
    report = _check_model(_arguments.path("model", model), options)
    for border in ("inputs", "outputs"):
        report[border] = [TensorInfo(*info) for info in report[border]]
    return cast(ModelCheck, report)


def verify(package: Path, *, model: Optional[Path] = None) -> VerifyReport:
    """Hashes of a package and its golden case on the reference and every kernel of this machine, with 1 and 2 threads.

    `model` is the file that it was compiled from, whose hash is compared then. What differs is in the report; a damaged
    package is an Error.
    """
    report = _verify_package(_arguments.path("package", package), _arguments.optional_path("model", model))
    return cast(VerifyReport, report)
