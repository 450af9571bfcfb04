"""Run files that no run leaves: each is a copy of one of a made-up run, changed by one recipe, its content hash made anew.

    crafted.main(BASE, FOLDER, True)

A recipe whose name begins with "valid" gives a file that must be read; every other one must be refused.
"""
import json
import os
import shutil
import zlib

import h5py
import numpy as np
from content_hash import content_hash

RECIPES = {}
NLL = "measurements/int8/accuracy/nll"


def recipe(function):
    RECIPES[function.__name__.replace("_", "-")] = function
    return function


def each(name, cases, change):
    """A recipe per case."""
    for case, arguments in cases.items():
        RECIPES[f"{name}-{case}"] = lambda f, arguments=arguments: change(f, *arguments)


def cell(f, path, row, value):
    f[path][row] = value


def replaced(f, path, data=None, axis=None, **options):
    """The data set anew, its attributes kept."""
    attributes = {k: v for k, v in f[path].attrs.items() if k not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME")}
    del f[path]
    dataset = f.create_dataset(path, data=data, **options)
    for name, value in attributes.items():
        dataset.attrs[name] = value
    return dataset


def described(f, path, value):
    """A value of the description, by a path of keys."""
    text = f.attrs["description"]
    tree = json.loads(text)
    *parents, last = path
    node = tree
    for key in parents:
        node = node[key]
    if value is None:
        del node[last]
    else:
        node[last] = value
    f.attrs["description"] = json.dumps(tree, sort_keys=True, separators=(",", ":"))


LARGEST = 2**31 - 1
each("table", {
    "token-chunk-beyond": ("tokens/chunk", 5, 900_000),
    "token-chunk-negative": ("tokens/chunk", 5, -1),
    "token-segment-beyond": ("tokens/segment", 5, LARGEST),
    "token-segment-negative": ("tokens/segment", 5, -7),
    "token-id-negative": ("tokens/id", 3, -1),
    "token-id-beyond": ("tokens/id", 3, 262_144),
    "token-document-negative": ("tokens/document", 3, -3),
    "token-position-negative": ("tokens/position", 3, -1),
    "token-position-beyond": ("tokens/position", 3, LARGEST),
    "token-source-beyond": ("tokens/source", 3, 200),
    "token-stratum-beyond": ("tokens/stratum", 3, 7),
    "segment-chunk-beyond": ("segments/chunk", 0, 77),
    "segment-first-beyond": ("segments/first_token", 1, LARGEST),
    "segment-count-negative": ("segments/token_count", 0, -5),
    "segment-count-huge": ("segments/token_count", 0, LARGEST),
    "segment-document-negative": ("segments/document", 0, -2),
    "segment-source-beyond": ("segments/source", 0, 99),
    "chunk-batch-beyond": ("chunks/batch", 0, 44),
    "chunk-first-negative": ("chunks/first_token", 0, -64),
    "chunk-count-huge": ("chunks/token_count", 0, LARGEST),
    "chunk-count-zero": ("chunks/token_count", 0, 0),
    "chunk-rerun-flag": ("chunks/rerun", 0, 9),
    "batch-first-beyond": ("batches/first_chunk", 1, LARGEST),
    "batch-count-negative": ("batches/chunk_count", 0, -1),
    "batch-count-huge": ("batches/chunk_count", 0, LARGEST),
}, cell)
each("value", {
    "loss-negative": (NLL, 2, -1.0),
    "loss-infinite": (NLL, 2, np.inf),
    "loss-unevenly-scored": (NLL, 2, np.nan),
    "divergence-negative": ("measurements/int8/accuracy/kl", 2, -3.0),
    "agreement-beyond": ("measurements/int8/accuracy/top1_agreement", 2, 7),
    "entropy-negative": ("measurements/bf16/accuracy/entropy", 2, -1.0),
    "l0-negative": ("measurements/int8/sae/l0", 2, -1),
    "l0-beyond-features": ("measurements/int8/sae/l0", 2, 1_000_000),
    "error-negative": ("measurements/bf16/sae/squared_error", 2, -2.0),
    "norm-nan": ("measurements/bf16/sae/squared_norm", 2, np.nan),
    "massive-beyond": ("measurements/int8/sae/massive", 2, 9),
    "vector-nan": ("measurements/int8/sae/vector_sum", (0, 0, 0), np.nan),
    "perturbation-negative": ("measurements/int8/noise_floor/squared_perturbation", 2, -1.0),
}, cell)
each("description", {
    "replicates-huge": (("bootstrap", "replicates"), 10**9),
    "replicates-negative": (("bootstrap", "replicates"), -1),
    "level": (("bootstrap", "level"), 7),
    "headline-negative": (("budget", "headline"), -5),
    "headline-huge": (("budget", "headline"), 2**62),
    "snapshot-negative": (("budget", "snapshots"), [-1]),
    "snapshots-many": (("budget", "snapshots"), list(range(1, 5000))),
    "chunk-length": (("corpus", "chunkLength"), -1),
    "batch-size": (("corpus", "batchSize"), -4),
    "layer": (("model", "layer"), 99),
    "width-negative": (("model", "dModel"), -1),
    "width-huge": (("model", "dModel"), 10**9),
    "width-zero": (("model", "dModel"), 0),
    "vocabulary-negative": (("model", "vocabularySize"), -1),
    "features-negative": (("sae", "featureCount"), -1),
    "conditions-none": (("conditions",), []),
    "condition-path": (("conditions", 1, "name"), "../x"),
    "condition-slash": (("conditions", 1, "name"), "a/b"),
    "condition-doubled": (("conditions", 2, "name"), "int8"),
    "condition-bits": (("conditions", 1, "effectiveBitsPerParameter"), -4),
    "baseline-none": (("conditions", 0, "isBaseline"), False),
    "baseline-two": (("conditions", 1, "isBaseline"), True),
    "reference-self": (("conditions", 1, "reference"), "int8"),
    "reference-missing": (("conditions", 1, "reference"), "no-such"),
    "rerun-missing": (("rerunConditions", 1, "rerunOf"), "no-such"),
    "sources-many": (("corpus", "sources"), ["s"] * 300),
    "median-negative": (("strata", "medianNorm"), -1),
    "positions-huge": (("strata", "firstPositions"), 2**60),
    "a-key-is-gone": (("model",), None),
}, described)


def attribute(f, path, name, value):
    if value is None:
        del f[path].attrs[name]
    else:
        f[path].attrs[name] = value


each("attribute", {
    "axis-other": (NLL, "axis", "tokem"),
    "axis-missing": (NLL, "axis", None),
    "axis-number": (NLL, "axis", 5),
    "axis-list": (NLL, "axis", ["token", "token"]),
    "axis-shorter": (NLL, "axis", "batch"),
    "schema-version-zero": ("/", "schema_version", np.int64(0)),
    "schema-version-huge": ("/", "schema_version", np.int64(2**62)),
    "schema-version-text": ("/", "schema_version", "three"),
    "schema-name-missing": ("/", "schema_name", None),
    "description-missing": ("/", "description", None),
    "description-number": ("/", "description", 7),
    "description-empty": ("/", "description", "{}"),
    "description-nested": ("/", "description", "[" * 20_000),
    "elapsed-huge": ("provenance/volatile", "elapsed_seconds", 1e300),
    "elapsed-nan": ("provenance/volatile", "elapsed_seconds", np.nan),
    "threads-negative": ("provenance/volatile", "threads", np.int64(-2)),
    "memory-negative": ("provenance/volatile", "peak_anonymous_bytes", np.int64(-2)),
}, attribute)
each("valid", {
    "times-no-times": ("provenance/volatile", "start_time", "the day before yesterday, \u202e\x1b[31m"),
    "profile-huge": ("provenance/volatile", "profile", json.dumps({
        "tokens": 2**60, "threads": 1, "wallSeconds": 1e308, "processorSeconds": 1e308, "startSeconds": -1e308,
        "entries": [{"stage": "x", "seconds": 1e308, "multiplyAdds": 1e308, "secondsAtBest": 1e-308}],
        "products": [{"precision": "bf16", "rows": 2**60, "columns": 2**60, "depth": 2**60, "count": 2**60,
                      "secondsAtBest": 1e-308}]})),
}, attribute)


@recipe
def shape_2e50_rows(f):
    replaced(f, NLL, shape=(2**50,), dtype="f4", chunks=(65536,))


@recipe
def shape_2e50_tokens(f):
    replaced(f, "token", shape=(2**50,), dtype="i4", chunks=(65536,))


@recipe
def shape_contiguous_unwritten(f):
    replaced(f, NLL, shape=(2**40,), dtype="f4")


@recipe
def shape_axes_disagree(f):
    replaced(f, "token", data=np.arange(len(f["token"]) + 1, dtype="i4"))


@recipe
def shape_column_shorter(f):
    replaced(f, NLL, data=f[NLL][:-1])


@recipe
def shape_table_shorter(f):
    replaced(f, "tokens/id", data=f["tokens/id"][:-1])


@recipe
def shape_scalar(f):
    replaced(f, NLL, data=np.float32(1))


@recipe
def shape_empty_space(f):
    replaced(f, NLL, data=h5py.Empty("f4"))


@recipe
def shape_nine_axes(f):
    replaced(f, NLL, data=np.zeros((len(f["token"]),) + (1,) * 8, dtype="f4"))


@recipe
def shape_vector_wider(f):
    path = "measurements/int8/sae/vector_sum"
    replaced(f, path, data=np.zeros((f[path].shape[0], 4, 7)))


@recipe
def shape_no_tokens(f):
    for axis in ("token", "segment", "chunk", "batch"):
        replaced(f, axis, data=np.zeros(0, dtype="i4"))
    paths = []
    f.visititems(lambda name, item: paths.append(name) if isinstance(item, h5py.Dataset) and "axis" in item.attrs else None)
    for path in paths:
        replaced(f, path, data=f[path][:0])


@recipe
def shape_many_chunks(f):
    replaced(f, NLL, shape=(2**24,), dtype="f4", chunks=(1,))


def bomb(f, path, rows, chunk_rows, inflated, count):
    """Chunks that are said to have `chunk_rows`, and inflate to so many bytes."""
    dataset = replaced(f, path, shape=(rows,), dtype=f[path].dtype, chunks=(chunk_rows,), compression="gzip")
    deflater = zlib.compressobj(1)
    data = b"".join(deflater.compress(bytes(1 << 20)) for _ in range(inflated >> 20)) + deflater.flush()
    for index in range(count):
        dataset.id.write_direct_chunk((index * chunk_rows,), data)


@recipe
def bomb_longer_than_its_chunk(f):
    bomb(f, NLL, len(f["token"]), len(f["token"]), 1 << 30, 1)


@recipe
def bomb_large_chunks(f):
    bomb(f, NLL, 1 << 31, 1 << 26, 1 << 28, 32)


@recipe
def bomb_text(f):
    bomb(f, "vocabulary/text", len(f["vocabulary/text"]), len(f["vocabulary/text"]), 1 << 30, 1)


@recipe
def bomb_deflated_twice(f):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((1 << 24,))
    creation.set_deflate(9)
    creation.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
    del f[NLL]
    space = h5py.h5s.create_simple((1 << 28,))
    h5py.h5d.create(f.id, NLL.encode(), h5py.h5t.IEEE_F32LE, space, creation)


@recipe
def link_soft(f):
    del f["tokens/id"]
    f["tokens/id"] = h5py.SoftLink("/tokens/chunk")


@recipe
def link_soft_dangling(f):
    f["measurements/extra"] = h5py.SoftLink("/nowhere")


@recipe
def link_external(f):
    del f["measurements/int8"]
    f["measurements/int8"] = h5py.ExternalLink("base.h5", "/measurements/int8")


@recipe
def link_external_to_system(f):
    f["x"] = h5py.ExternalLink("/etc/passwd", "/")


@recipe
def link_second(f):
    f["tokens/again"] = f["tokens/id"]


@recipe
def link_cycle(f):
    f["measurements/int8/loop"] = f["/"]


@recipe
def link_cycle_below(f):
    f["measurements/int8/accuracy/loop"] = f["measurements/int8"]


@recipe
def groups_nested(f):
    group = f["/"]
    for _ in range(3000):
        group = group.create_group("g")


@recipe
def group_among_columns(f):
    f.create_group("measurements/int8/accuracy/deeper")


@recipe
def column_of_no_condition(f):
    f["measurements/int9/accuracy/nll"] = f[NLL][:]


@recipe
def column_among_experiments(f):
    f["measurements/int8/nll"] = f[NLL][:]


@recipe
def storage_external(f):
    data = f[NLL][:]
    replaced(f, NLL, shape=data.shape, dtype="f4", external=[("raw.bin", 0, h5py.h5f.UNLIMITED)])


@recipe
def storage_external_system(f):
    replaced(f, NLL, shape=f[NLL].shape, dtype="f4", external=[("/etc/passwd", 0, 4 * len(f["token"]))])


@recipe
def storage_virtual(f):
    layout = h5py.VirtualLayout(shape=f[NLL].shape, dtype="f4")
    layout[:] = h5py.VirtualSource("base.h5", NLL, shape=f[NLL].shape)
    del f[NLL]
    f.create_virtual_dataset(NLL, layout)


@recipe
def type_named(f):
    f["measurements/kind"] = np.dtype("f8")


def typed(f, dtype):
    replaced(f, NLL, data=np.zeros(len(f["token"]), dtype=dtype))


each("type", {
    "compound": (np.dtype([("a", "f4")]),),
    "bool": (np.dtype(bool),),
    "half": (np.dtype("f2"),),
    "int64": (np.dtype("i8"),),
    "uint32": (np.dtype("u4"),),
    "int8": (np.dtype("i1"),),
    "big-endian": (np.dtype(">f4"),),
    "complex": (np.dtype("c8"),),
    "opaque": (np.dtype("V4"),),
    "text": (np.dtype("S4"),),
    "double": (np.dtype("f8"),),
}, typed)


@recipe
def type_of_a_table(f):
    replaced(f, "tokens/id", data=f["tokens/id"][:].astype("f4"))


@recipe
def type_own_float(f):
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_ebias(100)
    space = h5py.h5s.create_simple(f[NLL].shape)
    del f[NLL]
    h5py.h5d.create(f.id, NLL.encode(), kind, space).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.zeros(space.shape, dtype="f4"))


@recipe
def type_variable_text(f):
    replaced(f, NLL, data=["x"] * len(f["token"]), dtype=h5py.string_dtype())


@recipe
def type_reference(f):
    replaced(f, NLL, shape=f[NLL].shape, dtype=h5py.ref_dtype)


@recipe
def filter_unknown(f):
    replaced(f, NLL, data=f[NLL][:], compression="lzf")


@recipe
def filter_scale_offset(f):
    replaced(f, "tokens/id", data=f["tokens/id"][:], scaleoffset=0)


@recipe
def valid_repacked(f):
    replaced(f, NLL, data=f[NLL][:], chunks=(100,), compression="gzip", shuffle=True)
    path = "measurements/int8/sae/vector_sum"
    replaced(f, path, data=f[path][:], chunks=(3, 3, 5), compression="gzip", shuffle=True, fletcher32=True)
    replaced(f, "tokens/id", data=f["tokens/id"][:])
    replaced(f, "tokens/chunk", data=f["tokens/chunk"][:], chunks=(64,))


@recipe
def summary_among_tokens(f):
    f["summary/value"] = np.zeros(3)


@recipe
def summary_uneven(f):
    for name in ("metric", "condition", "stratum"):
        f["summary/" + name] = np.array([b"x"] * 3)
    for name in ("requested_tokens", "tokens"):
        f["summary/" + name] = np.array([-1] * 2, dtype="i4")
    f["summary/value"] = np.full(3, np.nan)


@recipe
def vocabulary_uneven(f):
    replaced(f, "vocabulary/text", data=f["vocabulary/text"][:-1])


RAW = {
    "bytes-truncated": lambda file: file.truncate(20_000),
    "bytes-magic-alone": lambda file: file.truncate(8),
    "bytes-none": lambda file: file.truncate(0),
    "bytes-left-open": lambda file: (file.seek(11), file.write(b"\x01")),
    "bytes-zeros": lambda file: (file.seek(48), file.write(bytes(4096))),
}


def sign(path):
    """States the hash of the content as it is now; what cannot be read, or is too large, keeps what it states."""
    try:
        with h5py.File(path, "r+") as f:
            sizes = []
            f.visititems(lambda _, item: sizes.append(item.size if isinstance(item, h5py.Dataset) else 0))
            if sum(sizes) < 1 << 20 and len(sizes) < 1000:
                f.attrs["content_sha256"] = content_hash(f)
    except Exception:
        pass


def make(name, base, folder, signs):
    path = os.path.join(folder, name + ".h5")
    shutil.copy(base, path)
    if name in RAW:
        with open(path, "r+b") as file:
            return RAW[name](file)
    with h5py.File(path, "r+") as f:
        RECIPES[name](f)
    # h5py would walk down 3,000 groups, and inflate gigabytes; and no reader comes as far as the hash.
    if signs and name != "groups-nested" and not name.startswith("bomb"):
        sign(path)


def main(base, folder, signs=True, every=1):
    """All files, or one in so many."""
    os.makedirs(folder, exist_ok=True)
    shutil.copy(base, os.path.join(folder, "base.h5"))
    for name in [*RECIPES, *RAW][::every]:
        make(name, base, folder, signs)
