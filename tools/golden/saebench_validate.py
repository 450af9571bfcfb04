"""Reads exported results with SAEBench's own types, strictly, and with its JSON Schema.

usage: saebench_validate.py SAE_BENCH RESULTS
  SAE_BENCH  an unpacked sae-bench 0.6.0 wheel (pip download --no-deps sae-bench==0.6.0; unzip)
  RESULTS    a folder of *_core_eval_results.json; the test suite writes one where CLEARBOX_SAEBENCH_FOLDER says

Needs pydantic (2.14.3) and, for the schema, jsonschema (left out where it is not installed). Prints a line per file.
"""
import json
import sys
import types
from pathlib import Path

from pydantic import TypeAdapter

bench, results = Path(sys.argv[1]), Path(sys.argv[2])
# The packages' own __init__ files import torch and more; the output types need none of it.
for name in ["sae_bench", "sae_bench.evals", "sae_bench.evals.core"]:
    module = types.ModuleType(name)
    module.__path__ = [str(bench / name.replace(".", "/"))]
    sys.modules[name] = module
from sae_bench.evals.core.eval_output import CoreEvalOutput  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None
schema = json.loads((bench / "sae_bench/evals/core/eval_output_schema_core.json").read_text())
for file in sorted(results.glob("*_core_eval_results.json")):
    output = TypeAdapter(CoreEvalOutput).validate_json(file.read_text(), strict=True)
    if jsonschema:
        jsonschema.validate(json.loads(file.read_text()), schema)
    quality = output.eval_result_metrics.reconstruction_quality
    print(file.name, output.eval_id, "explained variance", quality.explained_variance, "schema" if jsonschema else "")
