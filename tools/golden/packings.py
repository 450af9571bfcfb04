"""How SAELens, TransformerLens and llama-perplexity cut a corpus, by their own code where it can be called.

usage: packings.py TOKENIZER_FOLDER CORPUS_FOLDER TRANSFORMER_LENS_FOLDER
TOKENIZER_FOLDER holds small.json, CORPUS_FOLDER corpus.jsonl of tokenizer_packing.py; writes CORPUS_FOLDER/packings.json.
The corpus is corpus.jsonl read fifteen times over, 2,250 documents: three of TransformerLens' batches of 1,000.

- saelens: sae-lens 6.54.12, concat_and_batch_sequences, called as ActivationsStore calls it with prepend_bos=True and
  sequence_separator_token="bos"; documents tokenized without special tokens.
- transformer_lens: transformer-lens 4.3.0, tokenize_and_concatenate with add_bos_token=True, num_proc=None.
  TRANSFORMER_LENS_FOLDER is the unpacked wheel; the function's module is loaded alone, because sae-lens needs another
  version of the package.
- llama_cpp: what tools/perplexity does: the text (documents joined by an empty line) is tokenized whole with BOS in
  front (transformers' tokenizer here), cut into chunks, and each chunk's first token replaced by BOS.

Beside it the same documents as corpus.jsonl.gz, corpus.jsonl.zst and corpus.parquet.

Of each packing, for rows of 32 and 33 tokens: how many chunks, SHA-256 of their ids (int32, little endian), and the first chunk.
"""

import gzip
import hashlib
import importlib.util
import json
import os
import sys
import types

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
import transformers
from sae_lens.tokenization_and_batching import concat_and_batch_sequences
from transformers import PreTrainedTokenizerFast

tokenizer = PreTrainedTokenizerFast(
    tokenizer_file=os.path.join(sys.argv[1], "small.json"), bos_token="<bos>", eos_token="<eos>", pad_token="<pad>")
with open(f"{sys.argv[2]}/corpus.jsonl", encoding="utf-8", newline="\n") as file:
    once = [json.loads(line)["text"] for line in file if line.strip()]
texts = once * 15


def transformer_lens_function():
    # Its two neighbours import the whole package; the function needs one line of one of them.
    hub = types.ModuleType("transformer_lens.utilities.hf_utils")
    hub.keep_single_column = lambda dataset, name: dataset.select_columns([name])
    tensors = types.ModuleType("transformer_lens.utilities.tensors")
    tensors.get_cumsum_along_dim = None
    sys.modules[hub.__name__], sys.modules[tensors.__name__] = hub, tensors
    path = f"{sys.argv[3]}/transformer_lens/utilities/tokenize_utils.py"
    spec = importlib.util.spec_from_file_location("tokenize_utils", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.tokenize_and_concatenate


tokenize_and_concatenate = transformer_lens_function()


def saelens(length):
    documents = (
        torch.tensor(tokenizer(t, add_special_tokens=False)["input_ids"], dtype=torch.long) for t in texts)
    return [c.tolist() for c in concat_and_batch_sequences(
        documents, length, begin_batch_token_id=tokenizer.bos_token_id, begin_sequence_token_id=None,
        sequence_separator_token_id=tokenizer.bos_token_id)]


def transformer_lens(length, which):
    dataset = datasets.Dataset.from_dict({"text": which})
    rows = tokenize_and_concatenate(dataset, tokenizer, max_length=length, num_proc=None, set_format=False)
    return [list(r) for r in rows["tokens"]]


def llama_cpp(length):
    ids = tokenizer("\n\n".join(t for t in texts if t), add_special_tokens=False)["input_ids"]
    ids = [tokenizer.bos_token_id, *ids]
    chunks = [ids[i * length : (i + 1) * length] for i in range(len(ids) // length)]
    return [[tokenizer.bos_token_id, *c[1:]] for c in chunks]


def summary(chunks):
    ids = np.array(chunks, "<i4")
    return {"chunks": len(chunks), "sha256": hashlib.sha256(ids.tobytes()).hexdigest(), "first": chunks[0]}


golden = {}
for length in [32, 33]:
    golden[f"saelens-{length}"] = summary(saelens(length))
    golden[f"transformer_lens-{length}"] = summary(transformer_lens(length, texts))
    golden[f"llama_cpp-{length}"] = summary(llama_cpp(length))
# The same documents in the other forms that a corpus may have (pyarrow 26.0.1).
with open(f"{sys.argv[2]}/corpus.jsonl", "rb") as file:
    content = file.read()
half = len(content) // 2  # two gzip members, two frames
with open(f"{sys.argv[2]}/corpus.jsonl.gz", "wb") as file:
    file.write(gzip.compress(content[:half], mtime=0) + gzip.compress(content[half:], mtime=0))
with open(f"{sys.argv[2]}/corpus.jsonl.zst", "wb") as file:
    for part in [content[:half], content[half:]]:
        file.write(pa.compress(part, codec="zstd", asbytes=True))
rows = [json.loads(line) for line in content.decode().split("\n") if line.strip()]
pq.write_table(pa.Table.from_pylist(rows), f"{sys.argv[2]}/corpus.parquet", row_group_size=64)

json.dump(golden, open(f"{sys.argv[2]}/packings.json", "w"), indent=1)
print(transformers.__version__, {k: v["chunks"] for k, v in golden.items()})
