"""Small stand-ins for everything that studies/gemma-3-article.yaml names on the Hugging Face Hub.

usage: article.py OUTPUT_FOLDER --tokenizer TOKENIZER_JSON --parquet FILE [--seed 0]
Writes OUTPUT_FOLDER/{models,datasets}/<owner>/<name>: Gemma 3 4B and 12B with their true depth and spelling of names but
64 numbers wide, their SAEs at layers 17 and 24 with width 16k, and the given Parquet file under pile-10k's file name.
Random weights; the tokenizer's vocabulary decides the models'. Needs numpy alone.
"""

import argparse
import json
import os
import shutil

import numpy as np

from gemma3 import Shape, write_checkpoint, write_sae

DATA = "data/train-00000-of-00001-4746b8785c874cc7.parquet"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--parquet", required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    shutil.rmtree(args.out, ignore_errors=True)
    with open(args.tokenizer) as file:
        tokenizer = json.load(file)
    ids = list(tokenizer["model"]["vocab"].values()) + [token["id"] for token in tokenizer["added_tokens"]]
    rng = np.random.default_rng(args.seed)
    for size, depth, layer in [("4b", 34, 17), ("12b", 48, 24)]:
        shape = Shape(64, depth, 2, 1, 32, 128, 1024, 32, 8.0, max(ids) + 1)
        owner = os.path.join(args.out, "models/google")
        write_checkpoint(os.path.join(owner, f"gemma-3-{size}-pt"), shape, args.tokenizer, rng)
        write_sae(
            os.path.join(owner, f"gemma-scope-2-{size}-pt/resid_post/layer_{layer}_width_16k_l0_medium"), size, 64,
            layer, 15.0, rng)
    data = os.path.join(args.out, "datasets/NeelNanda/pile-10k", DATA)
    os.makedirs(os.path.dirname(data))
    shutil.copy(args.parquet, data)


if __name__ == "__main__":
    main()
