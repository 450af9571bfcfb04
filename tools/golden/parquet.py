"""Parquet files of every kind that clearbox reads or must refuse, and what pyarrow reads back from them.

usage: parquet.py OUTPUT_FOLDER
Writes *.parquet and expected.json with pyarrow 26.0.1, polars 2.1.0, duckdb 2.0.0 and fastparquet 2026.9.0 (seed 12). The matrix m-<codec>-<page version>-<dict|plain> holds one
table with nulls and a nested column in three row groups of several pages each; the others vary one thing. Per file and
column expected.json has the number of rows and the SHA-256 over the values that pyarrow reads back: per value its
length as a 32-bit little-endian number and its UTF-8 bytes, for a null the length 0xffffffff alone.
"""

import hashlib
import itertools
import json
import random
import struct
import sys

import duckdb
import fastparquet
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

out = sys.argv[1]
r = random.Random(12)
WORDS = "the of a to weights läuft 模型 😀 quantized residual {x: 1} \n\t café variance noise \u0000 floor ".split(" ")
NAMES = ["Pile-CC", "Github", "ArXiv", "Übersetzung", "OpenWebText2"]


def text():
    return r.choice([None, "", *[" ".join(r.choices(WORDS, k=r.randint(1, 9)))] * 8])


def table(n, texts=text):
    metas = [r.choice([None, *[{"pile_set_name": r.choice([None, *NAMES * 3])}] * 9]) for _ in range(n)]
    return pa.table(
        {
            "text": pa.array([texts() for _ in range(n)], pa.string()),
            "meta": pa.array(metas, pa.struct([("pile_set_name", pa.string())])),
            "n": pa.array(range(n), pa.int64()),
        }
    )


expected = {}


def digest(values):
    h = hashlib.sha256()
    for v in values:
        h.update(b"\xff\xff\xff\xff" if v is None else struct.pack("<I", len(v.encode())) + v.encode())
    return h.hexdigest()


def write(name, t, writer=pq.write_table, **options):
    path = f"{out}/{name}.parquet"
    writer(t, path, **options)
    read = pq.read_table(path).to_pylist()
    columns = {"text": [row["text"] for row in read]}
    if "meta" in t.column_names:
        columns["meta.pile_set_name"] = [row["meta"] and row["meta"]["pile_set_name"] for row in read]
    expected[name] = {"rows": len(read), **{k: digest(v) for k, v in columns.items()}}
    return pq.ParquetFile(path).metadata


small = {"row_group_size": 70, "data_page_size": 256, "write_batch_size": 10}
matrix = table(180)
for codec, version, dictionary in itertools.product(["NONE", "SNAPPY", "GZIP", "ZSTD"], ["1.0", "2.0"], [True, False]):
    write(f"m-{codec.lower()}-{version[0]}-{'dict' if dictionary else 'plain'}", matrix, compression=codec,
          data_page_version=version, use_dictionary=dictionary, write_statistics=False, **small)

# The dictionary overflows in the middle of a chunk, and plain pages follow.
meta = write("dictionary-fallback", table(120, lambda: f"value {r.random():.17f}"), dictionary_pagesize_limit=600,
             compression="SNAPPY", data_page_size=256, write_batch_size=10)
assert {"PLAIN", "RLE_DICTIONARY"} <= set(meta.row_group(0).column(0).encodings)

for encoding in ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]:
    for version in ["1.0", "2.0"]:
        write(f"{encoding.lower().replace('_', '-')}-{version[0]}", matrix, use_dictionary=False, compression="ZSTD",
              column_encoding={"text": encoding, "meta.pile_set_name": encoding, "n": "PLAIN"},
              data_page_version=version, **small)

required = pa.schema([pa.field("text", pa.string(), nullable=False), pa.field("n", pa.int64(), nullable=False)])
for version in ["1.0", "2.0"]:
    t = pa.table({"text": [text() or "" for _ in range(50)], "n": list(range(50))}, schema=required)
    write(f"required-{version[0]}", t, data_page_version=version, **small)
write("checksums", matrix, write_page_checksum=True, **small)
write("large-strings", pa.table({"text": pa.array([text() for _ in range(40)], pa.large_string())}), version="1.0")
write("all-null", pa.table({"text": pa.array([None] * 30, pa.string())}), data_page_version="2.0", compression="GZIP")
write("no-rows", pa.table({"text": pa.array([], pa.string())}))
write("long-runs", pa.table({"text": ["same"] * 3000 + ["other", None] * 40 + ["same"] * 500}), row_group_size=2000)
write("many-values", pa.table({"text": [f"{i % 700}" for i in range(3000)]}), write_statistics=False)

# Other programs' files.
plain = table(130)
for codec in ["snappy", "zstd", "gzip", "uncompressed"]:
    write(f"polars-{codec}", plain, lambda t, path: polars.from_arrow(t).write_parquet(
        path, compression=codec, row_group_size=50, data_page_size=512))
for codec, version in itertools.product(["snappy", "zstd", "gzip"], ["V1", "V2"]):
    write(f"duckdb-{codec}-{version[1]}", plain, lambda t, path: duckdb.sql("from t").write_parquet(
        path, compression=codec, row_group_size=2048) if version == "V1" else duckdb.sql(
            f"copy (from t) to '{path}' (format parquet, parquet_version v2, compression {codec})"))
frame = plain.select(["text"]).to_pandas()
for codec in ["SNAPPY", "GZIP", "ZSTD"]:
    write(f"fastparquet-{codec.lower()}", plain.select(["text"]),
          lambda t, path: fastparquet.write(path, frame, compression=codec, row_group_offsets=[0, 60]))

# What clearbox refuses, by name.
for codec in ["BROTLI", "LZ4"]:
    pq.write_table(pa.table({"text": ["a"] * 9}), f"{out}/refused-{codec.lower()}.parquet", compression=codec)
pq.write_table(pa.table({"text": [["a"], ["b", "c"]], "n": [1, 2]}), f"{out}/refused-list.parquet")


class Plain(pe.KmsClient):  # a key service that keeps keys as they are; enough to make an encrypted file
    def __init__(self, _):
        super().__init__()

    def wrap_key(self, key, _):
        return key.hex().encode()

    def unwrap_key(self, key, _):
        return bytes.fromhex(key.decode())


factory = pe.CryptoFactory(Plain)
for name, plaintext in [("encrypted", False), ("encrypted-column", True)]:
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["text"]}, plaintext_footer=plaintext)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(f"{out}/refused-{name}.parquet", pa.schema([("text", pa.string())]),
                          encryption_properties=properties) as writer:
        writer.write_table(pa.table({"text": ["a"] * 9}))

json.dump(expected, open(f"{out}/expected.json", "w"), indent=1, sort_keys=True)
