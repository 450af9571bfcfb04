"""Golden checkpoints: one tiny random Gemma 3 in the forms it is found in.

usage: checkpoint_tiny.py OUTPUT_FOLDER
  tiny/           config.json as transformers 5 writes it, model.safetensors (bf16)
  tiny-sharded/   the same numbers as a multimodal checkpoint of the Hub: text_config, old spellings,
                  language_model.model. names, two shards and an index; one tensor in f32 and one in f16
  tiny.gguf       the same model quantized with mixed types
  tiny-gguf.safetensors   what transformers makes of tiny.gguf, in bf16
"""

import json
import os
import shutil
import sys

import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from gguf import GGUFWriter
from gguf.quants import quantize
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig

out = sys.argv[1]
config = Gemma3TextConfig(
    vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, head_dim=32, max_position_embeddings=256, sliding_window=16,
    query_pre_attn_scalar=32, layer_types=["sliding_attention", "full_attention"],
    rope_parameters={
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
    },
)
torch.manual_seed(3)
model = Gemma3ForCausalLM(config)
with torch.no_grad():
    for name, p in model.named_parameters():
        p.copy_(torch.randn_like(p) * (0.3 if "norm" in name else 0.08))
model = model.to(torch.bfloat16)
weights = {k: v.contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}

# 1. A folder of our days.
folder = os.path.join(out, "tiny")
shutil.rmtree(folder, ignore_errors=True)
model.save_pretrained(folder)
os.remove(os.path.join(folder, "generation_config.json")) if os.path.exists(os.path.join(folder, "generation_config.json")) else None

# 2. As published on the Hub: multimodal names, sharded, old keys.
folder = os.path.join(out, "tiny-sharded")
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
renamed = {"language_" + k.replace("model.", "model.model.", 1): v for k, v in weights.items()}
renamed["language_model.model.norm.weight"] = renamed["language_model.model.norm.weight"].float()
small = "language_model.model.layers.1.self_attn.q_norm.weight"
renamed[small] = renamed[small].to(torch.float16)  # these bf16 numbers are exact halves
assert torch.equal(renamed[small].to(torch.bfloat16), weights["model.layers.1.self_attn.q_norm.weight"])
renamed["vision_tower.vision_model.post_layernorm.position_ids"] = torch.arange(4)
names = sorted(renamed)
parts = [names[::2], names[1::2]]
index = {"metadata": {"total_size": 0}, "weight_map": {}}
for i, part in enumerate(parts):
    file = f"model-{i + 1:05}-of-00002.safetensors"
    save_file({k: renamed[k] for k in part}, os.path.join(folder, file), metadata={"format": "pt"})
    index["weight_map"] |= {k: file for k in part}
json.dump(index, open(os.path.join(folder, "model.safetensors.index.json"), "w"), indent=1)
text = dict(
    model_type="gemma3_text", vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, head_dim=32, max_position_embeddings=256, sliding_window=16,
    query_pre_attn_scalar=32, sliding_window_pattern=2, rms_norm_eps=1e-6, rope_theta=1000000.0,
    rope_local_base_freq=10000.0, rope_scaling={"factor": 8.0, "rope_type": "linear"}, attention_bias=False,
    attn_logit_softcapping=None, final_logit_softcapping=None, hidden_activation="gelu_pytorch_tanh",
)
json.dump(
    {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "text_config": text,
     "vision_config": {"model_type": "siglip_vision_model"}}, open(os.path.join(folder, "config.json"), "w"), indent=1)

# 3. A GGUF file with mixed types, its norms as 1 + w.
writer = GGUFWriter(os.path.join(out, "tiny.gguf"), "gemma3")
writer.add_name("Tiny Gemma")
writer.add_context_length(256)
writer.add_embedding_length(64)
writer.add_block_count(2)
writer.add_feed_forward_length(96)
writer.add_head_count(4)
writer.add_head_count_kv(2)
writer.add_layer_norm_rms_eps(1e-6)
writer.add_key_length(32)
writer.add_value_length(32)
writer.add_rope_freq_base(1e6)
writer.add_sliding_window(16)
writer.add_vocab_size(320)
writer.add_rope_scaling_type(__import__("gguf").RopeScalingType.LINEAR)
writer.add_rope_scaling_factor(8.0)
spelling = {
    "embed_tokens": "token_embd", "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "post_feedforward_layernorm": "post_ffw_norm", "norm": "output_norm",
}
kinds = [T.Q8_0, T.Q5_0, T.Q4_0, T.Q5_1, T.Q4_1, T.F16, T.BF16]
linear = 0
for name, value in weights.items():
    data = value.float().numpy()
    stem = name.removeprefix("model.").removesuffix(".weight")
    if stem.startswith("layers."):
        _, layer, rest = stem.split(".", 2)
        stem = f"blk.{layer}.{spelling[rest]}"
    else:
        stem = spelling[stem]
    if stem.endswith("norm"):
        writer.add_tensor(stem + ".weight", data + np.float32(1))
    else:
        kind = kinds[linear % len(kinds)]
        linear += 1
        writer.add_tensor(stem + ".weight", quantize(data, kind), raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
loaded = AutoModelForCausalLM.from_pretrained(out, gguf_file="tiny.gguf", dtype=torch.bfloat16)
save_file({k: v.contiguous() for k, v in loaded.state_dict().items() if k != "lm_head.weight"}, os.path.join(out, "tiny-gguf.safetensors"))
