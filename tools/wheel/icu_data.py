"""Leaves of ICU's data within a program what English needs: the rest, 28 MB of other languages, becomes zeros.

The program formats numbers itself and reads UTF-8: it needs ICU's tables of characters, no other language's names,
collations or legacy encodings. What is left out ICU takes for missing, and falls back to its root. Zeros take space on
disk, but none in a wheel or in memory.
"""

import re
import struct
import subprocess
from pathlib import Path

import elf


def trim(program: Path) -> None:
    """program: linked with Swift's runtime inside, and not stripped yet."""
    lines = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^(\w+) (\w+) \w icudt\w+_dat$", lines, re.MULTILINE)
    if not found:
        return
    address, size = (int(text, 16) for text in found.groups())
    data = bytearray(program.read_bytes())
    place = elf.place(data, address)
    less = smaller(bytes(data[place : place + size]))
    data[place : place + size] = less + bytes(size - len(less))
    program.write_bytes(data)
    print(f"   ICU's data: {size / 1e6:.1f} MB, of which {len(less) / 1e6:.1f} MB are kept")


def is_kept(name: str) -> bool:
    """name: as in the table of contents, "icudt76l/coll/zh.res"."""
    file = name.rsplit("/", 1)[-1]
    if file.endswith((".cnv", ".dict")):
        return False
    is_locale = re.fullmatch(r"[a-z]{2,3}(_\w+)?\.res", file)
    return not is_locale or file in ("en.res", "en_001.res", "en_US.res", "en_US_POSIX.res")


def smaller(data: bytes) -> bytes:
    """A package of ICU's common data with some items left out: header, table of contents, names, items."""
    (header,) = struct.unpack_from("<H", data)
    contents = data[header:]
    (count,) = struct.unpack_from("<I", contents)
    places = [struct.unpack_from("<II", contents, 4 + 8 * i) for i in range(count)]
    ends = [start for _, start in places[1:]] + [len(contents)]
    items = []
    for (name, start), end in zip(places, ends):
        title = contents[name : contents.index(b"\0", name)]
        if is_kept(title.decode()):
            items.append((title + b"\0", contents[start:end]))
    names = b"".join(title for title, _ in items)
    table, texts, body = b"", b"", b""
    first = _aligned(4 + 8 * len(items) + len(names))
    for title, item in items:
        body += bytes(_aligned(len(body)) - len(body))
        table += struct.pack("<II", 4 + 8 * len(items) + len(texts), first + len(body))
        texts += title
        body += item
    front = struct.pack("<I", len(items)) + table + texts
    return data[:header] + front + bytes(first - len(front)) + body


def _aligned(size: int) -> int:
    return -(-size // 16) * 16
