"""llama.cpp's perplexity tool over the study's text, at its own defaults but for the threads.

usage: llama.py PEERS_DIR MODEL.gguf CORPUS.jsonl [--chunks N] [--threads N] [--repeat N]

PEERS_DIR is install.sh's, MODEL.gguf the bf16 file that model.py writes. The text is the corpus's documents in the default study's
order joined by empty lines, as clearbox's packing `llama_cpp` joins them. Contexts of 512, batches of 2048 (four contexts).

The tool computes logits for the second half of each context alone and scores 255 predictions of it; it has no autoencoder and
no baseline. Three times, each of the best of --repeat runs:
    prompt_eval_seconds   the tool's own: the forward passes, without the losses (how it is put together: see `run`)
    seconds               by the clock, from the tool's line "calculating perplexity" to its final estimate: losses included
    process_seconds       the whole process: loading and tokenizing the whole text too
Prints one JSON line; rates are tokens of whole contexts a second.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tokens


def run(tool: Path, model: Path, text: Path, chunks: int | None, threads: int) -> dict:
    """One run of the tool.

    At this commit its "prompt eval time" counts the first batch's tokens and not its time: the buffer of outputs grows inside that
    batch's decode, and growing (`llama_context::output_reserve`) synchronizes, which closes the count before the work begins.
    The line "seconds per pass" has the first batch's time, so the two add up to the whole.
    """
    # Verbosity 4 is where the tool prints its timing.
    command = [tool, "-m", model, "-f", text, "-c", "512", "-t", str(threads), "-lv", "4"]
    command += ["--chunks", str(chunks)] if chunks else []
    start, begun, ended, output = time.perf_counter(), None, None, ""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    for line in process.stdout:
        output += line
        if "calculating perplexity over" in line:
            begun = time.perf_counter()
        elif "Final estimate" in line:
            ended = time.perf_counter()
    process.wait()
    wall = time.perf_counter() - start

    def find(pattern: str) -> re.Match:
        found = re.search(pattern, output)
        if process.returncode or not found:
            sys.exit(f"{output[-3000:]}\n{tool}: exit code {process.returncode}, and no line like {pattern!r}")
        return found

    plan = find(r"calculating perplexity over (\d+) chunks, n_ctx=(\d+), batch_size=(\d+)")
    first = find(r"([\d.]+) seconds per pass")
    prompt = find(r"prompt eval time =\s*([\d.]+) ms /\s*(\d+) tokens")
    estimate = find(r"Final estimate: PPL = ([\d.]+) \+/- ([\d.]+)")
    return {
        "chunks": int(plan[1]), "chunk_length": int(plan[2]), "batch_tokens": int(plan[3]), "tokens": int(plan[1]) * int(plan[2]),
        "seconds": ended - begun, "prompt_eval_seconds": float(first[1]) + float(prompt[1]) / 1000,
        "prompt_eval_seconds_as_printed": float(prompt[1]) / 1000, "process_seconds": wall, "perplexity": float(estimate[1]), "perplexity_standard_error": float(estimate[2])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--chunks", type=int, help="contexts to measure; all that there are if not given")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeat", type=int, default=1)
    a = parser.parse_args()
    tool = a.peers / "bin/llama-perplexity"
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "study.txt"
        text.write_text("\n\n".join(tokens.documents(a.corpus)), encoding="utf-8", newline="\n")
        best = min((run(tool, a.model, text, a.chunks, a.threads) for _ in range(a.repeat)), key=lambda r: r["seconds"])
    print(json.dumps({
        "program": "llama-perplexity", "version": (a.peers / "bin/llama-perplexity.version").read_text().strip(),
        "model": a.model.name, "threads": a.threads, **best,
        "tokens_per_second": best["tokens"] / best["seconds"],
        "prompt_eval_tokens_per_second": best["tokens"] / best["prompt_eval_seconds"]}))


if __name__ == "__main__":
    main()
