"""Writes the study corpus: `assets/corpus/study.jsonl` and the table of its README.

usage: study.py --cache FOLDER --tokenizer tokenizer.json --out assets/corpus

About 560,000 Gemma tokens of freely licensed English and code from Debian packages, ten sources, one JSON object a
line with `text` and `source`. Deterministic for given package versions: documents are cut and drawn with seeded
generators, then shuffled, so any prefix of the file is a mixture.
"""
import argparse
import hashlib
import json
import random
import re
from pathlib import Path

from tokenizers import Tokenizer

from cleaning import html_to_text, letters_share, read, split, strip_licence_comment, tidy, unwrap
from debian import Package, obtain
from formats import bible_chapters, dictd_entries, endless_sky_missions, r_character_vectors

SEED = 20240607

# Documents that print the address of a software registry are left out: such lines age badly, and nobody should
# mistake them for instructions of this project. (The one-letter classes keep these lines from matching themselves.)
_REGISTRY = re.compile(r"(deb|ftp|security|snapshot|packages|archive)\.(\w+\.)?(debian|ubuntu)\.(org|com)|debian\.org/debian|[p]ypi|[c]rates\.io|[n]pmjs"
                       r"|[r]ubygems\.org|[p]roxy\.golang|[c]pan\.org|[m]aven\.org|[d]ocker\.(io|com)|[h]uggingface\.co|/[r]oot/|/[w]ork/")


def fiction(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for book in r_character_vectors(packages[0].root / "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"):
        for chapter in re.split(r"\n(?=\s*(?:CHAPTER|Chapter) [IVXLC0-9]+\b)", "\n".join(book))[1:]:
            text = re.sub(r"^\s*(?:CHAPTER|Chapter) [IVXLC0-9]+\.?\s*", "", chapter)
            documents += split(unwrap(text), rng, median=2200)
    return documents


def game_dialogue(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/share/games/endless-sky/data/*.txt"):
        if "deprecated" in path.name:
            continue
        for text in endless_sky_missions(path):
            documents += [d.replace("\n\n", "\n") for d in split(text.replace("\n", "\n\n"), rng, median=1500)]
    return documents


def bible(packages: list[Package], rng: random.Random) -> list[str]:
    program, text = packages
    chapters = bible_chapters(program.root / "usr/bin/bible", text.root / "usr/lib")
    return [c for c in chapters if 600 <= len(c) <= 6000]


def political_philosophy(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/share/doc/anarchism/html/*.html"):
        text = html_to_text(read(path))
        documents += [d for d in split(text, rng, median=2000) if letters_share(d) > 0.9]
    return documents


def technical_manual(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/share/doc/debian-handbook/html/en-US/*.html"):
        if path.name.startswith("ix") or path.name == "index.html":
            continue
        text = html_to_text(read(path)).removeprefix("Download the ebook").lstrip()
        documents += split(text, rng, median=1800)
    return documents


def encyclopaedia(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for entry in dictd_entries(packages[0].root / "usr/share/dictd/foldoc.dict.dz")[8:]:
        head, _, body = entry.partition("\n")
        body = re.sub(r"\n\s*\(\d{4}-\d\d-\d\d\)\s*$", "", body.rstrip())
        body = re.sub(r"<([a-z, ]+)> ", r"(\1) ", unwrap(body))
        if len(body) >= 420:
            documents.append(tidy(f"{head}\n\n{body}")[:9000])
    return documents


def command_reference(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/share/doc/git-doc/git*.txt", "usr/share/doc/git-doc/*.txt",
                                  "usr/share/doc/git-doc/howto/*.txt"):
        if "RelNotes" not in str(path):
            documents += split(tidy(read(path)), rng, median=1600)
    return documents


def database_manual(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/share/doc/postgresql-doc-15/html/*.html"):
        if path.name.startswith(("release-", "bookindex", "index", "biblio", "acronyms", "sql-keywords", "features")):
            continue
        documents += [d for d in split(html_to_text(read(path)), rng, median=1600) if letters_share(d) > 0.8]
    return documents


def python_code(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/lib/python3.11/**/*.py"):
        if any(part in ("encodings", "pydoc_data", "lib2to3", "idlelib") for part in path.parts):
            continue
        documents += split(strip_licence_comment(read(path)), rng, median=1100, code=True)
    return documents


def c_code(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for package in packages:
        for path in package.files("usr/src/**/*.c", "usr/src/**/*.h"):
            text = strip_licence_comment(read(path))
            documents += [d for d in split(text, rng, median=1100, code=True) if letters_share(d) > 0.6]
    return documents


# label, reader, packages, tokens wanted, licence
SOURCES = [
    ("fiction (Jane Austen)", fiction, ["r-cran-janeaustenr"], 80_000, "public domain (texts of Project Gutenberg), package MIT"),
    ("game dialogue", game_dialogue, ["endless-sky-data"], 60_000, "GPL-3.0-or-later"),
    ("Bible (KJV)", bible, ["bible-kjv", "bible-kjv-text"], 30_000, "public domain; program GPL-2.0-or-later"),
    ("political philosophy", political_philosophy, ["anarchism"], 70_000, "GPL-2.0-or-later"),
    ("technical manual", technical_manual, ["debian-handbook"], 60_000, "GPL-2.0-or-later or CC-BY-SA-3.0"),
    ("encyclopaedia prose", encyclopaedia, ["dict-foldoc"], 60_000, "GFDL-1.2 or later"),
    ("command reference", command_reference, ["git-doc"], 40_000, "GPL-2.0"),
    ("database manual", database_manual, ["postgresql-doc-15"], 40_000, "PostgreSQL"),
    ("python code", python_code, ["libpython3.11-stdlib"], 65_000, "PSF-2.0"),
    ("c code", c_code, ["apfs-dkms", "jool-dkms"], 60_000, "GPL-2.0"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for downloaded and unpacked packages")
    parser.add_argument("--tokenizer", required=True, help="tokenizer.json of Gemma 3")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(arguments.tokenizer)

    chosen, rows, provenance, seen = [], [], [], set()
    for label, reader, names, wanted, licence in SOURCES:
        rng = random.Random(f"{SEED} {label}")
        packages = [obtain(name, arguments.cache) for name in names]
        documents = reader(packages, rng)
        rng.shuffle(documents)
        tokens, taken = 0, 0
        for text in documents:
            if tokens >= wanted:
                break
            key = re.sub(r"\W+", " ", text.lower())[:200]
            if key in seen or "\ufffd" in text or _REGISTRY.search(text):
                continue
            seen.add(key)
            tokens += len(tokenizer.encode(text).ids)
            taken += 1
            chosen.append({"text": text, "source": label})
        rows.append((label, taken, tokens))
        provenance += [(label, p.name, p.version, p.sha256, licence) for p in packages]
        print(f"{label}: {taken} of {len(documents)} documents, {tokens} tokens")
    random.Random(SEED).shuffle(chosen)

    arguments.out.mkdir(parents=True, exist_ok=True)
    target = arguments.out / "study.jsonl"
    target.write_text("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in chosen), encoding="utf-8")
    lengths = sorted(len(d["text"]) for d in chosen)
    facts = {"documents": len(chosen), "tokens": sum(r[2] for r in rows), "bytes": target.stat().st_size,
             "median_characters": lengths[len(lengths) // 2], "sha256": hashlib.sha256(target.read_bytes()).hexdigest()}
    print(json.dumps(facts))
    table = ["| source | documents | tokens |", "|---|--:|--:|"] + [f"| {a} | {b:,} | {c:,} |" for a, b, c in rows]
    table.append(f"| **all** | **{facts['documents']:,}** | **{facts['tokens']:,}** |")
    table += ["", "| source | Debian package | version | SHA-256 of the .deb | licence of the text |", "|---|---|---|---|---|"]
    table += [f"| {l} | `{n}` | {v} | `{s}` | {c} |" for l, n, v, s, c in provenance]
    table += ["", f"`study.jsonl`: {facts['bytes']:,} bytes, median document {facts['median_characters']:,} characters, "
              f"SHA-256 `{facts['sha256']}`."]
    (arguments.out / "README.md").write_text((Path(__file__).parent / "study-readme.md").read_text().replace(
        "{{tables}}", "\n".join(table)))


if __name__ == "__main__":
    main()
