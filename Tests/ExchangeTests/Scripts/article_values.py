"""Computes what the article's code would, by its formulas, from a run file's raw columns with numpy. Prints its JSON entry
of each condition."""
import json
import math
import sys

import h5py
import numpy as np

tokens, snapshots = int(sys.argv[2]), [int(count) for count in sys.argv[3:]]


def fvu(sae, count, width):
    x2, x = sae["squared_norm"][:count].sum(), sae["sum"][:count].sum()
    return sae["squared_error"][:count].sum(), x2 - x * x / (count * width)


entries = {}
with h5py.File(sys.argv[1], "r") as run:
    width = int(run.attrs["d_model"])
    base_loss = np.nanmean(run["measurements/bf16/accuracy/nll"][:tokens].astype(np.float64))
    for condition, group in run["measurements"].items():
        sae = {name: column[:] for name, column in group["sae"].items()}
        error, denominator = fvu(sae, tokens, width)
        entry = {
            "sae": {
                "fvu": error / denominator, "l0": sae["l0"][:tokens].mean(), "mse": error / (tokens * width),
                "fvu_denominator": denominator, "tokens": tokens,
                "stability": [
                    {"tokens": n, "fvu": np.divide(*fvu(sae, n, width)), "l0": sae["l0"][:n].mean()} for n in snapshots
                ],
            }
        }
        nll = group["accuracy/nll"][:tokens].astype(np.float64)
        loss = np.nanmean(nll)
        entry["performance"] = {
            "cross_entropy": loss, "perplexity": math.exp(loss), "delta_vs_bf16_abs": loss - base_loss,
            "delta_vs_bf16_pct": (loss - base_loss) / base_loss * 100.0, "tokens": int((~np.isnan(nll)).sum()),
        }
        if condition != "bf16":
            moved = group["noise_floor/squared_perturbation"][:tokens]
            pert = math.sqrt(moved.sum() / run["measurements/bf16/sae/squared_norm"][:tokens].sum())
            residual = math.sqrt(error / sae["squared_norm"][:tokens].sum())
            entry["noise_floor"] = {
                "pert_rel_l2": pert, "mean_token_l2": np.sqrt(moved).mean(), "sae_residual_rel": residual,
                "ratio": pert / residual, "pert_mse": moved.sum() / (tokens * width), "sae_mse": error / (tokens * width),
                "tokens": tokens,
            }
        entries[condition] = entry
print(json.dumps(entries, default=float))
