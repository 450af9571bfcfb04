"""The wheel as it is: CLEARBOX_WHEEL."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

WHEEL = Path(os.environ["CLEARBOX_WHEEL"])


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(WHEEL) as archive:
        archive.extractall(folder)
    return folder


def elf_files(tree):
    return [path for path in tree.rglob("*") if path.is_file() and path.open("rb").read(4) == b"\x7fELF"]


def test_no_symbol_is_newer_than_the_tag(tree):
    named = tuple(map(int, re.search(r"manylinux_(\d+)_(\d+)_x86_64", WHEEL.name).groups()))
    assert named <= (2, 35)
    files = elf_files(tree)
    assert len(files) > 20
    for path in files:
        symbols = subprocess.run(["objdump", "-T", path], capture_output=True, text=True, check=True).stdout
        versions = [tuple(map(int, found)) for found in re.findall(r"GLIBC_(\d+)\.(\d+)", symbols)]
        assert max(versions, default=(0, 0)) <= named, path.name


def test_every_library_is_shipped_or_the_hosts(tree):
    of_the_host = {"libc", "libm", "libresolv", "ld-linux-x86-64", "libstdc++", "libgcc_s"}
    shipped = {path.name for path in elf_files(tree)}
    for path in elf_files(tree):
        dynamic = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic):
            assert name in shipped or name.split(".so")[0] in of_the_host, f"{path.name}: {name}"


def test_every_library_has_its_licence(tree):
    folder = tree / "clearbox/_shipped"
    index = (folder / "licences/INDEX.txt").read_text()
    for path in (folder / "lib").iterdir():
        if path.name == "libclearbox_compat.so":
            continue
        line = re.search(rf"lib/{re.escape(path.name)} .*  (\S+)$", index, re.MULTILINE)
        assert line and (folder / "licences" / line.group(1)).stat().st_size > 200, path.name


def test_size():
    assert WHEEL.stat().st_size < 60e6
