"""Expected spread of the change of predictions over tokens, and metrics of kinds of tokens, with h5py and numpy alone.

    CLEARBOX_GOLDEN_RUN=/tmp/golden.h5 swift test -c release -Xswiftc -enable-testing --filter GoldenRunTests
    python tools/golden/predictions.py /tmp/golden.h5 Tests/AnalysisTests/Goldens/predictions.json

Any run file serves in place of the golden one; without an output the numbers are printed. Nothing here is shared with clearbox's
code: scripts of tokens are told by Python's unicodedata.
"""

import json
import sys
import unicodedata

import h5py
import numpy as np

run = h5py.File(sys.argv[1], "r")
description = json.loads(run.attrs["description"])
conditions = description["conditions"]
baseline = next(c["name"] for c in conditions if c["isBaseline"])
chunk, ids, position = (run[f"tokens/{name}"][:] for name in ("chunk", "id", "position"))

# Tokens up to the first batch boundary at or after the headline.
ends = run["batches/first_chunk"][:] + run["batches/chunk_count"][:]
reached = run["chunks/first_token"][:][ends - 1] + run["chunks/token_count"][:][ends - 1]
count = next((n for n in reached if n >= description["budget"]["headline"]), len(ids))
inside = np.arange(len(ids)) < count


def column(condition, name):
    return run[f"measurements/{condition}/accuracy/{name}"][:].astype(float)


def script(text):
    if text.startswith("<") and text.endswith(">"):
        return "other"
    found = "other"
    for character in text:
        category = unicodedata.category(character)
        if category[0] in "LM":
            words = [w for w in unicodedata.name(character, "").split(" ") if w not in ("FULLWIDTH", "HALFWIDTH")]
            known = {"LATIN": "latin", "GREEK": "greek", "CYRILLIC": "cyrillic", "CJK": "han", "HIRAGANA": "kana", "KATAKANA": "kana",
                     "KATAKANA-HIRAGANA": "kana", "HANGUL": "hangul", "ARABIC": "arabic", "HEBREW": "hebrew", "DEVANAGARI": "devanagari"}
            return known.get(words[0] if words else "", "letters")
        if category == "Nd":
            found = "digits"
    return found


scored = inside & ~np.isnan(column(baseline, "nll"))
buckets = {}
sources = run["tokens/source"][:]
for number, name in enumerate(description["corpus"]["sources"]):
    buckets[f"source/{name}"] = scored & (sources == number)
if f"measurements/{baseline}/accuracy/entropy" in run:
    entropy = column(baseline, "entropy")
    bounds = [-np.inf, *np.percentile(entropy[scored], [25, 50, 75]), np.inf]
    for quarter in range(4):
        buckets[f"entropy/q{quarter + 1}"] = scored & (entropy > bounds[quarter]) & (entropy <= bounds[quarter + 1])
for name, low, high in [("1-15", 1, 15), ("16-63", 16, 63), ("64-255", 64, 255), ("256-up", 256, 1 << 30)]:
    buckets[f"position/{name}"] = scored & (position + 1 >= low) & (position + 1 <= high)
if "vocabulary" in run:
    texts = dict(zip(run["vocabulary/id"][:].tolist(), run["vocabulary/text"].asstr()[:]))
    scripts = {token: script(text) for token, text in texts.items()}
    following = np.array([scripts[token] for token in ids[1:]] + ["none"])
    for name in ("latin", "greek", "cyrillic", "han", "kana", "hangul", "arabic", "hebrew", "devanagari", "letters", "digits", "other"):
        buckets[f"script/{name}"] = scored & (following == name)

values = {}
for condition in [c["name"] for c in conditions]:
    nll = column(condition, "nll")
    compared = next(c for c in conditions if c["name"] == condition).get("reference") or baseline
    base = column(compared, "nll")
    for bucket, rows in buckets.items():
        if not rows.any():
            continue
        values[f"cross_entropy@1/{condition}/{bucket}"] = nll[rows].mean()
        if condition != baseline:
            values[f"cross_entropy@1/{condition}/{bucket}/change"] = nll[rows].mean() - base[rows].mean()
            values[f"cross_entropy@1/{condition}/{bucket}/percent"] = 100 * (nll[rows].mean() / base[rows].mean() - 1)
            values[f"kl@1/{condition}/{bucket}"] = column(condition, "kl")[rows].mean()
            values[f"top1_agreement@1/{condition}/{bucket}"] = column(condition, "top1_agreement")[rows].mean()
    if condition == baseline:
        continue
    kl, change = column(condition, "kl")[scored], np.exp(-nll[scored]) - np.exp(-base[scored])
    for name, percent in [("median", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("p999", 99.9)]:
        values[f"kl_{name}@1/{condition}/all"] = np.percentile(kl, percent)
    for name, percent in [("p01", 1), ("p05", 5), ("p50", 50), ("p95", 95), ("p99", 99)]:
        values[f"dp_{name}@1/{condition}/all"] = np.percentile(change, percent)
    values[f"dp_mean@1/{condition}/all"] = change.mean()
    values[f"dp_rms@1/{condition}/all"] = np.sqrt((change**2).mean())

golden = {"content_sha256": run.attrs["content_sha256"], "made_with": f"numpy {np.__version__}, h5py {h5py.__version__}",
          "values": {address: float(value) for address, value in values.items()}}
if len(sys.argv) > 2:
    json.dump(golden, open(sys.argv[2], "w"), separators=(",", ":"), sort_keys=True)
else:
    for address, value in golden["values"].items():
        print(address, repr(value))
