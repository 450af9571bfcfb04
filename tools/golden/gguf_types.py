"""Golden data for dequantization: one tensor of each readable type, and what the gguf package makes of it.

usage: gguf_types.py OUTPUT_FOLDER
Writes types.gguf (random blocks: every code, scale and high bit occurs) and types.f32 (float32, little endian,
tensors in file order).
"""

import os
import sys

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFWriter
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

ROWS, COLUMNS = 3, 512
# Byte offsets of the half-precision scales inside a block.
SCALES = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208],
          T.Q2_K: [80, 82], T.Q3_K: [108], T.IQ4_NL: [0], T.IQ4_XS: [0]}

out = sys.argv[1]
rng = np.random.default_rng(20)
writer = GGUFWriter(os.path.join(out, "types.gguf"), "golden")
expected = []
for kind in [T.F32, T.F16, T.BF16, *SCALES]:
    if kind == T.F32:
        data = rng.standard_normal((ROWS, COLUMNS), dtype=np.float32)
        data[0, :6] = [0.0, -0.0, 1e-45, np.inf, -np.inf, 3.4e38]
        values = dequantize(data, kind)
    elif kind in (T.F16, T.BF16):
        bits = rng.integers(0, 1 << 16, (ROWS, COLUMNS), dtype=np.uint16)
        # No NaN: their payload is nobody's contract. Subnormals, infinities and both zeros stay in.
        exponent = 0x7C00 if kind == T.F16 else 0x7F80
        fraction = 0x3FF if kind == T.F16 else 0x7F
        bits[((bits & exponent) == exponent) & ((bits & fraction) != 0)] = exponent
        bits[0, :4] = [0, 0x8000, 1, 0x8001]
        data = bits.view(np.float16) if kind == T.F16 else bits.view(np.uint8)
        values = dequantize(data, kind)
    else:
        length, size = GGML_QUANT_SIZES[kind]
        blocks = rng.integers(0, 256, (ROWS * COLUMNS // length, size), dtype=np.uint8)
        for offset in SCALES[kind]:
            halves = (rng.standard_normal(len(blocks)) * 0.02).astype(np.float16)
            halves[0] = np.float16(6e-8)  # a subnormal scale
            blocks[:, offset : offset + 2] = halves.view(np.uint8).reshape(-1, 2)
        data = blocks.reshape(ROWS, -1)
        values = dequantize(data, kind)
    assert values.shape == (ROWS, COLUMNS) and values.dtype == np.float32, kind
    writer.add_tensor(kind.name, data, raw_dtype=kind)
    expected.append(values)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
np.stack(expected).astype("<f4").tofile(os.path.join(out, "types.f32"))
