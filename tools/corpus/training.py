"""Writes the training and held-out text of the sparse autoencoder: `training.jsonl` and `heldout.jsonl`.

usage: training.py --cache FOLDER --tokenizer tokenizer.json --study assets/corpus/study.jsonl --out FOLDER

Kinds of text like the study corpus's, from other Debian packages: no package is shared, and a document that shares a run
of 13 words with the study corpus is dropped. Not committed: it is only needed to train the autoencoder again.
"""
import argparse
import hashlib
import json
import random
import re
from pathlib import Path

from tokenizers import Tokenizer

from cleaning import html_to_text, letters_share, man_to_text, read, split, strip_licence_comment, tidy, unwrap
from debian import Package, obtain
from formats import dictd_entries, sword_blocks, wesnoth_messages

SEED = 20240608
HELDOUT_TOKENS = 120_000


def pages(*patterns: str, median: int = 1600, skip: str = r"$^", least_letters: float = 0.8):
    """HTML, Mallard or DocBook pages to documents."""
    def reader(packages: list[Package], rng: random.Random) -> list[str]:
        files = [p for package in packages for p in package.files(*patterns) if not re.search(skip, str(p))]
        rng.shuffle(files)
        return [d for p in files[:3000] for d in split(html_to_text(read(p)), rng, median) if letters_share(d) > least_letters]
    return reader


def plain(*patterns: str, median: int = 1600, joined: bool = False, skip: str = r"$^"):
    """Text files (reStructuredText, POD, plain) to documents."""
    def reader(packages: list[Package], rng: random.Random) -> list[str]:
        files = [p for package in packages for p in package.files(*patterns) if not re.search(skip, str(p))]
        rng.shuffle(files)
        return [d for p in files[:3000] for d in split(unwrap(read(p)) if joined else tidy(read(p)), rng, median)]
    return reader


def code(*patterns: str, skip: str = r"$^"):
    """Source files to documents without their licence comments."""
    def reader(packages: list[Package], rng: random.Random) -> list[str]:
        files = [p for package in packages for p in package.files(*patterns) if not re.search(skip, str(p))]
        rng.shuffle(files)
        documents = []
        for p in files[:1500]:
            documents += split(strip_licence_comment(read(p)), rng, 1100, code=True)
        return [d for d in documents if letters_share(d) > 0.55]
    return reader


def manual_pages(packages: list[Package], rng: random.Random) -> list[str]:
    files = [f for p in packages for f in p.files("usr/share/man/man[1-8]/*.gz")]
    rng.shuffle(files)
    return [d for f in files[:700] for d in split(man_to_text(f), rng, 1600)]


def scenarios(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for package in packages:
        for path in package.files("usr/share/games/wesnoth/**/scenarios*/*.cfg"):
            documents += [d.replace("\n\n", "\n") for d in split(wesnoth_messages(path).replace("\n", "\n\n"), rng, 1600)]
    return documents


def talk(packages: list[Package], rng: random.Random) -> list[str]:
    """What the people of Crossfire say, and what its books and signs tell: the texts between msg and endmsg."""
    documents = []
    for path in packages[0].files("usr/share/games/crossfire/maps/**/*"):
        if path.suffix in (".png", ".py", ".jpg") or path.stat().st_size > 300_000:
            continue
        messages = [unwrap(re.sub(r"^@.*$|\[/?\w+[^\]]*\]", "", m, flags=re.M)) for m in re.findall(r"^msg\n(.*?)^endmsg", read(path), re.S | re.M)]
        text = "\n\n".join(m for m in dict.fromkeys(messages) if len(m) > 40)
        documents += split(text, rng, 1400)
    return documents


def commentary(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for package in packages:
        for folder in sorted({p.parent for p in package.files("usr/share/sword/modules/**/*.?zz")}):
            for block in sword_blocks(folder):
                text = re.sub(r"<(?:div|title|p|br|lb)[^>]*>", "\n\n", block)
                text = re.sub(r"<note.*?</note>|<[^>]*>|\x00", "", text, flags=re.S)
                documents += [d for d in split(unwrap(re.sub(r" {2,}", " ", text)), rng, 2000) if letters_share(d) > 0.9]
    return documents


def dictionary(packages: list[Package], rng: random.Random) -> list[str]:
    entries = [tidy(e) for p in packages for f in p.files("usr/share/dictd/*.dict.dz") for e in dictd_entries(f)[8:]]
    entries = [re.sub(r"\[(?:1913 Webster|PJC|WordNet[^\]]*|Webster 1913[^\]]*)\]", "", e) for e in entries]
    groups, current = [], ""
    for entry in (tidy(e) for e in entries):  # neighbours in the alphabet, several small entries a document
        current = f"{current}\n\n{entry}" if current else entry
        if len(current) > 500 * (1 + rng.random() * 3):
            groups.append(tidy(current)[:6000])
            current = ""
    return groups


def quotations(packages: list[Package], rng: random.Random) -> list[str]:
    documents = []
    for path in packages[0].files("usr/share/games/fortunes/*"):
        if path.suffix == "" and "art" not in path.name:
            parts = [tidy(p) for p in read(path).split("\n%\n")]
            documents += [d for d in split("\n\n".join(re.sub(r"\n{2,}", "\n", p) for p in parts if p), rng, 900)]
    return documents


CAMPAIGNS = [f"wesnoth-1.16-{c}" for c in ("did", "dm", "dw", "ei", "httt", "low", "nr", "sof", "sota", "sotbe", "thot", "trow", "tsg", "utbs")]

# label, reader, packages, most tokens
SOURCES = [
    ("game dialogue", scenarios, CAMPAIGNS, 260_000),
    ("game dialogue", talk, ["crossfire-maps"], 180_000),
    ("sermons and commentary", commentary, ["sword-comm-tdavid", "sword-comm-mhcc"], 420_000),
    ("dictionary", dictionary, ["dict-gcide"], 130_000),
    ("jargon lexicon", dictionary, ["dict-jargon"], 160_000),
    ("quotations", quotations, ["fortunes"], 170_000),
    ("historic documents", plain("usr/share/state/*.gz"), ["miscfiles"], 20_000),
    ("distribution manuals", pages("usr/share/doc/developers-reference/*.html", "usr/share/debian-reference/*.en.html",
        "usr/share/doc/debian/FAQ/*.html", "usr/share/doc/debian-history/*.html", "usr/share/doc/harden-doc/html/**/*.html",
        "usr/share/doc/maint-guide/html/*.html", "usr/share/doc/aptitude/html/en/*.html",
        skip=r"\.(de|fr|es|it|ja|pt|pt-br|pt_BR|ru|zh-cn|zh-tw|zh_CN|ca|cs|da|ko|lt|nl|pl|hr|fi|sv|ro|id|uk|tr)\.html"),
        ["developers-reference", "debian-reference-en", "debian-faq", "debian-history", "harden-doc", "maint-guide", "aptitude-doc-en"], 320_000),
    ("kernel manual", plain("usr/share/doc/linux-doc-6.1/rst/**/*.rst.gz", "usr/share/doc/linux-doc-6.1/**/*.rst.gz", "usr/share/doc/linux-doc-6.1/**/*.rst",
        skip="translations"), ["linux-doc-6.1"], 220_000),
    ("python manual", plain("usr/share/doc/**/*.rst.txt"), ["python3.11-doc"], 200_000),
    ("rust manual", pages("usr/share/doc/rust-doc/html/[brnuec]*/**/*.html", "usr/share/doc/rust-doc/html/std/*.html", skip=r"print\.html|first-edition|second-edition|/src/|core/arch"),
        ["rust-doc"], 140_000),
    ("program help", pages("usr/share/gimp/2.0/help/en/**/*.html"), ["gimp-help-en"], 110_000),
    ("program help", pages("usr/share/help/C/**/*.page"), ["gnome-user-docs"], 110_000),
    ("program help", pages("usr/share/libreoffice/help/en-US/**/*.html", "usr/**/en-US/**/*.html"), ["libreoffice-help-en-us"], 110_000),
    ("astronomy and program help", pages("usr/share/doc/HTML/en/**/*.docbook", "usr/share/doc/**/en/**/*.docbook"), ["kstars-data"], 60_000),
    ("editor manual", pages("usr/share/doc/**/*.html"), ["vim-doc"], 100_000),
    ("perl manual", plain("usr/share/perl/**/*.pod"), ["perl-doc"], 180_000),
    ("manual pages", manual_pages, ["manpages", "manpages-dev"], 180_000),
    ("database manual", pages("usr/share/doc/sqlite3/**/*.html", skip="releaselog|changes|hlr|syntax"), ["sqlite3-doc"], 170_000),
    ("server manual", pages("usr/share/doc/apache2-doc/manual/en/**/*.html"), ["apache2-doc"], 100_000),
    ("python code", code("usr/lib/python3/dist-packages/**/*.py", skip="locale|migrations|/tests?/"), ["python3-django"], 110_000),
    ("python code", code("usr/lib/python3/dist-packages/**/*.py", skip="/data/"), ["python3-scipy", "python3-sympy"], 180_000),
    ("c code", code("usr/src/**/*.c", "usr/src/**/*.h"), ["openafs-modules-dkms", "lttng-modules-dkms"], 220_000),
    ("c++ code", code("usr/include/boost/**/*.hpp", skip="preprocessed|/mpl/|/preprocessor/|spirit"), ["libboost1.74-dev"], 70_000),
    ("go code", code("usr/share/go-1.19/src/**/*.go", skip="_test|zerrors|ztypes|tables|testdata|rewrite|opGen"), ["golang-1.19-src"], 140_000),
    ("rust code", code("usr/src/rustc-1.63.0/library/**/*.rs", skip="stdarch|tests"), ["rust-src"], 120_000),
    ("perl code", code("usr/share/perl/**/*.pm", skip="unicore|Unicode/Collate"), ["perl-modules-5.36"], 60_000),
    ("ruby code", code("usr/lib/ruby/**/*.rb", skip="unicode|tables"), ["libruby3.1"], 80_000),
    ("javascript code", code("usr/share/**/*.js", skip=r"min\.js|/dist/|lodash|bundle"), ["node-express", "node-d3", "node-async", "libjs-backbone", "node-marked"], 80_000),
]


def shingles(text: str) -> set[int]:
    words = re.findall(r"\w+", text.lower())
    return {int.from_bytes(hashlib.blake2b(" ".join(words[i:i + 13]).encode(), digest_size=8).digest(), "big")
            for i in range(max(0, len(words) - 12))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--study", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(arguments.tokenizer)
    study = set()
    for line in arguments.study.open(encoding="utf-8"):
        study |= shingles(json.loads(line)["text"])

    chosen, rows, packages_used, seen = [], [], {}, set()
    dropped_study = dropped_repeat = 0
    for number, (label, reader, names, most) in enumerate(SOURCES):
        rng = random.Random(f"{SEED} {number} {label}")
        packages = [obtain(name, arguments.cache) for name in names]
        documents = reader(packages, rng)
        rng.shuffle(documents)
        tokens = taken = 0
        for text in documents:
            if tokens >= most:
                break
            if "\ufffd" in text:
                continue
            own = shingles(text)
            if own & study:
                dropped_study += 1
                continue
            if own and len(own & seen) > 0.2 * len(own):
                dropped_repeat += 1
                continue
            seen |= own
            count = len(tokenizer.encode(text).ids)
            tokens, taken = tokens + count, taken + 1
            chosen.append(({"text": text, "source": label, "package": packages[0].name}, count))
        rows.append({"source": label, "packages": names, "documents": taken, "tokens": tokens, "available": len(documents)})
        packages_used.update({p.name: {"version": p.version, "sha256": p.sha256} for p in packages})
        print(f"{label} {names[0]}: {taken} of {len(documents)} documents, {tokens} tokens", flush=True)
    random.Random(SEED).shuffle(chosen)

    arguments.out.mkdir(parents=True, exist_ok=True)
    held, train, held_tokens = [], [], 0
    for document, count in chosen:
        if held_tokens < HELDOUT_TOKENS:
            held.append(document)
            held_tokens += count
        else:
            train.append(document)
    facts = {"seed": SEED, "sources": rows, "packages": packages_used, "dropped_shared_with_study": dropped_study,
             "dropped_repeats": dropped_repeat, "tokens": {"training": sum(c for _, c in chosen) - held_tokens, "heldout": held_tokens},
             "documents": {"training": len(train), "heldout": len(held)}}
    for name, documents in (("training", train), ("heldout", held)):
        path = arguments.out / f"{name}.jsonl"
        path.write_text("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents), encoding="utf-8")
        facts[f"sha256_{name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (arguments.out / "corpus.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(json.dumps({k: facts[k] for k in ("tokens", "documents", "dropped_shared_with_study", "dropped_repeats")}))


if __name__ == "__main__":
    main()
