"""Opens a run file with h5py alone and finds its way: names, units, axes, strings. Prints what the test compares."""
import json
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r") as run:
    assert run.attrs["schema_name"] == "clearbox-run" and run.attrs["schema_version"] == 1
    description = json.loads(run.attrs["description"])
    tokens = len(run["tokens/id"])
    axes, undescribed = {}, []

    def visit(name, item):
        if not isinstance(item, h5py.Dataset) or item.dtype.kind == "S":
            return
        assert item.chunks and item.fletcher32 and item.shuffle and item.compression == "gzip", name
        if not item.attrs.get("unit") or not item.attrs.get("long_name"):
            undescribed.append(name)
        if not h5py.h5ds.is_scale(item.id):
            axes[name] = [dimension[0].name.strip("/") for dimension in item.dims]
            assert all(len(dimension[0]) == length for dimension, length in zip(item.dims, item.shape)), name

    run.visititems(visit)
    nll = run["measurements/int8/accuracy/nll"]
    sums = run["measurements/nf4/sae/vector_sum"][:]
    print(
        json.dumps(
            {
                "title": run.attrs["title"],
                "status": run.attrs["status"],
                "model": description["model"]["name"],
                "study": run["study"].asstr()[()],
                "sources": list(run["sources"].asstr()[:]),
                "root": list(run),
                "conditions": sorted(run["conditions"], key=lambda name: run["conditions"][name].attrs["order"]),
                "threshold": run["conditions/int8"].attrs["parameter_threshold"],
                "libraries": list(run["provenance"].attrs["libraries"]),
                "start": run["provenance/volatile"].attrs["start_time"],
                "unit": nll.attrs["unit"],
                "definition": nll.attrs["definition"],
                "axis": nll.attrs["axis"],
                "axes": axes,
                "undescribed": undescribed,
                "tokens": tokens,
                "mean_nll": float(np.nanmean(nll[:].astype(np.float64))),
                "vector_sum_shape": list(sums.shape),
                "vector_sum_total": float(sums.sum()),
            }
        )
    )
