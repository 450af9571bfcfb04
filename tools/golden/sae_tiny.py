"""Tiny SAEs of every kind, as SAELens and Gemma Scope 2 write them, with what SAELens computes from them.

usage: PYTHONHASHSEED=0 sae_tiny.py OUTPUT_FOLDER    (SAELens writes some keys in the order of a set)
versions: sae-lens 6.54.12, torch 2.15.0, safetensors 0.8; seed 6. d_in 16, d_sae 64.
  <folder>/          an SAE in SAELens' format, written by SAELens (save_model; batchtopk, matryoshka: save_inference_model);
                     gemma-scope/ holds the numbers of jumprelu/ in Gemma Scope 2's layout
  forms.json         the forms: name, the folder whose weights it shares, and its cfg.json as text. SAELens writes the
                     same weights whatever the switches (asserted here), so each form's folder is these weights and that
                     text. Forms named old-* have the cfg.json that SAELens wrote before version 6.
  golden.safetensors x [6, 16]; per form the feature activations [6, 64] and reconstructions [6, 16] that SAELens computes
                     after SAE.load_from_disk(folder, dtype="float32")
jumprelu: one pre-activation equals its threshold exactly and must not fire; one threshold is negative.
topk-ties: features come in equal pairs and k is odd, so the last place is always tied.
"""

import json
import os
import shutil
import sys
import tempfile

import torch
from safetensors.torch import save_file
from sae_lens import SAE
from sae_lens.registry import get_sae_class, get_sae_training_class
from sae_lens.saes.sae import SAEMetadata

out = sys.argv[1]
shutil.rmtree(out, ignore_errors=True)
os.makedirs(out)
g = torch.Generator().manual_seed(6)
D, F = 16, 64


def metadata():
    return SAEMetadata(model_name="google/gemma-3-270m", hook_name="blocks.1.hook_resid_post", hook_head_index=None, prepend_bos=True, context_size=512)


def fill(sae):
    """Random weights; decoder rows of different lengths, so that rescaling by them shows."""
    def put(name, values):
        if isinstance(getattr(sae, name, None), torch.nn.Parameter):
            getattr(sae, name).copy_(values)
    with torch.no_grad():
        put("W_enc", torch.randn(D, F, generator=g) * 0.4)
        put("W_dec", torch.randn(F, D, generator=g) * (0.2 + 0.8 * torch.rand(F, 1, generator=g)))
        put("b_dec", torch.randn(D, generator=g))
        for name in ["b_enc", "b_gate", "b_mag", "r_mag"]:
            put(name, torch.randn(F, generator=g) * 0.3)
        put("threshold", torch.rand(F, generator=g) * 1.5)
        if isinstance(getattr(sae, "threshold", None), torch.nn.Parameter):
            sae.W_enc[:, 5] = 0  # feature 5: pre-activation b_enc = 0.5 = threshold, exactly
            sae.b_enc[5] = 0.5
            sae.threshold[5] = 0.5
            sae.threshold[6] = -1.0  # feature 6: a negative threshold; negative pre-activations still give 0


forms, golden = [], {}
x = torch.randn(6, D, generator=g) * 2 + torch.randn(D, generator=g)
x[1] *= 30  # a massive token
golden["x"] = x


def record(name, folder, cfg_text):
    """Loads weights and cfg.json as a folder of their own and notes what SAELens computes."""
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(f"{out}/{folder}/sae_weights.safetensors", place)
        open(f"{place}/cfg.json", "w").write(cfg_text)
        sae = SAE.load_from_disk(place, device="cpu", dtype="float32")
    with torch.no_grad():
        acts = sae.encode(x)
        recon = sae.decode(acts)
    assert torch.isfinite(recon).all()
    golden[f"{name}.activations"] = acts.contiguous()
    golden[f"{name}.reconstruction"] = recon.contiguous()
    forms.append({"name": name, "folder": folder, "cfg": cfg_text})
    print(f"{name:34} {sae.cfg.architecture():9} L0 {(acts != 0).sum(1).float().mean().item():5.1f}  largest {recon.abs().max().item():.1f}")


def write(folder, architecture, **switches):
    """An SAE of random weights, saved by SAELens; its other switches become forms that share the weights."""
    sae_class, cfg_class = get_sae_class(architecture)
    sae = sae_class(cfg_class(d_in=D, d_sae=F, dtype="float32", device="cpu", metadata=metadata(), **switches))
    fill(sae)
    sae.save_model(f"{out}/{folder}")
    record(folder, folder, open(f"{out}/{folder}/cfg.json").read())
    return sae


def variants(sae, folder, options):
    for name, switches in options:
        with tempfile.TemporaryDirectory() as place:
            for key, value in switches.items():
                setattr(sae.cfg, key, value)
            sae.save_model(place)
            assert open(f"{place}/sae_weights.safetensors", "rb").read() == open(f"{out}/{folder}/sae_weights.safetensors", "rb").read()
            record(f"{folder}-{name}", folder, open(f"{place}/cfg.json").read())


plain = [
    ("uncentred", dict(apply_b_dec_to_input=False)),
    ("expected-average", dict(apply_b_dec_to_input=True, normalize_activations="expected_average_only_in")),
    ("constant-norm", dict(normalize_activations="constant_norm_rescale")),
    ("layer-norm", dict(normalize_activations="layer_norm")),
    ("layer-norm-uncentred", dict(apply_b_dec_to_input=False)),
]
rescaled = [
    ("layer-norm-uncentred-rescaled", dict(rescale_acts_by_decoder_norm=True)),
    ("rescaled", dict(apply_b_dec_to_input=True, normalize_activations="none")),
]
for architecture, switches, more in [
    ("standard", {}, []), ("jumprelu", {}, []), ("gated", {}, []), ("topk", dict(k=7), rescaled), ("abstopk", dict(k=7), rescaled)]:
    variants(write(architecture, architecture, **switches), architecture, plain + more)

# More active features asked for than are positive.
variants(write("topk-wide", "topk", k=50), "topk-wide", [])

# Features 2i and 2i + 1 have one encoder and different decoders.
ties = get_sae_class("topk")[0](get_sae_class("topk")[1](d_in=D, d_sae=F, k=7, metadata=metadata()))
fill(ties)
with torch.no_grad():
    ties.W_enc[:, 1::2] = ties.W_enc[:, 0::2]
    ties.b_enc[1::2] = ties.b_enc[0::2]
ties.save_model(f"{out}/topk-ties")
record("topk-ties", "topk-ties", open(f"{out}/topk-ties/cfg.json").read())

# Other number formats on disk.
for folder, architecture, dtype in [("jumprelu-bf16", "jumprelu", torch.bfloat16), ("gated-f16", "gated", torch.float16), ("topk-bf16", "topk", torch.bfloat16)]:
    sae_class, cfg_class = get_sae_class(architecture)
    sae = sae_class(cfg_class(d_in=D, d_sae=F, apply_b_dec_to_input=False, metadata=metadata()))
    if architecture == "topk":
        sae.cfg.k, sae.cfg.rescale_acts_by_decoder_norm = 7, True
    fill(sae)
    sae = sae.to(dtype=dtype)
    sae.save_model(f"{out}/{folder}")
    record(folder, folder, open(f"{out}/{folder}/cfg.json").read())

# Architectures that exist in training alone: SAELens makes them jumprelu.
for folder, architecture, extra in [
    ("batchtopk", "batchtopk", dict(rescale_acts_by_decoder_norm=False)), ("batchtopk-rescaled", "batchtopk", dict(rescale_acts_by_decoder_norm=True)),
    ("matryoshka", "matryoshka_batchtopk", dict(matryoshka_widths=[16, 64], rescale_acts_by_decoder_norm=False))]:
    sae_class, cfg_class = get_sae_training_class(architecture)
    cfg = cfg_class(d_in=D, d_sae=F, k=7.5, **extra)
    cfg.metadata = metadata()
    sae = sae_class(cfg)
    fill(sae)
    sae.topk_threshold.fill_(1.25)
    sae.save_inference_model(f"{out}/{folder}")
    record(folder, folder, open(f"{out}/{folder}/cfg.json").read())

# cfg.json before SAELens 6: flat, with the names of its time.
first = {
    "model_name": "google/gemma-3-270m", "hook_point": "blocks.1.hook_resid_post", "hook_point_layer": 1,
    "hook_point_head_index": None, "dataset_path": "a/corpus", "is_dataset_tokenized": False, "context_size": 128,
    "use_cached_activations": False, "d_in": D, "d_sae": F, "expansion_factor": 4, "activation_fn_str": "relu",
    "normalize_sae_decoder": True, "b_dec_init_method": "geometric_median", "prepend_bos": True, "dtype": "torch.float32", "device": "mps"}
later = {
    "d_in": D, "d_sae": F, "activation_fn_str": "relu", "activation_fn_kwargs": {}, "apply_b_dec_to_input": False,
    "finetuning_scaling_factor": False, "sae_lens_training_version": "4.0.0", "prepend_bos": True, "dataset_path": "a/corpus",
    "context_size": 128, "dataset_trust_remote_code": True, "model_name": "google/gemma-3-270m", "hook_name": "blocks.1.hook_resid_post",
    "hook_layer": 1, "hook_head_index": None, "neuronpedia_id": None, "normalize_activations": "none", "dtype": "float32",
    "device": "cuda", "model_from_pretrained_kwargs": {}, "seqpos_slice": [None]}
for name, folder, cfg in [
    ("old-standard", "standard", first),
    ("old-standard-averaged", "standard", {**first, "normalize_activations": True}),
    ("old-standard-unaveraged", "standard", {**first, "normalize_activations": False, "dtype": "torch.bfloat16"}),
    ("old-standard-null", "standard", {**later, "architecture": "standard", "normalize_activations": None, "finetuning_scaling_factor": True}),
    ("old-standard-layer-norm", "standard", {**later, "architecture": "standard", "normalize_activations": "layer_norm"}),
    ("old-jumprelu", "jumprelu", {**later, "architecture": "jumprelu", "dtype": "torch.float16"}),
    ("old-gated", "gated", {**later, "architecture": "gated", "normalize_activations": "constant_norm_rescale"}),
    # The architecture says standard, the activation function is what counts.
    ("old-topk", "topk", {**later, "architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 5}}),
    ("old-topk-renamed", "topk", {**{k: v for k, v in later.items() if k != "activation_fn_str"}, "activation_fn": "topk", "activation_fn_kwargs": {"k": 9}}),
    ("old-topk-named", "topk", {**later, "architecture": "topk", "activation_fn_kwargs": {"k": 3}}),
    ("old-topk-k", "topk", {**{k: v for k, v in later.items() if not k.startswith("activation_fn")}, "architecture": "topk", "k": 11}),
]:
    record(name, folder, json.dumps(cfg))

# A scaling factor of ones, which SAELens saved for a time.
state = {k: v.contiguous() for k, v in SAE.load_from_disk(f"{out}/standard", device="cpu").state_dict().items()}
os.makedirs(f"{out}/old-scaled")
save_file({**state, "scaling_factor": torch.ones(F)}, f"{out}/old-scaled/sae_weights.safetensors")
json.dump(first, open(f"{out}/old-scaled/cfg.json", "w"))
record("old-scaled", "old-scaled", json.dumps(first))

# Gemma Scope 2: lower-case names; SAELens loads it with apply_b_dec_to_input false.
sae = SAE.load_from_disk(f"{out}/jumprelu", device="cpu")
state = {k.lower(): v.detach().contiguous() for k, v in sae.state_dict().items()}
os.makedirs(f"{out}/gemma-scope")
save_file(state, f"{out}/gemma-scope/params.safetensors")
json.dump({
    "hf_hook_point_in": "model.layers.1.output", "hf_hook_point_out": "model.layers.1.output", "width": F, "model_name": "gemma-v3-270m-pt",
    "architecture": "jump_relu", "l0": 20, "affine_connection": False, "type": "sae"}, open(f"{out}/gemma-scope/config.json", "w"))
sae.cfg.apply_b_dec_to_input = False
with torch.no_grad():
    golden["gemma-scope.activations"] = sae.encode(x).contiguous()
    golden["gemma-scope.reconstruction"] = sae.decode(sae.encode(x)).contiguous()

json.dump(forms, open(f"{out}/forms.json", "w"), indent=0)
save_file(golden, f"{out}/golden.safetensors")
