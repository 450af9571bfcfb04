"""Harvests the residual stream after a decoder layer: what the sparse autoencoder is trained on.

usage: harvest.py --model FOLDER --corpus FILE.jsonl --layer 9 --out FOLDER [--tokens N]

Packing is the study's: BOS at the start of each document, ids in one rolling buffer, chunks of 512, no BOS of their own.
Writes `residual.bf16` ([N, dModel], little-endian bfloat16), `ids.i32` ([N]), `document.i32` ([N], line of the corpus file) and
`progress.json`, which grows with every batch so that training can start on the first part. Continues where it stopped.
"""
import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

LENGTH, BATCH = 512, 8


def pack(corpus: Path, tokenizer, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Token ids and the document of each, cut to whole chunks."""
    ids, documents, total = [], [], 0
    for number, line in enumerate(corpus.open(encoding="utf-8")):
        if total >= limit + LENGTH:
            break
        own = tokenizer(json.loads(line)["text"], add_special_tokens=True)["input_ids"]
        ids.append(np.array(own, np.int32))
        documents.append(np.full(len(own), number, np.int32))
        total += len(own)
    whole = min(total, limit) // LENGTH * LENGTH
    return np.concatenate(ids)[:whole], np.concatenate(documents)[:whole]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--layer", type=int, default=9)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=int, default=10**9)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    ids, documents = pack(arguments.corpus, tokenizer, arguments.tokens)
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.bfloat16).eval()
    model.model.layers = model.model.layers[: arguments.layer + 1]
    width = model.config.hidden_size
    caught = []
    model.model.layers[arguments.layer].register_forward_hook(
        lambda module, args, output: caught.append(output[0] if isinstance(output, tuple) else output))

    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    ids.tofile(out / "ids.i32")
    documents.tofile(out / "document.i32")
    progress = out / "progress.json"
    done = json.loads(progress.read_text())["done"] if progress.exists() else 0
    mode = "r+b" if done else "w+b"
    start, first = time.time(), done
    with open(out / "residual.bf16", mode) as sink, torch.no_grad():
        sink.seek(done * width * 2)
        while done < len(ids):
            chunk = torch.from_numpy(ids[done: done + LENGTH * BATCH].astype(np.int64)).view(-1, LENGTH)
            caught.clear()
            model.model(chunk, use_cache=False)
            sink.write(caught[0].contiguous().view(torch.int16).numpy().tobytes())
            sink.flush()
            done += chunk.numel()
            aside = progress.with_suffix(".partial")
            aside.write_text(json.dumps({"done": done, "of": len(ids), "dModel": width, "layer": arguments.layer, "chunk": LENGTH}))
            os.replace(aside, progress)
            if (done // LENGTH) % (BATCH * 20) == 0:
                print(f"{done} of {len(ids)} tokens, {(done - first) / (time.time() - start):.0f} tokens/s", flush=True)


if __name__ == "__main__":
    main()
