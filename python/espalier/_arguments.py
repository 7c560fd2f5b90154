"""Python values as what the library takes. A value of another kind is an Error that says what is needed."""

import json
import operator
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np

from ._espalier import Error, ModelOptions

# Our names of element types, and numpy's.
DTYPES: Dict[str, "np.dtype[Any]"] = {
    "f32": np.dtype(np.float32), "s8": np.dtype(np.int8), "u8": np.dtype(np.uint8), "s16": np.dtype(np.int16),
    "s32": np.dtype(np.int32), "s64": np.dtype(np.int64), "bool": np.dtype(np.bool_),
}
EXTENT_MAX = 2**31 - 1


def kind(value: Any) -> str:
    """What a value is, for a message: "a str", "an int"."""
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def path(what: str, value: Any) -> str:
    try:
        text = os.fsdecode(value)
    except TypeError:
        raise Error(f"{what} must be a path, it is {kind(value)}") from None
    if "\0" in text:
        raise Error(f"{what} is {text!r}; a path holds no zero byte")
    return text


def optional_path(what: str, value: Any) -> str:
    return "" if value is None else path(what, value)


def names(what: str, value: Any) -> List[str]:
    if isinstance(value, str) or not isinstance(value, (Sequence, set, frozenset)):
        raise Error(f"{what} must be a list of names, it is {kind(value)}")
    for name in value:
        if not isinstance(name, str):
            raise Error(f"{what} must be a list of names, it holds {kind(name)}")
    return list(value)


def shapes(value: Optional[Mapping[str, Sequence[int]]]) -> Dict[str, List[int]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Error(f"input_shapes must be a dictionary of shapes by input, it is {kind(value)}")
    result = {}
    for name, shape in value.items():
        try:
            result[name] = [operator.index(extent) for extent in shape]
        except TypeError:
            raise Error(f'input_shapes: the shape of "{name}" must be a list of whole numbers, it is {shape!r}') from None
        if not isinstance(name, str) or any(not 1 <= extent <= EXTENT_MAX for extent in result[name]):
            raise Error(f"input_shapes: {name!r}: {shape!r} must be a name and extents from 1 to {EXTENT_MAX}")
    return result


def contiguous(name: str, array: Any) -> np.ndarray:
    """The array itself. Error: it is none, its elements do not lie one after the other, or numpy's type is not ours."""
    if not isinstance(array, np.ndarray):
        raise Error(f'"{name}" must be a numpy array, it is {kind(array)}')
    if array.dtype not in DTYPES.values():
        known = ", ".join(str(dtype) for dtype in DTYPES.values())
        raise Error(f'"{name}" holds {array.dtype}, which no input takes; element types are {known}. Convert it: array.astype(...)')
    if not array.flags.c_contiguous:
        raise Error(f'"{name}" is not C-contiguous; pass numpy.ascontiguousarray(array)')
    return array


def assign(options: Any, **values: Any) -> None:
    """Sets attributes of the library's options."""
    for name, value in values.items():
        try:
            setattr(options, name, value)
        except (TypeError, ValueError, OverflowError, RuntimeError):
            needed = type(getattr(options, name)).__name__
            raise Error(f"{name} is {value!r} ({kind(value)}); it must be of type {needed} and in its range") from None


def model_options(
    preprocess: Any, input_shapes: Any, bind: Any, inputs: Any, outputs: Any, disabled_passes: Any
) -> ModelOptions:
    options = ModelOptions()
    assign(options, input_shapes=shapes(input_shapes), inputs=names("inputs", inputs), outputs=names("outputs", outputs),
           disabled_passes=set(names("disabled_passes", disabled_passes)))
    if isinstance(preprocess, Mapping):
        try:
            text = json.dumps(dict(preprocess))
        except (TypeError, ValueError) as wrong:
            raise Error(f"preprocess: {wrong}; a recipe holds numbers, texts and lists") from None
        options.set_recipe("", text)
    elif preprocess is not None:
        options.set_recipe(path("preprocess", preprocess), None)
    if bind is not None and not isinstance(bind, Mapping):
        raise Error(f"bind must be a dictionary of arrays by input, it is {kind(bind)}")
    for name, array in (bind or {}).items():
        if not isinstance(name, str):
            raise Error(f"bind: {name!r} must be the name of an input, it is {kind(name)}")
        options.bind(name, contiguous(name, array))
    return options
