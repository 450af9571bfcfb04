"""Student's t quantiles and intervals of means, computed with scipy and numpy alone.

    python tools/golden/replicates.py Tests/AnalysisTests/Goldens/replicates.json

quantiles: the t with P(|T| <= t) = level, for degrees of freedom 1 to 200 and several levels (scipy.stats.t.ppf).
samples: 12 samples of 3 to 14 numbers (numpy's default_rng(2026)) with mean, standard deviation (n - 1), and the 95 % interval of
the mean (scipy.stats.t.interval).

Made with numpy 2.4 and scipy 1.17; nothing here is shared with clearbox's code.
"""

import json
import sys

import numpy as np
from scipy.stats import t

LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99, 0.9999]
quantiles = [
    {"degrees": n, "level": level, "t": float(t.ppf((1 + level) / 2, n))}
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 19, 29, 30, 99, 200]
    for level in LEVELS
]
rng = np.random.default_rng(2026)
samples = []
for size in range(3, 15):
    values = 3.2 + 0.05 * rng.standard_normal(size)
    low, high = t.interval(0.95, size - 1, loc=values.mean(), scale=values.std(ddof=1) / np.sqrt(size))
    samples.append(
        {
            "values": values.tolist(),
            "mean": float(values.mean()),
            "sd": float(values.std(ddof=1)),
            "low": float(low),
            "high": float(high),
        }
    )
with open(sys.argv[1], "w") as file:
    json.dump({"quantiles": quantiles, "samples": samples}, file, indent=1)
    file.write("\n")
