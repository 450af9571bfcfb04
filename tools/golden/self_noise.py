"""How far the Python stack is from itself when attention scores are summed in another order.

usage: self_noise.py MODEL GOLDEN_FORWARD.safetensors CONDITION
"""
import sys, torch, torch.nn.functional as F
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
torch.set_num_threads(2)
model_path, golden, condition = sys.argv[1:4]
g = load_file(golden); ids = g['ids'].long()
q = BitsAndBytesConfig(load_in_8bit=True) if condition == 'int8' else None
m = AutoModelForCausalLM.from_pretrained(model_path, dtype=torch.bfloat16, **({'quantization_config': q} if q else {})).eval()
orig = F.scaled_dot_product_attention
def other(query, key, value, attn_mask=None, **kw):
    # The same function on keys and queries whose dimensions are permuted: equal in exact arithmetic.
    p = torch.randperm(query.shape[-1], generator=torch.Generator().manual_seed(1))
    return orig(query[..., p].contiguous(), key[..., p].contiguous(), value, attn_mask=attn_mask, **kw)
F.scaled_dot_product_attention = other
torch.nn.functional.scaled_dot_product_attention = other
res, nll = [], []
m.model.layers[9].register_forward_hook(lambda a, b, o: res.append((o[0] if isinstance(o, tuple) else o).float().flatten(0, 1)))
with torch.no_grad():
    for batch in ids.split(4):
        for row, t in zip(m(batch).logits, batch): nll.append(F.cross_entropy(row[:-1].double(), t[1:], reduction='none'))
nll = torch.stack(nll); x = torch.cat(res)[g['tokens'].long()]; y = g[condition + '.residual']
print(condition, 'cross-entropy', nll.mean().item(), 'golden', g[condition + '.nll'].double().mean().item(), 'difference', nll.mean().item() - g[condition + '.nll'].double().mean().item(), 'residual', ((x - y).norm() / y.norm()).item())
