"""How long a figure takes in PNG, SVG and PDF: clearbox and matplotlib, both in their own process, from numbers in memory.

usage: times.py [--repeats 9] [--images FOLDER]      after `make test` or `make review-figures` has built the tests

clearbox: the test FigureTimes, from findings to the three files' bytes, captions and alt texts included. matplotlib: the
scripts of matplotlib_figures.py, from the rows of the same CSV files to the same three. Both are warmed up first; the
median of the repeats counts; importing matplotlib is timed apart. PNG has 192 pixels per inch on both sides. Prints a
Markdown table. --images also writes both sides' PNG of the figures that docs/figures-and-matplotlib.md shows.
"""

import argparse
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / ".build-test" / "figure-times"
FORMATS = ("png", "svg", "pdf")
# Those that the page shows.
SHOWN = ("performance", "fvu")


def ours(repeats):
    shutil.rmtree(OUT, ignore_errors=True)
    subprocess.run(
        ["swift", "test", "-c", "release", "-Xswiftc", "-enable-testing", "--scratch-path", ".build-test",
         "--skip-build", "--filter", "PlotTests.FigureTimes"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=os.environ | {"CLEARBOX_TIME_FIGURES": str(repeats)})
    return json.loads((OUT / "times.json").read_text())


def theirs(repeats):
    start = time.perf_counter()
    import matplotlib_figures as figures

    imported = time.perf_counter() - start
    data = figures.load(OUT)
    result = {}
    for key in figures.FIGURES:
        if key not in data:
            continue
        times = {name: [] for name in FORMATS + ("all",)}
        sizes = {}
        for turn in range(repeats + 1):
            spent = {}

            def save(figure):
                for name in FORMATS:
                    sink = io.BytesIO()
                    begin = time.perf_counter()
                    figure.savefig(sink, format=name, dpi=192)
                    spent[name] = time.perf_counter() - begin
                    sizes[name] = len(sink.getvalue())

            begin = time.perf_counter()
            figures.draw(key, data, save)
            spent["all"] = time.perf_counter() - begin
            if turn > 0:  # the first warms up
                for name, seconds in spent.items():
                    times[name].append(seconds)
        result[key] = {"seconds": {name: statistics.median(own) for name, own in times.items()}, "bytes": sizes}
    return result, imported


def cell(entry, name):
    return f"{entry['seconds'][name] * 1000:.1f} ms" if entry else "–"


def size(entry, name):
    return f"{entry['bytes'][name] / 1024:.0f} KB" if entry else "–"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--images", type=Path)
    options = parser.parse_args()
    if options.repeats < 7:
        parser.error("a median of fewer than 7 says little")
    sys.path.insert(0, str(Path(__file__).parent))
    mine = ours(options.repeats)
    others, imported = theirs(options.repeats)
    print("| figure | clearbox: PNG + SVG + PDF | matplotlib: the same | ratio | PNG bytes | SVG bytes | PDF bytes |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for key, entry in mine.items():
        other = others.get(key)
        ratio = f"{other['seconds']['all'] / entry['seconds']['all']:.1f} ×" if other else "–"
        bytes_ = " | ".join(f"{size(entry, name)} / {size(other, name)}" for name in FORMATS)
        print(f"| `{key}` | {cell(entry, 'all')} | {cell(other, 'all')} | {ratio} | {bytes_} |")
    print(f"\nMedians of {options.repeats}. Importing matplotlib takes another {imported:.2f} s, once per process.")
    if options.images:
        import matplotlib_figures as figures

        options.images.mkdir(parents=True, exist_ok=True)
        data = figures.load(OUT)
        for key in SHOWN:
            figures.draw(key, data, lambda figure: figure.savefig(options.images / f"{key}-matplotlib.png", dpi=192))
            shutil.copy(OUT / f"{key}.png", options.images / f"{key}-clearbox.png")


if __name__ == "__main__":
    main()
