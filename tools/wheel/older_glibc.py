"""Makes an ELF file of Debian 12 load on hosts with an older C library, and says which version it needs.

Each symbol from a shared library is asked for with the version that it had where the file was linked: hypot of
glibc 2.35, for one, though any hypot would do. `lower` asks for the symbol's oldest version instead; what older hosts
lack altogether (arc4random_buf, for libexpat) comes from compat.c.
"""

import re
import struct
import subprocess
from pathlib import Path

import elf

#: The newest versions that shipped files may ask for.
NEWEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29)}
#: The version to ask for instead: the first on x86-64, or the one before for what has been there since.
OLDEST = {
    "hypot": "GLIBC_2.2.5",
    "hypotf": "GLIBC_2.2.5",
    "arc4random_buf": "GLIBC_2.2.5",
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE": "GLIBCXX_3.4.11",
}
#: Symbols that compat.c has.
COMPAT = {"arc4random_buf"}


def wanted(path: Path) -> list[tuple[str, str, tuple[int, ...], str]]:
    """Symbols that a file takes from others: name, library's tag (GLIBC), version, version as written."""
    lines = subprocess.run(["objdump", "-T", path], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"\*UND\*.*\(((\w+)_([\d.]+))\)\s+(\S+)", lines)
    return [(name, tag, tuple(map(int, version.split("."))), written) for written, tag, version, name in found]


def too_new(path: Path) -> dict[str, str]:
    """Symbols that a file wants newer than `NEWEST`, with the version that they have."""
    return {name: written for name, tag, version, written in wanted(path) if tag in NEWEST and version > NEWEST[tag]}


def newest(paths: list[Path]) -> str:
    """The newest version of glibc that any of the files asks for: "2.34"."""
    versions = [version for path in paths for _, tag, version, _ in wanted(path) if tag == "GLIBC"]
    return ".".join(map(str, max(versions)))


def lower(path: Path) -> bool:
    """Asks for older versions of what is too new. True where the file now needs compat.c."""
    symbols = too_new(path)
    unknown = {name: version for name, version in symbols.items() if name not in OLDEST}
    if unknown:
        raise SystemExit(f"{path.name} needs {unknown}: say in {Path(__file__).name} what to ask for instead.")
    replacement = {}
    for name, version in symbols.items():
        if replacement.setdefault(version, OLDEST[name]) != OLDEST[name]:
            raise SystemExit(f"{path.name}: symbols of {version} go back to different versions.")
    if replacement:
        path.write_bytes(_renamed(path.read_bytes(), replacement))
    return bool(COMPAT & symbols.keys())


def _renamed(content: bytes, replacement: dict[str, str]) -> bytes:
    """The file with other names in its list of needed versions (.gnu.version_r)."""
    data = bytearray(content)
    names, needed = elf.section(data, ".dynstr"), elf.section(data, ".gnu.version_r")
    strings = bytes(data[slice(*names)])
    entry = needed[0]
    while True:
        _, count, _, first, following = struct.unpack_from("<HHIII", data, entry)
        place = entry + first
        for _ in range(count):
            _, _, _, name, step = struct.unpack_from("<IHHII", data, place)
            version = strings[name : strings.index(b"\0", name)].decode()
            if version in replacement:
                older = replacement[version].encode()
                start = strings.find(b"\0" + older + b"\0") + 1
                if start == 0:
                    raise SystemExit(f"no other symbol has {older.decode()}, so that its name is missing")
                struct.pack_into("<I", data, place, _hash(older))
                struct.pack_into("<I", data, place + 8, start)
            place += step
        if not following:
            return bytes(data)
        entry += following


def _hash(name: bytes) -> int:
    """The System V ABI's hash of a symbol's name."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high
    return value & 0xFFFFFFFF
