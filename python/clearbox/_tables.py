"""Run files as pandas frames and xarray data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    import pandas
    import xarray

TABLES = {"token": "tokens", "segment": "segments", "chunk": "chunks", "batch": "batches"}


def about(dataset: h5py.Dataset) -> dict[str, str]:
    """A data set's unit, definition and meaning."""
    names = {"unit": "unit", "definition": "definition", "long_name": "meaning", "axis": "axis"}
    return {ours: str(dataset.attrs[name]) for name, ours in names.items() if name in dataset.attrs}


def columns(file: h5py.File) -> pandas.DataFrame:
    import pandas

    rows: list[dict[str, Any]] = []

    def take(path: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and "/" in path:
            rows.append({"path": path, "shape": item.shape, "type": str(item.dtype), **about(item)})

    file.visititems(take)
    return pandas.DataFrame(rows).set_index("path")


def texts(file: h5py.File, name: str) -> np.ndarray:
    return np.array([text.decode("utf-8", "replace") for text in file[name][()]], dtype=object)


def plain(file: h5py.File, axis: str) -> pandas.DataFrame:
    import pandas

    if axis not in TABLES:
        raise ValueError(f"no axis {axis!r}: {', '.join(TABLES)}")
    group = file[TABLES[axis]]
    frame = pandas.DataFrame({name: group[name][()] for name in group})
    frame.attrs["columns"] = {name: about(group[name]) for name in group}
    frame.index.name = axis
    if "source" in frame:
        labels = texts(file, "sources")
        frame["source"] = pandas.Categorical.from_codes(frame["source"].astype("int64"), labels.tolist())
    return frame


def tokens(file: h5py.File, conditions: tuple[str, ...], wanted: list[str] | None) -> pandas.DataFrame:
    frame = plain(file, "token")
    meanings = frame.attrs.pop("columns")
    if "vocabulary" in file:
        ids = file["vocabulary/id"][()]
        frame.insert(1, "text", texts(file, "vocabulary/text")[np.searchsorted(ids, frame["id"].to_numpy())])
    found: set[str] = set()
    for condition in conditions:
        group = _condition(file, condition)
        for experiment in group:
            for name, dataset in group[experiment].items():
                asked = {name, f"{experiment}/{name}"} & set(wanted or [name])
                if dataset.ndim == 1 and dataset.attrs.get("axis") == "token" and asked:
                    found |= asked
                    # Only columns of two experiments with one name are told apart by them.
                    title = f"{condition}/{name}"
                    title = f"{condition}/{experiment}/{name}" if title in frame else title
                    frame[title] = dataset[()]
                    meanings[title] = about(dataset)
    missing = set(wanted or []) - found
    if missing:
        raise KeyError(f"not measured per token under {', '.join(conditions)}: {', '.join(sorted(missing))}")
    frame.attrs["columns"] = meanings
    return frame


def dataset(file: h5py.File, condition: str) -> xarray.Dataset:
    import xarray

    variables: dict[str, Any] = {}
    for experiment, group in _condition(file, condition).items():
        for name, values in group.items():
            axes = [values.dims[i][0].name.rsplit("/", 1)[-1] for i in range(values.ndim)]
            title = f"{experiment}/{name}" if name in variables else name
            variables[title] = xarray.Variable(axes, _lazy(values), {"experiment": experiment, **about(values)})
    table = file["tokens"]
    rows = {name: ("token", table[name][()], about(table[name])) for name in ("id", "document", "chunk", "stratum")}
    return xarray.Dataset(variables, rows, {"condition": condition, "title": str(file.attrs["title"])})


def _condition(file: h5py.File, name: str) -> h5py.Group:
    known = list(file["measurements"]) if "measurements" in file else []
    if name not in known:
        raise KeyError(f"no condition {name!r} in {file.filename}: {', '.join(known)}")
    return file["measurements"][name]


def _lazy(values: h5py.Dataset) -> Any:
    """The data set as an array that xarray reads piece by piece when it needs them."""
    from xarray.backends import BackendArray
    from xarray.core import indexing

    class Lazy(BackendArray):
        shape, dtype = values.shape, values.dtype

        def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
            support = indexing.IndexingSupport.BASIC
            return indexing.explicit_indexing_adapter(key, self.shape, support, lambda part: values[part])

    return indexing.LazilyIndexedArray(Lazy())
