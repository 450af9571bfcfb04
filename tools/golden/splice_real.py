"""The SAE spliced into the real model, by clearbox and by transformers with forward hooks, both in float32.

usage: splice_real.py RUN.h5 MODEL_FOLDER SAE_FOLDER
RUN.h5 is a run of Gemma 3 270M with the experiments accuracy, sae and splice in the condition f32, measured in batches of one
chunk; MODEL_FOLDER holds the same weights as transformers makes them from the GGUF file; SAE_FOLDER is the study's.
Prints, per column of the branches, the largest difference per token. Not a test: the model is not in the repository.
versions: torch 2.15.0, transformers 5.23.0, sae-lens 6.54.12, h5py 3.16.0.
"""
import json
import sys

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from sae_lens import SAE
from transformers import AutoModelForCausalLM

run = h5py.File(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(sys.argv[2], dtype=torch.float32).eval()
sae = SAE.load_from_disk(sys.argv[3], device="cpu", dtype="float32")
layer = model.model.layers[int(run.attrs["layer"])]
length = int(run["chunks/token_count"][0])
ids = torch.tensor(run["tokens/id"][:].astype(np.int64)).view(-1, length)
measured = {name: run[f"measurements/f32/splice/{name}"][:].reshape(-1, length) for name in run["measurements/f32/splice"]}
own = run["measurements/f32/accuracy/nll"][:].reshape(-1, length)
is_ordinary = ~torch.isin(ids, torch.tensor([0, 1, 2]))


def logits(tokens, change=lambda x: x):
    def hook(module, inputs, output):
        return (change(output[0]), *output[1:]) if isinstance(output, tuple) else change(output)
    handle = layer.register_forward_hook(hook)
    with torch.no_grad():
        result = model(tokens).logits[0].double().log_softmax(-1)
    handle.remove()
    return result


caught = []
logits(ids[:1], lambda x: (caught.append(x[0]), x)[1])
mean = caught[0][is_ordinary[0]].double().mean(0).float()
worst, count = {}, 0
for chunk in np.flatnonzero(np.isfinite(measured["nll_sae"]).any(axis=1)):
    tokens, keeps = ids[chunk:chunk + 1], is_ordinary[chunk]
    p = logits(tokens)
    loss = lambda q: -q[:-1].gather(-1, tokens[0, 1:, None])[:, 0].numpy()
    rows = keeps[:-1].numpy()
    count += rows.sum()
    assert (np.isfinite(measured["nll_sae"][chunk][:-1]) == rows).all()
    pairs = {"nll": (own[chunk], loss(p))}
    branches = {"sae": lambda x: torch.where(keeps[:, None], sae.decode(sae.encode(x)), x), "zero": torch.zeros_like, "mean": lambda x: mean.expand_as(x)}
    for name, change in branches.items():
        q = logits(tokens, change)
        pairs[f"nll_{name}"] = measured[f"nll_{name}"][chunk], loss(q)
        pairs[f"kl_{name}"] = measured[f"kl_{name}"][chunk], (p.exp() * (p - q)).sum(-1).numpy()[:-1]
    for name, (ours, theirs) in pairs.items():
        worst.setdefault(name, []).append(np.stack([ours[:-1][rows], theirs[rows]]))
print(count, "predictions")
for name, both in worst.items():
    ours, theirs = np.concatenate(both, axis=1)
    print(f"{name:9} mean {ours.mean():.6f}, transformers {theirs.mean():.6f}, largest difference of a token {np.abs(ours - theirs).max():.2e}")
