"""Run files of measurements that were made elsewhere, in PyTorch for one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from . import _columns, _described, _rows
from ._program import ClearboxError, program

if TYPE_CHECKING:
    from ._run import Run


class RunWriter:
    """Writes a run file batch by batch; the program then checks it whole, and reports it like its own.

    >>> conditions = {"bf16": 16, "nf4": 5.3}
    >>> with clearbox.RunWriter("mine.h5", model="google/gemma-3-270m", layer=9, conditions=conditions) as run:
    ...     for ids in batches:                       # [chunks, length], all batches of one size but the last
    ...         run.batch(ids)
    ...         for name, model in models.items():    # the baseline first
    ...             logits, x = measure(model, ids)   # x: the residual stream after the layer
    ...             code = sae.encode(x)
    ...             run.add(name, logits=logits, x=x, reconstruction=sae.decode(code), l0=(code != 0).sum(-1))

    Conditions may as well be measured one after the other, each over all batches: then no logits of the baseline are
    there to compare with, and KL divergence is yours to give (`kl=`). What is wrong is said at once, and nothing is
    written.

    conditions: bits per parameter over the whole model by name, the baseline first; or dictionaries of `bits` with
    `kind` (bf16, f32, int8, nf4…; default: the name), `label` and `parameters`. A chunk's first `first_positions`
    tokens, BOS, and tokens with a norm above `massive` times the baseline's median in the first batch are set apart
    (docs/protocol.md). headline: tokens that the report's numbers stand on; default all. snapshots: counts of tokens at
    which stabilization is shown. texts: what an id stands for. description: whatever else docs/run-file.md has, such as
    {"sae": {"name": …}, "corpus": {"name": …, "sources": [labels]}}.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        model: str,
        layer: int,
        conditions: Mapping[str, float | Mapping[str, Any]],
        title: str | None = None,
        bos: int | None = 2,
        first_positions: int = 4,
        massive: float = 8.0,
        headline: int | None = None,
        snapshots: Sequence[int] = (),
        texts: Callable[[int], str] | None = None,
        description: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = Path(path)
        if self.path.exists():
            raise FileExistsError(f"{self.path} is there already; a run file is not replaced")
        self.conditions = list(conditions)
        self._rule = {"firstPositions": first_positions, "massiveMultiple": massive}
        self._bos, self._texts, self._width, self._limit = bos, texts, 0, np.inf
        self._columns = dict(_columns.known())
        self._description = _described.described(title or f"Measurements of {model}", model, layer, conditions)
        self._description["budget"] = {"headline": headline, "snapshots": list(snapshots)}
        self._given = description or {}
        self._batches: list[dict[str, np.ndarray]] = []
        self._done = dict.fromkeys(self.conditions, 0)
        self._logits: tuple[int, Any] = (-1, None)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._staging = self.path.with_name(self.path.name + ".unfinished")
        self._file = h5py.File(self._staging, "w")
        self._file.attrs.update({"schema_name": "clearbox-run", "schema_version": 1})

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def declare(
        self, experiment: str, name: str, *, unit: str, meaning: str, definition: str, axis: str = "token",
        type: str = "float64", values: str = "finite",
    ) -> None:  # fmt: skip
        """Adds a column of your own, which `add` then takes by its name.

        definition: id and version of its formula, "score@1". axis: token, segment, chunk or batch. type: uint8, int32,
        float32 or float64. values: loss, divergence, agreement, square, finite, count, flag, or any: what is checked.
        """
        if name in self._columns or axis not in _columns.AXES or type not in _columns.TYPES:
            raise ValueError(f"{name}, per {axis}, {type}: the name is taken, or there is no such axis or type")
        self._columns[name] = _columns.Column(experiment, name, axis, type, (), unit, meaning, definition, values)

    def batch(self, ids: Any, document: Any | None = None, source: Any | None = None) -> None:
        """The tokens of the next batch, [chunks, length], before anything measured on them.

        document: of each token; default: a new one at each BOS. source: index into the description's corpus.sources.
        """
        ids = _columns.array(ids)
        if ids.ndim != 2 or ids.size == 0 or ids.dtype.kind not in "iu" or ids.min() < 0:
            raise ValueError(
                f"ids have shape {list(ids.shape)} and type {ids.dtype}; [chunks, length] of ids from 0 is expected"
            )
        if self._batches:
            first, last = self._batches[0]["id"], self._batches[-1]["id"]
            if len(last) < len(first) or len(ids) > len(first) or ids.shape[1] != first.shape[1]:
                raise ValueError(
                    f"a batch of {list(ids.shape)}: all are of {list(first.shape)}, the last may be shorter"
                )
        if document is None:
            so_far = self._batches[-1]["document"].max() if self._batches else -1
            document = np.maximum(so_far + np.cumsum(ids.ravel() == self._bos), 0).reshape(ids.shape)
        tables = {"id": ids, "document": _columns.array(document)}
        if source is not None:
            tables["source"] = _columns.array(source)
        for name, values in tables.items():
            if values.shape != ids.shape:
                raise ValueError(f"{name} has the shape {list(values.shape)}; {list(ids.shape)} is expected, as of ids")
        chunk = np.repeat(np.arange(len(ids)), ids.shape[1])
        moves = np.diff(tables["document"].ravel(), prepend=-1) != 0
        starts = np.flatnonzero(moves | (np.diff(chunk, prepend=-1) != 0))
        self._batches.append({**tables, "starts": starts})

    def add(
        self, condition: str, *, logits: Any | None = None, x: Any | None = None, reconstruction: Any | None = None,
        **columns: Any,
    ) -> None:  # fmt: skip
        """What was measured under a condition on its next batch.

        logits: [chunks, length, vocabulary], for nll, and with the baseline's of the same batch for kl and
        top1_agreement. x and reconstruction: the residual stream and what the autoencoder makes of it,
        [chunks, length, D], for the columns of sae/ and noise_floor/. columns: any other by name, such as nll=, l0=, or
        one that was declared; per token [chunks, length], or [chunks, length − 1] of what is predicted.
        """
        index = self._place(condition)
        batch, is_baseline = self._batches[index], condition == self.conditions[0]
        rows: dict[str, Any] = {}
        if logits is not None:
            reference = self._logits[1] if self._logits[0] == index and not is_baseline else None
            rows |= _rows.predictions(logits, batch["id"], reference)
        if is_baseline:
            self._logits = (index, logits)
        stream = None if x is None else self._flat("x", x, batch)
        if is_baseline:
            batch["stratum"] = self._strata(batch, stream, index)
        if stream is not None:
            hat = None if reconstruction is None else self._flat("reconstruction", reconstruction, batch)
            base = None if is_baseline else self._baseline(batch, index)
            rows |= _rows.residual(stream, base, hat, batch["stratum"], batch["starts"], self._limit)
        elif reconstruction is not None:
            raise ValueError("a reconstruction needs x, of which it is one")
        rows |= columns
        checked = {name: self._checked(condition, name, values, batch) for name, values in rows.items()}
        self._check_names(condition, {column.path for column, _ in checked.values()}, index)
        for column, values in checked.values():
            _described.append(self._file, f"measurements/{condition}/{column.path}", values, column)
        if is_baseline and stream is not None and len(self.conditions) > 1:
            _described.append(self._file, "baseline", stream)
        self._done[condition] += 1

    def close(self) -> Run:
        """Has the program check everything and write the run file, and opens it."""
        from ._run import open as open_run

        try:
            unfinished = [name for name, count in self._done.items() if count != len(self._batches)]
            if unfinished or not self._batches:
                raise ValueError(f"{len(self._batches)} batches, of which {', '.join(unfinished)} lack some")
            self._finish()
            self._file.close()
            with tempfile.TemporaryDirectory(dir=self.path.parent) as folder:
                program("import", self._staging, "--out", folder)
                os.replace(next(Path(folder).glob("*.h5")), self.path)
        except ClearboxError as error:
            raise ValueError(f"The run is not accepted: {error}") from error
        finally:
            self.abandon()
        return open_run(self.path)

    def abandon(self) -> None:
        """Leaves nothing behind."""
        self._file.close()
        self._staging.unlink(missing_ok=True)

    # Parts

    def _place(self, condition: str) -> int:
        """Which batch comes next under a condition."""
        if condition not in self._done:
            raise ValueError(f"no condition {condition!r}: {', '.join(self.conditions)}")
        index = self._done[condition]
        if index >= len(self._batches):
            raise ValueError(f"{condition}: {index + 1} batches measured, {len(self._batches)} announced by batch()")
        if condition != self.conditions[0] and self._done[self.conditions[0]] <= index:
            raise ValueError(f"batch {index} of {condition} before that of {self.conditions[0]}, the baseline")
        return index

    def _flat(self, name: str, values: Any, batch: dict[str, np.ndarray]) -> np.ndarray:
        found = _columns.array(values)
        shape = batch["id"].shape
        found = found.reshape(-1, found.shape[-1]) if found.shape[:2] == shape else found
        self._width = self._width or found.shape[-1]
        if found.shape != (batch["id"].size, self._width):
            raise ValueError(f"{name} has the shape {list(np.shape(values))}; {[*shape, self._width]} is expected")
        if not np.isfinite(found).all():
            raise ValueError(f"{name}, token {int(np.argwhere(~np.isfinite(found))[0, 0])} of the batch: not finite")
        return found

    def _strata(self, batch: dict[str, np.ndarray], stream: np.ndarray | None, index: int) -> np.ndarray:
        norms = None if stream is None else np.sqrt((stream.astype(np.float64) ** 2).sum(1))
        if norms is not None and index == 0:
            self._rule["medianNorm"] = float(np.median(norms))
            self._limit = self._rule["massiveMultiple"] * self._rule["medianNorm"]
        return _rows.strata(batch["id"], norms, self._limit, int(self._rule["firstPositions"]), self._bos)

    def _baseline(self, batch: dict[str, np.ndarray], index: int) -> np.ndarray:
        if "baseline" not in self._file:
            raise ValueError(f"x is given, but was not for {self.conditions[0]}, with which it is compared")
        start = sum(other["id"].size for other in self._batches[:index])
        return self._file["baseline"][start : start + batch["id"].size]

    def _checked(
        self, condition: str, name: str, values: Any, batch: dict[str, np.ndarray]
    ) -> tuple[_columns.Column, np.ndarray]:
        column = self._columns.get(name)
        if column is None:
            raise ValueError(f"no column {name!r}: declare() it, or use {', '.join(sorted(self._columns))}")
        if not column.applies(to_baseline=condition == self.conditions[0]):
            reason = "it compares with the baseline" if column.is_comparison else "only the baseline has it"
            raise ValueError(f"{column.path} under {condition}: {reason}")
        shape = batch["id"].shape
        counts = {"token": batch["id"].size, "segment": len(batch["starts"]), "chunk": shape[0], "batch": 1}
        return column, _columns.checked(
            column, values, f"{condition}/{column.path}", shape, counts[column.axis], self._width
        )

    def _check_names(self, condition: str, paths: set[str], index: int) -> None:
        """The same columns in every batch, and under every condition but the baseline."""
        groups = (
            [condition]
            if index > 0
            else [name for name in self.conditions[1:] if self._done[name] and name != condition]
        )
        for other in groups if condition != self.conditions[0] or index > 0 else []:
            stored = self._file[f"measurements/{other}"]
            there = {f"{experiment}/{name}" for experiment in stored for name in stored[experiment]}
            if there != paths:
                raise ValueError(
                    f"{condition}, batch {index}: {', '.join(sorted(there ^ paths))} not in all batches and conditions"
                )

    def _finish(self) -> None:
        for name, kind in {"id": "i4", "document": "i4", "source": "u1", "stratum": "u1"}.items():
            if all(name in batch for batch in self._batches):
                parts = [batch[name].ravel() for batch in self._batches]
                self._file[f"tokens/{name}"] = np.concatenate(parts).astype(kind)
        length = self._batches[0]["id"].shape[1]
        ids = self._file["tokens/id"][()]
        self._file["tokens/chunk"] = (np.arange(len(ids)) // length).astype("i4")
        if "baseline" in self._file:
            del self._file["baseline"]
        if self._texts:
            unique = np.unique(ids)
            words = [self._texts(int(one)).replace("\0", "<0x00>").encode() for one in unique]
            kind = h5py.string_dtype("utf-8", max(map(len, words)) or 1)
            self._file["vocabulary/id"] = unique
            self._file.create_dataset("vocabulary/text", data=np.array(words, dtype=kind))
        described = {**self._description, "strata": self._rule, "corpus": {"batchSize": len(self._batches[0]["id"])}}
        if self._width:
            described["model"] = {**described["model"], "dModel": self._width}
        described["budget"]["headline"] = described["budget"]["headline"] or len(ids)
        self._file.attrs["description"] = json.dumps(_described.merged(described, self._given))
