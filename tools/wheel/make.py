"""Makes a wheel, or a relocatable archive, of the program and everything that it needs.

usage: make.py wheel|dist PROGRAM CHECKOUTS FOLDER
PROGRAM: the release build, with Swift's runtime inside. CHECKOUTS: sources of the packages that it is built from, for
their licences. Writes FOLDER/clearbox-<version>-….whl or FOLDER/clearbox-<version>-linux-x86_64.tar.gz.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import libraries
import licences
import older_glibc

ROOT = Path(__file__).resolve().parents[2]
#: What a user of the program needs of the sources; they stand to one another as there.
SHIPPED = ["assets", "studies", "templates", "tools/setup/model.sh", "LICENSE"]
METADATA = """\
Metadata-Version: 2.4
Name: clearbox
Version: {version}
Summary: What compressing a language model does to its accuracy, and to the sparse autoencoders that read it
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.10
Requires-Dist: h5py>=3.7
Requires-Dist: numpy>=1.24
Provides-Extra: notebook
Requires-Dist: pandas>=2; extra == "notebook"
Requires-Dist: xarray>=2023.1; extra == "notebook"
Description-Content-Type: text/markdown

"""


def main() -> None:
    kind, program, checkouts, folder = sys.argv[1], *map(Path, sys.argv[2:])
    if kind not in ("wheel", "dist"):
        raise SystemExit(__doc__)
    version = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=True).stdout.split(
        ","
    )[0]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work) / "clearbox"
        assemble(program, checkouts, tree)
        files = [path for path in [*(tree / "bin").iterdir(), *(tree / "lib").iterdir()]]
        late = {path.name: older_glibc.too_new(path) for path in files if older_glibc.too_new(path)}
        if late:
            raise SystemExit(f"These ask for too new a C library: {late}")
        print(f"   {len(files)} ELF files, none asks for glibc above {older_glibc.newest(files)}")
        made = write_archive(tree, version, folder) if kind == "dist" else write_wheel(tree, version, folder)
    print(f"   {made}, {made.stat().st_size / 1e6:.1f} MB")


def assemble(program: Path, checkouts: Path, tree: Path) -> None:
    """The folder that holds the program, its libraries, what it reads, and the licences."""
    found = libraries.bring(program, tree)
    for name in SHIPPED:
        source = ROOT / name
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, tree / name) if source.is_dir() else shutil.copy(source, tree / name)
    licences.gather(found, ROOT, checkouts, tree / "licences")


def write_archive(tree: Path, version: str, folder: Path) -> Path:
    name = f"clearbox-{version}-linux-x86_64"
    with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as archive:
        archive.add(tree, name)
    return folder / f"{name}.tar.gz"


def write_wheel(tree: Path, version: str, folder: Path) -> Path:
    """The Python package, with the program's folder inside it as _shipped."""
    package = tree.parent / "package"
    info = package / f"clearbox-{version}.dist-info"
    shutil.copytree(ROOT / "python/clearbox", package / "clearbox", ignore=shutil.ignore_patterns("__pycache__"))
    tree.rename(package / "clearbox/_shipped")
    (info / "licenses").mkdir(parents=True)
    shutil.copy(ROOT / "LICENSE", info / "licenses/LICENSE")
    (info / "METADATA").write_text(
        METADATA.format(version=version) + (ROOT / "docs/python.md").read_text(encoding="utf-8")
    )
    (info / "entry_points.txt").write_text("[console_scripts]\nclearbox = clearbox._program:main\n")
    first = _packed(package, info, folder, version, "linux_x86_64")
    tag = _tag(first)
    first.unlink()
    return _packed(package, info, folder, version, tag)


def _packed(package: Path, info: Path, folder: Path, version: str, platform: str) -> Path:
    (info / "WHEEL").write_text(
        f"Wheel-Version: 1.0\nGenerator: clearbox\nRoot-Is-Purelib: false\nTag: py3-none-{platform}\n"
    )
    record = info / "RECORD"
    record.unlink(missing_ok=True)
    paths = sorted(path for path in package.rglob("*") if path.is_file())
    lines = [f"{path.relative_to(package)},sha256={_digest(path)},{path.stat().st_size}" for path in paths]
    record.write_text("\n".join([*lines, f"{record.relative_to(package)},,", ""]))
    wheel = folder / f"clearbox-{version}-py3-none-{platform}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in [*paths, record]:
            # One time for all files: the same files make the same wheel.
            entry = zipfile.ZipInfo(str(path.relative_to(package)), (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
    return wheel


def _digest(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _tag(wheel: Path) -> str:
    """What auditwheel says of a wheel: the oldest platform that it is sure to run on."""
    said = subprocess.run(["auditwheel", "show", "--json", wheel], check=False, capture_output=True, encoding="utf-8")
    if said.returncode != 0:
        raise SystemExit(said.stderr)
    import json

    return json.loads(said.stdout)["overall_tag"]


if __name__ == "__main__":
    main()
