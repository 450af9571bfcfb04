"""A run file's description and data sets, as `clearbox import` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import h5py

if TYPE_CHECKING:
    import numpy as np

    from ._columns import Column


def described(title: str, model: str, layer: int, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """What every description has; conditions as RunWriter takes them."""
    entries = []
    for name, given in conditions.items():
        own = dict(given) if isinstance(given, Mapping) else {"bits": given}
        entry = {"name": name, "kind": own.pop("kind", name), "effectiveBitsPerParameter": own.pop("bits")}
        parameters = [{"key": key, "value": str(value)} for key, value in own.pop("parameters", {}).items()]
        entries.append({**entry, "label": own.pop("label", name), "parameters": parameters})
        if own:
            raise ValueError(f"condition {name}: unknown {', '.join(own)}")
    return {"title": title, "model": {"name": model, "layer": layer}, "conditions": entries}


def merged(ours: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Ours, with what was given in its place, member by member."""
    result = dict(ours)
    for key, value in given.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def append(file: h5py.File, path: str, rows: np.ndarray, column: Column | None = None) -> None:
    if path not in file:
        chunks = (max(1, min(len(rows), 2**20 // max(1, rows[0].nbytes))), *rows.shape[1:])
        dataset = file.create_dataset(
            path, (0, *rows.shape[1:]), rows.dtype, maxshape=(None, *rows.shape[1:]), chunks=chunks
        )
        if column:
            names = {
                "unit": column.unit,
                "long_name": column.meaning,
                "axis": column.axis,
                "definition": column.definition,
            }
            dataset.attrs.update(names)
    dataset = file[path]
    dataset.resize(len(dataset) + len(rows), axis=0)
    dataset[-len(rows) :] = rows
