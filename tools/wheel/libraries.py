"""Brings a program's shared libraries beside it, so that it runs where none of them is installed."""

import shutil
import subprocess
from pathlib import Path

import icu_data
import older_glibc

#: The C library, and what comes with the C++ compiler of every host.
OF_THE_HOST = {
    "libc.so.6", "libm.so.6", "libresolv.so.2", "ld-linux-x86-64.so.2", "libstdc++.so.6", "libgcc_s.so.1",
}  # fmt: skip


def needed(program: Path) -> dict[str, Path]:
    """All shared libraries that a program loads, and where they lie on this machine."""
    lines = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    found = [line.split() for line in lines.splitlines() if "=>" in line]
    missing = [words[0] for words in found if words[2] == "not"]
    if missing:
        raise SystemExit(f"{program}: not found on this machine: {', '.join(missing)}")
    return {words[0]: Path(words[2]).resolve() for words in found if words[0] not in OF_THE_HOST}


def bring(program: Path, folder: Path) -> dict[str, Path]:
    """Copies program and libraries to folder/bin and folder/lib, stripped, each naming where the others are.

    Returns the libraries' places on this machine.
    """
    libraries = needed(program)
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    copies = [_copy(program, folder / "bin" / program.name)]
    copies += [_copy(place, folder / "lib" / name) for name, place in libraries.items()]
    compat = folder / "lib" / "libclearbox_compat.so"
    for copy in copies:
        needs_compat = older_glibc.lower(copy)
        if needs_compat and not compat.exists():
            _compile(Path(__file__).with_name("compat.c"), compat)
        path = "$ORIGIN/../lib" if copy.parent.name == "bin" else "$ORIGIN"
        more = ["--add-needed", compat.name] if needs_compat else []
        _run("patchelf", "--page-size", "4096", "--set-rpath", path, *more, copy)
    return libraries


def _copy(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    target.chmod(0o755)
    icu_data.trim(target)
    _run("strip", "--strip-unneeded", target)
    return target


def _compile(source: Path, library: Path) -> None:
    _run("cc", "-O2", "-shared", "-fPIC", "-Wl,-soname," + library.name, "-o", library, source)  # fmt: skip


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)
