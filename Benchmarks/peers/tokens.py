"""Token ids that the peers read: those of a clearbox run file, or the study's text through Hugging Face's tokenizer.

Of a run file the ids are `/tokens/id` as they stand, cut by `/chunks`. Of a corpus they are packed as the default study packs:
documents in the order of numpy's default_rng(0).shuffle, a BOS before each, one stream, chunks of `length`.
"""
import hashlib
import json
from pathlib import Path

import numpy as np

BUFFER = 10_000  # documents that the study's shuffle holds; up to here it is a shuffle of all of them


def documents(corpus: Path) -> list[str]:
    """The texts of a JSON Lines file in the study's order, without the empty ones."""
    with corpus.open(encoding="utf-8", newline="\n") as file:
        texts = [json.loads(line)["text"] for line in file if line.strip()]
    if len(texts) > BUFFER:
        raise SystemExit(f"{corpus}: {len(texts)} documents, more than the study's shuffle buffer of {BUFFER}")
    order = list(range(len(texts)))
    np.random.default_rng(0).shuffle(order)
    return [texts[i] for i in order if texts[i]]


def of_run_file(path: Path, count: int | None) -> np.ndarray:
    """The first `count` chunks of a run file, [chunks, length] int32. All chunks have the first one's length."""
    import h5py

    with h5py.File(path) as run:
        length, chunks = int(run["chunks/token_count"][0]), len(run["chunks/token_count"])
        if (run["chunks/token_count"][:] != length).any():
            raise SystemExit(f"{path}: chunks of more than one length")
        return at_most(run["tokens/id"][:].astype(np.int32).reshape(chunks, length), count, path)


def of_corpus(path: Path, tokenizer_file: Path, count: int | None, length: int) -> np.ndarray:
    """The first `count` chunks of a corpus, [chunks, length] int32."""
    from tokenizers import Tokenizer

    tokenizer, stream = Tokenizer.from_file(str(tokenizer_file)), []
    for text in documents(path):
        stream += tokenizer.encode(text).ids
        if count is not None and len(stream) >= count * length:
            break
    whole = len(stream) // length
    return at_most(np.array(stream[: whole * length], dtype=np.int32).reshape(whole, length), count, path)


def at_most(chunks: np.ndarray, count: int | None, path: Path) -> np.ndarray:
    if count is not None and count > len(chunks):
        raise SystemExit(f"{path}: {len(chunks)} chunks, {count} asked for")
    return chunks[:count]


def read(path: Path, tokenizer_file: Path, count: int | None, length: int = 512) -> np.ndarray:
    """By the file's name: `.h5` is a run file, everything else a corpus."""
    return of_run_file(path, count) if path.suffix == ".h5" else of_corpus(path, tokenizer_file, count, length)


def digest(ids: np.ndarray) -> str:
    """SHA-256 of ids as int32, little endian."""
    return hashlib.sha256(ids.astype("<i4").tobytes()).hexdigest()
