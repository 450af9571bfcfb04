"""Orders in which Hugging Face `datasets` 5.0.0 yields a shuffled stream, for BufferedShuffleTests.

usage: order.py            (datasets 5.0.0, numpy 2.4.6; needs a writable temporary folder)
Prints one line per case: rows of each shard, buffer, seed; the first six rows; and a fingerprint of them all,
h = (h * 31 + row) % 2**64. A row counts from the start of the first shard. Shards are Parquet files, read as the
article reads them: load_dataset("parquet", data_files=[...], streaming=True).shuffle(seed=..., buffer_size=...).
"""

import os
import tempfile

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

assert datasets.__version__ == "5.0.0", datasets.__version__

CASES = [
    ([10_000], 10_000, 0),
    ([25_000], 10_000, 0),
    ([25_000], 10_000, 1),
    ([25_000], 10_000, 42),
    ([25_000], 10_000, 2**40 + 7),
    ([700, 300], 10_000, 0),
    ([40, 10, 1, 25], 16, 3),
    ([900, 20, 1300, 400, 5, 77], 250, 0),
    ([30, 7, 61, 12, 45, 3, 18, 50, 29, 90, 11, 64, 8], 100, 9),
    ([13] * 23, 50, 4),
]

with tempfile.TemporaryDirectory() as folder:
    for number, (shards, buffer, seed) in enumerate(CASES):
        paths, row = [], 0
        for i, n in enumerate(shards):
            paths.append(os.path.join(folder, f"{number:03}-{i:03}.parquet"))
            pq.write_table(pa.table({"i": pa.array(range(row, row + n), pa.int64())}), paths[-1])
            row += n
        stream = datasets.load_dataset("parquet", data_files=paths, split="train", streaming=True)
        order = [r["i"] for r in stream.shuffle(seed=seed, buffer_size=buffer)]
        h = 0
        for v in order:
            h = (h * 31 + v) % 2**64
        assert sorted(order) == list(range(row))
        print(f"(shards: {shards}, buffer: {buffer}, seed: {seed}, first: {order[:6]}, fingerprint: {h}),", flush=True)
