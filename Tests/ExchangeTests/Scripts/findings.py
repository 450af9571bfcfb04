"""Computes findings of a run file that another program wrote, with numpy alone. Prints JSON: metric, condition -> value."""
import json
import sys

import h5py
import numpy as np

values = {}
with h5py.File(sys.argv[1], "r") as run:
    stratum = run["tokens/stratum"][:]
    ordinary = stratum == 0
    for condition, group in run["measurements"].items():
        sae = {name: column[:] for name, column in group["sae"].items()}
        base = run["measurements/bf16/sae/squared_norm"][:]
        width = sae["vector_sum"].shape[2]
        nll = group["accuracy/nll"][:].astype(np.float64)
        error, energy, count = sae["squared_error"].sum(), sae["squared_norm"].sum(), len(stratum)
        result = {
            "cross_entropy": np.nanmean(nll),
            "fvu_article": error / (energy - sae["sum"].sum() ** 2 / (count * width)),
            "fvu": error / (energy - (sae["vector_sum"].sum(axis=(0, 1)) ** 2).sum() / count),
            "fvu_ordinary": sae["squared_error"][ordinary].sum()
            / (sae["squared_norm"][ordinary].sum() - (sae["vector_sum"][:, 0].sum(0) ** 2).sum() / ordinary.sum()),
            "l0": sae["l0"].mean(),
            "fvu_article_at_384": sae["squared_error"][:384].sum()
            / (sae["squared_norm"][:384].sum() - sae["sum"][:384].sum() ** 2 / (384 * width)),
        }
        if condition != "bf16":
            moved = np.sqrt(group["noise_floor/squared_perturbation"][:].sum() / base.sum())
            result["perturbation"] = moved
            result["ratio"] = moved / np.sqrt(error / energy)
        values[condition] = {name: float(value) for name, value in result.items()}
print(json.dumps(values))
