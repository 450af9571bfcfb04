"""Expected findings of a run file, computed with h5py, numpy and scipy alone.

    CLEARBOX_GOLDEN_RUN=/tmp/golden.h5 swift test -c release -Xswiftc -enable-testing --filter GoldenRunTests
    python tools/golden/analysis.py /tmp/golden.h5 Tests/AnalysisTests/Goldens/findings.json

Values come straight from the per-token columns; intervals from scipy.stats.bootstrap (BCa, chunks resampled, condition
and baseline together) with numpy's default_rng seeded as the run says. Nothing here is shared with clearbox's code.
"""

import json
import sys

import h5py
import numpy as np
import scipy
from scipy.stats import bootstrap

run = h5py.File(sys.argv[1], "r")
description = json.loads(run.attrs["description"])
conditions = [condition["name"] for condition in description["conditions"]]
baseline = next(c["name"] for c in description["conditions"] if c["isBaseline"])
token_chunk = run["tokens/chunk"][:]
stratum_flags = run["tokens/stratum"][:]
segment_chunk = run["segments/chunk"][:]
chunk_tokens = run["chunks/token_count"][:]
D = description["model"]["dModel"]
STRATA = {
    "all": stratum_flags >= 0,
    "without_first": (stratum_flags & 1) == 0,
    "without_massive": (stratum_flags & 2) == 0,
    "ordinary": stratum_flags == 0,
}
CELLS = {"all": [0, 1, 2, 3], "without_first": [0, 2], "without_massive": [0, 1], "ordinary": [0]}


def column(condition, experiment, name):
    return run[f"measurements/{condition}/{experiment}/{name}"][:]


def chunks_for(tokens):
    """Chunks up to the first batch boundary at or after a count of tokens."""
    for first, count in zip(run["batches/first_chunk"][:], run["batches/chunk_count"][:]):
        if chunk_tokens[: first + count].sum() >= tokens:
            return int(first + count)
    return len(chunk_tokens)


def per_chunk(values, mask):
    return np.bincount(token_chunk[mask], weights=values[mask], minlength=len(chunk_tokens))


def vector_sums(condition, stratum):
    sums = column(condition, "sae", "vector_sum")[:, CELLS[stratum], :].sum(axis=1)
    total = np.zeros((len(chunk_tokens), D))
    np.add.at(total, segment_chunk, sums)
    return total


class Stratum:
    """Per-chunk sums of one condition over one stratum, and metrics of any resample of chunks."""

    def __init__(self, condition, stratum):
        mask = STRATA[stratum]
        error, norm, dot = (column(condition, "sae", name) for name in ("squared_error", "squared_norm", "dot"))
        reconstructed = error - norm + 2 * dot
        self.tokens = per_chunk(np.ones(len(mask)), mask)
        self.error = per_chunk(error, mask)
        self.norm = per_chunk(norm, mask)
        self.sum = per_chunk(column(condition, "sae", "sum"), mask)
        self.l0 = per_chunk(column(condition, "sae", "l0").astype(float), mask)
        self.cosine = per_chunk(dot / np.sqrt(norm * reconstructed), mask)
        self.vectors = vector_sums(condition, stratum)
        self.ratios = [np.sort((error / norm)[mask & (token_chunk == chunk)]) for chunk in range(len(chunk_tokens))]
        if condition != baseline:
            moved = column(condition, "noise_floor", "squared_perturbation")
            self.moved = per_chunk(moved, mask)
            self.farther = per_chunk((moved > error).astype(float), mask)

    def total(self, name, index):
        return getattr(self, name)[index].sum(axis=-1)

    def fvu_article(self, i):
        n = self.total("tokens", i)
        return self.total("error", i) / (self.total("norm", i) - self.total("sum", i) ** 2 / (n * D))

    def fvu(self, i):
        mean_part = (self.vectors[i].sum(axis=-2) ** 2).sum(axis=-1) / self.total("tokens", i)
        return self.total("error", i) / (self.total("norm", i) - mean_part)

    def relative_error_median(self, i):
        rows = np.asarray(i).reshape(-1, np.shape(i)[-1])
        medians = [np.median(np.concatenate([self.ratios[chunk] for chunk in row])) for row in rows]
        return np.reshape(medians, np.shape(i)[:-1])

    def mean(self, name):
        return lambda i: self.total(name, i) / self.total("tokens", i)

    def mse(self, i):
        return self.total("error", i) / (self.total("tokens", i) * D)

    def residual(self, i):
        return np.sqrt(self.total("error", i) / self.total("norm", i))


class Accuracy:
    def __init__(self, condition, source=None):
        nll = column(condition, "accuracy", "nll").astype(float)
        scored = ~np.isnan(nll)
        if source is not None:
            scored &= run["tokens/source"][:] == source
        self.nll, self.scored = per_chunk(nll, scored), per_chunk(np.ones(len(nll)), scored)
        if condition != baseline:
            self.kl = per_chunk(column(condition, "accuracy", "kl").astype(float), scored)
            agreement = column(condition, "accuracy", "top1_agreement").astype(float)
            self.agreement = per_chunk(agreement, agreement != 255)

    def mean(self, name):
        return lambda i: getattr(self, name)[i].sum(axis=-1) / self.scored[i].sum(axis=-1)


def estimate(statistic, count):
    index = np.arange(count)
    value = float(statistic(index))
    outcome = bootstrap(
        (index,),
        # Sorted, so that a resample which drew every chunk once equals the estimate exactly, as it should.
        lambda i, axis: statistic(np.sort(np.moveaxis(i, axis, -1), axis=-1)),
        n_resamples=description["bootstrap"]["replicates"],
        confidence_level=description["bootstrap"]["level"],
        method="BCa",
        vectorized=True,
        rng=np.random.default_rng(description["seed"]),
    )
    interval = outcome.confidence_interval
    low, high = float(interval.low), float(interval.high)
    if np.isnan(low):
        # Every resample gives the same number: scipy has no BCa interval for that; it is the number itself.
        assert outcome.standard_error == 0
        low = high = value
    return {"value": value, "low": low, "high": high}


headline = chunks_for(description["budget"]["headline"])
findings = []


def add(metric, condition, stratum, own, base, count=None):
    entry = {"metric": metric, "condition": condition, "stratum": stratum, "estimate": estimate(own, headline)}
    if base is not None and condition != baseline:
        entry["change"] = estimate(lambda i: own(i) - base(i), headline)
        entry["percentChange"] = estimate(lambda i: 100 * (own(i) - base(i)) / base(i), headline)
    findings.append(entry)


accuracy = {condition: Accuracy(condition) for condition in conditions}
base = accuracy[baseline].mean("nll")
for condition in conditions:
    own = accuracy[condition].mean("nll")
    add("cross_entropy@1", condition, "all", own, base)
    add("perplexity@1", condition, "all", lambda i: np.exp(own(i)), lambda i: np.exp(base(i)))
    if condition != baseline:
        add("kl@1", condition, "all", accuracy[condition].mean("kl"), None)
        add("top1_agreement@1", condition, "all", accuracy[condition].mean("agreement"), None)

strata = {(condition, stratum): Stratum(condition, stratum) for condition in conditions for stratum in STRATA}
for condition in conditions:
    for stratum in STRATA:
        x, b = strata[condition, stratum], strata[baseline, stratum]
        add("fvu_article@1", condition, stratum, x.fvu_article, b.fvu_article)
        add("fvu@1", condition, stratum, x.fvu, b.fvu)
        add("relative_error_median@1", condition, stratum, x.relative_error_median, b.relative_error_median)
        add("l0@1", condition, stratum, x.mean("l0"), b.mean("l0"))
        add("mse@1", condition, stratum, x.mse, b.mse)
        add("cosine@1", condition, stratum, x.mean("cosine"), b.mean("cosine"))
        add("relative_residual@1", condition, stratum, x.residual, b.residual)
        if condition != baseline and stratum in ("all", "ordinary"):
            moved = lambda i: np.sqrt(x.total("moved", i) / b.total("norm", i))
            add("perturbation@1", condition, stratum, moved, None)
            add("noise_floor_article@1", condition, stratum, lambda i: moved(i) / x.residual(i), None)
            add("noise_floor@1", condition, stratum, lambda i: moved(i) / b.residual(i), None)
            add("moved_farther@1", condition, stratum, lambda i: x.total("farther", i) / x.total("tokens", i), None)

snapshots = []
for condition in conditions:
    for metric in ("fvu_article", "fvu"):
        for stratum in ("all", "ordinary"):
            for requested in description["budget"]["snapshots"]:
                count = chunks_for(requested)
                value = estimate(getattr(strata[condition, stratum], metric), count)
                tokens = int(chunk_tokens[:count].sum())
                snapshots.append([condition, metric + "@1", stratum, requested, tokens, value])

sources = []
for number, source in enumerate(description["corpus"]["sources"]):
    base = Accuracy(baseline, number).mean("nll")
    for condition in conditions:
        own = Accuracy(condition, number).mean("nll")
        change = None
        if condition != baseline:
            change = estimate(lambda i: 100 * (own(i) - base(i)) / base(i), headline)
        sources.append([source, condition, estimate(own, headline), change])

# Shares of the four cells, from the baseline's vectors themselves where a sum of vectors is needed.
inside = token_chunk < headline
error, norm = column(baseline, "sae", "squared_error"), column(baseline, "sae", "squared_norm")
vectors = column(baseline, "sae", "vector_sum")[segment_chunk < headline].sum(axis=0)
mean = vectors.sum(axis=0) / inside.sum()
cells = []
for cell in range(4):
    mask = inside & ((stratum_flags & 3) == cell)
    variance = norm[mask].sum() - 2 * mean @ vectors[cell] + mask.sum() * mean @ mean
    cells.append([int(mask.sum()), float(norm[mask].sum()), float(variance), float(error[mask].sum())])
totals = [sum(cell[k] for cell in cells) for k in range(4)]
shares = [[cell[0]] + [cell[k] / totals[k] for k in range(4)] for cell in cells]

json.dump(
    {
        "content_sha256": run.attrs["content_sha256"],
        "made_with": f"scipy {scipy.__version__}, numpy {np.__version__}, h5py {h5py.__version__}",
        "findings": findings,
        "snapshots": snapshots,
        "sources": sources,
        "cells": shares,
    },
    open(sys.argv[2], "w"),
    separators=(",", ":"),
    sort_keys=True,
)
