"""Trains a sparse autoencoder on harvested residual streams and saves it in SAELens' folder format as `jumprelu`.

usage: train.py --data FOLDER --heldout FOLDER --out FOLDER [--width 8192] [--k 50] [--tokens 30e6] [--minutes 30]

The recipe, in one place (x: a token's residual stream [dModel]; ordinary: norm at most 5 times the median norm):
- x' = (x - m)·s with m the mean of ordinary tokens and s such that ordinary tokens have mean ‖x'‖² = dModel.
- a = z·[z > θ] with z = x' W_enc + b_enc. One threshold θ > 0 for all features, steered after every step so that ordinary
  tokens of the batch have k active features on average. The same θ applies to every token, so what is trained is
  what JumpReLU does at inference; nothing is ranked within a batch.
- loss = mean over tokens of w·‖x' - x̂'‖², w = min(1, (1.5·median‖x‖/‖x‖)²): a massive token (BOS, some newlines and periods,
  8 to 15 times the median norm) counts by its relative error, and neither dominates the loss nor is left out.
- Massive tokens differ from ordinary ones along a single direction u (it holds 99.97 % of their energy, and half of the
  variance of ordinary tokens too). Features 0 and 1 start as ±u, all others orthogonal to u, and the encoder reads the
  component along u scaled by 1/20 (a preconditioner, folded into W_enc at the end): otherwise every step moves the
  response of thousands of features to massive tokens.
- Features that have not fired for `--dead-after` tokens learn from the residual of a part of each batch (auxiliary loss).
- Epochs over all tokens harvested by the epoch's beginning, each in a fresh random order.
- Adam; linear warm-up, constant, then linear decay to zero; decoder rows kept at unit norm.
- In the end s and m are folded into the weights (normalize_activations "none", apply_b_dec_to_input false), the weights are
  rounded to bf16, and b_dec and θ are set once more on training tokens with the rounded weights.
"""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

MASSIVE = 5.0  # multiples of the median norm
FAIR = 1.5  # multiples of the median norm at which the loss becomes relative
DAMP = 1 / 20  # of the component along the massive direction, as the encoder reads it


def load(folder: Path) -> torch.Tensor:
    """Residual streams harvested so far, bf16 [N, dModel], mapped from disk."""
    progress = json.loads((folder / "progress.json").read_text())
    shape = (progress["done"], progress["dModel"])
    return torch.from_file(str(folder / "residual.bf16"), shared=True, size=shape[0] * shape[1], dtype=torch.bfloat16).view(shape)


class Autoencoder:
    """Weights in normalised units with hand-written sparse gradients: [F, D] rows for both matrices."""

    def __init__(self, width: int, axis: torch.Tensor, seed: int) -> None:
        self.axis = axis  # unit vector [dModel]
        generator = torch.Generator().manual_seed(seed)
        dimension = len(axis)
        noise = torch.randn(width, dimension, generator=generator)
        self.decoder = F.normalize(noise - torch.outer(noise @ axis, axis), dim=1)
        self.decoder[0], self.decoder[1] = axis, -axis
        self.encoder = self.decoder.clone()
        self.encoder[:2] /= DAMP
        self.bias = torch.zeros(width)
        self.offset = torch.zeros(dimension)

    def parameters(self) -> list[torch.Tensor]:
        return [self.encoder, self.bias, self.decoder, self.offset]

    def damped(self, x: torch.Tensor) -> torch.Tensor:
        """What the encoder reads: x with its component along the massive direction scaled down."""
        return x - torch.outer((1 - DAMP) * (x @ self.axis), self.axis)

    def preactivations(self, x: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias.bfloat16(), self.damped(x).bfloat16(), self.encoder.bfloat16().T)

    def active(self, x: torch.Tensor, threshold: float):
        """Rows, columns and values of the active features."""
        z = self.preactivations(x)
        at = torch.nonzero((z > threshold).view(-1)).view(-1)
        return at // z.shape[1], at % z.shape[1], z.view(-1)[at].float()

    def decode(self, rows, columns, values, count: int) -> torch.Tensor:
        begin = torch.zeros(count, dtype=torch.long)
        begin[1:] = torch.bincount(rows, minlength=count).cumsum(0)[:-1]
        return F.embedding_bag(columns, self.decoder, begin, mode="sum", per_sample_weights=values) + self.offset


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--heldout", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--width", type=int, default=8192)
    parser.add_argument("--k", type=float, default=50)
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--tokens", type=float, default=30e6, help="training tokens, epochs included")
    parser.add_argument("--limit", type=int, default=10**9, help="use only the first so many harvested tokens")
    parser.add_argument("--minutes", type=float, default=1e9, help="the schedule ends after this time at the latest")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--warmup", type=int, default=300)
    parser.add_argument("--decay", type=float, default=0.4, help="share of the run in which the learning rate falls to zero")
    parser.add_argument("--dead-after", type=float, default=1e6)
    parser.add_argument("--aux", type=float, default=1 / 32)
    parser.add_argument("--report", type=int, default=500, help="steps between progress lines")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model-name", default="google/gemma-3-270m")
    parser.add_argument("--layer", type=int, default=9)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)

    raw = load(a.data)[: a.limit]
    norms = torch.cat([part.float().norm(dim=1) for part in raw.split(65536)])
    median = norms.median().item()
    ordinary = norms <= MASSIVE * median
    mean = torch.zeros(raw.shape[1], dtype=torch.float64)
    square, count = 0.0, int(ordinary.sum())
    for part, keep in zip(raw.split(65536), ordinary.split(65536)):
        mean += part[keep].double().sum(0)
    mean /= count
    for part, keep in zip(raw.split(65536), ordinary.split(65536)):
        square += (part[keep].double() - mean).pow(2).sum().item()
    scale = math.sqrt(raw.shape[1] / (square / count))
    m = mean.float()
    weight = (FAIR * median / norms).square().clamp(max=1.0)
    epochs: list[int] = []
    print(f"{len(raw)} tokens, median norm {median:.1f}, massive {1 - count / len(raw):.4%}, scale {scale:.3e}", flush=True)

    held_raw = load(a.heldout)
    held_norms = held_raw.float().norm(dim=1)
    keep = held_norms <= MASSIVE * median
    keep &= torch.arange(len(held_raw)) % 512 > 3
    held = (held_raw[keep].float() - m) * scale
    held_massive = (held_raw[held_norms > MASSIVE * median].float() - m) * scale
    del held_raw

    generator = torch.Generator().manual_seed(a.seed)
    sample = torch.randperm(len(raw), generator=generator)[:65536]
    some = raw[torch.nonzero(~ordinary).view(-1)[:20000]].float() - m
    axis = torch.linalg.eigh(some.double().T @ some.double()).eigenvectors[:, -1].float()
    axis = axis if (some @ axis).mean() > 0 else -axis
    sample = sample[ordinary[sample]]
    model = Autoencoder(a.width, axis, a.seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=a.lr, betas=(0.9, 0.999), eps=1e-8, fused=True)
    z = model.preactivations((raw[sample[:256]].float() - m) * scale).float()
    threshold = z.flatten().kthvalue(int(z.numel() - a.k * len(z))).values.item()

    def evaluate(x: torch.Tensor) -> tuple[float, float]:
        error, total, active = 0.0, (x - x.mean(0)).pow(2).sum().item(), 0
        for part in x.split(4096):
            r, c, v = model.active(part, threshold)
            error += (model.decode(r, c, v, len(part)) - part).pow(2).sum().item()
            active += len(v)
        return error / total, active / len(x)

    silent = torch.zeros(a.width)
    total_steps, step, begun, share = int(a.tokens // a.batch), 0, time.time(), 0.0
    running, order, at = 0.0, torch.empty(0, dtype=torch.long), 0
    while share < 1:
        if at + a.batch > len(order):
            grown = load(a.data)[: a.limit]  # a harvest still under way has more by now
            fresh = torch.cat([part.float().norm(dim=1) for part in grown[len(raw):].split(65536)] or [norms[:0]])
            raw, norms = grown, torch.cat([norms, fresh])
            weight, ordinary = (FAIR * median / norms).square().clamp(max=1.0), norms <= MASSIVE * median
            order, at = torch.randperm(len(raw), generator=generator), 0
            epochs.append(len(raw))
        index = order[at: at + a.batch]
        at += a.batch
        x = (raw[index].float() - m) * scale
        w, common = weight[index], ordinary[index]
        rows, columns, values = model.active(x, threshold)
        error = model.decode(rows, columns, values, a.batch) - x
        loss = (w * error.pow(2).sum(1)).mean().item() / raw.shape[1]
        g = error * (w * (2 / a.batch / raw.shape[1])).unsqueeze(1)

        crow = torch.zeros(a.batch + 1, dtype=torch.long)
        crow[1:] = torch.bincount(rows, minlength=a.batch).cumsum(0)
        pattern = torch.sparse_csr_tensor(crow, columns, values, (a.batch, a.width), check_invariants=False)
        dv = torch.sparse.sampled_addmm(pattern, g, model.decoder.T.contiguous(), beta=0.0).values()
        by_feature = torch.argsort(columns, stable=True)
        fired = torch.bincount(columns, minlength=a.width)
        begin = torch.zeros(a.width, dtype=torch.long)
        begin[1:] = fired.cumsum(0)[:-1]
        sorted_rows, sorted_dv = rows[by_feature], dv[by_feature]
        model.decoder.grad = F.embedding_bag(sorted_rows, g, begin, mode="sum", per_sample_weights=values[by_feature])
        model.encoder.grad = F.embedding_bag(sorted_rows, model.damped(x), begin, mode="sum", per_sample_weights=sorted_dv)
        model.bias.grad = torch.zeros(a.width).index_add_(0, columns, dv)
        model.offset.grad = g.sum(0)

        silent += a.batch
        silent[fired > 0] = 0
        dead = torch.nonzero(silent > a.dead_after).view(-1)
        if len(dead) and a.aux:
            part = torch.nonzero(common).view(-1)[:512]
            xs, target = model.damped(x[part]), -error[part]
            zd = torch.addmm(model.bias[dead], xs, model.encoder[dead].T)
            top = zd.topk(min(len(dead), 128), dim=1)
            act = torch.zeros_like(zd).scatter_(1, top.indices, top.values.relu())
            ge = (act @ model.decoder[dead] - target) * (2 * a.aux / len(part) / raw.shape[1])
            da = (ge @ model.decoder[dead].T) * (act > 0)
            model.decoder.grad[dead] += act.T @ ge
            model.encoder.grad[dead] += da.T @ xs
            model.bias.grad[dead] += da.sum(0)
        # a change of a row's length is no change of the feature: only the part across the row is followed
        model.decoder.grad -= (model.decoder.grad * model.decoder).sum(1, keepdim=True) * model.decoder

        rate = a.lr * min(1.0, (step + 1) / a.warmup, max(0.0, (1 - share) / a.decay))
        optimiser.param_groups[0]["lr"] = rate
        optimiser.step()
        model.decoder = F.normalize(model.decoder, dim=1, out=model.decoder)
        l0 = common[rows].sum().item() / max(1, int(common.sum()))
        gain = 0.02 if share < 0.5 else 0.005
        threshold *= math.exp(max(-0.05, min(0.05, gain * (l0 / a.k - 1))))

        running = loss if not step else 0.98 * running + 0.02 * loss
        step += 1
        share = max(step / total_steps, (time.time() - begun) / (60 * a.minutes))
        if step % a.report == 0 or share >= 1:
            fvu, held_l0 = evaluate(held[:30000])
            massive_fvu, massive_l0 = evaluate(held_massive)
            print(f"step {step} ({share:.0%}) {(time.time() - begun) / 60:.1f} min, {step * a.batch / (time.time() - begun):.0f} tokens/s, "
                  f"loss {running:.4f}, θ {threshold:.3f}, held-out ordinary FVU {fvu:.4f} L0 {held_l0:.1f}, massive FVU "
                  f"{massive_fvu:.4f} L0 {massive_l0:.1f}, dead {len(dead)}", flush=True)

    # Fold: x̂ = (a W_dec + offset)/s + m with z = (x - m)·s·W_enc + b. Activations are given the units of x.
    encoder = model.damped(model.encoder).T.contiguous().bfloat16()
    decoder = model.decoder.contiguous().bfloat16()
    bias = (model.bias / scale - (m @ encoder.float()))
    state = {"W_enc": encoder, "W_dec": decoder, "b_enc": bias.float(), "b_dec": (model.offset / scale + m).float(),
             "threshold": torch.full((a.width,), threshold / scale)}
    calibration = raw[sample[:49152]].float()
    finish(state, calibration, a.k)
    save(state, a, epochs, step, median)


def finish(state: dict[str, torch.Tensor], x: torch.Tensor, k: float) -> None:
    """Sets threshold and b_dec for the rounded weights on ordinary training tokens: L0 exactly k, mean error zero."""
    w_enc, w_dec = state["W_enc"].float(), state["W_dec"].float()
    best: list[torch.Tensor] = []
    for part in x.split(4096):
        z = part @ w_enc + state["b_enc"]
        best.append(z.topk(256, dim=1).values.flatten())
    top = torch.cat(best)
    theta = top.kthvalue(int(len(top) - k * len(x))).values.item()
    state["threshold"].fill_(theta)
    error = torch.zeros(x.shape[1], dtype=torch.float64)
    for part in x.split(4096):
        z = part @ w_enc + state["b_enc"]
        error += (part - (torch.where(z > theta, z, 0) @ w_dec + state["b_dec"])).double().sum(0)
    state["b_dec"] += (error / len(x)).float()


def save(state: dict[str, torch.Tensor], a: argparse.Namespace, epochs: list[int], steps: int, median: float) -> None:
    a.out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in state.items()}, a.out / "sae_weights.safetensors")
    config = {
        "d_in": state["W_enc"].shape[0], "d_sae": a.width, "dtype": "float32", "device": "cpu", "apply_b_dec_to_input": False,
        "normalize_activations": "none", "reshape_activations": "none", "architecture": "jumprelu",
        "metadata": {"sae_lens_version": "6.54.12", "sae_lens_training_version": None, "model_name": a.model_name,
                     "model_class_name": "HookedTransformer", "hook_name": f"blocks.{a.layer}.hook_resid_post",
                     "hf_hook_name": f"model.layers.{a.layer}.output", "hook_head_index": None, "prepend_bos": True,
                     "context_size": 512, "exclude_special_tokens": None, "seqpos_slice": [None], "dataset_path": "Debian packages, see README.md"},
    }
    (a.out / "cfg.json").write_text(json.dumps(config, indent=1) + "\n")
    recipe = {"tokens_harvested": epochs[-1], "tokens_of_each_epoch": epochs, "tokens_trained": steps * a.batch, "steps": steps, "batch": a.batch, "width": a.width,
              "k": a.k, "lr": a.lr, "warmup": a.warmup, "decay": a.decay, "aux": a.aux, "dead_after": a.dead_after, "seed": a.seed,
              "threads": a.threads, "massive_multiple": MASSIVE, "fair_multiple": FAIR, "median_norm": median,
              "torch": torch.__version__, "numpy": np.__version__}
    (a.out / "recipe.json").write_text(json.dumps(recipe, indent=1) + "\n")


if __name__ == "__main__":
    main()
