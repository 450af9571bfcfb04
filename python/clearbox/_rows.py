"""What a run file stores of a batch, from logits and from the residual stream: docs/run-file.md has the columns."""

from __future__ import annotations

from typing import Any

import numpy as np


def strata(
    ids: np.ndarray, norms: np.ndarray | None, limit: float, first_positions: int, bos: int | None
) -> np.ndarray:
    """Per token 0 ordinary; 1 BOS or one of the chunk's first positions; 2 massive, ‖x‖ above the limit; 3 both.

    ids: [chunks, length]. norms: ‖x‖ in the baseline, [tokens].
    """
    first = np.broadcast_to(np.arange(ids.shape[1]) < first_positions, ids.shape) | (ids == bos)
    massive = norms > limit if norms is not None else np.zeros(ids.size, bool)
    return first.ravel() + 2 * massive.astype("u1")


def sums(x: np.ndarray, cells: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Σ x over each segment's tokens of each cell, [segments, 4, D]."""
    return np.stack([np.add.reduceat(x * (cells == cell)[:, None], starts, axis=0) for cell in range(4)], axis=1)


def residual(
    x: np.ndarray, base: np.ndarray | None, reconstruction: np.ndarray | None, stratum: np.ndarray, starts: np.ndarray,
    limit: float,
) -> dict[str, np.ndarray]:  # fmt: skip
    """The columns that follow from the residual stream x and the autoencoder's reconstruction of it, [tokens, D].

    base: x in the baseline; None for the baseline itself. starts: first tokens of the segments.
    """
    x = x.astype(np.float64)
    norm = (x**2).sum(1)
    massive = np.sqrt(norm) > limit
    rows = {"squared_norm": norm, "sum": x.sum(1), "vector_sum": sums(x, stratum, starts), "massive": massive}
    if reconstruction is not None:
        difference = x - reconstruction
        rows |= {"squared_error": (difference**2).sum(1), "dot": (x * reconstruction).sum(1)}
    if base is not None:
        base = base.astype(np.float64)
        rows["squared_perturbation"] = ((x - base) ** 2).sum(1)
        pair = stratum | (2 * massive.astype("u1"))
        rows["pair_shift"] = sums(x, pair, starts) - rows["vector_sum"]
        rows["pair_shift_reference"] = sums(base, pair, starts) - sums(base, stratum, starts)
    return rows


def predictions(logits: Any, ids: np.ndarray, reference: Any | None) -> dict[str, np.ndarray]:
    """Loss, and with the baseline's logits KL divergence and agreement, [chunks, length − 1].

    Computed where the logits are.
    logits: [chunks, length, vocabulary], of numpy or PyTorch.
    """
    chunks = [_chunk(logits[i], ids[i, 1:], None if reference is None else reference[i]) for i in range(len(ids))]
    return {name: np.stack([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _chunk(logits: Any, following: np.ndarray, reference: Any | None) -> dict[str, np.ndarray]:
    if hasattr(logits, "detach"):
        import torch as lib

        targets = lib.as_tensor(following, device=logits.device).long()
    else:
        lib, targets = np, following
    own, top = _log_probabilities(lib, logits)
    rows = {"nll": -own[lib.arange(len(targets), **_on(lib, logits)), targets]}
    if reference is not None:
        base, base_top = _log_probabilities(lib, reference)
        rows["kl"] = lib.sum(lib.exp(base) * (base - own), -1)
        rows["top1_agreement"] = (top == base_top) * 1
    return {name: value.cpu().numpy() if hasattr(value, "cpu") else value for name, value in rows.items()}


def _on(lib: Any, logits: Any) -> dict[str, Any]:
    return {} if lib is np else {"device": logits.device}


def _log_probabilities(lib: Any, logits: Any) -> tuple[Any, Any]:
    """Of each position but the chunk's last; and the first of the most probable ids."""
    rows = logits[:-1]
    rows = rows.astype(np.float64) if lib is np else rows.detach().float()
    shifted = rows - lib.amax(rows, -1)[:, None]
    return shifted - lib.log(lib.sum(lib.exp(shifted), -1))[:, None], lib.argmax(rows, -1)
