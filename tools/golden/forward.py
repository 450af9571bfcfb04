"""Golden numbers of the whole forward pass from transformers, bitsandbytes and SAELens, on the CPU.

usage: forward.py --model FOLDER --corpus study.jsonl [--sae FOLDER] --out FOLDER [--work FOLDER]

The first 16 chunks of the study's token stream (documents in the order of numpy's default_rng(0).shuffle, a BOS before each
document, chunks of 512 from one rolling buffer) in batches of 4, under the conditions

    f32      float32 model, the same checkpoint               bf16     the baseline
    int8     bitsandbytes LLM.int8, its CPU path, eval mode   nf4      NF4, bf16 compute, no double quantization
    nf4dq    NF4 with double quantization, bf16 compute       nf4f32   NF4, float32 compute
    nf4avx, nf4dqavx   as nf4 and nf4dq, through the fused kernel that bitsandbytes takes on CPUs with AVX-512 BF16

nf4, nf4dq and nf4f32 go through bitsandbytes' portable path: weights dequantized to the compute dtype with one rounding, then a
matrix product, as its CUDA kernels do. The fused AVX-512 kernel differs: it rounds each block's absmax to bf16 and computes
in bf16 whatever the compute dtype says, so that "nf4, float32 compute" would silently repeat nf4.

Writes `forward.safetensors`: `ids` [16, 512] int32, `tokens` [256] int32 (row indices into the 8,192 tokens), and per condition
`<c>.nll` [16, 511] float32 and (but for the last two) `<c>.residual` [256, dModel] float32 (after layer 9, rows as in `tokens`); and
`forward.json` with the scalars. `--work` keeps the full residual streams, so that a second call can add the SAE's
numbers without running the models again.
"""
import argparse
import hashlib
import json
import platform
from pathlib import Path

import bitsandbytes
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

CONDITIONS = ("f32", "bf16", "int8", "nf4", "nf4dq", "nf4f32", "nf4avx", "nf4dqavx")
LENGTH, BATCH, BUFFER = 512, 4, 10_000


def chunks(corpus: Path, tokenizer, count: int) -> torch.Tensor:
    """The first `count` chunks of the study's token stream, [count, 512]."""
    texts = [json.loads(line)["text"] for line in corpus.open(encoding="utf-8")]
    if len(texts) > BUFFER:
        raise SystemExit(f"{corpus}: {len(texts)} documents, more than the shuffle buffer of {BUFFER}")
    order = list(range(len(texts)))
    np.random.default_rng(0).shuffle(order)
    buffer: list[int] = []
    for i in order:
        if texts[i]:
            buffer += tokenizer(texts[i], add_special_tokens=True)["input_ids"]
        if len(buffer) >= count * LENGTH:
            return torch.tensor(buffer[: count * LENGTH]).view(count, LENGTH)
    raise SystemExit(f"{corpus}: fewer than {count} chunks")


def load(folder: str, condition: str):
    """The model under a condition, on the CPU, in eval mode."""
    if condition == "int8":
        extra = {"quantization_config": BitsAndBytesConfig(load_in_8bit=True)}
    elif condition.startswith("nf4"):
        extra = {"quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant="dq" in condition,
            bnb_4bit_compute_dtype=torch.float32 if condition == "nf4f32" else torch.bfloat16)}
    else:
        extra = {}
    dtype = torch.float32 if condition == "f32" else torch.bfloat16
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, device_map="cpu", **extra).eval()
    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            if condition.endswith("avx") and not module.support_avx512bf16_for_cpu:
                raise SystemExit(f"{condition}: this CPU has no AVX-512 BF16")
            module.support_avx512bf16_for_cpu = condition.endswith("avx")
    return model


def divergence(base: torch.Tensor, other: torch.Tensor) -> tuple[float, int]:
    """Sum over rows of KL(base ‖ other) in float64 and the number of rows that agree in their first choice.

    Logits are [rows, vocabulary]; both are rounded to bf16 and upcast to float32 first. Among equal logits the lowest id wins.
    """
    total, agree = 0.0, 0
    for p, q in zip(base.split(64), other.split(64)):
        p, q = p.bfloat16().float(), q.bfloat16().float()
        agree += int((p.argmax(1) == q.argmax(1)).sum())
        lp, lq = torch.log_softmax(p.double(), 1), torch.log_softmax(q.double(), 1)
        total += (lp.exp() * (lp - lq)).sum().item()
    return total, agree


def run(folder: str, condition: str, ids: torch.Tensor, layer: int, work: Path) -> None:
    """Forward passes under one condition; writes `<condition>.pt` with residual stream, NLL and divergence sums."""
    target = work / f"{condition}.pt"
    if target.exists():
        return
    model = load(folder, condition)
    caught: list[torch.Tensor] = []
    model.model.layers[layer].register_forward_hook(
        lambda module, args, output: caught.append((output[0] if isinstance(output, tuple) else output).detach()))
    residual, nll, kl, agree = [], [], 0.0, 0
    with torch.no_grad():
        for number, batch in enumerate(ids.split(BATCH)):
            caught.clear()
            logits = model(batch).logits
            residual.append(caught[0].float().flatten(0, 1))
            for row, target_ids in zip(logits, batch):
                # In double: a float32 sum over 262,144 exponentials loses 2e-5 nats, always to the same side.
                nll.append(torch.cat([
                    F.cross_entropy(part.double(), ids_part, reduction="none").float()
                    for part, ids_part in zip(row[:-1].split(64), target_ids[1:].split(64))]))
            flat = logits.flatten(0, 1)
            if condition == "bf16":
                torch.save(flat.clone(), work / f"logits-{number}.pt")
            elif condition != "f32":
                part = divergence(torch.load(work / f"logits-{number}.pt", mmap=True), flat)
                kl, agree = kl + part[0], agree + part[1]
            print(f"{condition}: batch {number + 1} of {len(ids) // BATCH}", flush=True)
    torch.save({"residual": torch.cat(residual), "nll": torch.stack(nll), "kl": kl / ids.numel(), "agree": agree / ids.numel()}, target)


def representative(ids: torch.Tensor, norm: torch.Tensor, count: int) -> torch.Tensor:
    """Row indices, ascending: position 0 of each chunk, BOS tokens, massive tokens, the rest drawn with seed 0."""
    flat = ids.flatten()
    first = torch.arange(0, len(flat), LENGTH)
    bos = torch.nonzero(flat == 2).view(-1)[:24]
    massive = torch.nonzero(norm > 5 * norm.median()).view(-1)[:48]
    chosen = set(torch.cat([first, bos, massive]).tolist())
    for i in np.random.default_rng(0).permutation(len(flat)).tolist():
        if len(chosen) >= count:
            break
        chosen.add(i)
    return torch.tensor(sorted(chosen), dtype=torch.int32)


def reconstruction(sae, x: torch.Tensor) -> dict:
    """SAELens' reconstruction of all tokens: the FVU in both forms, L0, MSE and the relative residual."""
    sse, active, xd = 0.0, 0, x.double()
    with torch.no_grad():
        for part in x.split(1024):
            features = sae.encode(part)
            sse += (part - sae.decode(features)).double().pow(2).sum().item()
            active += int((features != 0).sum())
    n, d = x.shape
    square = xd.pow(2).sum().item()
    return {"fvu_article": sse / (square - xd.sum().item() ** 2 / (n * d)), "fvu": sse / (square - xd.sum(0).pow(2).sum().item() / n),
            "l0": active / n, "mse": sse / (n * d), "relative_residual": (sse / square) ** 0.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sae", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--layer", type=int, default=9)
    parser.add_argument("--chunks", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    a.out.mkdir(parents=True, exist_ok=True)
    work = a.work or a.out
    work.mkdir(parents=True, exist_ok=True)
    ids = chunks(a.corpus, AutoTokenizer.from_pretrained(a.model), a.chunks)
    for condition in sorted(CONDITIONS, key=lambda c: c != "bf16"):  # the baseline first
        run(a.model, condition, ids, a.layer, work)
    results = {c: torch.load(work / f"{c}.pt") for c in CONDITIONS}
    base = results["bf16"]["residual"]
    tokens = representative(ids, base.norm(dim=1), 256)
    tensors = {"ids": ids.to(torch.int32), "tokens": tokens}

    import transformers
    versions = {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__,
                "bitsandbytes": bitsandbytes.__version__, "numpy": np.__version__}
    sae = None
    if a.sae:
        import sae_lens
        sae = sae_lens.SAE.load_from_disk(str(a.sae), device="cpu")
        versions["sae_lens"] = sae_lens.__version__
    scalars: dict = {}
    for condition, r in results.items():
        x, against = r["residual"], results["f32" if condition == "bf16" else "bf16"]["residual"]
        tensors[f"{condition}.nll"] = r["nll"].float().contiguous()
        if not condition.endswith("avx"):
            tensors[f"{condition}.residual"] = x[tokens.long()].contiguous()
        scalars[condition] = {
            "cross_entropy": r["nll"].double().mean().item(), "sum_square_norm": x.double().pow(2).sum().item(),
            "residual_relative_l2": ((x.double() - against.double()).pow(2).sum() / against.double().pow(2).sum()).sqrt().item(),
            "residual_relative_l2_against": "f32" if condition == "bf16" else "bf16"}
        if condition not in ("f32", "bf16"):
            scalars[condition] |= {"kl_from_bf16": r["kl"], "top1_agreement": r["agree"]}
        if sae is not None:
            scalars[condition]["sae"] = reconstruction(sae, x)
    save_file(tensors, a.out / "forward.safetensors")
    digest = lambda path: hashlib.sha256(Path(path).read_bytes()).hexdigest()
    facts = {"tokens": ids.numel(), "predicted": ids.shape[0] * (LENGTH - 1), "layer": a.layer, "batch": BATCH, "length": LENGTH,
             "massive_tokens": int((base.norm(dim=1) > 5 * base.norm(dim=1).median()).sum()), "bos_tokens": int((ids == 2).sum()),
             "median_norm": base.norm(dim=1).median().item(), "conditions": scalars, "versions": versions,
             "sha256": {"corpus": digest(a.corpus), "model": digest(Path(a.model) / "model.safetensors"),
                        "ids_int32": hashlib.sha256(tensors["ids"].numpy().tobytes()).hexdigest(),
                        "forward.safetensors": digest(a.out / "forward.safetensors"),
                        **({"sae": digest(a.sae / "sae_weights.safetensors")} if a.sae else {})}}
    (a.out / "forward.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(json.dumps(facts["conditions"], indent=1))


if __name__ == "__main__":
    main()
