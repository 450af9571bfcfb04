"""The columns that a run file may have, and what may stand in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

#: What the program calls the types.
TYPES = {"uint8": "u1", "int32": "i4", "float32": "f4", "float64": "f8"}
AXES = ("token", "segment", "chunk", "batch")


@dataclass(frozen=True)
class Column:
    """A stored quantity. columns.json has those of the program, written from its sources."""

    experiment: str
    name: str
    axis: str
    type: str
    #: Names of a row's axes: [] for a number, ["cell", "dimension"] for a vector per cell of tokens.
    row: tuple[str, ...]
    unit: str
    meaning: str
    definition: str
    #: Which values may be: "loss", "divergence", "agreement", "square", "finite", "count", "flag", or "any".
    values: str
    #: True for what compares a condition with the baseline: the baseline has no such column.
    is_comparison: bool = False
    #: True for what the baseline alone has.
    is_of_baseline: bool = False

    @property
    def path(self) -> str:
        return f"{self.experiment}/{self.name}"

    @property
    def is_scored(self) -> bool:
        """True where a chunk's last token has no value, since it predicts nothing: NaN, or 255."""
        return self.values in ("loss", "divergence", "agreement")

    def applies(self, to_baseline: bool) -> bool:
        return not self.is_comparison if to_baseline else not self.is_of_baseline


@cache
def known() -> dict[str, Column]:
    """The program's columns, by name."""
    text = Path(__file__).with_name("columns.json").read_text(encoding="utf-8")
    return {row["name"]: Column(**{**row, "row": tuple(row["row"])}) for row in json.loads(text)}


def array(values: Any) -> np.ndarray:
    """numpy's view of an array or of a tensor of PyTorch, wherever it lies."""
    if hasattr(values, "detach"):
        values = values.detach()
        if values.is_floating_point():
            # numpy has no bfloat16. Both of its conversions are exact.
            values = values.double() if str(values.dtype) == "torch.float64" else values.float()
        values = values.cpu().numpy()
    return np.asarray(values)


def checked(column: Column, values: Any, place: str, tokens: tuple[int, int], rows: int, width: int) -> np.ndarray:
    """The values of one batch as they are stored.

    Raises ValueError with place, row, what is there and what is expected.

    tokens: chunks and their length. rows: along the column's axis. width: D, 0 where it is not known.
    """
    found = array(values)
    chunks, length = tokens
    if column.axis == "token":
        if column.is_scored and found.shape == (chunks, length - 1):
            last = np.full((chunks, 1), 255 if column.values == "agreement" else np.nan, found.dtype)
            found = np.concatenate([found, last], axis=1)
        if found.shape[:2] == (chunks, length):
            found = found.reshape(rows, *found.shape[2:])
    shape = (rows, *({"cell": 4, "dimension": width}.get(axis, 0) for axis in column.row))
    if found.ndim != len(shape) or any(
        own not in (asked, *([own] * (asked == 0))) for own, asked in zip(found.shape, shape)
    ):
        raise ValueError(
            f"{place} has the shape {list(np.shape(values))}; {list(shape)} is expected, a row per {column.axis}"
        )
    kind = TYPES[column.type]
    if found.dtype.kind not in ("bui" if kind in ("u1", "i4") else "buif"):
        raise ValueError(f"{place} has the type {found.dtype}; whole numbers, {column.type}, are expected")
    wrong, expected = _wrong(column, found, length)
    if kind in ("u1", "i4") and not wrong.any():
        wrong, expected = (found < np.iinfo(kind).min) | (found > np.iinfo(kind).max), f"what {column.type} holds"
    if wrong.any():
        row = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise ValueError(f"{place}, row {row[0]} of the batch: {found[row]}; {expected} is expected")
    return found.astype(kind)


def _wrong(column: Column, values: np.ndarray, length: int) -> tuple[np.ndarray, str]:
    """Which values may not be, and what is expected."""
    if column.values == "any":
        return np.zeros(values.shape, bool), ""
    if not column.is_scored:
        if column.values == "flag":
            return (values != 0) & (values != 1), "0 or 1"
        if column.values == "finite":
            return ~np.isfinite(values), "a finite number"
        return ~(np.isfinite(values) & (values >= 0)), "a finite number, zero or more"
    last = np.arange(len(values)) % length == length - 1
    if column.values == "agreement":
        bad, mark, expected = (values != 0) & (values != 1), values == 255, "0 or 1"
    else:
        bad, mark, expected = ~np.isfinite(values), np.isnan(values), "a finite number"
        if column.values == "loss":
            bad, expected = bad | (values < 0), "a finite number, zero or more,"
    wrong = np.where(last, ~mark, bad)
    if (last & wrong).any():
        return last & wrong, f"{255 if column.values == 'agreement' else 'NaN'} at the chunk's last token"
    return wrong, expected
