"""Golden losses, entropies and residual stream of the tiny Gemma 3 checkpoint, whose chunks are longer than its sliding window.

usage: forward_tiny.py Tests/ExperimentsTests/Goldens/checkpoint/tiny Tests/ExperimentsTests/Goldens/forward_tiny.json
"""
import json, sys
import numpy as np, torch, torch.nn.functional as F, transformers
from transformers import AutoModelForCausalLM

folder, out = sys.argv[1:3]
ids = torch.tensor(np.random.default_rng(0).integers(5, 320, size=(3, 150)))
result = {"versions": {"torch": torch.__version__, "transformers": transformers.__version__}, "seed": 0, "ids": ids.flatten().tolist()}
for name, dtype in [("f32", torch.float32), ("bf16", torch.bfloat16)]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
    caught = []
    model.model.layers[0].register_forward_hook(lambda m, a, o: caught.append((o[0] if isinstance(o, tuple) else o).float()))
    with torch.no_grad():
        logits = model(ids).logits
    nll = torch.stack([F.cross_entropy(l[:-1].double(), t[1:], reduction="none") for l, t in zip(logits, ids)])
    p = logits[:, :-1].double().softmax(-1)
    entropy = torch.distributions.Categorical(probs=p).entropy()
    result[name] = {"nll": nll.flatten().tolist(), "entropy": entropy.flatten().tolist(), "residual": caught[0].flatten().tolist()}
json.dump(result, open(out, "w"))
