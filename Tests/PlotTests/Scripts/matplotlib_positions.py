"""Where matplotlib puts the data of clearbox's figures.

usage: matplotlib_positions.py IN.json OUT.json

IN: a list of panels, lengths in pixels at 96 per inch, y down from the figure's top:
  size [width, height], box [left, top, width, height] of the plotting area,
  x and y {kind: "linear" | "logarithmic" | "symmetric logarithmic" | "categories", low, high},
  spots [[x, y, dx, dy], …] data and a shift on paper (null: any place on that axis),
  markers [index of a spot, …] to be rasterised, each alone.
OUT: per panel, spots [[px, py], …] from transData, and centroids [[px, py], …] of the rasterised markers.

Needs Debian's python3-matplotlib (3.6.3 there) and numpy; draws with Agg, nothing on a screen.
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.transforms import ScaledTranslation

DPI = 96


def panel_positions(panel):
    # Whole pixels: Agg's canvas has no others. The axes' box is where it was, to the last digit.
    width, height = (int(np.ceil(length)) for length in panel["size"])
    left, top, w, h = panel["box"]
    figure = plt.figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    axes = figure.add_axes([left / width, (height - top - h) / height, w / width, h / height])
    for name, axis in (("x", panel["x"]), ("y", panel["y"])):
        # Linear to 1 in either direction, where a decade beyond is as long as the part from 0 to 1.
        scale = {
            "logarithmic": ("log", {}),
            "symmetric logarithmic": ("symlog", {"linthresh": 1, "linscale": 0.9}),
        }.get(axis["kind"], ("linear", {}))
        getattr(axes, f"set_{name}scale")(scale[0], **scale[1])
        ends = (axis["low"], axis["high"])
        # Rows of categories run from top to bottom.
        flipped = name == "y" and axis["kind"] == "categories"
        getattr(axes, f"set_{name}lim")(*(reversed(ends) if flipped else ends))
    axes.set_axis_off()

    data = np.array(
        [[panel["x"]["low"] if x is None else x, panel["y"]["low"] if y is None else y] for x, y, _, _ in panel["spots"]]
    ).reshape(-1, 2)
    shift = np.array([spot[2:] for spot in panel["spots"]], dtype=float).reshape(-1, 2)
    places = axes.transData.transform(data)
    spots = np.column_stack([places[:, 0] + shift[:, 0], height - places[:, 1] + shift[:, 1]])

    centroids = []
    for index in panel["markers"]:
        x, y, dx, dy = panel["spots"][index]
        moved = axes.transData + ScaledTranslation(dx / DPI, -dy / DPI, figure.dpi_scale_trans)
        # 5.6 points across. Two equal colours keep Agg from setting the marker to whole pixels, as it does with one.
        dots = axes.scatter(
            [x], [y], s=5.6**2, color="black", linewidths=0, marker="o", clip_on=False, transform=moved)
        dots.set_facecolor(["black", "black"])
        dots.set_snap(False)
        figure.canvas.draw()
        ink = 255.0 - np.asarray(figure.canvas.buffer_rgba())[:, :, 0]
        columns, rows, total = ink.sum(axis=0), ink.sum(axis=1), ink.sum()
        if total == 0:
            raise SystemExit(f"a marker at {panel['spots'][index]} leaves the figure")
        middles = [(sums * (np.arange(sums.size) + 0.5)).sum() / total for sums in (columns, rows)]
        centroids.append([float(middle) for middle in middles])
        dots.remove()
    plt.close(figure)
    return {"spots": spots.tolist(), "centroids": centroids}


if __name__ == "__main__":
    with open(sys.argv[1]) as source:
        panels = json.load(source)
    with open(sys.argv[2], "w") as target:
        json.dump([panel_positions(panel) for panel in panels], target, allow_nan=False)
