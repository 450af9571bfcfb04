"""Tiny SAEs in both formats, with what SAELens computes from them.

usage: sae_tiny.py OUTPUT_FOLDER
  saelens/           JumpReLU, d_in 16, d_sae 64, float32, b_dec subtracted from the input; written by SAELens
  saelens-bf16/      the same in bfloat16, b_dec not subtracted
  gemma-scope/       the float32 numbers in Gemma Scope 2's layout
  golden.safetensors x [12, 16]; per form the feature activations [12, 64] and reconstructions [12, 16], computed by
                     SAELens in float32 from the weights as stored
One pre-activation equals its threshold exactly: it must not fire.
"""

import json
import os
import shutil
import sys

import torch
from safetensors.torch import save_file
from sae_lens import SAE
from sae_lens.saes.jumprelu_sae import JumpReLUSAE, JumpReLUSAEConfig
from sae_lens.saes.sae import SAEMetadata

out = sys.argv[1]
g = torch.Generator().manual_seed(6)


def make(dtype, apply_b_dec):
    cfg = JumpReLUSAEConfig(
        d_in=16, d_sae=64, dtype="float32", device="cpu", apply_b_dec_to_input=apply_b_dec,
        metadata=SAEMetadata(model_name="google/gemma-3-270m", hook_name="blocks.1.hook_resid_post", hook_head_index=None, prepend_bos=True, context_size=512))
    sae = JumpReLUSAE(cfg)
    with torch.no_grad():
        sae.W_enc.copy_(torch.randn(16, 64, generator=g) * 0.4)
        sae.W_dec.copy_(torch.randn(64, 16, generator=g) * 0.4)
        sae.b_enc.copy_(torch.randn(64, generator=g) * 0.3)
        sae.b_dec.copy_(torch.randn(16, generator=g))
        sae.threshold.copy_(torch.rand(64, generator=g) * 1.5)
        sae.W_enc[:, 5] = 0  # feature 5: pre-activation b_enc = 0.5 = threshold, exactly
        sae.b_enc[5] = 0.5
        sae.threshold[5] = 0.5
        sae.threshold[6] = -1.0  # feature 6: a negative threshold; negative pre-activations still give 0
    return sae


x = torch.randn(12, 16, generator=g) * 2
golden = {"x": x}
for name, dtype, apply_b_dec in [("saelens", "float32", True), ("saelens-bf16", "bfloat16", False)]:
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    sae = make(dtype, apply_b_dec)
    if dtype == "bfloat16":
        sae = sae.to(torch.bfloat16)
        sae.cfg.dtype = "bfloat16"
    sae.save_model(folder)
    loaded = SAE.load_from_disk(folder, device="cpu", dtype="float32")
    acts = loaded.encode(x)
    golden[f"{name}.activations"] = acts.detach().contiguous()
    golden[f"{name}.reconstruction"] = loaded.decode(acts).detach().contiguous()
    print(name, "L0", (acts != 0).sum(1).float().mean().item(), "feature 5 fires", (acts[:, 5] != 0).any().item())

first = SAE.load_from_disk(os.path.join(out, "saelens"), device="cpu")
folder = os.path.join(out, "gemma-scope")
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
state = {k: v.detach().contiguous() for k, v in first.state_dict().items()}
save_file({"w_enc": state["W_enc"], "w_dec": state["W_dec"], "b_enc": state["b_enc"], "b_dec": state["b_dec"], "threshold": state["threshold"]}, f"{folder}/params.safetensors")
json.dump({
    "hf_hook_point_in": "model.layers.1.output", "hf_hook_point_out": "model.layers.1.output", "width": 64, "model_name": "gemma-v3-270m-pt",
    "architecture": "jump_relu", "l0": 20, "affine_connection": False, "type": "sae"}, open(f"{folder}/config.json", "w"))
first.cfg.apply_b_dec_to_input = False  # as SAELens loads Gemma Scope 2
acts = first.encode(x)
golden["gemma-scope.activations"] = acts.detach().contiguous()
golden["gemma-scope.reconstruction"] = first.decode(acts).detach().contiguous()
save_file(golden, os.path.join(out, "golden.safetensors"))
