"""Ids of the real tokenizer on hard texts.

usage: tokenizer_real.py TOKENIZER.json OUTPUT_FOLDER [CORPUS.jsonl]
TOKENIZER.json is made by transformers from the GGUF file of Gemma 3 270M.
Writes tokenizer-texts.jsonl (the texts) and tokenizer-ids.json: per text the SHA-256 of its ids with BOS as int32,
little endian; and for the corpus one digest over all documents' ids, and the number of tokens.
"""

import hashlib
import json
import os
import sys

import numpy as np
from tokenizers import Tokenizer

sys.path.insert(0, os.path.dirname(__file__))
from tokenizer_texts import documents

tokenizer = Tokenizer.from_file(sys.argv[1])
out = sys.argv[2]
texts = list(documents(250_000, 1))
with open(f"{out}/tokenizer-texts.jsonl", "w", encoding="utf-8") as file:
    for text in texts:
        file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


def ids(text):
    return np.array(tokenizer.encode(text).ids, dtype="<i4").tobytes()


result = {"texts": [hashlib.sha256(ids(text)).hexdigest() for text in texts]}
if len(sys.argv) > 3:
    whole, count = hashlib.sha256(), 0
    for line in open(sys.argv[3], encoding="utf-8"):
        piece = ids(json.loads(line)["text"])
        whole.update(piece)
        count += len(piece) // 4
    result |= {"corpus": whole.hexdigest(), "corpus_tokens": count}
json.dump(result, open(f"{out}/tokenizer-ids.json", "w"), indent=0)
