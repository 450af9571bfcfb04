"""Golden digests of small floating-point formats: what ml_dtypes and PyTorch decode and encode.

usage: small_floats.py --out small_floats.json

Inputs of encoding are every finite bf16 number (by bit pattern), then of every two neighbouring numbers of the format their
midpoint and the float32 before and after it, ascending, positive. `values` are all codes decoded, as float32 bits. `codes` is the
SHA-256 of the codes, a byte each. E2M1 and E4M3 saturate at their largest number (inputs are clamped for ml_dtypes); E8M0 takes
positive inputs alone.
"""
import argparse
import hashlib
import json
from pathlib import Path

import ml_dtypes
import numpy as np
import torch

FORMATS = {
    "e2m1": (ml_dtypes.float4_e2m1fn, 16, 6.0, None),
    "e4m3": (ml_dtypes.float8_e4m3fn, 256, 448.0, torch.float8_e4m3fn),
    "e8m0": (ml_dtypes.float8_e8m0fnu, 256, 2.0**127, torch.float8_e8m0fnu),
}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--out", type=Path, required=True)
a = parser.parse_args()
every = (np.arange(65536, dtype=np.uint32) << 16).view(np.float32)
result = {"versions": {"ml_dtypes": ml_dtypes.__version__, "torch": torch.__version__, "numpy": np.__version__}}
for name, (kind, count, largest, torch_kind) in FORMATS.items():
    values = np.arange(count, dtype=np.uint8).view(kind).astype(np.float32)
    positive = np.unique(values[np.isfinite(values) & (values >= 0)]).astype(np.float64)
    middle = ((positive[1:] + positive[:-1]) / 2).astype(np.float32)
    around = np.stack([np.nextafter(middle, np.float32(0)), middle, np.nextafter(middle, np.float32(np.inf))], 1).reshape(-1)
    inputs = np.concatenate([every[np.isfinite(every)], around])
    if name == "e8m0":
        inputs = inputs[inputs > 0]
    clamped = np.clip(inputs, -largest, largest)
    codes = clamped.astype(kind).view(np.uint8)
    if torch_kind is not None:
        theirs = torch.from_numpy(clamped).to(torch_kind).view(torch.uint8).numpy()
        assert (theirs == codes).all(), name
    result[name] = {"values": [int(v) for v in values.view(np.uint32)], "inputs": len(inputs),
                    "codes": hashlib.sha256(codes.tobytes()).hexdigest()}
a.out.write_text(json.dumps(result, indent=1) + "\n")
