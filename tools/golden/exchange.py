"""Makes the golden data of Tests/ExchangeTests: made-up results in the article's layout, and what SAEBench requires.

usage: exchange.py GOLDENS SAE_BENCH
  GOLDENS    Tests/ExchangeTests/Goldens
  SAE_BENCH  an unpacked sae-bench 0.6.0 wheel (pip download --no-deps sae-bench==0.6.0; unzip)

article.json has the layout of the article's results_io.py at commit 12ef686, numbers of the published size, and one
measurement each that failed and that ran out of memory. Nobody measured them. No randomness. Python 3.11.7, standard library alone.
"""
import json
import math
import sys
from pathlib import Path

folder, bench = Path(sys.argv[1]), Path(sys.argv[2])
checkpoints = [6144, 20480, 51200, 100352, 200704, 500224]


def sae(width, energy, fvu, l0, tokens=51200):
    drift = [1.012, 1.004, 1.0, 0.9995, 0.9992, 0.9991]
    return {
        "fvu": fvu, "l0": l0, "mse": fvu * energy / (tokens * width), "fvu_denominator": energy, "tokens": tokens,
        "stability": [{"tokens": n, "fvu": fvu * f, "l0": l0 * (2 - f)} for n, f in zip(checkpoints, drift)],
    }


def noise(width, perturbation, mean, residual, energy, tokens=50176):
    return {
        "pert_rel_l2": perturbation, "mean_token_l2": mean, "sae_residual_rel": residual,
        "ratio": perturbation / residual, "pert_mse": perturbation**2 * energy / (tokens * width),
        "sae_mse": residual**2 * energy / (tokens * width), "tokens": tokens,
    }


def performance(loss, base, tokens=51100):
    return {
        "cross_entropy": loss, "perplexity": math.exp(loss), "delta_vs_bf16_abs": loss - base,
        "delta_vs_bf16_pct": (loss - base) / base * 100.0, "tokens": tokens,
    }


small, large = (2560, 4.1234e13), (3840, 2.7182e13)
results = {
    "metadata": {
        "timestamp": "20260624_120102", "models": ["google/gemma-3-4b-pt", "google/gemma-3-12b-pt"],
        "bit_widths": ["bf16", "8bit", "4bit"], "n_tokens": 50000, "max_tokens": 500000, "headline_target": 50000,
        "shuffle_seed": 0, "shuffle_buffer": 10000, "dataset": "NeelNanda/pile-10k",
        "gpu": "Fabricated GPU: these numbers were made up for tests, nobody measured them",
        "measurements": {"sae": True, "noise_floor": True, "model_performance": True},
    },
    "conditions": {
        "google/gemma-3-4b-pt": {
            "bf16": {"sae": sae(*small, 0.00813, 61.37), "performance": performance(2.3172, 2.3172)},
            "8bit": {
                "sae": sae(*small, 0.00815, 61.52), "noise_floor": noise(2560, 0.0312, 311.8, 0.0903, 4.02e13),
                "performance": performance(2.3201, 2.3172),
            },
            "4bit": {
                "sae": sae(*small, 0.00841, 62.9), "noise_floor": noise(2560, 0.1145, 1204.6, 0.0917, 4.02e13),
                "performance": performance(2.3641, 2.3172),
            },
        },
        "google/gemma-3-12b-pt": {
            "bf16": {"sae": sae(*large, 0.01204, 58.11), "performance": performance(2.0415, 2.0415)},
            "8bit": {
                "sae": sae(*large, 0.01203, 58.2), "noise_floor": noise(3840, 0.0287, 402.3, 0.1097, 2.6e13),
                "performance": {"status": "N/A (OOM)"},
            },
            "4bit": {
                "sae": sae(*large, 0.0124, 59.75), "noise_floor": {"status": "FAIL"},
                "performance": performance(2.0966, 2.0415),
            },
        },
    },
}
folder.mkdir(parents=True, exist_ok=True)
(folder / "article.json").write_text(json.dumps(results, indent=2))

schema = json.loads((bench / "sae_bench/evals/core/eval_output_schema_core.json").read_text())
definitions = schema["$defs"]
categories = definitions["CoreMetricCategories"]
types = {}
for category in categories["required"]:
    name = categories["properties"][category]["$ref"].split("/")[-1]
    types[category] = {key: definitions[name]["properties"][key]["type"] for key in definitions[name]["required"]}
config = {key: value["type"] for key, value in definitions["CoreEvalConfig"]["properties"].items()}
required = {"required": schema["required"], "properties": sorted(schema["properties"]), "metrics": types, "config": config}
(folder / "saebench-core.json").write_text(json.dumps(required, indent=1, sort_keys=True) + "\n")
