"""The model in the forms that the peers read, both with the weights that clearbox's bf16 baseline has.

usage: model.py MODEL.gguf FOLDER

MODEL.gguf is the Q4_K_M file that tools/setup/model.sh fetches. Writes
    FOLDER/                            a Hugging Face folder: config.json, tokenizer.json, model.safetensors in bf16
    FOLDER/gemma-3-270m-bf16.gguf      for llama.cpp: the matrices in bf16, the norms in float32 as llama.cpp wants them
and then reads both again: every tensor of one must be the other's, bit for bit. Takes two minutes or more, most of it for the
tokenizer. A second call does nothing.
"""
import argparse
import json
import sys
from pathlib import Path

import gguf
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

# Tensor names in the Hugging Face folder, by the part of llama.cpp's name behind `blk.<layer>.`
LAYER = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
    "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm", "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "post_ffw_norm": "post_feedforward_layernorm",
}


def hugging_face_name(name: str) -> str:
    if name.startswith("blk."):
        _, layer, part, _ = name.split(".")
        return f"model.layers.{layer}.{LAYER[part]}.weight"
    return {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}[name]


def write_folder(source: Path, folder: Path) -> None:
    """What transformers makes of the GGUF file, rounded to bf16."""
    model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.bfloat16)
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(folder)
    config = model.config.to_dict()
    config.pop("quantization_config", None)
    config["architectures"] = ["Gemma3ForCausalLM"]
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    state = {k: v.to(torch.bfloat16).contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def expected(name: str, state: dict) -> torch.Tensor:
    """A tensor as the bf16 GGUF file holds it. llama.cpp multiplies by a norm's weight w, transformers by 1 + w."""
    tensor = state[hugging_face_name(name)]
    return 1 + tensor.float() if name.endswith("norm.weight") else tensor


def write_gguf(source: Path, state: dict, file: Path) -> None:
    """The source's metadata, tokenizer included, with the folder's weights."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(file, "gemma3")
    skipped = ("GGUF.version", "GGUF.tensor_count", "GGUF.kv_count", "general.architecture", "general.file_type")
    for field in reader.fields.values():
        if field.name not in skipped:
            element = field.types[1] if len(field.types) > 1 else None
            writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=element)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    for tensor in reader.tensors:
        value = expected(tensor.name, state)
        if value.dtype == torch.float32:
            writer.add_tensor(tensor.name, value.numpy())
        else:
            # Bytes of bf16, which numpy has no type for: two a number.
            writer.add_tensor(tensor.name, value.view(torch.uint8).numpy(), raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def differences(source: Path, state: dict, file: Path) -> list[str]:
    """Names of tensors whose bits in the bf16 GGUF file are not the folder's."""
    stored = {tensor.name: bytes(tensor.data) for tensor in gguf.GGUFReader(file).tensors}
    names = [tensor.name for tensor in gguf.GGUFReader(source).tensors]
    if sorted(names) != sorted(stored) or len(names) != len(state):
        return ["the names of the tensors"]
    return [n for n in names if stored[n] != expected(n, state).contiguous().view(torch.uint8).numpy().tobytes()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    a = parser.parse_args()
    source, file = a.source.resolve(), a.folder / "gemma-3-270m-bf16.gguf"
    if file.exists():
        print(f"== Models: {a.folder}")
        return
    if not source.is_file():
        sys.exit(f"{source}: no such file. tools/setup/model.sh {source} fetches it.")
    a.folder.mkdir(parents=True, exist_ok=True)
    write_folder(source, a.folder)
    state = load_file(a.folder / "model.safetensors")
    part = file.with_suffix(".part")
    write_gguf(source, state, part)
    if wrong := differences(source, state, part):
        part.unlink()
        sys.exit(f"{file.name} would differ from {a.folder}/model.safetensors in {', '.join(wrong[:5])}; it was not kept.")
    part.rename(file)
    print(f"== Models: {len(state)} tensors in {a.folder}")


if __name__ == "__main__":
    main()
