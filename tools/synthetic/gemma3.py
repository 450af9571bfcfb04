"""A Gemma 3 checkpoint and SAE with a real model's shapes and random weights, to measure memory and speed with.

usage: gemma3.py SIZE OUTPUT_FOLDER --tokenizer TOKENIZER_JSON [--layers N] [--width 16384]
                 [--threshold 60] [--seed 0]
  SIZE     270m, 1b, 4b, 12b or 27b
  --layers keep only the first N decoder layers
  --width  of the SAE
  --threshold  of all its features; a few layers need less than the default, which is for the whole depth
Writes OUTPUT_FOLDER/checkpoint (config.json as published, safetensors in shards of at most 4 GB, bf16) and
OUTPUT_FOLDER/sae (Gemma Scope 2's layout, float32). The 12B takes about 24 GB. Needs numpy alone.

Weights are normal with the standard deviation that keeps a layer's output near its input's size; each tensor is a
window of one pool of random numbers, so that writing, not drawing, sets the time.
"""

import argparse
import dataclasses
import json
import os
import shutil

import numpy as np

SHARD_BYTES = 4 << 30
POOL = 1 << 24


@dataclasses.dataclass
class Shape:
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    window: int
    query_scalar: int
    rope_factor: float | None
    vocabulary: int


SHAPES = {
    "270m": Shape(640, 18, 4, 1, 256, 2048, 512, 256, None, 262144),
    "1b": Shape(1152, 26, 4, 1, 256, 6912, 512, 256, None, 262144),
    "4b": Shape(2560, 34, 8, 4, 256, 10240, 1024, 256, 8.0, 262208),
    "12b": Shape(3840, 48, 16, 8, 256, 15360, 1024, 256, 8.0, 262208),
    "27b": Shape(5376, 62, 32, 16, 128, 21504, 1024, 168, 8.0, 262208),
}


def write_checkpoint(folder, shape, tokenizer, rng):
    """config.json in the published spelling, weights in shards with an index, tokenizer.json copied."""
    s = shape
    os.makedirs(folder)
    shutil.copy(tokenizer, os.path.join(folder, "tokenizer.json"))
    text = dict(
        model_type="gemma3_text", hidden_size=s.hidden, num_hidden_layers=s.layers, num_attention_heads=s.heads,
        num_key_value_heads=s.kv_heads, head_dim=s.head_dim, intermediate_size=s.intermediate,
        sliding_window=s.window, query_pre_attn_scalar=s.query_scalar, vocab_size=s.vocabulary, rms_norm_eps=1e-6,
        rope_theta=1e6, rope_local_base_freq=1e4, sliding_window_pattern=6, attention_bias=False,
        max_position_embeddings=131072 if s.rope_factor else 32768, hidden_activation="gelu_pytorch_tanh",
    )
    if s.rope_factor:
        text["rope_scaling"] = {"factor": s.rope_factor, "rope_type": "linear"}
        config = {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "text_config": text}
        prefix = "language_model.model."
    else:
        config = text | {"architectures": ["Gemma3ForCausalLM"]}
        prefix = "model."
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=1)

    d, attention, inner = s.hidden, s.heads * s.head_dim, s.intermediate
    tensors = [("embed_tokens.weight", (s.vocabulary, d), 0.03)]
    for i in range(s.layers):
        p = f"layers.{i}."
        tensors += [
            (p + "input_layernorm.weight", (d,), 0.1),
            (p + "self_attn.q_proj.weight", (attention, d), d**-0.5),
            (p + "self_attn.k_proj.weight", (s.kv_heads * s.head_dim, d), d**-0.5),
            (p + "self_attn.v_proj.weight", (s.kv_heads * s.head_dim, d), d**-0.5),
            (p + "self_attn.q_norm.weight", (s.head_dim,), 0.1),
            (p + "self_attn.k_norm.weight", (s.head_dim,), 0.1),
            (p + "self_attn.o_proj.weight", (d, attention), attention**-0.5),
            (p + "post_attention_layernorm.weight", (d,), 0.1),
            (p + "pre_feedforward_layernorm.weight", (d,), 0.1),
            (p + "mlp.gate_proj.weight", (inner, d), d**-0.5),
            (p + "mlp.up_proj.weight", (inner, d), d**-0.5),
            (p + "mlp.down_proj.weight", (d, inner), inner**-0.5),
            (p + "post_feedforward_layernorm.weight", (d,), 0.1),
        ]
    tensors.append(("norm.weight", (d,), 0.1))

    shards, size = [[]], 0
    for name, dimensions, scale in tensors:
        length = 2 * int(np.prod(dimensions))
        if size + length > SHARD_BYTES and shards[-1]:
            shards.append([])
            size = 0
        shards[-1].append((prefix + name, dimensions, scale))
        size += length
    pool = rng.standard_normal(POOL, dtype=np.float32)
    index = {"metadata": {"total_size": sum(2 * int(np.prod(n)) for _, n, _ in tensors)}, "weight_map": {}}
    for number, shard in enumerate(shards):
        file = f"model-{number + 1:05}-of-{len(shards):05}.safetensors"
        index["weight_map"] |= {name: file for name, _, _ in shard}
        write(os.path.join(folder, file), shard, "BF16", pool, rng)
    with open(os.path.join(folder, "model.safetensors.index.json"), "w") as file:
        json.dump(index, file, indent=1)


def write_sae(folder, size, hidden, layer, threshold, rng, width=16384):
    """A folder of Gemma Scope 2."""
    os.makedirs(folder)
    write(
        os.path.join(folder, "params.safetensors"),
        [("b_dec", (hidden,), 0.1), ("b_enc", (width,), 0.1), ("threshold", (width,), threshold),
         ("w_dec", (width, hidden), hidden**-0.5), ("w_enc", (hidden, width), hidden**-0.5)], "F32",
        rng.standard_normal(POOL, dtype=np.float32), rng)
    place = f"model.layers.{layer}.output"
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(
            {"hf_hook_point_in": place, "hf_hook_point_out": place, "width": width, "model_name": f"gemma-v3-{size}-pt",
             "architecture": "jump_relu", "l0": 60, "affine_connection": False, "type": "sae"}, file)


def stored(name, pool, scale, dtype):
    """The pool times a scale, as the file holds it; thresholds are all equal to it."""
    values = np.full(len(pool), scale, np.float32) if name == "threshold" else pool * np.float32(scale)
    if dtype == "F32":
        return values
    bits = values.view(np.uint32)  # bf16: nearest, ties to even
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def write(path, tensors, dtype, pool, rng):
    """A safetensors file, tensor by tensor."""
    bytes_each = 2 if dtype == "BF16" else 4
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, dimensions, _ in tensors:
        length = bytes_each * int(np.prod(dimensions))
        header[name] = {"dtype": dtype, "shape": list(dimensions), "data_offsets": [offset, offset + length]}
        offset += length
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pools = {}
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, dimensions, scale in tensors:
            key = (name == "threshold", scale)
            if key not in pools:
                pools[key] = stored(name, pool, scale, dtype)
            left = int(np.prod(dimensions))
            while left:
                start = int(rng.integers(0, POOL // 2))
                values = pools[key][start : start + min(left, POOL // 2)]
                left -= len(values)
                file.write(memoryview(values))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("size", choices=SHAPES)
    parser.add_argument("out")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--width", type=int, default=16384)
    parser.add_argument("--threshold", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    shape = SHAPES[args.size]
    layer = shape.layers // 2
    if args.layers:
        shape = dataclasses.replace(shape, layers=args.layers)
        layer = min(layer, args.layers - 1)
    shutil.rmtree(args.out, ignore_errors=True)
    rng = np.random.default_rng(args.seed)
    write_checkpoint(os.path.join(args.out, "checkpoint"), shape, args.tokenizer, rng)
    write_sae(os.path.join(args.out, "sae"), args.size, shape.hidden, layer, args.threshold, rng, args.width)
    print(f"the SAE reads after layer {layer}")


if __name__ == "__main__":
    main()
