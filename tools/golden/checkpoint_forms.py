"""Golden checkpoints in the forms that Gemma 3 is published and saved in, and what transformers computes from each.

usage: checkpoint_forms.py write NAME… FOLDER     with the transformers version that NAME asks for (FORMS says which)
       checkpoint_forms.py measure FOLDER         with transformers 5.23, after all forms are written
FOLDER is Tests/ExperimentsTests/Goldens/forms. Versions used: transformers 4.50.3 (tokenizers 0.21.4, huggingface_hub 0.30.2),
4.57.3 (0.22.1, 0.36.0) and 5.23.0; torch 2.15.0. Weights are drawn from torch's generator, seeded with the CRC-32 of a tensor's
name; token ids from numpy's default_rng(11).

`write` saves random models of one shape (8 heads of 16 over a width of 32, half as many key-value heads) with save_pretrained().
`measure` writes
  variants/NAME/config.json   a configuration in another spelling, for the weights of a form
  published.json              the published models' config.json, and what transformers makes of the text model's dimensions
  forms.json                  token ids; per form or variant: folder of the weights, configuration, layer of the residual stream, resolved dimensions
  forms.safetensors           per entry E: E.nll.f32, E.nll.bf16 [159], E.logits [8, V] (f32; every 20th position),
                              E.residual.f32, E.residual.bf16 [32, D] (every fifth position)
Weights are what clearbox measures: the stored numbers rounded to bf16, computed with in float32 (f32) or bf16. Weights of the
entry `formula` are not stored: `formula()` makes them here and in the test.
"""
import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

DEEP, SHALLOW = 7, 2
TEXT = dict(
    vocab_size=300, hidden_size=32, intermediate_size=48, num_attention_heads=8, num_key_value_heads=4, head_dim=16,
    query_pre_attn_scalar=21, sliding_window=8, max_position_embeddings=256, rms_norm_eps=1e-6, rope_theta=1e6,
    rope_local_base_freq=1e4)
LINEAR8 = {"factor": 8.0, "rope_type": "linear"}
VISION = dict(
    hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=4, patch_size=2,
    vision_use_head=False)
# name: (version, class, layers, dtype, most bytes of a shard)
FORMS = {
    "text-5": ("5.23", "Gemma3ForCausalLM", SHALLOW, "bfloat16", 10**9),
    "text-4.57": ("4.57", "Gemma3ForCausalLM", SHALLOW, "float32", 60_000),
    "multimodal-5": ("5.23", "Gemma3ForConditionalGeneration", SHALLOW, "float32", 60_000),
    "multimodal-4.57": ("4.57", "Gemma3ForConditionalGeneration", SHALLOW, "float16", 40_000),
    "multimodal-4.50": ("4.50", "Gemma3ForConditionalGeneration", DEEP, "bfloat16", 100_000),
    "bare-text-5": ("5.23", "Gemma3TextModel", SHALLOW, "float16", 10**9),
    "bare-multimodal-4.57": ("4.57", "Gemma3Model", SHALLOW, "bfloat16", 10**9),
}


def draw(name: str, shape) -> torch.Tensor:
    scale = 0.3 if "norm" in name else 0.25 if "embed_tokens" in name else 0.15
    return torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32(name.encode()))) * scale


def write(name: str, out: Path) -> None:
    version, cls, layers, dtype, shard = FORMS[name]
    if not transformers.__version__.startswith(version):
        raise SystemExit(f"{name} needs transformers {version}, this is {transformers.__version__}")
    text = TEXT | dict(num_hidden_layers=layers, sliding_window_pattern=2 if layers == SHALLOW else 6, rope_scaling=dict(LINEAR8))
    config = transformers.Gemma3TextConfig(**text)
    if cls in ("Gemma3ForConditionalGeneration", "Gemma3Model"):
        config = transformers.Gemma3Config(
            text_config=config.to_dict(), vision_config=dict(VISION), mm_tokens_per_image=1)
    model = getattr(transformers, cls)(config)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            stem = key.split("language_model.")[-1].removeprefix("model.")
            parameter.copy_(draw(stem if "vision" not in key else key, parameter.shape))
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    model.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    print(name, sum(f.stat().st_size for f in folder.iterdir()), sorted(f.name for f in folder.iterdir()))


# Configurations as they stand on the Hub, shortened to the tiny shape.
SPARSE = dict(hidden_size=32, intermediate_size=48, model_type="gemma3_text", num_hidden_layers=DEEP, rope_scaling=LINEAR8,
              sliding_window=8, vocab_size=300, head_dim=16)
HUB = dict(
    architectures=["Gemma3ForConditionalGeneration"], boi_token_index=255999, eoi_token_index=256000, eos_token_id=[1, 106],
    image_token_index=262144, initializer_range=0.02, mm_tokens_per_image=1, model_type="gemma3", torch_dtype="bfloat16",
    transformers_version="4.50.0.dev0", vision_config=VISION | {"model_type": "siglip_vision_model"})
FLAT = TEXT | dict(
    architectures=["Gemma3ForCausalLM"], model_type="gemma3_text", num_hidden_layers=SHALLOW, attention_bias=False,
    attention_dropout=0.0, attn_logit_softcapping=None, final_logit_softcapping=None, bos_token_id=2, eos_token_id=[1, 106],
    pad_token_id=0, hidden_activation="gelu_pytorch_tanh", initializer_range=0.02, use_cache=True, torch_dtype="bfloat16",
    rope_theta=1000000, rope_local_base_freq=10000)
KINDS = ["sliding_attention", "full_attention"]
VARIANTS = {
    # 4b: heads, key-value heads, epsilon, bases, scalar, positions and pattern are the class's.
    "hub-4b": ("multimodal-4.50", HUB | {"text_config": SPARSE}),
    # 27b: all heads stated, a scalar that is not the heads' width.
    "hub-27b": ("multimodal-4.50", HUB | {"text_config": SPARSE | dict(num_attention_heads=8, num_key_value_heads=4, query_pre_attn_scalar=21)}),
    # The class's window of 4096 tokens, wider than the text.
    "hub-no-window": ("multimodal-4.50", HUB | {"text_config": {k: v for k, v in SPARSE.items() if k != "sliding_window"}}),
    "flat-pattern": ("text-5", FLAT | dict(sliding_window_pattern=2, cache_implementation="hybrid", rope_scaling=None)),
    "flat-layer-types": ("text-5", FLAT | dict(_sliding_window_pattern=6, layer_types=KINDS, rope_scaling=None, use_bidirectional_attention=False)),
    "flat-type-linear": ("text-5", FLAT | dict(layer_types=KINDS, rope_scaling={"type": "linear", "factor": 2.0})),
    "flat-sparse": ("text-5", dict(model_type="gemma3_text", vocab_size=300, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                                   head_dim=16, dtype="bfloat16")),
    "new-without-bases": ("text-5", {k: v for k, v in FLAT.items() if not k.startswith("rope")} | dict(
        layer_types=KINDS, rope_parameters={"full_attention": LINEAR8, "sliding_attention": {"rope_type": "default"}})),
    "new-bases": ("text-5", {k: v for k, v in FLAT.items() if not k.startswith("rope")} | dict(
        layer_types=KINDS, rope_parameters={"full_attention": LINEAR8 | {"rope_theta": 5e4}, "sliding_attention": {"rope_type": "default", "rope_theta": 500}})),
    "new-over-old": ("text-5", FLAT | dict(layer_types=KINDS, rope_theta=7e4, rope_local_base_freq=300.0, rope_parameters={
        "full_attention": {"rope_type": "default"}, "sliding_attention": None})),
}


def hub(**text) -> dict:
    return {k: v for k, v in HUB.items() if k != "vision_config"} | {"mm_tokens_per_image": 256, "text_config": dict(
        model_type="gemma3_text", rope_scaling=LINEAR8, sliding_window=1024) | text}


def text_only(**text) -> dict:
    return FLAT | dict(vocab_size=262144, head_dim=256, query_pre_attn_scalar=256, max_position_embeddings=32768, sliding_window=512,
                       num_attention_heads=4, num_key_value_heads=1, rope_scaling=None) | text


PUBLISHED = {
    "270m": text_only(hidden_size=640, intermediate_size=2048, num_hidden_layers=18, _sliding_window_pattern=6, use_bidirectional_attention=False,
                      layer_types=[("full" if i % 6 == 5 else "sliding") + "_attention" for i in range(18)]),
    "1b": text_only(hidden_size=1152, intermediate_size=6912, num_hidden_layers=26, sliding_window_pattern=6, cache_implementation="hybrid"),
    "4b": hub(hidden_size=2560, intermediate_size=10240, num_hidden_layers=34),
    "12b": hub(hidden_size=3840, intermediate_size=15360, num_hidden_layers=48, num_attention_heads=16, num_key_value_heads=8),
    "27b": hub(hidden_size=5376, intermediate_size=21504, num_hidden_layers=62, num_attention_heads=32, num_key_value_heads=16, head_dim=128,
               query_pre_attn_scalar=168),
}


def resolved(config) -> dict:
    """The text model's dimensions as transformers has them, by clearbox's names."""
    t = config.get_text_config()
    full, sliding = t.rope_parameters["full_attention"], t.rope_parameters["sliding_attention"]
    return dict(
        dModel=t.hidden_size, layerCount=t.num_hidden_layers, headCount=t.num_attention_heads, keyValueHeadCount=t.num_key_value_heads,
        headDim=t.head_dim, intermediateSize=t.intermediate_size, vocabularySize=t.vocab_size, slidingWindow=t.sliding_window,
        queryPreAttentionScalar=float(t.query_pre_attn_scalar), rmsNormEpsilon=t.rms_norm_eps, ropeBaseGlobal=float(full["rope_theta"]),
        ropeBaseLocal=float(sliding["rope_theta"]), ropeScalingFactorGlobal=float(full.get("factor") or 1),
        isGlobal=[kind == "full_attention" for kind in t.layer_types], maxPositions=t.max_position_embeddings)


def load(folder: Path, dtype):
    config = transformers.AutoConfig.from_pretrained(folder)
    cls = transformers.Gemma3ForCausalLM if config.model_type == "gemma3_text" else transformers.Gemma3ForConditionalGeneration
    model, info = cls.from_pretrained(folder, dtype=dtype, output_loading_info=True)
    assert not info["missing_keys"] and not info["mismatched_keys"] and not info["unexpected_keys"], info
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.bfloat16())
    return model.eval()


def run(folder: Path, ids: torch.Tensor, layer: int, dtype):
    """NLL [n − 1] in double from the logits, logits [n, V], residual stream after `layer` [n, D]."""
    model = load(folder, dtype)
    text = model.model if isinstance(model, transformers.Gemma3ForCausalLM) else model.model.language_model
    caught = []
    text.layers[layer].register_forward_hook(lambda m, a, o: caught.append(o[0] if isinstance(o, tuple) else o))
    with torch.no_grad():
        logits = model(ids[None]).logits[0]
    nll = torch.nn.functional.cross_entropy(logits[:-1].double(), ids[1:], reduction="none")
    return nll, logits.float(), caught[0].reshape(len(ids), -1).float()


def formula(name: str, shape) -> torch.Tensor:
    """Numbers that are exact in bf16, from a hash of name and position: (byte − 128) ∕ 1024, of the embedding and norms ∕ 512."""
    x = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
    x ^= x >> np.uint32(15)
    x *= np.uint32(2246822519)
    x ^= x >> np.uint32(13)
    step = 512 if "norm" in name or "embed" in name else 1024
    return torch.from_numpy(((x >> np.uint32(24)).astype(np.float32) - 128) / step).reshape(shape)


def write_formula(folder: Path) -> None:
    """The published 4b configuration at a width of 16: 262,208 rows, 8 heads of 256, the class's values for the rest."""
    text = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=6, rope_scaling=LINEAR8, sliding_window=8, model_type="gemma3_text")
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(HUB | {"text_config": text}))
    model = transformers.Gemma3ForConditionalGeneration(transformers.AutoConfig.from_pretrained(folder))
    weights = {"language_model.model." + key: formula(key, value.shape).bfloat16() for key, value in model.model.language_model.state_dict().items()
               if key.endswith("weight")}
    weights |= {key.removeprefix("model."): value.contiguous() for key, value in model.state_dict().items() if "vision" in key or "multi_modal" in key}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def measure(out: Path) -> None:
    assert transformers.__version__.startswith("5.23")
    variants = out / "variants"
    shutil.rmtree(variants, ignore_errors=True)
    ids = torch.from_numpy(np.random.default_rng(11).integers(3, 300, size=160))
    wide = torch.from_numpy(np.random.default_rng(12).integers(3, 262144, size=60))
    tensors, entries = {}, {}

    def add(name, weights, folder, layer, ids):
        config = transformers.AutoConfig.from_pretrained(folder)
        entries[name] = {"weights": weights, "layer": layer, "resolved": resolved(config)}
        for dtype, label in [(torch.float32, "f32"), (torch.bfloat16, "bf16")]:
            nll, logits, residual = run(folder, ids, layer, dtype)
            tensors[f"{name}.nll.{label}"] = nll.float()
            tensors[f"{name}.residual.{label}"] = residual[4::5].to(dtype).contiguous()
            if label == "f32":
                # Of the wide vocabulary: its last rows, those without a token among them.
                tensors[f"{name}.logits"] = (logits[19::20] if name != "formula" else logits[19::20, -128:]).contiguous()
        print(name, float(tensors[f"{name}.nll.f32"].mean()), float(tensors[f"{name}.nll.bf16"].mean()), flush=True)

    for name, (_, _, layers, _, _) in FORMS.items():
        add(name, name, out / name, layers - 2, ids)
    with tempfile.TemporaryDirectory() as scratch:
        for name, (form, config) in VARIANTS.items():
            (variants / name).mkdir(parents=True)
            (variants / name / "config.json").write_text(json.dumps(config, indent=1) + "\n")
            folder = Path(scratch) / name
            shutil.copytree(out / form, folder)
            # Gemma 3's classes do not read `type` in rope_scaling (5.23 overlooks it, 4.57 stops); other models' do.
            (folder / "config.json").write_text(json.dumps(config).replace('"type": "linear"', '"rope_type": "linear"'))
            add(name, form, folder, FORMS[form][2] - 2, ids)
        write_formula(Path(scratch) / "formula")
        shutil.copytree(Path(scratch) / "formula", variants / "formula", ignore=lambda *_: ["model.safetensors"])
        add("formula", "", Path(scratch) / "formula", 4, wide)
        published = {}
        for name, config in PUBLISHED.items():
            file = Path(scratch) / f"{name}.json"
            file.write_text(json.dumps(config))
            published[name] = {"config": config, "resolved": resolved(transformers.AutoConfig.from_pretrained(file))}
    (out / "published.json").write_text(json.dumps(published, indent=1) + "\n")
    facts = {"ids": ids.tolist(), "wide_ids": wide.tolist(), "entries": entries}
    (out / "forms.json").write_text(json.dumps(facts) + "\n")
    save_file(tensors, out / "forms.safetensors")


if __name__ == "__main__":
    command, *names, target = sys.argv[1:]
    if command == "write":
        for form in names:
            write(form, Path(target))
    elif command == "measure":
        measure(Path(target))
    else:
        raise SystemExit(__doc__)
