"""Small stand-ins for everything that studies/gemma-3-qat.yaml names on the Hugging Face Hub.

usage: qat.py OUTPUT_FOLDER --tokenizer TOKENIZER_JSON --parquet FILE [--seed 0]
Writes OUTPUT_FOLDER/{models,datasets}/<owner>/<name>: a Gemma 3 1B of its true depth and 64 numbers wide, the same with
other weights as its training for quantization leaves it, that as a GGUF file in Q4_0 with a few codes changed, an SAE after
layer 13, and the given Parquet file under pile-10k's file name. Needs numpy alone.
"""

import argparse
import json
import os
import shutil
import struct

import numpy as np

from article import DATA
from gemma3 import Shape, write_checkpoint, write_sae

SHAPE = (64, 26, 2, 1, 32, 128, 1024, 32, None)
# Of each linear layer, codes that differ from those of rounding the unquantized weights.
CHANGED = 3
GGUF_NAMES = {
    "embed_tokens": "token_embd", "norm": "output_norm", "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "post_feedforward_layernorm": "post_ffw_norm",
}


def plain_tokenizer(path, target):
    """Without added tokens that a GGUF file cannot describe, so that both files read text alike."""
    with open(path) as file:
        tokenizer = json.load(file)
    flags = ("single_word", "lstrip", "rstrip", "normalized")
    tokenizer["added_tokens"] = [t for t in tokenizer["added_tokens"] if not any(t[f] for f in flags)]
    with open(target, "w") as file:
        json.dump(tokenizer, file, ensure_ascii=False)
    return tokenizer


def read_bf16(folder):
    """Tensors of a checkpoint's only shard, as float32."""
    with open(os.path.join(folder, "model-00001-of-00001.safetensors"), "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            bits = np.frombuffer(data[start:end], "<u2").astype(np.uint32) << 16
            yield name, bits.view(np.float32).reshape(entry["shape"])


def q4_0(rows):
    """Blocks of 32: an fp16 scale, and 16 bytes of codes. Source: ggml-quants.c, quantize_row_q4_0_ref."""
    blocks = rows.reshape(-1, 32)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(1)[:, None], 1)
    scale = largest / np.float32(-8)
    with np.errstate(divide="ignore"):
        inverse = np.where(scale == 0, np.float32(0), np.float32(1) / scale)
    codes = np.minimum((blocks * inverse + np.float32(8.5)).astype(np.uint8), 15)
    codes[0, :CHANGED] ^= 1
    packed = codes[:, :16] | codes[:, 16:] << 4
    return np.concatenate([scale.astype(np.float16).view(np.uint8).reshape(-1, 2), packed], 1).tobytes()


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key, value):
    """A key of GGUF's metadata: texts, whole numbers, numbers, and lists of texts or whole numbers."""
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, float):
        return text(key) + struct.pack("<If", 6, value)
    if isinstance(value, int):
        return text(key) + struct.pack("<II", 4, value)
    kind, items = (8, map(text, value)) if isinstance(value[0], str) else (5, (struct.pack("<i", v) for v in value))
    return text(key) + struct.pack("<IIQ", 9, kind, len(value)) + b"".join(items)


def write_gguf(path, shape, tokenizer, tensors):
    added = {t["id"]: t for t in tokenizer["added_tokens"]}
    pieces = {v: k for k, v in tokenizer["model"]["vocab"].items()} | {i: t["content"] for i, t in added.items()}
    tokens = [pieces.get(i, f"<unused{i}>") for i in range(shape.vocabulary)]

    def kind(i):
        if i in added:
            return 3 if added[i]["special"] else 4
        return 5 if i not in pieces else 6 if pieces[i].startswith("<0x") and len(pieces[i]) == 6 else 1

    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    keys = {
        "general.architecture": "gemma3", "general.name": "Stand-in", "gemma3.embedding_length": shape.hidden,
        "gemma3.block_count": shape.layers, "gemma3.attention.head_count": shape.heads,
        "gemma3.attention.head_count_kv": shape.kv_heads, "gemma3.attention.key_length": shape.head_dim,
        "gemma3.attention.value_length": shape.head_dim, "gemma3.feed_forward_length": shape.intermediate,
        "gemma3.attention.sliding_window": shape.window, "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
        "gemma3.rope.freq_base": 1e6, "gemma3.context_length": 32768, "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": [kind(i) for i in range(shape.vocabulary)],
        "tokenizer.ggml.merges": merges, "tokenizer.ggml.bos_token_id": 2, "tokenizer.ggml.unknown_token_id": 3,
    }
    infos, blobs, offset = b"", [], 0
    for name, values in tensors:
        parts = name.removeprefix("model.").removesuffix(".weight").split(".")
        stem = GGUF_NAMES[".".join(parts[2:] if parts[0] == "layers" else parts)]
        if parts[0] == "layers":
            stem = f"blk.{parts[1]}.{stem}"
        if values.ndim == 1:  # norms are kept as 1 + w
            number, data = 0, (values + np.float32(1)).astype("<f4").tobytes()
        elif stem == "token_embd":
            number, data = 1, values.astype("<f2").tobytes()
        else:
            number, data = 2, q4_0(values)
        infos += text(stem + ".weight") + struct.pack("<I", values.ndim)
        infos += b"".join(struct.pack("<Q", n) for n in reversed(values.shape)) + struct.pack("<IQ", number, offset)
        data += bytes(-len(data) % 32)
        blobs.append(data)
        offset += len(data)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(blobs), len(keys))
    head += b"".join(entry(k, v) for k, v in keys.items()) + infos
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % 32) + b"".join(blobs))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--parquet", required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    shutil.rmtree(args.out, ignore_errors=True)
    os.makedirs(args.out)
    tokens = os.path.join(args.out, "tokenizer.json")
    tokenizer = plain_tokenizer(args.tokenizer, tokens)
    ids = list(tokenizer["model"]["vocab"].values()) + [token["id"] for token in tokenizer["added_tokens"]]
    shape = Shape(*SHAPE, max(ids) + 1)
    owner = os.path.join(args.out, "models/google")
    write_checkpoint(os.path.join(owner, "gemma-3-1b-it"), shape, tokens, np.random.default_rng(args.seed))
    trained = os.path.join(owner, "gemma-3-1b-it-qat-q4_0-unquantized")
    write_checkpoint(trained, shape, tokens, np.random.default_rng(args.seed + 1))
    file = os.path.join(owner, "gemma-3-1b-it-qat-q4_0-gguf/gemma-3-1b-it-q4_0.gguf")
    os.makedirs(os.path.dirname(file))
    write_gguf(file, shape, tokenizer, read_bf16(trained))
    write_sae(
        os.path.join(owner, "gemma-scope-2-1b-it/resid_post/layer_13_width_16k_l0_medium"), "1b", 64, 13, 15.0,
        np.random.default_rng(args.seed))
    data = os.path.join(args.out, "datasets/NeelNanda/pile-10k", DATA)
    os.makedirs(os.path.dirname(data))
    shutil.copy(args.parquet, data)


if __name__ == "__main__":
    main()
