"""Computes a run file's content_sha256 from docs/run-file.md's words, with h5py alone."""
import hashlib
import sys

import h5py
import numpy as np

SKIPPED = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"}


def update(value):
    array = np.asarray(value)
    shape = ",".join(str(length) for length in array.shape)
    if array.dtype.kind in "OUS":
        texts = [text if isinstance(text, str) else text.decode() for text in array.ravel()]
        return "utf8 " + shape, b"".join(text.encode() + b"\0" for text in texts)
    return f"{array.dtype.name} {shape}", array.astype(array.dtype.newbyteorder("<")).tobytes()


def content_hash(run):
    objects = {"/": run}
    run.visititems(lambda name, item: objects.__setitem__("/" + name, item))
    digest = hashlib.sha256()
    for path in sorted(objects, key=lambda path: path.encode()):
        if path == "/provenance/volatile":
            continue
        item = objects[path]
        if isinstance(item, h5py.Dataset):
            head, data = update(item[()])
            digest.update(f"dataset {path} {head}\n".encode() + data)
        else:
            digest.update(f"group {path}\n".encode())
        for name in sorted(item.attrs, key=lambda name: name.encode()):
            if name in SKIPPED or (path == "/" and name == "content_sha256"):
                continue
            head, data = update(item.attrs[name])
            digest.update(f"attribute {name} {head}\n".encode() + data)
    return digest.hexdigest()


if __name__ == "__main__":
    with h5py.File(sys.argv[1], "r") as run:
        print(content_hash(run), run.attrs["content_sha256"])
