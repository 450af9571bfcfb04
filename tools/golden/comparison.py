"""Expected resampled differences and intervals of two made-up runs, computed with numpy and scipy alone.

    python tools/golden/comparison.py Tests/AnalysisTests/Goldens/comparison.json

The data: 60 documents of unequal lengths, losses of two runs, errors and energies (seed 20260, numpy's default_rng). The golden
has, for the paired difference of mean losses and of ratios (error over energy):

- the 400 replicates that scipy.stats.bootstrap draws (method BCa, paired, vectorized, rng = default_rng(7)) and its interval;
- the symmetric studentized interval and p value over the same draws, each resample's standard error computed directly from
  the drawn documents as that of a ratio (numpy.random.default_rng(7).integers(0, 60, (400, 60)) are the draws).

Made with numpy 2.4 and scipy 1.17; nothing here is shared with clearbox's code.
"""

import json
import sys

import numpy as np
import scipy
from scipy.stats import bootstrap

DOCUMENTS, REPLICATES, SEED, LEVEL = 60, 400, 7, 0.95
rng = np.random.default_rng(20260)
tokens = np.ceil(10 + 30 * np.exp(rng.standard_normal(DOCUMENTS)))
loss_a = 3 * np.exp(0.3 * rng.standard_normal(DOCUMENTS)) * rng.gamma(tokens)
loss_b = loss_a + 0.06 * rng.gamma(tokens) + 0.2 * np.sqrt(tokens) * rng.standard_normal(DOCUMENTS)
energy = rng.gamma(tokens) * np.exp(0.3 * rng.standard_normal(DOCUMENTS))
error_a = 0.2 * energy * np.exp(0.2 * rng.standard_normal(DOCUMENTS))
error_b = error_a * (1.01 + 0.05 * rng.standard_normal(DOCUMENTS))
draws = np.random.default_rng(SEED).integers(0, DOCUMENTS, (REPLICATES, DOCUMENTS))


def mean_difference(m, a, b, axis=-1):
    return b.sum(axis=axis) / m.sum(axis=axis) - a.sum(axis=axis) / m.sum(axis=axis)


def studentized(m, d):
    """Symmetric bootstrap-t of the ratio Σd ∕ Σm, jackknife error of the estimate, ratio error in each resample."""
    estimate = d.sum() / m.sum()
    n = len(m)
    leave_one_out = np.array([(d.sum() - d[i]) / (m.sum() - m[i]) for i in range(n)])
    influence = (n - 1) * (estimate - leave_one_out)
    influence -= influence.mean()
    error = np.sqrt((influence**2).sum() / (n * (n - 1)))
    distances = []
    for index in draws:
        # The influence in the sample, read as a ratio's: what SE* of a resample is made of.
        size = m[index] / m.mean()
        own = influence[index]
        ratio = own.sum() / size.sum()
        replicate_error = np.sqrt(n / (n - 1) * ((own - ratio * size) ** 2).sum()) / size.sum()
        distances.append(abs(d[index].sum() / m[index].sum() - estimate) / replicate_error)
    distances = np.sort(distances)
    quantile = distances[int(np.ceil((REPLICATES + 1) * LEVEL)) - 1]
    beyond = int((distances >= abs(estimate) / error).sum())
    return {
        "estimate": estimate, "error": error, "low": estimate - quantile * error, "high": estimate + quantile * error,
        "beyond": beyond,
    }


result = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__}, "replicates": REPLICATES, "seed": SEED,
    "tokens": tokens.tolist(), "lossA": loss_a.tolist(), "lossB": loss_b.tolist(), "energy": energy.tolist(),
    "errorA": error_a.tolist(), "errorB": error_b.tolist(),
}
for name, m, a, b in (("loss", tokens, loss_a, loss_b), ("fvu", energy, error_a, error_b)):
    # scipy draws as default_rng(SEED).integers(0, n, (B, n)).
    own = bootstrap(
        (m, a, b), mean_difference, paired=True, vectorized=True, n_resamples=REPLICATES, method="BCa",
        confidence_level=LEVEL, rng=np.random.default_rng(SEED))
    big = bootstrap(
        (m, a, b), mean_difference, paired=True, vectorized=True, n_resamples=20000, method="BCa",
        confidence_level=LEVEL, rng=np.random.default_rng(SEED + 1))
    percentile = bootstrap(
        (m, a, b), mean_difference, paired=True, vectorized=True, n_resamples=20000, method="percentile",
        confidence_level=LEVEL, rng=np.random.default_rng(SEED + 1))
    result[name] = {
        "replicates": own.bootstrap_distribution.tolist(), "bcaLow": own.confidence_interval.low,
        "bcaHigh": own.confidence_interval.high, "studentized": studentized(m, b - a),
        "standardError": float(big.standard_error), "bigBCa": [big.confidence_interval.low, big.confidence_interval.high],
        "bigPercentile": [percentile.confidence_interval.low, percentile.confidence_interval.high],
    }
with open(sys.argv[1], "w") as file:
    json.dump(result, file, indent=None, separators=(",", ":"))
    file.write("\n")
for name in ("loss", "fvu"):
    print(name, {k: v for k, v in result[name].items() if k != "replicates"})
