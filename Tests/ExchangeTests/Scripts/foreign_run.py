"""Writes a small made-up run file as another program would, for `clearbox import`: by h5py alone.

usage: foreign_run.py example.h5
"""
import json
import sys

import h5py
import numpy as np


def write_run(path, description, tokens, measurements):
    """description: dict; tokens: {"id": …}; measurements: {"bf16/accuracy/nll": array, …}. See docs/run-file.md."""
    types = {"id": "i4", "document": "i4", "chunk": "i4", "source": "u1", "stratum": "u1"}
    columns = {"nll": "f4", "kl": "f4", "top1_agreement": "u1", "l0": "i4"}  # all others are float64
    with h5py.File(path, "w") as file:
        file.attrs["schema_name"] = "clearbox-run"
        file.attrs["schema_version"] = 1
        file.attrs["description"] = json.dumps(description)
        for name, values in tokens.items():
            file.create_dataset(f"tokens/{name}", data=np.asarray(values, types[name]), compression="gzip")
        for name, values in measurements.items():
            kind = columns.get(name.split("/")[-1], "f8")
            file.create_dataset(f"measurements/{name}", data=np.asarray(values, kind), compression="gzip")


def strata(ids, position, norm, first_batch, bos=2, first_positions=4, massive=8.0):
    """0 ordinary; 1 BOS or one of the chunk's first positions; 2 ‖x‖ above `massive` medians; 3 both. Baseline's norms."""
    median = float(np.median(norm[:first_batch]))
    first = (position < first_positions) | (ids == bos)
    rule = {"firstPositions": first_positions, "massiveMultiple": massive, "medianNorm": median}
    return first + 2 * (norm > massive * median), rule


def sae_columns(x, reconstruction, active, stratum, document, chunk):
    """Columns of sae/ from x and x̂ [tokens, D] and the number of active features [tokens]."""
    starts = np.flatnonzero(np.diff(document, prepend=-1) | np.diff(chunk, prepend=-1))  # a document's part of a chunk
    x, reconstruction = x.astype(np.float64), reconstruction.astype(np.float64)
    vectors = [np.add.reduceat(x * (stratum == cell)[:, None], starts, axis=0) for cell in range(4)]
    return {
        "sae/squared_error": ((x - reconstruction) ** 2).sum(1), "sae/squared_norm": (x**2).sum(1),
        "sae/sum": x.sum(1), "sae/dot": (x * reconstruction).sum(1), "sae/l0": active,
        "sae/vector_sum": np.stack(vectors, axis=1),  # [segments, 4, D]
    }


def example(path, tokens=512, length=32, batch=4, width=16):
    """Random numbers in the shape of a study: bf16, int8 and nf4 on the same tokens."""
    random = np.random.default_rng(12)
    document = np.arange(tokens) // 50
    ids = np.where(np.diff(document, prepend=-1) != 0, 2, random.integers(3, 1000, tokens))
    chunk, position = np.arange(tokens) // length, np.arange(tokens) % length
    base = random.normal(size=(tokens, width)) + random.normal(size=width)
    base[37::90, 0] += 60
    stratum, rule = strata(ids, position, np.linalg.norm(base, axis=1), length * batch)
    loss = random.gamma(4, 0.7, tokens)
    measurements = {}
    for condition, size in {"bf16": 0, "int8": 0.05, "nf4": 0.2}.items():
        x = base + size * random.normal(size=base.shape)
        reconstruction = x + 0.3 * random.normal(size=x.shape)
        nll = np.where(position == length - 1, np.nan, loss * (1 + size / 5) + size * random.random(tokens))
        columns = {"accuracy/nll": nll}
        columns |= sae_columns(x, reconstruction, random.integers(1, 9, tokens), stratum, document, chunk)
        if condition != "bf16":
            columns["noise_floor/squared_perturbation"] = ((x - base) ** 2).sum(1)
        measurements |= {f"{condition}/{name}": values for name, values in columns.items()}
    description = {
        "title": "A made-up example: random numbers, no model",
        "model": {"name": "example", "layer": 3},
        "conditions": [
            {"name": "bf16", "kind": "bf16", "effectiveBitsPerParameter": 16},
            {"name": "int8", "kind": "int8", "label": "LLM.int8", "effectiveBitsPerParameter": 9.1},
            {"name": "nf4", "kind": "nf4", "label": "NF4", "effectiveBitsPerParameter": 5.3},
        ],
        "corpus": {"batchSize": batch},
        "strata": rule,
        "budget": {"snapshots": [100, 300, 512]},
    }
    write_run(path, description, {"id": ids, "document": document, "chunk": chunk, "stratum": stratum}, measurements)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    example(sys.argv[1])
