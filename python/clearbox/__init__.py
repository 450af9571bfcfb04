"""What compressing a language model does to its accuracy, and to the sparse autoencoders that read it.

>>> import clearbox
>>> run = clearbox.open("out/gemma-3-270m.h5")
>>> run.metrics()          # every number of the report, with intervals
>>> run.figure("fvu")      # shows itself in a notebook
>>> run.tokens("int8")     # raw rows
>>> clearbox.diff("before.h5", "after.h5")

Numbers, figures and reports come from the program `clearbox`, which is in this package; raw rows from the run file. No
formula is here a second time. docs/python.md tells more.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._measure import fetch_weights, measure, studies
    from ._program import ClearboxError, NotComparable, program, version
    from ._run import Run, open
    from ._shown import Diff, Figure, Report, diff
    from ._writer import RunWriter

#: What is where: nothing is loaded before it is asked for, so that the command starts at once.
_PLACES = {
    "_measure": ("fetch_weights", "measure", "studies"),
    "_program": ("ClearboxError", "NotComparable", "program", "version"),
    "_run": ("Run", "open"),
    "_shown": ("Diff", "Figure", "Report", "diff"),
    "_writer": ("RunWriter",),
}

__all__ = [
    "ClearboxError",
    "Diff",
    "Figure",
    "NotComparable",
    "Report",
    "Run",
    "RunWriter",
    "diff",
    "fetch_weights",
    "measure",
    "open",
    "program",
    "studies",
    "version",
]


def __getattr__(name: str) -> Any:
    for module, names in _PLACES.items():
        if name in names:
            return getattr(import_module("." + module, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
