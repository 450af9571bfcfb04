"""The program: where it is, and how it is called."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess


class ClearboxError(Exception):
    """What the program complained of: bad input, or a file that is not as it should be."""


class NotComparable(ClearboxError):
    """Two runs that cannot be compared."""


def home() -> str:
    """The folder with the program's templates, fonts and studies."""
    here = os.path.dirname(os.path.abspath(__file__))
    shipped = os.path.join(here, "_shipped")
    return shipped if os.path.isdir(shipped) else os.path.dirname(os.path.dirname(here))


def path() -> str:
    """The program: the one that came with this package, or the build of the source tree that this package lies in.

    CLEARBOX_PROGRAM names another.
    """
    named = os.environ.get("CLEARBOX_PROGRAM")
    places = (
        [named] if named else [os.path.join(home(), "bin/clearbox"), os.path.join(home(), ".build/release/clearbox")]
    )
    for place in places:
        if os.path.isfile(place):
            return place
    raise ClearboxError(f"The program is not at {places[-1]}. In the source tree, run make build.")


def main() -> None:
    """Becomes the program: the command `clearbox`."""
    program = path()
    os.execv(program, [program, *sys.argv[1:]])


def program(*arguments: str | os.PathLike[str], may_fail: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs `clearbox ARGUMENTS…` and returns what it printed.

    Raises ClearboxError, or NotComparable, with the program's own words. may_fail: exit code 1, a gate or a
    verification that failed, is an answer and no error.
    """
    import subprocess

    done = subprocess.run(
        [path(), *(os.fspath(argument) for argument in arguments)], check=False, capture_output=True, encoding="utf-8"
    )
    if done.returncode == 0 or (may_fail and done.returncode == 1):
        return done
    words = done.stderr.strip().removeprefix("clearbox: ") or f"exit code {done.returncode}"
    raise (NotComparable if done.returncode == 3 else ClearboxError)(words)


def version() -> str:
    """ "0.1.0": the program's, and this package's."""
    return program("--version").stdout.split(",")[0]
