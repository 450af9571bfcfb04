"""Hugging Face's `tokenizers` on one thread: the study's texts to ids, the way a Python user has them.

usage: tokenizer.py TOKENIZER.json CORPUS.jsonl … [--passes N]

TOKENIZER.json is the one that model.py writes. Texts are taken in the files' order, BOS in front of each. Timed are one call of
`encode` per document and one of `encode_batch` over all; reading files and turning encodings into lists of ids is outside the
clock. Each is done --passes times, in turns, and the best counts; `first_seconds` is the first pass, before the library's cache
of words is warm. Prints one JSON line; `ids_sha256` is over all ids as int32, little endian, document after document.
"""
import argparse
import hashlib
import json
import os
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import numpy as np
import tokenizers


def digest(encodings) -> str:
    whole = hashlib.sha256()
    for encoding in encodings:
        whole.update(np.array(encoding.ids, dtype="<i4").tobytes())
    return whole.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("--passes", type=int, default=5)
    a = parser.parse_args()

    start = time.perf_counter()
    tokenizer = tokenizers.Tokenizer.from_file(str(a.tokenizer))
    loading = time.perf_counter() - start
    texts = []
    for path in a.corpus:
        with path.open(encoding="utf-8", newline="\n") as file:
            texts += [json.loads(line)["text"] for line in file if line.strip()]
    ways = {"encode": lambda: [tokenizer.encode(text) for text in texts], "encode_batch": lambda: tokenizer.encode_batch(texts)}

    seconds, digests, count = {way: [] for way in ways}, set(), 0
    for number in range(a.passes):
        for way, call in ways.items():
            start = time.perf_counter()
            encodings = call()
            seconds[way].append(time.perf_counter() - start)
            if number == 0:
                digests.add(digest(encodings))
                count = sum(len(encoding) for encoding in encodings)
            del encodings
    if len(digests) > 1:
        raise SystemExit("encode and encode_batch gave different ids")
    print(json.dumps({
        "program": "tokenizers", "version": tokenizers.__version__, "threads": 1, "documents": len(texts), "tokens": count,
        "bytes": sum(len(text.encode()) for text in texts), "passes": a.passes, "loading_seconds": loading,
        **{way: {"seconds": min(s), "first_seconds": s[0], "tokens_per_second": count / min(s)} for way, s in seconds.items()},
        "ids_sha256": digests.pop()}))


if __name__ == "__main__":
    main()
