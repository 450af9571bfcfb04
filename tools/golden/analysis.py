"""Expected findings of a run file, computed with h5py and numpy alone.

    CLEARBOX_GOLDEN_RUN=/tmp/golden.h5 swift test -c release -Xswiftc -enable-testing --filter GoldenRunTests
    python tools/golden/analysis.py /tmp/golden.h5 Tests/AnalysisTests/Goldens/findings.json

Values come straight from the per-token columns; intervals are symmetric studentized ones over documents (docs/protocol.md), each
resample's standard error computed from the documents drawn, with numpy's default_rng seeded as the run says. Nothing here is
shared with clearbox's code.
"""

import json
import sys

import h5py
import numpy as np

run = h5py.File(sys.argv[1], "r")
description = json.loads(run.attrs["description"])
conditions = [condition["name"] for condition in description["conditions"]]
baseline = next(c["name"] for c in description["conditions"] if c["isBaseline"])
B, LEVEL, SEED = description["bootstrap"]["replicates"], description["bootstrap"]["level"], description["seed"]
D = description["model"]["dModel"]
token_chunk, token_document = run["tokens/chunk"][:], run["tokens/document"][:]
flags, source = run["tokens/stratum"][:], run["tokens/source"][:]
segment_first, segment_document = run["segments/first_token"][:], run["segments/document"][:]
chunk_tokens, chunk_rerun = run["chunks/token_count"][:], run["chunks/rerun"][:].astype(bool)
N = len(token_chunk)
STRATA = {
    "all": lambda f: f >= 0, "without_first": lambda f: f & 1 == 0, "without_massive": lambda f: f & 2 == 0,
    "ordinary": lambda f: f == 0,
}
CELLS = {"all": [0, 1, 2, 3], "without_first": [0, 2], "without_massive": [0, 1], "ordinary": [0]}


def column(condition, name):
    experiment = {"nll": "accuracy", "kl": "accuracy", "top1_agreement": "accuracy", "squared_perturbation": "noise_floor"}
    experiment |= {f"{kind}_{branch}": "splice" for kind in ("nll", "kl") for branch in ("sae", "zero", "mean")}
    values = run[f"measurements/{condition}/{experiment.get(name, 'sae')}/{name}"][:]
    return values if values.dtype != np.float32 else values.astype(float)


def chunks_for(tokens):
    """Chunks up to the first batch boundary at or after a count of tokens."""
    for first, count in zip(run["batches/first_chunk"][:], run["batches/chunk_count"][:]):
        if chunk_tokens[: first + count].sum() >= tokens:
            return int(first + count)
    return len(chunk_tokens)


class Sample:
    """Tokens that numbers stand on, their documents, and the draws of these."""

    def __init__(self, chunks, reruns=False, branches=False):
        self.tokens = token_chunk < chunks
        if branches:
            self.tokens &= np.isin(token_chunk, token_chunk[np.isfinite(column(baseline, "nll_sae"))])
        if reruns:
            self.tokens &= chunk_rerun[token_chunk]
        documents, self.cluster = np.unique(token_document[self.tokens], return_inverse=True)
        self.n = len(documents)
        of_segment = self.tokens[segment_first]
        self.segments = np.flatnonzero(of_segment)
        self.segment_cluster = np.searchsorted(documents, segment_document[self.segments])
        self.draws = np.random.default_rng(SEED).integers(0, self.n, (B, self.n))
        self.weights = np.stack([np.bincount(row, minlength=self.n) for row in self.draws]).astype(float)

    def sums(self, values, mask):
        values = np.where(mask & np.isfinite(values), values, 0.0)[self.tokens]
        return np.bincount(self.cluster, weights=values, minlength=self.n)

    def vectors(self, rows, cells):
        total = np.zeros((self.n, D))
        np.add.at(total, self.segment_cluster, rows[self.segments][:, cells, :].sum(axis=1))
        return total


class Statistic:
    """A statistic of weights of documents, and what is known of how it varies."""

    def __init__(self, sample, value, sizes):
        n = sample.n
        self.estimate = float(value(np.ones((1, n)))[0])
        replicates = value(sample.weights)
        influence = (n - 1) * (self.estimate - value(1 - np.eye(n)))
        influence -= influence.mean()
        self.error = np.sqrt((influence**2).sum() / (n * (n - 1)))
        sizes = sizes * n / sizes.sum()
        own, size = influence[sample.draws], sizes[sample.draws]
        ratio = own.sum(axis=1) / size.sum(axis=1)
        errors = np.sqrt(n / (n - 1) * ((own - ratio[:, None] * size) ** 2).sum(axis=1)) / size.sum(axis=1)
        distance = np.abs(replicates - self.estimate)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.t = np.where(distance == 0, 0.0, distance / errors)

    def quantile(self, t=None):
        t = np.sort(self.t if t is None else t)
        return t[min(len(t) - 1, int(np.ceil((len(t) + 1) * LEVEL)) - 1)]

    def entry(self, reach=None):
        reach = (self.quantile() if reach is None else reach) * self.error
        return {"value": self.estimate, "low": self.estimate - reach, "high": self.estimate + reach}


class Measured:
    """Sums per document of one condition over one stratum, as the pair of a condition decides it."""

    def __init__(self, sample, condition, stratum, pair, of=None):
        cell = flags.copy()
        if pair != baseline:
            massive = column(pair, "massive") | column(baseline, "massive")
            cell = (flags & 1) | (massive << 1)
        mask = STRATA[stratum](cell)
        take = lambda name: sample.sums(column(condition, name).astype(float), mask)
        error, norm, dot = (column(condition, name) for name in ("squared_error", "squared_norm", "dot"))
        self.tokens = sample.sums(np.ones(N), mask)
        self.error, self.norm, self.sum, self.l0 = (take(k) for k in ("squared_error", "squared_norm", "sum", "l0"))
        with np.errstate(invalid="ignore"):
            self.cosine = sample.sums(dot / np.sqrt(norm * (error - norm + 2 * dot)), mask)
        rows = run[f"measurements/{condition}/sae/vector_sum"][:]
        if pair != baseline:
            rows = rows + run[f"measurements/{pair}/sae/pair_shift{'' if condition == pair else '_reference'}"][:]
        self.vectors = sample.vectors(rows, CELLS[stratum])
        inside = mask & sample.tokens
        self.ratios = self.by_document(sample, inside, error / norm)
        if of is not None:
            moved = column(condition, "squared_perturbation")
            self.moved = sample.sums(moved, mask)
            self.farther = sample.sums((moved > error).astype(float), mask)
            self.moves = self.by_document(sample, inside, np.sqrt(moved / error))

    @staticmethod
    def by_document(sample, inside, values):
        clusters = np.full(N, -1)
        clusters[sample.tokens] = sample.cluster
        return [values[inside & (clusters == k)] for k in range(sample.n)]

    def fvu_article(self, w):
        return w @ self.error / (w @ self.norm - (w @ self.sum) ** 2 / ((w @ self.tokens) * D))

    def fvu(self, w):
        return w @ self.error / (w @ self.norm - ((w @ self.vectors) ** 2).sum(axis=1) / (w @ self.tokens))

    def mean(self, name, scale=1):
        return lambda w: w @ getattr(self, name) / (w @ self.tokens * scale)

    def residual(self, w):
        return np.sqrt(w @ self.error / (w @ self.norm))

    def variance(self):
        mean = self.sum.sum() / (self.tokens.sum() * D)
        return self.norm - 2 * mean * self.sum + self.tokens * D * mean**2

    def vector_variance(self):
        total, count = self.vectors.sum(axis=0), self.tokens.sum()
        return self.norm - 2 * self.vectors @ total / count + self.tokens * (total @ total) / count**2


def quantile(values, share=0.5):
    """A quantile of documents' values, each document taken as often as its weight says; linear between order statistics."""
    order = np.argsort(np.concatenate(values), kind="stable")
    sorted_values = np.concatenate(values)[order]
    owner = np.repeat(np.arange(len(values)), [len(v) for v in values])[order]

    def of(w):
        result = []
        for row in w:
            reach = np.cumsum(row[owner])
            place = share * (reach[-1] - 1)
            low, high = (np.searchsorted(reach, k, side="right") for k in (np.floor(place), np.ceil(place)))
            step, rest = sorted_values[high] - sorted_values[low], place - np.floor(place)
            result.append(sorted_values[low] + rest * step)
        return np.array(result)

    return of


headline, again = Sample(chunks_for(description["budget"]["headline"])), Sample(
    chunks_for(description["budget"]["headline"]), reruns=True)
findings, statistics = [], {}


def add(metric, condition, stratum, own, base, sizes, sample=headline, reference=False):
    key = (metric, condition, stratum)
    entry = {"metric": metric, "condition": condition, "stratum": stratum}
    forms = {"estimate": own}
    if base is not None and condition != baseline:
        forms["change"] = lambda w: own(w) - base(w)
        forms["percentChange"] = lambda w: 100 * (own(w) - base(w)) / base(w)
        if reference:
            forms["reference"] = base
    statistics[key] = {name: Statistic(sample, form, sizes) for name, form in forms.items()}
    findings.append((entry, statistics[key]))


def ratio(a, b):
    return lambda w: (w @ a) / (w @ b)


def scored(condition, sample, mask=None):
    nll = column(condition, "nll")
    mask = np.isfinite(nll) & (True if mask is None else mask)
    return sample.sums(nll, mask), sample.sums(np.ones(N), mask)


every = np.ones(N, bool)
for condition in conditions:
    nll, count = scored(condition, headline)
    base_nll, base_count = scored(baseline, headline)
    own, base = ratio(nll, count), ratio(base_nll, base_count)
    add("cross_entropy@1", condition, "all", own, base, count)
    add(
        "perplexity@1", condition, "all", lambda w, own=own: np.exp(own(w)), lambda w, base=base: np.exp(base(w)), count)
    if condition == baseline:
        continue
    predicted = np.isfinite(column(baseline, "nll"))
    ones = np.ones(N)
    kl = {c: column(c, "kl") for c in (condition, condition + "-rerun", baseline + "-rerun")}
    differs = {c: np.where(column(c, "top1_agreement") == 255, np.nan, 1.0 - column(c, "top1_agreement")) for c in kl}
    loss = {c: column(c, "nll") for c in (condition, baseline, condition + "-rerun", baseline + "-rerun")}
    distance = {
        condition: np.abs(loss[condition] - loss[baseline]),
        condition + "-rerun": np.abs(loss[condition + "-rerun"] - loss[condition]),
        baseline + "-rerun": np.abs(loss[baseline + "-rerun"] - loss[baseline]),
    }
    n = headline.sums(ones, predicted)
    add("kl@1", condition, "all", ratio(headline.sums(kl[condition], every), n), None, n)
    add("top1_agreement@1", condition, "all", ratio(n - headline.sums(differs[condition], every), n), None, n)
    add("nll_distance@1", condition, "all", ratio(headline.sums(distance[condition], every), n), None, n)

    inside = headline.tokens & predicted
    divergences = Measured.by_document(headline, inside, kl[condition])
    for name, q in (("median", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        add(f"kl_{name}@1", condition, "all", quantile(divergences, q), None, n)
    moves = np.exp(-loss[condition]) - np.exp(-loss[baseline])
    add("dp_mean@1", condition, "all", ratio(headline.sums(moves, every), n), None, n)
    squares = headline.sums(moves**2, every)
    add("dp_rms@1", condition, "all", lambda w, squares=squares, n=n: np.sqrt(w @ squares / (w @ n)), None, n)
    for q in (1, 5, 50, 95, 99):
        add(f"dp_p{q:02}@1", condition, "all", quantile(Measured.by_document(headline, inside, moves), q / 100), None, n)

    def rounding(values):
        return again.sums(values[condition + "-rerun"], every) / 2 + again.sums(values[baseline + "-rerun"], every) / 2

    def excess(values):
        return again.sums(values[condition], every) - rounding(values)

    n = again.sums(ones, predicted)
    for metric, values in (("kl", kl), ("disagreement", differs), ("nll_distance", distance)):
        add(f"{metric}_excess@1", condition, "all", ratio(excess(values), n), None, n, again)
    add("kl_rounding@1", condition, "all", ratio(rounding(kl), n), None, n, again)
    massive = {c: column(c, "massive").astype(float) for c in (condition, baseline)}
    for c in (condition + "-rerun", baseline + "-rerun"):
        massive[c] = np.where(chunk_rerun[token_chunk], column(c, "massive"), np.nan)
    flipped = {
        condition: (massive[condition] != massive[baseline]).astype(float),
        condition + "-rerun": np.where(np.isnan(massive[condition + "-rerun"]), np.nan, massive[condition + "-rerun"] != massive[condition]),
        baseline + "-rerun": np.where(np.isnan(massive[baseline + "-rerun"]), np.nan, massive[baseline + "-rerun"] != massive[baseline]),
    }
    tokens = again.sums(ones, every)
    add("massive_flipped_excess@1", condition, "all", ratio(excess(flipped), tokens), None, tokens, again)
    whole = headline.sums(ones, every)
    gained = headline.sums(((massive[condition] > massive[baseline])).astype(float), every)
    lost = headline.sums(((massive[condition] < massive[baseline])).astype(float), every)
    add("massive_gained@1", condition, "all", lambda w: w @ gained, None, whole)
    add("massive_lost@1", condition, "all", lambda w: w @ lost, None, whole)
    flip = flipped[condition] == 1
    moved, norm, total = column(condition, "squared_perturbation"), column(condition, "squared_norm"), column(condition, "sum")
    add("flipped_perturbation_share@1", condition, "all", ratio(headline.sums(moved, flip), headline.sums(moved, every)), None, whole)
    parts = [headline.sums(v, m) for v, m in ((norm, flip), (total, flip), (ones, flip), (norm, every), (total, every))]

    def share(w, parts=parts, whole=whole):
        a, b, c, d, e = (w @ part for part in parts)
        mean = e / (w @ whole * D)
        return (a - 2 * mean * b + c * D * mean**2) / (d - e * mean)

    add("flipped_denominator_share@1", condition, "all", share, None, whole)

for condition in conditions:
    own = headline.sums(column(condition, "massive").astype(float), every)
    base = headline.sums(column(baseline, "massive").astype(float), every)
    whole = headline.sums(np.ones(N), every)
    add("massive@1", condition, "all", ratio(own, whole), ratio(base, whole), whole)
    for stratum in STRATA:
        pair = condition if stratum in ("ordinary", "without_massive") else baseline
        x = Measured(headline, condition, stratum, pair, of=None if condition == baseline else baseline)
        b = Measured(headline, baseline, stratum, pair)
        tokens, shows = x.tokens, pair != baseline
        for metric, own, base, sizes in (
            ("fvu_article@1", x.fvu_article, b.fvu_article, x.variance()), ("fvu@1", x.fvu, b.fvu, x.vector_variance()),
            ("relative_error_median@1", quantile(x.ratios), quantile(b.ratios), tokens),
            ("l0@1", x.mean("l0"), b.mean("l0"), tokens), ("mse@1", x.mean("error", D), b.mean("error", D), tokens),
            ("cosine@1", x.mean("cosine"), b.mean("cosine"), tokens), ("relative_residual@1", x.residual, b.residual, x.norm),
        ):
            add(metric, condition, stratum, own, base, sizes, reference=shows)
        if condition != baseline and stratum in ("all", "ordinary"):
            moved = lambda w: np.sqrt(w @ x.moved / (w @ b.norm))
            add("perturbation@1", condition, stratum, moved, None, b.norm)
            add("noise_floor_article@1", condition, stratum, lambda w: moved(w) / x.residual(w), None, x.error)
            add("noise_floor@1", condition, stratum, lambda w: moved(w) / b.residual(w), None, b.error)
            add("moved_farther@1", condition, stratum, x.mean("farther"), None, tokens)
            add("noise_ratio_median@1", condition, stratum, quantile(x.moves), None, tokens)
            y, z = Measured(again, condition, stratum, pair, of=baseline), Measured(again, baseline, stratum, pair)
            cell = flags if pair == baseline else (flags & 1) | ((column(pair, "massive") | column(baseline, "massive")) << 1)
            mask = STRATA[stratum](cell)
            rounding = sum(again.sums(column(c + "-rerun", "squared_perturbation"), mask) for c in (condition, baseline))

            def floor(w, y=y, z=z, rounding=rounding):
                rest = (w @ y.moved - w @ rounding / 2) / (w @ z.norm)
                return np.sign(rest) * np.sqrt(np.abs(rest)) / y.residual(w)

            add("noise_floor_excess@1", condition, stratum, floor, None, y.error, again)

branched = Sample(chunks_for(description["budget"]["headline"]), branches=True)


def spliced(condition):
    values = {"nll": np.where(np.isfinite(column(condition, "nll_sae")), column(condition, "nll"), np.nan)}
    values |= {name: column(condition, name) for name in ("nll_sae", "nll_zero", "nll_mean", "kl_sae", "kl_zero", "kl_mean")}
    return {name: branched.sums(v, every) for name, v in values.items()}


n = branched.sums(np.ones(N), np.isfinite(column(baseline, "nll_sae")))
for condition in conditions:
    own, base = spliced(condition), spliced(baseline)
    means = {"loss_without": "nll", "loss": "nll_sae", "loss_zero": "nll_zero", "loss_mean": "nll_mean", "kl": "kl_sae",
             "kl_zero": "kl_zero", "kl_mean": "kl_mean"}
    forms = {name: lambda x, of=of: ratio(x[of], n) for name, of in means.items()}
    forms["rise"] = lambda x: ratio(x["nll_sae"] - x["nll"], n)
    for ablation in ("zero", "mean"):
        forms[f"loss_recovered_{ablation}"] = lambda x, a=ablation: ratio(x[f"nll_{a}"] - x["nll_sae"], x[f"nll_{a}"] - x["nll"])
        forms[f"kl_recovered_{ablation}"] = lambda x, a=ablation: ratio(x[f"kl_{a}"] - x["kl_sae"], x[f"kl_{a}"])
    for name, form in forms.items():
        add(f"splice_{name}@1", condition, "all", form(own), form(base), n, branched)

PRIMARY = [
    ("cross_entropy@1", "all", "percentChange"), ("kl_excess@1", "all", "estimate"),
    ("disagreement_excess@1", "all", "estimate"), ("fvu_article@1", "all", "percentChange"),
    ("fvu@1", "ordinary", "percentChange"), ("mse@1", "ordinary", "percentChange"),
]
reaches = {}
for condition in conditions[1:]:
    family = [statistics[metric, condition, stratum][form] for metric, stratum, form in PRIMARY]
    assert min(headline.n, again.n) >= 40, "what stands on fewer documents takes no part"
    reaches[condition] = family[0].quantile(np.max([s.t for s in family], axis=0))


def reach(entry, form):
    metric = "cross_entropy@1" if entry["metric"] == "perplexity@1" else entry["metric"]
    primary = [p for p in PRIMARY if p[:2] == (metric, entry["stratum"])]
    if not primary or entry["condition"] == baseline:
        return None
    is_judged = form in ("change", "percentChange") or primary[0][2] == "estimate"
    return reaches[entry["condition"]] if is_judged else None


entries = [entry | {name: s.entry(reach(entry, name)) for name, s in forms.items()} for entry, forms in findings]

snapshots = []
for condition in conditions:
    for metric in ("fvu_article", "fvu"):
        for stratum in ("all", "ordinary"):
            for requested in description["budget"]["snapshots"]:
                sample = Sample(chunks_for(requested))
                pair = condition if stratum == "ordinary" else baseline
                x, b = (Measured(sample, c, stratum, pair) for c in (condition, baseline))
                own, base = getattr(x, metric), getattr(b, metric)
                sizes = x.variance() if metric == "fvu_article" else x.vector_variance()
                value = Statistic(sample, own, sizes).entry()
                percent = None
                if condition != baseline:
                    percent = Statistic(sample, lambda w: 100 * (own(w) - base(w)) / base(w), sizes).entry()
                snapshots.append([condition, metric + "@1", stratum, requested, int(sample.tokens.sum()), value, percent])

sources = []
for number, name in enumerate(description["corpus"]["sources"]):
    base_nll, base_count = scored(baseline, headline, source == number)
    for condition in conditions:
        nll, count = scored(condition, headline, source == number)
        own, base = ratio(nll, count), ratio(base_nll, base_count)
        change = None
        if condition != baseline:
            change = Statistic(headline, lambda w: 100 * (own(w) - base(w)) / base(w), count).entry()
        sources.append([name, condition, Statistic(headline, own, count).entry(), change])

# Shares of the four cells, from the baseline's vectors themselves where a sum of vectors is needed.
inside = headline.tokens
error, norm = column(baseline, "squared_error"), column(baseline, "squared_norm")
vectors = run[f"measurements/{baseline}/sae/vector_sum"][:][headline.segments].sum(axis=0)
mean = vectors.sum(axis=0) / inside.sum()
cells = []
for cell in range(4):
    mask = inside & ((flags & 3) == cell)
    variance = norm[mask].sum() - 2 * mean @ vectors[cell] + mask.sum() * mean @ mean
    cells.append([int(mask.sum()), float(norm[mask].sum()), float(variance), float(error[mask].sum())])
totals = [sum(cell[k] for cell in cells) for k in range(4)]
shares = [[cell[0]] + [cell[k] / totals[k] for k in range(4)] for cell in cells]

json.dump(
    {
        "content_sha256": run.attrs["content_sha256"], "made_with": f"numpy {np.__version__}, h5py {h5py.__version__}",
        "findings": entries, "snapshots": snapshots, "sources": sources, "cells": shares,
    },
    open(sys.argv[2], "w"), indent=None, separators=(",", ":"), sort_keys=True)
