"""A study small enough to be killed hundreds of times: the tests' two-layer Gemma 3, a random SAE, made-up text."""
import json
import random
import shutil
import struct
from pathlib import Path

GOLDENS = Path(__file__).resolve().parents[2] / "Tests/ExperimentsTests/Goldens"
WIDTH, FEATURES = 64, 96


def write(folder: Path, tokens: int) -> Path:
    """Writes the study and all that it names, and returns the study file's path. The same every time."""
    shutil.copytree(GOLDENS / "checkpoint/tiny", folder / "model")
    shutil.copy(GOLDENS / "tokenizer/small.json", folder / "model/tokenizer.json")
    draws = random.Random(7)
    sae = folder / "sae"
    sae.mkdir()
    (sae / "cfg.json").write_text(json.dumps({"d_in": WIDTH, "d_sae": FEATURES, "architecture": "standard"}))
    header, data = {}, b""
    for name, shape in [("W_enc", [WIDTH, FEATURES]), ("W_dec", [FEATURES, WIDTH]), ("b_enc", [FEATURES]), ("b_dec", [WIDTH])]:
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = struct.pack(f"<{count}f", *(draws.uniform(-1, 1) for _ in range(count)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (sae / "sae_weights.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    # Letters that the tokenizer does not know become bytes, three tokens each.
    with open(folder / "text.jsonl", "w") as lines:
        written = 0
        while written < tokens + 5000:
            length = draws.randint(20, 200)
            letters = "".join(chr(0x1401 + draws.randrange(600)) for _ in range(length))
            lines.write(json.dumps({"text": letters, "source": draws.choice(["north", "south"])}) + "\n")
            written += 3 * length
    study = folder / "study.yaml"
    study.write_text(f"""title: A stand-in that is killed
models:
  - {{ name: tiny, checkpoint: model, layer: 0, sae: sae }}
corpus: {{ path: text.jsonl, text: text, source: source }}
packing: {{ style: article, length: 32, batch: 2 }}
experiments: [accuracy, sae, noise_floor, features]
conditions: [bf16, int8, {{ nf4: {{ block: 32 }} }}]
tokens: {{ headline: {tokens} }}
bootstrap: {{ replicates: 100 }}
seed: 0
""")
    return study


if __name__ == "__main__":
    import sys

    write(Path(sys.argv[1]), int(sys.argv[2]))
