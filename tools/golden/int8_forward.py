"""Digests of bitsandbytes' LLM.int8 outputs on the CPU, for real weights and inputs that anyone can draw again.

usage: int8_forward.py MODEL_FOLDER OUT.json
Inputs: numpy default_rng(0).integers(0, 1001, [96, K]), (r − 500) ∕ 250, four times that in every 37th column, rounded to bf16.
"""
import hashlib, json, sys
import bitsandbytes, numpy as np, torch
from bitsandbytes import functional as B
from safetensors.torch import load_file

folder, out = sys.argv[1:3]
weights = load_file(folder + "/model.safetensors")
result = {"versions": {"torch": torch.__version__, "bitsandbytes": bitsandbytes.__version__, "numpy": np.__version__}, "seed": 0, "rows": 96, "outputs": {}}
for name in ["self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"]:
    name = f"model.layers.9.{name}.weight"
    w = weights[name]
    r = np.random.default_rng(0).integers(0, 1001, size=(96, w.shape[1]))
    x = torch.from_numpy((r - 500) / 250 * np.where(np.arange(w.shape[1]) % 37 == 0, 4, 1)).float().bfloat16()
    CB, SCB, _ = B.int8_vectorwise_quant(w.half())
    CA, SCA, outliers = B.int8_vectorwise_quant(x.half(), threshold=6.0)
    y, _ = torch.ops.bitsandbytes.int8_mixed_scaled_mm(x, CA, CB, SCA, SCB, outliers, None)
    result["outputs"][name] = {
        "outlier_columns": int(outliers.numel()), "scales": hashlib.sha256(SCA.flatten().numpy().tobytes()).hexdigest(),
        "bf16": hashlib.sha256(y.contiguous().view(torch.int16).numpy().tobytes()).hexdigest()}
json.dump(result, open(out, "w"), indent=1)
