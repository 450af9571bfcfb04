"""The first run: gets the weights of Gemma 3 270M, measures the default study and writes its report.

usage: python -m clearbox [what clearbox run takes, such as --tokens 8000 --out mine]
"""

import os
import sys

from . import fetch_weights
from ._program import path


def main() -> None:
    if {"-h", "--help"} & set(sys.argv[1:]):
        sys.exit(__doc__)
    print("== Weights of Gemma 3 270M (250 MB; https://ai.google.dev/gemma/terms apply)", flush=True)
    print(f"   {fetch_weights()}", flush=True)
    program = path()
    os.execv(program, [program, "run", "gemma-3-270m", *sys.argv[1:]])


if __name__ == "__main__":
    main()
