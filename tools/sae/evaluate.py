"""Evaluates a sparse autoencoder on text it was not trained on, as SAELens loads it: `evaluation.json` and the card's tables.

usage: evaluate.py --model FOLDER --sae FOLDER --corpus NAME=FILE.jsonl:TOKENS … --median NORM --out FILE.json

For each corpus and stratum, from float64 sums over its tokens (x residual stream [dModel], e = x - x̂):
- fvu_article = Σ‖e‖² / (Σx² - (Σx)²/(N·dModel)), one scalar mean over tokens and dimensions;
- fvu (textbook) = Σ‖e‖² / (Σ‖x‖² - ‖Σx‖²/N), a mean per dimension;
- median per-token FVU: median of ‖e‖²/‖x - mean(x)‖² with the stratum's mean; mean cosine; mse = Σ‖e‖²/(N·dModel); mean L0.
Strata: all; without BOS and the chunk's positions 0 to 3; without massive tokens (norm above 5 times the median norm);
ordinary, without both. For ordinary tokens the FVU is also split along and across the massive tokens' direction.
"""
import argparse
import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from harvest import LENGTH, pack

MASSIVE = 5.0


def residual(model, layer: int, ids: np.ndarray) -> torch.Tensor:
    """Residual stream after `layer`, bf16 as the model computes it, upcast to float32: [N, dModel]."""
    caught: list[torch.Tensor] = []
    hook = model.model.layers[layer].register_forward_hook(
        lambda module, args, output: caught.append((output[0] if isinstance(output, tuple) else output).flatten(0, 1)))
    with torch.no_grad():
        for chunk in torch.from_numpy(ids.astype(np.int64)).view(-1, LENGTH).split(4):
            model.model(chunk, use_cache=False)
    hook.remove()
    return torch.cat(caught).float()


def sums(x: torch.Tensor, sse: torch.Tensor, cosine: torch.Tensor, l0: torch.Tensor) -> dict:
    """All measures of one stratum."""
    n, d = x.shape
    xd = x.double()
    mean = xd.mean(0)
    square, error = xd.pow(2).sum().item(), sse.double().sum().item()
    own = (xd - mean).pow(2).sum(1)
    return {"tokens": n, "fvu_article": error / (square - xd.sum().item() ** 2 / (n * d)), "fvu": error / own.sum().item(),
            "fvu_median_token": (sse.double() / own).median().item(), "cosine": cosine.double().mean().item(),
            "mse": error / (n * d), "l0": l0.double().mean().item(), "energy_share_explained": 1 - error / square}


def directions(sae, x: torch.Tensor, massive: torch.Tensor, ordinary: torch.Tensor) -> dict:
    """Textbook FVU of ordinary tokens along and across the direction in which massive tokens stand out (their first principal
    axis about the ordinary mean), and the share of the ordinary variance that lies along it."""
    mean = x[ordinary].double().mean(0)
    far = x[massive].double() - mean
    axis = torch.linalg.eigh(far.T @ far).eigenvectors[:, -1]
    error = along = 0.0
    with torch.no_grad():
        for part in x[ordinary].split(1024):
            e = (part - sae.decode(sae.encode(part))).double()
            error, along = error + e.pow(2).sum().item(), along + (e @ axis).pow(2).sum().item()
    own = x[ordinary].double() - mean
    total, line = own.pow(2).sum().item(), (own @ axis).pow(2).sum().item()
    return {"variance_share_along": line / total, "fvu_along": along / line, "fvu_across": (error - along) / (total - line)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sae", type=Path, required=True)
    parser.add_argument("--corpus", action="append", required=True, metavar="NAME=FILE:TOKENS")
    parser.add_argument("--median", type=float, help="median norm that defines massive tokens (default: of each corpus)")
    parser.add_argument("--layer", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    from sae_lens import SAE
    import sae_lens

    sae = SAE.load_from_disk(str(a.sae), device="cpu")
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.bfloat16).eval()
    model.model.layers = model.model.layers[: a.layer + 1]
    result = {"sae_weights_sha256": hashlib.sha256((a.sae / "sae_weights.safetensors").read_bytes()).hexdigest(),
              "massive": f"norm > {MASSIVE:g} x median norm", "layer": a.layer,
              "versions": {"python": platform.python_version(), "torch": torch.__version__, "sae_lens": sae_lens.__version__},
              "corpora": {}}
    for entry in a.corpus:
        name, _, rest = entry.partition("=")
        path, _, limit = rest.rpartition(":")
        ids, _ = pack(Path(path), tokenizer, int(limit))
        x = residual(model, a.layer, ids)
        sse, cosine, l0, fires = [], [], [], torch.zeros(sae.cfg.d_sae)
        with torch.no_grad():
            for part in x.split(1024):
                f = sae.encode(part)
                back = sae.decode(f)
                sse.append((part - back).double().pow(2).sum(1))
                cosine.append(torch.cosine_similarity(part, back, dim=1))
                l0.append((f != 0).sum(1))
                fires += (f != 0).sum(0)
        sse, cosine, l0 = torch.cat(sse), torch.cat(cosine), torch.cat(l0)
        norm = x.norm(dim=1)
        median = a.median or norm.median().item()
        massive = norm > MASSIVE * median
        special = torch.from_numpy(ids == 2) | (torch.arange(len(ids)) % LENGTH < 4)
        strata = {"all": torch.ones(len(ids), dtype=torch.bool), "without BOS and positions 0-3": ~special,
                  "without massive": ~massive, "ordinary": ~special & ~massive, "massive only": massive}
        density = (fires / len(ids)).numpy()
        alive = np.sort(density[density > 0])
        result["corpora"][name] = {
            "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(), "tokens": len(ids), "median_norm": median,
            "massive_tokens": int(massive.sum()),
            "strata": {k: sums(x[v], sse[v], cosine[v], l0[v]) for k, v in strata.items()},
            "massive_direction_ordinary_tokens": directions(sae, x, massive, strata["ordinary"]),
            "features": {"dead": int((density == 0).sum()), "of": len(density),
                         "density_quantiles_of_live": {q: float(np.quantile(alive, float(q))) for q in ("0.05", "0.25", "0.5", "0.75", "0.95", "0.99")},
                         "denser_than_1_percent": int((density > 0.01).sum()), "denser_than_10_percent": int((density > 0.1).sum()),
                         "denser_than_50_percent": int((density > 0.5).sum())}}
        print(f"\n{name}: {len(ids):,} tokens, {int(massive.sum())} massive, dead {int((density == 0).sum())} of {len(density)}\n")
        print("| stratum | tokens | FVU, textbook | FVU, article's form | median per token | cosine | MSE | L0 |\n|---|--:|--:|--:|--:|--:|--:|--:|")
        for k, v in result["corpora"][name]["strata"].items():
            print(f"| {k} | {v['tokens']:,} | {v['fvu']:.4f} | {v['fvu_article']:.4f} | {v['fvu_median_token']:.4f} | {v['cosine']:.4f} | {v['mse']:.1f} | {v['l0']:.1f} |")
    a.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
