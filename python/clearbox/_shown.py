"""Figures, reports and comparisons that show themselves in a notebook."""

from __future__ import annotations

import html
import io
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._program import program

if TYPE_CHECKING:
    import pandas

Place = str | os.PathLike[str]


@dataclass(frozen=True)
class Figure:
    """A figure of the report, drawn by the program."""

    kind: str
    runs: tuple[Place, ...]
    options: tuple[str, ...]
    svg: str = field(repr=False)

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, file: Place) -> Path:
        """Writes it as .svg, .pdf, .png, .csv or .txt, as the file's name ends."""
        program("figure", *self.runs, "--kind", self.kind, *self.options, "-o", file)
        return Path(file)

    def data(self) -> pandas.DataFrame:
        """The numbers drawn."""
        import pandas

        return pandas.read_csv(io.StringIO(self._as("csv")))

    def words(self) -> str:
        """Title, caption and alternative text."""
        return self._as("txt")

    def _as(self, ending: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return self.save(Path(folder) / f"figure.{ending}").read_text(encoding="utf-8")


def figure(runs: tuple[Place, ...], kind: str, theme: str, width: float | None) -> Figure:
    options = ["--theme", theme] + (["--width", str(width)] if width else [])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figure.svg"
        program("figure", *runs, "--kind", kind, *options, "-o", file)
        return Figure(kind, runs, tuple(options), file.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Report:
    """A report as one page that needs nothing else."""

    html: str = field(repr=False)
    height: int = 700

    def _repr_html_(self) -> str:
        """The page in a frame of its own, so that its styles and the notebook's do not meet."""
        page = html.escape(self.html, quote=True)
        return (
            f'<iframe srcdoc="{page}" title="clearbox report" loading="lazy" '
            f'style="width: 100%; height: {self.height}px; border: 1px solid #ccc"></iframe>'
        )

    def save(self, file: Place) -> Path:
        Path(file).write_text(self.html, encoding="utf-8")
        return Path(file)


def report(runs: tuple[Place, ...], length: str) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        program("render", *runs, "--without-run", "--format", "html", "--length", length, "--out", folder)
        return Report((Path(folder) / "report.html").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Diff:
    """What differs between two runs, as `clearbox diff` says it."""

    #: What was asked: runs and options.
    arguments: tuple[Place, ...]
    #: The program's JSON.
    data: dict[str, Any] = field(repr=False)
    #: True where every gate passes, and where there is none.
    passed: bool

    @cached_property
    def markdown(self) -> str:
        return program("diff", *self.arguments, "--format", "markdown", may_fail=True).stdout

    def _repr_markdown_(self) -> str:
        return self.markdown

    @property
    def is_identical(self) -> bool:
        return bool(self.data["is_identical"])

    def table(self) -> pandas.DataFrame:
        """A row per difference, over all models."""
        import pandas

        rows = [{"model": model["model"], **row} for model in self.data["models"] for row in model["differences"]]
        return pandas.json_normalize(rows)


def diff(a: Place, b: Place, *, gates: Sequence[str] = (), options: Sequence[str] = ()) -> Diff:
    """Compares two run files, or folders of them: a before, b after.

    gates: "cross_entropy nf4 <= +0.5%". options: more arguments of `clearbox diff`, as on its command line.
    """
    arguments = (a, b, *(word for gate in gates for word in ("--gate", gate)), *options)
    done = program("diff", *arguments, "--format", "json", may_fail=True)
    return Diff(arguments, json.loads(done.stdout), done.returncode == 0)
