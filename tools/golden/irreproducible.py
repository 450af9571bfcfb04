"""How far LLM.int8 is from itself when every sum of the model runs in another order, and which of its steps does it.

usage: irreproducible.py MODEL.gguf RUN.h5 [--chunk 0] [--seed 1] [--threads 1]

Four chunks of a run file's tokens (one batch of the study, the first of them --chunk) go through transformers' Gemma 3 twice:
as it is, and with the basis of the residual stream, the inside of the MLP and each head's dimensions permuted by torch's generator. Of
LLM.int8's codes and scales, which go by rows, the permuted weights' are the weights' own, permuted. Linear layers are bitsandbytes'
Linear8bitLt on the CPU, or its operations one by one with a change between them. Printed is the mean |Δ nll| per token.
Made with torch 2.15.0, transformers 5.23.0, bitsandbytes 0.50.2, gguf 0.19.0, h5py 3.16.0 on a CPU with AVX-512 and bf16.
"""
import argparse, copy, logging, pathlib

import bitsandbytes, h5py, torch
import torch.nn.functional as F
from bitsandbytes import functional as B
from transformers import AutoModelForCausalLM

logging.disable(logging.WARNING)
torch.set_grad_enabled(False)
ALL = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Changed(torch.nn.Module):
    """LLM.int8 from bitsandbytes' own operations. `change` names what is done otherwise, `order` where each input comes from;
    `memory` holds outlier columns and scales of the run in the model's own order."""

    def __init__(self, weight, change, order, memory):
        super().__init__()
        self.weight, self.change, self.order, self.memory = weight, change, order, memory
        self.CB, self.SCB, _ = B.int8_vectorwise_quant(weight.half())

    def forward(self, x):
        if self.change == "weights alone":
            return F.linear(x, (self.CB.float() * (self.SCB / 127)[:, None]).bfloat16())
        a, threshold = x.flatten(0, 1), 0.0 if self.change == "no outlier columns" else 6.0
        codes, scales, columns = B.int8_vectorwise_quant(a.half(), threshold=threshold)
        if self.change == "a grid 256 times as fine":
            fine = torch.round(a.half().float() * (127 * 256 / scales[:, None]))
            fine[:, columns] = 0
            y = ((fine.double() @ self.CB.double().T).float() * (scales[:, None] * self.SCB) / (127 * 127 * 256)).bfloat16()
            outlying = B.int8_vectorwise_dequant(self.CB[:, columns].contiguous(), self.SCB).bfloat16().T
            return y.addmm(a[:, columns].contiguous(), outlying).unflatten(0, x.shape[:-1])
        if self.order is None:
            self.memory += [(scales, columns)]
        elif self.change.startswith("fixed"):
            first, places = self.memory.pop(0), torch.argsort(self.order)
            scales, columns = first[0] if "scales" in self.change else scales, places[first[1]].sort().values
            # What has crossed the threshold or the scale since then is clipped.
            codes = (a.half().float().clamp(-6, 6) * (127 / scales[:, None])).round().clamp(-127, 127).to(torch.int8)
            codes[:, columns] = 0
        y, _ = torch.ops.bitsandbytes.int8_mixed_scaled_mm(a, codes, self.CB, scales, self.SCB, columns, None)
        return y.unflatten(0, x.shape[:-1])


def permute(model, seed):
    """Permutes the model in place, and back before its last norm; returns where each kind of linear layer's inputs come from."""
    c, g = model.config, torch.Generator().manual_seed(seed)
    stream, inner, half, value = (torch.randperm(n, generator=g) for n in
                                  (c.hidden_size, c.intermediate_size, c.head_dim // 2, c.head_dim))
    pair = torch.cat([half, half + c.head_dim // 2])  # rotary pairs (i, i + d / 2) stay pairs
    heads = lambda order, count: torch.cat([order + i * c.head_dim for i in range(count)])
    many, few = c.num_attention_heads, c.num_key_value_heads
    orders = {kind: (rows, stream) for kind, rows in (("q_proj", heads(pair, many)), ("k_proj", heads(pair, few)),
              ("v_proj", heads(value, few)), ("gate_proj", inner), ("up_proj", inner))}
    orders |= {"o_proj": (stream, heads(value, many)), "down_proj": (stream, inner)}
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.data)
    model.model.embed_tokens.weight = torch.nn.Parameter(model.model.embed_tokens.weight.data[:, stream].contiguous())
    for name, frequencies in model.model.rotary_emb.named_buffers():
        frequencies.copy_(frequencies[half])
    for name, parameter in model.model.layers.named_parameters():
        kind = name.split(".")[-2]
        if kind in orders:
            rows, columns = orders[kind]
            parameter.data = parameter.data[rows][:, columns].contiguous()
        else:
            parameter.data = parameter.data[pair if kind in ("q_norm", "k_norm") else stream].contiguous()
    model.model.norm.register_forward_pre_hook(lambda module, inputs: (inputs[0][..., torch.argsort(stream)],))
    return {kind: columns for kind, (_, columns) in orders.items()}


def losses(model, ids, replacement, kinds=ALL):
    """Negative log-likelihoods of the next tokens, [4, 511]; linear layers of these kinds are replaced for the time."""
    halves = [half for layer in model.model.layers for half in (layer.self_attn, layer.mlp)]
    parents = [(half, kind, getattr(half, kind)) for half in halves for kind in kinds if hasattr(half, kind)]
    for parent, kind, linear in parents:
        setattr(parent, kind, replacement(kind, linear.weight.data))
    x = model.model(ids).last_hidden_state[:, :-1]
    for parent, kind, linear in parents:
        setattr(parent, kind, linear)
    # In double: a float32 sum over 262,144 exponentials loses 2e-5 nats, always to the same side.
    parts = zip(x.flatten(0, 1).split(64), ids[:, 1:].flatten().split(64))
    return torch.cat([F.cross_entropy(model.lm_head(rows).double(), t, reduction="none") for rows, t in parts]).view(len(ids), -1)


def bitsandbytes_linear(kind, weight):
    linear = bitsandbytes.nn.Linear8bitLt(*weight.T.shape, bias=False, has_fp16_weights=False, threshold=6.0)
    linear.weight = bitsandbytes.nn.Int8Params(weight, requires_grad=False, has_fp16_weights=False).to("cpu")
    return linear.eval()


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("model", type=pathlib.Path)
parser.add_argument("run")
for name, default in (("--chunk", 0), ("--seed", 1), ("--threads", 1)):
    parser.add_argument(name, type=int, default=default)
options = parser.parse_args()
torch.set_num_threads(options.threads)
with h5py.File(options.run) as run:
    ids = torch.from_numpy(run["tokens/id"][:]).long().view(-1, 512)[options.chunk : options.chunk + 4]
own = AutoModelForCausalLM.from_pretrained(options.model.parent, gguf_file=options.model.name, dtype=torch.bfloat16).eval()
permuted = copy.deepcopy(own)
orders = permute(permuted, options.seed)


def compare(name, replacement, other=None, kinds=ALL):
    first = losses(own, ids, replacement, kinds)
    moved = (losses(permuted, ids, other or replacement, kinds) - first).abs()
    print(f"{name:44} mean |Δ nll| {moved.mean():.4f}  median {moved.median():.4f}  loss {first.mean():.4f}", flush=True)


compare("bf16", None, kinds=())
compare("LLM.int8, bitsandbytes", bitsandbytes_linear)
changes = ("", "fixed outlier columns", "fixed outlier columns and scales", "no outlier columns", "weights alone")
for change in (*changes, "a grid 256 times as fine"):
    memory = []
    compare("LLM.int8, " + (change or "operation by operation"), lambda kind, weight: Changed(weight, change, None, memory),
            lambda kind, weight: Changed(weight, change, orders[kind], memory))
for kinds in (("down_proj",), ("o_proj",), ("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj")):
    compare("LLM.int8 in " + ", ".join(kinds), bitsandbytes_linear, kinds=kinds)
