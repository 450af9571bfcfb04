"""Where things lie in a 64-bit ELF file."""

import struct
from typing import NamedTuple


class Section(NamedTuple):
    name: str
    address: int
    begin: int
    end: int


def sections(data: bytes | bytearray) -> list[Section]:
    """All that lie in the file: not .bss, which is zeros."""
    (table,) = struct.unpack_from("<Q", data, 0x28)
    size, count, index = struct.unpack_from("<HHH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
    names, no_bits = headers[index][4], 8
    return [
        Section(data[names + title : data.index(b"\0", names + title)].decode(), address, begin, begin + length)
        for title, kind, _, address, begin, length in headers
        if kind != no_bits
    ]


def section(data: bytes | bytearray, name: str) -> tuple[int, int]:
    """Begin and end in the file."""
    return next((found.begin, found.end) for found in sections(data) if found.name == name)


def place(data: bytes | bytearray, address: int) -> int:
    """Where in the file lies what is loaded at an address."""
    for found in sections(data):
        if found.address and found.address <= address < found.address + found.end - found.begin:
            return found.begin + address - found.address
    raise ValueError(f"no section is loaded at {address:#x}")
