"""A Gemma 3 checkpoint and SAE with a real model's shapes and random weights, to measure memory and speed with.

usage: gemma3.py SIZE OUTPUT_FOLDER --tokenizer TOKENIZER_JSON [--layers N] [--seed 0]
  SIZE     270m, 1b, 4b, 12b or 27b
  --layers keep only the first N decoder layers
Writes OUTPUT_FOLDER/checkpoint (config.json as published, safetensors in shards of at most 4 GB, bf16) and
OUTPUT_FOLDER/sae (Gemma Scope 2's layout, width 16k, float32). The 12B takes about 24 GB. Needs numpy alone.

Weights are normal with the standard deviation that keeps a layer's output near its input's size; each tensor is a
window of one pool of random numbers, so that writing, not drawing, sets the time.
"""

import argparse
import json
import os
import shutil

import numpy as np

SHAPES = {  # hidden, layers, heads, kv heads, head dim, intermediate, sliding window, query_pre_attn_scalar, rope factor
    "270m": (640, 18, 4, 1, 256, 2048, 512, 256, None, 262144),
    "1b": (1152, 26, 4, 1, 256, 6912, 512, 256, None, 262144),
    "4b": (2560, 34, 8, 4, 256, 10240, 1024, 256, 8.0, 262208),
    "12b": (3840, 48, 16, 8, 256, 15360, 1024, 256, 8.0, 262208),
    "27b": (5376, 62, 32, 16, 128, 21504, 1024, 168, 8.0, 262208),
}
SHARD_BYTES = 4 << 30
POOL = 1 << 24


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("size", choices=SHAPES)
    parser.add_argument("out")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    d, layers, heads, kv, head_dim, inner, window, scalar, rope, vocabulary = SHAPES[args.size]
    depth = layers
    layers = args.layers or layers

    checkpoint = os.path.join(args.out, "checkpoint")
    sae = os.path.join(args.out, "sae")
    for folder in (checkpoint, sae):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    shutil.copy(args.tokenizer, os.path.join(checkpoint, "tokenizer.json"))

    text = dict(
        model_type="gemma3_text", hidden_size=d, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=kv, head_dim=head_dim, intermediate_size=inner, sliding_window=window,
        query_pre_attn_scalar=scalar, vocab_size=vocabulary, rms_norm_eps=1e-6, rope_theta=1e6,
        rope_local_base_freq=1e4, sliding_window_pattern=6, max_position_embeddings=131072 if rope else 32768,
        attention_bias=False, hidden_activation="gelu_pytorch_tanh",
    )
    if rope:
        text["rope_scaling"] = {"factor": rope, "rope_type": "linear"}
        config = {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "text_config": text}
        prefix = "language_model.model."
    else:
        config = text | {"architectures": ["Gemma3ForCausalLM"]}
        prefix = "model."
    json.dump(config, open(os.path.join(checkpoint, "config.json"), "w"), indent=1)

    rng = np.random.default_rng(args.seed)
    pool = rng.standard_normal(POOL, dtype=np.float32)
    tensors = [("embed_tokens.weight", (vocabulary, d), 0.03)]
    for i in range(layers):
        p = f"layers.{i}."
        tensors += [
            (p + "input_layernorm.weight", (d,), 0.1),
            (p + "self_attn.q_proj.weight", (heads * head_dim, d), d**-0.5),
            (p + "self_attn.k_proj.weight", (kv * head_dim, d), d**-0.5),
            (p + "self_attn.v_proj.weight", (kv * head_dim, d), d**-0.5),
            (p + "self_attn.q_norm.weight", (head_dim,), 0.1),
            (p + "self_attn.k_norm.weight", (head_dim,), 0.1),
            (p + "self_attn.o_proj.weight", (d, heads * head_dim), (heads * head_dim) ** -0.5),
            (p + "post_attention_layernorm.weight", (d,), 0.1),
            (p + "pre_feedforward_layernorm.weight", (d,), 0.1),
            (p + "mlp.gate_proj.weight", (inner, d), d**-0.5),
            (p + "mlp.up_proj.weight", (inner, d), d**-0.5),
            (p + "mlp.down_proj.weight", (d, inner), inner**-0.5),
            (p + "post_feedforward_layernorm.weight", (d,), 0.1),
        ]
    tensors.append(("norm.weight", (d,), 0.1))

    shards, size = [[]], 0
    for name, shape, scale in tensors:
        length = 2 * int(np.prod(shape))
        if size + length > SHARD_BYTES and shards[-1]:
            shards.append([])
            size = 0
        shards[-1].append((prefix + name, shape, scale))
        size += length
    index = {"metadata": {"total_size": sum(2 * int(np.prod(s)) for _, s, _ in tensors)}, "weight_map": {}}
    for number, shard in enumerate(shards):
        file = f"model-{number + 1:05}-of-{len(shards):05}.safetensors"
        index["weight_map"] |= {name: file for name, _, _ in shard}
        write(os.path.join(checkpoint, file), shard, "BF16", pool, rng)
        print(file, flush=True)
    json.dump(index, open(os.path.join(checkpoint, "model.safetensors.index.json"), "w"), indent=1)

    width, layer = 16384, min(depth // 2, layers - 1)
    write(
        os.path.join(sae, "params.safetensors"),
        [("b_dec", (d,), 0.1), ("b_enc", (width,), 0.1), ("threshold", (width,), None),
         ("w_dec", (width, d), d**-0.5), ("w_enc", (d, width), d**-0.5)], "F32", pool, rng)
    json.dump(
        {"hf_hook_point_in": f"model.layers.{layer}.output", "hf_hook_point_out": f"model.layers.{layer}.output",
         "width": width, "model_name": f"gemma-v3-{args.size}-pt", "architecture": "jump_relu", "l0": 60,
         "affine_connection": False, "type": "sae"}, open(os.path.join(sae, "config.json"), "w"))
    print(f"layer of the SAE: {layer}")


def stored(pool, scale, dtype):
    """The pool times a scale, as the file holds it; a scale of None gives thresholds."""
    values = np.full(len(pool), 60.0, np.float32) if scale is None else pool * np.float32(scale)
    if dtype == "F32":
        return values
    bits = values.view(np.uint32)  # bf16: nearest, ties to even
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def write(path, tensors, dtype, pool, rng):
    """A safetensors file, tensor by tensor."""
    bytes_each = 2 if dtype == "BF16" else 4
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _ in tensors:
        length = bytes_each * int(np.prod(shape))
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + length]}
        offset += length
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pools = {scale: stored(pool, scale, dtype) for scale in {scale for _, _, scale in tensors}}
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, shape, scale in tensors:
            left = int(np.prod(shape))
            while left:
                start = int(rng.integers(0, POOL // 2))
                values = pools[scale][start : start + min(left, POOL // 2)]
                left -= len(values)
                file.write(memoryview(values))


main()
