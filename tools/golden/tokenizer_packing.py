"""A small corpus and how the article packs it.

usage: tokenizer_packing.py TOKENIZER_FOLDER OUTPUT_FOLDER
TOKENIZER_FOLDER holds small.json of tokenizer_small.py. Writes corpus.jsonl and packed.json: for file order, a full
shuffle and a buffered shuffle, the chunks' ids as SHA-256 (int32, little endian), the rows and sources of the tokens
as run lengths, and the number of tokens in all.
"""

import hashlib
import itertools
import json
import os
import random
import sys

import numpy as np
from tokenizers import Tokenizer

sys.path.insert(0, os.path.dirname(__file__))
from tokenizer_texts import SENTENCES, CODE, documents

tokenizer = Tokenizer.from_file(os.path.join(sys.argv[1], "small.json"))
out = sys.argv[2]
r = random.Random(9)
rows = []
for i in range(150):
    kind = r.choice(["Web", "Code", "Übersetzung"])
    text = "".join(r.choice(CODE if kind == "Code" else SENTENCES) for _ in range(r.randint(0, 12)))
    rows.append({"text": text, "meta": {"pile_set_name": kind}, "n": i})
with open(f"{out}/corpus.jsonl", "w", encoding="utf-8", newline="") as file:
    for i, row in enumerate(rows):  # both line ends, blank lines, escapes, no newline at the end
        file.write(json.dumps(row, ensure_ascii=i % 3 == 0) + ("\r\n" if i % 2 else "\n" if i + 1 < len(rows) else ""))
        if i % 40 == 7:
            file.write("  \n")


def buffered(n, size, seed):  # datasets 5.0.0, BufferShuffledExamplesIterable.__iter__
    rng = np.random.default_rng(seed)
    picks = (int(i) for _ in itertools.count() for i in rng.integers(0, size, size=1000))
    held, order = [], []
    for x in range(n):
        if len(held) == size:
            i = next(picks)
            order.append(held[i])
            held[i] = x
        else:
            held.append(x)
    rng.shuffle(held)
    return order + held


def runs(values):
    return [[v, len(list(g))] for v, g in itertools.groupby(values)]


def pack(order, length):
    buffer, chunks, owner, source = [], [], [], []
    for row in order:
        text = rows[row]["text"]
        if not text:
            continue
        ids = tokenizer.encode(text, add_special_tokens=True).ids
        owner += [row] * len(ids)
        source += [rows[row]["meta"]["pile_set_name"]] * len(ids)
        buffer += ids
    total = len(buffer)
    kept = total // length * length
    return {
        "tokens": total, "kept": kept, "ids_sha256": hashlib.sha256(np.array(buffer[:kept], "<i4").tobytes()).hexdigest(),
        "first_batches_sha256": hashlib.sha256(np.array(buffer[: 3 * 4 * length], "<i4").tobytes()).hexdigest(),
        "rows": runs(owner[:kept]), "sources": runs(source[:kept]),
    }


json.dump({
    "file": pack(range(150), 32), "shuffled": pack(buffered(150, 10000, 0), 32), "buffered": pack(buffered(150, 20, 5), 32),
}, open(f"{out}/packed.json", "w"))
