"""Golden digests of bitsandbytes' CPU quantizers on real layers.

usage: quantizers.py --model FOLDER --out quantizers.json [--layers 0,9,17]

For every Linear of the layers: SHA-256 of the raw little-endian bytes of

    nf4      codes (packed, two a byte, first in the high nibble), absmax [blocks] f32, dequantized weights bf16
    nf4dq    the same codes; codes8 [blocks] u8 (quantized absmax), absmax2 [blocks of 256] f32, dequantized weights bf16; `offset`
             as hex float. bitsandbytes' CPU path finds codes8 through a lookup of the rounded value
    nf4dq_exact  codes8 and dequantized weights when codes8 is the exact nearest entry of the dynamic map (as its CUDA
             kernels do) from the same offset and absmax2
    int8     CB [N, K] i8 and SCB [N] f32 of LLM.int8 (weights rounded to fp16 first)

Shapes are [N, K], row-major; blocks are 64 consecutive values. `map` is the dynamic map, 256 f32.
"""
import argparse
import hashlib
import json
import platform
from pathlib import Path

import bitsandbytes
import bitsandbytes.functional as B
import numpy as np
import torch
from safetensors import safe_open

MODULES = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")


def digest(array) -> str:
    """SHA-256 of an array's little-endian bytes; bf16 tensors by their 16-bit patterns."""
    if isinstance(array, torch.Tensor):
        array = (array.contiguous().view(torch.int16) if array.dtype == torch.bfloat16 else array.contiguous()).numpy()
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def exact_nearest(absmax: np.ndarray, offset: np.float32, absmax2: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Nearest map entries of (absmax - offset) / absmax2, the absmax they stand for, and whether multiplying by the rounded
    reciprocal of absmax2 instead of dividing gives the same codes. The comparison is exact (float64 midpoints)."""
    rest = (absmax - offset).astype(np.float32)
    scale = np.repeat(absmax2, 256)[: len(rest)].astype(np.float32)
    middle = (table[1:].astype(np.float64) + table[:-1].astype(np.float64)) / 2
    by_reciprocal = (rest * (np.float32(1) / scale)).astype(np.float32)
    by_division = (rest / scale).astype(np.float32)
    codes = np.searchsorted(middle, by_reciprocal.astype(np.float64), side="left").astype(np.uint8)
    same = bool((codes == np.searchsorted(middle, by_division.astype(np.float64), side="left")).all())
    restored = (table[codes] * scale).astype(np.float32) + offset
    return codes, restored.astype(np.float32), same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--layers", default="0,9,17")
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    torch.set_num_threads(1)
    result: dict = {"versions": {"python": platform.python_version(), "torch": torch.__version__, "bitsandbytes": bitsandbytes.__version__,
                                 "numpy": np.__version__},
                    "model_sha256": hashlib.sha256((a.model / "model.safetensors").read_bytes()).hexdigest(), "linears": {}}
    with safe_open(a.model / "model.safetensors", "pt") as weights:
        for layer in a.layers.split(","):
            for module in MODULES:
                name = f"model.layers.{layer}.{module}.weight"
                w = weights.get_tensor(name)
                codes, state = B.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=False)
                plain = {"codes": digest(codes), "absmax": digest(state.absmax), "dequantized_bf16": digest(B.dequantize_4bit(codes, state))}
                absmax = state.absmax.numpy().copy()
                codes2, double = B.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=True)
                offset, inner = double.offset, double.state2
                levels = double.code
                table = inner.code.numpy()
                exact, restored, same = exact_nearest(absmax, np.float32(offset.item()), inner.absmax.numpy(), table)
                nibbles = torch.stack([codes.view(-1) >> 4, codes.view(-1) & 15], 1).view(-1).long()
                rebuilt = (levels[nibbles].view(-1, 64) * torch.from_numpy(restored).view(-1, 1)).to(torch.bfloat16).view(w.shape)
                check = (levels[nibbles].view(-1, 64) * state.absmax.view(-1, 1)).to(torch.bfloat16).view(w.shape)
                if digest(check) != plain["dequantized_bf16"]:
                    raise SystemExit(f"{name}: level times absmax is not what bitsandbytes dequantizes to")
                cb, scb, _ = B.int8_vectorwise_quant(w.to(torch.float16))
                result["linears"][name] = {
                    "shape": list(w.shape), "weight_bf16": digest(w), "nf4": plain,
                    "nf4dq": {"codes": digest(codes2), "codes8": digest(double.absmax), "absmax2": digest(inner.absmax), "offset": float(offset.item()).hex(),
                              "dequantized_bf16": digest(B.dequantize_4bit(codes2, double))},
                    "nf4dq_exact": {"codes8": digest(exact), "codes8_that_differ": int((exact != double.absmax.numpy()).sum()), "of": len(exact),
                                    "reciprocal_and_division_agree": same, "dequantized_bf16": digest(rebuilt)},
                    "int8": {"CB": digest(cb), "SCB": digest(scb.view(-1))}}
                result["map"] = [float(v).hex() for v in table]
                print(name, result["linears"][name]["nf4dq_exact"]["codes8_that_differ"], "of", len(exact), same, flush=True)
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
