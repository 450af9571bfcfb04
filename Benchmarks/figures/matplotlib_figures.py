"""The study's figures as a careful researcher draws them with matplotlib, from the same CSV files.

usage: matplotlib_figures.py FOLDER OUT     FOLDER has performance.csv, fvu.csv, …; OUT gets PNG, SVG and PDF of each

Matplotlib's defaults, plus what one adds without being asked: axis labels, error bars, a legend, tight_layout, twice the
pixels for PNG. Needs matplotlib (3.6.3 in Debian 12).
"""

import csv
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SIZE = (183 / 25.4, 3.2)  # inches: across both columns of a journal


def number(text):
    return float(text) if text else None


def read(folder, name):
    with open(Path(folder) / f"{name}.csv", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def load(folder):
    return {path.stem: read(folder, path.stem) for path in sorted(Path(folder).glob("*.csv"))}


def errors(rows, value, low, high):
    """Distances from each value to its interval's ends, as errorbar wants them; None without intervals."""
    if not all(row[low] for row in rows):
        return None
    return [[number(r[value]) - number(r[low]) for r in rows], [number(r[high]) - number(r[value]) for r in rows]]


def groups(rows, *keys):
    found = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return found.items()


def performance(data):
    rows = data["performance"]
    figure, (change, perplexity) = plt.subplots(1, 2, figsize=SIZE)
    for row in rows:
        bits = number(row["bits per parameter"])
        if row["change (%)"]:
            bars = errors([row], "change (%)", "interval low (%)", "interval high (%)")
            change.errorbar(bits, number(row["change (%)"]), yerr=bars, fmt="o", capsize=3, label=row["condition"])
        else:
            change.errorbar(bits, 0, fmt="o", label=row["condition"])
        perplexity.plot(bits, number(row["perplexity"]), "o", label=row["condition"])
    change.axhline(0, color="grey", linestyle="--", linewidth=1)
    for axes, label in ((change, "Change of cross-entropy (%)"), (perplexity, "Perplexity")):
        axes.set_xlabel("Bits per parameter")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


def fvu(data):
    bits = {row["condition"]: number(row["bits per parameter"]) for row in data["performance"]}
    names = list(dict.fromkeys(row["condition"] for row in data["fvu"] if row["change (%)"]))
    figure, (value, change) = plt.subplots(1, 2, figsize=SIZE)
    for rank, ((form,), rows) in enumerate(groups(data["fvu"], "definition")):
        value.errorbar(
            [bits[row["condition"]] for row in rows], [number(row["FVU"]) for row in rows],
            yerr=errors(rows, "FVU", "interval low", "interval high"), fmt="o-", capsize=3, label=form)
        # Set apart by hand: the four would cover each other.
        changed = [row for row in rows if row["change (%)"]]
        change.errorbar(
            [number(row["change (%)"]) for row in changed],
            [names.index(row["condition"]) + rank * 0.15 - 0.22 for row in changed],
            xerr=errors(changed, "change (%)", "change low (%)", "change high (%)"), fmt="o", capsize=3)
    value.set_ylim(bottom=0)
    value.set_xlabel("Bits per parameter")
    value.set_ylabel("FVU")
    change.axvline(0, color="grey", linestyle="--", linewidth=1)
    change.set_yticks(range(len(names)), names)
    change.invert_yaxis()
    change.set_xlabel("Change of FVU (%)")
    for axes in (value, change):
        axes.grid(alpha=0.3)
    figure.legend(loc="upper center", ncol=4, fontsize="x-small")
    return figure


def noise_floor(data):
    figure, axes = plt.subplots(figsize=SIZE)
    rows = data["noise-floor"]
    names = list(dict.fromkeys(row["condition"] for row in rows))
    for rank, ((tokens, form), own) in enumerate(groups(rows, "tokens", "ratio, form")):
        axes.errorbar(
            [number(row["ratio"]) for row in own], [names.index(row["condition"]) + rank * 0.1 - 0.15 for row in own],
            xerr=errors(own, "ratio", "interval low", "interval high"), fmt="o", capsize=3, label=f"{form}, {tokens}")
    axes.axvline(1, color="grey", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("Perturbation ÷ SAE residual")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    return figure


def stabilization(data):
    measures = list(groups(data["stabilization"], "measure"))
    figure, panels = plt.subplots(1, len(measures), figsize=(SIZE[0], 2.6), squeeze=False)
    for axes, ((measure,), rows) in zip(panels[0], measures):
        for (condition,), own in groups(rows, "condition"):
            x = [number(row["tokens"]) for row in own]
            axes.plot(x, [number(row["FVU"]) for row in own], "o-", label=condition)
            if own[0]["interval low"]:
                axes.fill_between(
                    x, [number(row["interval low"]) for row in own], [number(row["interval high"]) for row in own], alpha=0.2)
        axes.set_xscale("log")
        axes.set_xlabel("Tokens")
        axes.set_ylabel("FVU")
        axes.set_title(measure, fontsize="small")
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    return figure


def sources(data):
    figure, (change, level) = plt.subplots(1, 2, figsize=SIZE, sharey=True)
    rows = data["sources"]
    names = list(dict.fromkeys(row["source"] for row in rows))
    for rank, ((condition,), own) in enumerate(groups(rows, "condition")):
        places = [names.index(row["source"]) + rank * 0.2 - 0.3 for row in own]
        if own[0]["change (%)"]:
            change.errorbar(
                [number(row["change (%)"]) for row in own], places,
                xerr=errors(own, "change (%)", "change low (%)", "change high (%)"), fmt="o", capsize=3, label=condition)
        else:
            value = "cross-entropy (nats per token)"
            level.errorbar(
                [number(row[value]) for row in own], places, xerr=errors(own, value, "interval low", "interval high"),
                fmt="o", capsize=3, label=condition)
    change.axvline(0, color="grey", linestyle="--", linewidth=1)
    change.set_yticks(range(len(names)), names)
    change.invert_yaxis()
    change.set_xlabel("Change of cross-entropy (%)")
    level.set_xlabel("Cross-entropy (nats per token)")
    for axes in (change, level):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    return figure


def tradeoff(data):
    forms = ("textbook", "article")
    figure, panels = plt.subplots(1, 2, figsize=SIZE, sharex=True, sharey=True)
    for axes, form in zip(panels, forms):
        for row in (row for row in data["tradeoff"] if form in row["definition"]):
            axes.errorbar(
                number(row["change of cross-entropy (%)"]), number(row["change of FVU (%)"]),
                xerr=errors([row], "change of cross-entropy (%)", "interval low (%)", "interval high (%)"),
                yerr=errors([row], "change of FVU (%)", "change low (%)", "change high (%)"), fmt="o", capsize=3,
                label=f"{row['condition']}, {row['definition'].split(', ')[-1]}")
        axes.axhline(0, color="grey", linestyle="--", linewidth=1)
        axes.axvline(0, color="grey", linestyle="--", linewidth=1)
        axes.set_xlabel("Change of cross-entropy (%)")
        axes.set_ylabel("Change of FVU (%)")
        axes.set_title(f"{form} form", fontsize="small")
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    return figure


def variance(data):
    figure, axes = plt.subplots(figsize=SIZE)
    rows = data["variance"]
    for rank, column in enumerate(("tokens", "the denominator", "the numerator")):
        bars = axes.barh(
            [place + rank * 0.25 for place in range(len(rows))], [number(row[f"share of {column} (%)"]) for row in rows],
            height=0.22, label=column)
        axes.bar_label(bars, fmt="%.2f%%", fontsize="small")
    axes.set_yticks([place + 0.25 for place in range(len(rows))], [row["tokens"] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("Share (%)")
    axes.legend(fontsize="small")
    return figure


FIGURES = {
    "performance": performance, "sources": sources, "fvu": fvu, "tradeoff": tradeoff, "variance": variance,
    "noise-floor": noise_floor, "stabilization": stabilization,
}


def draw(key, data, save):
    """Draws one figure and hands it to `save`; what it costs is what a script pays per figure."""
    figure = FIGURES[key](data)
    figure.tight_layout(rect=(0, 0, 1, 0.92 if figure.legends else 1))
    save(figure)
    plt.close(figure)


if __name__ == "__main__":
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    everything = load(folder)
    for key in FIGURES:
        if key in everything:
            draw(key, everything, lambda figure: [
                figure.savefig(out / f"{key}.{ending}", dpi=192) for ending in ("png", "svg", "pdf")])
