"""Executes a notebook, and writes it with its outputs, small enough to be kept, and as a page.

usage: notebook.py NOTEBOOK FOLDER
Writes FOLDER/<name>.html with all outputs, and FOLDER/<name>.ipynb without those above 100 kB and without this machine's
paths: that one is what examples/ holds.
"""

import json
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

LARGEST = 100_000


def main() -> None:
    source, folder = map(Path, sys.argv[1:])
    notebook = nbformat.read(source, as_version=4)
    NotebookClient(
        notebook, timeout=1800, coalesce_streams=True, resources={"metadata": {"path": source.parent}}
    ).execute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{source.stem}.html").write_text(HTMLExporter().from_notebook_node(notebook)[0])
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [kept(output) for output in cell.outputs]
    del notebook.metadata["language_info"]
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    for path, name in ((os.getcwd(), ".."), (os.path.expanduser("~"), "~")):
        text = text.replace(path, name)
    (folder / f"{source.stem}.ipynb").write_text(text)
    print(f"   {folder / source.stem}.html and .ipynb, {len(text.encode()) / 1000:.0f} kB")


def kept(output):
    """An output in its best form alone; one that is too large, in words."""
    data = output.get("data", {})
    for kind in ("image/svg+xml", "text/markdown", "text/html"):
        if kind in data and len(data[kind]) > LARGEST:
            output["data"] = {
                "text/plain": f"{data['text/plain']}, left out of this file: {len(data[kind]) // 1000} kB"
            }
        elif kind in data:
            output["data"] = {kind: data[kind]}
    return output


if __name__ == "__main__":
    main()
