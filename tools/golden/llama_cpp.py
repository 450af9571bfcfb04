"""What `llama-perplexity --kl-divergence` prints of two models that clearbox measures too.

usage: llama_cpp.py --gguf gemma-3-270m-q4_k_m.gguf --corpus assets/corpus/study.jsonl --perplexity llama-perplexity
                    --work FOLDER --out Tests/AcceptanceTests/Goldens/llama_cpp.json

The base model has the checkpoint's weights rounded to bf16, as clearbox's `f32` condition has them; the other one has its linear
layers replaced by what bitsandbytes' NF4 (blocks of 64, no double quantization) gives back in bf16. Both are written as F32
GGUF files, so that llama.cpp computes in float32. The text is the corpus' first documents in the file's order, joined by an
empty line: clearbox's packing `llama_cpp`.

llama-perplexity is built from the source that the package llama-cpp-python brings along:

    pip download --no-deps --no-binary :all: --no-build-isolation llama-cpp-python==0.3.36     # needs scikit-build-core
    tar xzf llama_cpp_python-0.3.36.tar.gz
    sed -i 's/^#define GGML_GELU_FP16/\/\/ &/' llama_cpp_python-0.3.36/vendor/llama.cpp/ggml/src/ggml-cpu/vec.h
    cmake -S llama_cpp_python-0.3.36/vendor/llama.cpp -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
        -DGGML_OPENMP=OFF -DGGML_NATIVE=ON -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TESTS=OFF
    ninja -C build llama-perplexity

The edit makes ggml's GELU float32, as all else is: it looks values up in a table of fp16 otherwise, which moves percentiles of Δp by up
to 0.08 points and of KLD by up to 0.004.

It scores, of each context of 512 tokens, the predictions made at positions 256 to 510; keeps the base model's log-probabilities
in steps of (largest − smallest logit) ∕ 65535, the smallest at most 16 below the largest; and leaves out what lies more
than 16 below 0. So each of them is off by up to
1.2e-4, and 0.06 % of the probability is left out on average, up to 0.33 %.
"""
import argparse
import hashlib
import json
import re
import struct
import subprocess
from pathlib import Path

import bitsandbytes
import bitsandbytes.functional as B
import gguf
import numpy as np
import torch

CONTEXT, CHUNKS, DOCUMENTS = 512, 10, 40


def write(source: gguf.GGUFReader, out: Path, nf4: bool) -> None:
    """The checkpoint in float32, each weight exact in bf16."""
    writer = gguf.GGUFWriter(out, "gemma3")
    for field in source.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type", "general.quantization_version"):
            continue
        inner = field.types[1] if len(field.types) > 1 else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for tensor in source.tensors:
        w = torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
        if "norm" in tensor.name:
            w = (w - 1).bfloat16().float() + 1
        else:
            w = w.bfloat16()
            if nf4 and tensor.name.startswith("blk."):
                codes, state = B.quantize_4bit(w.contiguous(), blocksize=64, quant_type="nf4", compress_statistics=False)
                w = B.dequantize_4bit(codes, state).view(w.shape)
            w = w.float()
        writer.add_tensor(tensor.name, w.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def numbers(printed: str) -> dict[str, float]:
    """"99.9%   KLD:   1.234567" and the like, by their label."""
    found = {}
    for label, kind, value in re.findall(r"^\s*(\S+(?: top)?)\s+(KLD|Δp\s*|p): +(-?[0-9.]+)", printed, re.M):
        found[f"{label} {kind.strip()}"] = float(value)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gguf", "corpus", "perplexity", "work", "out"):
        parser.add_argument("--" + name, type=Path, required=True)
    a = parser.parse_args()
    a.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    source = gguf.GGUFReader(a.gguf)
    for name in ("base", "nf4"):
        if not (a.work / f"{name}.gguf").exists():
            write(source, a.work / f"{name}.gguf", nf4=name == "nf4")
    texts = [json.loads(line)["text"] for line in a.corpus.open(encoding="utf-8")]
    (a.work / "text.txt").write_text("\n\n".join(texts[:DOCUMENTS]), encoding="utf-8")
    shared = ["-f", "text.txt", "-c", str(CONTEXT), "-b", str(CONTEXT), "-ub", str(CONTEXT), "--chunks", str(CHUNKS), "-t", "2",
              "-ctk", "f32", "-ctv", "f32", "-fa", "off", "--no-escape"]
    commands = [["-m", "base.gguf", "--kl-divergence-base", "base.logits", *shared],
                ["-m", "nf4.gguf", "--kl-divergence-base", "base.logits", "--kl-divergence", *shared]]
    for command in commands:
        result = subprocess.run([a.perplexity.resolve(), *command], cwd=a.work, capture_output=True, text=True, check=True)
        (a.work / f"{command[1]}.log").write_text(result.stdout + result.stderr)
    with (a.work / "base.logits").open("rb") as file:
        assert file.read(8) == b"_logits_"
        context, vocabulary, chunks = struct.unpack("<3i", file.read(12))
        ids = np.frombuffer(file.read(4 * context * chunks), "<i4").reshape(chunks, context).copy()
    # It is kept as the text has it; what is measured has a BOS in place of each context's first token.
    ids[:, 0] = 2
    version = subprocess.run([a.perplexity.resolve(), "--version"], capture_output=True, text=True)
    golden = {
        "versions": {"llama-cpp-python": "0.3.36", "llama.cpp": (version.stderr + version.stdout).strip().splitlines()[0],
                     "bitsandbytes": bitsandbytes.__version__, "torch": torch.__version__, "numpy": np.__version__},
        "commands": ["llama-perplexity " + " ".join(command) for command in commands],
        "documents": DOCUMENTS, "context": context, "chunks": chunks, "vocabulary": vocabulary, "first_ids": ids[0, :16].tolist(),
        "ids_sha256": hashlib.sha256(ids.tobytes()).hexdigest(),
        "printed": numbers(result.stdout),
    }
    a.out.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
