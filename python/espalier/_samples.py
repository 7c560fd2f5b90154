"""Samples into the inputs of a network, and iterables of them as the library's source of calibration samples."""

import os
from typing import Any, Callable, Iterable, Mapping

import numpy as np

from ._arguments import DTYPES, contiguous, kind
from ._espalier import Error
from ._espalier import Session as NativeSession


def _shape_text(shape: Iterable[int]) -> str:
    return "x".join(str(extent) for extent in shape) or "scalar"


def _set_input(session: NativeSession, name: str, array: Any) -> None:
    contiguous(name, array)
    for known, type_name, shape in session.inputs:
        if known == name and (array.dtype != DTYPES[type_name] or array.shape != tuple(shape)):
            dtype = DTYPES[type_name]
            advice = "" if array.dtype == dtype else f". Convert it: array.astype(numpy.{dtype})"
            raise Error(f'input "{name}" takes {dtype} of shape {_shape_text(shape)}, it was given {array.dtype} of shape '
                        f"{_shape_text(array.shape)}{advice}")
    session.set_input(name, array)


def set_sample(session: NativeSession, sample: Any) -> None:
    """Sets every input. What a sample may be is said at Session.run."""
    inputs = session.inputs
    if isinstance(sample, (str, os.PathLike)):
        session.set_file(os.fsdecode(sample))
    elif isinstance(sample, Mapping):
        names = [name for name, _, _ in inputs]
        for missing in (name for name in names if name not in sample):
            raise Error(f'input "{missing}" is not given; the network has the inputs {names}')
        for unknown in (name for name in sample if name not in names):
            raise Error(f"there is no input {unknown!r}; the network has the inputs {names}")
        for name, array in sample.items():
            _set_input(session, name, array)
    elif not isinstance(sample, np.ndarray):
        raise Error(f"a sample is {kind(sample)}; give a numpy array, a dictionary of arrays by input, or a file's path")
    elif sample.dtype == np.uint8 and sample.ndim == 3 and not _is_for(inputs[0], sample):
        session.set_image(contiguous("picture", sample))
    elif len(inputs) != 1:
        raise Error(f"the network has {len(inputs)} inputs; give a dictionary with one array per input")
    else:
        _set_input(session, inputs[0][0], sample)


def _is_for(info: Any, array: np.ndarray) -> bool:
    _, type_name, shape = info
    return DTYPES[type_name] == array.dtype and tuple(shape) == array.shape


def source_of(samples: Any) -> Callable[[NativeSession], bool]:
    """A function that sets the inputs to the next sample and answers whether there was one."""
    if isinstance(samples, (Mapping, np.ndarray)):
        raise Error(f"calibration is {kind(samples)}, which is one sample; give a list of samples")
    try:
        iterator = iter(samples)
    except TypeError:
        raise Error(f"calibration is {kind(samples)}; give a folder, or an iterable of samples") from None
    index = -1

    def next_sample(session: NativeSession) -> bool:
        nonlocal index
        index += 1
        for sample in iterator:
            try:
                set_sample(session, sample)
            except Error as wrong:
                raise Error(f"calibration sample {index}: {wrong}") from None
            return True
        return False

    return next_sample
