"""Digests of the real model's weights as transformers loads them from the GGUF file.

usage: checkpoint_real.py MODEL_FOLDER OUTPUT.json
MODEL_FOLDER holds the GGUF file of Gemma 3 270M and, made from it by transformers, config.json and model.safetensors (bf16).
Writes the SHA-256 of every tensor's bf16 bytes, little endian, row-major, under its Hugging Face name.
"""

import hashlib
import json
import sys

import torch
from safetensors import safe_open

folder, output = sys.argv[1:]
digests = {}
with safe_open(f"{folder}/model.safetensors", "pt") as file:
    for name in sorted(file.keys()):
        tensor = file.get_tensor(name)
        assert tensor.dtype == torch.bfloat16
        digests[name] = hashlib.sha256(tensor.contiguous().view(torch.uint16).numpy().tobytes()).hexdigest()
gguf = hashlib.sha256(open(f"{folder}/gemma-3-270m-q4_k_m.gguf", "rb").read()).hexdigest()
json.dump({"gguf_sha256": gguf, "tensors": digests}, open(output, "w"), indent=0)
