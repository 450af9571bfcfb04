"""Golden checkpoints in the formats that people ship: one tiny random Gemma 3, written by the libraries themselves.

usage: shipped_formats.py OUTPUT_FOLDER [--small] [FORMAT...]
  FORMAT/             config.json and model.safetensors
  fp8-tokens.safetensors   activations before and after compressed-tensors' rounding by token
  shipped.json        SHA-256 of each linear layer's dequantized weights in bf16 (little endian, row-major), as the library
                      dequantizes them
Formats of bitsandbytes are written by transformers and bitsandbytes; those of compressed-tensors by its compressors (and
g_idx, which version 0.20 no longer writes, by hand); GPTQ's and AWQ's are packed by gptqmodel's own linear layers.
Made with torch 2.15.0, transformers 5.23.0, bitsandbytes 0.50.2, compressed-tensors 0.20.1, gptqmodel 7.7.0.
"""

import copy
import hashlib
import json
import os
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

out = sys.argv[1]
SMALL = "--small" in sys.argv  # seeds for fuzzing
only = [name for name in sys.argv[2:] if name != "--small"]
SEED = 7


def base(hidden=64, intermediate=96):
    if SMALL:
        hidden = intermediate = 32
    config = Gemma3TextConfig(
        vocab_size=4 if SMALL else 24, hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=1,
        num_attention_heads=1 if SMALL else 2,
        num_key_value_heads=1, head_dim=32, max_position_embeddings=64, sliding_window=16, query_pre_attn_scalar=32,
        layer_types=["full_attention"], dtype="bfloat16",
    )
    torch.manual_seed(SEED)
    model = Gemma3ForCausalLM(config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(torch.randn_like(p) * (0.3 if "norm" in name else 0.08))
    return model.to(torch.bfloat16)


def linears(model):
    return {n: m for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and n != "lm_head"}


def digest(weight):
    assert weight.dtype == torch.bfloat16, weight.dtype
    return hashlib.sha256(weight.contiguous().view(torch.int16).numpy().astype("<i2").tobytes()).hexdigest()


digests = {}
path = os.path.join(out, "shipped.json")
if only and os.path.exists(path):
    digests = json.load(open(path))


def save(name, model, tensors, note, weights):
    """`tensors` replace those of the layers that they belong to; `weights` are what the library dequantizes, by module."""
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    replaced = {module + ".weight" for module in weights}
    rest = {k: v for k, v in model.state_dict().items() if k not in replaced and k != "lm_head.weight"}
    save_file(
        {k: v.contiguous() for k, v in (rest | tensors).items()}, os.path.join(folder, "model.safetensors"),
        metadata={"format": "pt"})
    config = json.loads(model.config.to_json_string(use_diff=False))
    keep = {k: v for k, v in config.items() if k in KEPT}
    if note:
        keep["quantization_config"] = note
    json.dump(keep, open(os.path.join(folder, "config.json"), "w"), indent=1, sort_keys=True)
    digests[name] = {k: digest(v) for k, v in sorted(weights.items())}


KEPT = {
    "architectures", "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
    "num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings", "sliding_window",
    "query_pre_attn_scalar", "layer_types", "rope_parameters", "rms_norm_eps", "tie_word_embeddings", "dtype",
}


def wanted(name):
    return not only or name in only


# 1. bitsandbytes, as transformers saves it.
def bitsandbytes():
    import bitsandbytes as bnb
    import bitsandbytes.functional as F
    from transformers import BitsAndBytesConfig

    plain = os.path.join(out, "plain")
    # Rows are whole blocks of 64: where they are not, bitsandbytes 0.50.2's CPU kernel reads other scales than its CUDA
    # kernel and its default implementation do.
    base(intermediate=128).save_pretrained(plain)
    forms = {
        "bnb-nf4": (dict(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16), True),
        "bnb-nf4-nested": (dict(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                                llm_int8_skip_modules=["lm_head", "v_proj", "down_proj"]), True),
        "bnb-fp4": (dict(load_in_4bit=True, bnb_4bit_quant_type="fp4"), False),  # the note gets lost
        "bnb-int8": (dict(load_in_8bit=True, llm_int8_threshold=4.5, llm_int8_skip_modules=["lm_head", "k_proj"]), True),
    }
    for name, (settings, noted) in forms.items():
        if not wanted(name):
            continue
        model = Gemma3ForCausalLM.from_pretrained(
            plain, dtype=torch.float16 if name == "bnb-fp4" else torch.bfloat16, device_map={"": "cpu"},
            quantization_config=BitsAndBytesConfig(**settings))
        weights, tensors = {}, {}
        for module, layer in linears(model).items():
            if isinstance(layer, bnb.nn.Linear4bit):
                state = copy.copy(layer.weight.quant_state)
                state.dtype = torch.bfloat16  # of the activations: what is multiplied
                weights[module] = F.dequantize_4bit(layer.weight.data, state)
            elif isinstance(layer, bnb.nn.Linear8bitLt):
                weights[module] = F.int8_vectorwise_dequant(layer.weight.CB, layer.weight.SCB).to(torch.bfloat16)
            else:
                continue
            own = {k: v for k, v in model.state_dict().items() if k.startswith(module + ".")}
            tensors |= own
        note = json.loads(model.config.to_json_string(use_diff=False)).get("quantization_config")
        save(name, model, tensors, note if noted else None, weights)
    shutil.rmtree(plain)


# 2. compressed-tensors.
def compressed():
    from compressed_tensors.compressors import BaseCompressor
    from compressed_tensors.quantization import QuantizationArgs, QuantizationConfig, QuantizationScheme
    from compressed_tensors.quantization.utils import calculate_qparams

    def groups_of(weight, args):
        rows, columns = weight.shape
        if args.strategy in ("group", "tensor_group"):
            return weight.reshape(rows, columns // args.group_size, args.group_size)
        if args.strategy == "channel":
            return weight.reshape(rows, 1, columns)
        return weight.reshape(1, 1, -1)

    forms = {
        "ct-w4-group": ("pack-quantized", dict(num_bits=4, strategy="group", group_size=32, symmetric=True), None, {}),
        "ct-w4-zero": ("pack-quantized", dict(num_bits=4, strategy="group", group_size=16, symmetric=False), None, {}),
        "ct-w8-channel": ("pack-quantized", dict(num_bits=8, strategy="channel", symmetric=True), None, {}),
        "ct-w3-odd": ("pack-quantized", dict(num_bits=3, strategy="channel", symmetric=False), None,
                      dict(hidden=72, intermediate=104)),
        "ct-fp8-channel": ("float-quantized", dict(num_bits=8, type="float", strategy="channel", symmetric=True),
                           dict(num_bits=8, type="float", strategy="token", dynamic=True, symmetric=True), {}),
        "ct-fp8-tensor": ("naive-quantized", dict(num_bits=8, type="float", strategy="tensor", symmetric=True), None, {}),
        "ct-fp8-block": ("naive-quantized", dict(num_bits=8, type="float", strategy="block", block_structure=[48, 40],
                                                 symmetric=True), None, {}),
        "ct-nvfp4": ("nvfp4-pack-quantized", dict(num_bits=4, type="float", strategy="tensor_group", group_size=16,
                                                  symmetric=True, scale_dtype="torch.float8_e4m3fn"), None, {}),
        "ct-mxfp4": ("mxfp4-pack-quantized", dict(num_bits=4, type="float", strategy="group", group_size=32,
                                                  symmetric=True, scale_dtype="torch.uint8"), None, {}),
    }
    for name, (form, settings, activations, shape) in forms.items():
        if not wanted(name):
            continue
        model = base(**shape)
        args = QuantizationArgs(**settings)
        scheme = QuantizationScheme(
            targets=["Linear"], weights=args, input_activations=QuantizationArgs(**activations) if activations else None,
            format=form)
        compressor = BaseCompressor.get_value_from_registry(form)
        weights, tensors = {}, {}
        for module, layer in linears(model).items():
            if name == "ct-w4-group" and module.endswith("o_proj"):
                continue  # ignored
            weight = layer.weight.data
            state = {"weight": weight}
            extra = {}
            if args.strategy == "tensor_group":
                extra["global_scale"] = (448 * 6 / weight.abs().max().float()).reshape(1)
                state["weight_global_scale"] = extra["global_scale"]
            if args.strategy == "block":
                (h, w), (rows, columns) = args.block_structure, weight.shape
                scale = torch.empty(-(-rows // h), -(-columns // w), dtype=weight.dtype)
                zero = torch.zeros_like(scale)
                for i in range(scale.shape[0]):
                    for j in range(scale.shape[1]):
                        part = weight[i * h:(i + 1) * h, j * w:(j + 1) * w]
                        scale[i, j] = calculate_qparams(part.min().reshape(1), part.max().reshape(1), args)[0][0]
            else:
                parts = groups_of(weight, args)
                low, high = parts.amin(-1), parts.amax(-1)
                scale, zero = calculate_qparams(low, high, args, **extra)
                if args.strategy == "tensor":
                    scale, zero = scale.reshape(1), zero.reshape(1)
            state["weight_scale"] = scale
            if not args.symmetric:
                state["weight_zero_point"] = zero.to(torch.int8)
            packed = compressor.compress(dict(state), scheme)
            tensors |= {f"{module}.{k}": v for k, v in packed.items()}
            weights[module] = compressor.decompress(dict(packed), scheme)["weight"].to(torch.bfloat16)
        note = QuantizationConfig(
            config_groups={"group_0": scheme}, ignore=["lm_head"], format=form, quantization_status="compressed",
        ).model_dump(mode="json")
        note["quant_method"] = "compressed-tensors"
        save(name, model, tensors, note, weights)
    if wanted("ct-w4-order") :
        # Activation order as versions before 0.20 wrote it: groups are named for each input.
        model = base()
        args = QuantizationArgs(num_bits=4, strategy="group", group_size=32, symmetric=True)
        scheme = QuantizationScheme(targets=["Linear"], weights=args, format="pack-quantized")
        compressor = BaseCompressor.get_value_from_registry("pack-quantized")
        weights, tensors = {}, {}
        for module, layer in linears(model).items():
            columns = layer.weight.shape[1]
            order = torch.randperm(columns, generator=torch.Generator().manual_seed(SEED))
            groups = torch.empty(columns, dtype=torch.int32)
            groups[order] = torch.arange(columns, dtype=torch.int32) // 32
            ordered = layer.weight.data[:, order].contiguous()
            parts = groups_of(ordered, args)
            scale, _ = calculate_qparams(parts.amin(-1), parts.amax(-1), args)
            # Codes in the inputs' own order, as those versions packed them.
            packed = compressor.compress({"weight": ordered, "weight_scale": scale}, scheme)
            back = compressor.decompress(dict(packed), scheme)["weight"]
            from compressed_tensors.compressors.pack_quantized.helpers import pack_to_int32, unpack_from_int32
            codes = unpack_from_int32(packed["weight_packed"], 4, layer.weight.shape)
            inverse = torch.argsort(order)
            packed["weight_packed"] = pack_to_int32(codes[:, inverse].contiguous(), 4)
            packed["weight_g_idx"] = groups
            tensors |= {f"{module}.{k}": v for k, v in packed.items()}
            weights[module] = back[:, inverse].to(torch.bfloat16)
        note = QuantizationConfig(
            config_groups={"group_0": scheme}, ignore=["lm_head"], format="pack-quantized", quantization_status="compressed",
        ).model_dump(mode="json")
        note["quant_method"] = "compressed-tensors"
        note["config_groups"]["group_0"]["weights"]["actorder"] = "group"
        save("ct-w4-order", model, tensors, note, weights)


# 3. Activations by token in FP8, as compressed-tensors' forward pass rounds them.
def tokens():
    from compressed_tensors.quantization import QuantizationArgs
    from compressed_tensors.quantization.lifecycle.forward import fake_quantize
    from compressed_tensors.quantization.utils import compute_dynamic_scales_and_zp

    args = QuantizationArgs(num_bits=8, type="float", strategy="token", dynamic=True, symmetric=True)
    generator = torch.Generator().manual_seed(SEED)
    x = (torch.randn(1, 12, 96, generator=generator) * torch.logspace(-6, 4, 12).reshape(1, 12, 1)).to(torch.bfloat16)
    x[0, 3] = 0
    x[0, 4, :90] *= 1e-4  # subnormal codes
    scale, zero = compute_dynamic_scales_and_zp(x, args, module=None)
    rounded = fake_quantize(x, scale, zero, args)
    save_file({"x": x[0], "rounded": rounded[0]}, os.path.join(out, "fp8-tokens.safetensors"))


bitsandbytes()
compressed()
if wanted("fp8-tokens"):
    tokens()
if not only or any(name.startswith(("gptq", "awq")) for name in only):
    from shipped_gptq import write

    write(base, linears, save, wanted, SEED)
json.dump(digests, open(path, "w"), indent=1, sort_keys=True)
