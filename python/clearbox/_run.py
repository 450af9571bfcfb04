"""A run file, read lazily."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from . import _shown, _tables
from ._program import program

if TYPE_CHECKING:
    import pandas
    import xarray


def open(path: str | os.PathLike[str]) -> Run:
    """Opens a run file. Nothing but its description is read before it is asked for."""
    return Run(path)


class Run:
    """One model's run: its raw rows, and what the program makes of them.

    `file` is the open h5py file; docs/run-file.md says what is in it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.file = h5py.File(self.path, "r")
        if self.file.attrs.get("schema_name") != "clearbox-run":
            raise ValueError(f"{self.path} is an HDF5 file, but no run file of clearbox")

    def __repr__(self) -> str:
        count = self.file["tokens/id"].shape[0]
        return f"<clearbox.Run {self.path}: {self.model}, {count:,} tokens under {', '.join(self.conditions)}>"

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()

    # What it is

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything known about the run besides its arrays."""
        return json.loads(self.file.attrs["description"])

    @property
    def title(self) -> str:
        return str(self.file.attrs["title"])

    @property
    def model(self) -> str:
        return str(self.file.attrs["model"])

    @cached_property
    def conditions(self) -> list[str]:
        """Names of the study's conditions, the baseline first. Reruns are in `reruns`."""
        return [condition["name"] for condition in self.description["conditions"]]

    @cached_property
    def reruns(self) -> list[str]:
        """Names of the conditions that repeat another one: see docs/run-file.md."""
        return [condition["name"] for condition in self.description.get("rerunConditions") or []]

    @property
    def baseline(self) -> str:
        return self.conditions[0]

    def columns(self) -> pandas.DataFrame:
        """A row per data set: shape, type, what a row is, unit, definition and meaning."""
        return _tables.columns(self.file)

    # Raw rows

    def tokens(self, *conditions: str, columns: list[str] | None = None) -> pandas.DataFrame:
        """A row per token: id, text, place, stratum, and what was measured under the conditions, as `int8/nll`.

        conditions: default all of the study's. columns: names such as "nll" or "sae/l0", default all. Units,
        definitions and meanings are in `frame.attrs["columns"]`, by column.
        """
        return _tables.tokens(self.file, conditions or tuple(self.conditions), columns)

    def table(self, axis: str) -> pandas.DataFrame:
        """A row per segment, chunk or batch, as `axis` says ("segment"); or per token, without measurements."""
        return _tables.plain(self.file, axis)

    def dataset(self, condition: str) -> xarray.Dataset:
        """All that was measured under a condition, vectors too, with named axes; read when it is computed with.

        Units, definitions and meanings are the variables' attributes.
        """
        return _tables.dataset(self.file, condition)

    def array(self, name: str) -> np.ndarray:
        """A data set's values: array("measurements/int8/accuracy/nll")."""
        return self.file[name][()]

    # What the program makes of them

    def numbers(self) -> list[dict[str, Any]]:
        """Every number of the report as data: what `clearbox export --format numbers` prints."""
        return list(self._numbers)

    @cached_property
    def _numbers(self) -> list[dict[str, Any]]:
        return json.loads(program("export", self.path, "--format", "numbers").stdout)[0]["numbers"]

    def metrics(self, tokens: str | None = "all") -> pandas.DataFrame:
        """The metrics by condition: value, interval, unit, and the text that the report prints.

        tokens: on which; "all", "ordinary", "source/…", as in the numbers' ids. None: every one.
        """
        import pandas

        rows = [row for row in self.numbers() if row.get("metric") and tokens in (None, row["tokens"])]
        names = [
            "metric",
            "condition",
            "tokens",
            "quantity",
            "value",
            "low",
            "high",
            "level",
            "unit",
            "text",
            "title",
            "id",
        ]
        frame = pandas.DataFrame(rows).reindex(columns=names)
        return frame.set_index(["metric", "condition", "tokens", "quantity"])

    def explain(self, number: str) -> str:
        """How a number follows from the raw rows, step by step: explain("fvu@1/int8/all")."""
        return program("explain", self.path, number).stdout

    def figure(self, kind: str = "overview", *, theme: str = "light", width: float | None = None) -> _shown.Figure:
        """A figure of the report: overview, performance, fvu, noise-floor, stabilization…

        theme: light or dark. width: in millimetres.
        """
        return _shown.figure((self.path,), kind, theme, width)

    def report(self, length: str = "short") -> _shown.Report:
        """The report as a page: short, some 1,200 words, or full."""
        return _shown.report((self.path,), length)

    def verify(self) -> str:
        """Reads everything and compares it with the content hash; raises ClearboxError where it differs."""
        return program("verify", self.path).stdout
