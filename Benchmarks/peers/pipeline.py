"""One condition of the study as a Python user would run it: transformers, bitsandbytes and SAELens on the CPU.

usage: pipeline.py MODEL_FOLDER TOKENS --condition bf16|int8|nf4|f32 [--chunks N] [--repeat N] …

TOKENS is a run file of clearbox (`.h5`: its `/tokens/id`, so the very ids that clearbox measured) or a JSON Lines corpus (through
MODEL_FOLDER/tokenizer.json, packed as the default study packs). Batches of 4 chunks of 512. nf4 has double quantization
and bf16 compute.

Per token it takes the loss, and of the residual stream x after the layer and its reconstruction x̂ by the SAE (float32):
‖x − x̂‖², ‖x‖², Σx, x·x̂ (sums in float64) and L0; and over all tokens Σx per dimension. It leaves out what compares with the baseline, KL,
agreement of the first place and ‖x_c − x_b‖² (a second model or stored logits would slow it), Σx by segment and stratum,
and writing a run file. Logits exist whole, [batch, length, vocabulary] in the model's type, as transformers returns them; the loss
reads them chunk by chunk.

`seconds` is the best of --repeat passes over all batches. Loading, tokenizing and the warm-up (--warmup batches) are outside the
clock. Prints one JSON line.
"""
import argparse
import json
import math
import os
import platform
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import bitsandbytes
import numpy as np
import sae_lens
import torch
import torch.nn.functional as F
import transformers
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

import tokens

HERE = Path(__file__).resolve().parent
SAE = HERE.parents[1] / "assets/sae/gemma-3-270m-layer9-8192"


def load(folder: Path, condition: str):
    """The model under a condition, in eval mode."""
    extra = {}
    if condition == "int8":
        extra = {"quantization_config": BitsAndBytesConfig(load_in_8bit=True)}
    elif condition == "nf4":
        extra = {"quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16)}
    dtype = torch.float32 if condition == "f32" else torch.bfloat16
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, device_map="cpu", **extra).eval()


class Measurement:
    """One pass over batches: columns per token, as a study would store them."""

    def __init__(self, model, sae, layer: int):
        self.model, self.sae = model, sae
        self.residual = None
        self.columns: dict[str, list[torch.Tensor]] = {
            name: [] for name in ("nll", "squared_error", "squared_norm", "sum", "dot", "l0")}
        self.vector_sum = torch.zeros(sae.cfg.d_in, dtype=torch.float64)
        self.hook = model.model.layers[layer].register_forward_hook(self.catch)

    def catch(self, module, args, output) -> None:
        self.residual = output[0] if isinstance(output, tuple) else output

    def add(self, batch: torch.Tensor) -> None:
        """A batch of ids, [chunks, length]."""
        logits = self.model(batch, use_cache=False).logits
        # Chunk by chunk: a float32 copy of all logits would cost gigabytes, and time to touch them.
        self.columns["nll"] += [
            F.cross_entropy(row[:-1].float(), ids[1:], reduction="none") for row, ids in zip(logits, batch)]
        x = self.residual.float().flatten(0, 1)
        features = self.sae.encode(x)
        reconstruction = self.sae.decode(features).double()
        self.columns["l0"].append((features != 0).sum(1))
        x = x.double()
        self.columns["squared_error"].append((x - reconstruction).pow(2).sum(1))
        self.columns["squared_norm"].append(x.pow(2).sum(1))
        self.columns["sum"].append(x.sum(1))
        self.columns["dot"].append((x * reconstruction).sum(1))
        self.vector_sum += x.sum(0)

    def results(self) -> dict:
        self.hook.remove()
        column = {name: torch.cat(parts).double() for name, parts in self.columns.items()}
        n, d = len(column["l0"]), len(self.vector_sum)
        error, square = column["squared_error"].sum().item(), column["squared_norm"].sum().item()
        # ‖x̂‖², from ‖x − x̂‖² = ‖x‖² − 2 x·x̂ + ‖x̂‖²
        own = column["squared_error"] - column["squared_norm"] + 2 * column["dot"]
        return {
            "cross_entropy": column["nll"].mean().item(), "perplexity": math.exp(column["nll"].mean().item()),
            "fvu": error / (square - self.vector_sum.pow(2).sum().item() / n),
            "fvu_article": error / (square - column["sum"].sum().item() ** 2 / (n * d)),
            "l0": column["l0"].mean().item(),
            "cosine": (column["dot"] / (column["squared_norm"] * own).sqrt()).mean().item(),
        }


def measure(model, sae, layer: int, batches: list[torch.Tensor]) -> tuple[float, float, dict]:
    """One pass: seconds by the clock, seconds of CPU time over all threads, and its results."""
    measurement = Measurement(model, sae, layer)
    start, start_cpu = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        for batch in batches:
            measurement.add(batch)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    return seconds, cpu, measurement.results()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("--condition", choices=["bf16", "int8", "nf4", "f32"], default="bf16")
    parser.add_argument("--chunks", type=int, help="chunks to measure; all that there are if not given")
    parser.add_argument("--repeat", type=int, default=1, help="passes over all batches; the best counts")
    parser.add_argument("--warmup", type=int, default=1, help="batches outside the clock")
    parser.add_argument("--sae", type=Path, default=SAE)
    parser.add_argument("--layer", type=int, default=9)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    a = parser.parse_args()
    torch.set_num_threads(a.threads)

    start = time.perf_counter()
    ids = tokens.read(a.tokens, a.model / "tokenizer.json", a.chunks)
    batches = list(torch.from_numpy(ids.astype(np.int64)).split(a.batch))
    model = load(a.model, a.condition)
    sae = sae_lens.SAE.load_from_disk(str(a.sae), device="cpu")
    loading = time.perf_counter() - start

    if a.warmup:
        measure(model, sae, a.layer, batches[: a.warmup])
    measured = [measure(model, sae, a.layer, batches) for _ in range(a.repeat)]
    seconds, cpu, results = min(measured, key=lambda m: m[0])
    print(json.dumps({
        "program": "transformers, bitsandbytes, SAELens", "condition": a.condition,
        "token_source": "run file" if a.tokens.suffix == ".h5" else "corpus, tokenizer", "ids_sha256": tokens.digest(ids),
        "tokens": ids.size, "chunk_length": ids.shape[1], "batch": a.batch, "threads": a.threads,
        "seconds": seconds, "cpu_seconds": cpu, "all_seconds": [m[0] for m in measured], "loading_seconds": loading,
        "tokens_per_second": ids.size / seconds, **results,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__,
                     "bitsandbytes": bitsandbytes.__version__, "sae_lens": sae_lens.__version__, "numpy": np.__version__}}))


if __name__ == "__main__":
    main()
