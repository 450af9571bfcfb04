"""Golden digests of weight rounding: what compressed-tensors, bitsandbytes, hqq and llama.cpp make of bf16 matrices.

usage: roundings.py --ggml LIBRARY --fixture FOLDER
       roundings.py --ggml LIBRARY --model FOLDER --layers 9 --out roundings.json

The first writes FOLDER/weights.bf16, a matrix [24, 512] of unusual rows (seed 22; its first 16 rows and the other 8 stand for
two layers with the same input), and FOLDER/roundings.json: for each method SHA-256 of every row's first 16 hexadecimal digits
after rounding, as bf16; `blocks` the same of llama.cpp's blocks. FOLDER/hqq.bf16 has what hqq makes of it with 4, 3 and 2 bits in
groups of 64, one after the other: its zeros depend on how a library sums, so there are values and no digests. The second does so for
the linear layers of a model, one digest each; of hqq one per row of down_proj.

LIBRARY is llama.cpp's ggml-quants.c compiled alone, with stand-ins for the four functions of ggml that quantize_row_*_ref does
not call: cc -O2 -fPIC -shared -ffp-contract=off -w -I ggml/include -I ggml/src -I ggml/src/ggml-cpu ggml/src/ggml-quants.c stub.c
"""
import argparse
import ctypes
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import bitsandbytes.functional as B
import gguf
import numpy as np
import torch
from compressed_tensors.quantization import QuantizationArgs
from compressed_tensors.quantization.lifecycle.forward import fake_quantize
from compressed_tensors.quantization.quant_scheme import PRESET_SCHEMES
from compressed_tensors.quantization.utils import calculate_qparams, generate_gparam
from hqq.core.quantize import Quantizer

TYPES = {"Q4_0": "q4_0", "Q5_0": "q5_0", "Q5_1": "q5_1", "Q8_0": "q8_0", "Q2_K": "q2_K", "Q3_K": "q3_K", "Q4_K": "q4_K", "Q5_K": "q5_K", "Q6_K": "q6_K"}
FALLBACK = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0", "Q2_K": "Q4_0", "Q3_K": "Q4_0"}


def bits16(t: torch.Tensor) -> np.ndarray:
    return t.contiguous().view(torch.int16).numpy()


def compressed(parts: list[torch.Tensor], args: QuantizationArgs) -> list[torch.Tensor]:
    """Parts share a global scale where the scheme has one, as llm-compressor fuses them."""
    factor = None
    if args.strategy == "tensor_group":
        every = torch.cat([p.flatten() for p in parts])
        factor = generate_gparam(every.amin(), every.amax())
    out = []
    for w in parts:
        grouped = w.unflatten(-1, (-1, args.group_size)) if args.group_size else w
        low, high = grouped.amin(-1, keepdim=not args.group_size), grouped.amax(-1, keepdim=not args.group_size)
        scale, zero = calculate_qparams(low, high, args, global_scale=factor)
        out.append(fake_quantize(w, scale, zero, args, global_scale=factor).to(torch.bfloat16))
    return out


def methods() -> dict:
    table = {}
    for bits in range(2, 9):
        for group in (32, 64, 128):
            for symmetric in (True, False):
                args = QuantizationArgs(num_bits=bits, type="int", strategy="group", group_size=group, symmetric=symmetric)
                table[f"rtn{bits}-g{group}" + ("" if symmetric else "-asym")] = lambda parts, a=args: compressed(parts, a)
    fp8 = QuantizationArgs(num_bits=8, type="float", strategy="channel", symmetric=True)
    table["fp8"] = lambda parts: compressed(parts, fp8)
    for name in ("NVFP4A16", "MXFP4A16"):
        args = QuantizationArgs.model_validate(PRESET_SCHEMES[name]["weights"].model_dump())
        table[name.lower()[:-3]] = lambda parts, a=args: compressed(parts, a)
    def four(parts):
        return [B.dequantize_4bit(*B.quantize_4bit(w.contiguous(), blocksize=64, quant_type="fp4", compress_statistics=False)).view(w.shape) for w in parts]
    table["fp4"] = four
    return table


class GGML:
    def __init__(self, path: Path):
        self.library = ctypes.CDLL(str(path.resolve()))

    def blocks(self, w: torch.Tensor, kind: str) -> np.ndarray:
        x = np.ascontiguousarray(w.float().numpy())
        length, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]]
        out = np.zeros((x.shape[0], x.shape[1] // length * size), np.uint8)
        pointer = lambda a: a.ctypes.data_as(ctypes.c_void_p)
        getattr(self.library, f"quantize_row_{TYPES[kind]}_ref")(pointer(x), pointer(out), ctypes.c_int64(x.size))
        return out

    def rounded(self, w: torch.Tensor, kind: str) -> tuple[np.ndarray, torch.Tensor]:
        length, _ = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]]
        if w.shape[1] % length:
            kind = FALLBACK[kind]
        blocks = self.blocks(w, kind)
        values = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[kind])
        return blocks, torch.from_numpy(values.reshape(w.shape)).to(torch.bfloat16)


def hqq(w: torch.Tensor, bits: int, group: int) -> tuple[np.ndarray, torch.Tensor]:
    codes, meta = Quantizer.quantize(w.float(), nbits=bits, group_size=group, optimize=True, round_zero=bits == 4, axis=1, bitpack=False, device="cpu")
    scale, zero = meta["scale"].to(torch.bfloat16), meta["zero"].to(torch.bfloat16)
    values = ((codes.to(torch.bfloat16) - zero) * scale).reshape(w.shape)
    return codes.reshape(w.shape).to(torch.uint8).numpy(), values


def unusual() -> torch.Tensor:
    rng = np.random.default_rng(22)
    w = rng.standard_normal((24, 512)) * 0.03
    w[3] = rng.standard_t(2, 512) * 0.02
    w[4] = 0
    w[5] = 0.0371
    w[6] = -0.0371
    w[7] *= rng.random(512) < 0.1
    w[8] = np.abs(w[8])
    w[9] = -np.abs(w[9])
    w[10] = np.round(w[10] * 64) / 64
    w[11] *= 1e-10
    w[12] *= 1e-24
    w[13] *= np.repeat(np.exp(rng.standard_normal(32) * 3), 16)
    w[14] = np.repeat(rng.standard_normal(16), 32)
    w[15, ::7] = -0.0
    w[16] *= 1e4
    w[17, 100] = 3
    w[18] = np.where(rng.random(512) < 0.5, 0.02, -0.02)
    w[19, :256] = 0
    w[20] = np.linspace(-1, 1, 512)
    w[21] = np.linspace(0, 255, 512)
    w[22, 5:] = 0
    w[23] = rng.standard_cauchy(512) * 0.01
    return torch.from_numpy(w).to(torch.bfloat16)


def digest(a: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ggml", type=Path, required=True)
    parser.add_argument("--fixture", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--layers", default="9")
    parser.add_argument("--out", type=Path)
    a = parser.parse_args()
    torch.set_num_threads(1)
    ggml = GGML(a.ggml)
    versions = {name: version(name) for name in ("torch", "numpy", "compressed-tensors", "bitsandbytes", "hqq", "gguf")}
    versions |= {"python": platform.python_version(), "llama.cpp": "of llama-cpp-python 0.3.36"}
    if a.fixture:
        w = unusual()
        rows = lambda t: [digest(row)[:16] for row in t]
        result = {"versions": versions, "rounded": {}, "blocks": {}}
        for name, make in methods().items():
            result["rounded"][name] = rows(bits16(torch.cat(make([w[:16], w[16:]]))))
        for kind in TYPES:
            blocks, values = ggml.rounded(w, kind)
            result["blocks"][kind], result["rounded"][kind.lower()] = rows(blocks), rows(bits16(values))
        bits16(w).tofile(a.fixture / "weights.bf16")
        np.concatenate([bits16(hqq(w, bits, 64)[1]) for bits in (4, 3, 2)]).tofile(a.fixture / "hqq.bf16")
        (a.fixture / "roundings.json").write_text(json.dumps(result) + "\n")
        return
    from safetensors import safe_open
    result = {"versions": versions, "layers": {}, "hqq": {}}
    with safe_open(a.model / "model.safetensors", "pt") as weights:
        for layer in a.layers.split(","):
            for modules in (["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], ["self_attn.o_proj"], ["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"]):
                names = [f"model.layers.{layer}.{m}.weight" for m in modules]
                parts = [weights.get_tensor(n) for n in names]
                made = {name: make(parts) for name, make in methods().items()}
                for kind in TYPES:
                    made[kind.lower()] = [ggml.rounded(w, kind)[1] for w in parts]
                for i, name in enumerate(names):
                    result["layers"][name] = {method: digest(bits16(parts[i]))[:16] for method, parts in made.items()}
                if modules == ["mlp.down_proj"]:
                    result["hqq"][names[0]] = {f"hqq{b}-g64": [digest(row)[:8] for row in bits16(hqq(parts[0], b, 64)[1])] for b in (4, 3, 2)}
                print(names, flush=True)
    a.out.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
