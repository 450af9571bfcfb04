"""Golden numbers of the tiny Gemma 3 with an SAE spliced in, or zeros or the mean in the stream's place.

usage: splice.py Tests/ExperimentsTests/Goldens/checkpoint/tiny Tests/ExperimentsTests/Goldens/splice
versions: torch 2.15.0, transformers 5.23.0, sae-lens 6.54.12, sae-bench 0.6.0 (its package on PYTHONPATH; of its
requirements `core` needs tabulate besides those of sae-lens); seed 21.

  sae/         a JumpReLU SAE of width 48 after layer 0, bf16, written by hand in SAELens' format
  golden.json  ids [3, 150]; of the last two chunks, by forward hooks on transformers in float32, per token: nll, and nll and KL
               with the SAE, zeros and the mean of the first chunk; losses [2, 149], KL [2, 150]: both libraries take the KL
               of the last position too. BOS, EOS and padding keep their values where the SAE is
               spliced in, and are left out of the mean; ablations replace every position.
               `sae_bench` and `sae_lens`: what the evaluation of either makes of the same two chunks, by its own code.
"""
import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from sae_lens import SAE
from sae_lens import evals as sae_lens_evals
from sae_bench.evals.core import main as sae_bench_core
from transformers import AutoModelForCausalLM

checkpoint, out = sys.argv[1:3]
SPECIAL = [0, 1, 2]  # padding, EOS, BOS
rng = np.random.default_rng(21)
ids = torch.tensor(rng.integers(5, 320, size=(3, 150)))
for chunk, places in enumerate([(0, 60), (0, 1, 90), (33, 149)]):
    for place in places:
        ids[chunk, place] = 2
ids[1, 89] = ids[2, 32] = 1

D, WIDTH = 64, 48
os.makedirs(out + "/sae", exist_ok=True)
encoder = rng.standard_normal((D, WIDTH)) / D**0.5
weights = {"W_enc": encoder, "W_dec": encoder.T * 1.2, "b_enc": rng.standard_normal(WIDTH) * 0.1,
           "b_dec": rng.standard_normal(D) * 0.1, "threshold": rng.random(WIDTH) * 0.5}
save_file({k: torch.tensor(np.ascontiguousarray(v)).to(torch.bfloat16) for k, v in weights.items()}, out + "/sae/sae_weights.safetensors")
with open(out + "/sae/cfg.json", "w") as file:
    json.dump({"architecture": "jumprelu", "d_in": D, "d_sae": WIDTH, "dtype": "float32", "device": "cpu",
               "apply_b_dec_to_input": False, "normalize_activations": "none", "reshape_activations": "none",
               "metadata": {"hook_name": "blocks.0.hook_resid_post", "hook_head_index": None, "model_name": "tiny", "prepend_bos": True, "context_size": 150}}, file)
sae = SAE.load_from_disk(out + "/sae", device="cpu", dtype="float32")
sae.cfg.metadata.hook_name, sae.cfg.metadata.hook_head_index = "blocks.0.hook_resid_post", None

model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()


def logits(tokens, change=None):
    """Logits, with the stream after layer 0 changed on the way."""
    def hook(module, inputs, output):
        x = output[0] if isinstance(output, tuple) else output
        x = change(x)
        return (x, *output[1:]) if isinstance(output, tuple) else x
    handle = model.model.layers[0].register_forward_hook(hook) if change else None
    with torch.no_grad():
        result = model(tokens).logits
    if handle:
        handle.remove()
    return result


def losses(logits, tokens):
    return torch.stack([F.cross_entropy(l[:-1].double(), t[1:], reduction="none") for l, t in zip(logits, tokens)])


def kl(p, q):
    p, q = p.double().log_softmax(-1), q.double().log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


caught = []
logits(ids[:1], lambda x: (caught.append(x), x)[1])
is_ordinary = ~torch.isin(ids, torch.tensor(SPECIAL))
mean = caught[0][0][is_ordinary[0]].double().mean(0).float()

tokens, keeps = ids[1:], is_ordinary[1:]
own = logits(tokens)
branches = {
    "sae": lambda x: torch.where(keeps[..., None], sae.decode(sae.encode(x)), x),
    "zero": torch.zeros_like,
    "mean": lambda x: mean.expand_as(x),
}
rounded = lambda t: [round(v, 7) for v in t.flatten().tolist()]
result = {"ids": ids.flatten().tolist(), "special": SPECIAL, "nll": rounded(losses(own, tokens))}
for name, change in branches.items():
    changed = logits(tokens, change)
    result[f"nll_{name}"] = rounded(losses(changed, tokens))
    result[f"kl_{name}"] = rounded(kl(own, changed))


class Hooked:
    """As much of a HookedTransformer as the evaluations call."""

    def both(self, logits, tokens):
        # transformer_lens.utils.lm_cross_entropy_loss(per_token=True)
        log_probs = F.log_softmax(logits, dim=-1)
        return logits, -log_probs[..., :-1, :].gather(-1, tokens[..., 1:, None])[..., 0]

    def __call__(self, tokens, return_type, loss_per_token):
        return self.both(logits(tokens), tokens)

    def run_with_hooks(self, tokens, return_type, fwd_hooks, loss_per_token):
        (_, hook), = fwd_hooks
        return self.both(logits(tokens, lambda x: hook(x, hook=None)), tokens)


def judged(module, sae, ignored, **options):
    batches = SimpleNamespace(get_batch_tokens=lambda count: tokens)
    return module.get_downstream_reconstruction_metrics(
        sae, Hooked(), batches, compute_kl=True, compute_ce_loss=True, n_batches=1, eval_batch_size_prompts=2,
        ignore_tokens=ignored, **options)


# sae-bench reads the hook's name where older versions of SAELens had it.
old = SimpleNamespace(cfg=SimpleNamespace(hook_name="blocks.0.hook_resid_post", hook_head_index=None), device="cpu",
                      encode=sae.encode, decode=sae.decode)
with torch.no_grad():
    result["sae_bench"] = judged(sae_bench_core, old, set(SPECIAL), exclude_special_tokens_from_reconstruction=True)
    result["sae_lens"] = judged(sae_lens_evals, sae, SPECIAL, activation_scaler=sae_lens_evals.ActivationScaler())
print(result["sae_bench"], result["sae_lens"], sep="\n")
with open(out + "/golden.json", "w") as file:
    json.dump(result, file)
