"""Gathers the licences of everything that is shipped, with an index that says what each is for."""

import shutil
import subprocess
from pathlib import Path


def gather(libraries: dict[str, Path], root: Path, checkouts: Path, folder: Path) -> None:
    """Writes folder/INDEX.txt and the texts beside it.

    libraries: file names and their places on this machine, all from Debian packages or the Swift toolchain.
    """
    folder.mkdir(parents=True)
    index = [
        "clearbox is under LICENSE-clearbox.txt. Shipped beside it are, with their licences in the files named:",
        "",
    ]

    def add(what: str, text: Path, name: str) -> None:
        if not (folder / name).exists():
            shutil.copy(text, folder / name)
        index.append(f"{what}  {name}")

    shutil.copy(root / "LICENSE", folder / "LICENSE-clearbox.txt")
    toolchain = Path(shutil.which("swift")).resolve().parents[1]
    swift = toolchain / "share/swift/LICENSE.txt"
    for name, place in sorted(libraries.items()):
        if place.is_relative_to(toolchain):
            add(f"lib/{name}  Swift", swift, "swift.txt")
            continue
        package = _package(place)
        version = _query("-W", "-f=${Version}", package)
        text = Path("/usr/share/doc") / package.split(":")[0] / "copyright"
        add(f"lib/{name}  {package.split(':')[0]} {version} (Debian)", text, f"{package.split(':')[0]}.txt")
    add("Swift's standard library, Foundation and ICU, in bin/clearbox", swift, "swift.txt")
    for checkout in sorted(path for path in checkouts.iterdir() if path.is_dir()):
        text = next(checkout.glob("LICENSE*"))
        add(f"{checkout.name}, in bin/clearbox", text, f"{checkout.name}.txt")
    index += [
        "",
        "The libraries under the LGPL are linked dynamically: put your own build into lib/ under the same name.",
        "Their sources are Debian's source packages of the versions named. Debian's files are changed in two ways: they",
        "look for one another in lib/, and some ask for an older version of a symbol of the C library.",
        "lib/libclearbox_compat.so is clearbox's own.",
        "Fonts, texts and autoencoder weights below assets/ state their terms beside them.",
    ]
    (folder / "INDEX.txt").write_text("\n".join(index) + "\n")


def _package(place: Path) -> str:
    """The Debian package that a file is of; with a merged /usr the package may know it under /."""
    for path in (place, Path("/", *place.parts[2:]) if place.parts[1] == "usr" else Path("/usr", *place.parts[1:])):
        found = subprocess.run(["dpkg", "-S", path], check=False, capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0]
    raise SystemExit(f"{place} is of no Debian package: its licence is not known, so it is not shipped.")


def _query(*arguments: str) -> str:
    return subprocess.run(["dpkg-query", *arguments], capture_output=True, text=True, check=True).stdout
