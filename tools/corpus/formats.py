"""Readers for the few container formats of the sources: R data, the Bible program, dictd, SWORD, game data."""
import gzip
import re
import struct
import subprocess
import zlib
from pathlib import Path

from cleaning import read, tidy


def r_character_vectors(rdb: Path) -> list[list[str]]:
    """The character vectors (of 100 strings or more) in a lazy-load database of R.

    The file is a sequence of blocks: 4-byte big-endian length of the inflated block, then a zlib stream. A block is R's XDR
    serialization; a vector of strings is the word 16 (STRSXP, flags allowed above the low byte), a count, and per string
    a word with low byte 9 (CHARSXP), a byte count (-1 for NA) and the bytes.
    """
    data, at, vectors = rdb.read_bytes(), 0, []
    while at + 4 < len(data):
        stream = zlib.decompressobj()
        block = stream.decompress(data[at + 4:])
        at = len(data) - len(stream.unused_data)
        i = block.find(b"\x00\x00\x00\x10")
        while 0 <= i < len(block) - 8:
            count, j, strings = struct.unpack(">i", block[i + 4:i + 8])[0], i + 8, []
            while len(strings) < count and j + 8 <= len(block) and block[j + 3] == 9:
                size = struct.unpack(">i", block[j + 4:j + 8])[0]
                strings.append(block[j + 8:j + 8 + max(0, size)].decode("utf-8", "replace"))
                j += 8 + max(0, size)
            if len(strings) == count and count >= 100:
                vectors.append(strings)
                i = block.find(b"\x00\x00\x00\x10", j)
            else:
                i = block.find(b"\x00\x00\x00\x10", i + 4)
    return vectors


def bible_chapters(program: Path, data_folder: Path) -> list[str]:
    """The chapters of the King James Bible as `bible` prints them, verse numbers in front, one verse a line."""
    names = ("Ge Ex Le Nu De Jos Jdg Ru 1Sa 2Sa 1Ki 2Ki 1Ch 2Ch Ezr Ne Es Job Ps Pr Ec So Isa Jer La Eze Da Ho Joe Am Ob "
             "Jon Mic Na Hab Zep Hag Zec Mal Mt Mr Lu Joh Ac Ro 1Co 2Co Ga Eph Php Col 1Th 2Th 1Ti 2Ti Tit Phm Heb Jas "
             "1Pe 2Pe 1Jo 2Jo 3Jo Jude Re").split()
    run = subprocess.run([str(program), "-f", "-l", "100000", "-p", str(data_folder)],
                         input="Gen1:1-Rev22:21\n", capture_output=True, text=True)
    chapters: dict[str, list[str]] = {}
    for line in run.stdout.splitlines():
        match = re.match(r"([1-3]?[A-Za-z]+)\s?(\d+):(\d+) (.+)", line.strip())
        if match:
            chapters.setdefault(f"{match.group(1)}{match.group(2)}", []).append(f"{match.group(3)} {match.group(4).strip()}")
    if len(chapters) < 1000:
        raise RuntimeError(f"{program}: only {len(chapters)} chapters read, expected 1189 ({len(names)} books)")
    return ["\n".join(dict.fromkeys(verses)) for verses in chapters.values()]


def dictd_entries(dictionary: Path) -> list[str]:
    """Entries of a dictd database file: a headword at the left margin, its text indented below."""
    text = gzip.decompress(dictionary.read_bytes()).decode("utf-8", "replace")
    entries, current = [], []
    for line in text.split("\n"):
        if line and not line[0].isspace() and current and any(l.startswith(" ") for l in current):
            entries.append("\n".join(current))
            current = []
        current.append(line)
    entries.append("\n".join(current))
    return [re.sub(r"\{([^{}]*)\}", lambda m: re.sub(r"\s+", " ", m.group(1)), e) for e in entries]


def sword_blocks(folder: Path) -> list[str]:
    """Compressed blocks of a SWORD commentary as text; block index entries are offset, size, inflated size."""
    blocks = []
    for index in sorted(folder.glob("*.?zs")):
        raw, table = index.with_name(index.name[:-1] + "z").read_bytes(), index.read_bytes()
        for offset, size, _ in struct.iter_unpack("<III", table[:len(table) // 12 * 12]):
            try:
                blocks.append(zlib.decompress(raw[offset:offset + size]).decode("utf-8", "replace"))
            except zlib.error:
                continue
    return blocks


def endless_sky_missions(path: Path) -> list[str]:
    """The spoken and narrated text of each mission, event or fleet talk: the strings in backquotes, in order."""
    documents = []
    for block in re.split(r"\n(?=\S)", read(path)):
        strings = [s.strip() for s in re.findall(r"`([^`]*)`", block)]
        text = tidy("\n".join(s for s in strings if s))
        text = re.sub(r"<(first|last)>", lambda m: {"first": "Robin", "last": "Marlowe"}[m.group(1)], text)
        text = re.sub(r"<(ship|origin|destination|planet|system|npc)>",
                      lambda m: {"ship": "the Heron", "origin": "Clearwater", "destination": "Farpoint", "planet": "Farpoint",
                                 "system": "Arneb", "npc": "the escort"}[m.group(1)], text)
        documents.append(re.sub(r"<[^<>]{1,30}>", "some", text))
    return documents


def wesnoth_messages(path: Path) -> str:
    """Dialogue and narration of a scenario: each message after its speaker, story texts as they are."""
    source, lines, speaker = read(path), [], ""
    for match in re.finditer(r'\b(speaker|message|story)\s*=\s*(?:_\s*)?("(?:[^"]|"")*"|\S+)', source):
        key, value = match.group(1), match.group(2).strip('"').replace('""', '"')
        if key == "speaker":
            speaker = value
        elif len(value) > 20:
            value = re.sub(r"\s*\n\s*", " ", re.sub(r"<[^<>]*>", "", value))
            name = "" if key == "story" or speaker in ("narrator", "unit", "second_unit") else f"{speaker}: "
            lines.append(name + value)
            speaker = ""
    return tidy("\n".join(lines))
